"""Leave to read as a user of X: OAuth 2.0 with PKCE, for an app of type "native", which keeps no secret.

Access tokens live two hours. A refresh token works once and brings the next one, so that it must be kept
before it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from bridge.errors import Barred, ConfigError, NetworkError
from bridge.sources.web import Reply, place

_SCOPES = "tweet.read users.read offline.access"


class Web(Protocol):
    """Raises NetworkError when there is no answer; never redirected."""

    def post(self, url: str, *, form: Mapping[str, str] | None = None) -> Reply: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An app as X's developer console knows it, and the server that it speaks to."""

    server: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    seconds: int  #: that the token lives


def page_of(client: Client, *, redirect_uri: str, state: str, challenge: str) -> str:
    """The page to open. It is X's own, not the API's; a gateway has it at its own address."""
    parts = urlsplit(client.server)
    query = {
        "response_type": "code", "client_id": client.id, "redirect_uri": redirect_uri, "scope": _SCOPES,
        "state": state, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}/i/oauth2/authorize?{urlencode(query)}"


def code_in(pasted: str, *, state: str) -> str:
    """Of the address that the browser came to, or of the code by itself."""
    if "://" not in pasted:
        return pasted.strip()
    found = parse_qs(urlsplit(pasted.strip()).query)
    if found.get("state") != [state] or not found.get("code"):
        raise ConfigError("That is not the address of this login.", hint="Run `passerelle login x` again.")
    return found["code"][0]


def exchange(client: Client, code: str, web: Web, *, redirect_uri: str, verifier: str) -> Granted:
    """The code against a token. `Barred`: the code was mistyped, used or too old."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return _granted(client, {**form, "code_verifier": verifier}, web)


def renew(client: Client, refresh_token: str, web: Web) -> Granted:
    """`Barred`: the leave was taken back, or the refresh token was used before."""
    return _granted(client, {"grant_type": "refresh_token", "refresh_token": refresh_token}, web)


def revoke(client: Client, token: str, web: Web) -> bool:
    """Ends a token's life; False when X would not."""
    form = {"token": token, "client_id": client.id}
    return 200 <= web.post(f"{client.server.rstrip('/')}/2/oauth2/revoke", form=form).status < 300


def _granted(client: Client, form: Mapping[str, str], web: Web) -> Granted:
    url = f"{client.server.rstrip('/')}/2/oauth2/token"
    reply = web.post(url, form={**form, "client_id": client.id})
    if reply.status == 429 or reply.status >= 500:
        raise NetworkError(f"{place(url)} answered {reply.status}: not now.", hint="Try again later.")
    try:
        found = msgspec.json.decode(reply.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = {}
    token = found.get("access_token")
    if not 200 <= reply.status < 300 or not isinstance(token, str):
        said = found.get("error_description") or found.get("error") or f"status {reply.status}"
        raise Barred(f"X did not let us in: {said}.", hint="Run `passerelle login x` again.")
    seconds = found.get("expires_in")
    return Granted(
        token=token,
        refresh_token=str(found.get("refresh_token") or ""),
        seconds=seconds if isinstance(seconds, int) else 7200,
    )
