"""Deleting over real sockets: Mastodon.py against the practice server, whatever goes wrong there."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest

from bridge.engine.choice import Choice, choose, schedule
from bridge.engine.terms import Terms
from bridge.engine.undo import Undone, undo
from bridge.engine.verify import verify
from bridge.ledger import Ledger, open_ledger
from bridge.pacing import Budget, Pace
from bridge.publications import State
from bridge.sandbox.rules.faults import Fault, FaultKind
from tests.engine.test_practice import SERVERS, Rehearsal, rehearsal

K = FaultKind
DELETE = "DELETE /api/v1/statuses/*"
FAULTS = [
    K.CUT_BEFORE, K.CUT_REQUEST, K.ERROR_503, K.ERROR_502, K.ERROR_500, K.HTML_429, K.HTML_200, K.MOVED_301,
    K.REDIRECT, K.COMMIT_DROP, K.CUT_ANSWER, K.COMMIT_504, K.COMMIT_500, K.COMMIT_HTML, K.COMMIT_GARBAGE,
    K.BAD_RESET, K.CLOSE_AFTER, K.CLOCK_SKEW,
]  # fmt: skip


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


def take_back(play: Rehearsal, terms: Terms | None = None) -> Undone:
    account = play.publisher.account
    queue = play.ledger.queue
    identity = play.publisher.identity()
    queue.open_destination(account, now=play.time.now(), remote_account_id=identity.id)
    hold = queue.hold(account, owner=play.stage.owner(), now=play.time.now(), seconds=600)
    try:
        return undo(play.ports(), terms or Terms(), choose(play.ledger, account, Choice()).rows, hold)
    finally:
        queue.release(hold)


def say_by_hand(play: Rehearsal) -> str:
    """A status that its owner writes in a browser."""
    server = play.sandbox
    request = Request(
        f"{server.base_url}/api/v1/statuses",
        data=b"status=By+hand",
        headers=authorization(play),
        method="POST",
    )
    urlopen(request).close()
    return server.state.statuses[-1].id


def authorization(play: Rehearsal) -> dict[str, str]:
    return {"Authorization": f"Bearer {play.sandbox.token}"}


def overrun(play: Rehearsal) -> int:
    return sum(status == 429 for _, _, status in play.sandbox.state.requests)


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_at_mastodon_leaves_nothing_behind(ledger: Ledger, kind: FaultKind) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0") as play:
        play.plan(4)
        play.run()
        by_hand = say_by_hand(play)
        play.sandbox.faults.add(Fault(kind=kind, on=DELETE, nth=2, seconds=1))
        done = take_back(play)
        assert (done.withdrawn, done.gone, done.kept, done.stopped) == (4, 0, (), None)
        assert len(play.sandbox.faults.history) == 1
        assert [status.id for status in play.sandbox.state.statuses] == [by_hand]
        assert play.ledger.queue.counts(play.publisher.account)[State.WITHDRAWN] == 4
        found = verify(play.ports(), Terms())
        assert (found.present, found.foreign, found.findings) == (0, 1, ())


@pytest.mark.parametrize(("profile", "version"), [*SERVERS, ("sharkey", None), ("takahe", None)])
@pytest.mark.parametrize("kind", [K.COMMIT_DROP, K.ERROR_500])
def test_every_server_lets_go(ledger: Ledger, profile: str, version: str | None, kind: FaultKind) -> None:
    with rehearsal(ledger, profile, version) as play:
        play.plan(4, media=1 if profile == "pixelfed" else 0)
        assert play.run().published == 4
        play.sandbox.faults.add(Fault(kind=kind, on=DELETE, nth=2))
        done = take_back(play)
        assert (done.withdrawn, done.gone, done.kept, done.stopped) == (4, 0, (), None)
        assert play.sandbox.state.statuses == ()


def test_what_its_owner_deleted_meanwhile_is_gone(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0") as play:
        play.plan(4)
        play.run()
        first = play.sandbox.state.statuses[0].id
        url = f"{play.sandbox.base_url}/api/v1/statuses/{first}"
        urlopen(Request(url, headers=authorization(play), method="DELETE")).close()
        done = take_back(play)
        assert (done.withdrawn, done.gone) == (3, 1)


def test_a_token_that_was_taken_back_ends_it(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0") as play:
        play.plan(3)
        play.run()
        play.sandbox.faults.add(Fault(kind=K.UNAUTHORIZED, on=DELETE, nth=2))
        done = take_back(play)
        assert (done.withdrawn, done.stopped, done.remaining) == (1, "auth", 2)
        assert take_back(play).withdrawn == 2


def test_no_window_is_overrun_and_the_end_is_foretold(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0", limits=True) as play:
        play.plan(70)
        play.run()
        before = overrun(play)
        foretold = schedule(70, play.time.now(), Budget.of(play.publisher.limits().windows))
        done = take_back(play)
        assert (done.withdrawn, overrun(play)) == (70, before)
        assert abs(done.seconds - foretold.seconds) <= max(0.01 * foretold.seconds, 70 * 1.2)


def test_deletions_of_others_are_learnt_from_the_server(ledger: Ledger) -> None:
    """Another program has used up the window: at most one answer of 429, and the wait is the right one."""
    with rehearsal(ledger, "mastodon", "4.5.0", limits=True) as play:
        play.plan(10)
        play.run()
        for number in range(26):
            url = f"{play.sandbox.base_url}/api/v1/statuses/{number + 1}"
            with pytest.raises(Exception, match="404"):
                urlopen(Request(url, headers=authorization(play), method="DELETE"))
        before, start = overrun(play), play.time.now()
        done = take_back(play)
        assert done.withdrawn == 10
        assert overrun(play) - before <= 1
        edge = 1800 - start.timestamp() % 1800
        assert edge <= done.seconds <= edge + 60
        assert {reason for _, reason in play.notes.waits} == {"deletes"}


def test_a_limit_that_fires_unexpectedly_is_waited_out(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0", limits=True) as play:
        play.plan(3)
        play.run()
        for number in range(30):
            url = f"{play.sandbox.base_url}/api/v1/statuses/{number + 1}"
            with pytest.raises(Exception, match="404"):
                urlopen(Request(url, headers=authorization(play), method="DELETE"))
        before, start = overrun(play), play.time.now()
        assert take_back(play).withdrawn == 3
        assert overrun(play) - before == 1
        assert (play.time.now() - start).total_seconds() <= 1800 - start.timestamp() % 1800 + 60


def test_at_akkoma_deletions_share_the_window_of_posts(ledger: Ledger) -> None:
    with rehearsal(ledger, "akkoma", None, limits=True) as play:
        play.plan(40)
        assert play.run().published == 40
        done = take_back(play)
        assert (done.withdrawn, overrun(play)) == (40, 0)


def test_a_run_that_was_stopped_goes_on(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0", limits=True) as play:
        play.plan(40)
        play.run()
        stopped = take_back(play, Terms(pace=Pace(max_seconds=60)))
        assert (stopped.withdrawn, stopped.remaining, stopped.stopped) == (30, 10, "max_duration")
        done = take_back(play)
        assert (done.withdrawn, done.remaining) == (10, 0)
        assert overrun(play) == 0
