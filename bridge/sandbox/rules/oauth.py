"""Applications, authorisation codes and tokens (reference: fediverse-rules §7)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from bridge.sandbox.rules.calls import Answer, Call, Context
from bridge.sandbox.rules.documents import Document
from bridge.sandbox.rules.ids import noise
from bridge.sandbox.rules.problems import Problem
from bridge.sandbox.rules.state import App, Grant, Token

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
KNOWN = ("read", "write", "follow", "push", "profile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an authorisation page was asked for."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None


def register(ctx: Context) -> Answer:
    """POST /api/v1/apps."""
    call = ctx.call
    name, uris = call.text("client_name"), _uris(call)
    if not name or len(name) > 60 or not uris:
        raise Problem("app_invalid")
    number = ctx.world.next_number("apps")
    app = App(
        id=str(number),
        name=name,
        website=call.text("website"),
        redirect_uris=uris,
        scopes=_scopes(call.text("scopes") or "read"),
        client_id=_secret("client", number),
        client_secret=_secret("secret", number),
    )
    ctx.world.apps[app.id] = app
    return Answer(body=_app_document(app) | {"client_id": app.client_id, "client_secret": app.client_secret})


def verify_app(ctx: Context) -> Answer:
    if not ctx.profile.app_credentials:
        raise Problem("no_route")
    if ctx.token is None or ctx.token.revoked:
        raise Problem("token_invalid")
    return Answer(body=_app_document(ctx.world.apps[ctx.token.app_id]) | {"scopes": list(ctx.token.scopes)})


def asked(ctx: Context) -> Request:
    """The authorisation request of a query or form; raises when it cannot be honoured."""
    call = ctx.call
    app = _app(ctx, call.text("client_id"))
    redirect_uri = call.text("redirect_uri") or ""
    scopes = _scopes(call.text("scope") or "read")
    method = call.text("code_challenge_method")
    wrong = (
        call.text("response_type") != "code"
        or redirect_uri not in app.redirect_uris
        or not all(_covered(scope, app.scopes) for scope in scopes)
        or (ctx.profile.pkce and call.text("code_challenge") is not None and method != "S256")
    )
    if wrong:
        raise Problem("record_invalid")
    challenge = call.text("code_challenge") if ctx.profile.pkce else None
    return Request(
        app=app, redirect_uri=redirect_uri, scopes=scopes, state=call.text("state"), challenge=challenge
    )


def grant(ctx: Context, request: Request, account_id: str) -> Grant:
    """A code for an approved request."""
    code = _secret("code", ctx.world.next_number("codes"))
    row = Grant(
        code=code,
        app_id=request.app.id,
        account_id=account_id,
        redirect_uri=request.redirect_uri,
        scopes=request.scopes,
        challenge=request.challenge,
        expires_at=ctx.now + timedelta(minutes=10),
    )
    ctx.world.grants[code] = row
    return row


def back(request: Request, **answer: str) -> str:
    """The address that the browser is sent back to, `state` echoed."""
    said = answer | ({"state": request.state} if request.state is not None else {})
    joint = "&" if urlsplit(request.redirect_uri).query else "?"
    return f"{request.redirect_uri}{joint}{urlencode(said)}"


def exchange(ctx: Context) -> Answer:
    """POST /oauth/token."""
    call = ctx.call
    kind = call.text("grant_type")
    app = next((a for a in ctx.world.apps.values() if a.client_id == call.text("client_id")), None)
    if app is None or app.client_secret != call.text("client_secret"):
        return _error(401, "invalid_client", "Client authentication failed due to unknown client.")
    if kind == "client_credentials":
        return _token(ctx, app, None, _scopes(call.text("scope") or "read"))
    if kind != "authorization_code":
        return _error(400, "unsupported_grant_type", "The authorization grant type is not supported.")
    row = ctx.world.grants.get(call.text("code") or "")
    if row is None or not _matches(ctx, row, app):
        return _error(400, "invalid_grant", "The provided authorization grant is invalid or expired.")
    del ctx.world.grants[row.code]
    return _token(ctx, app, row.account_id, row.scopes)


def revoke(ctx: Context) -> Answer:
    """POST /oauth/revoke."""
    token = ctx.world.tokens.get(ctx.call.text("token") or "")
    app = ctx.world.apps[token.app_id] if token else None
    if token is None:
        return Answer()
    if app is None or app.client_id != ctx.call.text("client_id"):
        return _error(403, "unauthorized_client", "You are not authorized to revoke this token")
    ctx.world.tokens[token.token] = replace(token, revoked=True)
    return Answer()


def issue(ctx: Context, app: App, account_id: str | None, scopes: tuple[str, ...]) -> Token:
    """A token; the same user, application and scopes get the same one again, as on Mastodon."""
    wanted = (app.id, account_id, scopes, False)
    for token in ctx.world.tokens.values():
        if (token.app_id, token.account_id, token.scopes, token.revoked) == wanted:
            return token
    number = ctx.world.next_number("tokens")
    token = Token(
        token=_secret("token", number),
        app_id=app.id,
        account_id=account_id,
        scopes=scopes,
        created_at=ctx.now,
    )
    ctx.world.tokens[token.token] = token
    return token


def _token(ctx: Context, app: App, account_id: str | None, scopes: tuple[str, ...]) -> Answer:
    token = issue(ctx, app, account_id, scopes)
    return Answer(
        body={
            "access_token": token.token,
            "token_type": "Bearer",
            "scope": " ".join(token.scopes),
            "created_at": int(token.created_at.timestamp()),
        }
    )


def _matches(ctx: Context, row: Grant, app: App) -> bool:
    if row.app_id != app.id or row.expires_at <= ctx.now:
        return False
    if row.redirect_uri != ctx.call.text("redirect_uri"):
        return False
    if row.challenge is None:
        return True
    digest = hashlib.sha256((ctx.call.text("code_verifier") or "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == row.challenge.rstrip("=")


def _app(ctx: Context, client_id: str | None) -> App:
    app = next((a for a in ctx.world.apps.values() if a.client_id == client_id), None)
    if app is None:
        raise Problem("token_invalid")
    return app


def _app_document(app: App) -> Document:
    return {
        "id": app.id,
        "name": app.name,
        "website": app.website,
        "scopes": list(app.scopes),
        "redirect_uri": "\n".join(app.redirect_uris),
        "redirect_uris": list(app.redirect_uris),
        "vapid_key": "",
        "client_secret_expires_at": 0,
    }


def _uris(call: Call) -> tuple[str, ...]:
    return tuple(uri for text in call.texts("redirect_uris") for uri in text.split())


def _scopes(said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(said.replace("+", " ").split()))


def _covered(scope: str, held: tuple[str, ...]) -> bool:
    family = scope.partition(":")[0]
    return family in KNOWN and (scope in held or family in held)


def _secret(kind: str, number: int) -> str:
    # Not secret at all: a practice server's tokens open nothing, and the same run gives the same ones.
    return hashlib.sha256(f"practice/{kind}/{number}/{noise(kind, number)}".encode()).hexdigest()[:43]


def _error(status: int, code: str, description: str) -> Answer:
    return Answer(status=status, body={"error": code, "error_description": description})
