"""`links check`: finds out where the links of posts lead, several at once, and of no server more than two.

Nothing here runs while posts are published. What was found is kept, and is not asked again before its time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from urllib.parse import urlencode

import msgspec

from bridge.engine.leading import Hop, Led, is_short, lead
from bridge.engine.manners import WORKERS, Manners, RestingError, host_of
from bridge.errors import NetworkError
from bridge.ledger import Ledger
from bridge.ledger.links import CONFIRMED, LinkRow, LinkState
from bridge.posts import Kind, Post, SpanKind
from bridge.selection import OPEN_AUDIENCES
from bridge.sources.web import Reply

ARCHIVE = "https://archive.org/wayback/available"
_SAVED = 50  # links that are written down together
_AGAIN = {
    LinkState.FOUND: timedelta(days=30),  # of what is no short link: those lead where they lead
    LinkState.GONE: timedelta(days=7),
    LinkState.FAILED: timedelta(hours=1),
}


@dataclass(slots=True, kw_only=True)
class Checked:
    """In links. `waiting`: gone, and dead if it still is a day after it was first found so."""

    links: int = 0
    checked: int = 0
    resolved: int = 0  #: short ones of which it is known where they lead
    dead: int = 0
    waiting: int = 0
    failed: int = 0
    left: int = 0  #: not asked: their server wants to be left alone
    copies: int = 0


def links_of(posts: Iterable[Post], kinds: Container[Kind], *, every: bool) -> dict[str, datetime]:
    """The addresses in posts that may be carried, each with the time of the first that has it: short ones,
    or `every` one. Nobody is asked about what only a few could read."""
    found: dict[str, datetime] = {}
    for post in posts:
        if post.kind not in kinds or post.audience not in OPEN_AUDIENCES:
            continue
        for span in post.spans:
            url = span.target if "://" in span.target else post.text[span.start : span.end]
            wanted = span.kind is SpanKind.LINK and not span.post_id and "://" in url
            if wanted and (every or is_short(url)) and not any(map(str.isspace, url)):
                found[url] = min(post.created_at, found.get(url, post.created_at))
    return found


@dataclass(slots=True, kw_only=True)
class Checking:
    """`hop` makes one guarded step; `get` asks the archive, None: no archived copies are wanted."""

    hop: Hop
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    get: Callable[[str], Reply] | None = None
    short: Callable[[str], bool] = is_short
    stop: Callable[[], bool] = lambda: False
    show: Callable[[Checked], None] = lambda _: None

    def run(self, ledger: Ledger, wanted: Mapping[str, datetime]) -> Checked:
        """Safe to stop at any time: what was found is written down as it comes."""
        known = ledger.links.known(wanted)
        due = [url for url in wanted if self._is_due(known.get(url), url)]
        so_far = Checked(links=len(wanted))
        unnamed: list[LinkRow] = []
        fresh: list[LinkRow] = []
        try:
            for url, led in self._led(due):
                if led is None:
                    so_far.left += 1
                    continue
                so_far.checked += 1
                row = self._row(url, led, known.get(url))
                (unnamed if led.unnamed else fresh).append(row)
                self.show(so_far)
                if len(fresh) >= _SAVED:
                    ledger.links.save(fresh)
                    fresh = []
        finally:
            ledger.links.save(fresh)
        if so_far.checked > len(unnamed):  # something did answer: this machine is online
            ledger.links.save(unnamed)
        rows = ledger.links.known(wanted)
        if self.get is not None:
            so_far.copies = self._copies(ledger, rows.values(), wanted)
        return _counted(so_far, rows.values())

    def _is_due(self, row: LinkRow | None, url: str) -> bool:
        if row is None:
            return True
        if row.state is LinkState.FOUND and row.final is not None and self.short(url):
            return False
        age = self.now() - row.checked_at
        return age >= (CONFIRMED if row.state is LinkState.GONE and not row.dead else _AGAIN[row.state])

    def _led(self, due: list[str]) -> Iterator[tuple[str, Led | None]]:
        polite = Manners(self.hop, self.sleep)
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="links") as pool:
            futures = {pool.submit(self._one, url, polite): url for url in _mixed(due)}
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _one(self, url: str, polite: Hop) -> Led | None:
        if self.stop():
            return None
        try:
            return lead(url, polite, short=self.short)
        except RestingError:
            return None

    def _row(self, url: str, led: Led, known: LinkRow | None) -> LinkRow:
        since = known.gone_since if known else None
        return LinkRow(
            url=url,
            state=led.state,
            checked_at=self.now(),
            final=led.final or (known.final if known else None),
            gone_since=(since or self.now()) if led.state is LinkState.GONE else None,
            copy=known.copy if known and led.state is LinkState.GONE else None,
        )

    def _copies(self, ledger: Ledger, rows: Iterable[LinkRow], wanted: Mapping[str, datetime]) -> int:
        """Of what is dead the copy that is closest to the time of the post; one question at a time."""
        assert self.get is not None
        polite, found = Manners(self.get, self.sleep), 0
        for row in rows:
            if not row.dead or row.copy is not None or self.stop():
                continue
            query = urlencode({"url": row.final or row.url, "timestamp": f"{wanted[row.url]:%Y%m%d%H%M%S}"})
            try:
                reply = polite(f"{ARCHIVE}?{query}")
            except NetworkError:
                break
            if reply.status != 200:
                break
            if (copy := _closest(reply.body)) is not None:
                ledger.links.save([replace(row, copy=copy)])
                found += 1
        return found


def _mixed(urls: list[str]) -> list[str]:
    """One server after the other, not all links of one in a row."""
    by_host: dict[str, list[str]] = {}
    for url in urls:
        by_host.setdefault(host_of(url), []).append(url)
    return [url for turn in zip_longest(*by_host.values()) for url in turn if url is not None]


def _counted(so_far: Checked, rows: Iterable[LinkRow]) -> Checked:
    states = Counter[str]()
    for row in rows:
        states["resolved"] += row.final is not None
        states["dead"] += row.dead
        states["waiting"] += row.state is LinkState.GONE and not row.dead
        states["failed"] += row.state is LinkState.FAILED
    return replace(
        so_far,
        resolved=states["resolved"],
        dead=states["dead"],
        waiting=states["waiting"],
        failed=states["failed"],
    )


class _Snapshot(msgspec.Struct):
    url: str = ""
    available: bool = False
    status: str = ""


class _Closest(msgspec.Struct):
    closest: _Snapshot | None = None


class _Available(msgspec.Struct):
    archived_snapshots: _Closest | None = None


def _closest(body: bytes) -> str | None:
    try:
        found = msgspec.json.decode(body, type=_Available).archived_snapshots
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    closest = found.closest if found else None
    if closest is None or not closest.available or closest.status not in ("", "200"):
        return None
    copy = re.sub(r"^http:", "https:", closest.url)
    return copy if copy.startswith("https://web.archive.org/web/") else None
