"""The line to one server: a requests session that remembers what was answered, and whether anything left.

Mastodon.py speaks through it. It never follows a redirect (a POST would become a GET, §6), bounds every
wait, and hides from Mastodon.py the headers over which it would raise after a success.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

_CONNECT = 15.0  #: seconds
_IDLE = 15.0  #: seconds after which a kept connection is not trusted with a request that counts
_LARGEST = 16_000_000  #: bytes of an answer
#: Mastodon.py raises on a 200 whose reset it cannot read, and warns on the terminal of deprecated paths.
_HIDDEN = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Deprecation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def document(self) -> object:
        """The JSON in it, or None."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


class Line(requests.Session):
    """`answer`: of the last request, None if there was none. `left`: whether any byte of it went out.

    `calls`: how many have left so far. `heard` is told of each the status that was answered, or None.
    """

    def __init__(self, *, timeout: float, keeps_alive: bool, user_agent: str) -> None:
        super().__init__()
        self.answer: Answer | None = None
        self.left = False
        self.calls = 0
        self.heard: Callable[[int | None], None] = lambda _: None
        self.trust_env = False  # no .netrc in place of the token
        self.headers.update({"User-Agent": user_agent, "Accept": "application/json", "Accept-Language": "en"})
        self._timeout = timeout
        self._keeps_alive = keeps_alive
        self._used = time.monotonic()
        self.mount("http://", _Adapter(self._leaves))
        self.mount("https://", _Adapter(self._leaves))

    def via(self, proxy: str | None) -> None:
        """All requests go through this proxy; None: directly."""
        self.proxies = {"http": proxy, "https": proxy} if proxy else {}

    def forget(self) -> None:
        """Before a request: what is remembered afterwards is of this one."""
        self.answer, self.left = None, False

    def _leaves(self) -> None:
        self.calls += not self.left
        self.left = True

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Raises requests' exceptions; then `answer` is None and `left` tells what that means."""
        self.forget()
        try:
            return self._sent(request, options)
        finally:
            self.heard(self.answer.status if self.answer else None)

    def _sent(self, request: requests.PreparedRequest, options: dict[str, Any]) -> requests.Response:
        began = time.monotonic()
        if not self._keeps_alive or began - self._used > _IDLE:
            self.close()  # a connection that the other side has dropped would swallow the request
        limits = {"timeout": (min(_CONNECT, self._timeout), self._timeout), "allow_redirects": False}
        response = super().send(request, **(options | limits | {"stream": True}))
        body = self._body(response, began + 2 * self._timeout)
        self._used = time.monotonic()
        headers = {name.lower(): value for name, value in response.headers.items()}
        self.answer = Answer(status=response.status_code, headers=headers, body=body)
        for name in _HIDDEN:
            response.headers.pop(name, None)
        response._content = _brief(body)  # what `response.content` would have set
        return response

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        """The body, read here piece by piece as it comes: a server cannot drip it for ever."""
        pieces = bytearray()
        try:
            while piece := response.raw.read1(65_536, decode_content=True):
                pieces += piece
                _check_patience(len(pieces), deadline)
        except urllib3.exceptions.HTTPError as error:
            raise requests.exceptions.ConnectionError(error) from error
        except BaseException:
            response.close()  # the rest of it must not be taken for the next answer
            raise
        return bytes(pieces)


class _Identified(msgspec.Struct):
    id: str | int


def _brief(body: bytes) -> bytes:
    """What Mastodon.py gets to see of an entity: its id. To cast a whole status would take it 5 ms."""
    try:
        return msgspec.json.encode(msgspec.json.decode(body, type=_Identified))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body


def _check_patience(size: int, deadline: float) -> None:
    if size > _LARGEST:
        raise requests.exceptions.ConnectionError("the answer is too large")
    if time.monotonic() > deadline:
        raise requests.exceptions.ReadTimeout("the answer does not end")


class _Adapter(HTTPAdapter):
    """Connections that tell when the first byte leaves: before that, nothing can have happened."""

    def __init__(self, leaves: Callable[[], None]) -> None:
        self._leaves = leaves
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **rest: Any) -> None:  # noqa: FBT001, FBT002
        super().init_poolmanager(connections, maxsize, block=block, **rest)
        self.poolmanager.pool_classes_by_scheme = _pools(self._leaves)

    def proxy_manager_for(self, proxy: str, **rest: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **rest)
        manager.pool_classes_by_scheme = _pools(self._leaves)
        return manager


def _pools(leaves: Callable[[], None]) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            leaves()
            super().send(data)

    class Secure(HTTPSConnection):
        _asking = False  # the proxy, for a way to the server: the request itself has not left by that

        def _tunnel(self) -> None:
            self._asking = True
            try:
                super()._tunnel()
            finally:
                self._asking = False

        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            if not self._asking:
                leaves()
            super().send(data)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def reason_of(error: BaseException) -> str:
    """In a few words; Mastodon.py keeps the original as the context of its own error (§6)."""
    cause = error if isinstance(error, requests.RequestException) else error.__context__
    if isinstance(cause, requests.exceptions.Timeout):
        return "it took too long"
    if isinstance(cause, requests.exceptions.SSLError):
        return "no secure connection; check the server's name and this machine's clock"
    return "the connection failed"
