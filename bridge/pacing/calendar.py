"""Days on which nothing is published, as people name them; pure.

`2026-12-24` is that day, `2026-12-24..2026-12-26` all from the first to the last, and without a year
(`05-01`, `12-24..01-02`) the same in every year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_LEAP = 2000  # has every day that a year can have
_DAY = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})")

Day = tuple[int, int, int]  #: year, month, day; year 0: of every year


@dataclass(frozen=True, slots=True)
class Blackout:
    """From the first to the last of these days, both included."""

    first: Day
    last: Day

    @classmethod
    def parse(cls, text: str) -> Blackout:
        """ValueError, with a sentence, when it names no days."""
        ends = [_day(part.strip(), text) for part in text.split("..")]
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or bool(first[0]) != bool(last[0]):
            raise ValueError(
                f"{text!r} is neither a day nor two with `..` between them, both with their year"
                " or both without"
            )
        if first[0] and last < first:
            raise ValueError(f"{text!r} ends before it begins")
        return cls(first, last)

    def __str__(self) -> str:
        ends = [
            f"{y:04d}-{m:02d}-{d:02d}" if y else f"{m:02d}-{d:02d}" for y, m, d in (self.first, self.last)
        ]
        return ends[0] if ends[0] == ends[1] else "..".join(ends)

    def end(self, day: date) -> date | None:
        """The last day of the stretch in which this one lies; None when it lies in none."""
        at: Day = (day.year if self.first[0] else 0, day.month, day.day)
        if self.first <= self.last:
            return self._last(day.year) if self.first <= at <= self.last else None
        if at >= self.first:
            return self._last(day.year + 1)
        return self._last(day.year) if at <= self.last else None

    def _last(self, year: int) -> date:
        year, month, day = self.last[0] or year, *self.last[1:]
        common = (month, day) == (2, 29) and not exists(year, 2, 29)
        return date(year, month, 28 if common else day)


def first_open(day: date, blackouts: Iterable[Blackout]) -> date:
    """The first day from this one on that lies in none of them; some day must (`leave_a_day`)."""
    spans = tuple(blackouts)
    while ends := [end for each in spans if (end := each.end(day)) is not None]:
        day = max(ends) + timedelta(days=1)
    return day


def leave_a_day(blackouts: Iterable[Blackout]) -> bool:
    """Whether what comes back every year leaves a day on which something may be published."""
    yearly = [each for each in blackouts if not each.first[0]]
    days = (date(_LEAP, 1, 1) + timedelta(days=n) for n in range(366))
    # The last day of February is no way out: three years in four do not have it.
    return any(
        all(each.end(day) is None for each in yearly) for day in days if (day.month, day.day) != (2, 29)
    )


def _day(text: str, whole: str) -> Day:
    found = _DAY.fullmatch(text)
    year, month, day = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    if found is None or not exists(year or _LEAP, month, day):
        raise ValueError(
            f"{whole!r} is not a day such as 2026-12-24 or 05-01, nor a span such as 2026-12-24..2026-12-26"
        )
    return year, month, day


def exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
