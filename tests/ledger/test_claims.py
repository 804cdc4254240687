"""One publication at a time, in order, and only for whoever holds the account."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.errors import IllegalTransition, LedgerError, Locked
from bridge.ledger import Ledger, claims
from bridge.ledger.owner import this_process
from bridge.ledger.rows import Hold
from bridge.ledger.tables import publications
from bridge.publications import Publication, State
from bridge.statuses import StatusRef
from tests.ledger.builders import ACCOUNT, SOURCE, T0, dead, hold, plan, publish, receipt, thread

SOON = T0 + timedelta(minutes=1)


def claim(ledger: Ledger, held: Hold) -> Publication:
    row = ledger.queue.claim(held, now=T0)
    assert row is not None
    return row


def settle(ledger: Ledger, row: Publication, state: State = State.PUBLISHED, **more: Any) -> bool:
    if state is State.PUBLISHED:
        more.setdefault("receipt", receipt(f"r{row.post_id}.{row.draft.part}"))
    return ledger.queue.settle(row, state, now=more.pop("now", T0), **more)


def next_id(ledger: Ledger, held: Hold) -> str | None:
    row = ledger.queue.claim(held, now=T0)
    return row.post_id if row else None


def test_a_claim_commits_the_intent(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    held = hold(ledger)
    peeked = ledger.queue.peek(ACCOUNT, now=T0)
    row = claim(ledger, held)
    assert peeked is not None
    assert (peeked.state, peeked.id, peeked.attempts) == (State.APPROVED, row.id, 0)
    assert (row.state, row.lease, row.attempts, row.attempted_at) == (State.PUBLISHING, held.token, 1, T0)
    assert (row.source, row.post_id, row.draft) == (SOURCE, "1", publish("1").draft)
    assert ledger.queue.peek(ACCOUNT, now=T0) is None
    assert ledger.queue.claim(held, now=T0) is None, "one in flight at a time"
    assert settle(ledger, row)
    assert ledger.queue.remote(ACCOUNT, SOURCE, "1") == ("r1.1", "https://example.social/@me/r1.1")


def test_order_is_that_of_the_sort_key_byte_by_byte(ledger: Ledger) -> None:
    keys = ["B", "a", "_", "0", "z1", "z"]
    plan(ledger, *(publish(str(n), sort_key=key) for n, key in enumerate(keys, 1)))
    held, claimed = hold(ledger), []
    while (row := ledger.queue.claim(held, now=T0)) is not None:
        claimed.append(row.sort_key)
        settle(ledger, row)
    assert claimed == sorted(keys)


def test_what_must_wait_makes_later_posts_wait(ledger: Ledger) -> None:
    plan(ledger, publish("1"), publish("2"))
    held = hold(ledger)
    settle(ledger, claim(ledger, held), State.APPROVED, not_before=SOON, error="429")
    assert ledger.queue.claim(held, now=T0) is None
    assert ledger.queue.next_wake(ACCOUNT, now=T0) == SOON
    row = ledger.queue.claim(held, now=SOON)
    assert row is not None
    assert (row.post_id, row.attempts) == ("1", 2)


def test_a_failure_holds_back_its_own_thread_only(ledger: Ledger) -> None:
    plan(ledger, *thread("1", "2", "3"), publish("4"))
    held = hold(ledger)
    settle(ledger, claim(ledger, held), State.FAILED, error="422")
    row = claim(ledger, held)
    assert row.post_id == "4"
    settle(ledger, row)
    assert ledger.queue.claim(held, now=T0) is None
    assert ledger.queue.next_wake(ACCOUNT, now=T0) is None
    assert ledger.queue.retry(ACCOUNT, now=T0) == 1
    assert next_id(ledger, held) == "1"


def test_answers_to_what_was_put_aside_go_to_the_nearest_ancestor(ledger: Ledger) -> None:
    plan(ledger, *thread("1", "2", "3"))
    held = hold(ledger)
    settle(ledger, claim(ledger, held))
    ledger.queue.skip(ACCOUNT, [(SOURCE, "2")], reason="too dull", now=T0)
    row = claim(ledger, held)
    assert (row.post_id, ledger.queue.reply_target(row)) == ("3", "r1.1")


def test_a_reply_that_stands_alone_has_no_target(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    assert ledger.queue.reply_target(claim(ledger, hold(ledger))) is None


@pytest.mark.parametrize("state", [State.PENDING, State.SKIPPED, State.WITHDRAWN, State.PUBLISHING])
def test_only_three_outcomes(ledger: Ledger, state: State) -> None:
    plan(ledger, publish("1"))
    with pytest.raises(IllegalTransition):
        settle(ledger, claim(ledger, hold(ledger)), state)


def test_published_needs_a_receipt(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    with pytest.raises(IllegalTransition):
        settle(ledger, claim(ledger, hold(ledger)), State.PUBLISHED, receipt=None)


def test_a_status_belongs_to_one_post(ledger: Ledger) -> None:
    plan(ledger, publish("1"), publish("2"))
    held = hold(ledger)
    settle(ledger, claim(ledger, held), receipt=receipt("same"))
    second = claim(ledger, held)
    with pytest.raises(LedgerError, match="gave post 2 the status same of another post"):
        settle(ledger, second, receipt=receipt("same"))
    assert ledger.queue.counts(ACCOUNT)[State.PUBLISHING] == 1


def test_no_answer_is_looked_for_when_it_is_time(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    held = hold(ledger)
    row = claim(ledger, held)
    assert ledger.queue.abandoned(held, now=T0) is None, "it is ours, and under way"
    assert ledger.queue.unknown_count(ACCOUNT) == 0
    assert ledger.queue.mark_unknown(row, now=T0, look_again_at=SOON)
    assert ledger.queue.unknown_count(ACCOUNT) == 1
    assert ledger.queue.next_wake(ACCOUNT, now=T0) == SOON
    assert ledger.queue.abandoned(held, now=T0) is None
    again = ledger.queue.abandoned(held, now=SOON)
    assert again is not None
    assert again.unknown_since == T0
    ledger.queue.mark_unknown(again, now=SOON, look_again_at=SOON + timedelta(seconds=5))
    late = ledger.queue.abandoned(held, now=SOON + timedelta(seconds=5))
    assert late is not None
    assert late.unknown_since == T0, "since the first time"
    resent = ledger.queue.reclaim(late, now=SOON)
    assert resent is not None
    assert (resent.attempts, resent.attempted_at, resent.unknown_since) == (2, SOON, None)
    assert ledger.queue.abandoned(held, now=SOON) is None, "under way again"
    assert settle(ledger, resent)


def test_what_a_dead_process_left_is_handed_out_until_it_is_settled(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    left = claim(ledger, hold(ledger, owner=dead()))
    held = hold(ledger)
    assert ledger.queue.unknown_count(ACCOUNT) == 1
    first, second = ledger.queue.abandoned(held, now=T0), ledger.queue.abandoned(held, now=T0)
    assert first is not None
    assert second is not None
    assert first.id == second.id == left.id
    assert first.lease == held.token != left.lease
    assert not settle(ledger, left), "its own lease is worth nothing any more"
    assert not ledger.queue.mark_unknown(left, now=T0, look_again_at=T0)
    assert ledger.queue.reclaim(left, now=T0) is None
    assert settle(ledger, first)


def test_without_the_hold_nothing_is_claimed(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    lost = hold(ledger, owner=dead())
    hold(ledger)
    for attempt in (ledger.queue.claim, ledger.queue.renew):
        with pytest.raises(Locked, match="taken over"):
            attempt(lost, now=T0)
    assert ledger.queue.counts(ACCOUNT)[State.APPROVED] == 1


def test_a_new_key_where_the_server_burns_them(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    held = hold(ledger)
    keys = set()
    for rotate in (False, True, True):
        row = claim(ledger, held)
        keys.add(row.idempotency_key)
        settle(ledger, row, State.APPROVED, rotate_key=rotate)
    keys.add(claim(ledger, held).idempotency_key)
    assert len(keys) == 3


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "published"},
        {"state": "publishing"},
        {"state": "lost"},
        {"remote_id": "r"},
        {"lease": "l"},
        {"draft_digest": "another text"},
    ],
)
def test_what_must_never_happen_the_database_refuses(ledger: Ledger, broken: dict[str, str]) -> None:
    plan(ledger, publish("1"))
    with pytest.raises(LedgerError), ledger._database.write() as connection:
        connection.execute(sa.update(publications).values(**broken))


@pytest.mark.parametrize("locked", [True, False])
def test_the_lock_of_the_account_keeps_two_from_reading_the_same(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    """Two threads that share a hold, as a bug might have it. Without the row lock both see the same row free;
    then a constraint stops the second, so that a mistake is an error and not a duplicate."""
    if ledger._database.is_sqlite and not locked:
        pytest.skip("SQLite has one writer at a time, with or without")
    plan(ledger, publish("1"), publish("2"))
    held, both = hold(ledger, owner=this_process()), threading.Barrier(2)
    read = claims._next

    def read_together(*arguments: Any) -> Any:
        row = read(*arguments)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return row

    monkeypatch.setattr(claims, "_next", read_together)
    if not locked:
        monkeypatch.setattr(claims, "extend", lambda *_arguments, **_times: None)
    outcomes: list[object] = []

    def work() -> None:
        try:
            outcomes.append(ledger.queue.claim(held, now=T0))
        except LedgerError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(isinstance(outcome, Publication) for outcome in outcomes) == 1
    assert any(isinstance(outcome, LedgerError) for outcome in outcomes) is not locked


def test_a_thread_of_parts_goes_part_by_part(ledger: Ledger) -> None:
    plan(
        ledger,
        publish("1"),
        publish("1", 2, reply_to=StatusRef(post_id="1")),
        publish("1", 3, reply_to=StatusRef(post_id="1", part=2)),
    )
    held, parts = hold(ledger), []
    while (row := ledger.queue.claim(held, now=T0)) is not None:
        parts.append((row.draft.part, ledger.queue.reply_target(row)))
        settle(ledger, row)
    assert parts == [(1, None), (2, "r1.1"), (3, "r1.2")]
