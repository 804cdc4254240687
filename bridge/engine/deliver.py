"""Deliver what is approved at one account: in order, once, within its windows.

The loop asks the ledger at every turn what comes next, so that it may die after any step. It never sends
while the outcome of an earlier request is not known.
"""

from __future__ import annotations

from bridge.engine.addresses import learn_addresses, settle_withdrawals
from bridge.engine.attempt import address, attempt
from bridge.engine.boosts import prepared
from bridge.engine.recover import recover
from bridge.engine.round import Round, Stop
from bridge.engine.terms import Delivered, Ports, Terms
from bridge.engine.uploads import Attached, upload_ahead
from bridge.engine.width import check_width
from bridge.errors import Unauthorized
from bridge.ledger.rows import Hold
from bridge.publications import Publication, State


def pump(ports: Ports, terms: Terms, hold: Hold | None = None) -> Delivered:
    """Work until nothing is left, or a limit, a signal or the server says stop.

    A `hold` that the caller has is used, and left to the caller; one of its own is given back.
    Raises `Locked` when another run works on the account, and `Wider` when a post came out wider than asked,
    now or in an earlier run.
    """
    if hold is not None:
        return _under(hold, ports, terms)
    queue, account = ports.ledger.queue, ports.publisher.account
    own = queue.hold(account, owner=ports.owner, now=ports.clock.now(), seconds=terms.lease)
    try:
        return _under(own, ports, terms)
    finally:
        queue.release(own)


def _under(hold: Hold, ports: Ports, terms: Terms) -> Delivered:
    run = Round(ports, terms, hold)
    try:
        return _summary(run, _work(run))
    finally:
        run.save()


def _work(run: Round) -> Stop | None:
    """None: nothing is left that could be done without a person."""
    try:
        while _step(run):
            pass
    except Unauthorized as error:
        return Stop("auth", error.message)
    except Stop as stop:
        return stop
    return None


def _step(run: Round) -> bool:
    run.check_signal()
    run.keep()
    row = run.queue.peek(run.account, now=run.now())
    if row is None:  # nothing is due, or something is in flight
        return _finish_what_is_lost(run) or _sleep(run)
    run.check_limits()
    check_width(run, row)
    run.look_ahead()
    if not _window_is_open(run, row):
        return True
    settle_withdrawals(run, row)
    learn_addresses(run, row)
    boost, attached = prepared(run, row)
    if run.budget.wait(run.now(), run.need(row))[1] is None:  # uploads took their time
        _send(run, row, attached, boost)
    return True


def _finish_what_is_lost(run: Round) -> bool:
    lost = run.queue.abandoned(run.hold, now=run.now())
    if lost is not None:
        recover(run, lost)
    return lost is not None


def _send(run: Round, row: Publication, attached: Attached, boost: str | None) -> None:
    addressed = address(run, row, attached.ids, boost=boost)
    claimed = run.queue.claim(run.hold, now=run.now(), budget=run.owing(run.need(row)), asked=addressed)
    if claimed is None:
        return
    run.claimed()
    if claimed.draft == row.draft:
        attempt(run, claimed, addressed, attached)
    else:  # planned anew between two looks at the ledger
        run.put_back(claimed, "The text changed before it was sent.", attempted=False)


def _window_is_open(run: Round, row: Publication) -> bool:
    """Whether a status may go now; otherwise a step of the way there, with uploads for later statuses."""
    run.count_the_day(row)
    until, rule = run.budget.wait(run.now(), run.need(row))
    if rule is None:
        return True
    if not upload_ahead(run, until):
        run.wait(until, rule)
    return False


def _sleep(run: Round) -> bool:
    """Until something is due; False when nothing will be."""
    now = run.now()
    wake = run.queue.next_wake(run.account, now=now)
    if wake is None:
        return False
    if wake > now:
        run.wait(wake, "retry")
    else:
        run.idle()
    return True


def _summary(run: Round, stop: Stop | None) -> Delivered:
    counts = run.queue.counts(run.account)
    remaining = counts[State.APPROVED]
    wake = run.queue.next_wake(run.account, now=run.now())
    return Delivered(
        published=run.published,
        failed=run.failed,
        unknown=run.queue.unknown_count(run.account),
        remaining=remaining,
        next_attempt=None if wake is None else max(wake, stop.at if stop and stop.at else wake),
        stopped=stop.reason if stop else None,
        problem=stop.problem if stop else None,
        deferrals=run.deferrals,
        seconds=(run.now() - run.started).total_seconds(),
    )
