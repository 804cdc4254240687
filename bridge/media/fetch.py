"""The one guarded fetcher: reads documents of servers that nobody here chose, and only public ones.

Every address that a name resolves to must be public, unless the operator named the host; the connection
then goes to the very address that was checked, so that a second look-up cannot answer otherwise.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urlsplit

import httpx
import msgspec
import tenacity

from bridge import __version__
from bridge.errors import NetworkError

USER_AGENT = f"Passerelle/{__version__}"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PASSING = frozenset({502, 503, 504})  # a proxy's way of saying: in a moment, perhaps


class PassingError(NetworkError):
    """May be gone a moment later: a read is tried again, a request that changes things is not."""


class NoAddressError(PassingError):
    """Nobody knows that name; a machine that is not online says so of every name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What one fetch may cost at most."""

    seconds: float = 30.0  #: the whole fetch, each redirect included
    step: float = 10.0  #: seconds to connect, and between two pieces of the answer
    size: int = 4_000_000  #: bytes, after decompression
    redirects: int = 5
    attempts: int = 3  #: of a GET


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer. `url` is where it came from, after redirects; header names are lower case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> object:
        """Raises NetworkError when the answer is no JSON: an HTML page, most often."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NetworkError(f"{place(self.url)} answered something that is not JSON.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None


def place(url: str) -> str:
    """A URL as it may be shown: neither its query nor a password in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "this address"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def is_public(address: str) -> bool:
    """An IPv4 address in IPv6 dress (mapped, 6to4, Teredo, NAT64) counts as the IPv4 address that it is."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = _dressed(found) if isinstance(found, ipaddress.IPv6Address) else None
    real = inner or found
    return real.is_global and not real.is_multicast


def _dressed(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


class _Guard(httpx.BaseTransport):
    """Looks the host up, refuses what is not public, connects to the address that it has checked.

    A proxy looks names up by itself, so that nothing could be checked: only hosts that the operator named
    are asked for through one, and all others directly.
    """

    def __init__(self, allow: frozenset[str], resolve: Resolve, proxy_for: ProxyFor) -> None:
        self._inner = _transport()
        self._allow = allow
        self._resolve = resolve
        self._proxy_for = proxy_for
        self._through: dict[str, httpx.BaseTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host, port = request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80)
        if self._is_vouched(host, port) and (proxy := self._proxy_for(str(request.url))):
            if proxy not in self._through:
                self._through[proxy] = _transport(proxy)
            return self._through[proxy].handle_request(request)
        origin = request.url
        failure: httpx.HTTPError | None = None
        for address in self._checked(host, port):
            request.url = origin.copy_with(host=address)
            request.extensions = {**request.extensions, "sni_hostname": host}
            try:
                return self._inner.handle_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if _is_tls(error):
                    raise
                failure = error  # another of its addresses may answer
        raise failure or httpx.ConnectError("no address", request=request)

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            found = [str(entry[4][0]) for entry in self._resolve(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as error:
            unknown = isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME
            raise (NoAddressError if unknown else PassingError)(
                f"There is no address for {host}.",
                hint="Check the spelling of the server's name, and that this machine is online.",
            ) from None
        if not self._is_vouched(host, port):
            private = next((address for address in found if not is_public(address)), None)
            if private is not None:
                raise NetworkError(f"{host} leads to {private}, which is no public address.")
        return list(dict.fromkeys(found))

    def _is_vouched(self, host: str, port: int) -> bool:
        return not self._allow.isdisjoint({host, f"{host}:{port}"})

    def close(self) -> None:
        for each in (self._inner, *self._through.values()):
            each.close()


def _transport(proxy: str | None = None) -> httpx.BaseTransport:
    # no keep-alive: connections go to addresses, and two hosts at one address must not share one
    return httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False, proxy=proxy)


ProxyFor = Callable[[str], str | None]
Resolve = Callable[..., list[tuple[object, object, object, str, tuple[object, ...]]]]


class Fetcher:
    """`allow_hosts`: names (or `name:port`) that the operator vouches for; they may be private, and
    `proxy_for` tells through which proxy they are asked for, if through any. `heard` is told of each request
    the status that was answered, or None."""

    def __init__(
        self,
        *,
        allow_hosts: Collection[str] = (),
        caps: Caps | None = None,
        sleep: Callable[[float], None] = time.sleep,
        resolve: Resolve | None = None,
        proxy_for: ProxyFor = lambda _: None,
        heard: Callable[[int | None], None] = lambda _: None,
    ) -> None:
        self._heard = heard
        self._caps = caps or Caps()
        self._sleep = sleep
        self._allow = frozenset(host.lower() for host in allow_hosts)
        self._resolve: Resolve = resolve or socket.getaddrinfo  # type: ignore[assignment]  # narrower here
        self._proxy_for = proxy_for
        self._client: httpx.Client | None = None

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Reply:
        """Any status is an answer. NetworkError: there was none, or it was too large, slow or private."""
        request = _Request(method="GET", url=url, headers=dict(headers or {}))
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(PassingError)
            | tenacity.retry_if_result(lambda reply: reply.status in _PASSING),
            stop=tenacity.stop_after_attempt(self._caps.attempts),
            wait=tenacity.wait_exponential(multiplier=0.5, max=5),
            sleep=self._sleep,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        reply: Reply = retrying(self._follow, request)
        return reply

    def hop(self, url: str, *, method: str = "HEAD", enough: int = 65_536) -> Reply:
        """One step: neither tried again nor redirected, and of the body about `enough` bytes. For whoever
        only wants to know where an address leads; the same errors as `get`."""
        request = _Request(method=method, url=url)
        return self._send(request, time.monotonic() + self._caps.seconds, enough=enough)

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Sent once and never redirected; the same errors as `get`."""
        sent = dict(headers or {})
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            content = str(httpx.QueryParams(dict(form))).encode()
        else:
            sent["Content-Type"] = "application/json"
            content = msgspec.json.encode(json)
        request = _Request(method="POST", url=url, headers=sent, content=content)
        return self._send(request, time.monotonic() + self._caps.seconds)

    def _follow(self, request: _Request) -> Reply:
        deadline = time.monotonic() + self._caps.seconds
        for _ in range(self._caps.redirects + 1):
            reply = self._send(request, deadline)
            target = reply.headers.get("location")
            if reply.status not in _REDIRECTS or not target:
                return reply
            request = self._redirected(request, target)
        raise NetworkError(f"{place(request.url)} redirects without end.")

    def _redirected(self, request: _Request, target: str) -> _Request:
        before = httpx.URL(request.url)
        try:
            after = before.join(target)
        except httpx.InvalidURL:
            raise NetworkError(f"{place(request.url)} redirects to no web address.") from None
        if before.scheme == "https" and after.scheme == "http":
            raise NetworkError(f"{place(request.url)} redirects to an unencrypted address.")
        headers = dict(request.headers)
        if (before.host, before.port) != (after.host, after.port):
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        return _Request(method="GET", url=str(after), headers=headers)

    def _send(self, request: _Request, deadline: float, *, enough: int | None = None) -> Reply:
        if not re.match(r"https?://[^/]", request.url, re.IGNORECASE):
            raise NetworkError(f"{place(request.url)} is no web address.")
        try:
            with self._open().stream(
                request.method, request.url, headers=request.headers, content=request.content
            ) as response:
                body = b"".join(self._pieces(response, request.url, deadline, enough))
                headers = {name.lower(): value for name, value in response.headers.items()}
                self._heard(response.status_code)
                return Reply(status=response.status_code, url=request.url, headers=headers, body=body)
        except httpx.InvalidURL:
            raise NetworkError(f"{place(request.url)} is no web address.") from None
        except httpx.HTTPError as error:
            self._heard(None)
            raise _explained(error, request.url) from error

    def _pieces(
        self, response: httpx.Response, url: str, deadline: float, enough: int | None
    ) -> Iterator[bytes]:
        size = 0
        for piece in response.iter_bytes():  # as it comes: a chunk size would wait to be filled
            size += len(piece)
            if size > self._caps.size:
                raise NetworkError(f"The answer of {place(url)} is larger than {self._caps.size:,} bytes.")
            if time.monotonic() > deadline:
                raise PassingError(f"{place(url)} took longer than {self._caps.seconds:g} seconds.")
            yield piece
            if enough is not None and size >= enough:
                return

    def _open(self) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(
                transport=_Guard(self._allow, self._resolve, self._proxy_for),
                timeout=httpx.Timeout(self._caps.step),
                headers={"User-Agent": USER_AGENT, "Accept": "application/json, */*;q=0.5"},
                trust_env=False,
            )
        return self._client


def _is_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _explained(error: httpx.HTTPError, url: str) -> NetworkError:
    where = place(url)
    if isinstance(error, httpx.TimeoutException):
        return PassingError(f"{where} did not answer in time.", hint="Try again later.")
    if _is_tls(error):
        return NetworkError(
            f"No secure connection to {where}: {error}.", hint="Check the name, and this machine's clock."
        )
    if isinstance(error, httpx.ProxyError):
        return PassingError(
            f"The proxy does not lead to {where}: {error}.", hint="Look at HTTPS_PROXY and NO_PROXY."
        )
    if isinstance(error, httpx.ConnectError):
        return PassingError(f"{where} cannot be reached.", hint="Check the name, or try again later.")
    return PassingError(f"The connection to {where} broke off.", hint="Try again later.")
