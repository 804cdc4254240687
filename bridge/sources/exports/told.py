"""What a tool tells of a post, in one shape; and the one way from there to a `Post`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from bridge.posts import Author, Kind, Media, Place, Poll, Post, Provenance, Reference, SpanKind
from bridge.sources.twitter_archive.links import status_url
from bridge.sources.twitter_archive.origin import Unfit, client, language
from bridge.sources.twitter_archive.posting import answer, quoted, without_stub
from bridge.sources.twitter_archive.text import (
    Mark,
    cleaning,
    disjoint,
    loose_marks,
    plain,
    settle,
)
from bridge.sources.twitter_archive.times import written_at
from bridge.sources.twitter_archive.wire import Tweet

T = TypeVar("T")

#: The provenance of a post whose text is as true as that number says (`Provenance.rank`).
Stamp = Callable[[int], tuple[Provenance, ...]]

_HASHTAG = re.compile(r"(?<![\w&/])[#＃](\w*[^\W\d]\w*)")
_MOST_WRONG = 20  # fields of one record
_TRAILING = re.compile(r"(?:https?://t\.co/\w+|pic\.(?:twitter|x)\.com/\w+)\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`text` as the tool has it, `escaped` where `&` stands as `&amp;`; `answers` says whom it answers."""

    id: object
    text: str | None
    author: Author
    rank: int
    created_at: str | None = None
    escaped: bool = False
    marks: tuple[Mark, ...] = ()
    answers: Tweet | None = None
    retweet_of: Reference | None = None
    quote: Reference | None = None
    media: tuple[Media, ...] = ()
    language: str | None = None
    sensitive: bool = False
    place: Place | None = None
    poll: Poll | None = None
    likes: int | None = None
    retweets: int | None = None
    client: str | None = None


def to_post(told: Told, stamp: Stamp) -> Post:
    """Raises `Unfit` for a record without id, text or time. The caller says whose `source` it is."""
    post_id = number(told.id)
    if post_id is None or told.text is None:
        raise Unfit("it has no id" if post_id is None else "it has no text")
    when = written_at(int(post_id), told.created_at)
    if when is None:
        raise Unfit("it has no time that can be read")
    marks = list(_marks(told))
    clean = cleaning(when[0]) if told.escaped else plain
    text, spans = settle(told.text, disjoint(marks + loose_marks(told.text, marks)), clean)
    text, spans = without_stub(text, spans, post_id)
    passed_on, who = told.retweet_of, told.author
    answered = None if passed_on else answer(told.answers or _NOBODY, text, (who.id, who.handle))
    quote = None if passed_on else told.quote or quoted(text, spans)
    return Post(
        source="",
        id=post_id,
        author=told.author,
        created_at=when[0],
        precision=when[1],
        text=text,
        spans=spans,
        kind=_kind(passed_on, answered, quote),
        reply_to=answered[1] if answered else None,
        quote=quote,
        retweet_of=passed_on,
        media=told.media,
        language=language(told.language),
        sensitive=told.sensitive,
        place=told.place,
        poll=told.poll,
        truncated=told.text.rstrip().endswith("…") and len(told.text) > 138,
        likes=told.likes,
        retweets=told.retweets,
        client=client(told.client),
        url=status_url(who.handle, post_id),
        provenance=stamp(told.rank),
    )


def shaped(entry: dict[str, Any], shape: type[T]) -> T:
    """The record as a typed value. What is null is absent; a field of a wrong type costs itself."""
    bare = without_nulls(entry)
    for _ in range(_MOST_WRONG):
        try:
            return msgspec.convert(bare, shape, strict=False)
        except msgspec.ValidationError as wrong:
            if not _dropped(bare, str(wrong).rpartition("`$.")[2].rstrip("`")):
                raise Unfit(f"a field has a wrong type ({wrong})") from None
    raise Unfit("most of its fields have a wrong type")


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value if each is not None]
    return value


def number(value: object) -> str | None:
    """An id as text, from text or a number; a float has been rounded and is none."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdigit() and len(text) <= 20 else None


def person(number_: object, handle: str | None, name: str | None = None) -> Author:
    """By number, else by name (in lower case after an `@`). Raises `Unfit` when there is neither."""
    found = number(number_)
    if found is None and not handle:
        raise Unfit("it does not say who wrote it")
    return Author(id=found or f"@{(handle or '').lower()}", handle=handle or None, name=name or None)


def referred(post_id: object, handle: str | None = None, author_id: object = None) -> Reference | None:
    found = number(post_id)
    if found is None:
        return None
    return Reference(
        id=found, author_id=number(author_id), handle=handle or None, url=status_url(handle, found)
    )


def _dropped(value: Any, path: str) -> bool:
    *above, name = path.partition("[")[0].split(".")
    for key in above:
        value = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, dict) or name not in value:
        return False
    del value[name]
    return True


def _marks(told: Told) -> Iterator[Mark]:
    """What the tool marked, the link that stands for the media, and tags, which few tools mark."""
    text = told.text or ""
    yield from told.marks
    tail = _TRAILING.search(text) if told.media else None
    if tail and not any(mark.start <= tail.start() < mark.end for mark in told.marks):
        yield Mark(tail.start(), len(text.rstrip()), SpanKind.MEDIA, "")
    for found in _HASHTAG.finditer(text):
        yield Mark(*found.span(), SpanKind.HASHTAG, found[1])


def _kind(
    passed_on: Reference | None, answered: tuple[Kind, Reference | None] | None, quote: Reference | None
) -> Kind:
    if passed_on:
        return Kind.RETWEET
    return answered[0] if answered else Kind.QUOTE if quote else Kind.ORIGINAL


_NOBODY = Tweet()
