"""The steps that a tweet of any era goes through to become a `Post`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bridge.posts import Kind, Place, Post, Reference, Span, SpanKind
from bridge.sources.twitter_archive.links import status_link
from bridge.sources.twitter_archive.origin import Unfit
from bridge.sources.twitter_archive.text import plain
from bridge.sources.twitter_archive.wire import Entities, MediaWire, Tweet

NO_ENTITIES = Entities()
_OPENER = re.compile(r"[@＠]([A-Za-z0-9_]{1,20})(?![A-Za-z0-9_@＠\u00c0-\u024f]|://)")


def id_of(tweet: Tweet) -> str:
    """The id as text. Numbers are a fallback: tools that rewrote the files in JavaScript rounded them."""
    value = tweet.id_str or tweet.id
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str) or not (value.isascii() and value.isdigit() and len(value) <= 20):
        raise Unfit("it has no id")
    return value


def media_items(tweet: Tweet) -> list[MediaWire]:
    """All attachments: `extended_entities` has every one with its type, `entities` the first, or (G) all."""
    extended = tweet.extended_entities.media if tweet.extended_entities else None
    return extended or (tweet.entities.media if tweet.entities else [])


def quoted(text: str, spans: Sequence[Span]) -> Reference | None:
    """The tweet that the last link leads to, when nothing but a media link follows it."""
    end = len(text)
    for span in reversed(spans):
        if text[span.end : end].strip():
            return None
        if span.kind is SpanKind.LINK:
            link = status_link(span.target) if span.post_id else None
            return Reference(id=link[0], handle=link[1], url=span.target) if link and link[2] else None
        if span.kind is not SpanKind.MEDIA:
            return None
        end = span.start
    return None


def without_stub(text: str, spans: tuple[Span, ...], post_id: str) -> tuple[str, tuple[Span, ...]]:
    """Drops the link to the tweet itself that stands for its lost end: nobody can have typed it."""
    if not spans or spans[-1].post_id != post_id or spans[-1].end != len(text):
        return text, spans
    return text[: spans[-1].start].rstrip(), spans[:-1]


def place_of(tweet: Tweet) -> Place | None:
    name = plain(tweet.place.full_name).strip() if tweet.place and tweet.place.full_name else None
    point = tweet.geo.coordinates if tweet.geo else []
    latitude, longitude = point if len(point) == 2 else (None, None)
    if not name and latitude is None:
        return None
    return Place(name=name or None, latitude=latitude, longitude=longitude)


def opener(text: str) -> str | None:
    """The handle that the text begins with."""
    found = _OPENER.match(text)
    return found[1] if found else None


def answer(tweet: Tweet, text: str, owner: tuple[str, str | None]) -> tuple[Kind, Reference | None] | None:
    """Whether it answers oneself or another, and what; None when it answers nobody."""
    owner_id, handle = owner
    parent, user = _number(tweet.in_reply_to_status_id_str), tweet.in_reply_to_user_id_str
    to = tweet.in_reply_to_screen_name
    if not parent and not user:
        return _opens_with(opener(text), handle)
    reference = Reference(id=parent or None, author_id=user or None, handle=to)
    if user == owner_id or (not user and _same(to, handle)):
        return (Kind.THREAD, reference) if parent else None
    return Kind.REPLY, reference


def _number(text: str | None) -> str | None:
    return text if text and text.isascii() and text.isdigit() and len(text) <= 20 else None


def _opens_with(name: str | None, handle: str | None) -> tuple[Kind, Reference | None] | None:
    if name is None or _same(name, handle):
        return None
    return Kind.REPLY, Reference(handle=name)


def _same(name: str | None, other: str | None) -> bool:
    return name is not None and other is not None and name.lower() == other.lower()


def is_stray(post: Post) -> bool:
    """It answers a post, and nothing says whose: only the set of own ids can tell."""
    to = post.reply_to
    return to is not None and to.id is not None and to.author_id is None and to.handle is None


def is_before_native_retweets(number: int) -> bool:
    """The button came in November 2009; the earliest native retweet seen has the id 5,800,069,195."""
    return number < 5_500_000_000
