"""Rate limits: windows, order, headers (fediverse-rules §1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.sandbox.clock import ManualClock
from bridge.sandbox.rules import windows
from bridge.sandbox.rules.windows import Caller, Counter, Limited
from bridge.sandbox.server import Sandbox

from .conftest import Client, Open, picture

NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)


def call(method: str = "GET", path: str = "/api/v1/x", *names: str) -> Caller:
    return Caller(
        method=method, path=path, parameters=frozenset(names), address="127.0.0.1", user="1", token="t"
    )


def passing(counters: dict[str, Counter], caller: Caller, now: datetime, tries: int) -> int:
    passed = 0
    for _ in range(tries):
        try:
            windows.admit(counters, windows.MASTODON, caller, now)
            passed += 1
        except Limited:
            continue
    return passed


def test_exactly_the_limit_passes_in_a_window() -> None:
    assert passing({}, call(), NOON, 400) == 300
    assert passing({}, call("POST", "/api/v2/media"), NOON, 40) == 30
    assert passing({}, call("DELETE", "/api/v1/statuses/12"), NOON, 40) == 30
    assert passing({}, call("GET", "/api/v1/accounts/1/statuses", "min_id"), NOON, 400) == 300


def test_windows_are_aligned_to_the_epoch_so_a_boundary_allows_twice() -> None:
    counters: dict[str, Counter] = {}
    late = NOON.replace(minute=29, second=59)
    upload = call("POST", "/api/v1/media")
    assert passing(counters, upload, late, 40) == 30
    assert passing(counters, upload, late + timedelta(seconds=1), 40) == 30


def test_a_throttle_that_is_over_its_limit_stops_the_counting_of_the_next_ones() -> None:
    counters: dict[str, Counter] = {}
    upload = call("POST", "/api/v1/media")
    passing(counters, upload, NOON, 305)
    assert counters["token:t"].count == 305
    assert counters["media:1"].count == 300


def test_the_reset_keeps_the_fraction_of_the_moment() -> None:
    quota = windows.admit({}, windows.MASTODON, call(), NOON)
    assert dict(windows.headers(quota, windows.Headers.MICROSECONDS)) == {
        "X-RateLimit-Limit": "300",
        "X-RateLimit-Remaining": "299",
        "X-RateLimit-Reset": "2026-11-22T12:05:00.250000Z",
    }


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=80), st.booleans())
def test_no_window_ever_admits_more_than_its_limit(gaps: list[int], aligned: bool) -> None:
    throttle = windows.Throttle(name="x", limit=3, seconds=600, whose=lambda c: c.user, aligned=aligned)
    counters: dict[str, Counter] = {}
    at, admitted = NOON, []
    for gap in gaps:
        at += timedelta(seconds=gap / 10)
        try:
            windows.take(counters, throttle, "1", at)
            admitted.append(int(at.timestamp()))
        except Limited:
            continue
    if aligned:
        for start in {moment - moment % 600 for moment in admitted}:
            assert sum(start <= moment < start + 600 for moment in admitted) <= 3
    else:
        # A window that begins with its first request: three from the first of any three on.
        for first, fourth in zip(admitted, admitted[3:], strict=False):
            assert fourth > first


def test_statuses_take_from_their_own_window_and_its_headers_show(client: Client) -> None:
    got = client.post("one")
    assert (got.headers["X-RateLimit-Limit"], got.headers["X-RateLimit-Remaining"]) == ("300", "299")
    assert got.headers["X-RateLimit-Reset"] == "2026-11-22T15:00:00.000000Z"


def test_the_three_hundred_and_first_status_waits_for_the_window(client: Client, clock: ManualClock) -> None:
    for number in range(300):
        if number == 150:
            clock.advance(300)
        assert client.post(str(number)).status == 200
    clock.advance(300)
    refused = client.post("too much")
    assert (refused.status, refused.error) == (429, "Too many requests")
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["Retry-After"] is None
    assert len(client.sandbox.state.statuses) == 300
    clock.advance(3 * 3600)
    assert client.post("now").status == 200


def test_a_refused_status_consumes_nothing(client: Client) -> None:
    assert client.post("x" * 501).status == 422
    assert client.post("fine").headers["X-RateLimit-Remaining"] == "298"  # of calls: two were made
    assert client.sandbox.application.world.counters[f"statuses:{client.sandbox.accounts[0].id}"].count == 1


def test_uploads_have_a_window_of_half_an_hour(client: Client, clock: ManualClock) -> None:
    for _ in range(30):
        assert client.upload(picture()).status == 200
    refused = client.upload(picture())
    assert refused.status == 429
    assert refused.headers["X-RateLimit-Reset"].startswith("2026-11-22T12:30:00")
    clock.advance(1800)
    assert client.upload(picture()).status == 200


def test_a_server_without_limits_says_nothing_of_them(opened: Open) -> None:
    client = opened(limits=False)
    for _ in range(310):
        got = client.post()
    assert got.status == 200
    assert got.headers["X-RateLimit-Limit"] is None


def test_gotosocial_counts_by_address_from_the_first_request(opened: Open, clock: ManualClock) -> None:
    client = opened("gotosocial")
    clock.advance(100)
    for _ in range(300):
        got = client.get("/api/v1/instance")
    assert got.headers["X-RateLimit-Reset"] == "2026-11-22T12:06:40.000Z"
    refused = client.get("/api/v1/instance")
    assert (refused.status, refused.error) == (429, "rate limit reached")
    clock.advance(299)
    assert client.get("/api/v1/instance").status == 429
    clock.advance(1)
    assert client.get("/api/v1/instance").status == 200


def test_akkoma_allows_fifteen_in_ten_seconds_and_tells_nobody(opened: Open, clock: ManualClock) -> None:
    client = opened("akkoma")
    for _ in range(15):
        got = client.post()
    assert (got.status, got.headers["X-RateLimit-Limit"]) == (200, None)
    refused = client.post()
    assert (refused.status, refused.error) == (429, "Throttled")
    clock.advance(10)
    assert client.post().status == 200


def test_the_date_follows_the_practice_clock(client: Client, clock: ManualClock) -> None:
    clock.advance(86_400)
    assert client.get("/api/v1/instance").headers["Date"] == "Mon, 23 Nov 2026 12:00:00 GMT"
    assert Sandbox.__doc__
