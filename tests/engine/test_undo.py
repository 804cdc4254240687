"""What was published is deleted, once, and nothing else; whatever happens in between."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.engine.choice import Choice, Chosen, choose, schedule
from bridge.engine.deliver import pump
from bridge.engine.propose import Decision, Wish, propose
from bridge.engine.terms import Terms
from bridge.engine.undo import Undone, undo
from bridge.engine.verify import verify
from bridge.errors import Locked
from bridge.ledger import Ledger, open_ledger
from bridge.ledger.rows import Hold
from bridge.ledger.tables import publications
from bridge.pacing import Budget, Pace
from bridge.publications import State
from bridge.publishers.base import Receipt
from bridge.publishers.memory import Fault
from bridge.rendering import RenderOptions
from bridge.selection import Rules
from bridge.statuses import Visibility, Window
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FIRST, FREE, NOW, SOURCE, Crash, Stage, post

WINDOWS = (Window(name="deletes", limit=30, seconds=1_800), Window(name="calls", limit=300, seconds=300))


class Undoing(Stage):
    def start(self, command: str = "publish") -> int:
        return self.ledger.runs.start(command, version="0", config_digest=None, now=self.time.now())

    def choose(self, **choice: object) -> Chosen:
        return choose(self.ledger, ACCOUNT, Choice(**choice))  # type: ignore[arg-type]

    def hold(self) -> Hold:
        now = self.time.now()
        return self.ledger.queue.hold(ACCOUNT, owner=self.owner(), now=now, seconds=600)

    def undo(self, terms: Terms | None = None, stop: object = None, **choice: object) -> Undone:
        """A process that dies in here gives its hold to nobody."""
        hold = self.hold()
        ports = replace(self.ports(stop or (lambda: False)), run=self.start("undo"))  # type: ignore[arg-type]
        done = undo(ports, terms or Terms(), self.choose(**choice).rows, hold)
        self.ledger.queue.release(hold)
        return done

    def try_to_undo(self, posts: frozenset[tuple[str, str]]) -> Undone | None:
        """None: the process died, and another one comes when its hold has run out."""
        try:
            return self.undo(posts=posts)
        except Crash:
            self.restart()
            return None

    def states(self) -> dict[str, State]:
        return {row.post_id: row.state for row in self.ledger.queue.placed(ACCOUNT)}


def published(ledger: Ledger, count: int = 5) -> Undoing:
    """A thread of three, and posts of their own."""
    stage = Undoing(ledger)
    stage.plan([post(n, answers=n - 1 if n in (2, 3) else None) for n in range(1, count + 1)])
    assert stage.run().published == count
    return stage


def numbers(chosen: Chosen) -> list[int]:
    return [int(row.post_id) - 1000 for row in chosen.rows]


def test_everything_goes_the_other_way_round_than_it_came(ledger: Ledger) -> None:
    stage = published(ledger)
    chosen = stage.choose()
    assert numbers(chosen) == [5, 4, 3, 2, 1]
    assert chosen.first is not None
    assert chosen.first.post_id == "1001"
    assert (chosen.posts, chosen.stranded, chosen.adopted) == (5, 0, 0)


def test_a_rule_takes_a_thread_whole(ledger: Ledger) -> None:
    stage = published(ledger)
    assert numbers(stage.choose(rules=Rules(grep="Post 2"))) == [3, 2, 1]
    assert numbers(stage.choose(rules=Rules(ids=frozenset({"1003"})))) == [3, 2, 1]
    assert numbers(stage.choose(rules=Rules(since=FIRST + timedelta(minutes=2)))) == [5, 4]
    assert numbers(stage.choose(rules=Rules(until=FIRST + timedelta(minutes=2)))) == [3, 2, 1]
    assert numbers(stage.choose(rules=Rules(limit=4))) == [4, 3, 2, 1]


def test_a_limit_means_the_same_posts_after_half_of_them_are_gone(ledger: Ledger) -> None:
    stage = published(ledger)
    rules = Rules(limit=3)
    assert stage.undo(Terms(pace=Pace(max_posts=2)), rules=rules).stopped == "max_posts"
    assert numbers(stage.choose(rules=rules)) == [1]
    assert stage.undo(rules=rules).withdrawn == 1
    assert numbers(stage.choose(rules=rules)) == []


def test_a_post_that_is_named_goes_alone(ledger: Ledger) -> None:
    stage = published(ledger)
    chosen = stage.choose(posts=frozenset({(SOURCE, "1002"), (SOURCE, "1004")}))
    assert numbers(chosen) == [4, 2]
    assert chosen.stranded == 1  # the third answers the second


def test_a_run_is_what_it_published(ledger: Ledger) -> None:
    stage = Undoing(ledger)
    stage.plan([post(n) for n in range(1, 6)])
    first, second = stage.start(), stage.start()
    pump(replace(stage.ports(), run=first), Terms(pace=Pace(max_posts=2)))
    stage.server.faults.extend([Fault.LOST_AFTER])
    pump(replace(stage.ports(), run=second), Terms())
    assert numbers(stage.choose(run=first)) == [2, 1]
    assert numbers(stage.choose(run=second)) == [5, 4, 3]  # the one whose answer was lost, too
    assert stage.undo(run=second).withdrawn == 3
    assert stage.texts == ["Post 1", "Post 2"]


def test_choices_narrow_one_another(ledger: Ledger) -> None:
    stage = published(ledger)
    posts = frozenset({(SOURCE, "1001"), (SOURCE, "1005")})
    assert numbers(stage.choose(posts=posts, rules=Rules(grep="Post 5"))) == [5]


def test_what_another_tool_published_is_left_alone(ledger: Ledger) -> None:
    stage = published(ledger)
    rows = {row.post_id: row.id for row in ledger.queue.placed(ACCOUNT)}
    with ledger._database.write() as connection:
        named = sa.update(publications).where(publications.c.id == rows["1004"])
        connection.execute(named.values(reason="adopted: from a list"))
    chosen = stage.choose()
    assert (numbers(chosen), chosen.adopted) == ([5, 3, 2, 1], 1)
    assert numbers(stage.choose(adopted=True)) == [5, 4, 3, 2, 1]


def test_answers_go_before_what_they_answer(ledger: Ledger) -> None:
    stage = published(ledger, 3)
    stage.undo()
    assert stage.notes.withdrawn_ids == ["1003", "1002", "1001"]


def test_what_is_deleted_stays_away(ledger: Ledger) -> None:
    stage = published(ledger)
    done = stage.undo(rules=Rules(grep="Post 2"))
    assert (done.withdrawn, done.gone, done.kept, done.remaining, done.stopped) == (3, 0, (), 0, None)
    assert done.next_attempt is None
    assert stage.texts == ["Post 4", "Post 5"]
    assert stage.states()["1002"] is State.WITHDRAWN
    stage.plan()
    assert stage.run().published == 0
    assert len(stage.server.statuses) == 2
    found = verify(stage.ports(), Terms())
    assert (found.present, found.findings) == (2, ())
    wish = Wish(limits=FREE)
    proposed = {p.post_id: p for p in propose(ledger, SOURCE, wish, destination=ACCOUNT)}
    assert (proposed["1002"].decision, proposed["1002"].reason) == (Decision.SKIP, "withdrawn")
    events = ledger.queue.events(SOURCE, "1002")
    assert [(e.after, e.actor) for e in events[-2:]] == [("published", "undo"), ("withdrawn", "undo")]
    assert events[-1].run is not None


def test_what_answers_or_quotes_it_can_still_be_published(ledger: Ledger) -> None:
    stage = Undoing(ledger)
    stage.plan([post(1), post(2, answers=1), post(3, answers=2)])
    stage.run(Terms(pace=Pace(max_posts=2)))
    stage.undo(posts=frozenset({(SOURCE, "1002")}))
    assert stage.run().published == 1
    assert stage.server.statuses[-1].in_reply_to_id == stage.server.statuses[0].remote_id


def test_a_person_may_want_it_published_anew(ledger: Ledger) -> None:
    stage = published(ledger)
    before = {receipt.remote_id for receipt in stage.server.statuses}
    stage.undo()
    assert ledger.queue.retry(ACCOUNT, now=NOW) == 0
    assert ledger.queue.reinstate(ACCOUNT, [(SOURCE, "1001")], now=NOW) == 1
    assert ledger.queue.reinstate(ACCOUNT, now=NOW) == 4
    stage.plan(wish=Wish(limits=FREE, options=RenderOptions(visibility=Visibility.PUBLIC)))
    assert stage.run().published == 5
    assert {receipt.visibility for receipt in stage.server.statuses} == {"public"}
    assert before.isdisjoint(receipt.remote_id for receipt in stage.server.statuses)
    assert stage.server.statuses[1].in_reply_to_id == stage.server.statuses[0].remote_id
    assert stage.undo().withdrawn == 5


def test_half_a_post_is_not_published_anew(ledger: Ledger) -> None:
    stage = Undoing(ledger)
    stage.plan([post(1, text="word " * 300)])
    assert stage.run().published > 1
    stage.undo(Terms(pace=Pace(max_posts=1)))
    assert ledger.queue.reinstate(ACCOUNT, now=NOW) == 0


@pytest.mark.parametrize("crash", ["before", "after"])
@pytest.mark.parametrize("nth", [0, 2, 4])
def test_a_dead_process_is_taken_over(ledger: Ledger, crash: str, nth: int) -> None:
    stage = published(ledger)
    stage.server.crashes = [*[None] * nth, crash]
    with pytest.raises(Crash):
        stage.undo()
    stage.restart()
    done = stage.undo()
    assert (done.withdrawn, done.gone, done.kept) == (5 - nth, 0, ())
    assert stage.texts == []
    assert set(stage.states().values()) == {State.WITHDRAWN}


def test_a_deletion_that_nobody_wrote_down_is_not_missing(ledger: Ledger) -> None:
    stage = published(ledger)
    stage.server.crashes = ["after"]
    with pytest.raises(Crash):
        stage.undo()
    stage.restart()
    found = verify(stage.ports(), Terms())
    assert (found.present, found.unknown, found.settled, found.findings) == (4, 1, 0, ())
    found = verify(stage.ports(), Terms(), repair=True)
    assert (found.present, found.unknown, found.settled, found.findings) == (4, 0, 1, ())
    assert stage.states()["1005"] is State.WITHDRAWN


@pytest.mark.parametrize(
    "fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.DEFERRED, Fault.NOT_SENT], ids=lambda f: f.value
)
def test_a_lost_or_late_answer_is_looked_into(ledger: Ledger, fault: Fault) -> None:
    stage = published(ledger)
    stage.server.deletion_faults.extend([None, fault])
    done = stage.undo()
    assert (done.withdrawn, done.gone, done.kept, done.stopped) == (5, 0, (), None)
    assert stage.texts == []
    assert stage.server.requests == 5 + 5 + (fault is not Fault.LOST_AFTER)


def test_a_refusal_leaves_it_standing_and_is_said(ledger: Ledger) -> None:
    stage = published(ledger)
    stage.server.deletion_faults.extend([None, Fault.REFUSED])
    done = stage.undo()
    assert (done.withdrawn, len(done.kept), done.stopped) == (4, 1, None)
    assert stage.texts == ["Post 4"]
    assert stage.states()["1004"] is State.PUBLISHED
    assert stage.notes.failures == [("1004", "The server refused it.")]
    assert "refused" in str(ledger.queue.events(SOURCE, "1004")[-1].detail)
    assert stage.undo().withdrawn == 1


def test_a_server_that_deletes_nothing_is_not_asked_for_ever(ledger: Ledger) -> None:
    stage = published(ledger, 20)
    stage.server.deletion_faults.extend([Fault.REFUSED] * 20)
    done = stage.undo()
    assert (done.withdrawn, len(done.kept), done.stopped, done.remaining) == (0, 5, "refused", 15)


def test_a_status_that_never_answers_does_not_hold_up_the_others(ledger: Ledger) -> None:
    stage = published(ledger)
    stage.server.deletion_faults.extend([None, *[Fault.LOST_BEFORE] * 5])
    done = stage.undo()
    assert (done.withdrawn, len(done.kept), done.stopped) == (4, 1, None)


def test_a_token_that_is_no_good_ends_it(ledger: Ledger) -> None:
    stage = published(ledger)
    stage.server.deletion_faults.extend([None, Fault.UNAUTHORIZED])
    done = stage.undo()
    assert (done.withdrawn, done.stopped, done.remaining) == (1, "auth", 4)
    assert done.next_attempt is not None


def test_what_somebody_deleted_is_gone_and_not_ours(ledger: Ledger) -> None:
    stage = published(ledger)
    del stage.server.statuses[1]
    done = stage.undo()
    assert (done.withdrawn, done.gone) == (4, 1)
    assert stage.states()["1002"] is State.WITHDRAWN
    assert ledger.queue.events(SOURCE, "1002")[-1].detail == "somebody had deleted it already"


def test_what_is_not_ours_is_never_touched(ledger: Ledger) -> None:
    stage = published(ledger)
    ledger.queue.open_destination(ACCOUNT, now=NOW, remote_account_id="1")
    statuses = stage.server.statuses
    long_ago = NOW - timedelta(days=400)
    statuses[0] = replace(statuses[0], text="Another text", created_at=long_ago)
    statuses[1] = replace(statuses[1], author_id="2")
    statuses[2] = replace(statuses[2], reblog=True)
    statuses[3] = replace(statuses[3], text="Its owner changed the words")
    statuses[4] = replace(statuses[4], created_at=long_ago)  # a clock that was wrong
    statuses.append(replace(statuses[0], remote_id="900", text="Somebody's own"))
    done = stage.undo()
    assert (done.withdrawn, len(done.kept), done.stopped) == (2, 3, None)
    assert stage.texts == ["Another text", "Post 2", "Post 3", "Somebody's own"]
    assert all("left alone" in kept.reason.lower() for kept in done.kept)


def test_a_signal_ends_it_between_two(ledger: Ledger) -> None:
    stage = published(ledger)
    done = stage.undo(stop=lambda: len(stage.server.statuses) == 3)
    assert (done.withdrawn, done.stopped, done.remaining) == (2, "signal", 3)


def test_a_hold_that_is_lost_stops_it_before_anything_is_written(ledger: Ledger) -> None:
    stage = published(ledger)
    hold = stage.hold()
    ledger.queue.release(hold)
    with pytest.raises(Locked):
        undo(stage.ports(), Terms(), stage.choose().rows, hold)
    assert len(stage.server.statuses) == 5


def test_the_window_for_deletions_is_kept_and_foretold(ledger: Ledger) -> None:
    stage = published(ledger, 100)
    stage.server._limits = replace(FREE, windows=WINDOWS)
    stage.server.seconds = 1.2
    start = stage.time.now()
    foretold = schedule(100, start, Budget.of(WINDOWS))
    assert foretold.rule == "deletes"
    done = stage.undo()
    assert done.withdrawn == 100
    assert abs(done.seconds - foretold.seconds) <= 0.01 * foretold.seconds
    windows = [int(at.timestamp()) // 1800 for at in stage.server.withdrawn_at]
    assert max(windows.count(each) for each in windows) == 30
    assert {reason for _, reason in stage.notes.waits} == {"deletes"}


def test_what_was_spent_is_remembered_by_the_next_run(ledger: Ledger) -> None:
    stage = published(ledger, 45)
    stage.server._limits = replace(FREE, windows=WINDOWS)
    stage.undo(Terms(pace=Pace(max_posts=25)))
    stage.restart()
    stage.time.moment = NOW + timedelta(minutes=1)
    done = stage.undo()
    assert done.withdrawn == 20
    assert sum(at < NOW + timedelta(minutes=30) for at in stage.server.withdrawn_at) == 30


def test_a_time_that_was_set_ends_it(ledger: Ledger) -> None:
    stage = published(ledger, 45)
    stage.server._limits = replace(FREE, windows=WINDOWS)
    done = stage.undo(Terms(pace=Pace(max_seconds=60)))
    assert (done.withdrawn, done.stopped, done.remaining) == (30, "max_duration", 15)
    assert done.next_attempt is not None
    assert done.next_attempt >= NOW + timedelta(minutes=30)


def _first_line(receipt: Receipt) -> str:
    return (receipt.text or "").partition("\n")[0]


@settings(max_examples=40)
@given(
    answers=st.lists(st.booleans(), min_size=1, max_size=8),
    chosen=st.sets(st.integers(1, 8)),
    events=st.lists(st.sampled_from([None, "before", "after", *Fault]), max_size=12),
    owner=st.sets(st.integers(1, 8), max_size=2),
)
def test_just_what_was_chosen_goes_whatever_happens(
    answers: list[bool], chosen: set[int], events: list[str | None], owner: set[int]
) -> None:
    """Crashes, faults and the owner's own deletions in any order; and the account is as the ledger says."""
    with open_ledger("sqlite://") as ledger:
        stage = Undoing(ledger)
        count = len(answers)
        stage.plan(
            [post(n, answers=n - 1 if answers[n - 1] and n > 1 else None) for n in range(1, count + 1)]
        )
        stage.run()
        statuses = stage.server.statuses
        statuses.append(replace(statuses[0], remote_id="900", text="Somebody's own"))
        statuses[:] = [each for each in statuses if _first_line(each) not in {f"Post {n}" for n in owner}]
        stage.server.crashes = [each if each in ("before", "after") else None for each in events]
        stage.server.deletion_faults.extend(each if isinstance(each, Fault) else None for each in events)
        posts = frozenset((SOURCE, str(1000 + n)) for n in chosen)
        outcomes: list[Undone | None] = []
        while not outcomes or stage.choose(posts=posts).rows:
            assert len(outcomes) < 30
            outcomes.append(stage.try_to_undo(posts))
        assert stage.texts == [
            *(f"Post {n}" for n in range(1, count + 1) if n not in chosen | owner), "Somebody's own",
        ]  # fmt: skip
        taken = {n for n in range(1, count + 1) if stage.states()[str(1000 + n)] is State.WITHDRAWN}
        assert taken == chosen & set(range(1, count + 1))
        done = [outcome for outcome in outcomes if outcome is not None]
        assert sum(each.gone for each in done) <= len(owner & chosen)
