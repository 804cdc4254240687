"""So many old posts a day, and days without any."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.pacing import LIVE, STATUS, UPLOAD, Blackout, Budget, Need, Pace, simulate
from bridge.pacing.calendar import first_open, leave_a_day

PARIS = ZoneInfo("Europe/Paris")
T0 = datetime(2026, 12, 23, 12, 0, tzinfo=UTC)


def blackouts(*said: str) -> tuple[Blackout, ...]:
    return tuple(map(Blackout.parse, said))


@pytest.mark.parametrize(
    ("said", "day", "free"),
    [
        ("2026-12-24", date(2026, 12, 24), date(2026, 12, 25)),
        ("2026-12-24", date(2027, 12, 24), date(2027, 12, 24)),
        ("2026-12-24..2027-01-02", date(2026, 12, 31), date(2027, 1, 3)),
        ("05-01", date(2031, 5, 1), date(2031, 5, 2)),
        ("05-01", date(2031, 4, 30), date(2031, 4, 30)),
        ("12-24..01-02", date(2026, 12, 31), date(2027, 1, 3)),
        ("12-24..01-02", date(2027, 1, 2), date(2027, 1, 3)),
        ("12-24..01-02", date(2027, 1, 3), date(2027, 1, 3)),
        ("02-29", date(2028, 2, 29), date(2028, 3, 1)),
        ("02-20..02-29", date(2027, 2, 21), date(2027, 3, 1)),
        ("02-20..02-29", date(2028, 2, 21), date(2028, 3, 1)),
    ],
)
def test_a_blackout_lasts_from_its_first_day_to_its_last(said: str, day: date, free: date) -> None:
    (only,) = blackouts(said)
    assert first_open(day, [only]) == free
    assert str(only) == said


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Christmas", "is not a day such as"),
        ("2026-02-30", "is not a day such as"),
        ("13-01", "is not a day such as"),
        ("2026-12-26..2026-12-24", "ends before it begins"),
        ("2026-12-24..12-26", "with their year or both without"),
        ("05-01..05-02..05-03", "two with `..` between them"),
        ("", "is not a day such as"),
    ],
)
def test_what_names_no_days_is_said(said: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Blackout.parse(said)


def test_some_day_of_the_year_must_be_left() -> None:
    assert not leave_a_day(blackouts("01-01..06-30", "07-01..12-31"))
    assert not leave_a_day(blackouts("03-01..02-28"))
    assert leave_a_day(blackouts("01-01..06-29", "07-01..12-31", "2020-01-01..2040-01-01"))


def test_the_days_of_its_time_zone_have_so_many_statuses_each() -> None:
    budget, now, sent = Budget.of((), Pace(per_day=3, tz=PARIS)), T0, []
    for _ in range(8):
        now = budget.earliest(now)
        budget = budget.spend(now)
        sent.append(now.astimezone(PARIS))
    assert [each.day for each in sent] == [23] * 3 + [24] * 3 + [25] * 2
    assert (sent[3].hour, sent[3].minute) == (0, 0)


def test_what_is_live_neither_waits_for_the_day_nor_counts() -> None:
    budget = Budget.of((), Pace(per_day=1)).spend(T0, LIVE).spend(T0, LIVE)
    assert budget.earliest(T0, STATUS) == T0
    full = budget.spend(T0, STATUS)
    assert full.wait(T0, STATUS) == (datetime(2026, 12, 24, tzinfo=UTC), "day")
    assert full.earliest(T0, LIVE) == T0
    assert full.earliest(T0, UPLOAD) == T0


def test_the_day_is_counted_where_it_has_a_limit() -> None:
    asked = []

    def sent_since(since: datetime) -> int:
        asked.append(since)
        return 2

    pace = Pace(per_day=2, tz=PARIS)
    assert Budget.of((), pace).counted(T0, sent_since).wait(T0)[1] == "day"
    assert asked == [datetime(2026, 12, 22, 23, tzinfo=UTC)]
    assert Budget.of(()).counted(T0, sent_since).today is None


def test_nothing_is_published_in_a_blackout_and_live_posts_wait_unless_they_may_not() -> None:
    silent = Pace(blackout=blackouts("2026-12-23..2026-12-26"), hours=(9, 18), tz=PARIS)
    after = datetime(2026, 12, 27, 8, tzinfo=UTC)
    for need in (STATUS, LIVE):
        assert Budget.of((), silent).wait(T0, need) == (after, "blackout")
    heard = replace(silent, live_waits=False)
    assert Budget.of((), heard).wait(T0, STATUS) == (after, "blackout")
    assert Budget.of((), heard).earliest(T0, LIVE) == T0
    assert Budget.of((), silent).earliest(T0, Need(statuses=0, deletes=1)) == T0


@given(
    st.integers(1, 5),
    st.integers(1, 40),
    st.sampled_from([(), ("12-24..12-26",), ("2026-12-25", "01-01")]),
    st.sampled_from([None, (9, 18), (22, 6)]),
)
def test_the_schedule_knows_the_days(
    per_day: int, statuses: int, said: tuple[str, ...], hours: tuple[int, int] | None
) -> None:
    """Against the deliverer's own way, one by one."""
    pace = Pace(per_day=per_day, blackout=blackouts(*said), hours=hours, tz=PARIS)
    budget, now, days = Budget.of((), pace), T0, []
    for _ in range(statuses):
        now = budget.earliest(now)
        budget = budget.spend(now)
        days.append(now.astimezone(PARIS).date())
    assert all(days.count(each) <= per_day for each in days)
    assert all(first_open(each, pace.blackout) == each for each in days)
    together = [Need(statuses=statuses, calls=statuses)]
    for needs in ([STATUS] * statuses, together):
        made = simulate(needs, T0, Budget.of((), pace), seconds_each=0.0)
        assert made.finish == pytest.approx(now, abs=timedelta(seconds=1))
        assert made.bound == ("pace" if made.seconds else "none")


def test_a_thousand_days_are_foretold() -> None:
    made = simulate([STATUS] * 5000, T0, Budget.of((), Pace(per_day=5)), seconds_each=0.6)
    assert made.seconds == pytest.approx(998.5 * 86_400, rel=0.001)
    assert (made.bound, made.rule) == ("pace", "day")
