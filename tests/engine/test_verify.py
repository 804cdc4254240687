"""The ledger held against the account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bridge.engine.terms import Terms
from bridge.engine.verify import verify
from bridge.ledger import Ledger, open_ledger
from bridge.statuses import Window
from tests.changes import replace
from tests.engine.stage import FREE, NOW, Crash, Stage, post


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
    assert stage.run().published == 1
    assert len(stage.server.statuses) == 2


def test_reading_keeps_to_the_window_for_paging(ledger: Ledger) -> None:
    stage = published(ledger, 130)
    stage.server._limits = replace(FREE, windows=(Window(name="paging", limit=2, seconds=900),))
    found = verify(stage.ports(), Terms())
    assert found.present == 130
    assert stage.time.now() - NOW >= timedelta(minutes=15)
