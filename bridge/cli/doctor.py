"""`doctor`: is everything in order? `--report` prints it so that it can be pasted in public."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge import __version__
from bridge.cli.checks import Check, failed, guarded
from bridge.cli.examining import running
from bridge.cli.options import command
from bridge.cli.output import Output
from bridge.cli.tables import safe, size, span
from bridge.config.credentials import Credential
from bridge.errors import BridgeError, counted
from bridge.operation.redacting import redact

if TYPE_CHECKING:
    from bridge.app import App

_MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}
_SKEW = 30.0  # seconds: more than a slow answer explains
_LITTLE_DISK = 500_000_000
_PACKAGES = (
    "Mastodon.py",
    "httpx",
    "SQLAlchemy",
    "alembic",
    "pydantic",
    "Pillow",
    "msgspec",
    "typer",
    "psycopg",
    "prometheus-client",
    "apprise",
)


def declare(app: typer.Typer) -> None:
    command(app)(doctor)


def doctor(
    output: Output,
    report: Annotated[bool, typer.Option("--report", help="Leave out what nobody else should read.")] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Send a test message in every way that [notify] names.")
    ] = False,
) -> int:
    """Look at the settings, the tokens and their rights, the servers, the clock, the ledger and the disk, and
    at what a running `watch` needs."""
    from bridge.app import open_app

    hide: Callable[[str], str] = str
    checks = [_versions()]
    try:
        with open_app(output.home, output.config) as app:
            hide = _hider(app) if report else redact
            checks += [*_local(app), *running(app, send=notify), *_accounts(app)]
    except BridgeError as error:  # the settings themselves: nothing more can be looked at
        hide = _hider(None) if report else redact
        checks.append(failed("settings", error))
    rows = [
        {key: hide(value) if isinstance(value, str) else value for key, value in asdict(c).items()}
        for c in checks
    ]
    for row in rows:
        row.pop("exit_code")
    output.data({"checks": rows})
    for row in rows:
        hint = f"\n      {row['hint']}" if row["hint"] else ""
        output.show(f"{_MARKS[str(row['state'])]}  {row['name']}: {safe(str(row['message']))}{hint}")
    return next((check.exit_code for check in checks if check.state == "fail"), 0)


# --- on this machine


def _versions() -> Check:
    found = [f"{name} {_installed(name)}" for name in _PACKAGES]
    system = f"{platform.system()} {platform.machine()}"
    return Check(
        name="versions",
        state="ok",
        message=f"passerelle {__version__}, Python {platform.python_version()}, {system}; {', '.join(found)}",
    )


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"


def _local(app: App) -> Iterator[Check]:
    there = app.home.config.exists()
    yield Check(
        name="settings",
        state="ok",
        message=f"{app.home.config} " + ("is in order" if there else "is not there; the defaults hold"),
    )
    yield guarded("home", lambda: _home(app))
    yield guarded("tokens", lambda: _tokens(app))
    yield guarded("ledger", lambda: _ledger(app))


def _home(app: App) -> Check:
    path = app.home.path
    nearest = next(folder for folder in (path, *path.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free
    if free < _LITTLE_DISK:
        return Check(
            name="home",
            state="warn",
            message=f"{path}: only {size(free)} are free",
            hint="Make room on that disk.",
        )
    return Check(
        name="home", state="ok", message=f"{path}, {size(free)} free" + ("" if path.exists() else ", new")
    )


def _tokens(app: App) -> Check:
    from bridge.config.credentials import given_token

    names = ", ".join(app.credentials) or "nobody is logged in"
    given = given_token()
    also = f"; {given[1]} is set and wins" if given else ""
    return Check(name="tokens", state="ok", message=f"{names}{also}")


def _ledger(app: App) -> Check:
    from bridge import ledger

    kind = app.ledger_url.partition(":")[0].partition("+")[0]
    if not app.has_ledger:
        return Check(name="ledger", state="ok", message=f"{kind}, not there yet")
    at, head = ledger.schema_version(app.ledger_url), ledger.head_version()
    if at not in (head, None):
        return Check(
            name="ledger",
            state="fail",
            message=f"{kind}, schema {at}; this program has {head}",
            hint="Run `passerelle db upgrade`; if that does not know the schema, upgrade passerelle.",
            exit_code=9,
        )
    posts = sum(row.posts for row in app.ledger.posts.sources())
    return Check(name="ledger", state="ok", message=f"{kind}, schema {at or head}, {counted(posts, 'post')}")


# --- out there


def _accounts(app: App) -> Iterator[Check]:
    for account in app.known_accounts():
        yield from _account(app, account)


def _account(app: App, account: str) -> Iterator[Check]:
    try:
        credential = app.account(account).credential
        yield from _server(account, credential)
        yield _rights(account, credential)
    except BridgeError as error:
        yield failed(account, error)


def _server(account: str, credential: Credential) -> Iterator[Check]:
    from bridge.app import utcnow
    from bridge.cli.login import fetcher_for, words_of
    from bridge.publishers import servers

    with fetcher_for(credential.server) as fetcher:
        found = servers.detect(credential.server, fetcher)
        reply = fetcher.get(f"{found.base_url}/api/v1/instance")
    yield Check(name=account, state="ok", message=" ".join(words_of(found.limits)))
    for notice in found.notices:
        yield Check(name=account, state="warn", message=notice.detail)
    yield _clock(reply.headers.get("date"), utcnow())


def _clock(date: str | None, now: datetime) -> Check:
    try:
        there = parsedate_to_datetime(date or "")
    except ValueError:
        return Check(name="clock", state="warn", message="the server does not say what time it is")
    skew = (now - there).total_seconds()
    if abs(skew) <= _SKEW:
        return Check(name="clock", state="ok", message="agrees with the server's")
    side = "ahead of" if skew > 0 else "behind"
    return Check(
        name="clock",
        state="warn",
        message=f"this machine's is {span(abs(skew))} {side} the server's",
        hint="Set it right (timedatectl set-ntp true): pauses and dates depend on it.",
    )


def _rights(account: str, credential: Credential) -> Check:
    from bridge.cli.login import fetcher_for
    from bridge.publishers import oauth

    domain = account.rpartition("@")[2]
    with fetcher_for(credential.server) as fetcher:
        identity = oauth.verify(credential.server, credential.token, fetcher, domain=domain)
    scopes = " ".join(identity.scopes or credential.scopes.split())
    if identity.account.lower() != account.lower():
        return Check(
            name=account,
            state="fail",
            message=f"the token ({credential.origin}) is that of {identity.account}",
            hint=f"Run `passerelle login {domain}` as {account}.",
            exit_code=4,
        )
    missing = _missing(scopes)
    if scopes and missing:
        return Check(
            name=account,
            state="fail",
            message=f"the token ({credential.origin}) lacks the right {missing}",
            hint=f"Run `passerelle login {domain}` again.",
            exit_code=4,
        )
    said = f"scopes {scopes}" if scopes else "the server does not tell its scopes"
    return Check(name=account, state="ok", message=f"the token ({credential.origin}) works; {said}")


def _missing(scopes: str) -> str | None:
    granted = scopes.split()
    needs = ("write:statuses", "write:media", "read:statuses")
    return next(
        (need for need in needs if need not in granted and need.partition(":")[0] not in granted), None
    )


# --- together


def _hider(app: App | None) -> Callable[[str], str]:
    """Takes out tokens, the home folder with its user name, and account names."""
    names = {
        account: f"@***@{account.rpartition('@')[2]}" for account in (app.known_accounts() if app else ())
    }
    names |= {str(app.home.path): "HOME"} if app else {}
    names |= {str(Path.home()): "~"} if Path.home() != Path("/") else {}

    def hide(text: str) -> str:
        for secret, cover in names.items():
            text = text.replace(secret, cover)
        return redact(text)

    return hide
