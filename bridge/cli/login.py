"""`login`, `logout` and `accounts`: who this program may speak for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from bridge.cli.options import command
from bridge.cli.output import Output, Usage, is_terminal, need_option
from bridge.cli.tables import columns, safe, span
from bridge.config.credentials import Credential
from bridge.errors import BridgeError, ConfigError, NetworkError, Unauthorized

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.media.fetch import Fetcher
    from bridge.publishers import oauth
    from bridge.publishers.base import Identity
    from bridge.publishers.servers import Detected
    from bridge.statuses import Limits

    Register = Callable[..., oauth.App]

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TOLD = ("statuses", "media")  # the windows that decide how long a migration takes
WAIT = 600.0  # a code of Mastodon's lives ten minutes


def declare(app: typer.Typer) -> None:
    command(app)(login)
    command(app)(logout)
    command(app)(accounts)


def login(
    output: Output,
    server: Annotated[
        str,
        typer.Argument(help="The server: mastodon.example, or its address; x: for reading by X's own API."),
    ],
    *,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="A short name for --to.", show_default=False)
    ] = "",
    with_token: Annotated[
        bool, typer.Option("--with-token", help="Read an access token from standard input.")
    ] = False,
    paste: Annotated[
        bool,
        typer.Option(
            "--paste", help="Paste the code that the server shows, instead of coming back by itself."
        ),
    ] = False,
    client_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="With x: the client id of your app in X's developer console.",
            show_default=False,
        ),
    ] = None,
    profile: Annotated[
        bool,
        typer.Option("--profile", help="Also ask to change the profile: `profile apply`, `watch.profile`."),
    ] = False,
) -> None:
    """Get permission to post as your account; the token is kept in one file that only you can read."""
    from bridge.app import open_app
    from bridge.cli.login_x import login_x
    from bridge.publishers import servers

    if server.lower() == "x":
        login_x(output, client_id, with_token=with_token, paste=paste)
        return
    base = servers.base_url_of(server)
    _warn_of_clear_text(base, output)
    with open_app(output.home, output.config) as app, fetcher_for(base) as fetcher:
        found = servers.detect(base, fetcher)
        for notice in found.notices:
            output.warn(notice.code, notice.detail)
        credential, identity = (
            _with_token(found, fetcher, output)
            if with_token
            else _authorize(found, fetcher, output, paste=paste, profile=profile)
        )
        _check(identity)
        app.remember(replace(credential, name=name))
        _note(app, identity, found.limits)
    output.data(_facts(identity, found, name))
    _show(output, identity, found)


def logout(
    output: Output,
    account: Annotated[
        str | None, typer.Argument(help="Its name, or @user@server; x: all for X's API.", show_default=False)
    ] = None,
) -> None:
    """Revoke an account's token and forget it."""
    from bridge.app import open_app
    from bridge.cli.login_x import logout_x

    with open_app(output.home, output.config) as app:
        if (account or "").lower() == "x":
            logout_x(app, output)
            return
        wanted = app.resolve(account)
        credential = app.credentials.get(wanted or "")
        if credential is None:
            raise ConfigError(
                f"Nobody is logged in as {account or 'anyone'}.", hint="See `passerelle accounts`."
            )
        revoked = _revoke(credential)
        app.forget(credential.account)
    if not revoked:
        output.warn(
            "NOT_REVOKED",
            f"{credential.server} did not confirm that the token is revoked.",
            hint="Revoke it in the account's settings there.",
        )
    output.data({"account": credential.account, "revoked": revoked})
    output.show(f"Logged out of {credential.account}.")


def accounts(
    output: Output,
    check: Annotated[
        bool, typer.Option("--check", help="Ask each server whether the token still works.")
    ] = False,
) -> int:
    """List the accounts that are logged in."""
    from bridge.app import open_app

    with open_app(output.home, output.config) as app:
        rows = [_row(credential, check=check) for credential in app.credentials.values()]
    code = max((int(row.pop("exit", 0)) for row in rows), default=0)
    output.data({"accounts": rows})
    if not rows:
        output.show("Nobody is logged in. Run `passerelle login SERVER`.")
        return 0
    head = ("account", "name", "server", *(("state",) if check else ()))
    output.show(columns(head, [[row.get(key) or "-" for key in head] for row in rows]))
    return code


def _warn_of_clear_text(base: str, output: Output) -> None:
    parts = urlsplit(base)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        output.warn(
            "NO_TLS", f"{parts.netloc} is spoken to without encryption: the token can be read on the way."
        )


def fetcher_for(base: str) -> Fetcher:
    """The operator named this host, so it may be a private one."""
    from bridge.config.proxies import proxy_for
    from bridge.media.fetch import Fetcher

    return Fetcher(allow_hosts=[urlsplit(base).hostname or ""], proxy_for=proxy_for)


# --- how a token is got


def _with_token(found: Detected, fetcher: Fetcher, output: Output) -> tuple[Credential, Identity]:
    from bridge.publishers import oauth

    if is_terminal(sys.stdin):
        output.remark("Paste the access token, then Enter:")
    token = sys.stdin.readline().strip()
    if not token:
        raise Usage(
            "There is no token on standard input.", hint="Pipe it in: `login SERVER --with-token < FILE`."
        )
    identity = oauth.verify(found.base_url, token, fetcher, domain=found.domain)
    return Credential(account=identity.account, server=found.base_url, token=token), identity


def _authorize(
    found: Detected, fetcher: Fetcher, output: Output, *, paste: bool, profile: bool
) -> tuple[Credential, Identity]:
    from bridge.publishers import oauth

    if output.no_input:
        need_option("Who shall approve this in a browser?", "--with-token")
    attempt = _pasted if paste or is_remote(output) else _looped
    register = partial(oauth.register, found.base_url, fetcher, limits=found.limits, profile=profile)
    registered, token = attempt(register, fetcher, output)
    identity = oauth.verify(
        found.base_url, token.access_token, fetcher, domain=found.domain, scopes=token.scopes
    )
    credential = Credential(
        account=identity.account,
        server=found.base_url,
        token=token.access_token,
        client_id=registered.client_id,
        client_secret=registered.client_secret,
        scopes=" ".join(token.scopes),
    )
    return credential, identity


def _looped(register: Register, fetcher: Fetcher, output: Output) -> tuple[oauth.App, oauth.Token]:
    from bridge.publishers import oauth
    from bridge.publishers.loopback import LoopbackListener

    with LoopbackListener() as listener:
        registered = register(redirect_uri=listener.redirect_uri)
        attempt = oauth.authorization(registered)
        open_page(attempt.url, output)
        output.remark("Waiting for the browser to come back; use --paste if it runs on another machine.")
        code = listener.wait(attempt.state, seconds=WAIT)
    return registered, oauth.exchange(registered, attempt, code, fetcher)


def _pasted(register: Register, fetcher: Fetcher, output: Output) -> tuple[oauth.App, oauth.Token]:
    from bridge.publishers import oauth

    registered = register()
    attempt = oauth.authorization(registered)
    output.remark(f"Open this page, allow it, and copy the code:\n{attempt.url}")
    code = output.ask("Code", option="--with-token, or leave --paste out")
    return registered, oauth.exchange(registered, attempt, code, fetcher)


def is_remote(output: Output) -> bool:
    """A person whose browser is not on this machine can still paste a code."""
    return output.interactive and any(name in os.environ for name in ("SSH_CONNECTION", "SSH_TTY"))


def open_page(url: str, output: Output) -> None:
    import webbrowser

    opened = output.interactive and webbrowser.open(url)
    output.remark(f"{'Your browser shows' if opened else 'Open'} this page, to allow it:\n{url}")


# --- what is said and kept


def _check(identity: Identity) -> None:
    if identity.suspended:
        raise Unauthorized(f"{identity.account} is suspended by its server.", hint="Ask its moderators.")
    if identity.moved_to:
        raise Unauthorized(
            f"{identity.account} has moved to {identity.moved_to} and cannot post.",
            hint="Log in to that account.",
        )


def _note(app: App, identity: Identity, limits: Limits) -> None:
    from bridge.app import utcnow

    app.ledger.queue.open_destination(identity.account, now=utcnow(), remote_account_id=identity.id)
    app.ledger.queue.save_limits(identity.account, limits)
    app.ledger.queue.pause(identity.account, None)


def _facts(identity: Identity, found: Detected, name: str) -> dict[str, Any]:
    limits = found.limits
    return {
        "account": identity.account,
        "name": name or None,
        "display_name": identity.display_name,
        "url": identity.url,
        "rules": found.rules,
        "server": {"software": limits.software, "version": limits.version, "title": limits.title},
        "limits": {
            "characters": limits.max_characters,
            "media": limits.max_media,
            "windows": [{"name": w.name, "limit": w.limit, "seconds": w.seconds} for w in limits.windows],
        },
    }


def _show(output: Output, identity: Identity, found: Detected) -> None:
    output.show(f"Logged in as {identity.account} ({safe(identity.display_name)}).")
    for line in words_of(found.limits):
        output.show("  " + line)
    if found.rules:
        output.show("The rules of the house, which hold for a back catalogue too:")
        for rule in found.rules:
            output.show("  - " + safe(rule))
    output.say("Next: `passerelle preview ARCHIVE`, then `passerelle publish ARCHIVE`.")


def words_of(limits: Limits) -> list[str]:
    """The destination's limits in words."""
    named = f"{limits.software} {limits.version}".strip()
    windows = ", ".join(f"{w.limit} {w.name} in {span(w.seconds)}" for w in limits.windows if w.name in _TOLD)
    dates = (
        "keeps original dates" if limits.backdates else "does not keep original dates: they are written below"
    )
    quotes = "shows quotes" if limits.quotes else "quotes become links"
    return [
        f"{safe(limits.title) or 'The server'} runs {named}: {dates}; {quotes}.",
        f"{limits.max_characters} characters, {limits.max_media} media a status.",
        f"Its pace: {windows or 'no limits are known'}.",
    ]


def _row(credential: Credential, *, check: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "account": credential.account,
        "name": credential.name or None,
        "server": credential.server,
    }
    if check:
        row |= _state(credential)
    return row


def _state(credential: Credential) -> dict[str, Any]:
    from bridge.publishers import oauth

    try:
        with fetcher_for(credential.server) as fetcher:
            _check(oauth.verify(credential.server, credential.token, fetcher))
    except BridgeError as error:
        return {"state": error.message, "ok": False, "exit": error.exit_code}
    return {"state": "works", "ok": True}


def _revoke(credential: Credential) -> bool:
    from bridge.publishers import oauth
    from bridge.statuses import Limits

    if not credential.client_id:
        return False
    try:
        with fetcher_for(credential.server) as fetcher:
            registered = oauth.App(
                base_url=credential.server,
                client_id=credential.client_id,
                client_secret=credential.client_secret,
                redirect_uri=oauth.OUT_OF_BAND,
                scopes=tuple(credential.scopes.split()),
                metadata=oauth.discover(credential.server, fetcher, limits=Limits()),
            )
            return oauth.revoke(registered, credential.token, fetcher)
    except NetworkError:
        return False
