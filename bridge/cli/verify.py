"""`verify`: hold the ledger against the account, and put right what a person wants put right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.adopting import adopt_account
from bridge.cli.options import To, Yes, command
from bridge.cli.output import Output, Usage
from bridge.cli.stopping import stopping
from bridge.cli.tables import number, safe, statuses
from bridge.cli.watching import watching
from bridge.errors import ConfigError, counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.verify import Finding, Verified
    from bridge.ledger.rows import SentAgain

_LEASE = 600.0  # seconds
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
        bool,
        typer.Option(
            "--repair",
            help="Settle the request whose answer was lost, by looking for it, and put what is missing back"
            " in line; asks first.",
        ),
    ] = False,
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt",
            help="Find posts of the archive that another tool has carried to the account, and mark them as"
            " published; asks first.",
        ),
    ] = False,
    yes: Yes = False,
) -> int:
    """Read the account back: is everything there, once, and as it was sent? (else exit 3)"""
    from bridge.app import open_app

    if adopt and repair:
        raise Usage("--adopt and --repair are two different things.", hint="Do one after the other.")
    with open_app(output.home, output.config) as app:
        if adopt:
            return adopt_account(app, output, to=to, yes=yes)
        account, found = _verified(app, output, to, repair=repair)
        _show(output, account, found)
        again = _repaired(app, output, account, found, yes=yes) if repair else None
    output.data({**_document(account, found), "put_back": len(again.remote_ids) if again else 0})
    left = [each for each in found.findings if again is None or each.remote_id not in again.remote_ids]
    return 3 if left or found.unknown else 0


def _document(account: str, found: Verified) -> dict[str, Any]:
    return {
        "account": account,
        "present": found.present,
        "hidden": found.hidden,
        "foreign": found.foreign,
        "settled": found.settled,
        "unknown": found.unknown,
        "missing": _rows(found.of("missing")),
        "duplicate": _rows(found.of("duplicate")),
        "changed": _rows(found.of("altered")),
        "settled_posts": _rows(found.settlements),
    }


def _repaired(app: App, output: Output, account: str, found: Verified, *, yes: bool) -> SentAgain | None:
    """What is missing goes back in line, if a person wants that: it may have been deleted on purpose."""
    from bridge.cli.meeting import clock_of
    from bridge.ledger.owner import this_process

    missing = found.of("missing")
    if not missing:
        return None
    question = (
        f"{statuses(len(missing), 'is', 'are')} missing on {account}, the first of post {missing[0].post_id}."
        " It may have been on purpose. Put it all back in line, so that the next publish sends it again?"
    )
    if not yes and not output.confirm(question):
        return None
    queue, now = app.ledger.queue, clock_of(output).now
    hold = queue.hold(account, owner=this_process(), now=now(), seconds=_LEASE)
    try:
        again = queue.send_again(account, [each.remote_id for each in missing], now=now())
    finally:
        queue.release(hold)
    _tell(output, missing, again)
    return again


def _tell(output: Output, missing: Sequence[Finding], again: SentAgain) -> None:
    output.show(f"{statuses(len(again.remote_ids), 'is', 'are')} back in line for `passerelle publish`.")
    if again.orphans:
        output.warn(
            "THREAD_BROKEN",
            f"Answers that cannot be moved below what is sent anew: {number(again.orphans)}.",
            hint="`passerelle verify` goes on to report that; readers find each on its own.",
        )
    if left := len(missing) - len(again.remote_ids):
        output.warn(
            "PARTS_LEFT",
            f"Not sent again: {counted(left, 'part')} of posts whose other parts stand, by another tool.",
            hint="Ours would repeat some of what stands.",
        )


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
    output.show(f"On {account} as sent: {statuses(found.present)}.")
    for kind, words in _WORDS.items():
        findings = found.of(kind)
        if findings:
            output.show(f"{statuses(len(findings))} {words}:")
        for each in findings[:20]:
            detail = f": {safe(each.detail)}" if each.detail else ""
            output.show(f"  {each.post_id} part {each.part}  {each.url or each.remote_id}{detail}")
    if found.hidden:
        output.show(
            f"{statuses(found.hidden, 'is', 'are')} for followers only, which this server shows no program."
        )
    if found.settled:
        output.show(f"{counted(found.settled, 'lost answer was', 'lost answers were')} settled.")
    if found.unknown:
        output.show(f"{statuses(found.unknown)} got no answer yet: `passerelle verify --repair` looks.")
    if found.foreign:
        output.say(f"Also on the account, and not ours: {statuses(found.foreign)}.")
