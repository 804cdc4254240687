"""An account at its server, ready to be worked with: what `publish` and `verify` share."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from bridge.errors import ConfigError, Unauthorized

if TYPE_CHECKING:
    from bridge.app import Account, App
    from bridge.cli.output import Output
    from bridge.engine.clock import Clock
    from bridge.engine.files import FittedFiles
    from bridge.engine.terms import Ports, Terms, Watcher
    from bridge.ledger.rows import DestinationRow
    from bridge.publishers.base import Identity, Publisher
    from bridge.publishers.mastodon import MastodonPublisher


def meet(app: App, account: Account, clock: Clock) -> MastodonPublisher:
    """The server and the account as they are today, noted in the ledger. Unauthorized: it may not post."""
    from bridge.engine.width import came_out

    queue, limits = app.ledger.queue, app.detect(account.credential)
    publisher = app.publisher(account, limits, clock.now)
    identity = publisher.identity()
    _check_owner(account, identity, queue.destination(account.id))
    queue.open_destination(account.id, now=clock.now(), remote_account_id=identity.id)
    queue.save_limits(account.id, limits)
    problem = None
    if identity.suspended:
        problem = f"{account.id} is suspended by its server."
    elif identity.moved_to:
        problem = f"{account.id} has moved to {identity.moved_to} and cannot post."
    if problem or came_out(queue.paused(account.id)) is None:
        queue.pause(account.id, problem)
    if problem:
        raise Unauthorized(problem, hint="Log in to an account that can.")
    return publisher


def _check_owner(account: Account, identity: Identity, row: DestinationRow | None) -> None:
    """The ledger counts by account: under another one, or another spelling, all would be posted twice."""
    if identity.account != account.id:
        raise ConfigError(
            f"The token belongs to {identity.account}, not to {account.id}.",
            hint=f"Use --to {identity.account}, or log in as {account.id}.",
        )
    if row is not None and row.remote_account_id not in (None, identity.id):
        raise ConfigError(
            f"{account.id} is not the account it was: its server now knows it as number {identity.id},"
            f" and what the ledger holds went to number {row.remote_account_id}.",
            hint="A server that was set up anew needs a ledger of its own: use another --home.",
        )


def clock_of(output: Output) -> Clock:
    from bridge.engine.clock import SystemClock

    return output.clock or SystemClock()


def ports(
    app: App,
    publisher: Publisher,
    clock: Clock,
    *,
    watcher: Watcher,
    stop: Callable[[], bool],
    run: int | None = None,
    files: FittedFiles | None = None,
) -> Ports:
    """`files`: where the caller keeps them open; None: they are closed with the app."""
    from bridge.engine.terms import Ports
    from bridge.ledger.owner import this_process

    return Ports(
        ledger=app.ledger,
        publisher=publisher,
        media=app.files(publisher.limits()) if files is None else files,
        clock=clock,
        owner=this_process(),
        chance=random.random,
        watcher=watcher,
        stop=stop,
        run=run,
    )


def lease(app: App) -> float:
    """Seconds for which an account is held: longer than a request, and the server's time after we gave up."""
    return max(600.0, 4.0 * app.settings.publish.timeout)


def terms(app: App, account: Account) -> Terms:
    from bridge.engine.terms import Terms

    asked = app.settings.publish
    return Terms(
        pace=app.pace(account.mirror),
        grace=asked.grace,
        timeout=asked.timeout,
        lease=lease(app),
        patience=asked.patience,
        too_big=app.settings.media.too_big,
    )
