"""All windows of an account and the user's pace as one gate that a request must pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bridge.pacing.calendar import Blackout, first_open
from bridge.pacing.meters import Meter, Spent, key_of, meter_of
from bridge.statuses import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a step spends of each window. `live`: it is no status of the back catalogue, nor of its day."""

    statuses: int = 1
    media: int = 0
    deletes: int = 0
    paging: int = 0
    calls: int = 1
    live: bool = False

    @property
    def actions(self) -> int:
        """Where one window is for posting and deleting alike (Akkoma)."""
        return self.statuses + self.deletes


_Uses = list[tuple[str, Meter, int]]

_NO_USES: _Uses = []
STATUS = Need()
LIVE = Need(live=True)
UPLOAD = Need(statuses=0, media=1)
LOOK = Need(statuses=0, paging=1)
READ = Need(statuses=0)
DELETE = Need(statuses=0, deletes=1)
_MANY = 1_000_000
_STEPS = 40  # of a look ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The user's own limits. `hours` (9, 18): from nine until six in `tz`; (22, 6) passes midnight.

    `per_day` holds the back catalogue only, in days of `tz`; what is live neither waits for it nor counts.
    Nothing is published on the days of a `blackout`, or nothing but what is live (`live_waits` False).
    `max_posts` (statuses of this run) and `max_seconds` are stops, not windows.
    """

    per_hour: float | None = None
    per_day: int | None = None
    hours: tuple[int, int] | None = None
    blackout: tuple[Blackout, ...] = ()
    live_waits: bool = True
    tz: tzinfo = UTC
    max_posts: int | None = None
    max_seconds: float | None = None

    def day(self, at: float) -> date:
        """In which the second lies, in its time zone."""
        return datetime.fromtimestamp(at, self.tz).date()

    def begin(self, day: date) -> datetime:
        """The first instant of that day."""
        return datetime.combine(day, time(), self.tz)

    def released(self, at: datetime) -> datetime:
        """When a blackout lets go what is live and would be published then."""
        if not self.blackout or not self.live_waits:
            return at
        opening, rule = self.opening(at.timestamp(), live=True)
        return datetime.fromtimestamp(opening, UTC) if rule == "blackout" else at

    def shut(self, at: float, *, days: int) -> list[int]:
        """Which of so many days, that of the second being 0, lie in a blackout."""
        first = self.day(at)
        return [n for n in range(days) if any(each.end(first + timedelta(days=n)) for each in self.blackout)]

    def opening(self, at: float, *, live: bool = False) -> tuple[float, str | None]:
        """The first second from `at` on within its hours and outside its blackouts, and which rules."""
        opening, rule = _within_hours(at, self), None
        if opening > at:
            rule = "hours"
        if not self.blackout or (live and not self.live_waits):
            return opening, rule
        while (free := first_open(day := self.day(opening), self.blackout)) > day:
            opening, rule = _within_hours(self.begin(free).timestamp(), self), "blackout"
        return opening, rule


class Gate:
    """The meters of a budget, changing in place: for one question, or for a simulation."""

    def __init__(
        self,
        windows: Iterable[Window],
        pace: Pace,
        spent: Mapping[str, Spent],
        *,
        due: float = 0.0,
        skew: float = 0.0,
        today: tuple[date, int] | None = None,
    ) -> None:
        self._windows = tuple(windows)
        self._meters = [(w.name, key_of(w), meter_of(w, spent.get(key_of(w)), skew)) for w in self._windows]
        self._pace = pace
        self._skew = skew
        self._interval = 3600 / pace.per_hour if pace.per_hour else 0.0
        self._is_paced = bool(self._interval or pace.hours or pace.per_day or pace.blackout)
        self._asked = (Need(statuses=0, calls=0), _NO_USES)
        self.due = due
        self.today = today  #: what of the back catalogue was sent on the day of which that is known
        self._last = 1  # statuses that were spent together

    def meter(self, window: Window) -> Meter:
        return next(meter for _, key, meter in self._meters if key == key_of(window))

    def earliest(self, at: float, need: Need) -> tuple[float, str | None]:
        ruling: str | None = None
        # What a slower pace has left behind is not waited for.
        due = min(self.due, at + self._interval * self._last)
        while True:
            before = at
            for name, meter, units in self._uses(need):
                if (later := meter.earliest(at, units)) > at:
                    at, ruling = later, name
            if self._is_paced and need.statuses:
                at, ruling = self._paced(at, ruling, due, need)
            if at == before:
                return at, ruling

    def room(self, at: float, need: Need) -> int:
        """How often `need` can be met at that second, by the windows and the day alone."""
        asked = [(meter, getattr(need, name, 0)) for name, _, meter in self._meters]
        day = self._left(at) // need.statuses if need.statuses and not need.live else _MANY
        return min(day, *(max(meter.room(at), 0) // units for meter, units in asked if units), _MANY)

    def spend(self, at: float, need: Need) -> None:
        for _, meter, units in self._uses(need):
            meter.spend(at, units)
        if need.statuses and not need.live and self._pace.per_day:
            self.today = (self._pace.day(at), self._sent(at) + need.statuses)
        if need.statuses and self._interval:
            # An answer that took a moment does not shift the rhythm.
            self._last = need.statuses
            self.due = max(self.due, at - min(self._interval / 2, 10.0)) + self._interval * need.statuses

    def reach(self, at: float, seconds: float, *, most: int) -> int:
        """How many statuses could be sent in so many seconds from `at` on, without media; at most `most`."""
        line = self._slowest(seconds, most)
        end, count = at + seconds, 0
        while count < most:
            at, _ = line.earliest(at, STATUS)
            if at > end:
                break
            several = max(1, min(line.room(at, STATUS), most - count, line.evenly(STATUS, seconds / _STEPS)))
            line.spend(at, Need(statuses=several, calls=several))
            count += several
        return count

    def _slowest(self, seconds: float, most: int) -> Gate:
        """A copy without the windows that let more than `most` through in that time."""
        windows = [w for w in self._windows if w.limit * seconds < most * w.seconds]
        return Gate(windows, self._pace, self.spent(), due=self.due, skew=self._skew, today=self.today)

    def evenly(self, need: Need, seconds: float) -> int:
        """How many go together in steps of so many seconds, where the pace spaces them out."""
        return max(1, int(seconds / self._interval)) if self._interval and need.statuses else _MANY

    def spent(self) -> dict[str, Spent]:
        now = ((key, meter.spent()) for _, key, meter in self._meters)
        return {key: spent for key, spent in now if spent != Spent()}

    def _uses(self, need: Need) -> _Uses:
        """The meters that a need spends of, and how much; of the last need they are remembered."""
        if self._asked[0] is not need:
            units = [(name, meter, getattr(need, name, 0)) for name, _, meter in self._meters]
            self._asked = (need, [use for use in units if use[2]])
        return self._asked[1]

    def _paced(self, at: float, ruling: str | None, due: float, need: Need) -> tuple[float, str | None]:
        if self._interval and due > at:
            at, ruling = due, "pace"
        if not need.live and self._left(at) <= 0:
            at, ruling = self._pace.begin(self._pace.day(at) + timedelta(days=1)).timestamp(), "day"
        opening, rule = self._pace.opening(at, live=need.live)
        return (opening, rule) if opening > at else (at, ruling)

    def _left(self, at: float) -> int:
        """How many statuses of the back catalogue that day has room for."""
        return _MANY if self._pace.per_day is None else self._pace.per_day - self._sent(at)

    def _sent(self, at: float) -> int:
        return self.today[1] if self.today is not None and self.today[0] == self._pace.day(at) else 0


def _within_hours(at: float, pace: Pace) -> float:
    """The first second from `at` on that lies within the pace's hours."""
    if pace.hours is None or pace.hours[0] % 24 == pace.hours[1] % 24:
        return at
    first, last = pace.hours
    local = datetime.fromtimestamp(at, pace.tz)
    is_open = first <= local.hour < last if first < last else local.hour >= first or local.hour < last
    if is_open:
        return at
    opening = local.replace(hour=first, minute=0, second=0, microsecond=0)
    return (opening if opening > local else opening + timedelta(days=1)).timestamp()
