"""Taking back, as the ledger keeps it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.errors import Locked
from bridge.ledger import Ledger
from bridge.ledger.rows import Hold, Placed
from bridge.publications import Publication, State
from tests.ledger.builders import ACCOUNT, SOURCE, T0, hold, plan, post, publish, receipt, record, thread
from tests.ledger.test_adoptions import adopt, adoption


def sent(ledger: Ledger, ours: Hold, *, run: int | None = None) -> Publication:
    row = ledger.queue.claim(ours, now=T0)
    assert row is not None
    assert ledger.queue.settle(row, State.PUBLISHED, now=T0, receipt=receipt(row.post_id), run=run)
    standing = ledger.queue.still_published(row.id)
    assert standing is not None
    return standing


def placed(ledger: Ledger, post_id: str) -> Placed:
    return next(row for row in ledger.queue.placed(ACCOUNT) if row.post_id == post_id)


def test_an_intent_lasts_until_something_is_written_after_it(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    ours = hold(ledger)
    row = sent(ledger, ours)
    assert not ledger.queue.withdrawal_begun(row)
    ledger.queue.begin_withdrawal(ours, row, now=T0)
    assert ledger.queue.withdrawal_begun(row)
    assert placed(ledger, "1").state is State.PUBLISHED
    ledger.queue.leave_standing(ours, row, "the server refused it", now=T0)
    assert not ledger.queue.withdrawal_begun(row)
    assert placed(ledger, "1").state is State.PUBLISHED


def test_it_is_withdrawn_once_and_keeps_its_receipt(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    ours = hold(ledger)
    row = sent(ledger, ours)
    assert ledger.queue.withdraw(ours, row, now=T0)
    assert not ledger.queue.withdraw(ours, row, now=T0)
    assert (placed(ledger, "1").state, placed(ledger, "1").remote_id) == (State.WITHDRAWN, "1")
    assert ledger.queue.still_published(row.id) is None
    assert ledger.queue.known_remote_ids(ACCOUNT, ["1"]) == {"1"}


def test_nothing_is_written_without_the_hold(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    ours = hold(ledger)
    row = sent(ledger, ours)
    ledger.queue.release(ours)
    for write in (ledger.queue.begin_withdrawal, ledger.queue.withdraw):
        with pytest.raises(Locked):
            write(ours, row, now=T0)
    with pytest.raises(Locked):
        ledger.queue.leave_standing(ours, row, "no", now=T0)
    assert placed(ledger, "1").state is State.PUBLISHED


def test_a_run_is_known_by_what_it_settled(ledger: Ledger) -> None:
    plan(ledger, publish("1"), publish("2"))
    first = ledger.runs.start("publish", version="0", config_digest=None, now=T0)
    second = ledger.runs.start("publish", version="0", config_digest=None, now=T0)
    ours = hold(ledger)
    one, two = sent(ledger, ours, run=first), sent(ledger, ours, run=second)
    assert ledger.queue.published_by(ACCOUNT, first) == {one.id}
    assert ledger.queue.published_by(ACCOUNT, second) == {two.id}
    assert ledger.queue.published_by("@other@example.social", first) == set()
    assert ledger.runs.get(first) is not None
    assert ledger.runs.get(second + 1) is None


def test_what_comes_back_has_a_new_key_and_waits_for_a_plan(ledger: Ledger) -> None:
    plan(ledger, *thread("1", "2"))
    ours = hold(ledger)
    one = sent(ledger, ours)
    two = sent(ledger, ours)
    ledger.queue.save_proposed(ACCOUNT, SOURCE, "a stamp")
    for row in (two, one):
        ledger.queue.withdraw(ours, row, now=T0)
    assert ledger.queue.proposed(ACCOUNT, SOURCE) is None
    assert ledger.queue.reinstate(ACCOUNT, [(SOURCE, "1")], now=T0) == 1
    assert ledger.queue.reinstate(ACCOUNT, [(SOURCE, "1")], now=T0) == 0
    assert placed(ledger, "1").state is State.SKIPPED
    plan(ledger, publish("1"))
    again = ledger.queue.claim(ours, now=T0)
    assert again is not None
    assert (again.post_id, again.attempts) == ("1", 1)
    assert again.idempotency_key != one.idempotency_key
    detail = ledger.queue.events(SOURCE, "1")[-4].detail
    assert detail == "to be published anew; it was 1"


def test_what_another_tool_published_is_told_until_we_publish_it_ourselves(ledger: Ledger) -> None:
    record(ledger, post("1"))
    adopt(ledger, adoption("1", "8"))
    assert placed(ledger, "1").adopted
    ours = hold(ledger)
    row = ledger.queue.still_published(placed(ledger, "1").id)
    assert row is not None
    ledger.queue.withdraw(ours, row, now=T0)
    ledger.queue.reinstate(ACCOUNT, now=T0)
    plan(ledger, publish("1"))
    later = T0 + timedelta(minutes=1)
    again = ledger.queue.claim(ours, now=later)
    assert again is not None
    ledger.queue.settle(again, State.PUBLISHED, now=later, receipt=receipt("9"))
    assert not placed(ledger, "1").adopted
