"""Counts of all accounts at once: the same as those of each by itself."""

from __future__ import annotations

from datetime import timedelta

from bridge.ledger import Ledger
from bridge.planning import Lane
from bridge.publications import State
from tests.ledger.builders import ACCOUNT, OTHER, T0, hold, plan, publish, receipt

_LATER = timedelta(minutes=10)


def send(ledger: Ledger, *outcomes: State, seconds: float = 1) -> None:
    """The next statuses in line, one after the other."""
    mine, now = hold(ledger), T0
    for number, outcome in enumerate(outcomes):
        now += timedelta(seconds=seconds)
        row = ledger.queue.claim(mine, now=now)
        assert row is not None
        if outcome is State.PUBLISHED:
            got = receipt(f"{row.post_id}-{number}", now)
            ledger.queue.settle(row, State.PUBLISHED, now=now, receipt=got)
        else:
            ledger.queue.settle(row, outcome, now=now, error="No.")
    ledger.queue.release(mine)


def test_counts_by_account_and_state(ledger: Ledger) -> None:
    plan(ledger, *(publish(str(n)) for n in range(1, 5)))
    plan(ledger, publish("1"), destination=OTHER)
    send(ledger, State.PUBLISHED, State.PUBLISHED, State.FAILED)
    found = ledger.figures.counts()
    assert found == {
        ACCOUNT: {State.PUBLISHED: 2, State.FAILED: 1, State.APPROVED: 1},
        OTHER: {State.APPROVED: 1},
    }
    for account, counts in found.items():
        assert {k: v for k, v in ledger.queue.counts(account).items() if v} == counts


def test_what_nobody_knows_the_outcome_of(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    mine = hold(ledger)
    assert ledger.queue.claim(mine, now=T0) is not None
    assert ledger.figures.unknown() == {}
    ledger.queue.release(mine)
    assert ledger.figures.unknown() == {ACCOUNT: ledger.queue.unknown_count(ACCOUNT)} == {ACCOUNT: 1}


def test_how_far_behind_the_newest_live_post_was(ledger: Ledger) -> None:
    assert ledger.figures.behind() == {}
    plan(ledger, publish("1"), publish("2"))
    send(ledger, State.PUBLISHED)
    assert ledger.figures.behind() == {}  # of a back catalogue nobody waits
    plan(ledger, *(publish(str(n), sort_key=f"{Lane.LIVE}{n:0>20}001") for n in (7, 8, 9)))
    send(ledger, State.PUBLISHED, State.PUBLISHED, seconds=4)
    assert ledger.figures.behind() == {ACCOUNT: timedelta(seconds=8)}


def test_what_was_published_in_a_week(ledger: Ledger) -> None:
    plan(ledger, *(publish(str(n)) for n in range(1, 4)))
    send(ledger, State.PUBLISHED, State.PUBLISHED, State.PUBLISHED, seconds=60)
    count = ledger.figures.published
    assert count(T0, T0 + _LATER) == {ACCOUNT: 3}
    assert count(T0 + timedelta(seconds=120), T0 + timedelta(seconds=180)) == {ACCOUNT: 1}
    assert count(T0 + _LATER, T0 + 2 * _LATER) == {}


def test_failures_since_something_got_through(ledger: Ledger) -> None:
    plan(ledger, *(publish(str(n)) for n in range(1, 7)))
    send(ledger, State.FAILED)
    assert ledger.figures.failed_in_a_row(ACCOUNT) == 1
    send(ledger, State.PUBLISHED)
    assert ledger.figures.failed_in_a_row(ACCOUNT) == 0
    plan(ledger, *(publish(str(n)) for n in range(7, 10)))
    send(ledger, State.PUBLISHED, State.FAILED, State.FAILED)
    assert ledger.figures.failed_in_a_row(ACCOUNT) == 2
    assert ledger.figures.failed_in_a_row(OTHER) == 0
