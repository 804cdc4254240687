"""Sources are asked as seldom as they are quiet, never all at once, and left alone after failures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bridge.pacing.polling import Cadence, Hosts, Poll, answered, failed, interval

T0 = datetime(2026, 1, 1, 12, tzinfo=UTC)
CADENCES = st.builds(Cadence, least=st.floats(10, 600), most=st.floats(600, 86_400), seed=st.text(max_size=4))
SILENCES = st.none() | st.floats(-1e4, 1e8)


def newest(silence: float | None) -> datetime | None:
    return None if silence is None else T0 - timedelta(seconds=silence)


@given(CADENCES, SILENCES)
def test_an_interval_lies_between_the_shortest_and_the_longest(
    cadence: Cadence, silence: float | None
) -> None:
    assert cadence.least <= interval(T0, newest(silence), cadence) <= cadence.most


@given(CADENCES, st.floats(0, 1e7), st.floats(0, 1e7))
def test_the_longer_the_silence_the_longer_the_interval(cadence: Cadence, one: float, other: float) -> None:
    shorter, longer = sorted((one, other))
    assert interval(T0, newest(shorter), cadence) <= interval(T0, newest(longer), cadence)


@given(CADENCES, st.integers(1, 40), st.text(max_size=8))
def test_failures_put_it_off_longer_and_longer_but_not_for_ever(
    cadence: Cadence, times: int, name: str
) -> None:
    poll, now, waits = Poll(name=name, due=T0), T0, []
    for _ in range(times):
        poll = failed(poll, now, cadence)
        waits.append((poll.due - now).total_seconds())
        now = poll.due
    assert all(wait <= 1.2 * cadence.longest_rest + 1e-3 for wait in waits)
    assert all(later >= 0.6 * before for before, later in pairwise(waits))
    assert (poll.failures, poll.failing_since) == (times, T0)
    well = answered(poll, now, cadence, newest=now)
    assert well.well
    assert (well.due - now).total_seconds() <= 1.2 * cadence.least + 1e-3


@given(CADENCES, st.floats(0, 80_000))
def test_what_the_source_itself_says_is_heeded(cadence: Cadence, seconds: float) -> None:
    until = T0 + timedelta(seconds=seconds)
    assert failed(Poll(name="a", due=T0), T0, cadence, until=until).due >= until


def test_a_wrong_clock_does_not_silence_a_source() -> None:
    far = T0 + timedelta(days=4000)
    assert failed(Poll(name="a", due=T0), T0, Cadence(), until=far).due <= T0 + timedelta(days=1)


def test_chance_is_the_same_for_the_same_seed_and_spreads_the_rest() -> None:
    def due(name: str, seed: str) -> datetime:
        return answered(Poll(name=name, due=T0), T0, Cadence(seed=seed), newest=T0).due

    assert due("a", "1") == due("a", "1")
    spread = {due(f"source {n}", "1") for n in range(1000)}
    assert len(spread) > 990
    assert max(spread) - min(spread) > timedelta(seconds=40)  # of the shortest interval, two minutes
    assert due("a", "1") != due("a", "2")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5)), max_size=30))
def test_one_host_is_never_asked_twice_within_the_gap(asks: list[tuple[str, float]]) -> None:
    hosts, now = Hosts(), T0
    seen: dict[str, datetime] = {}
    for host, pause in asks:
        now += timedelta(seconds=pause)
        at = hosts.earliest(host, now)
        if host in seen:
            assert at - seen[host] >= timedelta(seconds=2)
        hosts, seen[host] = hosts.asked(host, at, 2.0), at
        now = at
    assert len(hosts.free) <= 3
