"""Practice servers, and a plain client that shows every byte's worth of an answer."""

from __future__ import annotations

import http.client
import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image

from bridge.sandbox.clock import ManualClock
from bridge.sandbox.server import Sandbox


@dataclass
class Got:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json["error"]


class Client:
    """One request per connection; nothing is repeated, followed or guessed."""

    def __init__(self, sandbox: Sandbox, token: str | None = None) -> None:
        self.sandbox = sandbox
        self.token = sandbox.token if token is None else token

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Got:
        sent = {"User-Agent": "tests"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox.port, timeout=20)
        try:
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            return Got(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Got:
        return self.ask("GET", path, **headers)

    def form(self, method: str, path: str, fields: dict[str, Any], **headers: str) -> Got:
        body = urlencode(fields, doseq=True).encode()
        return self.ask(method, path, body, Content_Type="application/x-www-form-urlencoded", **headers)

    def post(self, text: str = "hello", *, key: str | None = None, **fields: Any) -> Got:
        headers = {"Idempotency_Key": key} if key else {}
        named = {"media_ids[]" if name == "media_ids" else name: value for name, value in fields.items()}
        return self.form("POST", "/api/v1/statuses", {"status": text} | named, **headers)

    def upload(
        self, content: bytes, mime: str = "image/png", *, path: str = "/api/v2/media", **fields: str
    ) -> Got:
        body = b""
        for name, value in fields.items():
            body += f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        head = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n'
        head += f"Content-Type: {mime}\r\n\r\n"
        body += head.encode() + content + b"\r\n--b--\r\n"
        return self.ask("POST", path, body, Content_Type="multipart/form-data; boundary=b")


Open = Callable[..., Client]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def opened(clock: ManualClock) -> Iterator[Open]:
    """`opened("gotosocial", …)` starts a server of that profile under the manual clock."""
    with ExitStack() as stack:

        def start(profile: str = "mastodon", **options: Any) -> Client:
            return Client(stack.enter_context(Sandbox(profile=profile, clock=clock, **options)))

        yield start


@pytest.fixture
def client(opened: Open) -> Client:
    return opened()


def picture(width: int = 60, height: int = 40, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#17596b").save(out, form)
    return out.getvalue()


def film(*, sound: bool = True) -> bytes:
    """The boxes of an MP4 that a server looks at, and nothing to play."""

    def box(name: bytes, body: bytes) -> bytes:
        return (len(body) + 8).to_bytes(4) + name + body

    def track(kind: bytes, size: tuple[int, int]) -> bytes:
        header = bytes(76) + (size[0] << 16).to_bytes(4) + (size[1] << 16).to_bytes(4)
        return box(b"trak", box(b"tkhd", header) + box(b"mdia", box(b"hdlr", bytes(8) + kind + bytes(12))))

    clockwork = bytes(12) + (1000).to_bytes(4) + (2500).to_bytes(4) + bytes(80)
    tracks = track(b"vide", (640, 360)) + (track(b"soun", (0, 0)) if sound else b"")
    return (
        box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", box(b"mvhd", clockwork) + tracks) + box(b"mdat", b"x")
    )
