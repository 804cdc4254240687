"""`status`: where every mirror stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from bridge.cli.options import To, command
from bridge.cli.output import Output
from bridge.cli.pinning import upcoming
from bridge.cli.tables import columns, local, statuses

_AHEAD = 30  # days that are looked ahead

if TYPE_CHECKING:
    from bridge.app import App


def declare(app: typer.Typer) -> None:
    command(app)(status)


def status(output: Output, to: To = None) -> None:
    """Show what is published, waiting, failed and unknown, and when it goes on."""
    from bridge.app import open_app, utcnow

    with open_app(output.home, output.config) as app:
        wanted = app.resolve(to) if to else None
        mirrors = _mirrors(app, utcnow(), wanted) if app.has_ledger else []
        spending = _spending(app, utcnow())
    output.data({"mirrors": mirrors, "spending": spending})
    _show(output, mirrors)
    if spending:
        output.show(
            f"Reading X has cost ${spending['usd']:.2f} of the ${spending['max_usd']:.2f}"
            f" for {utcnow():%B %Y} (UTC)."
        )


def _spending(app: App, now: datetime) -> dict[str, Any] | None:
    """What reading by X's API has cost this month; None where nothing is read so."""
    from bridge.engine.purse import DOLLAR, month_of

    month = month_of(now)
    spent = app.ledger.spending.spent(month) if app.has_ledger else 0
    if not spent and not app.is_billed(list(app.settings.sources)):
        return None
    return {"month": month, "usd": spent / DOLLAR, "max_usd": app.settings.x_api.max_usd_per_month}


def _mirrors(app: App, now: datetime, wanted: str | None) -> list[dict[str, Any]]:
    names = {d.account: n for n, d in app.settings.destinations.items()}
    queue = app.ledger.queue
    accounts = [row.account for row in queue.destinations()]
    coming = list(upcoming(app, now, days=_AHEAD)) if accounts else []
    return [
        _mirror(app, account, names.get(account), now)
        | {"on_this_day": next((each for each in coming if each["account"] == account), None)}
        for account in accounts
        if wanted in (None, account)
    ]


def _mirror(app: App, account: str, destination: str | None, now: datetime) -> dict[str, Any]:
    from bridge.engine.awaited import WAITING
    from bridge.publications import State

    queue, mirror = app.ledger.queue, app.mirror(destination)
    counts, unknown = queue.counts(account), queue.unknown_count(account)
    waiting = counts[State.PENDING] + counts[State.APPROVED] + counts[State.PUBLISHING] - unknown
    awaiting = queue.held_for(account, WAITING) if counts[State.PENDING] else 0
    row = queue.destination(account)
    return {
        "mirror": mirror or destination or account,
        "account": account,
        "published": counts[State.PUBLISHED],
        "waiting": waiting,
        "failed": counts[State.FAILED],
        "unknown": unknown,
        "next_attempt": _next_attempt(app, account, mirror, now),
        "eta": eta(app, account, mirror, now),
        "skipped": counts[State.SKIPPED],
        "withdrawn": counts[State.WITHDRAWN],
        "pending": counts[State.PENDING] - awaiting,
        "awaiting": awaiting,
        "paused": row.paused_reason if row else None,
    }


def _next_attempt(app: App, account: str, mirror: str | None, now: datetime) -> datetime | None:
    """When the ledger has something due, and a window of the server is open for it."""
    from bridge.engine.forecast import budget_of
    from bridge.pacing import LIVE, STATUS, UPLOAD
    from bridge.planning import Lane

    queue = app.ledger.queue
    wake, row = queue.next_wake(account, now=now), queue.destination(account)
    if wake is None or row is None or row.limits is None:
        return wake
    budget = budget_of(queue, account, row.limits, app.pace(mirror), now=now)
    head = queue.peek(account, now=wake)
    uploads = head is not None and any(medium.file for medium in head.draft.media)
    need = LIVE if head is not None and head.sort_key.startswith(Lane.LIVE) else STATUS
    return budget.earliest(budget.earliest(wake, UPLOAD) if uploads else wake, need)


def eta(
    app: App, account: str, mirror: str | None, now: datetime, *, most: int | None = None
) -> datetime | None:
    """When the last waiting status is out (of the first `most`), by the server's windows and the pace."""
    from bridge.engine.forecast import budget_of, forecast
    from bridge.statuses import Limits

    row = app.ledger.queue.destination(account)
    if row is None:
        return None
    limits = row.limits or Limits()
    budget = budget_of(app.ledger.queue, account, limits, app.pace(mirror), now=now)
    schedule = forecast(app.ledger.queue, account, budget, limits, now=now, most=most)
    return schedule.finish if schedule else None


def _show(output: Output, mirrors: list[dict[str, Any]]) -> None:
    if not mirrors:
        output.show("Nothing has been published or planned yet. Start with `passerelle preview ARCHIVE`.")
        return
    head = ("account", "published", "waiting", "failed", "unknown", "next attempt", "done by")
    rows = [
        (m["account"], m["published"], m["waiting"], m["failed"], m["unknown"],
         local(m["next_attempt"]), local(m["eta"]))
        for m in mirrors
    ]  # fmt: skip
    output.show(columns(head, rows))
    for m in mirrors:
        for said in _remarks(m):
            output.say(said)


def _remarks(m: dict[str, Any]) -> Iterator[str]:
    if day := m["on_this_day"]:
        how = "boosted" if day["how"] == "boost" else "published"
        yield f"On this day: post {day['id']} is {how} on {day['date']}; see `passerelle pin --list`."
    if m["paused"]:
        yield f"{m['account']} is stopped: {m['paused']}"
    if m["failed"]:
        yield f"{statuses(m['failed'])} failed: see `passerelle log`, then `retry` or `skip`."
    if m["withdrawn"]:
        yield f"Taken back again, by `passerelle undo` or `watch`: {statuses(m['withdrawn'])}."
    if m["awaiting"]:
        yield f"Waiting, half an hour at most, for what they boost or answer: {statuses(m['awaiting'])}."
    if m["pending"]:
        yield f"Waiting for a decision: {statuses(m['pending'])}; see `passerelle review`."
