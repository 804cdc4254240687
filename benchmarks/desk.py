"""The review desk of 50,000 posts: how soon a page is there, over a real socket, on either database."""

from __future__ import annotations

import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from benchmarks.measure import ROOT
from benchmarks.steps import Figure, Sizes, archive, bridge, home
from tests.postgresql import Unavailable, server

_TO = "@museum@example.social"
_PAGES = (
    ("overview", "/"),
    ("the first page of posts", "/desk"),
    ("a filtered page", "/desk?year=2016&has=image"),
    ("a search", "/desk?q=museum"),
    ("the schedule", "/schedule?per_hour=30"),
    ("the history", "/history"),
)
_LIMIT = 1.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who has come in by the link."""

    base: str
    opener: OpenerDirector

    def get(self, path: str) -> str:
        with self.opener.open(self.base + path) as answer:
            return str(answer.read().decode())

    def post(self, path: str, fields: dict[str, str]) -> str:
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": self.base}
        asked = Request(self.base + path, urlencode(fields).encode(), headers)
        with self.opener.open(asked) as answer:
            return str(answer.read().decode())


def desk(folder: Path, sizes: Sizes) -> Iterator[Figure]:
    posts = sizes.posts // 2
    source = archive(folder, posts)
    yield from _on("SQLite", folder, source, posts)
    try:
        with server() as running, running.database() as url:
            yield from _on("PostgreSQL", folder, source, posts, url)
    except Unavailable as reason:
        yield Figure(what="review desk on PostgreSQL", measured=str(reason))


def _on(name: str, folder: Path, source: Path, posts: int, url: str | None = None) -> Iterator[Figure]:
    at = home(folder, "desk")
    settings = "[review]\nrequired = true\n" + (f'[ledger]\nurl = "{url}"\n' if url else "")
    (at / "config.toml").write_text(settings, encoding="utf-8")
    bridge(at, "import", str(source))
    with _opened(at) as (visitor, seconds):
        yield Figure(what=f"{name}: the desk of {posts:,} posts, opened", measured=f"{seconds:.1f} s")
        for what, path in _PAGES:
            visitor.get(path)
            yield _figure(f"{name}: {what}", _median(lambda path=path: visitor.get(path)), _LIMIT)  # type: ignore[misc]
        yield from _decisions(name, visitor)


def _decisions(name: str, visitor: Visitor) -> Iterator[Figure]:
    one = {**_fields(visitor.get("/desk"), "/decide"), "do": "approve"}
    yield _figure(f"{name}: one post approved", _timed(lambda: visitor.post("/decide", one)), _LIMIT)
    page, told = visitor.get("/desk"), [""]

    def everything() -> None:
        told[0] = visitor.post("/bulk", {**_fields(page, "/bulk"), "do": "approve"})

    yield _figure(f"{name}: all of them approved, and the page after it", _timed(everything))
    yield _figure(f"{name}: that undone", _timed(lambda: visitor.post("/undo", _fields(told[0], "/undo"))))


def _figure(what: str, seconds: float, limit: float | None = None) -> Figure:
    goal, met = (f"at most {limit:g} s", seconds <= limit) if limit else ("", None)
    return Figure(what=what, measured=f"{seconds:.2f} s", goal=goal, met=met)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _median(work: Callable[[], object]) -> float:
    return statistics.median(_timed(work) for _ in range(3))


def _fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the first form with that action."""
    form = page[page.index(f'action="{action}"') :].partition("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {unescape(name): unescape(value) for name, value in hidden}


@contextmanager
def _opened(at: Path) -> Iterator[tuple[Visitor, float]]:
    """A visitor of the desk, and the seconds until it could be visited."""
    began = time.perf_counter()
    line = [sys.executable, "-m", "bridge", "--home", str(at), "--quiet", "review", "--to", _TO]
    process = subprocess.Popen([*line, "--no-browser"], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        link = process.stdout.readline().strip()
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        opener.open(link).close()
        yield Visitor(base=link.partition("/enter")[0], opener=opener), time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        process.stdout.close()
