"""Windows are kept, and the schedule is as short as they permit."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.pacing import LOOK, STATUS, UPLOAD, Budget, Keeping, Need, Pace, simulate
from bridge.statuses import Window

T0 = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)  # the beginning of a three-hour window
DAY = Keeping(seconds=86_400)
MASTODON = (
    Window(name="statuses", limit=300, seconds=10_800),
    Window(name="media", limit=30, seconds=1_800),
    Window(name="calls", limit=300, seconds=300),
    Window(name="paging", limit=300, seconds=900),
)


@dataclass(frozen=True)
class Reading:
    limit: int
    remaining: int
    reset: datetime
    seconds_left: float


def bound(media: list[int], start: float) -> float:
    """Finish by the formula of fediverse-rules §1.4, in seconds from `start`."""

    def at(k: int, t: float, period: int, quota: int) -> float:
        return t if k <= quota else (t // period + (k - 1) // quota) * period

    total, n = list(itertools.accumulate(media)), len(media)
    return max(at(n - i, at(total[i], start, 1800, 30), 10_800, 300) for i in range(n)) - start


def shapes() -> dict[str, list[int]]:
    rng = random.Random(7)
    return {
        "text": [0] * 3000,
        "some": [int(rng.random() < 0.3) for _ in range(2000)],
        "media rules": [rng.choice((0, 1, 1, 2)) for _ in range(1500)],
        "burst in the middle": [0] * 800 + [4] * 60 + [0] * 800,
        "three hundred": [0] * 300,
    }


@pytest.mark.parametrize("name", shapes())
@pytest.mark.parametrize("offset", [0, 5_000, 10_500])
def test_the_schedule_is_within_one_percent_of_the_bound(name: str, offset: int) -> None:
    media = shapes()[name]
    start = T0 + timedelta(seconds=offset)
    budget = Budget.of(MASTODON)
    done = simulate([Need(media=m) for m in media], start, budget, seconds_each=0.02, keeping=DAY)
    lower = bound(media, start.timestamp())
    burst = 300 * 0.02 + 30  # the last window's requests take their time (delta)
    assert lower <= done.seconds <= lower * 1.01 + burst


def test_ten_thousand_posts_take_the_figures_of_the_reference() -> None:
    text = simulate([STATUS] * 10_000, T0, Budget.of(MASTODON), seconds_each=0.1)
    assert 96 * 3600 <= text.seconds <= 99.2 * 3600
    assert text.bound == "statuses"
    rng = random.Random(1)
    needs = [Need(media=int(rng.random() < 0.8)) for _ in range(10_000)]
    media = simulate(needs, T0, Budget.of(MASTODON), seconds_each=0.1, keeping=DAY)
    assert 131 * 3600 <= media.seconds <= 135 * 3600
    assert media.bound == "media"


@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(0, 40)), min_size=1, max_size=120),
    st.integers(2, 9),
    st.integers(10, 90),
    st.booleans(),
    st.floats(0, 1000),
)
def test_no_window_is_ever_exceeded(
    steps: list[tuple[int, float]], limit: int, seconds: int, aligned: bool, offset: float
) -> None:
    window = Window(name="statuses", limit=limit, seconds=seconds, aligned=aligned)
    budget = Budget.of([window])
    now, sent = T0 + timedelta(seconds=offset), []
    for _, idle in steps:
        now = budget.earliest(now + timedelta(seconds=idle))
        budget = budget.spend(now)
        sent.append(now.timestamp())
    for first in sent:
        begins = (first // seconds) * seconds if aligned else first
        assert sum(begins <= at < begins + seconds for at in sent) <= limit


def test_requests_near_an_edge_count_on_both_sides() -> None:
    budget = Budget.of([Window(name="statuses", limit=2, seconds=60)])
    edge = T0 + timedelta(seconds=59.5)
    budget = budget.spend(edge).spend(edge)
    assert budget.earliest(edge) > T0 + timedelta(seconds=119)


def test_headers_are_told_apart_by_the_time_left() -> None:
    budget = Budget.of(MASTODON)
    long = Reading(300, 0, T0 + timedelta(hours=3), 10_790)
    told = budget.observe(long, T0 + timedelta(seconds=10))
    assert told.earliest(T0 + timedelta(seconds=20)) >= T0 + timedelta(hours=3)
    assert told.earliest(T0 + timedelta(seconds=20), UPLOAD) == T0 + timedelta(seconds=20)
    short = Reading(300, 0, T0 + timedelta(minutes=5), 290)
    told = budget.observe(short, T0 + timedelta(seconds=10), UPLOAD)
    assert told.earliest(T0 + timedelta(seconds=20), UPLOAD) >= T0 + timedelta(minutes=5)
    per_user = Reading(1500, 0, T0 + timedelta(minutes=5), 290)
    assert budget.observe(per_user, T0) == budget
    pages = budget.observe(Reading(300, 0, T0 + timedelta(minutes=15), 800), T0, LOOK)
    assert pages.earliest(T0 + timedelta(seconds=100)) == T0 + timedelta(seconds=100)
    assert pages.earliest(T0 + timedelta(seconds=100), LOOK) >= T0 + timedelta(minutes=15)


def test_the_server_is_believed_where_it_is_tighter() -> None:
    tight = Budget.of(MASTODON).observe(Reading(100, 0, T0 + timedelta(hours=3), 10_000), T0)
    assert tight.earliest(T0 + timedelta(hours=1)) >= T0 + timedelta(hours=3)
    loose = Budget.of(MASTODON).spend(T0, Need(statuses=300))
    loose = loose.observe(Reading(300, 299, T0 + timedelta(hours=3), 10_000), T0)
    assert loose.earliest(T0) > T0 + timedelta(hours=2)


def test_a_clock_that_is_ahead_is_seen() -> None:
    ahead = Reading(300, 5, T0 + timedelta(hours=3, seconds=40), 10_000)
    budget = Budget.of(MASTODON).observe(ahead, T0 + timedelta(minutes=10))
    assert 38 <= budget.skew <= 42
    full = budget.spend(T0 + timedelta(minutes=20), Need(statuses=5))
    assert full.earliest(T0 + timedelta(minutes=30)) > T0 + timedelta(hours=3, seconds=40)


def test_a_window_that_the_server_closed_stays_closed() -> None:
    until = T0 + timedelta(minutes=40)
    assert Budget.of(MASTODON).exhausted("statuses", until).earliest(T0) == until
    everything = Budget.of(MASTODON).exhausted("unheard of", until)
    assert everything.earliest(T0, LOOK) == until


def test_a_pace_is_evenly_spaced_whatever_the_answers_take() -> None:
    budget, now, sent = Budget.of((), Pace(per_hour=60)), T0, []
    for _ in range(30):
        now = budget.earliest(now)
        sent.append(now)
        now += timedelta(seconds=1.5)
        budget = budget.spend(now)
    assert sent[-1] - sent[0] == pytest.approx(timedelta(minutes=29), abs=timedelta(seconds=11))


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        ((9, 18), "2024-05-01T08:15", "2024-05-01T09:00"),
        ((9, 18), "2024-05-01T17:59", "2024-05-01T17:59"),
        ((9, 18), "2024-05-01T18:00", "2024-05-02T09:00"),
        ((22, 6), "2024-05-01T12:00", "2024-05-01T22:00"),
        ((22, 6), "2024-05-01T05:00", "2024-05-01T05:00"),
        ((0, 24), "2024-05-01T05:00", "2024-05-01T05:00"),
        ((9, 18), "2024-03-30T19:00", "2024-03-31T09:00"),  # the night in which summer time begins
    ],
)
def test_hours_are_those_of_the_clock_on_the_wall(hours: tuple[int, int], at: str, expected: str) -> None:
    paris = ZoneInfo("Europe/Paris")
    now = datetime.fromisoformat(at).replace(tzinfo=paris)
    allowed = Budget.of((), Pace(hours=hours, tz=paris)).earliest(now)
    assert allowed == datetime.fromisoformat(expected).replace(tzinfo=paris)


def test_what_was_spent_survives_a_restart() -> None:
    budget = Budget.of(MASTODON, Pace(per_hour=10)).spend(T0, Need(statuses=300, media=3))
    again = Budget.from_dict(budget.as_dict(), MASTODON, Pace(per_hour=10))
    assert again == budget
    assert again.earliest(T0) > T0 + timedelta(hours=2)
    assert Budget.from_dict(None, MASTODON) == Budget.of(MASTODON)
    other = Budget.from_dict(
        budget.as_dict(), (Window(name="statuses", limit=15, seconds=10, aligned=False),)
    )
    assert other.earliest(T0 + timedelta(hours=1)) == T0 + timedelta(hours=1)


def test_two_windows_of_one_name_both_hold() -> None:
    sharkey = (
        Window(name="statuses", limit=300, seconds=3600, aligned=False),
        Window(name="statuses", limit=1, seconds=1, aligned=False),
    )
    schedule = simulate([STATUS] * 400, T0, Budget.of(sharkey), seconds_each=0.01)
    assert 3600 <= schedule.seconds <= 3600 * 1.05 + 110


def test_the_pace_binds_and_says_so() -> None:
    paced = simulate([STATUS] * 50, T0, Budget.of(MASTODON, Pace(per_hour=60)), seconds_each=0.1)
    assert paced.bound == "pace"
    assert paced.seconds == pytest.approx(49 * 60, rel=0.01)
    nothing = simulate([], T0, Budget.of(MASTODON))
    assert (nothing.seconds, nothing.bound) == (0, "none")
    assert simulate([STATUS] * 3, T0, Budget.of(MASTODON)).bound == "none"


def test_calls_of_every_sort_bind_as_statuses() -> None:
    counted = (Window(name="calls", limit=300, seconds=300, aligned=False),)
    schedule = simulate([Need(media=2)] * 400, T0, Budget.of(counted), seconds_each=0.01)
    assert (schedule.bound, schedule.rule) == ("statuses", "calls")


def test_how_far_uploads_may_run_ahead() -> None:
    assert Budget.of(MASTODON).ahead(T0, DAY) == 8 * 300  # what 21.6 hours allow
    assert Budget.of(MASTODON).ahead(T0, Keeping()) == 6 * 300  # 18 hours, for who does not tell
    slow = Budget.of(MASTODON, Pace(per_hour=10))
    assert slow.ahead(T0, Keeping()) == pytest.approx(180, abs=8)
    assert Budget.of(()).ahead(T0, Keeping(seconds=10)) > 0


def test_a_window_is_open_when_it_was_said_to_open() -> None:
    """Instants are kept in whole microseconds, and sixtieths of a second are none."""
    window = Window(name="statuses", limit=1, seconds=1, aligned=False)
    for offset in range(200):
        now = T0 + timedelta(milliseconds=7 * offset)
        budget = Budget.of((window,)).spend(now)
        assert budget.wait(budget.earliest(now))[1] is None


def test_a_wait_is_never_over_before_it_began() -> None:
    """Rounded to microseconds, the end of a window may fall on `now`: who sleeps until then asks for ever."""
    budget = Budget.of([Window(name="statuses", limit=1, seconds=1, aligned=False)])
    now = datetime(2026, 2, 2, 4, 3, 6, 800_000, tzinfo=UTC)
    budget = budget.spend(now)
    for _ in range(4):
        until, rule = budget.wait(now)
        if rule is None:
            return
        assert until > now
        now = until
    raise AssertionError("it never opens")


@given(st.integers(0, 20_000_000))
def test_who_wakes_when_told_is_let_through(microseconds: int) -> None:
    """A wait that is rounded down would be over a moment before the window opens."""
    window = Window(name="statuses", limit=1, seconds=10, aligned=False)
    spent = T0 + timedelta(microseconds=microseconds)
    budget = Budget.of([window]).spend(spent)
    until, rule = budget.wait(spent)
    assert rule == "statuses"
    assert budget.wait(until) == (until, None)
