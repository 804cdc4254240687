"""Charts as SVG, drawn here: they are there on paper and without JavaScript. Colours are the style's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from markupsafe import Markup

from bridge.pacing import Schedule
from bridge.preview.languages import Words

KINDS = ("original", "thread", "quote", "reply", "retweet")
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 720.0, 190.0, 44.0, 24.0
_YEARS_BY_YEAR = 15  # a longer life is shown by the year: months would be hairlines
_LABEL = 56  # of the picture's width, for a year and the space after it
_SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    svg: Markup
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[str, str], ...] = ()  #: class and name of each colour


Months = Mapping[tuple[int, int], Counter[str]]


def months_chart(months: Months, words: Words) -> Chart:
    """Posts of each month (year, month) by what they are; what is skipped has a name of its own."""
    present = [name for name in (*KINDS, _SKIPPED) if any(month[name] for month in months.values())]
    named = [
        (name, words("months.skipped") if name == _SKIPPED else words(f"kind.{name}")) for name in present
    ]
    first, last = min(months), max(months)
    count = (last[0] - first[0]) * 12 + last[1] - first[1] + 1
    highest = max(month.total() for month in months.values())
    frame = _Frame(highest, words)
    step = frame.width / count
    bars = []
    for (year, month), counted in sorted(months.items()):
        x = frame.left + step * ((year - first[0]) * 12 + month - first[1])
        bars.append(_stack(frame, x, max(step * 0.86, 0.7), counted, present))
    years = _year_marks(frame, first, count, step)
    rows = [
        (_month(year, month, words), *(words.number(counted[name]) for name in present))
        for (year, month), counted in sorted(months.items())
    ]
    return Chart(
        svg=frame.drawn(words("months.chart"), Markup("").join([*bars, years])),
        heads=(words("months.month"), *(name for _, name in named)),
        rows=tuple(rows),
        legend=tuple(named),
    )


def schedule_chart(schedule: Schedule, statuses: int, words: Words) -> Chart:
    """How many statuses will be there, and when."""
    points = [(0.0, 0), *((mark.seconds, mark.statuses) for mark in schedule.marks)]
    if points[-1] != (schedule.seconds, statuses):
        points.append((schedule.seconds, statuses))
    frame = _Frame(statuses, words)
    longest = max(schedule.seconds, 1.0)
    drawn = " ".join(
        f"{frame.left + frame.width * seconds / longest:.1f},{frame.y(count):.1f}"
        for seconds, count in points
    )
    base = f"{frame.left + frame.width:.1f},{frame.y(0):.1f} {frame.left:.1f},{frame.y(0):.1f}"
    inside = Markup('<polygon class="area" points="{} {}"/><polyline class="curve" points="{}"/>').format(
        drawn, base, drawn
    )
    ends = Markup('<text class="tick" x="{:.0f}" y="{:.0f}" text-anchor="{}">{}</text>')
    inside += ends.format(frame.left, _HEIGHT - 6, "start", words.short(schedule.start))
    inside += ends.format(_WIDTH, _HEIGHT - 6, "end", words.short(schedule.finish))
    shown = _some(points[1:], 12)
    rows = [
        (
            words.short(_at(schedule.start, seconds)),
            words.number(count),
            words.percent(count / max(statuses, 1)),
        )
        for seconds, count in shown
    ]
    return Chart(
        svg=frame.drawn(words("schedule.chart"), inside),
        heads=(words("schedule.time"), words("schedule.statuses"), words("schedule.percent")),
        rows=tuple(rows),
    )


def bar(share: float) -> Markup:
    """A bar beside a figure; the figure says it."""
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rest" width="100" height="8"/><rect class="mark" width="{:.1f}" height="8"/></svg>'
    ).format(max(1.0, min(share, 1.0) * 100))


class _Frame:
    """The axis of counts, from nought to a round number."""

    def __init__(self, highest: int, words: Words) -> None:
        self._words = words
        self.left, self.width = _LEFT, _WIDTH - _LEFT
        self.top = _round_up(max(highest, 1))

    def y(self, count: float) -> float:
        return 8 + (_HEIGHT - _BOTTOM - 8) * (1 - count / self.top)

    def drawn(self, label: str, inside: Markup) -> Markup:
        lines = Markup("").join(self._line(count) for count in (0, self.top / 2, self.top))
        return Markup(
            '<svg class="chart" role="img" aria-label="{}" viewBox="0 0 {:.0f} {:.0f}">{}{}</svg>'
        ).format(label, _WIDTH, _HEIGHT, lines, inside)

    def _line(self, count: float) -> Markup:
        y = self.y(count)
        number = self._words.number(count) if count == int(count) else ""
        return Markup(
            '<line class="grid" x1="{0:.0f}" x2="{1:.0f}" y1="{2:.1f}" y2="{2:.1f}"/>'
            '<text class="tick" x="{3:.0f}" y="{4:.1f}" text-anchor="end">{5}</text>'
        ).format(self.left, _WIDTH, y, self.left - 6, y + 4, number)


def _stack(frame: _Frame, x: float, width: float, counted: Counter[str], names: Sequence[str]) -> Markup:
    pieces, below = [], 0
    for name in names:
        if counted[name]:
            top, bottom = frame.y(below + counted[name]), frame.y(below)
            pieces.append(
                Markup('<rect class="k-{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"/>').format(
                    name, x, top, width, bottom - top
                )
            )
            below += counted[name]
    return Markup("").join(pieces)


def _year_marks(frame: _Frame, first: tuple[int, int], count: int, step: float) -> Markup:
    every = max(1, -(-(count // 12 + 1) // _YEARS_BY_YEAR))
    marks: list[Markup] = []
    for at in range(count):
        year, month = first[0] + (first[1] - 1 + at) // 12, (first[1] - 1 + at) % 12
        begins = at == 0 and (12 - month) * step >= _LABEL  # else the next year's would lie upon it
        if (month == 0 and (year - first[0]) % every == 0) or begins:
            x = frame.left + step * at
            marks.append(
                Markup('<text class="tick{}" x="{:.1f}" y="{:.0f}">{}</text>').format(
                    " odd" if len(marks) % 2 else "", x, _HEIGHT - 6, year
                )
            )
    return Markup("").join(marks)


def _month(year: int, month: int, words: Words) -> str:
    return words.month(date(year, month, 1))


def _at(start: datetime, seconds: float) -> datetime:
    return datetime.fromtimestamp(start.timestamp() + seconds, UTC)


def _stepped(points: Sequence[tuple[float, int]]) -> Iterator[tuple[float, int]]:
    """Nothing comes while a window is waited for, and then much at once."""
    before = 0
    for seconds, count in points:
        yield seconds, before
        yield seconds, count
        before = count


def _some(points: Sequence[tuple[float, int]], most: int) -> Sequence[tuple[float, int]]:
    """Evenly taken, the last one always."""
    if len(points) <= most:
        return points
    return [points[round((at + 1) * len(points) / most) - 1] for at in range(most)]


def _round_up(count: int) -> int:
    """The next even number of one or two figures and noughts."""
    if count <= 10:
        return count + count % 2
    unit = 10 ** (len(str(count)) - 2)
    return int(-(-count // (2 * unit)) * 2 * unit)
