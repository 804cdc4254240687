"""Undo, edits, adoption and repair meet in one ledger: each must leave what the others can work with."""

from __future__ import annotations

import pytest

from bridge.engine.choice import Choice, choose
from bridge.engine.round import Round
from bridge.engine.terms import Terms
from bridge.engine.undo import Undone, undo
from bridge.engine.verify import Verified, verify
from bridge.ledger import Ledger
from bridge.ledger.adoptions import Adoptee, Adoption, Fate
from bridge.pacing import LOOK, Budget
from bridge.planning import sort_key
from bridge.posts import Kind, Reference
from bridge.publications import ADOPTED, State
from bridge.publishers.memory import Fault
from bridge.statuses import StatusDraft, Window
from tests.changes import replace
from tests.engine.desk import Desk, linking, mentioning
from tests.engine.stage import ACCOUNT, NOW, SOURCE, Crash, Stage, post


@pytest.fixture
def desk(ledger: Ledger) -> Desk:
    return Desk(ledger)


def take_back(stage: Stage, *posts: str, adopted: bool = False) -> Undone:
    """Those posts; without any, everything."""
    queue = stage.ledger.queue
    named = frozenset((SOURCE, each) for each in posts) or None
    rows = choose(stage.ledger, ACCOUNT, Choice(posts=named, adopted=adopted)).rows
    hold = queue.hold(ACCOUNT, owner=stage.owner(), now=stage.time.now(), seconds=600)
    done = undo(stage.ports(), Terms(), rows, hold)
    queue.release(hold)
    return done


def lose(stage: Stage, at: int) -> str:
    """Somebody deletes the status on the account."""
    return stage.server.statuses.pop(at).remote_id


def put_back(stage: Stage) -> Verified:
    """What is missing goes back in line."""
    found = verify(stage.ports(), Terms(), repair=True)
    missing = [each.remote_id for each in found.of("missing")]
    stage.ledger.queue.send_again(ACCOUNT, missing, now=stage.time.now())
    return found


def state_of(stage: Stage, post_id: str) -> list[State]:
    return [row.state for row in stage.ledger.queue.deliveries(SOURCE, post_id)]


def test_what_is_published_anew_after_an_edit_is_no_edited_status(desk: Desk) -> None:
    desk.publish(mentioning(1))
    assert desk.mapped("@curator@old.example").update().edited == 1
    assert take_back(desk.stage).withdrawn == 1
    desk.stage.ledger.queue.reinstate(ACCOUNT, now=desk.stage.time.now())
    desk.mapped("@curator@new.example").publish()
    assert "new.example" in (desk.texts[0] or "")
    assert desk.shown() == []


def test_what_is_repaired_after_an_edit_is_no_edited_status(desk: Desk) -> None:
    desk.publish(mentioning(1))
    assert desk.mapped("@curator@old.example").update().edited == 1
    lose(desk.stage, 0)
    put_back(desk.stage)
    desk.mapped("@curator@new.example").publish()
    assert "new.example" in (desk.texts[0] or "")
    assert desk.shown() == []


@pytest.mark.parametrize("by", ["undo", "repair"])
def test_an_edit_in_doubt_is_over_when_its_status_is(desk: Desk, by: str) -> None:
    desk.publish(mentioning(1))
    desk.mapped("@curator@old.example")
    desk.stage.server.crashes = ["before"]
    with pytest.raises(Crash):
        desk.update()
    desk.stage.restart()
    if by == "undo":
        take_back(desk.stage)
        desk.stage.ledger.queue.reinstate(ACCOUNT, now=desk.stage.time.now())
    else:
        lose(desk.stage, 0)
        put_back(desk.stage)
    assert desk.stage.ledger.queue.editing(ACCOUNT) is None
    desk.mapped("@curator@new.example").publish()
    done = desk.update()
    assert (done.edited, done.unknown, done.left) == (0, 0, ())
    assert "new.example" in (desk.texts[0] or "")


def adopt(stage: Stage, number: int, remote_id: str) -> None:
    """Another tool has carried the post, as one status."""
    [carried] = stage.ledger.posts.load(SOURCE, [str(1000 + number)]).values()
    draft = StatusDraft(post_id=carried.id, part=1, parts=1, text="short", length=5)
    part = Adoptee(draft=draft, sort_key=sort_key(carried, carried, 1), remote_id=remote_id, created_at=NOW)
    adoption = Adoption(post_id=carried.id, parts=(part,), reason=f"{ADOPTED}carried by moa")
    [done] = stage.ledger.queue.adopt([adoption], destination=ACCOUNT, source=SOURCE, now=stage.time.now())
    assert done.fate is Fate.ADOPTED


@pytest.mark.parametrize("by", ["undo", "repair"])
def test_all_of_a_long_post_comes_back_that_another_tool_had_cut(desk: Desk, by: str) -> None:
    desk.stage.plan([replace(post(1), text="long " * 150)], desk.wish)
    adopt(desk.stage, 1, "99")
    assert state_of(desk.stage, "1001") == [State.PUBLISHED, State.SKIPPED]
    if by == "undo":
        assert take_back(desk.stage, adopted=True).gone == 1
        desk.stage.ledger.queue.reinstate(ACCOUNT, now=desk.stage.time.now())
    else:
        put_back(desk.stage)
    desk.publish()
    assert state_of(desk.stage, "1001") == [State.PUBLISHED, State.PUBLISHED]
    assert len(desk.texts) == 2


def test_an_answer_to_what_a_killed_undo_has_deleted_stands_for_itself(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2, answers=1)])
    stage.server.faults.extend([None, Fault.REFUSED])
    assert stage.run().failed == 1
    stage.server.crashes = ["after"]
    with pytest.raises(Crash):
        take_back(stage, "1001")
    stage.restart()
    ledger.queue.retry(ACCOUNT, now=stage.time.now())
    done = stage.run()
    assert (done.published, done.failed) == (1, 0)
    assert [status.in_reply_to_id for status in stage.server.statuses] == [None]
    assert state_of(stage, "1001") == [State.WITHDRAWN]
    assert verify(stage.ports(), Terms()).findings == ()


def test_no_link_leads_to_what_a_killed_undo_has_deleted(desk: Desk) -> None:
    desk.stage.plan([post(1), linking(2, 1)], desk.wish)
    desk.stage.server.faults.extend([None, Fault.REFUSED])
    assert desk.stage.run().failed == 1
    desk.stage.server.crashes = ["after"]
    with pytest.raises(Crash):
        take_back(desk.stage, "1001")
    desk.stage.restart()
    desk.stage.ledger.queue.retry(ACCOUNT, now=desk.stage.time.now())
    assert desk.stage.run().published == 1
    assert "twitter.com" in (desk.texts[0] or "")


def test_an_undo_and_an_update_that_are_killed_are_taken_to_have_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = tuple(
        Window(name=name, limit=9, seconds=900, aligned=False) for name in ("deletes", "statuses")
    )
    server = desk.stage.server
    server._limits = replace(server.limits(), windows=windows)
    desk.publish(mentioning(1))
    noted: list[dict[str, int]] = []

    def asked() -> None:
        row = desk.stage.ledger.queue.destination(ACCOUNT)
        spent = Budget.from_dict(row.budget if row else None, windows).spent
        noted.append({key.partition(":")[0]: sum(n for _, n in each.slices) for key, each in spent.items()})

    monkeypatch.setattr(server, "_asked", asked)
    assert desk.mapped().update().edited == 1
    assert take_back(desk.stage).withdrawn == 1
    assert noted == [{"statuses": 2}, {"statuses": 2, "deletes": 1}]


def test_a_deletion_that_never_got_an_answer_is_in_doubt_and_not_missing(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1)])
    stage.run()
    stage.server.deletion_faults.extend([Fault.LOST_BEFORE] * 5)
    assert len(take_back(stage).kept) == 1
    lose(stage, 0)  # it comes through in the end
    found = verify(stage.ports(), Terms())
    assert (found.of("missing"), found.unknown) == ((), 1)


def test_what_an_edit_saw_does_not_hide_that_a_deletion_had_begun(desk: Desk) -> None:
    desk.publish(mentioning(1))
    desk.stage.server.crashes = ["before"]
    with pytest.raises(Crash):
        desk.mapped().update()
    desk.stage.restart()
    desk.stage.server.crashes = ["after"]
    with pytest.raises(Crash):
        take_back(desk.stage)
    desk.stage.restart()
    assert [each.code for each in desk.update().left] == ["MISSING"]
    found = verify(desk.stage.ports(), Terms())
    assert (found.of("missing"), found.unknown) == ((), 1)


def test_an_edit_that_links_below_to_what_could_not_be_quoted_is_as_it_was_edited(ledger: Ledger) -> None:
    desk = Desk(ledger)
    limits = replace(desk.stage.server.limits(), quotes=True)
    desk.stage.server._limits = limits
    desk.wish = replace(desk.wish, limits=limits)
    quoting = replace(post(2), quote=Reference(id="1001", author_id="1"), kind=Kind.QUOTE)
    desk.stage.plan([post(1), quoting], desk.wish)
    desk.stage.server.faults.append(Fault.REFUSED)
    assert desk.stage.run().failed == 1
    desk.stage.time.sleep(60)
    ledger.queue.retry(ACCOUNT, now=desk.stage.time.now())
    assert desk.stage.run().published == 1
    assert desk.update().edited == 1
    assert (desk.texts[0] or "").endswith(f"\n\n{desk.stage.server.statuses[1].url}")
    assert verify(desk.stage.ports(), Terms()).findings == ()


def test_every_request_is_booked_however_many_a_step_makes(ledger: Ledger) -> None:
    stage = Stage(ledger)
    hold = ledger.queue.hold(ACCOUNT, owner=stage.owner(), now=stage.time.now(), seconds=600)
    run = Round(stage.ports(), Terms(), hold)
    run.budget = Budget.of([Window(name="calls", limit=300, seconds=300, aligned=False)])
    for _ in range(7):
        stage.server.get("1")
    run.spend(LOOK)
    run.spend(LOOK)
    assert [[n for _, n in spent.slices] for spent in run.budget.spent.values()] == [[8]]
