"""Servers of a few bytes: they say exactly what a test wants, and cut the line where it wants."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Script = Callable[[socket.socket, bytes], None]


def read_request(connection: socket.socket) -> bytes:
    """A whole request, by its Content-Length."""
    data = bytearray()
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return bytes(data)
        data += piece
        if data.startswith(b"\x16"):  # somebody speaks TLS
            return bytes(data)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [
        line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    ]
    while lengths and len(body) < int(lengths[0]):
        piece = connection.recv(65_536)
        if not piece:
            break
        body += piece
    return bytes(head + b"\r\n\r\n" + body)


def answer(
    body: bytes | object,
    *,
    status: int = 200,
    kind: str = "application/json",
    headers: dict[str, str] | None = None,
) -> Script:
    """One answer to every request; anything but bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]

    def play(connection: socket.socket, request: bytes) -> None:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + data)

    return play


class Wire:
    """`requests` are what came in; `script` may be replaced between two of them."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            while request := read_request(connection):
                self.requests.append(request)
                self.script(connection, request)
        except OSError:
            pass
        finally:
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            connection.close()


@contextmanager
def wire(script: Script) -> Iterator[Wire]:
    made = Wire(script)
    try:
        yield made
    finally:
        made.close()


def closed_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
