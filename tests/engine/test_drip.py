"""The back catalogue comes so many a day, whoever sends it and however often it is begun anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.engine.collect import collect
from bridge.engine.forecast import budget_of, forecast
from bridge.engine.propose import Wish, actions_of, propose
from bridge.engine.terms import Terms
from bridge.ledger import Ledger, open_ledger
from bridge.pacing import Blackout, Pace
from bridge.pacing.polling import Cadence
from bridge.publishers.memory import Fault
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FREE, NOW, Stage, post
from tests.engine.village import LIMITS, START, Home, Village

PARIS = ZoneInfo("Europe/Paris")
THREE = Pace(per_day=3, tz=PARIS)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


def days(times: list[datetime]) -> list[int]:
    return list(Counter(each.astimezone(PARIS).date() for each in times).values())


def test_the_ledger_counts_the_day_through_restarts_and_lost_answers(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(n) for n in range(1, 9)])
    stage.server.crashes = [None, "after", None, None, "before"]
    stage.server.faults.extend([None, None, None, Fault.LOST_AFTER])
    budget = budget_of(ledger.queue, ACCOUNT, FREE, THREE, now=NOW)
    told = forecast(ledger.queue, ACCOUNT, budget, FREE, now=NOW)
    stage.run_to_the_end(Terms(pace=THREE))
    made = [each.created_at for each in stage.server.statuses]
    assert len(made) == 8
    assert max(days(made)) == 3
    assert told is not None
    assert told.rule == "day"
    assert told.finish.astimezone(PARIS).date() == made[-1].astimezone(PARIS).date()


def test_another_run_of_the_same_day_finds_it_full(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(n) for n in range(1, 9)])
    moment = replace(THREE, max_seconds=60)
    assert stage.run(Terms(pace=moment)).published == 3
    done = stage.run(Terms(pace=moment))
    assert (done.published, done.stopped) == (0, "max_duration")
    midnight = datetime(2024, 5, 2, tzinfo=PARIS)
    assert done.next_attempt == midnight
    budget = budget_of(ledger.queue, ACCOUNT, FREE, THREE, now=stage.time.now())
    assert budget.earliest(stage.time.now()) == midnight


def home_of(ledger: Ledger, pace: Pace) -> tuple[Village, Home]:
    """Six posts of old wait in line, and the mirror is begun."""
    cadence = Cadence(least=600, most=3600, gap=0, look=3600)
    village = Village(ledger, "museum", cadence=cadence, longest=900)
    museum, home = village.accounts["museum"], village.home("museum")
    for n in range(6):
        museum.write(f"old {n}", at=START - timedelta(days=90 - n))
    museum.shows = 50
    collect(ledger, museum, now=START)
    ledger.queue.open_destination(home.account, now=START)
    planned = actions_of(propose(ledger, museum.account, Wish(limits=LIMITS), destination=home.account))
    ledger.queue.apply(planned, destination=home.account, source=museum.account, now=START)
    home.wanted = Wish(pace=pace)
    village.begin()
    return village, home


def test_live_posts_come_between_the_drops_and_do_not_count(ledger: Ledger) -> None:
    village, home = home_of(ledger, Pace(per_day=1))
    worker = village.worker()
    village.run(worker, seconds=60)
    for n in range(3):
        village.accounts["museum"].write(f"new {n}")
        village.run(worker, seconds=7200)
    assert home.texts == ["old 0", "new 0", "new 1", "new 2"]
    village.run(worker, seconds=86_400)
    assert home.texts[4:] == ["old 1"]


@pytest.mark.parametrize("live_waits", [True, False])
def test_days_of_silence(ledger: Ledger, live_waits: bool) -> None:
    silent = f"{START:%Y-%m-%d}..{START + timedelta(days=2):%Y-%m-%d}"
    pace = Pace(blackout=(Blackout.parse(silent),), live_waits=live_waits)
    village, home = home_of(ledger, pace)
    worker = village.worker()
    village.run(worker, seconds=60)
    village.accounts["museum"].write("new")
    village.run(worker, seconds=86_400)
    assert home.texts == ([] if live_waits else ["new"])
    village.run(worker, seconds=4 * 86_400)
    assert home.texts == ["new", *(f"old {n}" for n in range(6))]
    dated = "2026" in (home.server.statuses[0].text or "")
    assert dated == live_waits  # after three days it is no news any more
