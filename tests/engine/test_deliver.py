"""The deliverer, turn by turn, against an account in memory."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.engine.deliver import pump
from bridge.engine.propose import Wish
from bridge.engine.terms import Terms
from bridge.errors import Locked, Wider
from bridge.ledger import Ledger
from bridge.pacing import Pace
from bridge.posts import Kind, Reference, Span, SpanKind
from bridge.publications import State
from bridge.publishers.memory import Fault
from bridge.rendering import RenderOptions
from bridge.statuses import Idempotency, Visibility, Window
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FREE, NOW, SOURCE, Crash, Stage, post


def test_everything_arrives_once_and_in_order(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(n) for n in (3, 1, 2, 5, 4)])
    done = stage.run()
    assert stage.texts == [f"Post {n}" for n in range(1, 6)]
    assert (done.published, done.failed, done.unknown, done.remaining, done.stopped) == (5, 0, 0, 0, None)
    again = stage.run()
    assert (again.published, stage.server.requests) == (0, 5)


def test_threads_stay_together_and_connected(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2), post(3, answers=1), post(4, answers=3)])
    stage.run()
    assert stage.texts == ["Post 1", "Post 3", "Post 4", "Post 2"]
    first, second, third, _ = stage.server.statuses
    assert (second.in_reply_to_id, third.in_reply_to_id) == (first.remote_id, second.remote_id)


def test_a_refusal_fails_its_post_and_holds_back_its_thread_only(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2), post(3, answers=1)])
    stage.server.faults.append(Fault.REFUSED)
    done = stage.run()
    assert stage.texts == ["Post 2"]
    assert (done.published, done.failed, done.remaining) == (1, 1, 1)
    assert stage.notes.failures == [("1001", "The server refused it.")]
    ledger.queue.retry(ACCOUNT, now=stage.time.now())
    assert stage.run().published == 2
    assert stage.texts == ["Post 2", "Post 1", "Post 3"]


@pytest.mark.parametrize(
    "fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.LATE, Fault.NOT_SENT, Fault.DEFERRED]
)
@pytest.mark.parametrize("idempotency", Idempotency)
def test_a_fault_costs_time_and_nothing_else(ledger: Ledger, fault: Fault, idempotency: Idempotency) -> None:
    stage = Stage(ledger, replace(FREE, idempotency=idempotency))
    stage.plan([post(n) for n in (1, 2, 3)])
    stage.server.faults.extend([None, fault])
    done = stage.run()
    assert stage.texts == ["Post 1", "Post 2", "Post 3"]
    assert (done.published, done.unknown, done.stopped) == (3, 0, None)


def test_an_answer_that_is_missing_is_waited_for_until_the_grace_is_over(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1)])
    stage.server.faults.append(Fault.LOST_BEFORE)
    stage.run(Terms(grace=150))
    assert stage.server.requests == 2
    assert timedelta(seconds=150) <= stage.time.now() - NOW <= timedelta(seconds=170)


def test_a_late_arrival_is_found_and_not_sent_again(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1)])
    stage.server.faults.append(Fault.LATE)
    stage.run()
    assert (len(stage.server.statuses), stage.server.requests) == (1, 1)


@pytest.mark.parametrize("crash", ["before", "after"])
def test_a_dead_process_leaves_no_duplicate_and_no_gap(ledger: Ledger, crash: str) -> None:
    stage = Stage(ledger)
    stage.plan([post(n) for n in (1, 2, 3)])
    stage.server.crashes = [None, crash]
    with pytest.raises(Crash):
        stage.run()
    stage.restart()
    done = stage.run()
    assert stage.texts == ["Post 1", "Post 2", "Post 3"]
    assert (done.published, done.unknown) == (2, 0)


def test_twins_stay_apart_when_the_answer_is_lost(ledger: Ledger) -> None:
    stage = Stage(ledger)
    twin = replace(post(2, text="Good morning"), created_at=post(1).created_at + timedelta(seconds=1))
    stage.plan([post(1, text="Good morning"), twin])
    stage.server.faults.extend([None, Fault.LOST_BEFORE])
    stage.run()
    assert len(stage.server.statuses) == 2


def test_a_post_that_nobody_can_see_is_left_to_a_person(ledger: Ledger) -> None:
    stage = Stage(ledger, replace(FREE, shows_private=False))
    stage.plan([post(1), post(2)])
    private(stage)
    stage.server.faults.append(Fault.LOST_AFTER)
    done = stage.run()
    assert (done.failed, done.published) == (1, 1)
    assert "Look at the account" in stage.notes.failures[0][1]


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LATE])
def test_a_rewritten_text_that_may_be_ours_is_left_to_a_person(ledger: Ledger, fault: Fault) -> None:
    """Taken for another's it would be there twice, taken for ours it might be missing."""
    stage = Stage(ledger)
    stage.server.rewrites = lambda text: text.replace("*", "")
    stage.plan([post(1, text="The *oldest* bridge of the town"), post(2, text="A ferry of long ago")])
    stage.server.faults.append(fault)
    done = stage.run()
    assert (done.failed, done.published, stage.server.requests) == (1, 1, 2)
    [(post_id, reason)] = stage.notes.failures
    assert post_id == "1001"
    assert "https://memory.example/@me/1 is this post" in reason
    assert "skip" in reason
    assert "retry" in reason
    assert stage.time.now() - NOW >= timedelta(seconds=150), "it might still have arrived beyond doubt"
    assert stage.run().published == 0, "and nothing is sent while nobody has decided"
    ledger.queue.retry(ACCOUNT, now=stage.time.now())
    assert stage.run().published == 1, "a person said that it was another one"


def test_a_rewritten_text_of_something_else_is_no_reason_to_ask(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.server.rewrites = lambda text: text.replace("*", "")
    stage.plan([post(1, text="The *oldest* bridge of the town"), post(2, text="A ferry of long ago, in fog")])
    stage.server.faults.extend([None, Fault.LOST_BEFORE])
    done = stage.run()
    assert (done.failed, done.published, len(stage.server.statuses)) == (0, 2, 2)


def private(stage: Stage) -> None:
    from bridge.engine.propose import Wish
    from bridge.rendering import RenderOptions
    from bridge.statuses import Visibility

    stage.plan(wish=Wish(limits=stage.server.limits(), options=RenderOptions(visibility=Visibility.PRIVATE)))


def test_a_token_that_is_no_good_stops_the_run_and_costs_nothing(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2)])
    stage.server.faults.extend([None, Fault.UNAUTHORIZED])
    done = stage.run()
    assert (done.stopped, done.published, done.remaining) == ("auth", 1, 1)
    assert done.problem == "The access token is invalid"
    assert stage.run().published == 1


def test_a_server_that_stays_away_ends_the_run_for_now(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2)])
    stage.server.faults.extend([Fault.NOT_SENT] * 100)
    done = stage.run()
    assert (done.stopped, done.remaining) == ("temporary", 2)
    assert done.next_attempt is not None
    assert done.next_attempt > stage.time.now()


def test_limits_that_were_set_stop_the_run(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(n) for n in range(1, 6)])
    assert stage.run(Terms(pace=Pace(max_posts=2))).stopped == "max_posts"
    done = stage.run(Terms(pace=Pace(per_hour=60, max_seconds=90)))
    assert (done.stopped, done.published) == ("max_duration", 2)
    last = stage.run(Terms(pace=Pace(max_posts=1)))
    assert (last.stopped, last.published, last.remaining) == (None, 1, 0)


def test_a_signal_stops_between_two_statuses(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(n) for n in range(1, 6)])
    done = stage.run(stop=lambda: len(stage.server.statuses) >= 2)
    assert (done.stopped, done.published, done.remaining) == ("signal", 2, 3)


def test_a_wait_is_told_and_can_be_interrupted(ledger: Ledger) -> None:
    stage = Stage(ledger, replace(FREE, windows=(Window(name="statuses", limit=2, seconds=10_800),)))
    stage.plan([post(n) for n in range(1, 6)])
    done = stage.run(stop=lambda: len(stage.notes.waits) >= 3)
    assert (done.stopped, done.published) == ("signal", 2)
    assert stage.notes.waits[0][1] == "statuses"
    done = stage.run()
    assert done.published == 3
    assert stage.time.now() - NOW >= timedelta(hours=6)


def test_what_was_spent_is_known_to_the_next_process(ledger: Ledger) -> None:
    windows = (Window(name="statuses", limit=3, seconds=10_800),)
    stage = Stage(ledger, replace(FREE, windows=windows))
    stage.plan([post(n) for n in range(1, 6)])
    stage.run(Terms(pace=Pace(max_posts=2)))
    stage.run()
    by_window = [at for at in stage.server.sent_at if at < NOW + timedelta(hours=3)]
    assert len(by_window) == 3


def test_two_runs_on_one_account_exclude_each_other(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1)])
    ledger.queue.hold(ACCOUNT, owner=stage.owner(), now=stage.time.now(), seconds=600)
    stage.lives += 1
    with pytest.raises(Locked):
        stage.run()


def test_a_post_that_came_out_wider_stops_the_run_at_once(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2)])
    publish = stage.server._written
    stage.server._written = lambda *a: replace(publish(*a), visibility="public")  # type: ignore[method-assign]
    with pytest.raises(Wider, match="the server made it public"):
        stage.run()
    assert ledger.queue.counts(ACCOUNT)[State.PUBLISHED] == 1
    assert len(stage.server.statuses) == 1


def widened(ledger: Ledger) -> Stage:
    """The first post came out public; the server has been put right since."""
    stage = Stage(ledger)
    stage.plan([post(1), post(2), post(3)])
    publish = stage.server._written
    stage.server._written = lambda *a: replace(publish(*a), visibility="public")  # type: ignore[method-assign]
    with pytest.raises(Wider):
        stage.run()
    stage.server._written = publish  # type: ignore[method-assign]
    return stage


def test_a_later_run_remembers_that_a_post_came_out_wider(ledger: Ledger) -> None:
    stage = widened(ledger)
    with pytest.raises(Wider, match="made a post public instead of unlisted: https://memory") as refusal:
        stage.run()
    assert "--visibility public" in str(refusal.value)
    assert "--try-again" in str(refusal.value)
    assert len(stage.server.statuses) == 1


def test_asking_for_what_the_server_makes_ends_the_pause(ledger: Ledger) -> None:
    stage = widened(ledger)
    wish = Wish(limits=FREE, options=RenderOptions(visibility=Visibility.PUBLIC))
    stage.plan(wish=wish)
    assert stage.run().published == 2
    assert ledger.queue.paused(ACCOUNT) is None


def test_a_person_may_end_the_pause_and_the_next_wide_post_brings_it_back(ledger: Ledger) -> None:
    stage = widened(ledger)
    ledger.queue.pause(ACCOUNT, None)
    publish = stage.server._written
    stage.server._written = lambda *a: replace(publish(*a), visibility="public")  # type: ignore[method-assign]
    with pytest.raises(Wider):
        stage.run()
    assert len(stage.server.statuses) == 2
    assert ledger.queue.paused(ACCOUNT)


def test_a_lost_post_is_not_sent_again_while_the_account_is_paused(ledger: Ledger) -> None:
    stage = widened(ledger)
    ledger.queue.pause(ACCOUNT, None)
    stage.server.faults.append(Fault.LOST_BEFORE)
    stage.run(stop=lambda: bool(ledger.queue.unknown_count(ACCOUNT)))
    ledger.queue.pause(
        ACCOUNT, "public instead of unlisted: https://x came out wider than it was meant to be."
    )
    stage.time.sleep(600)
    with pytest.raises(Wider):
        stage.run()
    assert len(stage.server.statuses) == 1


def test_what_came_out_narrower_is_a_warning(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2)])
    publish = stage.server._written
    stage.server._written = lambda *a: replace(publish(*a), visibility="private")  # type: ignore[method-assign]
    assert stage.run().published == 2
    assert stage.notes.codes == ["NARROWER", "NARROWER"]


def test_an_answer_to_a_post_that_was_given_up_goes_without(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2, answers=1)])
    ledger.queue.skip(ACCOUNT, [(SOURCE, "1001")], reason="not wanted", now=stage.time.now())
    stage.run()
    assert stage.texts == ["Post 2"]
    assert stage.server.statuses[0].in_reply_to_id is None


def test_a_quoted_post_that_failed_is_linked_instead(ledger: Ledger) -> None:
    stage = Stage(ledger, replace(FREE, quotes=True))
    link = Span(
        start=5,
        end=28,
        kind=SpanKind.LINK,
        target=f"https://twitter.com/museum/status/{1001}",
        post_id="1001",
    )
    quoting = replace(
        post(2, text="Look https://t.co/abcdefghij"),
        kind=Kind.QUOTE,
        spans=(link,),
        quote=Reference(id="1001"),
    )
    stage.plan([replace(post(1), url="https://twitter.com/museum/status/1001"), quoting])
    stage.server.faults.append(Fault.REFUSED)
    assert stage.run().published == 1
    assert (stage.server.statuses[0].text or "").endswith("https://twitter.com/museum/status/1001")
    assert stage.server.statuses[0].quote_id is None


def test_a_hold_of_the_caller_is_used_and_left(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1)])
    hold = ledger.queue.hold(ACCOUNT, owner=stage.owner(), now=stage.time.now(), seconds=600)
    assert pump(stage.ports(), Terms(), hold).published == 1
    row = ledger.queue.destination(ACCOUNT)
    assert row is not None
    assert row.holder == stage.owner()


def test_software_that_tells_its_windows_and_is_silent_has_none(ledger: Ledger) -> None:
    window = Window(name="statuses", limit=30, seconds=10_800)
    told = Stage(ledger, replace(FREE, windows=(window,), tells_quota=True))
    told.plan([post(n) for n in range(60)])
    began = told.time.now()
    assert told.run().published == 60
    assert told.time.now() - began < timedelta(hours=3)


def test_a_clock_that_was_ahead_hides_nothing(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2)])
    stage.run(Terms(pace=Pace(max_posts=1)))
    right = stage.time.moment
    stage.time.moment += timedelta(hours=1)  # wrong by an hour while it is sent; the server is not
    stage.server.crashes = ["after"]
    with pytest.raises(Crash):
        stage.run()
    stage.server.statuses[-1] = replace(stage.server.statuses[-1], created_at=right)
    stage.time.moment = right + timedelta(hours=2)
    stage.lives += 1
    stage.run_to_the_end()
    assert stage.texts == ["Post 1", "Post 2"]


def test_a_server_that_never_answers_costs_no_post(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2)])
    stage.server.faults.extend([Fault.LOST_BEFORE] * 6)
    done = stage.run()
    assert (done.stopped, done.failed, done.remaining) == ("temporary", 0, 2)
    assert stage.run().published == 2
