"""On which day of a year what was written in an earlier one comes back; pure.

Days are those of a time zone. What was written on the 29th of February comes back on the 28th in common
years.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bridge.pacing.calendar import exists
from bridge.statuses import Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Memories:
    """How posts come back on their day: from which time of it on, and how many at most.

    `least_likes` None: only those that somebody has pinned; otherwise also what was liked so often.
    `visibility` is that of what is published for the first time.
    """

    at: time = time(10)
    most: int = 1
    least_likes: int | None = None
    visibility: Visibility = Visibility.UNLISTED
    tz: tzinfo = UTC

    def day(self, now: datetime) -> date:
        return now.astimezone(self.tz).date()

    def begin(self, day: date) -> datetime:
        """The first instant of that day."""
        return datetime.combine(day, time(), self.tz)

    def opening(self, day: date) -> datetime:
        """From when on its memories are published."""
        return datetime.combine(day, self.at, self.tz)

    def returns(self, written: datetime, day: date) -> bool:
        """Whether what was written then comes back on that day."""
        local = written.astimezone(self.tz).date()
        return local.year < day.year and _in_year(local, day.year) == day

    def next_return(self, written: datetime, today: date) -> date:
        """The first day from today on on which it comes back."""
        local = written.astimezone(self.tz).date()
        year = max(today.year, local.year + 1)
        this = _in_year(local, year)
        return this if this >= today else _in_year(local, year + 1)

    def spans(self, day: date, first: int) -> Iterator[tuple[datetime, datetime]]:
        """Of the years from `first` on, when what was written comes back on that day: from, and up to."""
        leap_day_too = (day.month, day.day) == (2, 28) and not exists(day.year, 2, 29)
        for year in range(first, day.year):
            if exists(year, day.month, day.day):
                began = date(year, day.month, day.day)
                days = 2 if leap_day_too and exists(year, 2, 29) else 1
                yield self.begin(began), self.begin(began + timedelta(days=days))


def _in_year(day: date, year: int) -> date:
    return day.replace(year=year, day=day.day if exists(year, day.month, day.day) else 28)
