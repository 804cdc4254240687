"""The week of the mirrors: once a week, on its day, and not for a week that was none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.errors import NetworkError
from bridge.ledger import Ledger, open_ledger
from tests.changes import replace
from tests.engine.village import START, Village
from tests.operation.office import Box, Office

SUNDAY = START  # 2026-03-01, 08:00 UTC


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


def test_a_week_is_told_on_its_day(ledger: Ledger) -> None:
    village, box = Village(ledger, "museum"), Box()
    village.begin()
    office = Office(ledger, village, box, events=("digest",))
    office.tick()
    assert box.messages == []  # it has only begun
    village.run(office.worker, seconds=60)
    village.accounts["museum"].write("hello")
    village.run(office.worker, seconds=3600)
    village.accounts["museum"].problem = NetworkError("feeds.example does not answer.")
    village.run(office.worker, seconds=3600)
    office.tick()
    village.time.sleep(24 * 3600)
    office.tick()
    assert len(box.messages) == 1
    village.time.sleep(6 * 86_400)
    office.tick()
    Office(ledger, village, box, events=("digest",)).tick()  # started anew
    assert len(box.messages) == 1
    village.time.sleep(25 * 3600)
    office.tick()
    office.tick()
    assert len(box.messages) == 2
    first = box.messages[0]
    assert (first.event, first.subject, first.title) == ("digest", "2026-W10", "The week of the mirrors")
    assert first.text.splitlines() == [
        "museum (@museum@memory.example): 1 status published.",
        "Not in order: museum: feeds.example does not answer.",
        "Reading X has cost $0.00 of the $5.00 for March 2026 (UTC).",
    ]
    assert first.facts["mirrors"][0]["published"] == 1
    assert first.document()["data"]["problems"][0]["subject"] == "museum"
    assert box.messages[1].facts["mirrors"][0]["published"] == 0


def test_the_day_is_that_of_the_time_zone(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    digest = Office(ledger, village).digest
    there = replace(digest, zone=ZoneInfo("Pacific/Auckland"), day=0)
    monday = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Pacific/Auckland"))
    assert there._last(monday) == monday
    assert there._last(monday - timedelta(seconds=1)) == monday - timedelta(days=7)
    friday = replace(there, day=4)
    assert friday._last(monday) == monday - timedelta(days=3)
