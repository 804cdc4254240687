"""What stands before every page: whose request it is, where it comes from, and what a browser may do with it.

A page of some other site can make the browser of somebody who reviews send requests to this machine. It can
neither know the cookie (`SameSite=Strict`), nor reach us by a name of its own (the `Host` is checked), nor
send a form here (`Sec-Fetch-Site`, `Origin`).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.web.sessions import Sessions

MOST = 1_000_000  # bytes of a request
_TOO_MUCH = "That is too much at once. / C’est trop à la fois."
_OPEN = ("/enter", "/static/")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the desk is to be found. `loopback` False: other machines may come, by an address or a name.

    `names` are of this machine; `fronted` of a web server before it, which has a port of its own.
    """

    port: int
    loopback: bool = True
    names: frozenset[str] = field(default_factory=frozenset)
    fronted: frozenset[str] = field(default_factory=frozenset)

    def is_ours(self, host: str) -> bool:
        name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "80")
        if not name:
            name, port = host, "80"
        if name.lower() in self.fronted:
            return True
        if port != str(self.port):
            return False
        return name.lower() in self.names or self._is_address(name)

    def _is_address(self, name: str) -> bool:
        """A number is no name that somebody else could point at us."""
        try:
            address = ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return address.is_loopback or not self.loopback


class Guard:
    """An ASGI application around the desk's own."""

    def __init__(self, app: ASGIApp, place: Place, sessions: Sessions) -> None:
        self._app = app
        self._place = place
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        refused = self._refused(scope)
        sender = _dressed(send, cacheable=str(scope["path"]).startswith("/static/"))
        if refused is not None:
            await refused(scope, receive, sender)
            return
        await self._app(scope, _measured(receive), sender)

    def _refused(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), str(scope["path"])
        if not self._place.is_ours(headers.get("host", "")):
            return _said(400, "This desk does not answer to that name.")
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return _said(405, "Only GET and POST are of use here.")
        if scope["method"] == "POST" and not _from_here(headers):
            return _said(403, "This request comes from another site. / Cette requête vient d’un autre site.")
        if _length(headers) > MOST:
            return _said(413, _TOO_MUCH)
        if path.startswith(_OPEN):
            return None
        name = self._sessions.who(headers.get("cookie", ""))
        if name is None:
            return self._shown_out(scope)
        scope["state"] = {**scope.get("state", {}), "name": name}
        return None

    def _shown_out(self, scope: Scope) -> Response:
        if scope["method"] == "POST" or "hx-request" in Headers(scope=scope):
            return _said(
                403, "You are not logged in to this desk any more. / Vous n’êtes plus connecté à ce bureau."
            )
        return RedirectResponse("/enter", status_code=303)


def _from_here(headers: Headers) -> bool:
    """Browsers say where a form comes from, all of them in one of these ways, and no page can forge it."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin is not None:
        return origin in (f"http://{headers.get('host')}", f"https://{headers.get('host')}")
    return site is not None


def _length(headers: Headers) -> int:
    said = headers.get("content-length", "0")
    return int(said) if said.isascii() and said.isdigit() else MOST + 1


def _measured(receive: Receive) -> Receive:
    """Counts what comes: a length may be wrong, or not said."""
    seen = 0

    async def measured() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST:
            raise HTTPException(413, _TOO_MUCH)
        return message

    return measured


def _dressed(send: Send, *, cacheable: bool) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            headers.setdefault("Cache-Control", "max-age=3600" if cacheable else "no-store")
        await send(message)

    return dressed


def _said(status: int, text: str) -> Response:
    return PlainTextResponse(text + "\n", status_code=status)
