"""Statuses that are missing on the account, and go back in line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.errors import LedgerError
from bridge.ledger import Ledger
from bridge.publications import State
from tests.ledger.builders import ACCOUNT, OTHER, SOURCE, T0, hold, plan, publish, receipt, thread

LATER = T0 + timedelta(days=1)


def published(ledger: Ledger, *post_ids: str) -> None:
    plan(ledger, *thread(*post_ids))
    held = hold(ledger)
    for post_id in post_ids:
        row = ledger.queue.claim(held, now=T0)
        assert row is not None
        ledger.queue.settle(row, State.PUBLISHED, now=T0, receipt=receipt(f"r{post_id}"))
    ledger.queue.release(held)


def test_a_missing_status_is_sent_again_with_another_key(ledger: Ledger) -> None:
    published(ledger, "1", "2")
    [before] = [row for row in ledger.queue.published(ACCOUNT) if row.post_id == "1"]
    ledger.queue.save_proposed(ACCOUNT, SOURCE, "stamp")
    again = ledger.queue.send_again(ACCOUNT, ["r1", "r9"], now=LATER)
    assert (again.remote_ids, again.orphans) == ({"r1"}, 1)
    assert ledger.queue.proposed(ACCOUNT, SOURCE) is None
    held = hold(ledger, now=LATER)
    row = ledger.queue.claim(held, now=LATER)
    assert row is not None
    assert (row.post_id, row.draft, row.attempts, row.published_at) == ("1", before.draft, 1, None)
    assert row.idempotency_key != before.idempotency_key
    assert ledger.queue.settle(row, State.PUBLISHED, now=LATER, receipt=receipt("r3"))
    event = [each for each in ledger.queue.events(SOURCE, "1") if each.before == "published"]
    assert [(each.after, each.actor, each.at) for each in event] == [("approved", "user", LATER)]
    assert event[0].detail == "missing: status r1 is not on the account any more"


def test_a_second_repair_changes_nothing(ledger: Ledger) -> None:
    published(ledger, "1")
    assert ledger.queue.send_again(ACCOUNT, ["r1"], now=LATER).remote_ids == {"r1"}
    assert ledger.queue.send_again(ACCOUNT, ["r1"], now=LATER).remote_ids == set()
    assert ledger.queue.counts(ACCOUNT)[State.APPROVED] == 1


def test_a_whole_thread_leaves_no_orphans_and_holds_its_order(ledger: Ledger) -> None:
    published(ledger, "1", "2")
    assert ledger.queue.send_again(ACCOUNT, ["r1", "r2"], now=LATER).orphans == 0
    row = ledger.queue.peek(ACCOUNT, now=LATER)
    assert row is not None
    assert row.post_id == "1"


def test_the_key_goes_on_from_repair_to_repair(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    keys = set()
    for number in range(3):
        held = hold(ledger)
        row = ledger.queue.claim(held, now=T0)
        assert row is not None
        keys.add(row.idempotency_key)
        ledger.queue.settle(row, State.PUBLISHED, now=T0, receipt=receipt(f"r{number}"))
        ledger.queue.release(held)
        ledger.queue.send_again(ACCOUNT, [f"r{number}"], now=LATER)
    assert len(keys) == 3


def test_an_account_that_nobody_knows(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="does not know the account"):
        ledger.queue.send_again(OTHER, ["r1"], now=LATER)
