"""The pages for monitoring: `/metrics`, `/healthz` and `/readyz`, in a thread of their own.

Plain HTTP without a password: on this machine only, unless an address says otherwise.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bridge.errors import BridgeError, ConfigError, NetworkError
from bridge.operation.address import Address

_SECONDS = 10.0  # of silence, after which a connection is closed
_LONGEST = 65_536  # bytes of an answer that is looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 200
    body: bytes = b""
    type: str = "text/plain; charset=utf-8"

    @classmethod
    def line(cls, text: str, *, ok: bool = True) -> Answer:
        return cls(status=200 if ok else 503, body=f"{text}\n".encode())


Page = Callable[[str], Answer]  # given the `Accept` header
Pages = Mapping[str, Page]


class _Handler(BaseHTTPRequestHandler):
    timeout = _SECONDS
    server_version, sys_version = "Passerelle", ""
    server: _Server

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        try:
            found = (
                page(self.headers.get("Accept", "")) if page else Answer(status=404, body=b"Nothing here.\n")
            )
        except BridgeError as error:
            found = Answer.line(error.message, ok=False)
        self.send_response(found.status)
        self.send_header("Content-Type", found.type)
        self.send_header("Content-Length", str(len(found.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(found.body)

    do_HEAD = do_GET  # noqa: N815  # the name is http.server's

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is http.server's
        """Says nothing: somebody asks every few seconds."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    pages: Pages = {}  # noqa: RUF012  # replaced as a whole, never changed

    def __init__(self, address: Address) -> None:
        self.address_family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        super().__init__((address.host, address.port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up is no event."""


class PageServer:
    """Serves from the moment it is made; `pages` may be replaced at any time. ConfigError: not there."""

    def __init__(self, address: Address, pages: Pages) -> None:
        try:
            self._server = _Server(address)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise ConfigError(
                f"watch.metrics_addr: nothing can be served at {address}: {why}.",
                hint="Name another port, or stop what listens there.",
            ) from None
        self._server.pages = pages
        self.asked = address  #: as it was asked for; its port may be 0
        self.address = Address(address.host, int(self._server.server_address[1]))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="pages", daemon=True
        )
        self._thread.start()

    def replace(self, pages: Pages) -> None:
        self._server.pages = pages

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def ask(address: Address, path: str, *, seconds: float = 5.0) -> tuple[bool, str]:
    """Whether all is well by that page, and its first line. NetworkError: nobody of ours answers there."""
    connection = http.client.HTTPConnection(address.here.host, address.here.port, timeout=seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read(_LONGEST).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException) as error:
        slow = isinstance(error, TimeoutError)
        why = "it took too long" if slow else getattr(error, "strerror", None) or type(error).__name__
        raise NetworkError(f"No `watch` answers at {address.here}: {why}.") from None
    finally:
        connection.close()
    if not (answer.headers.get("Server") or "").startswith("Passerelle"):
        raise NetworkError(f"Another program answers at {address.here}.")
    return answer.status == 200, text.splitlines()[0] if text else ""
