"""A lost request is looked for as it was sent, whatever has become since of what it is about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.engine.choice import Choice, choose
from bridge.engine.terms import Terms
from bridge.engine.undo import undo
from bridge.engine.verify import verify
from bridge.ledger import Ledger
from bridge.posts import Post, Reference
from bridge.publications import State
from bridge.publishers.memory import Fault
from bridge.statuses import Idempotency
from tests.changes import replace
from tests.engine.desk import EDITS, Desk, linking, wish
from tests.engine.stage import ACCOUNT, SOURCE, Crash, Stage, post

LIMITS = replace(EDITS, quotes=True, idempotency=Idempotency.IGNORED)  # no key stands in the way of a double
OLD = "https://twitter.com/i/status/1002"


def quoting(number: int, of: int) -> Post:
    quoted = Reference(id=str(1000 + of), author_id="1")
    return replace(post(number, text=f"As I said {number}"), quote=quoted)


def answering(number: int, to: int) -> Post:
    return post(number, answers=to)


@pytest.fixture
def desk(ledger: Ledger) -> Desk:
    desk = Desk(ledger, wish(limits=LIMITS))
    desk.stage = Stage(ledger, LIMITS)
    desk.publish(post(1), post(2, answers=1))
    return desk


def take_back(desk: Desk) -> None:
    stage, queue = desk.stage, desk.stage.ledger.queue
    hold = queue.hold(ACCOUNT, owner=stage.owner(), now=stage.time.now(), seconds=600)
    chosen = choose(stage.ledger, ACCOUNT, Choice(posts=frozenset({(SOURCE, "1002")})))
    assert undo(stage.ports(), Terms(), chosen.rows, hold).withdrawn == 1
    queue.release(hold)


def take_back_and_retry(desk: Desk) -> None:
    take_back(desk)
    assert desk.stage.ledger.queue.reinstate(ACCOUNT, now=desk.stage.time.now()) == 1


def lose(desk: Desk) -> None:
    """Its owner deletes it, and wants it back before anybody has looked for what is under way."""
    stage = desk.stage
    [gone] = [each.remote_id for each in stage.server.statuses if each.text == "Post 2"]
    stage.server.withdraw(gone)
    stage.ledger.queue.send_again(ACCOUNT, [gone], now=stage.time.now())


def dies(desk: Desk, *crashes: str | None) -> None:
    desk.stage.server.crashes = list(crashes)
    with pytest.raises(Crash):
        desk.stage.run()
    desk.stage.server.crashes = []
    desk.stage.restart()


@pytest.mark.parametrize("gone", [take_back, take_back_and_retry, lose])
@pytest.mark.parametrize("about", [linking, quoting, answering])
def test_it_is_found_when_what_it_is_about_is_gone(
    desk: Desk, gone: Callable[[Desk], None], about: Callable[[int, int], Post]
) -> None:
    desk.stage.plan([about(3, 2)], desk.wish)
    dies(desk, "after")
    ours = desk.stage.server.statuses[-1]
    gone(desk)
    assert desk.stage.run_to_the_end().published >= 1
    said = [each.text for each in desk.stage.server.statuses]
    assert said.count(ours.text) == 1
    assert len(said) == desk.stage.ledger.queue.counts(ACCOUNT)[State.PUBLISHED]
    [row] = desk.stage.ledger.queue.standing(ACCOUNT, SOURCE, ["1003"])["1003"]
    assert row.row.remote_id == ours.remote_id


@pytest.mark.parametrize("about", [linking, quoting, answering])
def test_what_never_arrived_is_sent_as_it_would_be_now(desk: Desk, about: Callable[[int, int], Post]) -> None:
    desk.stage.plan([about(3, 2)], desk.wish)
    dies(desk, "before")
    take_back(desk)
    assert desk.stage.run_to_the_end().published == 1
    first, third = desk.stage.server.statuses
    assert (third.quote_id, third.in_reply_to_id) == (None, first.remote_id if about is answering else None)
    assert "memory.example" not in (third.text or "")
    assert verify(desk.stage.ports(), Terms()).findings == ()


def delete_by_hand(desk: Desk) -> None:
    """The ledger is not told."""
    desk.stage.server.withdraw(desk.stage.server.statuses[1].remote_id)


@pytest.mark.parametrize("idempotency", Idempotency)
def test_a_link_takes_the_place_of_a_quote_that_is_refused(ledger: Ledger, idempotency: Idempotency) -> None:
    limits = replace(LIMITS, idempotency=idempotency)
    desk = Desk(ledger, wish(limits=limits))
    desk.stage = Stage(ledger, limits)
    desk.publish(post(1), post(2))
    delete_by_hand(desk)
    desk.stage.plan([quoting(3, 2), quoting(4, 2)], desk.wish)
    done = desk.stage.run()
    assert (done.published, done.failed) == (2, 0)
    assert desk.texts == ["Post 1", f"As I said 3\n\n{OLD}", f"As I said 4\n\n{OLD}"]
    assert [each.quote_id for each in desk.stage.server.statuses] == [None, None, None]


def test_nothing_is_to_be_edited_until_it_stands_again(desk: Desk) -> None:
    delete_by_hand(desk)
    desk.publish(quoting(3, 2))
    assert desk.shown() == []
    found = verify(desk.stage.ports(), Terms())
    assert [(each.kind, each.post_id) for each in found.findings] == [("missing", "1002")]
    missing = [each.remote_id for each in found.of("missing")]
    desk.stage.ledger.queue.send_again(ACCOUNT, missing, now=desk.stage.time.now())
    desk.publish()
    new = desk.stage.server.statuses[-1].url
    assert desk.update().edited == 1
    assert f"As I said 3\n\n{new}" in desk.texts
    assert (desk.shown(), verify(desk.stage.ports(), Terms()).findings) == ([], ())


@pytest.mark.parametrize(
    "crashes",
    [("before",), (None, "before"), (None, "after")],
    ids=["before the refusal", "before the link", "after the link"],
)
def test_a_crash_on_the_way_makes_no_double(desk: Desk, crashes: tuple[str | None, ...]) -> None:
    delete_by_hand(desk)
    desk.stage.plan([quoting(3, 2)], desk.wish)
    dies(desk, *crashes)
    assert desk.stage.run_to_the_end().published == 1
    assert desk.texts == ["Post 1", f"As I said 3\n\n{OLD}"]


def test_a_quote_that_arrived_before_the_quoted_was_deleted_is_found(desk: Desk) -> None:
    desk.stage.plan([quoting(3, 2)], desk.wish)
    dies(desk, "after")
    delete_by_hand(desk)
    assert desk.stage.run_to_the_end().published == 1
    assert desk.texts == ["Post 1", "As I said 3"]


def test_a_refusal_for_another_reason_is_one(desk: Desk) -> None:
    desk.stage.plan([quoting(3, 2)], desk.wish)
    desk.stage.server.faults.append(Fault.REFUSED)
    done = desk.stage.run()
    assert (done.published, done.failed) == (0, 1)
