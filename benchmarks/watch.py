"""What `watch` costs when nothing happens at a thousand accounts, and how soon a new post is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.measure import ROOT, Failed
from benchmarks.steps import Figure, Sizes, bridge, home
from benchmarks.x_page import x_page
from bridge.sandbox.server import Sandbox

MB = 1e6
_TICKS = os.sysconf("SC_CLK_TCK")
_HOURLY = 3600  # seconds between two questions to an account that has long been silent


def watch(folder: Path, sizes: Sizes) -> Iterator[Figure]:
    yield x_page()
    with Feeds() as feeds, Sandbox(profile="mastodon", limits=False) as server:
        at = _house(folder, feeds, server, sizes.mirrors, interval=_HOURLY)
        with _daemon(at) as process:
            _until(lambda: len(feeds.asked) >= sizes.mirrors)
            time.sleep(5)
            silent, memory = _cost(process, sizes.watched)
        often = 100
        _settings(at, feeds, server, sizes.mirrors, interval=often)
        feeds.asked.clear()
        with _daemon(at) as process:
            _until(lambda: len(feeds.asked) >= sizes.mirrors)
            before = len(feeds.asked)
            asking, peak = _cost(process, sizes.watched)
            each = max(0.0, asking - silent) * sizes.watched / max(1, len(feeds.asked) - before)
        _settings(at, feeds, server, 1, interval=10)
        with _daemon(at):
            delay = _delay(feeds, server)
    idle = silent + each * sizes.mirrors / _HOURLY
    memory = max(memory, peak)
    yield Figure(
        what=f"watching {sizes.mirrors:,} silent accounts, each asked once an hour",
        measured=f"{idle:.1%} of a core",
        against=f"{asking:.1%} when each is asked every {often} s; {each * 1000:.1f} ms of CPU a question",
        goal="at most 5 %",
        met=idle <= 0.05,
    )
    yield Figure(
        what=f"resident memory, {sizes.mirrors:,} accounts",
        measured=f"{memory / MB:.0f} MB",
        goal="at most 150 MB",
        met=memory <= 150 * MB,
    )
    yield Figure(
        what="a new post, from the answer of the feed to the status at the server",
        measured=f"{delay:.2f} s",
        goal="at most 2 s",
        met=delay <= 2,
    )


class Feeds:
    """A thousand feeds at one address, which say `304` to whoever has seen them."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.posts: dict[str, list[tuple[int, datetime, str]]] = {}
        self.shown: dict[str, float] = {}  #: when the newest version of a feed was handed out first
        feeds = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                name = self.path.split("/")[1]
                feeds.asked.append(name)
                version = f'"{len(feeds.posts.get(name, ()))}"'
                seen = self.headers.get("If-None-Match") == version
                body = b"" if seen else feeds.document(name)
                self.send_response(304 if seen else 200)
                self.send_header("ETag", version)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                if not seen:
                    feeds.shown.setdefault(f"{name} {version}", time.time())

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def write(self, name: str, at: datetime, text: str) -> None:
        said = self.posts.setdefault(name, [])
        number = ((int(at.timestamp() * 1000) - 1_288_834_974_657) << 22) + len(said)
        said.append((number, at, text))

    def document(self, name: str) -> bytes:
        items = "".join(
            f"<item><title>{text}</title><dc:creator>@{name}</dc:creator><description>{text}</description>"
            f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate><guid>https://x.com/{name}/status/{number}</guid>"
            f"<link>https://x.com/{name}/status/{number}</link></item>"
            for number, at, text in reversed(self.posts.get(name, []))
        )
        head = '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        return f"{head}<title>@{name}</title>{items}</channel></rss>".encode()

    def __enter__(self) -> Feeds:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _house(folder: Path, feeds: Feeds, server: Sandbox, mirrors: int, *, interval: int) -> Path:
    """One account that is real, and others of which nothing is ever wanted."""
    at = home(folder, "watch")
    long_ago = datetime.now(UTC) - timedelta(days=200)
    for n in range(mirrors):
        feeds.write(f"museum{n}", long_ago + timedelta(minutes=n), f"of old {n}")
    bridge(at, "login", server.base_url, "--with-token", say=server.token + "\n")
    _settings(at, feeds, server, mirrors, interval=interval)
    with (at / "credentials.toml").open("a", encoding="utf-8") as credentials:
        for n in range(1, mirrors):
            credentials.write(f'\n[accounts."@museum{n}@nowhere.example"]\n')
            credentials.write('server = "https://nowhere.example"\ntoken = "x"\n')
    bridge(at, "watch", "--once", "--from", "now", "--json")
    feeds.asked.clear()
    return at


def _settings(at: Path, feeds: Feeds, server: Sandbox, mirrors: int, *, interval: int) -> None:
    who = server.accounts[0].username
    real = f"@{who}@{server.base_url.partition('://')[2]}"
    lines = [f"[watch]\ninterval = {min(interval, 120)}\nlongest_interval = {interval}\nhost_gap = 0\n"]
    for n in range(mirrors):
        account = f"@museum{n}@nowhere.example" if n else real
        lines.append(
            f'[sources.s{n}]\ntype = "feed"\nurls = ["{feeds.url}/museum{n}/rss"]\n'
            f'[destinations.d{n}]\naccount = "{account}"\n'
            + ("" if n else f'server = "{server.base_url}"\n')
            + f'[mirrors.m{n}]\nsources = ["s{n}"]\ndestination = "d{n}"\n'
        )
    (at / "config.toml").write_text("\n".join(lines), encoding="utf-8")


@contextmanager
def _daemon(at: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (at / "watch.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bridge", "--home", str(at), "watch"], cwd=ROOT, stderr=log
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _cost(process: subprocess.Popen[bytes], seconds: float) -> tuple[float, int]:
    """Share of a core over that time, and resident bytes at its end."""
    before = _used(process.pid)
    time.sleep(seconds)
    resident = int(Path(f"/proc/{process.pid}/statm").read_text("ascii").split()[1])
    return (_used(process.pid) - before) / seconds, resident * os.sysconf("SC_PAGE_SIZE")


def _used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _until(true: Callable[[], bool], *, seconds: float = 300.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise Failed("the process that watches does not do its work")
        time.sleep(0.05)


def _delay(feeds: Feeds, server: Sandbox) -> float:
    """Of three posts, one after the other, the worst."""
    delays = []
    for n in range(3):
        count = len(server.state.statuses)
        feeds.write("museum0", datetime.now(UTC), f"new {n}")
        version = f'museum0 "{len(feeds.posts["museum0"])}"'
        _until(lambda count=count: len(server.state.statuses) > count)
        delays.append(server.state.statuses[-1].arrived_at.timestamp() - feeds.shown[version])
    return max(delays)
