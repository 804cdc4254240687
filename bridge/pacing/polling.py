"""When is a source asked again? As seldom as it is quiet, out of step with others, later after failures.

A source that wrote a moment ago is asked again after the shortest interval, and one that has been silent is
asked after a share of its silence, up to the longest: an account of one post a week costs little, and what it
says is still here within the hour. Chance comes from a seed, so that the same run happens twice alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

_SHARE = 12  # of its silence that a source is left alone
_JITTER = 0.2  # of an interval, more or less: a thousand sources are not asked in one second
_LONGEST_REST = 6 * 3600.0  # seconds: a source that is down for a week is looked at again that soon
_STEPS = 16  # failures after which the rest grows no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Seconds between two questions to one source, to one host, and to the ledger."""

    least: float = 120.0
    most: float = 3600.0
    gap: float = 2.0  #: between two questions to one host, whatever the sources
    look: float = 60.0  #: between two looks for what somebody else has put in line
    seed: str = ""

    @property
    def longest_rest(self) -> float:
        return max(self.most, _LONGEST_REST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What is known of one source that is asked from time to time."""

    name: str
    due: datetime
    newest: datetime | None = None  #: when its newest post was written
    failures: int = 0  #: in a row
    failing_since: datetime | None = None
    asked: int = 0

    @property
    def well(self) -> bool:
        return not self.failures


def answered(poll: Poll, now: datetime, cadence: Cadence, *, newest: datetime | None) -> Poll:
    """After an answer, whatever it said; `newest`: when the newest post that is known was written."""
    found = max(filter(None, (poll.newest, newest)), default=None)
    asked = replace(poll, newest=found, failures=0, failing_since=None, asked=poll.asked + 1)
    return replace(asked, due=_after(asked, now, interval(now, found, cadence), cadence.seed))


def failed(poll: Poll, now: datetime, cadence: Cadence, *, until: datetime | None = None) -> Poll:
    """After no usable answer: twice as long each time. `until`: the source itself said when to come back."""
    failures = poll.failures + 1
    asked = replace(poll, failures=failures, failing_since=poll.failing_since or now, asked=poll.asked + 1)
    rest = min(cadence.least * 2 ** min(failures - 1, _STEPS), cadence.longest_rest)
    due = _after(asked, now, rest, cadence.seed)
    if until is not None:  # a far date comes from a wrong clock
        due = max(due, min(until, now + timedelta(days=1)))
    return replace(asked, due=due)


def interval(now: datetime, newest: datetime | None, cadence: Cadence) -> float:
    """Seconds until a source is asked again, by how long it has been silent."""
    if newest is None:
        return cadence.most
    silence = max(0.0, (now - newest).total_seconds())
    return min(max(silence / _SHARE, cadence.least), max(cadence.least, cadence.most))


@dataclass(frozen=True, slots=True)
class Hosts:
    """When each host may be asked next, as far as it was asked lately."""

    free: Mapping[str, datetime] = field(default_factory=dict)

    def earliest(self, host: str, due: datetime) -> datetime:
        return max(self.free.get(host, due), due)

    def asked(self, host: str, now: datetime, gap: float) -> Hosts:
        lately = {name: until for name, until in self.free.items() if until > now}
        return Hosts({**lately, host: now + timedelta(seconds=gap)})


def _after(poll: Poll, now: datetime, seconds: float, seed: str) -> datetime:
    return now + timedelta(seconds=seconds * (1 + _JITTER * _chance(seed, poll.name, poll.asked)))


def _chance(*words: object) -> float:
    """Between -1 and 1, ever the same for the same words."""
    named = "\x1f".join(map(str, words)).encode()
    return int.from_bytes(hashlib.blake2b(named, digest_size=4).digest(), "big") / (1 << 31) - 1
