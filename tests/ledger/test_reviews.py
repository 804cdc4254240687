"""What people decide: tied to what they saw, kept through every import, told by the history."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.errors import LedgerError, PlanStale
from bridge.ledger import Ledger
from bridge.ledger.reviews import Ruling
from bridge.planning import version_of
from bridge.publications import State
from bridge.rendering import Overlay
from bridge.statuses import Visibility
from tests.ledger.builders import ACCOUNT, SOURCE, T0, hold, plan, post, publish, receipt, record

BY = "Ada"


def ruling(after: State, reason: str | None = None, by: str = BY) -> Ruling:
    return Ruling(after=after, by=by, now=T0, reason=reason)


def seen(ledger: Ledger, *ids: str) -> dict[str, str]:
    known = ledger.queue.known(ACCOUNT, SOURCE, ids)
    edits = ledger.reviews.overlays(SOURCE, ids)
    return {
        each: version_of(known.get(each, ()), edits[each].overlay.version if each in edits else 0)
        for each in ids
    }


def states(ledger: Ledger, post_id: str) -> list[str]:
    return [row.state.value for row in ledger.queue.known(ACCOUNT, SOURCE, [post_id])[post_id]]


def trail(ledger: Ledger, post_id: str) -> list[tuple[str | None, str, str, str | None]]:
    return [(e.before, e.after, e.actor, e.detail) for e in ledger.queue.events(SOURCE, post_id)][1:]


def edit(ledger: Ledger, post_id: str, overlay: Overlay, by: str = BY) -> Overlay:
    told = ruling(State.PENDING, "edited: text", by)
    return ledger.reviews.save(SOURCE, post_id, overlay, account=ACCOUNT, ruling=told)


def test_an_approval_is_by_somebody_and_of_what_was_seen(ledger: Ledger) -> None:
    plan(ledger, publish("1", approve=False), publish("2", approve=False))
    before = seen(ledger, "1", "2")
    plan(ledger, publish("2", text="reads otherwise by now", approve=False))
    ruled = ledger.reviews.decide(ACCOUNT, SOURCE, before, ruling(State.APPROVED))
    assert (ruled.posts, ruled.stale) == (("1",), ("2",))
    assert (states(ledger, "1"), states(ledger, "2")) == (["approved"], ["pending"])
    assert trail(ledger, "1") == [("pending", "approved", BY, None)]
    assert ledger.queue.known(ACCOUNT, SOURCE, ["1"])["1"][0].by_person


def test_two_people_cannot_decide_about_the_same_post_unseen(ledger: Ledger) -> None:
    plan(ledger, publish("1", approve=False))
    before = seen(ledger, "1")
    ledger.reviews.decide(ACCOUNT, SOURCE, before, ruling(State.SKIPPED, "a private matter"))
    assert ledger.reviews.decide(ACCOUNT, SOURCE, before, ruling(State.APPROVED)).stale == ("1",)
    assert states(ledger, "1") == ["skipped"]


def test_what_a_rule_approved_becomes_a_persons_approval(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    assert not ledger.queue.known(ACCOUNT, SOURCE, ["1"])["1"][0].by_person
    for _ in range(2):  # the second time is nothing new
        ledger.reviews.decide(ACCOUNT, SOURCE, seen(ledger, "1"), ruling(State.APPROVED))
    assert ledger.queue.known(ACCOUNT, SOURCE, ["1"])["1"][0].by_person
    assert trail(ledger, "1") == [("approved", "approved", BY, None)]


@pytest.mark.parametrize("by_hand", [True, False])
def test_where_review_is_required_only_a_persons_approval_stands(ledger: Ledger, *, by_hand: bool) -> None:
    plan(ledger, publish("1"))
    if by_hand:
        ledger.reviews.decide(ACCOUNT, SOURCE, seen(ledger, "1"), ruling(State.APPROVED))
    plan(ledger, publish("1", approve=False, recall=True))
    assert states(ledger, "1") == ["approved" if by_hand else "pending"]
    plan(ledger, publish("1", text="other words", approve=False, recall=True))
    assert states(ledger, "1") == ["pending"]


def test_a_decision_can_be_taken_back_unless_somebody_decided_since(ledger: Ledger) -> None:
    plan(ledger, *(publish(each, approve=False) for each in "123"), publish("4"))
    done = ledger.reviews.decide(ACCOUNT, SOURCE, seen(ledger, *"1234"), ruling(State.SKIPPED, "no"))
    ledger.reviews.decide(ACCOUNT, SOURCE, seen(ledger, "3"), ruling(State.PENDING))
    assert ledger.reviews.restore(ACCOUNT, done.moved, by=BY, now=T0) == 3
    assert [states(ledger, each) for each in "1234"] == [["pending"]] * 3 + [["approved"]]
    assert trail(ledger, "4")[1:] == [
        ("skipped", "pending", BY, "undone"),
        ("pending", "approved", BY, "undone"),
    ]


def test_taking_an_approval_back_leaves_none_behind(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    done = ledger.reviews.decide(ACCOUNT, SOURCE, seen(ledger, "1"), ruling(State.APPROVED))
    ledger.reviews.restore(ACCOUNT, done.moved, by=BY, now=T0)
    (row,) = ledger.queue.known(ACCOUNT, SOURCE, ["1"])["1"]
    assert (row.state, row.by_person) == (State.APPROVED, False)


def test_an_edit_lies_beside_the_source_and_survives_imports(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    wanted = Overlay(text="Better words", spoiler="", visibility=Visibility.PUBLIC, language="fr", base="b")
    saved = edit(ledger, "1", wanted)
    record(ledger, post("1", "the source says something else"))
    found = ledger.reviews.overlays(SOURCE, ["1", "2"])
    assert {key: each.overlay for key, each in found.items()} == {"1": saved}
    assert (saved.text, saved.spoiler, saved.visibility, saved.version) == ("Better words", "", "public", 1)
    assert (found["1"].author, found["1"].at) == (BY, T0)
    assert ledger.posts.load(SOURCE, ["1"])["1"].text == "the source says something else"


def test_what_was_approved_before_an_edit_waits_anew(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    before = ledger.posts.revision(SOURCE)
    edit(ledger, "1", Overlay(text="Better words"))
    assert states(ledger, "1") == ["pending"]
    assert trail(ledger, "1") == [("approved", "pending", BY, "edited: text")]
    assert ledger.posts.revision(SOURCE) == before + 1, "the plan is to be made anew"


def test_the_second_of_two_edits_is_told(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    edit(ledger, "1", Overlay(text="Ada's words"))
    with pytest.raises(PlanStale):
        edit(ledger, "1", Overlay(text="Bea's words"), by="Bea")
    assert ledger.reviews.overlays(SOURCE, ["1"])["1"].overlay.text == "Ada's words"
    assert edit(ledger, "1", Overlay(text="Bea's words", version=1), by="Bea").version == 2


def test_an_edit_makes_an_earlier_look_stale(ledger: Ledger) -> None:
    plan(ledger, publish("1", approve=False))
    before = seen(ledger, "1")
    edit(ledger, "1", Overlay(language="fr"))
    assert ledger.reviews.decide(ACCOUNT, SOURCE, before, ruling(State.APPROVED)).stale == ("1",)


def test_what_has_left_is_edited_no_more(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    held = hold(ledger)
    row = ledger.queue.claim(held, now=T0)
    assert row is not None
    with pytest.raises(LedgerError, match="sent already"):
        edit(ledger, "1", Overlay(text="too late"))
    ledger.queue.settle(row, State.PUBLISHED, now=T0, receipt=receipt("r1"))
    with pytest.raises(LedgerError, match="sent already"):
        edit(ledger, "1", Overlay(text="too late"))
    assert ledger.reviews.overlays(SOURCE, ["1"]) == {}


def test_the_history_tells_people_from_machinery(ledger: Ledger) -> None:
    plan(ledger, publish("1", approve=False), publish("2", approve=False))
    ledger.reviews.decide(ACCOUNT, SOURCE, seen(ledger, "1"), ruling(State.APPROVED))
    ledger.reviews.decide(ACCOUNT, SOURCE, seen(ledger, "2"), ruling(State.SKIPPED, "no", "Bea"))
    people = ledger.reviews.history(ACCOUNT)
    assert [(e.post_id, e.after, e.actor, e.detail) for e in people] == [
        ("2", "skipped", "Bea", "no"),
        ("1", "approved", BY, None),
    ]
    everything = ledger.reviews.history(ACCOUNT, people=False, limit=3)
    assert len(everything) == 3
    rest = ledger.reviews.history(ACCOUNT, people=False, before=everything[-1].id)
    assert [e.actor for e in rest] == ["plan"]


def test_what_happens_to_posts_is_noticed(ledger: Ledger) -> None:
    plan(ledger, publish("1", approve=False), publish("2", approve=False))
    tide, touched = ledger.reviews.since(ACCOUNT, SOURCE, 0)
    assert touched == {"1", "2"}
    ledger.reviews.note(ACCOUNT, SOURCE, "2", ruling(State.PENDING, "description of picture 1"))
    assert ledger.reviews.since(ACCOUNT, SOURCE, tide)[1] == {"2"}
    assert trail(ledger, "2") == [("pending", "pending", BY, "description of picture 1")]


@pytest.mark.parametrize("after", [State.APPROVED, State.SKIPPED, State.PENDING])
def test_what_has_left_is_never_decided_about(ledger: Ledger, after: State) -> None:
    plan(ledger, publish("1"))
    held = hold(ledger)
    row = ledger.queue.claim(held, now=T0)
    assert row is not None
    ruled = ledger.reviews.decide(ACCOUNT, SOURCE, seen(ledger, "1"), ruling(after, "r"))
    assert ruled.moved == ()
    assert states(ledger, "1") == ["publishing"]


def test_a_failure_is_put_back_in_line_by_a_person(ledger: Ledger, fail: Callable[[str], None]) -> None:
    plan(ledger, publish("1"))
    fail("1")
    ledger.queue.retry(ACCOUNT, now=T0, by=BY)
    (row,) = ledger.queue.known(ACCOUNT, SOURCE, ["1"])["1"]
    assert (row.state, row.by_person) == (State.APPROVED, True)
    assert trail(ledger, "1")[-1] == ("failed", "approved", BY, None)


@pytest.fixture
def fail(ledger: Ledger) -> Callable[[str], None]:
    def failing(post_id: str) -> None:
        held = hold(ledger)
        row = ledger.queue.claim(held, now=T0)
        assert row is not None
        assert row.post_id == post_id
        ledger.queue.settle(row, State.FAILED, now=T0, error="422: no")

    return failing
