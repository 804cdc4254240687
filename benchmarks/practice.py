"""The practice server's rules without its sockets, and its clock: days of publishing pass in seconds.

The engine, the ledger and the publisher are the real ones. Only the line is another: it hands every request
to the practice server in this process, and lets a moment of the virtual clock pass for it.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import Message
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit

import msgspec
import requests
from mastodon import Mastodon

from bridge.publishers.base import MediaFile
from bridge.publishers.line import Answer, Line
from bridge.publishers.mastodon import MastodonPublisher, connect
from bridge.publishers.profiles import PROFILES
from bridge.sandbox.clock import ManualClock
from bridge.sandbox.exchange import Exchange
from bridge.sandbox.server import Sandbox
from bridge.statuses import Body, Limits, MediaRef

VERSION = "4.5.0"
SECONDS_EACH = 0.6  # that a request takes


class VirtualClock(ManualClock):
    """Stands still until it is moved; what is due on the way happens at its own time."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.due: tuple[datetime, Callable[[], datetime]] | None = None  #: (when, what; says when again)

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        until = self.now() + timedelta(seconds=seconds)
        while self.due is not None and self.due[0] <= until:
            at, happens = self.due
            self.due = None
            super().advance(max(0.0, (at - self.now()).total_seconds()))
            self.due = (happens(), happens)
        super().advance(max(0.0, (until - self.now()).total_seconds()))


class Carried:
    """What `Exchange` asks of a connection."""

    client_address = ("127.0.0.1", 0)
    close_connection = False

    def __init__(self, command: str, path: str, headers: Message, body: bytes) -> None:
        self.command = command
        self.path = path
        self.headers = headers
        self._body = body

    def length(self) -> int:
        return len(self._body)

    def read(self, at_most: int | None = None) -> bytes:
        return self._body[:at_most]


class ShortLine(Line):
    """A line that ends in this process. `refused`: when which request was answered 429."""

    def __init__(self, exchange: Exchange, clock: VirtualClock, token: str, seconds: float) -> None:
        super().__init__(timeout=60, keeps_alive=True, user_agent="benchmark")
        self.headers["Authorization"] = f"Bearer {token}"
        self._exchange = exchange
        self._clock = clock
        self._seconds = seconds
        self.refused: list[tuple[datetime, str]] = []
        self.requests = 0

    def request(self, method: str | bytes, url: str | bytes, **given: Any) -> requests.Response:  # type: ignore[override]
        self.forget()
        self.left = True
        self._clock.advance(self._seconds)
        self.requests += 1
        connection = _carried(str(method), str(url), {**self.headers, **(given.get("headers") or {})}, given)
        reply = self._exchange.answer(connection)  # type: ignore[arg-type]
        if reply.status == 429:
            self.refused.append((self._clock.now(), urlsplit(str(url)).path))
        headers = {name.lower(): value for name, value in reply.headers}
        headers["date"] = reply.date.strftime("%a, %d %b %Y %H:%M:%S GMT")
        self.answer = Answer(status=reply.status, headers=headers, body=reply.body)
        response = requests.Response()
        response.status_code, response._content = reply.status, reply.body
        return response


def _carried(method: str, url: str, headers: dict[str, Any], given: dict[str, Any]) -> Carried:
    split, body = urlsplit(url), given.get("data") or b""
    query = urlencode(given.get("params") or {}) or split.query
    if given.get("json") is not None:
        body, headers["Content-Type"] = msgspec.json.encode(given["json"]), "application/json"
    said = Message()
    for name, value in headers.items():
        said[name] = value
    whole = body if isinstance(body, bytes) else b"".join(iter(body.read, b""))
    return Carried(method, f"{split.path}?{query}" if query else split.path, said, whole)


def limits() -> Limits:
    """JSON goes past Mastodon.py, whose reading of forms takes as long as all the rest."""
    return replace(PROFILES["mastodon"](VERSION), body=Body.JSON)


def short_publisher(
    sandbox: Sandbox, clock: VirtualClock, *, seconds: float = SECONDS_EACH
) -> MastodonPublisher:
    token = sandbox.new_token()
    line = ShortLine(sandbox.exchange, clock, token, seconds)
    client = Mastodon(
        api_base_url=sandbox.base_url, ratelimit_method="throw", version_check_mode="none", session=line
    )
    client.access_token = token
    return MastodonPublisher(client, line, limits=limits(), account=None, now=clock.now)


@contextmanager
def practice(start: datetime, *, sockets: bool) -> Iterator[tuple[Sandbox, VirtualClock, MastodonPublisher]]:
    """A practice server with Mastodon's limits, its clock, and a publisher for its first account."""
    clock = VirtualClock(start)
    sandbox = Sandbox(profile="mastodon", version=VERSION, clock=clock)
    if not sockets:
        yield sandbox, clock, short_publisher(sandbox, clock)
        sandbox.stop()
        return
    with sandbox:
        facts = PROFILES["mastodon"](VERSION)
        publisher = connect(sandbox.base_url, sandbox.token, timeout=60, limits=facts, now=clock.now)
        yield sandbox, clock, publisher
        publisher.close()


class Pictures:
    """A small picture for every name, each another one."""

    def describe(self, ref: MediaRef) -> MediaFile:
        content = self.open(ref).read()
        checksum = hashlib.sha256(content).hexdigest()
        return MediaFile(name=ref.file or "", mime_type="image/png", size=len(content), sha256=checksum)

    def expect(self, refs: Iterable[MediaRef]) -> None:
        """Nothing to be worked on: they are made when they are asked for."""

    def ready(self, ref: MediaRef, *, seconds: float) -> bool:  # noqa: ARG002
        return True

    def open(self, ref: MediaRef) -> BinaryIO:
        return io.BytesIO(picture(ref.file or ""))


def picture(name: str) -> bytes:
    """A PNG of one pixel that carries its name."""

    def chunk(kind: bytes, said: bytes) -> bytes:
        return struct.pack(">I", len(said)) + kind + said + struct.pack(">I", zlib.crc32(kind + said))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"tEXt", b"name\0" + name.encode("latin-1", "replace"))
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )
