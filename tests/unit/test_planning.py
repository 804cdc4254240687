"""The difference between a rendering and the ledger, case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.planning import BY_RULE, Drop, Keep, Known, Publish, plan_skipped, plan_thread, sort_key
from bridge.posts import Author, Kind, Post, Thread
from bridge.publications import State
from bridge.statuses import Rendering, StatusDraft, StatusRef, draft_digest
from tests.changes import replace

AT = datetime(2012, 3, 4, 12, 0, tzinfo=UTC)


def post(post_id: str, at: datetime = AT) -> Post:
    return Post(
        source="twitter:1", id=post_id, author=Author(id="1"), created_at=at, text="x", kind=Kind.ORIGINAL
    )


def draft(part: int = 1, parts: int = 1, text: str = "Hello") -> StatusDraft:
    above = StatusRef(post_id="10", part=part - 1) if part > 1 else None
    return StatusDraft(post_id="10", part=part, parts=parts, text=text, length=5, in_reply_to=above)


def rendering(parts: int = 1, *, hold: str | None = None, skip: str | None = None) -> Rendering:
    drafts = () if skip else tuple(draft(part, parts) for part in range(1, parts + 1))
    return Rendering(post_id="10", drafts=drafts, hold=hold, skip=skip)


def known(state: State, part: int = 1, parts: int = 1, **changes: str) -> Known:
    facts = {
        "draft_digest": draft_digest(draft(part, parts)),
        "sort_key": sort_key(post("10"), post("10"), part),
    }
    return Known(part=part, state=state, **(facts | changes))


ALONE = Thread(posts=(post("10"),), parents=(None,))


def plan(shape: Rendering, *rows: Known, approve: bool = True) -> tuple[object, ...]:
    return plan_thread(ALONE, {"10": shape}, {"10": rows} if rows else {}, approve=approve)


def test_a_new_post_is_published_part_by_part() -> None:
    first, second = plan(rendering(2))
    assert isinstance(first, Publish)
    assert isinstance(second, Publish)
    assert (first.reply_to, second.reply_to) == (None, StatusRef(post_id="10", part=1))
    assert first.approve
    assert first.sort_key < second.sort_key


@pytest.mark.parametrize("state", [State.PUBLISHING, State.PUBLISHED, State.FAILED, State.WITHDRAWN])
def test_what_has_left_or_may_have_is_never_touched(state: State) -> None:
    rows = (known(state, 1, 2), known(State.APPROVED, 2, 2))
    changed = replace(rendering(1), drafts=(draft(text="Other"),))
    assert plan(changed, *rows) == (Keep(post_id="10", part=1), Keep(post_id="10", part=2))
    assert plan_skipped("10", "date", rows) == (Keep(post_id="10", part=1), Keep(post_id="10", part=2))


def test_an_approval_stands_for_the_same_text_only() -> None:
    approved = known(State.APPROVED)
    assert plan(rendering(), approved) == (Keep(post_id="10", part=1),)
    assert plan(rendering(hold="review"), approved) == (Keep(post_id="10", part=1),)
    (again,) = plan(replace(rendering(), drafts=(draft(text="Other"),)), approved, approve=False)
    assert isinstance(again, Publish)
    assert not again.approve


def test_an_older_root_that_comes_later_moves_what_waits() -> None:
    root, answer = post("9", AT - timedelta(days=1)), post("10")
    thread = Thread(posts=(root, answer), parents=(None, 0))
    rows = {"9": (known(State.PUBLISHED),), "10": (known(State.APPROVED),)}
    first, moved = plan_thread(thread, {"10": rendering()}, rows, approve=False)
    assert first == Keep(post_id="9", part=1)
    assert isinstance(moved, Publish)
    assert moved.sort_key == sort_key(root, answer, 1)
    rows["10"] = (known(State.APPROVED, sort_key=moved.sort_key),)
    assert plan_thread(thread, {"10": rendering()}, rows)[1] == Keep(post_id="10", part=1)


def test_what_waited_for_a_rule_is_approved_when_the_rule_is_gone() -> None:
    waiting = known(State.PENDING)
    assert plan(rendering(hold="x"), waiting) == (Keep(post_id="10", part=1),)
    (now,) = plan(rendering(), waiting)
    assert isinstance(now, Publish)
    assert now.approve


def test_parts_that_are_no_longer_needed_are_put_aside() -> None:
    rows = (known(State.APPROVED, 1, 1), known(State.APPROVED, 2, 2))
    assert plan(rendering(1), *rows) == (
        Keep(post_id="10", part=1),
        Drop(post_id="10", part=2, reason=BY_RULE + "parts"),
    )


def test_a_persons_no_stands_and_a_rules_no_does_not() -> None:
    by_hand = known(State.SKIPPED, reason="not this one")
    assert plan(rendering(), by_hand) == (Keep(post_id="10", part=1),)
    by_rule = known(State.SKIPPED, reason=BY_RULE + "date")
    (again,) = plan(rendering(), by_rule)
    assert isinstance(again, Publish)


def test_what_is_not_wanted_any_more_is_put_aside() -> None:
    assert plan_skipped("10", "date", ()) == ()
    assert plan_skipped("10", "date", (known(State.APPROVED),)) == (
        Drop(post_id="10", reason=BY_RULE + "date"),
    )
    assert plan(rendering(skip="empty"), known(State.APPROVED)) == (
        Drop(post_id="10", reason=BY_RULE + "empty"),
    )


@given(st.lists(st.integers(0, 10**19), min_size=2, max_size=6, unique=True), st.data())
def test_rows_sort_by_thread_then_post_then_part(ids: list[int], data: st.DataObject) -> None:
    posts = [
        post(str(i), AT + timedelta(milliseconds=data.draw(st.integers(-(10**12), 10**12)))) for i in ids
    ]
    posts.sort(key=lambda p: (max(p.created_at, datetime(1970, 1, 1, tzinfo=UTC)), int(p.id)))
    keys = [sort_key(root, root, part) for root in posts for part in (1, 2, 10)]
    assert keys == sorted(keys)
    assert len({len(key) for key in keys}) == 1


def test_ids_that_are_no_numbers_have_their_place_too() -> None:
    numbered, named = sort_key(post("10"), post("10"), 1), sort_key(post("tag:x"), post("tag:x"), 1)
    assert len(numbered) == len(named) == 58
    assert numbered < named
