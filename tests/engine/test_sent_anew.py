"""A post sent anew has another address: those that link to it say the old one until they are edited."""

from __future__ import annotations

import pytest

from bridge.engine.choice import Choice, choose
from bridge.engine.terms import Terms
from bridge.engine.undo import undo
from bridge.engine.verify import verify
from bridge.ledger import Ledger
from bridge.publications import State
from tests.engine.desk import Desk, linking
from tests.engine.stage import ACCOUNT, SOURCE, post


@pytest.fixture
def desk(ledger: Ledger) -> Desk:
    desk = Desk(ledger)
    desk.publish(post(1), linking(2, 1), post(3))
    return desk


def take_back(desk: Desk, post_id: str) -> None:
    stage, queue = desk.stage, desk.stage.ledger.queue
    hold = queue.hold(ACCOUNT, owner=stage.owner(), now=stage.time.now(), seconds=600)
    chosen = choose(stage.ledger, ACCOUNT, Choice(posts=frozenset({(SOURCE, post_id)})))
    assert undo(stage.ports(), Terms(), chosen.rows, hold).withdrawn == 1
    queue.release(hold)
    stage.time.sleep(60)


def lose(desk: Desk, _post_id: str) -> None:
    """Its owner deletes the first one in a browser, and wants it back."""
    stage = desk.stage
    stage.server.withdraw(stage.server.statuses[0].remote_id)
    missing = [each.remote_id for each in verify(stage.ports(), Terms(), repair=True).of("missing")]
    stage.ledger.queue.send_again(ACCOUNT, missing, now=stage.time.now())


def send_anew(desk: Desk) -> None:
    stage = desk.stage
    stage.ledger.queue.reinstate(ACCOUNT, now=stage.time.now())
    desk.publish()
    assert stage.ledger.queue.counts(ACCOUNT)[State.PUBLISHED] == 3


def altered(desk: Desk) -> list[str]:
    return [each.detail for each in verify(desk.stage.ports(), Terms()).findings]


@pytest.mark.parametrize("gone", [take_back, lose])
def test_the_link_is_edited_and_nothing_is_left_to_do(desk: Desk, gone: object) -> None:
    old = desk.stage.server.statuses[0].url
    gone(desk, "1001")  # type: ignore[operator]
    send_anew(desk)
    new = desk.stage.server.statuses[-1].url
    assert old != new
    assert desk.texts[0] == f"After {old} again"
    assert altered(desk) == []
    (changed,) = desk.shown()
    ((row, revise),) = changed.edits
    assert (row.post_id, revise.before.text, revise.after.text) == (
        "1002", f"After {old} again", f"After {new} again",
    )  # fmt: skip
    done = desk.update()
    assert (done.edited, done.left) == (1, ())
    assert desk.texts[0] == f"After {new} again"
    assert (desk.shown(), altered(desk)) == ([], [])
    assert desk.update().edited == 0


def test_it_may_happen_again_and_again(desk: Desk) -> None:
    for _ in range(2):
        take_back(desk, "1001")
        send_anew(desk)
    assert (altered(desk), desk.update().edited) == ([], 1)
    take_back(desk, "1001")
    send_anew(desk)
    assert (altered(desk), desk.update().edited, desk.shown()) == ([], 1, [])


def test_what_was_withdrawn_was_not_linked_to(ledger: Ledger) -> None:
    desk = Desk(ledger)
    desk.publish(post(1))
    desk.stage.plan([linking(2, 1)], desk.wish)
    take_back(desk, "1001")
    desk.publish()
    assert "twitter.com" in (desk.texts[0] or "")
    assert (desk.shown(), altered(desk)) == ([], [])
    (row,) = ledger.queue.standing(ACCOUNT, SOURCE, ["1002"])["1002"]
    assert row.sent == desk.texts[0]


def test_without_the_note_a_withdrawn_address_is_still_told_from_a_standing_one(ledger: Ledger) -> None:
    """A ledger of an older version, where it has to be worked out."""
    desk = Desk(ledger)
    desk.publish(post(1), linking(2, 1))
    take_back(desk, "1001")
    desk.publish(linking(3, 1))
    rows = {
        post_id: found[0].row
        for post_id, found in ledger.queue.standing(ACCOUNT, SOURCE, ["1002", "1003"]).items()
    }
    quoted = rows["1002"].draft.own_links[0].to
    assert ledger.queue.sent_before(rows["1002"], quoted) is not None
    assert ledger.queue.sent_before(rows["1003"], quoted) is None
