"""The desk: what it shows is what would be sent, and what is decided there is what is sent."""

from __future__ import annotations

import pytest

from bridge.engine.entries import Filter, Standing, figures
from bridge.engine.propose import Wish, propose
from bridge.engine.review import Desk
from bridge.engine.terms import Terms
from bridge.errors import PlanStale
from bridge.ledger import Ledger
from bridge.ledger.owner import this_process
from bridge.ledger.reviews import Ruling
from bridge.ledger.rows import Description
from bridge.pacing import Pace
from bridge.planning import Keep
from bridge.posts import Kind
from bridge.publications import State
from bridge.rendering import Overlay
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FREE, NOW, SOURCE, Stage, post

REQUIRED = Wish(limits=FREE, approve=False)
FREELY = Wish(limits=FREE)


@pytest.fixture
def stage(ledger: Ledger) -> Stage:
    return Stage(ledger)


def desk(stage: Stage, wish: Wish = REQUIRED) -> Desk:
    made = Desk(stage.ledger, SOURCE, ACCOUNT, wish, now=stage.time.now)
    made.refresh()
    return made


def ruling(after: State, reason: str | None = None, by: str = "Ada") -> Ruling:
    return Ruling(after=after, by=by, now=NOW, reason=reason)


def approve(at: Desk, *ids: str) -> tuple[str, ...]:
    return at.decide({each: at.find(each).version for each in ids}, ruling(State.APPROVED)).posts


def stands(at: Desk) -> dict[str, str]:
    return {each.post_id: each.standing.value for each in at.entries()}


def in_line(stage: Stage, wish: Wish = REQUIRED) -> bool:
    """Whether planning everything anew would change nothing."""
    proposed = propose(stage.ledger, SOURCE, wish, destination=ACCOUNT)
    return all(isinstance(action, Keep) for each in proposed for action in each.actions)


def test_nothing_leaves_that_nobody_has_approved(stage: Stage) -> None:
    stage.record([post(1), post(2), post(3)])
    at = desk(stage)
    assert stands(at) == {"1001": "waiting", "1002": "waiting", "1003": "waiting"}
    assert approve(at, "1001", "1003") == ("1001", "1003")
    stage.plan(wish=REQUIRED)
    stage.run()
    assert stage.texts == ["Post 1", "Post 3"]
    at.refresh()
    assert stands(at) == {"1001": "sent", "1002": "waiting", "1003": "sent"}


def test_turning_the_policy_on_takes_back_what_only_rules_approved(stage: Stage) -> None:
    stage.record([post(1), post(2)])
    at = desk(stage, FREELY)
    assert set(stands(at).values()) == {"ready"}
    approve(at, "1002")
    assert stands(at) == {"1001": "ready", "1002": "approved"}
    assert stands(desk(stage)) == {"1001": "waiting", "1002": "approved"}
    stage.run()
    assert stage.texts == ["Post 2"]


def test_a_changed_rendering_is_approved_anew(stage: Stage) -> None:
    stage.record([post(1)])
    approve(desk(stage), "1001")
    changed = replace(REQUIRED, options=replace(REQUIRED.options, date_stamp="prefix"))
    at = desk(stage, changed)
    assert stands(at) == {"1001": "waiting"}
    assert stage.run().published == 0


def test_an_edit_is_what_is_sent_and_only_after_it_was_seen(stage: Stage) -> None:
    stage.record([post(1)])
    at = desk(stage)
    approve(at, "1001")
    old = at.find("1001").version
    at.edit("1001", Overlay(text="In better words", base="Post 1"), ruling(State.PENDING, "edited: text"))
    assert at.decide({"1001": old}, ruling(State.APPROVED)).stale == ("1001",)
    assert stands(at) == {"1001": "waiting"}
    approve(at, "1001")
    assert in_line(stage)
    stage.plan(wish=REQUIRED)
    stage.run()
    assert stage.texts == ["In better words"]


def test_an_edit_is_tried_out_before_it_is_saved(stage: Stage) -> None:
    stage.record([post(1)])
    at = desk(stage)
    found = at.trial("1001", Overlay(text="word " * 300))
    assert found is not None
    assert len(found.drafts) > 1
    assert all(draft.length <= FREE.max_characters for draft in found.drafts)
    assert at.wording("1001") == ("Post 1", "Post 1")
    assert stage.ledger.reviews.overlays(SOURCE, ["1001"]) == {}


def test_both_versions_of_an_edit_can_be_seen(stage: Stage) -> None:
    stage.record([post(1)])
    one, other = desk(stage), desk(stage)
    one.edit("1001", Overlay(text="Ada's"), ruling(State.PENDING))
    with pytest.raises(PlanStale):
        other.edit("1001", Overlay(text="Bea's"), ruling(State.PENDING, by="Bea"))
    other.refresh()
    assert other.wording("1001") == ("Ada's", "Post 1")


def test_a_reimport_keeps_the_edit_and_a_conflict_waits(stage: Stage) -> None:
    stage.record([post(1), post(2)])
    at = desk(stage, FREELY)
    at.edit("1001", Overlay(text="Mine", base="Post 1"), ruling(State.PENDING))
    assert stands(at)["1001"] == "ready"
    stage.record([post(1, text="Post 1, corrected at the source")])
    at.refresh()
    assert stands(at)["1001"] == "ready", "the text that was in line stays there"
    assert at.find("1001").warnings == ("EDIT_CONFLICT",)
    assert at.wording("1001") == ("Mine", "Post 1, corrected at the source")


def test_leaving_out_the_middle_of_a_thread_moves_its_end(stage: Stage) -> None:
    stage.record([post(1), post(2, answers=1), post(3, answers=2)])
    at = desk(stage)
    approve(at, "1001", "1002", "1003")
    done = at.decide({"1002": at.find("1002").version}, ruling(State.SKIPPED, "not ours"))
    assert stands(at) == {"1001": "approved", "1002": "excluded", "1003": "waiting"}
    approve(at, "1003")
    assert in_line(stage)
    assert at.take_back(done.moved, by="Ada") == 1
    assert stands(at) == {"1001": "approved", "1002": "approved", "1003": "waiting"}
    at.decide({"1002": at.find("1002").version}, ruling(State.SKIPPED, "not ours"))
    approve(at, "1003")
    stage.run()
    first, last = stage.server.statuses
    assert last.in_reply_to_id == first.remote_id


def test_while_a_run_is_at_work_the_queue_is_left_to_it(stage: Stage) -> None:
    stage.record([post(1), post(2)])
    at = desk(stage)
    approve(at, "1001", "1002")
    held = stage.ledger.queue.hold(ACCOUNT, owner=this_process(), now=NOW, seconds=600)
    at.edit("1002", Overlay(text="Other words"), ruling(State.PENDING))
    assert at.behind
    assert stands(at)["1002"] == "waiting"
    assert approve(at, "1002") == (), "the ledger does not have yet what is shown"
    stage.ledger.queue.release(held)
    at.refresh()
    assert not at.behind
    approve(at, "1002")
    stage.run()
    assert stage.texts == ["Post 1", "Other words"]


def test_what_others_decide_is_seen(stage: Stage) -> None:
    stage.record([post(1), post(2)])
    one, other = desk(stage), desk(stage)
    approve(one, "1001")
    other.decide({"1002": other.find("1002").version}, ruling(State.SKIPPED, "no", "Bea"))
    for each in (one, other):
        each.refresh()
        assert stands(each) == {"1001": "approved", "1002": "excluded"}


def test_a_description_is_part_of_what_is_approved(stage: Stage) -> None:
    bare = post(1, media=1)
    stage.record([replace(bare, media=tuple(replace(each, alt=None) for each in bare.media))])
    at = desk(stage)
    assert at.find("1001").undescribed == (0,)
    approve(at, "1001")
    said = Description(source=SOURCE, post_id="1001", position=0, text="A hall", origin="review")
    stage.ledger.descriptions.save([said], now=NOW)
    at.described("1001", 0, ruling(State.PENDING))
    assert (stands(at), at.find("1001").undescribed) == ({"1001": "waiting"}, ())
    assert stage.ledger.reviews.history(ACCOUNT)[0].detail == "description of picture 1"


def test_filters_and_figures(stage: Stage) -> None:
    liked = replace(post(2, text="A HALL opens"), likes=9)
    stage.record([post(1, media=2), liked, replace(post(3), kind=Kind.RETWEET)])
    at = desk(stage)

    def found(**wanted: object) -> list[str]:
        return [each.post_id for each in at.matching(Filter(**wanted))]  # type: ignore[arg-type]

    assert found() == ["1001", "1002"]
    assert found(standing=Standing.LEFT_OUT) == ["1003"]
    assert found(words="hall OPENS") == found(likes=5) == found(words="1002") == ["1002"]
    assert found(has="image") == ["1001"]
    assert found(year=2012, kind="original", language="en") == ["1001", "1002"]
    assert found(year=2013) == found(warning="EDIT_CONFLICT") == []
    told = figures(at.entries())
    assert (told.to_send, told.posts[Standing.WAITING], told.skipped) == (2, 2, {"retweet": 1})
    assert told.months[2012, 3] == {"original": 2, "skipped": 1}
    assert at.schedule(Pace(per_hour=1)).seconds > at.schedule().seconds


def test_a_failure_is_put_back_in_line(stage: Stage) -> None:
    stage.record([post(1, media=1)])
    at = desk(stage)
    approve(at, "1001")
    stage.files.unfit.add("m/1-0.png")
    stage.run(Terms(too_big="hold"))
    at.refresh()
    assert stands(at) == {"1001": "failed"}
    stage.files.unfit.clear()
    assert at.retry(["1001"], by="Ada") == 1
    assert stands(at) == {"1001": "approved"}
    stage.run()
    at.refresh()
    assert stands(at) == {"1001": "sent"}
