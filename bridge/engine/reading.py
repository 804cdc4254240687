"""Reading an account back, page by page, within its windows, and waiting where the server wants that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.engine.round import Round, Stop
from bridge.engine.terms import Ports, Terms
from bridge.errors import Deferred, NetworkError, Unknown
from bridge.pacing import LOOK, Need
from bridge.publishers.base import Receipt

_GET = Need(statuses=0, calls=1)


@contextmanager
def reading(ports: Ports, terms: Terms) -> Iterator[Round]:
    """Hold the account while it is read. Raises `Locked`; `NetworkError` when it is not read to the end."""
    queue, account = ports.ledger.queue, ports.publisher.account
    hold = queue.hold(account, owner=ports.owner, now=ports.clock.now(), seconds=terms.lease)
    try:
        run = Round(ports, terms, hold)
        try:
            yield run
        except Stop as stop:
            raise NetworkError(stop.problem or "Interrupted; nothing was changed.") from stop
        finally:
            run.save()
    finally:
        queue.release(hold)


def statuses_of(run: Round) -> Iterator[Receipt]:
    """All statuses of the account, newest first."""
    max_id: str | None = None
    while page := _page(run, max_id):
        yield from page
        max_id = page[-1].remote_id


def status(run: Round, remote_id: str) -> Receipt | None:
    """One of them. Some servers list only the newest statuses; ask for this one."""
    while True:
        run.wait_for_room(_GET)
        try:
            receipt = run.ports.publisher.get(remote_id)
        except (NetworkError, Deferred, Unknown) as error:
            run.wait(run.pause_for(error), error.message)
            continue
        run.spend(_GET)
        run.answered()
        return receipt


def _page(run: Round, max_id: str | None) -> list[Receipt]:
    while True:
        run.wait_for_room(LOOK)
        try:
            page = list(run.ports.publisher.own(max_id=max_id))
        except (NetworkError, Deferred, Unknown) as error:
            run.wait(run.pause_for(error), error.message)
            continue
        run.spend(LOOK)
        run.answered()
        return page
