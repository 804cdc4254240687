"""The ledger held against the account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bridge.engine.terms import Terms
from bridge.engine.verify import verify
from bridge.ledger import Ledger, open_ledger
from bridge.statuses import Idempotency, Window
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FREE, NOW, Crash, Stage, post


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


def published(ledger: Ledger, count: int = 3) -> Stage:
    stage = Stage(ledger)
    stage.plan([post(1), *(post(n, answers=n - 1) for n in range(2, count + 1))])
    stage.run()
    return stage


def test_an_untouched_account_agrees(ledger: Ledger) -> None:
    stage = published(ledger, 95)
    found = verify(stage.ports(), Terms())
    assert (found.present, found.findings, found.foreign, found.unknown) == (95, (), 0, 0)


def test_each_difference_has_its_name(ledger: Ledger) -> None:
    stage = published(ledger, 4)
    statuses = stage.server.statuses
    gone = statuses.pop(3)
    statuses[1] = replace(statuses[1], text="Something else", visibility="private")
    statuses.append(replace(statuses[0], remote_id="900", created_at=NOW + timedelta(days=1)))
    statuses.append(replace(statuses[0], remote_id="901", text="By hand"))
    found = verify(stage.ports(), Terms())
    assert [(f.kind, f.post_id, f.remote_id) for f in found.findings] == [
        ("altered", "1002", statuses[1].remote_id),
        ("missing", "1004", gone.remote_id),
        ("duplicate", "1001", "900"),
    ]
    assert found.of("altered")[0].detail == "the text is another; it is private, not unlisted"
    assert (found.present, found.foreign) == (3, 1)


def test_repair_settles_what_is_there(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2)])
    stage.server.crashes = ["after"]
    with pytest.raises(Crash):
        stage.run()
    stage.restart()
    seen = verify(stage.ports(), Terms())
    assert (seen.settled, seen.unknown) == (0, 1)
    repaired = verify(stage.ports(), Terms(), repair=True)
    assert (repaired.settled, repaired.unknown, repaired.present) == (1, 0, 1)
    assert [(f.post_id, f.remote_id) for f in repaired.settlements] == [("1001", "1")]
    assert stage.run().published == 1
    assert len(stage.server.statuses) == 2


def test_reading_keeps_to_the_window_for_paging(ledger: Ledger) -> None:
    stage = published(ledger, 130)
    stage.server._limits = replace(FREE, windows=(Window(name="paging", limit=2, seconds=900),))
    found = verify(stage.ports(), Terms())
    assert found.present == 130
    assert stage.time.now() - NOW >= timedelta(minutes=15)


def test_what_goes_back_in_line_is_no_replay_of_what_was_deleted(ledger: Ledger) -> None:
    """Within its hour a server answers the old key with the status that is gone."""
    stage = Stage(ledger, replace(FREE, idempotency=Idempotency.REPLAYS))
    stage.plan([post(1)])
    stage.run()
    gone = stage.server.statuses.pop()
    [missing] = verify(stage.ports(), Terms(), repair=True).of("missing")
    ledger.queue.send_again(ACCOUNT, [missing.remote_id], now=stage.time.now())
    assert stage.run().published == 1
    assert [each.remote_id for each in stage.server.statuses] != [gone.remote_id]
    assert verify(stage.ports(), Terms()).findings == ()


def test_answers_that_stand_stay_where_they_are(ledger: Ledger) -> None:
    stage = published(ledger, 3)
    gone = stage.server.statuses.pop(0)
    stage.server.statuses[0] = replace(stage.server.statuses[0], in_reply_to_id=None)  # as Mastodon does
    again = ledger.queue.send_again(ACCOUNT, [gone.remote_id], now=stage.time.now())
    assert again.orphans == 1
    stage.run()
    found = verify(stage.ports(), Terms())
    assert [(f.kind, f.post_id, f.detail) for f in found.findings] == [
        ("altered", "1002", "it does not continue its thread")
    ]
