"""The schedule against a server that knows nothing of it: as early as its windows allow, never earlier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.pacing import LOOK, STATUS, UPLOAD, Budget, Keeping, Need, Pace, simulate
from bridge.publishers.profiles import PROFILES
from bridge.sandbox.rules import windows
from bridge.statuses import Window

T0 = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)
MASTODON = PROFILES["mastodon"]("4.5.0")
ALWAYS = Keeping(seconds=10**9)
SMALL = (
    Window(name="statuses", limit=5, seconds=600),
    Window(name="media", limit=3, seconds=120),
)
EDGE = 2.1  # seconds that are kept clear of the edge of a window


def greedy(media: list[int], start: float) -> float:
    """The server's windows of `SMALL`, and a client that always does what it can: statuses first."""
    used: dict[tuple[str, int], int] = {}
    at, sent, left = start, 0, list(media)

    def take(name: str, limit: int, seconds: int) -> bool:
        key = (name, int(at // seconds))
        if used.get(key, 0) >= limit:
            return False
        used[key] = used.get(key, 0) + 1
        return True

    while sent < len(left):
        if not left[sent] and take("statuses", 5, 600):
            sent += 1
        elif (needy := next((n for n in range(sent, len(left)) if left[n]), None)) is not None and take(
            "media", 3, 120
        ):
            left[needy] -= 1
        else:
            at = (at // 120 + 1) * 120
    return at - start


@given(st.lists(st.sampled_from((0, 0, 0, 1, 2, 4)), min_size=1, max_size=60), st.integers(0, 590))
def test_it_takes_as_long_as_a_greedy_client_at_the_server(media: list[int], offset: int) -> None:
    start = T0 + timedelta(seconds=offset)
    planned = simulate(
        [Need(media=m) for m in media], start, Budget.of(SMALL), seconds_each=0.0, keeping=ALWAYS
    )
    assert planned.seconds == pytest.approx(greedy(media, start.timestamp()), abs=EDGE)


@given(
    st.lists(st.sampled_from((0, 0, 1, 3)), min_size=2, max_size=80),
    st.sampled_from([Pace(), Pace(per_hour=40), Pace(hours=(22, 6), tz=ZoneInfo("Europe/Paris"))]),
)
def test_more_posts_never_finish_earlier(media: list[int], pace: Pace) -> None:
    budget, needs = Budget.of(SMALL, pace), [Need(media=m) for m in media]
    ends = [
        simulate(needs[:n], T0, budget, seconds_each=0.0, keeping=ALWAYS).seconds
        for n in range(len(needs) + 1)
    ]
    assert ends == sorted(ends)


@given(
    st.lists(st.tuples(st.sampled_from((STATUS, STATUS, UPLOAD, LOOK)), st.floats(0, 30)), max_size=700),
    st.floats(0, 20_000),
)
def test_no_call_is_permitted_that_mastodon_would_refuse(
    calls: list[tuple[Need, float]], offset: float
) -> None:
    """Against the practice server's own counters, whole bursts included."""
    counters: dict[str, windows.Counter] = {}
    budget, now = Budget.of(MASTODON.windows), T0 + timedelta(seconds=offset)
    for need, idle in calls:
        now = budget.earliest(now + timedelta(seconds=idle if idle > 29 else 0), need)
        path = "/api/v2/media" if need.media else "/api/v1/statuses"
        caller = windows.Caller(
            method="GET" if need.paging else "POST",
            path=path,
            parameters=frozenset({"max_id"} if need.paging else ()),
            address="127.0.0.1",
            user="1",
            token="t",
        )
        windows.admit(counters, windows.MASTODON, caller, now)  # raises when it is one too many
        if need.statuses:
            windows.take(counters, windows.STATUS_FAMILY, "1", now)
        budget = budget.spend(now, need)


def test_a_row_of_statuses_takes_as_long_as_each_of_them() -> None:
    one_by_one = [Need(media=int(n % 10 < 3)) for n in range(4000)]
    together = [Need(statuses=20, media=6, calls=20)] * 200
    for pace in (Pace(), Pace(per_hour=90), Pace(hours=(9, 18))):
        exact, rough = (
            simulate(
                needs,
                T0,
                Budget.of(MASTODON.windows, pace),
                seconds_each=0.6,
                keeping=Keeping.of(MASTODON),
            )
            for needs in (one_by_one, together)
        )
        assert rough.seconds == pytest.approx(exact.seconds, rel=0.005)


def test_half_a_million_go_on_as_they_began() -> None:
    rough = [Need(statuses=50, calls=50)] * 10_000
    pixelfed = Budget.of(PROFILES["sharkey"]("").windows)
    assert simulate(rough, T0, pixelfed).seconds == pytest.approx(500_000 / 300 * 3600, rel=0.02)


def test_a_burst_is_uploaded_long_before_its_posts() -> None:
    media = [0] * 3000 + [4] * 300 + [0] * 600
    needs = [Need(media=m) for m in media]
    budget = Budget.of(MASTODON.windows)
    planned = simulate(needs, T0, budget, seconds_each=0.1, keeping=Keeping.of(MASTODON))
    assert planned.seconds < 12 * 10_800 + 600  # as if it were all text
    assert simulate(needs, T0, budget, seconds_each=0.1).seconds > planned.seconds + 5 * 3600


def test_all_calls_of_one_token_share_a_window() -> None:
    """300 statuses in a row are 300 calls: then no other one for the rest of five minutes."""
    budget = Budget.of(MASTODON.windows).spend(T0 + timedelta(seconds=10), Need(statuses=299, calls=299))
    at = T0 + timedelta(seconds=11)
    assert budget.earliest(at) == at
    full = budget.spend(at)
    assert (
        T0 + timedelta(minutes=5) < full.earliest(at, Need(statuses=0, calls=1)) < T0 + timedelta(minutes=6)
    )


@pytest.mark.parametrize(
    ("software", "at", "until", "lead"),
    [
        ("mastodon", "2024-05-01T12:00", "2024-05-02T11:02:24", 21.6 * 3600),
        ("gotosocial", "2024-05-01T12:00", "2024-05-02T00:00", 12 * 3600 - 300),
        ("gotosocial", "2024-05-01T23:58", "2024-05-02T00:00", 0),
        ("pixelfed", "2024-05-01T12:00", "2024-05-01T13:55:12", 6480),
        ("hollo", "2024-05-01T12:00", None, 18 * 3600),
    ],
)
def test_how_long_an_upload_lies_at_the_server(
    software: str, at: str, until: str | None, lead: float
) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    keeping = Keeping.of(PROFILES[software](""))
    assert keeping.until(now) == (datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None)
    assert keeping.lead(now.timestamp()) == pytest.approx(lead)
    assert keeping.is_promise is (software in {"mastodon", "pixelfed"})


def test_the_night_is_reckoned_with_when_uploads_run_ahead() -> None:
    day_shift = Pace(hours=(9, 18), tz=UTC)
    evening = T0.replace(hour=17, minute=59)
    budget = Budget.of(MASTODON.windows, day_shift)
    assert budget.ahead(evening, Keeping(seconds=12 * 3600)) == 300  # of the last minute of the day
    assert budget.ahead(evening, Keeping(seconds=24 * 3600)) == 300 * 4


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        ((9, 18), "2024-10-26T19:00+02:00", "2024-10-27T09:00+01:00"),  # summer time ends
        ((22, 6), "2024-10-27T02:30+01:00", "2024-10-27T02:30+01:00"),  # the hour that comes twice
        ((2, 5), "2024-03-30T12:00+01:00", "2024-03-31T03:00+02:00"),  # the hour that never comes
        ((22, 6), "2024-03-31T12:00+02:00", "2024-03-31T22:00+02:00"),
        ((23, 1), "2024-05-01T01:00+02:00", "2024-05-01T23:00+02:00"),
    ],
)
def test_hours_in_the_nights_when_the_clock_is_changed(
    hours: tuple[int, int], at: str, expected: str
) -> None:
    pace = Pace(hours=hours, tz=ZoneInfo("Europe/Paris"))
    assert Budget.of((), pace).earliest(datetime.fromisoformat(at)) == datetime.fromisoformat(expected)
