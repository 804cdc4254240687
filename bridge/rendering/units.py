"""A text as the units that may not be cut, with what each costs at its destination."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

import regex

from bridge.rendering.entities import AT_SIGNS, Entity, entities
from bridge.rendering.length import grapheme_ends, graphemes, room
from bridge.statuses import Counting, Limits, OwnLink

Range = tuple[int, int]

_SOLID = regex.compile(
    r"[a-z][a-z0-9+.-]*://\S+"
    r"|(?<!\w)[#＃][\w\u00b7\u30fb]+"
    r"|(?<!\w)\$[a-z]{1,6}\b"
    r"|[@＠]\u2060?\w+(?:[.-]+\w+)*(?:@\w+(?:[.-]+\w+)*)?",
    regex.I,
)
_STICKING = AT_SIGNS + "#＃$"  # what follows these would mean another thing at the start of a part


class Units:
    """Graphemes; and links, mentions and tags as wholes, unless one is longer than `size` by itself."""

    def __init__(self, text: str, own_links: Sequence[OwnLink], limits: Limits, size: int) -> None:
        self.text = text
        found = entities(text)
        ends = grapheme_ends(text)
        costs = _costs(ends, found, limits)
        own = [(link.start, link.end, room(link, limits)) for link in own_links]
        for start, end, more in own:
            shortened = limits.counting is Counting.MASTODON and any(e.start == start for e in found)
            costs[bisect_left(ends, end)] += 0 if shortened else more
        self._ends = ends
        self._sums = [0, *accumulate(costs)]
        ranges = _merged([*_solid(text, found), *((start, end) for start, end, _ in own)])
        kept = [(start, end) for start, end in ranges if self.cost(start, end) <= size]
        self.broken = len(kept) < len(ranges)  #: something must be cut that should be whole
        self._starts, self._stops = [start for start, _ in kept], [end for _, end in kept]

    def cost(self, start: int, end: int) -> int:
        return self._sums[self._grapheme(end)] - self._sums[self._grapheme(start)]

    def may_cut(self, at: int) -> bool:
        """Whether nothing is broken by a cut there, and nothing new comes about."""
        within = bisect_left(self._starts, at) - 1
        if within >= 0 and at < self._stops[within]:
            return False
        if 0 < at < len(self.text):
            number = bisect_left(self._ends, at)
            sticks = self.text[at] in _STICKING and not self.text[at - 1].isspace()
            return self._ends[number] == at and not sticks
        return True

    def furthest(self, start: int, size: int) -> int:
        """The last place to cut so that what stands before it costs `size` at most."""
        first = self._grapheme(start)
        last = bisect_right(self._sums, self._sums[first] + size) - 1
        for number in range(last, first, -1):
            if self.may_cut(self._ends[number - 1]):
                return self._ends[number - 1]
        return self._anywhere(start, size)

    def _anywhere(self, start: int, size: int) -> int:
        """For what cannot be cut well: by code points, but never so that a mention comes about."""
        at = min(len(self.text), start + size)
        while start + 1 < at < len(self.text) and self.text[at] in AT_SIGNS:
            at -= 1
        return at

    def _grapheme(self, at: int) -> int:
        """How many graphemes end at or before the place."""
        return bisect_right(self._ends, at)


def _costs(ends: Sequence[int], found: Sequence[Entity], limits: Limits) -> list[int]:
    """The cost of each grapheme; that of a shortened link or mention is at its last one."""
    starts = (0, *ends)[: len(ends)]
    if limits.counting is Counting.CODE_POINTS:
        return [end - start for start, end in zip(starts, ends, strict=True)]
    costs = [1] * len(ends)
    if limits.counting is Counting.MASTODON:
        for entity in found:
            first, last = bisect_right(ends, entity.start), bisect_left(ends, entity.end)
            costs[first : last + 1] = [0] * (last + 1 - first)
            short = limits.url_length if entity.local is None else graphemes("@" + entity.local)
            costs[last] = short + (ends[last] > entity.end)
    return costs


def _solid(text: str, found: Sequence[Entity]) -> Iterable[Range]:
    yield from ((entity.start, entity.end) for entity in found)
    links = [entity for entity in found if entity.local is None]
    for match in _SOLID.finditer(text):
        if not any(link.start <= match.start() < link.end for link in links):
            yield match.span()


def _merged(ranges: Iterable[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
