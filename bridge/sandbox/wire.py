"""Bytes in, bytes out: one HTTP/1.1 connection, with every way of ending it badly."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.sandbox.server import Listener

LARGEST = 129 << 20  # bytes of a body: the largest film that any of these servers takes
LINE = 65_536


class Hangup(Exception):
    """The connection ends here and now; `reset` with a TCP reset."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__()
        self.reset = reset


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes out: complete, or only the first `bytes` of it before the connection ends."""

    status: int
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()
    date: datetime
    bytes: int | None = None
    half: bool = False
    closes: bool = False  #: ends the connection after the answer, without saying so
    reset: bool = False


class Connection(BaseHTTPRequestHandler):
    """Reads requests; the server's `Exchange` answers them."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 300
    server: Listener

    def setup(self) -> None:
        super().setup()
        self.server.connected(self.connection)

    def finish(self) -> None:
        self.server.disconnected(self.connection)
        try:
            super().finish()
        except OSError:
            return

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):
            # The client went away, or the server was stopped: nothing is left to say.
            self.close_connection = True

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(LINE + 1)
        if not self.raw_requestline or len(self.raw_requestline) > LINE:
            self.close_connection = True
            return
        if not self.parse_request():
            return
        try:
            reply = self.server.exchange.answer(self)
            self.send(reply)
        except Hangup as hangup:
            self.hang_up(reset=hangup.reset)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Silence: the command prints one line of JSON and nothing else."""

    def length(self) -> int:
        """Of the body, as announced."""
        return int(self.headers.get("Content-Length") or 0)

    def read(self, at_most: int | None = None) -> bytes:
        """The body, or its first bytes. Raises `Hangup` when the client goes away in the middle of it."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        wanted = self.length() if at_most is None else min(self.length(), at_most)
        content = self.rfile.read(wanted)
        if len(content) < wanted:  # a proxy hands on whole requests only
            raise Hangup
        return content

    def _chunks(self) -> bytes:
        pieces: list[bytes] = []
        while size := int(self.rfile.readline(LINE).partition(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline(LINE)
        while self.rfile.readline(LINE).strip():
            continue
        return b"".join(pieces)

    def send(self, reply: Reply) -> None:
        """Head and body in one write, so that the head never waits for an acknowledgement."""
        said = self.head(reply)
        whole = said + (b"" if self.command == "HEAD" else reply.body)
        if reply.half or reply.bytes is not None:
            cut = len(said) + len(reply.body) // 2 if reply.bytes is None else reply.bytes
            self.wfile.write(whole[:cut])
            raise Hangup(reset=reply.reset)
        self.wfile.write(whole)
        if reply.closes:
            raise Hangup(reset=reply.reset)

    def head(self, reply: Reply) -> bytes:
        reason = responses.get(reply.status, "")
        lines = [
            f"HTTP/1.1 {reply.status} {reason}",
            f"Date: {format_datetime(reply.date, usegmt=True)}",
            f"Content-Type: {reply.content_type}",
            f"Content-Length: {len(reply.body)}",
            "Cache-Control: private, no-store",
            *(f"{name}: {value}" for name, value in reply.headers),
        ]
        if self.close_connection:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def hang_up(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
