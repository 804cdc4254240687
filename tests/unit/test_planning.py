"""The difference between a rendering and the ledger, case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.planning import (
    BY_RULE,
    Aspect,
    Comparison,
    Drop,
    Keep,
    Known,
    Publish,
    Said,
    plan_revisions,
    plan_skipped,
    plan_thread,
    sort_key,
)
from bridge.posts import Author, Kind, MediaType, Post, Thread
from bridge.publications import State
from bridge.statuses import (
    MediaRef,
    OwnLink,
    PollDraft,
    Rendering,
    StatusDraft,
    StatusRef,
    Visibility,
    draft_digest,
    with_links,
)
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


# --- edits of what stands

PICTURE = MediaRef(position=0, type=MediaType.IMAGE, file="m/1.png", description="A hall")
ELSEWHERE = "https://museum.example/@me/7"


def stands(part: int = 1, parts: int = 1, **changes: object) -> Said:
    published = replace(draft(part, parts), **changes)
    return Said(draft=published, text=published.text)


def reads(*drafts: StatusDraft, **changes: object) -> Rendering:
    return replace(Rendering(post_id="10", drafts=drafts), **changes)


def revise(today: Rendering, *standing: Said, url: str | None = None) -> Comparison:
    return plan_revisions(today, standing, lambda _, wanted: with_links(wanted, lambda _: url))


def test_what_reads_the_same_is_not_edited() -> None:
    found = revise(rendering(2), stands(1, 2), stands(2, 2))
    assert (found.revise, found.left, found.warnings) == ((), None, ())
    assert [each.draft for each in found.wanted] == [draft(1, 2), draft(2, 2)]


@pytest.mark.parametrize(
    ("changes", "aspect"),
    [
        ({"text": "Bonjour"}, Aspect.TEXT),
        ({"spoiler_text": "careful"}, Aspect.WARNING),
        ({"sensitive": True}, Aspect.SENSITIVE),
        ({"language": "fr"}, Aspect.LANGUAGE),
        ({"media": (replace(PICTURE, description="A wet hall"),)}, Aspect.DESCRIPTION),
    ],
)
def test_each_aspect_is_an_edit_of_its_own(changes: dict[str, object], aspect: Aspect) -> None:
    today = replace(draft(), media=(PICTURE,), **{k: v for k, v in changes.items() if k != "media"})
    today = replace(today, media=changes.get("media", (PICTURE,)))
    (edit,) = revise(reads(today), stands(media=(PICTURE,))).revise
    assert edit.changes == (aspect,)
    assert edit.after == Said(draft=today, text=today.text)


def test_only_the_part_that_differs_is_edited() -> None:
    today = reads(draft(1, 2), draft(2, 2, text="Other"))
    (edit,) = revise(today, stands(1, 2), stands(2, 2)).revise
    assert (edit.after.draft.part, edit.before.text, edit.after.text) == (2, "Hello", "Other")


def test_a_part_that_does_not_stand_is_none_of_its_business() -> None:
    (edit,) = revise(reads(draft(1, 2, text="a"), draft(2, 2, text="b")), stands(2, 2)).revise
    assert edit.after.draft.part == 2


def test_what_only_a_new_status_could_have_stays_as_it_was_published() -> None:
    above = StatusRef(post_id="9")
    before = stands(in_reply_to=above, visibility=Visibility.PRIVATE, backdate=AT)
    found = revise(reads(draft(text="Other")), before)
    (edit,) = found.revise
    assert edit.after.draft == replace(before.draft, text="Other")
    assert [warning.code for warning in found.warnings] == ["VISIBILITY_STAYS"]
    assert revise(reads(draft()), before).revise == ()


def test_a_link_that_has_its_address_now_is_an_edit() -> None:
    text, link = "See https://twitter.com/1 there", OwnLink(start=4, end=25, to=StatusRef(post_id="7"))
    today = replace(draft(text=text), own_links=(link,))
    before = Said(draft=today, text=text)
    assert revise(reads(today), before).revise == ()
    (edit,) = revise(reads(today), before, url=ELSEWHERE).revise
    assert (edit.changes, edit.after.text) == ((Aspect.TEXT,), f"See {ELSEWHERE} there")
    assert revise(reads(today), edit.after, url=ELSEWHERE).revise == ()


def test_a_language_that_is_not_known_any_more_stays() -> None:
    assert revise(reads(draft()), stands(language="fr")).revise == ()


def test_where_a_picture_lies_is_no_change() -> None:
    moved = replace(PICTURE, file="new/1.png", container="other.zip", size=7)
    assert revise(reads(replace(draft(), media=(moved,))), stands(media=(PICTURE,))).revise == ()


POLL = PollDraft(options=("yes", "no"), expires_in=600)


@pytest.mark.parametrize(
    ("today", "before", "reason"),
    [
        (rendering(2), {}, "parts"),
        (reads(draft(), hold="review"), {}, "hold"),
        (rendering(skip="too_long"), {}, "unwanted"),
        (reads(replace(draft(), media=(PICTURE,))), {}, "media"),
        (reads(draft()), {"media": (PICTURE,)}, "media"),
        (reads(replace(draft(), media=(PICTURE,))), {"media": (replace(PICTURE, file=None),)}, "media"),
        (reads(replace(draft(), quote=StatusRef(post_id="7"))), {}, "quote"),
        (reads(draft()), {"poll": POLL}, "poll"),
        (reads(replace(draft(text="Other"), poll=POLL)), {"poll": POLL}, "poll"),
    ],
)
def test_what_no_edit_can_do_has_its_reason(today: Rendering, before: dict[str, object], reason: str) -> None:
    found = revise(today, stands(**before))
    assert (found.revise, found.left) == ((), reason)


def test_a_poll_that_reads_the_same_is_nothing_to_tell() -> None:
    assert revise(reads(replace(draft(), poll=POLL)), stands(poll=POLL)).left is None


@given(texts=st.lists(st.text(max_size=9), min_size=1, max_size=4), again=st.data())
def test_an_edit_that_was_made_is_not_due(texts: list[str], again: st.DataObject) -> None:
    parts = range(1, len(texts) + 1)
    before = [stands(part, len(texts)) for part in parts]
    today = reads(
        *(
            replace(
                draft(part, len(texts), text=texts[part - 1]),
                spoiler_text=again.draw(st.sampled_from(["", "careful"])),
                language=again.draw(st.sampled_from([None, "en", "fr"])),
                sensitive=again.draw(st.booleans()),
            )
            for part in parts
        )
    )
    wanted = revise(today, *before).wanted
    assert revise(today, *wanted).revise == ()
    assert revise(today, *wanted).wanted == wanted
