"""`log`, `retry` and `skip`: the history of one post, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.options import To, command
from bridge.cli.output import Output, Usage, timestamp
from bridge.cli.tables import safe, statuses
from bridge.errors import BridgeError
from bridge.publications import BOOST, OTHERS, STATUS

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.ledger.rows import Delivery, EventRow

Posts = Annotated[
    list[str] | None,
    typer.Argument(metavar="POST", help="Ids or addresses of posts.", show_default=False),
]


def declare(app: typer.Typer) -> None:
    command(app)(log)
    command(app)(retry)
    command(app)(skip)


def log(
    output: Output,
    post: Annotated[
        str | None,
        typer.Argument(help="Id or address of a post; without one: all that failed.", show_default=False),
    ] = None,
    to: To = None,
) -> None:
    """Show the history of one post, or every failure."""
    from bridge.app import open_app

    with open_app(output.home, output.config) as app:
        if post is None:
            _failures(app, output, to)
        else:
            _history(app, output, post)


def retry(
    output: Output,
    posts: Posts = None,
    to: To = None,
    withdrawn: Annotated[
        bool,
        typer.Option(
            "--withdrawn", help="Also everything that `undo` deleted; a post that is named comes back anyway."
        ),
    ] = False,
) -> None:
    """Put failures, and named posts that `undo` deleted, back in line; without a name all failures."""
    from bridge.app import open_app, utcnow

    with open_app(output.home, output.config) as app:
        named = [find_post(app, post) for post in posts or ()] or None
        queue, count = app.ledger.queue, 0
        for account in _accounts(app, to):
            count += queue.retry(account, now=utcnow(), posts=named)
            if named or withdrawn:
                count += queue.reinstate(account, named, now=utcnow())
    output.data({"retried": count})
    if not count:
        output.show("There is nothing to retry.")
        return
    output.show(f"{statuses(count, 'is', 'are')} back in line.")
    output.say("`passerelle publish` sends what is in line.")


def skip(
    output: Output,
    posts: Posts = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; kept with the post.")] = None,
    to: To = None,
) -> None:
    """Give posts up on purpose, with a reason; no later plan brings them back."""
    from bridge.app import open_app, utcnow

    if not posts:
        raise Usage("Which post?", hint="Pass its id or address.")
    why = reason or output.ask("Why are they given up?", option="--reason TEXT")
    if not why:
        raise Usage("A post is given up for a reason.", hint="Pass --reason TEXT.")
    with open_app(output.home, output.config) as app:
        named = [find_post(app, post) for post in posts]
        accounts = _accounts(app, to)
        count = sum(app.ledger.queue.skip(a, named, reason=why, now=utcnow()) for a in accounts)
    output.data({"skipped": count})
    output.show(f"{statuses(count, 'is', 'are')} given up.")
    if not count:
        output.say("Only what waits or failed can be given up; `passerelle undo POST` takes back the rest.")


def _accounts(app: App, to: str | None) -> list[str]:
    if to is not None:
        resolved = app.resolve(to)
        return [resolved] if resolved else []
    return [row.account for row in app.ledger.queue.destinations()] if app.has_ledger else []


def find_post(app: App, post: str) -> tuple[str, str]:
    """(source, id) of what a person named."""
    found = app.ledger.posts.find(post) if app.has_ledger else None
    if found is None:
        raise BridgeError(
            f"No post {post} has been imported.", hint="`passerelle preview --jsonl -` lists them."
        )
    return found


def _history(app: App, output: Output, post: str) -> None:
    source, post_id = find_post(app, post)
    deliveries = app.ledger.queue.deliveries(source, post_id)
    events = app.ledger.queue.events(source, post_id)
    output.data({
        "id": post_id,
        "source": source,
        "deliveries": [_delivery(row) for row in deliveries],
        "events": [_event(row) for row in events],
    })  # fmt: skip
    if not deliveries:
        output.show(f"{post_id}: imported, not planned for any account yet.")
    for row in deliveries:
        where = f"  {row.remote_url}" if row.remote_url else ""
        why = f"  {safe(row.error or row.reason or '')}" if row.error or row.reason else ""
        output.show(f"{row.destination}  {_which(row)}  {row.state.value}{where}{why}")
        for event in events:
            if event.publication_id == row.id:
                detail = f"  {safe(event.detail)}" if event.detail else ""
                output.show(f"    {timestamp(event.at)}  {event.after:<10}  {event.actor}{detail}")


def _failures(app: App, output: Output, to: str | None) -> None:
    rows: Sequence[Delivery] = [
        row for account in _accounts(app, to) for row in app.ledger.queue.failed(account)
    ]
    output.data({"deliveries": [_delivery(row) for row in rows]})
    if not rows:
        output.show("Nothing failed.")
    for row in rows:
        output.show(f"{row.post_id}  {_which(row)}  {row.destination}  {safe(row.error or '')}")
    if rows:
        output.say("`passerelle retry [POST]` puts it back in line, `passerelle skip POST` gives it up.")


def _which(row: Delivery) -> str:
    """A part of the post, or what comes beside it."""
    if row.part > 0:
        return f"part {row.part}" if row.kind == STATUS else BOOST
    return f"correction {-row.part}" if row.part > OTHERS else f"{BOOST} of {-row.part}"


def _delivery(row: Delivery) -> dict[str, Any]:
    return {
        "part": row.part,
        "state": row.state,
        "remote_id": row.remote_id,
        "remote_url": row.remote_url,
        "attempts": row.attempts,
        "last_error": row.error,
        "created_at": row.created_at,
        "sent_at": row.published_at,
        "id": row.post_id,
        "account": row.destination,
        "reason": row.reason,
        "not_before": row.not_before,
        "unknown_since": row.unknown_since,
        "kind": row.kind,
    }


def _event(row: EventRow) -> dict[str, Any]:
    at: datetime = row.at
    return {
        "part": row.part, "account": row.destination, "at": at, "before": row.before, "after": row.after,
        "actor": row.actor, "run": str(row.run) if row.run is not None else None, "detail": row.detail,
    }  # fmt: skip
