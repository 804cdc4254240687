"""Decisions about many posts: kept so that whoever made them can take them back later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.errors import BridgeError
from bridge.ledger import Ledger
from bridge.ledger.acts import _KEPT
from bridge.ledger.rows import Act, Moved
from bridge.publications import State
from tests.ledger.builders import ACCOUNT, T0, plan, publish

MOVED = (
    Moved(id=7, draft_digest="d", before=State.PENDING, after=State.SKIPPED, reason="it was « so »"),
    Moved(id=8, draft_digest="e", before=State.APPROVED, after=State.SKIPPED, approved_by="Bea"),
)


def act(detail: str, what: str = "skipped") -> Act:
    return Act(id=0, at=T0, author="Ada", what=what, posts=2, detail=detail, place="/desk?q=x")


@pytest.fixture
def known(ledger: Ledger) -> Ledger:
    plan(ledger, publish("1"))
    return ledger


def test_what_was_moved_comes_back_as_it_was_to_whoever_moved_it(known: Ledger) -> None:
    number = known.acts.note(ACCOUNT, act("all"), MOVED)
    told, moved = known.acts.moved(ACCOUNT, number, by="Ada")
    assert tuple(moved) == MOVED
    assert (told.place, told.posts, told.open) == ("/desk?q=x", 2, True)
    with pytest.raises(BridgeError, match="for Ada to take back"):
        known.acts.moved(ACCOUNT, number, by="Bea")
    with pytest.raises(BridgeError, match="cannot be taken back"):
        known.acts.moved("@other@example.social", number, by="Ada")


def test_once_is_enough_and_it_is_told(known: Ledger) -> None:
    number = known.acts.note(ACCOUNT, act("all"), MOVED)
    known.acts.note(ACCOUNT, act("@jane: - → @jane@a.example", "handle"))
    known.acts.undone(number, now=T0 + timedelta(hours=1))
    with pytest.raises(BridgeError, match="cannot be taken back"):
        known.acts.moved(ACCOUNT, number, by="Ada")
    newest, first = known.acts.recent(ACCOUNT)
    assert (newest.what, newest.open, newest.undone_at) == ("handle", False, None)
    assert (first.open, first.undone_at) == (False, T0 + timedelta(hours=1))


def test_only_so_many_are_kept_to_be_taken_back(known: Ledger) -> None:
    numbers = [known.acts.note(ACCOUNT, act(str(at)), MOVED) for at in range(_KEPT + 2)]
    told = known.acts.recent(ACCOUNT, limit=_KEPT + 2)
    assert [each.id for each in told] == numbers[::-1]
    assert [each.open for each in told] == [True] * _KEPT + [False] * 2
