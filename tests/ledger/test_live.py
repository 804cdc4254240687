"""What a running mirror asks of the ledger, on both databases."""

from __future__ import annotations

from datetime import timedelta

from bridge.engine.beginning import Beginning, begin, begun
from bridge.ledger import Ledger
from bridge.publications import State
from tests.ledger.builders import ACCOUNT, SOURCE, T0, elsewhere, hold, plan, post, publish, receipt, record

LONG_AGO = T0 - timedelta(days=9000)
LATER = T0 + timedelta(hours=1)


def send_one(ledger: Ledger) -> None:
    own = hold(ledger)
    row = ledger.queue.claim(own, now=T0)
    assert row is not None
    ledger.queue.settle(row, State.PUBLISHED, now=T0, receipt=receipt("r1"))
    ledger.queue.release(own)


def test_what_is_to_be_seen_to_and_what_has_outlived_its_post(ledger: Ledger) -> None:
    plan(ledger, publish("1"), publish("2"))
    assert ledger.queue.at_work() == {ACCOUNT}
    send_one(ledger)
    assert ledger.queue.unsettled(ACCOUNT, SOURCE, LONG_AGO) == ["2"]
    assert ledger.queue.outlived(ACCOUNT, SOURCE) == []
    record(ledger, post("1", "corrected"), now=LATER)
    assert set(ledger.queue.unsettled(ACCOUNT, SOURCE, LONG_AGO)) == {"1", "2"}
    assert set(ledger.posts.changed(SOURCE, ["1", "2"])) == {"1"}
    ledger.posts.tombstone(SOURCE, ["1"], now=LATER)
    assert [row.post_id for row in ledger.queue.outlived(ACCOUNT, SOURCE)] == ["1"]
    assert ledger.posts.changed(SOURCE, ["1", "2"]) == {}
    assert ledger.posts.revisions() == {SOURCE: ledger.posts.revision(SOURCE)}


def test_posts_are_found_by_their_ids(ledger: Ledger) -> None:
    record(ledger, post("1"), post("2"), now=T0)
    assert {header.id for header in ledger.posts.headers_of(SOURCE, ["1", "2", "9"])} == {"1", "2"}
    assert sorted(ledger.posts.written_since(SOURCE, LONG_AGO, ["1", "2", "9"])) == ["1", "2"]
    assert ledger.posts.first_seen(SOURCE, ["1", "9"]) == {"1": T0}
    assert ledger.posts.newest(SOURCE) == max(p.created_at for p in (post("1"), post("2")))


def test_a_beginning_is_remembered(ledger: Ledger) -> None:
    assert begun(ledger, SOURCE, ACCOUNT) is None
    begin(ledger, SOURCE, ACCOUNT, Beginning(since=T0, at=LATER))
    assert begun(ledger, SOURCE, ACCOUNT) == Beginning(since=T0, at=LATER)


def test_holds_are_renewed_together_and_those_that_are_lost_are_told(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    own = hold(ledger, owner=elsewhere())
    assert ledger.queue.renew_all([own], now=LATER) == set()
    ledger.queue.release(own)
    assert ledger.queue.renew_all([own], now=LATER) == {ACCOUNT}
