"""Edits in the ledger: the intent, its outcome, and who may write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.errors import LedgerError, Locked
from bridge.ledger import Ledger, open_ledger
from bridge.ledger.rows import Hold
from bridge.publications import Publication, State
from bridge.statuses import StatusRef, draft_digest
from tests.changes import replace
from tests.ledger.builders import ACCOUNT, SOURCE, T0, dead, hold, plan, publish, receipt


@pytest.fixture
def held(ledger: Ledger) -> Hold:
    """With posts 1 and 2 on the account, a minute apart."""
    plan(ledger, publish("1"), publish("2"), publish("3"))
    ours = hold(ledger)
    for number in ("1", "2"):
        at = T0 + timedelta(minutes=int(number))
        row = ledger.queue.claim(ours, now=at)
        assert row is not None
        assert ledger.queue.settle(row, State.PUBLISHED, now=at, receipt=receipt(f"90{number}"))
    return ours


def row_of(ledger: Ledger, post_id: str = "1") -> Publication:
    return ledger.queue.standing(ACCOUNT, SOURCE, [post_id])[post_id][0].row


def test_only_what_is_published_stands(ledger: Ledger, held: Hold) -> None:
    found = ledger.queue.standing(ACCOUNT, SOURCE, ["1", "2", "3", "4"])
    assert [
        (post_id, [s.row.remote_id for s in rows], rows[0].edited) for post_id, rows in found.items()
    ] == [
        ("1", ["901"], None),
        ("2", ["902"], None),
    ]
    assert ledger.queue.standing("@me@elsewhere.example", SOURCE, ["1"]) == {}


def test_an_edit_is_an_intent_until_it_is_settled(ledger: Ledger, held: Hold) -> None:
    row = row_of(ledger)
    better = replace(row.draft, text="better")
    edit = ledger.queue.begin_edit(held, row, better, "better, with its link", now=T0)
    assert edit is not None
    assert ledger.queue.editing(ACCOUNT) == edit
    assert row_of(ledger) == row
    assert ledger.queue.settle_edit(held, edit, now=T0, detail="edited")
    assert ledger.queue.editing(ACCOUNT) is None
    (standing,) = ledger.queue.standing(ACCOUNT, SOURCE, ["1"])["1"]
    assert (standing.row.draft, standing.edited) == (better, "better, with its link")
    assert standing.row.published_digest == draft_digest(better)
    assert (standing.row.remote_id, standing.row.published_at) == (row.remote_id, row.published_at)
    assert ledger.queue.events(SOURCE, "1")[-1].detail == "edited"


def test_a_second_edit_takes_the_place_of_the_first(ledger: Ledger, held: Hold) -> None:
    for text in ("better", "best"):
        row = row_of(ledger)
        edit = ledger.queue.begin_edit(held, row, replace(row.draft, text=text), text, now=T0)
        assert edit is not None
        ledger.queue.settle_edit(held, edit, now=T0, detail="edited")
    (standing,) = ledger.queue.standing(ACCOUNT, SOURCE, ["1"])["1"]
    assert (standing.row.draft.text, standing.edited) == ("best", "best")


def test_one_edit_is_in_flight_at_an_account(ledger: Ledger, held: Hold) -> None:
    one, two = row_of(ledger), row_of(ledger, "2")
    assert ledger.queue.begin_edit(held, one, one.draft, "x", now=T0) is not None
    with pytest.raises(LedgerError, match="in flight already"):
        ledger.queue.begin_edit(held, two, two.draft, "x", now=T0)


def test_a_row_that_is_not_what_it_was_is_not_edited(ledger: Ledger, held: Hold) -> None:
    row = row_of(ledger)
    other = replace(row, draft=replace(row.draft, text="planned otherwise"))
    assert ledger.queue.begin_edit(held, other, row.draft, "x", now=T0) is None
    assert ledger.queue.editing(ACCOUNT) is None


def test_what_was_not_carried_out_leaves_the_earlier_edit(ledger: Ledger, held: Hold) -> None:
    row = row_of(ledger)
    first = ledger.queue.begin_edit(held, row, replace(row.draft, text="better"), "better", now=T0)
    assert first is not None
    ledger.queue.settle_edit(held, first, now=T0, detail="edited")
    row = row_of(ledger)
    second = ledger.queue.begin_edit(held, row, replace(row.draft, text="best"), "best", now=T0)
    assert second is not None
    ledger.queue.drop_edit(held, second, now=T0, detail="not edited: refused")
    (standing,) = ledger.queue.standing(ACCOUNT, SOURCE, ["1"])["1"]
    assert (standing.row.draft.text, standing.edited) == ("better", "better")
    assert ledger.queue.events(SOURCE, "1")[-1].detail == "not edited: refused"


def test_doubt_is_kept_and_a_new_attempt_ends_it(ledger: Ledger, held: Hold) -> None:
    row = row_of(ledger)
    edit = ledger.queue.begin_edit(held, row, row.draft, "x", now=T0)
    assert edit is not None
    ledger.queue.doubt_edit(held, edit, now=T0, since=T0 + timedelta(seconds=5))
    doubted = ledger.queue.editing(ACCOUNT)
    assert doubted is not None
    assert doubted.unknown_since == T0 + timedelta(seconds=5)
    ledger.queue.resume_edit(held, doubted, now=T0 + timedelta(minutes=3))
    again = ledger.queue.editing(ACCOUNT)
    assert again is not None
    assert (again.attempted_at, again.unknown_since) == (T0 + timedelta(minutes=3), None)


def test_without_the_hold_nothing_is_written(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    ours = hold(ledger, owner=dead())
    row = ledger.queue.claim(ours, now=T0)
    assert row is not None
    ledger.queue.settle(row, State.PUBLISHED, now=T0, receipt=receipt("901"))
    row = row_of(ledger)
    edit = ledger.queue.begin_edit(ours, row, row.draft, "x", now=T0)
    assert edit is not None
    theirs = hold(ledger)
    for late in (
        lambda: ledger.queue.settle_edit(ours, edit, now=T0, detail="edited"),
        lambda: ledger.queue.drop_edit(ours, edit, now=T0),
        lambda: ledger.queue.resume_edit(ours, edit, now=T0),
        lambda: ledger.queue.doubt_edit(ours, edit, now=T0, since=T0),
    ):
        with pytest.raises(Locked):
            late()
    assert ledger.queue.editing(ACCOUNT) == edit
    assert ledger.queue.settle_edit(theirs, edit, now=T0, detail="edited")


def test_what_had_been_sent_before_is_known(ledger: Ledger, held: Hold) -> None:
    one, two = row_of(ledger), row_of(ledger, "2")
    assert ledger.queue.sent_before(two, StatusRef(post_id="1")) == one.remote_url
    assert ledger.queue.sent_before(one, StatusRef(post_id="2")) is None
    assert ledger.queue.sent_before(two, StatusRef(post_id="3")) is None
    assert ledger.queue.sent_before(two, StatusRef(post_id="1", part=2)) is None


def test_a_copy_for_a_preview_knows_the_edits(ledger: Ledger, held: Hold) -> None:
    row = row_of(ledger)
    edit = ledger.queue.begin_edit(held, row, replace(row.draft, text="better"), "better!", now=T0)
    assert edit is not None
    ledger.queue.settle_edit(held, edit, now=T0, detail="edited")
    with open_ledger("sqlite://") as scratch:
        ledger.copy_into(scratch)
        assert scratch.queue.standing(ACCOUNT, SOURCE, ["1"])["1"][0].edited == "better!"
