"""Posts that another tool has carried, as rows of the ledger."""

from __future__ import annotations

from datetime import timedelta

from bridge.ledger import Ledger
from bridge.ledger.adoptions import Adopted, Adoptee, Adoption, Fate
from bridge.publications import ADOPTED, TRANSITIONS, State
from tests.ledger.builders import (
    ACCOUNT,
    SOURCE,
    T0,
    draft,
    hold,
    plan,
    post,
    publish,
    receipt,
    record,
    thread,
)

LATER = T0 + timedelta(hours=1)
WHY = ADOPTED + "carried by a tool"


def adoption(post_id: str, *remote_ids: str | None, reason: str = WHY) -> Adoption:
    parts = tuple(
        Adoptee(draft=draft(post_id, part), sort_key=f"{post_id:0>20}{part:03d}", remote_id=remote_id)
        for part, remote_id in enumerate(remote_ids or (None,), start=1)
    )
    return Adoption(post_id=post_id, parts=parts, reason=reason)


def adopt(ledger: Ledger, *adoptions: Adoption) -> list[Adopted]:
    ledger.queue.open_destination(ACCOUNT, now=T0)
    return ledger.queue.adopt(adoptions, destination=ACCOUNT, source=SOURCE, now=LATER)


def states(ledger: Ledger, post_id: str) -> list[tuple[int, State, str | None]]:
    return [(row.part, row.state, row.remote_id) for row in ledger.queue.deliveries(SOURCE, post_id)]


def test_a_post_becomes_a_published_row_for_each_part(ledger: Ledger) -> None:
    record(ledger, post("1"))
    [done] = adopt(ledger, adoption("1", "r1", "r2"))
    assert (done.fate, done.statuses, done.remote_id) == (Fate.ADOPTED, 2, "r1")
    assert states(ledger, "1") == [(1, State.PUBLISHED, "r1"), (2, State.PUBLISHED, "r2")]
    [first, _] = ledger.queue.deliveries(SOURCE, "1")
    assert (first.reason, first.published_at, first.attempts) == (WHY, None, 0)
    events = ledger.queue.events(SOURCE, "1")
    assert [(e.before, e.after, e.actor, e.detail) for e in events] == [
        (None, "published", "adoption", WHY),
        (None, "published", "adoption", WHY),
    ]
    assert ledger.queue.counts(ACCOUNT)[State.PUBLISHED] == 2
    assert all(row.is_adopted for row in ledger.queue.published(ACCOUNT))


def test_a_second_time_changes_nothing(ledger: Ledger) -> None:
    record(ledger, post("1"), post("2"), post("3"))
    every = (adoption("1", "r1"), adoption("2"), adoption("3", "r1"))
    assert [each.fate for each in adopt(ledger, *every)] == [Fate.ADOPTED, Fate.PUT_ASIDE, Fate.PUT_ASIDE]
    events = [len(ledger.queue.events(SOURCE, str(n))) for n in (1, 2, 3)]
    assert {each.fate for each in adopt(ledger, *every)} == {Fate.ALREADY}
    assert [len(ledger.queue.events(SOURCE, str(n))) for n in (1, 2, 3)] == events


def test_what_was_planned_is_not_sent_and_its_other_parts_neither(ledger: Ledger) -> None:
    plan(ledger, publish("1"), publish("1", 2), publish("2", approve=False), publish("3"))
    adopt(ledger, adoption("1", "r1"), adoption("2", "r2"))
    assert states(ledger, "1") == [(1, State.PUBLISHED, "r1"), (2, State.SKIPPED, None)]
    assert states(ledger, "2") == [(1, State.PUBLISHED, "r2")]
    plan(ledger, publish("1"), publish("1", 2), publish("2"))
    row = ledger.queue.peek(ACCOUNT, now=LATER)
    assert row is not None
    assert row.post_id == "3"
    for post_id in "12":
        for event in ledger.queue.events(SOURCE, post_id):
            assert event.before is None or State(event.after) in TRANSITIONS[State(event.before)]


def test_answers_go_below_what_was_adopted(ledger: Ledger) -> None:
    plan(ledger, *thread("1", "2"))
    adopt(ledger, adoption("1", "r1"))
    row = ledger.queue.claim(hold(ledger), now=LATER)
    assert row is not None
    assert (row.post_id, ledger.queue.reply_target(row)) == ("2", "r1")
    assert ledger.queue.remote(ACCOUNT, SOURCE, "1") == ("r1", None)


def test_failures_and_what_was_put_aside_can_be_adopted(ledger: Ledger) -> None:
    plan(ledger, publish("1"), publish("2"))
    held = hold(ledger)
    row = ledger.queue.claim(held, now=T0)
    assert row is not None
    ledger.queue.settle(row, State.FAILED, now=T0, error="422")
    ledger.queue.release(held)
    ledger.queue.skip(ACCOUNT, [(SOURCE, "2")], reason="not now", now=T0)
    adopt(ledger, adoption("1", "r1"), adoption("2", "r2"))
    assert states(ledger, "1") + states(ledger, "2") == [
        (1, State.PUBLISHED, "r1"),
        (1, State.PUBLISHED, "r2"),
    ]
    assert ledger.queue.deliveries(SOURCE, "1")[0].error is None


def test_a_status_that_comes_to_be_known_later(ledger: Ledger) -> None:
    record(ledger, post("1"))
    adopt(ledger, adoption("1"))
    assert states(ledger, "1") == [(1, State.SKIPPED, None)]
    assert ledger.queue.retry(ACCOUNT, now=LATER) == 0
    assert [each.fate for each in adopt(ledger, adoption("1", "r1"))] == [Fate.ADOPTED]
    assert states(ledger, "1") == [(1, State.PUBLISHED, "r1")]


def test_our_own_work_is_left_alone(ledger: Ledger) -> None:
    plan(ledger, publish("1"), publish("2"), publish("3"))
    held = hold(ledger)
    row = ledger.queue.claim(held, now=T0)
    assert row is not None
    ledger.queue.settle(row, State.PUBLISHED, now=T0, receipt=receipt("r1"))
    assert ledger.queue.claim(held, now=T0) is not None
    done = adopt(ledger, adoption("1", "r9"), adoption("2", "r2"), adoption("3", "r1"))
    assert [(each.fate, each.owner) for each in done] == [
        (Fate.ALREADY, None),
        (Fate.UNDER_WAY, None),
        (Fate.TAKEN, "1"),
    ]
    assert states(ledger, "3") == [(1, State.APPROVED, None)]


def test_several_posts_in_one_status(ledger: Ledger) -> None:
    """A long status that another tool has cut into several posts: the first has it, none is sent again."""
    record(ledger, post("1"), post("2"))
    done = adopt(ledger, adoption("1", "r1"), adoption("2", "r1"))
    assert [each.fate for each in done] == [Fate.ADOPTED, Fate.PUT_ASIDE]
    assert states(ledger, "2") == [(1, State.SKIPPED, None)]


def test_the_next_plan_is_made_anew(ledger: Ledger) -> None:
    record(ledger, post("1"))
    ledger.queue.open_destination(ACCOUNT, now=T0)
    ledger.queue.save_proposed(ACCOUNT, SOURCE, "stamp")
    adopt(ledger, adoption("1", "r1"))
    assert ledger.queue.proposed(ACCOUNT, SOURCE) is None


def test_nobody_looks_back_to_a_status_without_a_time(ledger: Ledger) -> None:
    record(ledger, post("1"))
    adopt(ledger, adoption("1", "r1"))
    assert ledger.queue.last_remote_id(ACCOUNT) is None


def test_a_part_of_an_adopted_post_does_not_go_back_in_line_alone(ledger: Ledger) -> None:
    """Ours would repeat some of what the other parts say."""
    record(ledger, post("1"), post("2"))
    adopt(ledger, adoption("1", "r1", "r2"), adoption("2", "r3"))
    assert ledger.queue.send_again(ACCOUNT, ["r2", "r3"], now=LATER).remote_ids == {"r3"}
    assert ledger.queue.send_again(ACCOUNT, ["r1", "r2"], now=LATER).remote_ids == {"r1", "r2"}
    assert ledger.queue.deliveries(SOURCE, "2")[0].reason is None


def test_more_than_a_batch(ledger: Ledger) -> None:
    count = 1203
    record(ledger, *(post(str(n)) for n in range(1, count + 1)))
    done = adopt(ledger, *(adoption(str(n), f"r{n}") for n in range(1, count + 1)))
    assert len(done) == count
    assert ledger.queue.counts(ACCOUNT)[State.PUBLISHED] == count


def test_any_id_of_an_edited_post_names_it(ledger: Ledger) -> None:
    record(ledger, post("3", edit_ids=("1", "3")), post("4"))
    assert ledger.posts.canonical(SOURCE, ["1", "3", "4", "5"]) == {"1": "3", "3": "3", "4": "4"}
