"""What is published is edited where it reads otherwise today: that, once, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.engine.propose import propose
from bridge.engine.tally import Tally
from bridge.engine.terms import Terms
from bridge.engine.verify import verify
from bridge.ledger import Ledger
from bridge.ledger.tables import publications
from bridge.pacing import Pace
from bridge.posts import Post
from bridge.publications import State
from bridge.publishers.memory import Fault
from bridge.selection import Rules
from bridge.statuses import Visibility, Window
from tests.changes import replace
from tests.engine.desk import ASKED, EDITS, Desk, linking, mentioning, wish
from tests.engine.stage import ACCOUNT, SOURCE, Crash, post


@pytest.fixture
def desk(ledger: Ledger) -> Desk:
    return Desk(ledger)


def test_nothing_differs_and_nobody_is_asked(desk: Desk) -> None:
    desk.publish(post(1), mentioning(2), post(3, answers=1), post(4, media=2), linking(5, 1))
    requests = desk.stage.server.requests
    assert desk.shown() == []
    done = desk.update()
    assert (done.edited, done.found, done.left, done.stopped) == (0, 0, (), None)
    assert desk.stage.server.requests == requests


def test_a_new_handle_edits_the_posts_that_name_it_and_no_other(desk: Desk) -> None:
    desk.publish(post(1), mentioning(2), post(3))
    before = desk.stage.server.statuses[1]
    desk.mapped()
    (changed,) = desk.shown()
    ((row, revise),) = changed.edits
    assert (row.post_id, [*revise.changes]) == ("1002", ["text"])
    assert (revise.before.text, revise.after.text) == (
        before.text,
        "With @\u2060curator@museum.example today",
    )
    assert desk.update().edited == desk.edits == 1
    after = desk.stage.server.statuses[1]
    assert after == replace(before, text=revise.after.text)
    assert desk.shown() == []
    assert desk.update().edited == 0
    assert verify(desk.stage.ports(), Terms()).findings == ()


def test_the_same_name_at_another_server_is_a_change(desk: Desk) -> None:
    desk.mapped("@curator@old.example").publish(mentioning(1))
    desk.mapped("@curator@new.example")
    assert desk.update().edited == 1
    assert "new.example" in (desk.texts[0] or "")


def test_everything_that_an_edit_can_change_is_changed_at_once(desk: Desk) -> None:
    desk.publish(replace(post(1, media=2), text="Rain"))
    better = replace(post(1, media=2), text="Rain", language="fr", sensitive=True)
    better = replace(better, media=tuple(replace(each, alt="A wet hall") for each in better.media))
    desk.stage.record([better])
    desk.wish = wish(options=replace(ASKED, content_warnings=(("rain", "Weather"),)))
    (changed,) = desk.shown()
    assert [*changed.edits[0][1].changes] == ["warning", "sensitive", "language", "description"]
    assert desk.update().edited == desk.edits == 1
    (status,) = desk.stage.server.statuses
    assert (status.text, status.spoiler_text, status.sensitive, status.language) == (
        "Rain",
        "Weather",
        True,
        "fr",
    )
    assert status.descriptions == ("A wet hall", "A wet hall")
    assert len(status.media_ids) == 2
    assert desk.shown() == []


def test_a_link_is_filled_in_once_its_post_is_there(desk: Desk) -> None:
    desk.wish = wish(rules=Rules(grep="again|Post 3"))
    desk.publish(post(1), linking(2, 1), post(3))
    assert "twitter.com" in (desk.texts[0] or "")
    assert desk.shown() == []
    desk.wish = wish()
    assert desk.shown() == []
    desk.publish()
    (changed,) = desk.shown()
    assert changed.post.id == "1002"
    assert desk.update().edited == 1
    assert desk.texts[0] == f"After {desk.stage.server.statuses[-1].url} again"
    assert desk.shown() == []
    assert verify(desk.stage.ports(), Terms()).findings == ()


def test_a_link_that_was_filled_in_when_it_was_sent_is_no_change(desk: Desk) -> None:
    desk.publish(post(1), linking(2, 1))
    assert desk.texts[1] == f"After {desk.stage.server.statuses[0].url} again"
    assert desk.shown() == []


def test_a_link_to_a_post_that_failed_at_first(desk: Desk) -> None:
    desk.stage.plan([post(1), linking(2, 1)], desk.wish)
    desk.stage.server.faults.append(Fault.REFUSED)
    assert desk.stage.run().failed == 1
    desk.stage.time.sleep(60)
    assert desk.shown() == []
    desk.stage.ledger.queue.retry(ACCOUNT, now=desk.stage.time.now())
    assert desk.stage.run().published == 1
    assert [changed.post.id for changed in desk.shown()] == ["1002"]
    assert desk.update().edited == 1
    assert desk.shown() == []


@pytest.mark.parametrize(
    ("again", "reason"),
    [
        (replace(post(1), text="long " * 150), "parts"),
        (post(1, media=1), "media"),
        (replace(post(1), text=""), "unwanted"),
    ],
)
def test_what_an_edit_cannot_do_is_named_and_left(desk: Desk, again: Post, reason: str) -> None:
    desk.publish(post(1), post(2))
    desk.stage.record([again])
    (changed,) = desk.shown()
    assert (changed.post.id, changed.edits, changed.left) == ("1001", (), reason)
    requests = desk.stage.server.requests
    done = desk.update()
    assert (done.edited, done.left, desk.stage.server.requests) == (0, (), requests)


def test_a_narrower_audience_is_no_edit_but_is_told(desk: Desk) -> None:
    desk.publish(post(1), mentioning(2))
    desk.mapped()
    desk.wish = replace(desk.wish, options=replace(ASKED, visibility=Visibility.PUBLIC))
    told = desk.shown()
    assert [[warn.code for warn in changed.warnings] for changed in told] == [["VISIBILITY_STAYS"]] * 2
    assert [len(changed.edits) for changed in told] == [0, 1]
    assert desk.update().edited == 1
    assert {status.visibility for status in desk.stage.server.statuses} == {"unlisted"}
    assert [len(changed.edits) for changed in desk.shown()] == [0, 0]


def test_a_status_that_its_owner_has_changed_is_left_alone(desk: Desk) -> None:
    desk.publish(
        mentioning(1),
        mentioning(2),
        mentioning(
            3,
        ),
        mentioning(4),
    )
    statuses = desk.stage.server.statuses
    statuses[0] = replace(statuses[0], text="In better words")
    statuses[1] = replace(statuses[1], spoiler_text="careful", sensitive=True)
    gone = statuses.pop(2)
    by_hand = [status.text for status in statuses[:2]]
    done = desk.mapped().update()
    assert [(left.row.post_id, left.code) for left in done.left] == [
        ("1001", "EDITED_BY_HAND"),
        ("1002", "EDITED_BY_HAND"),
        ("1003", "MISSING"),
    ]
    assert (done.edited, desk.edits) == (1, 1)
    assert [status.text for status in statuses[:2]] == by_hand
    assert gone not in desk.stage.server.statuses
    assert len(desk.shown()) == 3


def test_descriptions_written_by_hand_are_kept(desk: Desk) -> None:
    desk.publish(replace(mentioning(1), media=post(1, media=1).media))
    status = desk.stage.server.statuses[0]
    desk.stage.server.statuses[0] = replace(status, descriptions=("Written with care",))
    assert [left.code for left in desk.mapped().update().left] == ["EDITED_BY_HAND"]
    desk.stage.server.statuses[0] = replace(status, media_ids=(), descriptions=())
    assert [left.code for left in desk.update().left] == ["MEDIA_DIFFER"]
    assert desk.edits == 0


def test_somebody_has_done_it_already(desk: Desk) -> None:
    desk.publish(mentioning(1))
    (changed,) = desk.mapped().shown()
    status = desk.stage.server.statuses[0]
    desk.stage.server.statuses[0] = replace(status, text=changed.edits[0][1].after.text)
    done = desk.update()
    assert (done.edited, done.found, desk.edits) == (0, 1, 0)
    assert desk.shown() == []


def test_what_another_tool_has_published_is_left_unless_asked_for(desk: Desk, ledger: Ledger) -> None:
    desk.publish(mentioning(1), post(2))
    adopt(ledger)
    status = desk.stage.server.statuses[0]
    desk.stage.server.statuses[0] = replace(status, text="RT by another tool")
    assert desk.shown() == []
    desk.mapped()
    assert [(changed.post.id, changed.left) for changed in desk.shown()] == [("1001", "adopted")]
    assert desk.update().edited == 0
    assert [len(changed.edits) for changed in desk.shown(adopted=True)] == [1, 1]
    done = desk.update(adopted=True)
    assert (done.edited, done.found, done.left) == (1, 1, ())
    assert desk.texts[0] == "With @\u2060curator@museum.example today"
    assert desk.shown(adopted=True) == []


def adopt(ledger: Ledger) -> None:
    """As `import --adopt` leaves the rows: published, and never sent by us."""
    with ledger._database.write() as connection:
        connection.execute(
            sa.update(publications).values(reason="adopted: posts.json", attempted_at=None, attempts=0)
        )


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_a_lost_answer_is_looked_at_before_it_is_sent_again(desk: Desk, fault: Fault) -> None:
    desk.publish(mentioning(1), mentioning(2))
    desk.stage.server.faults.append(fault)
    requests, start = desk.stage.server.requests, desk.stage.time.now()
    done = desk.mapped().update()
    assert (done.edited, done.unknown, done.left, desk.edits) == (2, 0, (), 2)
    assert desk.stage.server.requests - requests == (2 if fault is Fault.LOST_AFTER else 3)
    waited = (desk.stage.time.now() - start).total_seconds()
    assert waited >= Terms().grace if fault is Fault.LOST_BEFORE else waited < 10
    assert desk.stage.notes.codes == ["OUTCOME_UNKNOWN"]


@pytest.mark.parametrize("delay", [60, 400])
def test_an_edit_that_comes_through_late_is_made_once(desk: Desk, delay: int) -> None:
    desk.publish(mentioning(1))
    desk.stage.server._delay = timedelta(seconds=delay)
    desk.stage.server.faults.append(Fault.LATE)
    done = desk.mapped().update()
    assert (done.edited, done.left, desk.edits) == (1, (), 1)
    desk.stage.time.sleep(600)
    assert desk.stage.server.get(desk.stage.server.statuses[0].remote_id) is not None
    assert (desk.edits, desk.shown()) == (1, [])


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_run_goes_on_where_it_was(desk: Desk, when: str) -> None:
    desk.publish(mentioning(1), mentioning(2), mentioning(3))
    desk.mapped().stage.server.crashes = [None, when]
    with pytest.raises(Crash):
        desk.update()
    lost = desk.stage.ledger.queue.editing(ACCOUNT)
    assert lost is not None
    assert lost.row.post_id == "1002"
    assert verify_after_crash(desk) == []
    desk.stage.restart()
    done = desk.update()
    assert (done.edited, done.unknown, done.left, desk.edits) == (2, 0, (), 3)
    assert all("museum.example" in (text or "") for text in desk.texts)
    assert desk.stage.ledger.queue.editing(ACCOUNT) is None
    assert desk.shown() == []


def verify_after_crash(desk: Desk) -> list[str]:
    """What a person is told while an edit is in doubt."""
    desk.stage.restart()
    return [each.detail for each in verify(desk.stage.ports(), Terms()).findings]


def test_a_person_who_edits_while_an_answer_is_missing_has_the_last_word(desk: Desk) -> None:
    desk.publish(mentioning(1))
    desk.mapped().stage.server.crashes = ["before"]
    with pytest.raises(Crash):
        desk.update()
    status = desk.stage.server.statuses[0]
    desk.stage.server.statuses[0] = replace(status, text="By hand")
    desk.stage.restart()
    done = desk.update()
    assert [left.code for left in done.left] == ["EDITED_BY_HAND"]
    assert (desk.texts, desk.edits, done.unknown) == (["By hand"], 0, 0)


def test_a_refusal_is_reported_and_the_rest_goes_on(desk: Desk) -> None:
    desk.publish(mentioning(1), mentioning(2))
    desk.stage.server.faults.extend([Fault.REFUSED, Fault.DEFERRED, Fault.NOT_SENT])
    done = desk.mapped().update()
    assert [(left.row.post_id, left.code) for left in done.left] == [("1001", "REFUSED")]
    assert (done.edited, done.stopped, desk.edits) == (1, None, 1)
    again = desk.update()
    assert (again.edited, desk.shown()) == (1, [])


def test_a_token_that_is_no_good_stops_the_run(desk: Desk) -> None:
    desk.publish(mentioning(1))
    desk.stage.server.faults.append(Fault.UNAUTHORIZED)
    done = desk.mapped().update()
    assert (done.stopped, done.unknown, desk.edits) == ("auth", 0, 0)
    assert desk.update().edited == 1


def test_a_server_that_never_answers_ends_the_run(desk: Desk) -> None:
    desk.publish(mentioning(1))
    desk.stage.server.faults.extend([Fault.LOST_BEFORE] * 6)
    done = desk.mapped().update()
    assert (done.stopped, done.unknown, desk.edits) == ("temporary", 0, 0)
    assert desk.update().edited == 1


def test_edits_keep_to_the_window_for_statuses_and_to_the_pace(ledger: Ledger) -> None:
    narrow = replace(EDITS, windows=(Window(name="statuses", limit=5, seconds=3600),))
    desk = Desk(ledger)
    desk.publish(*(mentioning(number) for number in range(1, 13)))
    desk.mapped().stage.server._limits = narrow
    start = desk.stage.time.now()
    stopped = desk.update(Terms(pace=Pace(max_posts=2)))
    assert (stopped.edited, stopped.stopped) == (2, "max_posts")
    assert desk.update().edited == 10
    assert timedelta(hours=1) < desk.stage.time.now() - start < timedelta(hours=3)


def test_edits_keep_to_so_many_an_hour(desk: Desk) -> None:
    desk.publish(*(mentioning(number) for number in range(1, 8)))
    start = desk.stage.time.now()
    done = desk.mapped().update(Terms(pace=Pace(per_hour=2)))
    assert (done.edited, done.stopped) == (7, None)
    waited = desk.stage.time.now() - start
    assert timedelta(hours=2) < waited <= timedelta(hours=4)


def test_edits_are_made_in_the_hours_that_are_allowed(desk: Desk) -> None:
    desk.publish(mentioning(1), mentioning(2))
    assert not 3 <= desk.stage.time.now().hour < 5
    done = desk.mapped().update(Terms(pace=Pace(hours=(3, 5))))
    assert (done.edited, done.stopped) == (2, None)
    assert 3 <= desk.stage.time.now().hour < 5


def test_the_digest_names_how_everything_is_to_read(desk: Desk) -> None:
    desk.publish(mentioning(1), mentioning(2), post(3))
    before = digest(desk)
    assert digest(desk.mapped()) != before
    wanted = digest(desk)
    desk.update(Terms(pace=Pace(max_posts=1)))
    assert digest(desk) == wanted
    desk.update()
    assert digest(desk) == wanted


def digest(desk: Desk) -> str:
    changes = desk.changes()
    list(changes)
    return changes.compared.digest


def test_a_limit_counts_changed_posts_and_a_selection_narrows(desk: Desk) -> None:
    desk.publish(post(1), *(mentioning(number) for number in range(2, 6)))
    desk.mapped()
    desk.wish = replace(desk.wish, rules=Rules(limit=2))
    assert [changed.post.id for changed in desk.shown()] == ["1002", "1003"]
    desk.wish = replace(desk.wish, rules=Rules(ids=frozenset({"1004"})))
    assert [changed.post.id for changed in desk.shown()] == ["1004"]


def test_planning_and_publishing_take_no_notice(desk: Desk) -> None:
    desk.publish(mentioning(1), post(2))
    ledger = desk.stage.ledger
    first = plan_digest(desk)
    desk.mapped()
    assert plan_digest(desk) == first
    desk.stage.plan([], desk.wish)
    assert desk.stage.run().published == 0
    assert ledger.queue.counts(ACCOUNT)[State.PUBLISHED] == 2
    assert desk.edits == 0


def plan_digest(desk: Desk) -> str:
    tally = Tally()
    for proposed in propose(desk.stage.ledger, SOURCE, desk.wish, destination=ACCOUNT):
        tally.add(proposed)
    return tally.digest


def test_an_edited_post_has_its_history(desk: Desk) -> None:
    desk.publish(mentioning(1))
    desk.mapped().update()
    last = desk.stage.ledger.queue.events(SOURCE, "1001")[-1]
    assert (last.before, last.after, last.detail) == ("published", "published", "edited")
