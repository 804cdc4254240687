"""What servers answer, and a publisher that is told it."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest

from bridge.errors import PublishError
from bridge.publishers.base import Addressed, MediaFile
from bridge.publishers.mastodon import MastodonPublisher, connect
from bridge.publishers.profiles import PROFILES
from bridge.statuses import Limits, StatusDraft
from tests.changes import replace
from tests.publishers.wires import Script, answer, wire

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DATE = "Sun, 22 Nov 2026 11:58:00 GMT"  # the server is two minutes behind
STATUS = {
    "id": "7",
    "created_at": "2026-11-22T11:58:00.000Z",
    "visibility": "unlisted",
    "content": "<p>hello</p>",
    "media_attachments": [],
    "url": "https://a.example/7",
}
PAGE = answer(b"<html>hm</html>", kind="text/html")
DRAFT = StatusDraft(post_id="1", part=1, parts=1, text="hello", length=5)
SAID = Addressed(text="hello")
PICTURE = MediaFile(name="p.png", mime_type="image/png", size=3, sha256="x")


def publisher_of(url: str, *, limits: Limits | None = None, timeout: float = 5) -> MastodonPublisher:
    return connect(
        url, "secret-token", timeout=timeout, limits=limits, account="@me@a.example", now=lambda: NOW
    )


def outcome(script: Script, *, software: str = "", timeout: float = 5) -> PublishError:
    limits = PROFILES[software]("") if software else Limits()
    with wire(script) as server:
        publisher = publisher_of(
            server.url, limits=replace(limits, software=software or "unknown"), timeout=timeout
        )
        with pytest.raises(PublishError) as caught:
            publisher.publish(DRAFT, SAID, key="k")
        publisher.close()
    assert "secret-token" not in str(caught.value)
    return caught.value


def error(status: int, words: str, **headers: str) -> Script:
    return answer({"error": words}, status=status, headers=headers)


def html(status: int, **headers: str) -> Script:
    return answer(b"<html><h1>nginx</h1></html>", status=status, kind="text/html", headers=headers)


def cut(connection: socket.socket, request: bytes) -> None:
    connection.close()


def cut_in_the_body(connection: socket.socket, request: bytes) -> None:
    connection.sendall(
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"id": "7"'
    )
    connection.close()


def cut_between_chunks(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"id": "7\r\n')
    connection.close()


def reset(connection: socket.socket, request: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


def silent(connection: socket.socket, request: bytes) -> None:
    connection.recv(1)  # until the other side gives up
