"""Rate limits: fixed windows of several throttles, counted before anything else looks at a request.

Mastodon counts in windows aligned to the epoch and stops at the first throttle that is over its limit, so
later counters stand still (reference: fediverse-rules §1.1). Others begin a window with its first request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Headers(StrEnum):
    """How a server tells what is left."""

    NONE = "none"
    MICROSECONDS = "microseconds"  # Mastodon: 2026-08-07T12:30:00.123456Z
    MILLISECONDS = "milliseconds"  # GoToSocial: 2026-08-07T12:30:00.000Z


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a throttle may look at."""

    method: str
    path: str
    parameters: frozenset[str]  #: names of the non-empty ones
    address: str
    user: str | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """`limit` requests in `seconds` for everyone for whom `whose` gives the same name (None: not applied)."""

    name: str
    limit: int
    seconds: int
    whose: Callable[[Caller], str | None]
    aligned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What is left of one window, and when it ends."""

    name: str
    limit: int
    remaining: int
    reset: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Requests counted since `start` (seconds since the epoch)."""

    start: int
    count: int


Counters = MutableMapping[str, Counter]


class Limited(Exception):
    """The request is over a limit."""

    def __init__(self, quota: Quota) -> None:
        super().__init__(quota.name)
        self.quota = quota


MEDIA_PATH = re.compile(r"/api/v\d+/media/?$")
DELETE_PATH = re.compile(r"/api/v1/statuses/\d+/?$")
UNREBLOG_PATH = re.compile(r"/api/v1/statuses/\d+/unreblog/?$")
PAGING = frozenset({"page", "min_id", "max_id", "since_id"})


def _api(call: Caller) -> bool:
    return call.path.startswith("/api")


def _uploads(call: Caller) -> bool:
    return call.method == "POST" and MEDIA_PATH.match(call.path) is not None


def _deletes(call: Caller) -> bool:
    deleted = call.method == "DELETE" and DELETE_PATH.match(call.path)
    return bool(deleted or (call.method == "POST" and UNREBLOG_PATH.match(call.path)))


def _pages(call: Caller) -> bool:
    return not PAGING.isdisjoint(call.parameters)


def _registers(call: Caller) -> bool:
    return call.method == "POST" and call.path == "/api/v1/apps"


MASTODON = (
    Throttle(name="user", limit=1500, seconds=300, whose=lambda c: c.user if _api(c) else None),
    Throttle(name="token", limit=300, seconds=300, whose=lambda c: c.token if _api(c) else None),
    Throttle(
        name="anonymous",
        limit=300,
        seconds=300,
        whose=lambda c: c.address if _api(c) and c.user is None else None,
    ),
    Throttle(name="media", limit=30, seconds=1800, whose=lambda c: c.user if _uploads(c) else None),
    Throttle(name="paging", limit=300, seconds=900, whose=lambda c: c.user if _pages(c) else None),
    Throttle(
        name="anonymous paging",
        limit=300,
        seconds=900,
        whose=lambda c: c.address if _pages(c) and c.user is None else None,
    ),
    Throttle(name="deletes", limit=30, seconds=1800, whose=lambda c: c.user if _deletes(c) else None),
    Throttle(name="apps", limit=5, seconds=600, whose=lambda c: c.address if _registers(c) else None),
)
GOTOSOCIAL = (
    Throttle(
        name="address",
        limit=300,
        seconds=300,
        whose=lambda c: c.address if c.path.startswith(("/api/", "/auth", "/oauth")) else None,
        aligned=False,
    ),
)
ICESHRIMP = (
    Throttle(name="user", limit=500, seconds=60, whose=lambda c: c.user if _api(c) else None, aligned=False),
)

STATUS_FAMILY = Throttle(name="statuses", limit=300, seconds=10_800, whose=lambda c: c.user)
AKKOMA_STATUSES = Throttle(name="statuses", limit=15, seconds=10, whose=lambda c: c.user, aligned=False)
SHARKEY_STATUSES = Throttle(name="statuses", limit=300, seconds=3600, whose=lambda c: c.user, aligned=False)
PIXELFED_STATUSES = Throttle(
    name="statuses", limit=1000, seconds=86_400, whose=lambda c: c.user, aligned=False
)


def admit(counters: Counters, throttles: tuple[Throttle, ...], call: Caller, now: datetime) -> Quota | None:
    """Counts a request against every throttle that applies; the tightest one is told. Raises `Limited`."""
    tightest: Quota | None = None
    for throttle in throttles:
        whose = throttle.whose(call)
        if whose is None:
            continue
        quota = take(counters, throttle, whose, now)
        if tightest is None or quota.remaining < tightest.remaining:
            tightest = quota
    return tightest


def take(counters: Counters, throttle: Throttle, whose: str, now: datetime) -> Quota:
    """One more; raises `Limited` when that is one too many (it is counted all the same)."""
    key = f"{throttle.name}:{whose}"
    counter = current(counters, throttle, key, now)
    counter = Counter(start=counter.start, count=counter.count + 1)
    counters[key] = counter
    quota = _quota(throttle, counter, now)
    if counter.count > throttle.limit:
        raise Limited(quota)
    return quota


def peek(counters: Counters, throttle: Throttle, whose: str, now: datetime) -> Quota:
    """What is left, without taking any."""
    return _quota(throttle, current(counters, throttle, f"{throttle.name}:{whose}", now), now)


def give_back(counters: Counters, throttle: Throttle, whose: str) -> None:
    """Undoes one `take`: what was refused in the end consumes nothing."""
    key = f"{throttle.name}:{whose}"
    counter = counters.get(key)
    if counter is not None and counter.count:
        counters[key] = Counter(start=counter.start, count=counter.count - 1)


def current(counters: Counters, throttle: Throttle, key: str, now: datetime) -> Counter:
    """The counter of the window that `now` is in."""
    seconds = int(now.timestamp())
    found = counters.get(key)
    if throttle.aligned:
        start = seconds - seconds % throttle.seconds
        return found if found is not None and found.start == start else Counter(start=start, count=0)
    if found is not None and found.start <= seconds < found.start + throttle.seconds:
        return found
    return Counter(start=seconds, count=0)


def _quota(throttle: Throttle, counter: Counter, now: datetime) -> Quota:
    end = datetime.fromtimestamp(counter.start + throttle.seconds, UTC)
    # Rack::Attack adds whole seconds to a moment that has a fraction: up to a second late.
    reset = end + timedelta(microseconds=now.microsecond) if throttle.aligned else end
    remaining = max(0, throttle.limit - counter.count)
    return Quota(name=throttle.name, limit=throttle.limit, remaining=remaining, reset=reset)


def headers(quota: Quota | None, style: Headers) -> tuple[tuple[str, str], ...]:
    """X-RateLimit-* as the server writes them; none for a server that keeps its counsel."""
    if quota is None or style is Headers.NONE:
        return ()
    spec = "%Y-%m-%dT%H:%M:%S.%f"
    text = quota.reset.strftime(spec)
    reset = text + "Z" if style is Headers.MICROSECONDS else text[:-3] + "Z"
    return (
        ("X-RateLimit-Limit", str(quota.limit)),
        ("X-RateLimit-Remaining", str(quota.remaining)),
        ("X-RateLimit-Reset", reset),
    )
