"""Long texts in parts: cut at a paragraph, else a line, a sentence, a word, and only then within a word.

What a reader takes as one (a URL, a mention, a hashtag, a flag, an emoji of several code points) stays whole;
only what is longer than a whole status by itself is cut within, since nothing may be lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import regex

from bridge.rendering.length import measure_text
from bridge.rendering.units import Units
from bridge.statuses import Counting, Limits, OwnLink

PARAGRAPH = "\n\n"
_INK = regex.compile(r"\S")
_FEWEST = 10  # of the text's own characters, for a status cut short to make sense
_BLANK = regex.compile(r"[^\S\u00a0\u202f\u2007]")  # a no-break space is no place to cut

# Where to cut, best first, and how full the part must be for it: a share of what would fit.
_BREAKS = (
    (regex.compile(r"(?=\n[^\S\n]*\n)"), 0.3),
    (regex.compile(r"(?=\n)"), 0.5),
    (
        regex.compile(r"""[.!?…][\u00a0\u202f]?["'”’»)\]]*(?=[^\S\u00a0\u202f\u2007])|[。！？][」』）”’]*"""),
        0.5,
    ),
    (regex.compile(r"(?=[^\S\u00a0\u202f\u2007])"), 0.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is to be spread over statuses: the text, and a last paragraph that goes with its end."""

    text: str
    own_links: tuple[OwnLink, ...] = ()
    tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The room in each status: `size` for text, as `limits` counts it."""

    limits: Limits
    size: int
    numbered: bool
    at_least: int = 1  #: parts that there will be anyway, for the media


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One part's text, and the own links in it."""

    text: str
    own_links: tuple[OwnLink, ...] = ()
    measured: int | None = None  #: its length, once it is known


def whole(body: Body, limits: Limits) -> Piece:
    text = PARAGRAPH.join(filter(None, (body.text, body.tail)))
    return Piece(text=text, own_links=body.own_links, measured=measure_text(text, limits, body.own_links))


def length(piece: Piece, limits: Limits) -> int:
    if piece.measured is not None:
        return piece.measured
    return measure_text(piece.text, limits, piece.own_links)


def split(body: Body, fit: Fit) -> list[Piece]:
    """The text in parts that fit, numbered if wanted; those that are only there for media come last."""
    size, digits = fit.size, 1
    while True:
        reserve = len(f" (/){'9' * digits * 2}") if fit.numbered else 0
        body = _with_room_for_links(body, fit.limits, size - reserve)
        cuts = list(_cuts(body, fit.limits, size - reserve))
        count = max(len(cuts), fit.at_least)
        if fit.numbered and len(str(count)) > digits:
            digits = len(str(count))
            continue
        cuts += [_Cut(0, 0)] * (count - len(cuts))
        pieces = [_piece(body, cut, _number(at, count, fit)) for at, cut in enumerate(cuts, 1)]
        over = max(length(piece, fit.limits) for piece in pieces) - fit.size
        if over <= 0 or size - over <= reserve:
            return pieces
        size -= over  # a cut has changed what the server takes for a link


def breaks(body: Body, fit: Fit) -> bool:
    """Whether a link or a tag is longer than a whole status, so that it must be cut within."""
    size = max(1, fit.size - (len(" (1/2)") if fit.numbered else 0))
    return Units(body.text, (), fit.limits, size).broken


def cut_short(body: Body, fit: Fit, ending: str) -> Piece:
    """The beginning of the text, as much as fits with the ending and the tail behind it."""
    spare = 0
    for tail in (body.tail, ""):  # where even both are too much, the link leads to the date as well
        closing = PARAGRAPH.join(filter(None, (ending, tail)))
        spare = max(spare, fit.size - 2 - measure_text(PARAGRAPH + closing, fit.limits))
        if spare >= _FEWEST:
            break
    spare = max(1, spare)
    end = _best_cut(Units(body.text, body.own_links, fit.limits, spare), 0, spare)
    kept = body.text[:end].rstrip()
    links = tuple(link for link in body.own_links if link.end <= len(kept))
    return Piece(text=kept + _ellipsis(kept) + PARAGRAPH + closing, own_links=links)


def words_within(text: str, size: int) -> str:
    """The text, or as many of its words as fit into so many code points with an ellipsis."""
    if len(text) <= size:
        return text
    units = Units(text, (), Limits(counting=Counting.CODE_POINTS), size - 2)
    kept = text[: _best_cut(units, 0, size - 2)].rstrip()
    return kept + _ellipsis(kept)


def _ellipsis(kept: str) -> str:
    """The mark of an omission: by itself after a whole sentence, else at the last word."""
    return "" if kept.endswith("…") else " …" if kept[-1:] in ".!?。！？" else "…"


def _with_room_for_links(body: Body, limits: Limits, size: int) -> Body:
    """Own links whose later URL might not fit into any status stay the links that they are."""
    if limits.counting is Counting.MASTODON or limits.own_url_length <= size:
        return body
    return replace(body, own_links=())


@dataclass(frozen=True, slots=True)
class _Cut:
    start: int
    end: int
    tail: str = ""


def _number(at: int, count: int, fit: Fit) -> str:
    return f"({at}/{count})" if fit.numbered and count > 1 else ""


def _piece(body: Body, cut: _Cut, number: str) -> Piece:
    text = body.text[cut.start : cut.end].rstrip()
    links = tuple(
        OwnLink(start=link.start - cut.start, end=link.end - cut.start, to=link.to)
        for link in body.own_links
        if cut.start <= link.start and link.end <= cut.end
    )
    numbered = " ".join(filter(None, (text, number)))
    return Piece(text=PARAGRAPH.join(filter(None, (numbered, cut.tail))), own_links=links)


def _cuts(body: Body, limits: Limits, size: int) -> Iterator[_Cut]:
    """Stretches of the text, each of `size` at most; the last one has room for the tail."""
    size = max(1, size)
    units = Units(body.text, body.own_links, limits, size)
    tail = measure_text(PARAGRAPH + body.tail, limits) if body.tail else 0
    start, stop = 0, len(body.text)
    while units.cost(start, stop) + tail > size:
        end = _best_cut(units, start, size)
        if end >= stop:  # all of it fits but for the tail, which should not stand alone
            end = _last_words(units, start, stop)
        yield _Cut(start, end)
        ink = _INK.search(body.text, end)
        start = ink.start() if ink else stop
        if start >= stop and not tail:
            return
        if start >= stop:
            break
    yield _Cut(start, stop, body.tail)


def _last_words(units: Units, start: int, stop: int) -> int:
    """A cut that leaves at least a word behind it; the end where there is but one word."""
    spaces = [match.start() for match in _BLANK.finditer(units.text, start, stop)]
    return _cut_before(units, start, spaces[-1]) if spaces else stop


def _best_cut(units: Units, start: int, size: int) -> int:
    furthest = units.furthest(start, size)
    return furthest if furthest >= len(units.text) else _cut_before(units, start, furthest)


def _cut_before(units: Units, start: int, furthest: int) -> int:
    """The best place to cut after `start` and not after `furthest`."""
    for pattern, share in _BREAKS:
        least = start + max(1, int((furthest - start) * share))
        places = _ends(pattern, units.text, start, furthest)
        good = [place for place in places if place >= least and units.may_cut(place)]
        if good:
            return good[-1]
    return furthest


def _ends(pattern: regex.Pattern[str], text: str, start: int, furthest: int) -> Iterator[int]:
    for match in pattern.finditer(text, start):
        if match.end() > furthest:
            return
        yield match.end()
