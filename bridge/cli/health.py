"""`health`: is a `watch` at work? For container checks and cron: one line, exit code 0 or 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import command
from bridge.cli.output import Output, Usage
from bridge.errors import BridgeError, NetworkError, SchemaOutdated, counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.ledger.rows import DestinationRow
    from bridge.operation.address import Address


class Unhealthy(BridgeError):
    code = "UNHEALTHY"


def declare(app: typer.Typer) -> None:
    command(app)(health)


def health(
    output: Output,
    ready: Annotated[
        bool, typer.Option("--ready", help="Not only alive: at least one mirror is able to work.")
    ] = False,
    metrics_addr: Annotated[
        str | None,
        typer.Option(
            "--metrics-addr",
            metavar="HOST:PORT",
            help="Ask the pages that `watch --metrics-addr` serves there; otherwise `watch.metrics_addr`, and"
            " without that the ledger.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Say whether a `watch` is at work (exit 0 or 1). It reads only, and asks nobody else."""
    by, (well, said) = _found(output, metrics_addr, ready=ready)
    if not well:
        return output.fail(Unhealthy(said))
    output.data({"healthy": True, "by": by, "message": said})
    output.show(said)
    return 0


def _found(output: Output, named: str | None, *, ready: bool) -> tuple[str, tuple[bool, str]]:
    """Who told, and what. For an address that is named no settings are read: a `watch` goes on with those of
    before while wrong ones lie there, and is well."""
    from bridge.app import open_app

    if named is not None:
        return "pages", _by_pages(_address(named), ready=ready)
    with open_app(output.home, output.config) as app:
        if app.settings.watch.metrics_addr:
            return "pages", _by_pages(_address(app.settings.watch.metrics_addr), ready=ready)
        return "ledger", _by_ledger(app, ready=ready)


def _address(named: str) -> Address:
    from bridge.operation.address import Address

    try:
        return Address.parse(named)
    except ValueError as error:
        raise Usage(f"--metrics-addr: {error}.") from None


def _by_pages(address: Address, *, ready: bool) -> tuple[bool, str]:
    from bridge.operation.server import ask

    try:
        return ask(address, "/readyz" if ready else "/healthz")
    except NetworkError as error:
        return False, error.message


def _by_ledger(app: App, *, ready: bool) -> tuple[bool, str]:
    """A process that lives and has renewed its hold in time; one that hangs has not."""
    from bridge.app import utcnow
    from bridge.cli.meeting import lease
    from bridge.ledger import head_version, schema_version

    if not app.has_ledger:
        return False, "There is no ledger yet: `watch` has never run here."
    if schema_version(app.ledger_url) != head_version():  # to open it would upgrade it
        raise SchemaOutdated("The ledger has another schema.", hint="Run `passerelle db current`.")
    wanted = {app.settings.destinations[each.destination].account for each in app.settings.mirrors.values()}
    rows = [row for row in app.ledger.queue.destinations() if row.account in wanted]
    return _judged([_holding(row, utcnow(), lease(app)) for row in rows], ready=ready)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holding:
    """`at_work`: a process has the account, lives, and has said so lately."""

    who: str
    at_work: bool
    silent: bool
    paused: bool


def _holding(row: DestinationRow, now: datetime, lease: float) -> _Holding:
    from bridge.ledger.owner import alive

    if row.holder is None or row.held_until is None:
        return _Holding(who="", at_work=False, silent=False, paused=False)
    late = (row.held_until - now).total_seconds() < lease / 2  # it is renewed when a quarter has passed
    lives = alive(row.holder) is not False
    return _Holding(
        who=str(row.holder),
        at_work=lives and not late,
        silent=lives and late,
        paused=row.paused_reason is not None,
    )


def _judged(found: Sequence[_Holding], *, ready: bool) -> tuple[bool, str]:
    working = [each for each in found if each.at_work]
    if not working:
        silent = next((each.who for each in found if each.silent), None)
        if silent is not None:
            return False, f"{silent} has its accounts, but has not reported for minutes."
        return False, "No process works on any account of the mirrors."
    paused = sum(each.paused for each in working)
    said = f"{working[0].who} has {len(working)} of {counted(len(found), 'account')}"
    if paused:
        said += f"; stopped: {paused}"
    return not ready or paused < len(working), said + "."
