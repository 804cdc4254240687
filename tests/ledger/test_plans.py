"""A plan becomes rows: what is new, what is written anew, what is left alone, and the trail of it all."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bridge.errors import LedgerError
from bridge.ledger import Ledger
from bridge.ledger.rows import Applied
from bridge.planning import BY_RULE, Drop, Keep, Known
from bridge.publications import TRANSITIONS, State
from bridge.statuses import StatusRef, draft_digest
from tests.ledger.builders import ACCOUNT, OTHER, SOURCE, T0, hold, plan, publish, receipt, record, thread


def states(ledger: Ledger, post_id: str) -> list[State]:
    return [delivery.state for delivery in ledger.queue.deliveries(SOURCE, post_id)]


def trail(ledger: Ledger, post_id: str) -> list[str | None]:
    events = ledger.queue.events(SOURCE, post_id)
    for earlier, later in pairwise(events):
        assert later.before == earlier.after
        assert State(later.after) in TRANSITIONS[State(earlier.after)]
    return [event.after for event in events]


def send(ledger: Ledger, state: State) -> None:
    held = hold(ledger)
    row = ledger.queue.claim(held, now=T0)
    assert row is not None
    if state is not State.PUBLISHING:
        ledger.queue.settle(row, state, now=T0, receipt=receipt("r") if state is State.PUBLISHED else None)
    ledger.queue.release(held)


def test_a_plan_applied_twice_is_a_plan_applied_once(ledger: Ledger) -> None:
    actions = [*thread("1", "2", "3"), publish("4", approve=False, reason="hold: look at it")]
    assert plan(ledger, *actions) == Applied(added=4)
    before = [ledger.queue.events(SOURCE, str(n)) for n in range(1, 5)]
    plan(ledger, *actions)
    assert [ledger.queue.events(SOURCE, str(n)) for n in range(1, 5)] == before
    assert ledger.queue.counts(ACCOUNT) == {**dict.fromkeys(State, 0), State.APPROVED: 3, State.PENDING: 1}


def test_more_than_a_batch_keeps_its_threads(ledger: Ledger) -> None:
    ids = [str(n) for n in range(1, 2503)]
    assert plan(ledger, *thread(*ids)) == Applied(added=2502)
    send(ledger, State.PUBLISHED)
    row = ledger.queue.peek(ACCOUNT, now=T0)
    assert row is not None
    assert (row.post_id, ledger.queue.reply_target(row)) == ("2", "r")
    assert len(ledger.queue.known(ACCOUNT, SOURCE, ids)) == 2502


def test_what_is_known(ledger: Ledger) -> None:
    wanted = publish("1"), publish("1", 2, reply_to=StatusRef(post_id="1"))
    held = publish("2", approve=False, reason="hold: x")
    plan(ledger, *wanted, held)
    assert ledger.queue.known(ACCOUNT, SOURCE, ["1", "2", "3"]) == {
        "1": [
            Known(
                part=a.draft.part,
                state=State.APPROVED,
                draft_digest=draft_digest(a.draft),
                sort_key=a.sort_key,
            )
            for a in wanted
        ],
        "2": [
            Known(
                part=1,
                state=State.PENDING,
                draft_digest=draft_digest(held.draft),
                sort_key=held.sort_key,
                reason="hold: x",
            )
        ],
    }
    assert ledger.queue.known(OTHER, SOURCE, ["1"]) == {}


def test_another_text_is_approved_anew_with_another_key(ledger: Ledger) -> None:
    plan(ledger, publish("1", text="old"))
    old = ledger.queue.peek(ACCOUNT, now=T0)
    assert plan(ledger, publish("1", text="new", sort_key="9")) == Applied(updated=1)
    new = ledger.queue.peek(ACCOUNT, now=T0)
    assert old is not None
    assert new is not None
    assert (new.id, new.draft.text, new.sort_key) == (old.id, "new", "9")
    assert new.idempotency_key != old.idempotency_key
    assert trail(ledger, "1") == ["approved", "pending", "approved"]


def test_another_place_in_the_queue_keeps_the_approval(ledger: Ledger) -> None:
    plan(ledger, publish("1", sort_key="5"))
    assert plan(ledger, publish("1", sort_key="4", approve=False)) == Applied(updated=1)
    row = ledger.queue.peek(ACCOUNT, now=T0)
    assert row is not None
    assert row.sort_key == "4"
    assert trail(ledger, "1") == ["approved"]


def test_another_text_for_a_person_to_see_is_not_sent_before(ledger: Ledger) -> None:
    plan(ledger, publish("1", text="old"))
    plan(ledger, publish("1", text="new", approve=False))
    assert states(ledger, "1") == [State.PENDING]
    assert ledger.queue.peek(ACCOUNT, now=T0) is None
    assert ledger.queue.approve(ACCOUNT, [(SOURCE, "1")], now=T0) == 1
    assert trail(ledger, "1") == ["approved", "pending", "approved"]
    plan(ledger, publish("1", text="new", approve=False))
    assert states(ledger, "1") == [State.APPROVED], "an approval holds for its text"


def test_what_a_rule_put_aside_comes_back_with_the_rule(ledger: Ledger) -> None:
    parts = publish("1"), publish("1", 2, reply_to=StatusRef(post_id="1"))
    plan(ledger, *parts)
    assert plan(ledger, Drop(post_id="1", reason=BY_RULE + "date")) == Applied(dropped=2)
    assert states(ledger, "1") == [State.SKIPPED, State.SKIPPED]
    assert plan(ledger, Drop(post_id="1", reason=BY_RULE + "date")) == Applied(kept=2)
    assert plan(ledger, *parts) == Applied(updated=2)
    assert states(ledger, "1") == [State.APPROVED, State.APPROVED]


def test_one_part_is_dropped(ledger: Ledger) -> None:
    plan(ledger, publish("1"), publish("1", 2, reply_to=StatusRef(post_id="1")))
    plan(ledger, Keep(post_id="1", part=1), Drop(post_id="1", part=2, reason=BY_RULE + "parts"))
    assert states(ledger, "1") == [State.APPROVED, State.SKIPPED]


def test_what_a_person_put_aside_stays_aside(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    assert ledger.queue.skip(ACCOUNT, [(SOURCE, "1")], reason="rule: mine", now=T0) == 1
    assert plan(ledger, publish("1", text="new")) == Applied(kept=1)
    assert states(ledger, "1") == [State.SKIPPED]


@pytest.mark.parametrize("state", [State.PUBLISHING, State.PUBLISHED, State.FAILED])
def test_what_has_left_is_left_alone(ledger: Ledger, state: State) -> None:
    plan(ledger, publish("1", text="old"))
    send(ledger, state)
    assert plan(ledger, publish("1", text="new"), Drop(post_id="1", reason="rule: x")) == Applied(kept=2)
    assert states(ledger, "1") == [state]
    assert trail(ledger, "1")[-1] == state


def test_an_answer_comes_after_what_it_answers(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="answer part 1 of 1, which is not planned before it"):
        plan(ledger, *reversed(thread("1", "2")))
    assert ledger.queue.counts(ACCOUNT)[State.APPROVED] == 0


def test_a_plan_is_about_posts_and_accounts_that_there_are(ledger: Ledger) -> None:
    record(ledger)
    with pytest.raises(LedgerError, match="does not know the account"):
        ledger.queue.apply([publish("1")], destination=ACCOUNT, source=SOURCE, now=T0)
    ledger.queue.open_destination(ACCOUNT, now=T0)
    with pytest.raises(LedgerError, match="names the post 1, which is not in the ledger"):
        ledger.queue.apply([publish("1")], destination=ACCOUNT, source=SOURCE, now=T0)


def test_the_same_post_goes_to_two_accounts(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    plan(ledger, publish("1"), destination=OTHER)
    assert [d.destination for d in ledger.queue.deliveries(SOURCE, "1")] == sorted([ACCOUNT, OTHER])
