"""Other people's text made safe to show, and figures made easy to read."""

from __future__ import annotations

import re
from datetime import datetime

#: Control characters but for line end and tab; marks that turn the direction of what follows; and lone
#: surrogates, which no terminal can print.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_ESCAPE = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?|[@-_])")


def printable(text: str) -> str:
    """Nothing in it can move a cursor, colour a line, set a title or reverse what comes after it."""
    return _UNSAFE.sub("", _ESCAPE.sub("", text.replace("\r\n", "\n")))


def one_line(text: str, width: int) -> str:
    flat = " ".join(printable(text).split())
    return flat if len(flat) <= width else flat[: width - 1].rstrip() + "…"


def size(count: int) -> str:
    amount, unit = float(count), "B"
    for bigger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, bigger
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"


def duration(seconds: float) -> str:
    """The two largest units: 4 days 3 h."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    days, hours, left = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} day{'s' * (days > 1)}" + (f" {hours} h" if hours else "")
    return (f"{hours} h" + (f" {left:02d} min" if left else "")) if hours else f"{left} min"


def clock(at: datetime) -> str:
    """In the time zone of this machine, to the minute."""
    return at.astimezone().strftime("%a %d %b %Y, %H:%M")


def to_the_second(timestamp: str) -> str:
    """An RFC 3339 time in UTC without its fraction."""
    return re.sub(r"\.[0-9]+Z$", "Z", timestamp)


RULES: dict[str | None, str] = {
    "statuses": "The server's limit on posts sets the pace",
    "media": "The server's limit on uploads sets the pace",
    "calls": "The server's limit on requests sets the pace",
    "pace": "Your own limit sets the pace",
    "day": "Your own limit for a day sets the pace",
    "hours": "The hours that you allow set the pace",
    "blackout": "The days on which you publish nothing set the pace",
    None: "No limit is reached",
}
