"""Catches the browser coming back from a login: a one-page server on loopback, up for one answer."""

from __future__ import annotations

import html
import queue
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from bridge.errors import ConfigError

_PATH = "/callback"
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Passerelle</title>
<meta name="viewport" content="width=device-width"><style>body{{font:1.1rem/1.5 system-ui,sans-serif;
max-width:32rem;margin:20vh auto;padding:0 1rem;color:#222;background:#fafaf7}}</style></head>
<body><h1>{title}</h1><p>{text}</p></body></html>"""

_Answer = dict[str, str]


class _Handler(BaseHTTPRequestHandler):
    timeout = 10  # browsers open connections ahead and leave them silent
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != _PATH:
            self._show(404, "Nothing here", "Passerelle only waits for the answer of your server.")
            return
        answer = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if answer.get("error"):
            said = answer.get("error_description") or answer["error"]
            self._show(200, "Not logged in", f"The server said: {said}. You can close this page.")
        elif not secrets.compare_digest(answer.get("state", "").encode(), self.server.state.encode()):
            self._show(400, "Not this login", "This answer belongs to another login; start again.")
            return  # not ours: someone else's page may have called us, so go on waiting
        else:
            self._show(200, "Logged in", "Passerelle has its permission. You can close this page.")
        self.server.answers.put(answer)

    def _show(self, status: int, title: str, text: str) -> None:
        body = _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is http.server's
        """Says nothing: the request line holds the code."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    state = ""

    def __init__(self, port: int) -> None:
        self.answers: queue.Queue[_Answer] = queue.Queue()
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no event."""


class LoopbackListener:
    """`with LoopbackListener() as listener:` register with `listener.redirect_uri`, then `wait`.

    `port`: where the redirect was registered beforehand. ConfigError: somebody else listens there.
    """

    def __init__(self, port: int = 0) -> None:
        try:
            self._server = _Server(port)
        except OSError as error:
            raise ConfigError(
                f"Port {port} of this machine is taken: {error.strerror}.", hint="Log in with --paste."
            ) from error

    @property
    def redirect_uri(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{_PATH}"

    def __enter__(self) -> LoopbackListener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.server_close()

    def wait(self, state: str, *, seconds: float) -> str:
        """The code of the login that has this state. ConfigError: refused there, or nobody came in time."""
        self._server.state = state
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._server.timeout = min(0.5, max(deadline - time.monotonic(), 0.01))
            self._server.handle_request()
            try:
                answer = self._server.answers.get(timeout=0.05)
            except queue.Empty:
                continue
            return _code(answer)
        raise ConfigError("Nobody came back from the login page in time.", hint="Run `login` again.")


def _code(answer: _Answer) -> str:
    if "error" in answer:
        said = answer.get("error_description") or answer["error"]
        raise ConfigError(f"The login was not allowed: {said}.", hint="Run `login` again.")
    if not answer.get("code"):
        raise ConfigError("The server came back without a code.", hint="Run `login` again.")
    return answer["code"]
