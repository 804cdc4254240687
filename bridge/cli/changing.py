"""`preview --changed`: what has changed about posts that are published already. Asks no server."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.output import Output, Usage
from bridge.cli.preview import Outlet, destination_of, limits_of, posts_of, private_file
from bridge.errors import ConfigError

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.ledger import Ledger
    from bridge.preview.changed import ChangePreview, ChangeSink
    from bridge.preview.differences import ChangePage
    from bridge.statuses import Limits


def show_changes(
    app: App, output: Output, sources: Sequence[str], *, to: str | None, outlet: Outlet, adopted: bool
) -> int:
    """The whole command; 10 with `--exit-code` where something would be edited."""
    if output.json and outlet.jsonl == "-":
        raise Usage("--json and --jsonl - both want standard output.", hint="Name a file for --jsonl.")
    account = app.resolve(to)
    if account is None or not app.has_ledger or app.ledger.queue.destination(account) is None:
        raise ConfigError("Nothing was published from here yet.", hint="Is this the right --home?")
    with posts_of(app, output, sources, account) as (ledger, source):
        limits = limits_of(app, output, account)
        made = _made(app, ledger, source, account=account, limits=limits, outlet=outlet, adopted=adopted)
    if not limits.edits and made.tally.statuses:
        output.warn("CANNOT_EDIT", cannot_edit(account, limits))
    output.data(made.data)
    if outlet.jsonl != "-" and not output.json:
        from bridge.preview.differences import show

        show(made, output.console())
        if made.tally.statuses and limits.edits:
            output.say("Do it with `passerelle publish --update`; it asks before the first edit.")
    return 10 if outlet.exit_code and made.tally.statuses else 0


def cannot_edit(account: str, limits: Limits) -> str:
    return f"{account} is at a server ({limits.software}) that does not let statuses be edited."


def _made(
    app: App,
    ledger: Ledger,
    source: str,
    *,
    account: str,
    limits: Limits,
    outlet: Outlet,
    adopted: bool,
) -> ChangePreview:
    from bridge.app import utcnow
    from bridge.engine.changes import Changes
    from bridge.engine.forecast import budget_of
    from bridge.preview.changed import preview_changes

    wish = app.wish(app.mirror(destination_of(app, account)), limits)
    changes = Changes(ledger, source, wish, account, adopted=adopted)
    with ExitStack() as files:
        page, sinks = _sinks(outlet, files)
        now = utcnow()
        budget = budget_of(ledger.queue, account, limits, wish.pace, now=now)
        made = preview_changes(ledger, changes, budget, now=now, sinks=sinks)
    if page is not None and outlet.html is not None:
        with private_file(outlet.html) as stream:
            stream.write(page.html(made))
    return made


def _sinks(outlet: Outlet, files: ExitStack) -> tuple[ChangePage | None, list[ChangeSink]]:
    from bridge.preview.changed import ChangeLines
    from bridge.preview.differences import ChangePage

    sinks: list[ChangeSink] = []
    page = ChangePage() if outlet.html else None
    if page is not None:
        sinks.append(page)
    if outlet.jsonl == "-":
        sinks.append(ChangeLines(sys.stdout))
    elif outlet.jsonl:
        sinks.append(ChangeLines(files.enter_context(private_file(Path(outlet.jsonl)))))
    return page, sinks
