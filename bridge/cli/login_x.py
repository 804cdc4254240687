"""`login x` and `logout x`: leave to read by X's own API. Nothing is ever posted there."""

from __future__ import annotations

import secrets
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.cli.login import WAIT, is_remote, open_page
from bridge.cli.output import Output, Usage, is_terminal, need_option
from bridge.config.credentials import XToken, load_x_tokens, save_x_tokens

if TYPE_CHECKING:
    from bridge.app import App


def login_x(output: Output, client_id: str | None, *, with_token: bool, paste: bool) -> None:
    """An app's bearer token from standard input, or leave of a user by the browser."""
    from bridge.app import open_app

    with open_app(output.home, output.config) as app:
        kept = _app_token() if with_token else _user_token(app, output, client_id, paste=paste)
        app.remember_x(kept)
    account = None if kept.id == "app" else f"twitter:{kept.id}"
    output.data({"account": account, "handle": kept.handle or None})
    who = f"as @{kept.handle}" if kept.handle else "with the token of an app"
    output.show(f"X may be read {who}; every post that is read is billed by X.")
    output.say("Next: a source of type x-api in the settings, then `passerelle import NAME`.")


def logout_x(app: App, output: Output) -> None:
    """Forgets every token for X's API; those of users are revoked."""
    from bridge.sources.twitter_api.authorize import Client, revoke

    server = app.settings.x_api.server
    tokens, fetcher = load_x_tokens(app.home.credentials), app.fetcher([server])
    revoked = True
    for each in tokens.values():
        if each.client_id:
            revoked &= revoke(Client(server=server, id=each.client_id), each.token, fetcher)
        else:
            output.say("The token of an app is revoked in X's developer console.")
    if tokens:
        save_x_tokens(app.home.credentials, {})
    if not revoked:
        output.warn("NOT_REVOKED", "X did not confirm that the token is revoked.", hint="Revoke it there.")
    output.data({"account": "x", "revoked": revoked})
    output.show(f"Forgotten: {len(tokens)} for X." if tokens else "There was no token for X.")


def _app_token() -> XToken:
    if is_terminal(sys.stdin):
        sys.stderr.write("Paste the bearer token of your app, then Enter:\n")
    token = sys.stdin.readline().strip()
    if not token:
        raise Usage("There is no token on standard input.", hint="Pipe it in: `login x --with-token < FILE`.")
    return XToken(id="app", token=token)


def _user_token(app: App, output: Output, client_id: str | None, *, paste: bool) -> XToken:
    from bridge.app import utcnow
    from bridge.config.x_key import kept
    from bridge.publishers.oauth import challenge
    from bridge.sources.twitter_api.authorize import Client, exchange, page_of

    if output.no_input:
        need_option("Who shall approve this in a browser?", "--with-token")
    port = app.settings.x_api.callback_port  # X wants to know the whole address beforehand
    redirect = f"http://127.0.0.1:{port}/callback"
    client_id = client_id or output.ask(
        f"Client id of your app (type: native; callback: {redirect})", option="--client-id"
    )
    client = Client(server=app.settings.x_api.server, id=client_id.strip())
    fetcher = app.fetcher([client.server])
    ask = _pasted if paste or is_remote(output) else _looped
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    page = page_of(client, redirect_uri=redirect, state=state, challenge=challenge(verifier))
    code = ask(output, page, state, port)
    granted = exchange(client, code, fetcher, redirect_uri=redirect, verifier=verifier)
    fresh = kept(XToken(id="", token="", client_id=client.id), granted, utcnow())
    who = app.x_reading(app.ledger).api(fresh, payer="login").me()
    return replace(fresh, id=who.id, handle=who.handle or "")


def _pasted(output: Output, page: str, state: str, _port: int) -> str:
    from bridge.sources.twitter_api.authorize import code_in

    output.remark(f"Open this page, allow it, and copy the address that the browser goes to:\n{page}")
    return code_in(output.ask("Address", option="--with-token, or leave --paste out"), state=state)


def _looped(output: Output, page: str, state: str, port: int) -> str:
    from bridge.publishers.loopback import LoopbackListener

    with LoopbackListener(port) as listener:
        open_page(page, output)
        return listener.wait(state, seconds=WAIT)
