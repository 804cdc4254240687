"""Logging in: the OAuth code flow, with PKCE where the server offers it and the smallest scopes it knows.

Nothing here prints or asks; the command line does. A login is `register` → `authorization` → the person
opens its URL → `LoopbackListener.wait` (or a pasted code) → `exchange` → `verify`.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

from bridge.errors import ConfigError, NetworkError, Unauthorized
from bridge.publishers.base import Identity
from bridge.publishers.web import Reply, Web
from bridge.publishers.wire import as_list, as_map, identity_of, text_of, words_of
from bridge.statuses import Limits

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"  #: the server shows the code, the person pastes it
CLIENT_NAME = "Passerelle"

#: Each need, as the scopes that cover it, the smallest first (rules §7).
_NEEDS = (
    ("profile", "read:accounts", "read"),
    ("read:statuses", "read"),
    ("write:statuses", "write"),
    ("write:media", "write"),
)
_READS_MEDIA = ("read:media", "read")  # Akkoma and Takahe want it for the state of an upload
_DRESSES = ("write:accounts", "write")  # how the account shows itself, and what is pinned
_SEARCHES = ("read:search", "read")  # for what other accounts are to be passed on, by its address
_COARSE = frozenset({"pixelfed", "friendica"})  # know `read write follow push` only
_WITH_PROFILE = frozenset({"mastodon", "glitch-soc"})  # since 4.3, which publishes its metadata
_WITH_PKCE = frozenset({"gotosocial", "hollo"})  # without saying so in metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Where a server's OAuth lives and what it offers, by RFC 8414 or by the custom of Mastodon's API."""

    authorize: str
    token: str
    revoke: str
    register: str
    scopes: tuple[str, ...] = ()  #: empty: not said
    pkce: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """This program as registered at a server, for one redirect URI."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    scopes: tuple[str, ...]
    metadata: Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """One attempt: the page to open, and what proves that the answer belongs to it."""

    url: str
    state: str = field(repr=False)
    verifier: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    access_token: str = field(repr=False)
    scopes: tuple[str, ...]


def discover(base_url: str, fetcher: Web, *, limits: Limits) -> Metadata:
    """The server's OAuth metadata; endpoints elsewhere than at the server itself are not believed."""
    reply = fetcher.get(f"{base_url}/.well-known/oauth-authorization-server")
    document = _object(reply) or {}
    methods = as_list(document.get("code_challenge_methods_supported"))
    scopes = tuple(found for found in map(text_of, as_list(document.get("scopes_supported"))) if found)

    def endpoint(name: str, custom: str) -> str:
        said = text_of(document.get(name))
        own = said is not None and urlsplit(said)[:2] == urlsplit(base_url)[:2]
        return said if own and said else urljoin(f"{base_url}/", custom)

    return Metadata(
        authorize=endpoint("authorization_endpoint", "oauth/authorize"),
        token=endpoint("token_endpoint", "oauth/token"),
        revoke=endpoint("revocation_endpoint", "oauth/revoke"),
        register=endpoint("app_registration_endpoint", "api/v1/apps"),
        scopes=scopes,
        pkce="S256" in methods or limits.software in _WITH_PKCE,
    )


def scopes_for(limits: Limits, metadata: Metadata, *, profile: bool = False) -> tuple[str, ...]:
    """The smallest scopes that the server knows for: who am I, read own statuses, post, upload, and find what
    is to be boosted; `profile`: also for changing the profile."""
    needs = [*_NEEDS, _READS_MEDIA] if limits.software in {"akkoma", "pleroma", "takahe"} else [*_NEEDS]
    needs += [_SEARCHES] if limits.boosts else []
    needs += [_DRESSES] if profile else []
    known = frozenset(metadata.scopes)
    if limits.software in _COARSE:
        known = frozenset({"read", "write"})
    elif not known:
        known = frozenset(scope for need in needs for scope in need) - {"profile"}
    elif limits.software not in _WITH_PROFILE:
        known -= {"profile"}
    chosen = (next((scope for scope in need if scope in known), need[-1]) for need in needs)
    return tuple(dict.fromkeys(chosen))


def register(
    base_url: str, fetcher: Web, *, limits: Limits, redirect_uri: str = OUT_OF_BAND, profile: bool = False
) -> App:
    """Registers this program at the server. ConfigError: it does not want to, with its words."""
    metadata = discover(base_url, fetcher, limits=limits)
    scopes = scopes_for(limits, metadata, profile=profile)
    form = {"client_name": CLIENT_NAME, "redirect_uris": redirect_uri, "scopes": " ".join(scopes)}
    document = _answered(fetcher.post(metadata.register, form=form), "register this program")
    client_id, secret = text_of(document.get("client_id")), text_of(document.get("client_secret"))
    if client_id is None or secret is None:
        raise ConfigError(f"{base_url} registered this program without telling its key.")
    return App(
        base_url=base_url,
        client_id=client_id,
        client_secret=secret,
        redirect_uri=redirect_uri,
        scopes=scopes,
        metadata=metadata,
    )


def authorization(app: App, *, new_secret: Callable[[int], str] = secrets.token_urlsafe) -> Authorization:
    """A fresh attempt; `new_secret(n)` gives n random bytes as URL-safe text."""
    state = new_secret(24)
    verifier = new_secret(48) if app.metadata.pkce else None
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "scope": " ".join(app.scopes),
        "state": state,
    }
    if verifier is not None:
        query |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
    return Authorization(url=f"{app.metadata.authorize}?{urlencode(query)}", state=state, verifier=verifier)


def challenge(verifier: str) -> str:
    """The S256 challenge of RFC 7636."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def exchange(app: App, authorization: Authorization, code: str, fetcher: Web) -> Token:
    """The code against a token. Unauthorized: the code was mistyped, used or too old."""
    form = {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": app.redirect_uri,
        "code": code.strip(),
        "scope": " ".join(app.scopes),
    }
    if authorization.verifier is not None:
        form["code_verifier"] = authorization.verifier
    reply = fetcher.post(app.metadata.token, form=form)
    if reply.status in {400, 401, 403}:
        raise Unauthorized(
            f"{app.base_url} did not accept the code: {words_of(reply.body) or 'no reason given'}.",
            hint="Log in again; a code works once and for ten minutes.",
            status=reply.status,
        )
    document = _answered(reply, "log in")
    token = text_of(document.get("access_token"))
    if token is None:
        raise Unauthorized(f"{app.base_url} answered the login without a token.")
    granted = (text_of(document.get("scope")) or "").split()
    return Token(access_token=token, scopes=tuple(granted) or app.scopes)


def revoke(app: App, access_token: str, fetcher: Web) -> bool:
    """Ends a token's life at the server; False when the server does not know how to, or would not."""
    form = {"client_id": app.client_id, "client_secret": app.client_secret, "token": access_token}
    return fetcher.post(app.metadata.revoke, form=form).ok


def verify(
    base_url: str,
    access_token: str,
    fetcher: Web,
    *,
    domain: str | None = None,
    scopes: tuple[str, ...] | None = None,
) -> Identity:
    """Who the token belongs to; `domain` is that of account names, where it is not the server's own.

    Unauthorized: the token is no good (snac says so with 422, Takahe with 400), or the account may not act.
    """
    reply = fetcher.get(
        f"{base_url}/api/v1/accounts/verify_credentials", headers={"Authorization": f"Bearer {access_token}"}
    )
    if reply.status in {400, 401, 403, 422}:
        raise Unauthorized(
            f"{base_url} does not accept this token: {words_of(reply.body) or 'no reason given'}.",
            hint="Log in again with `passerelle login`.",
            status=reply.status,
        )
    document = _answered(reply, "tell whose token this is")
    found = identity_of(document, domain=domain or urlsplit(base_url).netloc, scopes=scopes)
    if found is None:
        raise NetworkError(f"{base_url} did not tell whose token this is.")
    return found


def _answered(reply: Reply, purpose: str) -> dict[str, object]:
    document = _object(reply)
    where = urlsplit(reply.url).netloc
    if reply.ok and document is not None:
        return document
    if reply.status == 429 or reply.status >= 500:
        raise NetworkError(f"{where} would not {purpose} just now ({reply.status}).", hint="Try again later.")
    words = words_of(reply.body) or f"status {reply.status}"
    raise ConfigError(
        f"{where} would not {purpose}: {words}.", hint="Is this the address of a server of the fediverse?"
    )


def _object(reply: Reply) -> dict[str, object] | None:
    """The JSON object of a good answer, or of any other one: None."""
    if not reply.ok:
        return None
    try:
        found = as_map(reply.json())
    except NetworkError:
        return None
    return dict(found) if found is not None else None
