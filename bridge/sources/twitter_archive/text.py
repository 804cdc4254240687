"""From the stored text to what the reader saw: escapes undone once, offsets moved with them.

Entities are believed only where the text says what they say: cut retweets clamp their indices, and accounts
that are gone lose theirs. All indices count code points of the stored, escaped text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from html.entities import html5
from typing import NamedTuple

from bridge.posts import Span, SpanKind
from bridge.sources.twitter_archive.links import status_link
from bridge.sources.twitter_archive.wire import Entities, MediaWire, Mention, Tag

#: From then on the site escaped `&` as well, so a reference in the text is what the author typed.
AMPERSANDS_ESCAPED = datetime(2012, 4, 26, tzinfo=UTC)


class Mark(NamedTuple):
    """A stretch of stored text that means something."""

    start: int
    end: int
    kind: SpanKind
    target: str
    user_id: str | None = None


Clean = Callable[[str], str]

_JUNK = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_UNTIDY = re.compile("[&\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(
    r"&(?:#(?P<number>\d{1,7})|#[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<name>[A-Za-z]\w{0,31}));", re.A
)

# The characters that Twitter itself took for part of a path; `&lt;` and `&gt;` end a link, `&amp;` does not.
_LINK = re.compile(
    r"https?://(?:[A-Za-z0-9\u00a1-\u024f\u0400-\u04ff-]+\.)+[A-Za-z]{2,}(?::\d{1,5})?"
    r"(?:[/?#](?:(?!&[lg]t;)[A-Za-z0-9!*'();:=+,.$/%#\[\]\-\u2013_~@|&?\u00c0-\u024f\u0400-\u04ff])*)?",
    re.IGNORECASE,
)
_LINK_TAIL = re.compile(r"[!*'(;:,.?\[\u2013|]+\Z")
_SHORT_LINK = re.compile(r"https?://t\.co/[A-Za-z0-9]+", re.IGNORECASE)
_HANDLE = re.compile(
    r"(?<![A-Za-z0-9_@＠/!$%&*#＃])[@＠]([A-Za-z0-9_]{1,20})(?![A-Za-z0-9_@＠\u00c0-\u024f]|://)"
)
_SPACE = " \t\n\u3000"
_LINK_KINDS = (SpanKind.LINK, SpanKind.MEDIA)
_NAME_KINDS = (SpanKind.MENTION,)


def plain(text: str) -> str:
    """Of what was never escaped: line ends and forbidden characters."""
    if text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _JUNK.sub("", text)


def unescaped(text: str) -> str:
    """`&lt;`, `&gt;` and `&amp;`, once; `&amp;lt;` is what an author wrote about `<`."""
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return plain(text)


def unescaped_as_of_old(text: str) -> str:
    """Also the references that the site rendered while it left the ampersand alone, until April 2012."""
    return plain(_REFERENCE.sub(_resolve, text))


def _resolve(found: re.Match[str]) -> str:
    if found["name"]:
        return html5.get(found["name"] + ";", found.group())
    number = int(found["number"]) if found["number"] else int(found["hex"], 16)
    return chr(number) if 0x20 <= number <= 0x10FFFF else found.group()


def cleaning(moment: datetime) -> Clean:
    return unescaped if moment >= AMPERSANDS_ESCAPED else unescaped_as_of_old


def entity_marks(raw: str, entities: Entities, media: Iterable[MediaWire]) -> list[Mark]:
    """The entities that are where they claim to be."""
    marks: list[Mark] = []
    for item in media:
        if item.url and _says(raw, item.indices, item.url):
            target = plain(item.expanded_url or item.url)
            marks.append(Mark(item.indices[0], item.indices[1], SpanKind.MEDIA, target))
    for url in entities.urls:
        if url.url and _says(raw, url.indices, url.url):
            target = plain(url.expanded_url or url.url)
            marks.append(Mark(url.indices[0], url.indices[1], SpanKind.LINK, target))
    if entities.user_mentions:
        marks += _mention_marks(raw, entities.user_mentions)
    if entities.hashtags:
        marks += _tag_marks(raw, entities.hashtags, "#＃", SpanKind.HASHTAG)
    if entities.symbols:
        marks += _tag_marks(raw, entities.symbols, "$", SpanKind.CASHTAG)
    return marks


def _mention_marks(raw: str, mentions: Iterable[Mention]) -> list[Mark]:
    """A vanished account has the id "-1"."""
    return [
        Mark(
            mention.indices[0],
            mention.indices[1],
            SpanKind.MENTION,
            mention.screen_name or "",
            mention.id_str if mention.id_str and mention.id_str.isdigit() else None,
        )
        for mention in mentions
        if _says_after(raw, mention.indices, "@＠", mention.screen_name)
    ]


def _tag_marks(raw: str, tags: Iterable[Tag], signs: str, kind: SpanKind) -> list[Mark]:
    return [
        Mark(tag.indices[0], tag.indices[1], kind, tag.text or "")
        for tag in tags
        if _says_after(raw, tag.indices, signs, tag.text)
    ]


def _says(raw: str, indices: Sequence[int], said: str) -> bool:
    if len(indices) < 2 or not 0 <= indices[0] < indices[1] <= len(raw):
        return False
    there = raw[indices[0] : indices[1]]
    if there == said and there.startswith("http"):
        return True
    return there[:4].lower() == "http" and there.casefold() == said.casefold()


def _says_after(raw: str, indices: Sequence[int], signs: str, said: str | None) -> bool:
    if not said or len(indices) < 2 or not 0 <= indices[0] < indices[1] <= len(raw):
        return False
    there = raw[indices[0] : indices[1]]
    return there[0] in signs and (there[1:] == said or there[1:].casefold() == said.casefold())


def loose_marks(raw: str, marks: Sequence[Mark]) -> list[Mark]:
    """Links and handles that no entity covers: before 2011 links had none, and the vanished lose theirs."""
    found: list[Mark] = []
    links, names = raw.count("://"), raw.count("@") + raw.count("＠")
    if links and links > _count(marks, _LINK_KINDS):
        found += [Mark(start, end, SpanKind.LINK, "") for start, end in _links(raw)]
    if names and names > _count(marks, _NAME_KINDS):
        found += [Mark(*hit.span(), SpanKind.MENTION, hit[1]) for hit in _HANDLE.finditer(raw)]
    return found


def _count(marks: Sequence[Mark], kinds: tuple[SpanKind, ...]) -> int:
    return len([mark for mark in marks if mark.kind in kinds])


def _links(raw: str) -> Iterable[tuple[int, int]]:
    at = 0
    while found := _LINK.search(raw, at):
        start, at = found.start(), _before_reference(found)
        end = at
        short = _SHORT_LINK.match(raw, start)
        if short:
            end = short.end()
        elif raw[start:end].lower().startswith(("http://t.co", "https://t.co")) and end - start < 13:
            continue
        else:
            end -= _tail(raw[start:end])
        if raw[end : end + 1] not in ("…", "\u2025") and raw[end : end + 3] != "...":
            yield start, end


def _before_reference(link: re.Match[str]) -> int:
    """Where it ends: before a quotation mark or the like, which the site of old had as a reference."""
    if ";" in link.group():
        for found in _REFERENCE.finditer(link.group()):
            sign = _resolve(found)
            if sign not in (found.group(), "&") and not sign.isalnum():
                return link.start() + found.start()
    return link.end()


def _tail(url: str) -> int:
    """How many characters at the end belong to the sentence around the link."""
    kept = url
    while True:
        shorter = _LINK_TAIL.sub("", kept)
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter == kept:
            return len(url) - len(kept)
        kept = shorter


def place_of_text(raw: str, said: str, claimed: int) -> tuple[int, int] | None:
    """Where it is said: at the index that is claimed, or as near to it as can be: tools count differently."""
    if not said:
        return None
    if claimed >= 0 and raw.startswith(said, claimed):
        return claimed, claimed + len(said)
    found = [hit.span() for hit in re.finditer(re.escape(said), raw, re.IGNORECASE)]
    return min(found, key=lambda spot: abs(spot[0] - claimed), default=None)


def disjoint(marks: list[Mark]) -> list[Mark]:
    """Ascending, each stretch once. The first named wins: an entity over a guess, media over a link."""
    if len(marks) < 2:
        return marks
    kept: list[Mark] = []
    for mark in sorted(marks, key=_start):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def _start(mark: Mark) -> int:
    return mark.start


def settle(raw: str, marks: Sequence[Mark], clean: Clean) -> tuple[str, tuple[Span, ...]]:
    """The text as it reads, and its spans. `marks` ascending and disjoint."""
    if _is_tidy(raw):
        text, placed = raw, marks
    else:
        text, placed = _piecewise(raw, marks, clean)
    trimmed = text.lstrip(_SPACE)
    shift = len(text) - len(trimmed)
    trimmed = trimmed.rstrip(_SPACE)
    if not placed:
        return trimmed, ()
    length = len(trimmed)
    spans = []
    for start, end, kind, target, user_id in placed:
        stop = min(end - shift, length)
        spans.append(_span(start - shift, stop, kind, target or text[start:end], user_id))
    return trimmed, tuple(spans)


def _is_tidy(raw: str) -> bool:
    """Whether cleaning would change nothing; what can be printed as it stands is told without a search."""
    return "&" not in raw and (raw.isprintable() or _UNTIDY.search(raw) is None)


def _span(start: int, end: int, kind: SpanKind, target: str, user_id: str | None) -> Span:
    link = status_link(target) if kind is SpanKind.LINK else None
    post_id = link[0] if link else None
    return Span(start=start, end=end, kind=kind, target=target, user_id=user_id, post_id=post_id)


def _piecewise(raw: str, marks: Sequence[Mark], clean: Clean) -> tuple[str, list[Mark]]:
    pieces: list[str] = []
    placed: list[Mark] = []
    at = length = 0
    for mark in marks:
        between, said = clean(raw[at : mark.start]), clean(raw[mark.start : mark.end])
        pieces += (between, said)
        length += len(between)
        if said.strip():
            place = (length, length + len(said))
            placed.append(Mark(*place, mark.kind, plain(mark.target), mark.user_id))
        length += len(said)
        at = mark.end
    pieces.append(clean(raw[at:]))
    return "".join(pieces), placed
