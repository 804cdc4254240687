"""`verify`: hold the ledger against the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.options import To, command
from bridge.cli.output import Output
from bridge.cli.stopping import stopping
from bridge.cli.tables import number, safe
from bridge.cli.watching import watching
from bridge.errors import ConfigError

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.verify import Finding, Verified

_WORDS = {
    "missing": "in the ledger, and not on the account any more",
    "duplicate": "on the account a second time",
    "altered": "on the account, but otherwise",
}


def declare(app: typer.Typer) -> None:
    command(app)(verify)


def verify(
    output: Output,
    to: To = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Settle the request whose answer was lost, by looking for it.")
    ] = False,
) -> int:
    """Read the account back: is everything there, once, and as it was sent? (else exit 3)"""
    from bridge.app import open_app

    with open_app(output.home, output.config) as app:
        account, found = _verified(app, output, to, repair=repair)
    data = {
        "account": account,
        "present": found.present,
        "hidden": found.hidden,
        "foreign": found.foreign,
        "settled": found.settled,
        "unknown": found.unknown,
        "missing": _rows(found.of("missing")),
        "duplicate": _rows(found.of("duplicate")),
        "changed": _rows(found.of("altered")),
    }
    output.data(data)
    _show(output, account, found)
    return 3 if found.findings or found.unknown else 0


def _verified(app: App, output: Output, to: str | None, *, repair: bool) -> tuple[str, Verified]:
    from bridge.cli.meeting import clock_of, meet, ports, terms
    from bridge.engine.verify import verify as hold_against

    account = app.account(to)
    if not app.has_ledger:
        raise ConfigError("Nothing was published from here yet.", hint="Is this the right --home?")
    clock = clock_of(output)
    publisher = meet(app, account, clock)
    with stopping(output) as stop, watching(output, doing="reading the account") as watcher:
        found = hold_against(
            ports(app, publisher, clock, watcher=watcher, stop=stop), terms(app, account), repair=repair
        )
    return account.id, found


def _rows(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    return [
        {"id": f.post_id, "part": f.part, "remote_id": f.remote_id, "remote_url": f.url, "detail": f.detail}
        for f in findings
    ]


def _show(output: Output, account: str, found: Verified) -> None:
    output.show(f"{number(found.present)} of our statuses are on {account}, as they were sent.")
    for kind, words in _WORDS.items():
        findings = found.of(kind)
        if findings:
            output.show(f"{number(len(findings))} {words}:")
        for each in findings[:20]:
            detail = f": {safe(each.detail)}" if each.detail else ""
            output.show(f"  {each.post_id} part {each.part}  {each.url or each.remote_id}{detail}")
    if found.hidden:
        output.show(
            f"{number(found.hidden)} are for followers only, and this server shows those to no program."
        )
    if found.settled:
        output.show(f"{number(found.settled)} lost answers were settled.")
    if found.unknown:
        output.show(f"{number(found.unknown)} got no answer yet: `passerelle verify --repair` looks for it.")
    if found.foreign:
        output.say(f"{number(found.foreign)} others on the account are not ours.")
