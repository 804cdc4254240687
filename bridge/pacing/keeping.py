"""How long an upload lies at the server before a status takes it, and so how early it may be made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bridge.statuses import Limits

_UNKNOWN = 18 * 3600.0  # a server of which nobody knows: less than the day of the strictest that tells
_SAFE = 0.96  # of the time that is promised: what is older is not counted on
_EARLY = 0.9  # of it: a plan comes true a little late, if another client or an outage holds it up
_SWEEPING = 300.0  # seconds before midnight that are left alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """`seconds` that the server keeps an upload at least; None: nobody knows.

    `midnight`: whatever no status has taken is deleted then, however young it is (GoToSocial). Servers do
    not tell their time zone; most run on UTC, and an upload of some age is asked about before it is used.
    """

    seconds: float | None = None
    midnight: bool = False

    @classmethod
    def of(cls, limits: Limits) -> Keeping:
        return cls(seconds=limits.unattached_seconds, midnight=limits.sweeps_at_midnight)

    @property
    def is_promise(self) -> bool:
        """Whether an upload is there for sure until `until`, so that nobody has to ask."""
        return self.seconds is not None and not self.midnight

    def until(self, at: datetime) -> datetime | None:
        """Up to when an upload of that moment may be used; None: until the server says otherwise."""
        ends = [] if self.seconds is None else [at + timedelta(seconds=self.seconds * _SAFE)]
        if self.midnight:
            ends.append(_midnight(at))
        return min(ends, default=None)

    def lead(self, at: float) -> float:
        """How many seconds before its status a medium may be uploaded at that second."""
        seconds = _UNKNOWN if self.seconds is None else self.seconds * _EARLY
        if self.midnight:
            now = datetime.fromtimestamp(at, UTC)
            seconds = min(seconds, (_midnight(now) - now).total_seconds() - _SWEEPING)
        return max(seconds, 0.0)


def _midnight(at: datetime) -> datetime:
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1)
