"""The part of `doctor` about a mirror that runs by itself: X's tokens and budget, messages, the pages for
monitoring, the service and its clock."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.checks import Check, failed, guarded
from bridge.errors import BridgeError, ConfigError, NetworkError

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.config.credentials import XToken
    from bridge.operation.ways import Way

_SECONDS = 5.0  # for a program of the system to answer
_UNIT = "passerelle.service"


def running(app: App, *, send: bool) -> Iterator[Check]:
    """`send`: people are sent a test message."""
    yield from _x(app)
    yield from _notify(app, send=send)
    if app.settings.watch.metrics_addr is not None:
        yield guarded("metrics", lambda: _metrics(app))
    yield from _service()


# --- X


def _x(app: App) -> Iterator[Check]:
    from bridge.config.credentials import X_TOKEN, XToken, given_token, load_x_tokens

    try:
        tokens = list(load_x_tokens(app.home.credentials).values())
        if given := given_token(variable=X_TOKEN):
            tokens = [XToken(id="app", token=given[0], origin=given[1])]
    except BridgeError as error:
        yield failed("X", error)
        return
    billed = [name for name, each in app.settings.sources.items() if each.type == "x-api"]
    if billed and not tokens:
        yield Check(
            name="X",
            state="fail",
            message=f"there is no token for {', '.join(billed)}",
            hint="Run `passerelle login x`.",
            exit_code=4,
        )
    for each in tokens:
        yield guarded("X", lambda token=each: _x_token(app, token))  # type: ignore[misc]
    if billed:
        yield guarded("X", lambda: _x_budget(app))


def _x_token(app: App, token: XToken) -> Check:
    """By a question that lacks what it needs: it is refused before anything is read, so it costs nothing."""
    from bridge.app import utcnow
    from bridge.config.x_key import StoredKey

    table, who = app.settings.x_api, f"@{token.handle}" if token.handle else "an app"
    web, credentials = app.fetcher([table.server]), app.home.credentials
    key = StoredKey(credentials, token, server=table.server, web=web, now=utcnow)
    headers = {"Authorization": f"Bearer {key.token()}"}
    status = web.get(f"{table.server.rstrip('/')}/2/tweets", headers=headers).status
    if status == 401 and key.renew():
        headers = {"Authorization": f"Bearer {key.token()}"}
        status = web.get(f"{table.server.rstrip('/')}/2/tweets", headers=headers).status
    named = f"the token of {who} ({token.origin})"
    problem = {
        401: "is not valid any more",
        402: "is valid, but its developer account has no credits left",
        403: "is refused: see the app's plan in X's developer console",
    }.get(status)
    if problem is None and status < 500:
        until = f"; renewed by itself after {_day(token.expires_at)}" if token.refresh_token else ""
        return Check(name="X", state="ok", message=f"{named} works{until}")
    return Check(
        name="X",
        state="warn" if status >= 500 else "fail",
        message=f"{named} {problem or f'cannot be tried: X answered {status}'}",
        hint="Run `passerelle login x` again." if status == 401 else None,
        exit_code=4,
    )


def _day(expires: str) -> str:
    return f"{datetime.fromisoformat(expires):%Y-%m-%d %H:%M} UTC" if expires else "two hours"


def _x_budget(app: App) -> Check:
    from bridge.app import utcnow
    from bridge.engine.purse import DOLLAR, month_of

    now, limit = utcnow(), app.settings.x_api.max_usd_per_month
    spent = app.ledger.spending.spent(month_of(now)) / DOLLAR if app.has_ledger else 0.0
    message = f"${spent:.2f} of ${limit:.2f} spent for {now:%B %Y} (UTC)"
    if spent < limit:
        return Check(name="X", state="ok", message=message)
    return Check(
        name="X",
        state="warn",
        message=message,
        hint="It is not read before next month: x_api.max_usd_per_month.",
    )


# --- messages


def _notify(app: App, *, send: bool) -> Iterator[Check]:
    from bridge.cli.operating import ways_of

    try:
        ways = ways_of(app.settings)
    except ConfigError as error:
        yield failed("notify", error)
        return
    if not ways and (send or app.settings.mirrors):
        yield Check(
            name="notify",
            state="fail" if send else "ok",
            message="nobody is told when a mirror needs a person",
            hint="Name a program or services under [notify].",
            exit_code=2,
        )
    for way in ways:
        yield guarded("notify", lambda way=way: _sent(way) if send else _named(way))  # type: ignore[misc]


def _named(way: Way) -> Check:
    return Check(name="notify", state="ok", message=f"{way.name} is there; --notify sends a test message")


def _sent(way: Way) -> Check:
    from bridge.app import utcnow
    from bridge.operation.messages import Message

    now = utcnow()
    text = "This is what a message of passerelle looks like. Nothing is wrong."
    way.tell(
        Message(
            event="test",
            state="began",
            subject="doctor",
            title="A test message",
            text=text,
            since=now,
            at=now,
        )
    )
    return Check(name="notify", state="ok", message=f"{way.name} has taken a test message")


# --- the service


def _metrics(app: App) -> Check:
    from bridge.operation.address import Address
    from bridge.operation.server import PageServer, ask

    address = Address.parse(app.settings.watch.metrics_addr or "")
    try:
        well, said = ask(address, "/healthz")
    except NetworkError as error:
        if "Another program" in error.message:
            return Check(name="metrics", state="fail", message=error.message, hint="Name another port.")
        PageServer(address, {}).close()
        return Check(name="metrics", state="ok", message=f"{address} is free; no `watch` is running there")
    return Check(
        name="metrics", state="ok" if well else "warn", message=f"our own `watch` at {address}: {said}"
    )


def _service() -> Iterator[Check]:
    """Where systemd runs the machine: our service, and whether the clock is kept right."""
    if not Path("/run/systemd/system").is_dir():
        return
    known = _said("systemctl", "show", _UNIT, "--property=LoadState,ActiveState,SubState")
    facts = dict(line.partition("=")[::2] for line in known.splitlines())
    if facts.get("LoadState") == "loaded":
        failing = facts.get("ActiveState") == "failed"
        yield Check(
            name="systemd",
            state="fail" if failing else "ok",
            message=f"{_UNIT} is {facts.get('ActiveState')} ({facts.get('SubState')})",
            hint=f"See journalctl -u {_UNIT}." if failing else None,
        )
    if _said("timedatectl", "show", "--property=NTPSynchronized", "--value").strip() == "no":
        yield Check(
            name="clock",
            state="warn",
            message="nobody keeps this machine's clock right",
            hint="Run timedatectl set-ntp true: pauses and dates depend on it.",
        )


def _said(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
