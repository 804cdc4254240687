"""How long a text is, exactly as its destination will count it.

Mastodon: graphemes of the warning and the text, where a URL counts as 23 and a mention as its local part.
Akkoma: graphemes, everything in full. GoToSocial and most others: code points, everything in full.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import regex

from bridge.rendering.entities import Entity, entities
from bridge.statuses import Counting, Limits, OwnLink

# Where every character is of this sort, each is a grapheme: nothing here joins, extends or makes a flag.
_PLAIN = (
    "\\t\\n -~\u00a0-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u214f"
    "\u3000-\u3029\u3031-\u3096\u30a0-\u30ff\u4e00-\u9fff\uff01-\uff9d"
)
# Everything else. The plain character before it may be extended by it; the one behind it is taken along.
_KNOT = re.compile(f"[^{_PLAIN}]+(?:[{_PLAIN}][^{_PLAIN}]+)*")
_GRAPHEME = regex.compile(r"\X")


def graphemes(text: str) -> int:
    if text.isascii():
        return len(text) - text.count("\r\n")
    length = len(text)
    for knot in _KNOT.finditer(text):
        length -= _joined(text[max(0, knot.start() - 1) : knot.end() + 1])
    return length


@lru_cache(maxsize=4096)
def _joined(knot: str) -> int:
    """How many of its characters only continue a grapheme. People use the same few emoji again and again."""
    return len(knot) - len(_GRAPHEME.findall(knot))


def grapheme_ends(text: str, start: int = 0, end: int | None = None) -> list[int]:
    """Where each grapheme of the stretch ends."""
    stop = len(text) if end is None else end
    ends: list[int] = []
    at = start
    for knot in _KNOT.finditer(text, start, stop):
        first, last = max(at, knot.start() - 1), min(stop, knot.end() + 1)
        ends += range(at + 1, first + 1)
        ends += [match.end() for match in _GRAPHEME.finditer(text, first, last)]
        at = last
    ends += range(at + 1, stop + 1)
    return ends


def measure(text: str, spoiler: str, limits: Limits, own_links: Sequence[OwnLink] = ()) -> int:
    """The length of a status. An own link is given the room that the URL of its status may need."""
    return measure_text(text, limits, own_links) + measure_spoiler(spoiler, limits)


def measure_spoiler(spoiler: str, limits: Limits) -> int:
    if not spoiler or not limits.spoiler_counts:
        return 0
    return len(spoiler) if limits.counting is Counting.CODE_POINTS else graphemes(spoiler)


def measure_text(text: str, limits: Limits, own_links: Sequence[OwnLink] = ()) -> int:
    found: Sequence[Entity] = ()
    if limits.counting is Counting.CODE_POINTS:
        length = len(text)
    elif limits.counting is Counting.MASTODON and ("://" in text or "@" in text):
        found = entities(text)
        length = _shortened(text, found, limits)
    else:
        length = graphemes(text)
    if not own_links:
        return length
    fixed = {entity.start for entity in found}
    return length + sum(room(link, limits) for link in own_links if link.start not in fixed)


def room(link: OwnLink, limits: Limits) -> int:
    """What an own link may yet grow by, where its URL counts in full."""
    return max(0, limits.own_url_length - (link.end - link.start))


def _shortened(text: str, found: Sequence[Entity], limits: Limits) -> int:
    """As the server does it: put the short forms in place, then count the graphemes of the whole."""
    if not found:
        return graphemes(text)
    pieces: list[str] = []
    at = 0
    for entity in found:
        pieces.append(text[at : entity.start])
        pieces.append("x" * limits.url_length if entity.local is None else "@" + entity.local)
        at = entity.end
    pieces.append(text[at:])
    return graphemes("".join(pieces))
