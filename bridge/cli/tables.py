"""Rows for people: aligned columns, the same on a terminal and in a file, never cut."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from bridge.errors import counted

_CONTROLS = frozenset({"Cc", "Cf", "Co", "Cs"})


def columns(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Numbers to the right, words to the left, two blanks between."""
    cells = [[safe(str(cell)) for cell in row] for row in rows]
    widths = [max(len(line[n]) for line in [list(head), *cells]) for n in range(len(head))]
    right = [all(isinstance(row[n], int) for row in rows) and bool(rows) for n in range(len(head))]

    def line(words: Sequence[str]) -> str:
        return "  ".join(
            word.rjust(width) if is_number else word.ljust(width)
            for word, width, is_number in zip(words, widths, right, strict=True)
        ).rstrip()

    return "\n".join([line(head), *(line(row) for row in cells)])


def safe(text: str) -> str:
    """Others may have written control characters and writing directions: a terminal should not obey."""
    return "".join("\ufffd" if unicodedata.category(c) in _CONTROLS and c != "\u200d" else c for c in text)


def span(seconds: float) -> str:
    """A duration as people say it: `45 s`, `12 min`, `3 h 05 min`, `4 d 2 h`."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def local(moment: datetime | None, *, now: datetime | None = None) -> str:
    """A time on this machine's clock; the date only when it is not today."""
    if moment is None:
        return "-"
    there = moment.astimezone()
    if now is not None and there.date() == now.astimezone().date():
        return f"{there:%H:%M}"
    return f"{there:%a %d %b %Y %H:%M}"


def size(count: int) -> str:
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def number(count: int) -> str:
    """Thousands set apart by a comma, as the preview sets them."""
    return f"{count:,}"


def statuses(count: int, does: str | None = None, do: str | None = None) -> str:
    """`1 status`, `2 statuses`; with what it does and they do: `1 status is`, `2 statuses are`."""
    one, many = (f" {does}", f" {do}") if does and do else ("", "")
    return counted(count, f"status{one}", f"statuses{many}")
