"""How full a window is, and when it has room again.

A window counts requests of one sort. Aligned ones begin at multiples of their length since the epoch, as
Mastodon's do (fediverse-rules §1.1, §1.2); all others are held as sliding, which keeps every rule that starts
counting anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.statuses import Window

#: Seconds around the edge of an aligned window in which nobody can tell to which side a request counts:
#: `Reset` is up to a second late, `Date` has no fractions, answers take their time (fediverse-rules §1.1).
EDGE = 2.0
_SLICES = 60  # a sliding window forgets in this many steps
_TICK = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """How full a window is: units by slice of time, and until when the server said to stay away."""

    slices: tuple[tuple[int, int], ...] = ()
    closed_until: float = 0.0


class Meter:
    """One window in use: units by slice of time."""

    def __init__(self, window: Window, spent: Spent | None, skew: float) -> None:
        self.closed_until = spent.closed_until if spent else 0.0
        self._used = dict(spent.slices) if spent else {}
        self._limit = window.limit
        self._seconds = window.seconds
        self._skew = skew
        self._edge = min(EDGE, window.seconds / 20)

    def earliest(self, at: float, units: int) -> float:
        """The first second from `at` on at which so many units have room."""
        raise NotImplementedError

    def room(self, at: float) -> int:
        """How many units have room at that second."""
        raise NotImplementedError

    def spend(self, at: float, units: int) -> None:
        raise NotImplementedError

    def fill(self, at: float, reset: float, remaining: int) -> None:
        """Count what others spent: so much is left until then."""
        raise NotImplementedError

    def spent(self) -> Spent:
        return Spent(slices=tuple(self._used.items()), closed_until=self.closed_until)


class Aligned(Meter):
    """Near its edge a request counts on both sides, since the server's clock decides."""

    def earliest(self, at: float, units: int) -> float:
        at = max(at, self.closed_until)
        room = max(0, self._limit - units)
        first, last = self._periods(at)
        if self._used.get(last, 0) > room:
            return self._opening(last + 1)
        return self._opening(first + 1) if self._used.get(first, 0) > room else at

    def room(self, at: float) -> int:
        if at < self.closed_until:
            return 0
        return self._limit - max(self._used.get(period, 0) for period in self._periods(at))

    def spend(self, at: float, units: int) -> None:
        first, last = self._periods(at)
        self._used[first] = self._used.get(first, 0) + units
        if last != first:
            self._used[last] = self._used.get(last, 0) + units
        if len(self._used) > 4:
            self._used = {p: n for p, n in self._used.items() if p >= first}

    def fill(self, at: float, reset: float, remaining: int) -> None:  # noqa: ARG002 - a sliding one needs it
        period = round((reset - self._skew) / self._seconds) - 1
        self._used[period] = max(self._used.get(period, 0), self._limit - remaining)

    def _periods(self, at: float) -> tuple[int, int]:
        at -= self._skew
        return int((at - self._edge) // self._seconds), int((at + self._edge) // self._seconds)

    def _opening(self, period: int) -> float:
        return period * self._seconds + self._skew + self._edge + _TICK


class Sliding(Meter):
    """No stretch of the window's length holds more than the limit, wherever it begins."""

    def __init__(self, window: Window, spent: Spent | None, skew: float) -> None:
        super().__init__(window, spent, skew)
        self._used = dict(sorted(self._used.items()))
        self._step = window.seconds / _SLICES
        self._total = sum(self._used.values())

    def earliest(self, at: float, units: int) -> float:
        at = max(at, self.closed_until)
        self._forget(at)
        room = self._limit - min(units, self._limit)
        used = self._total
        for index, spent in self._used.items():
            if used <= room:
                break
            used -= spent
            at = self._gone(index)
        return at

    def room(self, at: float) -> int:
        self._forget(at)
        return 0 if at < self.closed_until else self._limit - self._total

    def spend(self, at: float, units: int) -> None:
        self._forget(at)
        last = next(reversed(self._used), 0)
        index = max(int(at // self._step), last)  # a clock that was put back does not put them out of order
        self._used[index] = self._used.get(index, 0) + units
        self._total += units

    def fill(self, at: float, reset: float, remaining: int) -> None:
        self._forget(at)
        if (more := self._limit - remaining - self._total) > 0:
            self.spend(at, more)
            self.closed_until = max(self.closed_until, reset if remaining == 0 else 0.0)

    def _forget(self, at: float) -> None:
        """What lies so far back that it does not count any more."""
        while self._used and self._gone(first := next(iter(self._used))) <= at:
            self._total -= self._used.pop(first)

    def _gone(self, index: int) -> float:
        return (index + 1) * self._step + self._seconds + self._edge + _TICK


def key_of(window: Window) -> str:
    """A window that changes its size is another window: nothing was spent of it."""
    return f"{window.name}:{window.limit}/{window.seconds}"


def meter_of(window: Window, spent: Spent | None, skew: float) -> Meter:
    return (Aligned if window.aligned else Sliding)(window, spent, skew)
