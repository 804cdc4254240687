"""Tweets of the archives of 2012-2019 (G1, G2), and of those kept fresh with API objects (GU)."""

from __future__ import annotations

from msgspec.structs import replace

from bridge.posts import Kind, Post, Reference, Span, SpanKind
from bridge.sources.twitter_archive.links import status_url
from bridge.sources.twitter_archive.origin import (
    RANK_GU_CUT,
    RANK_WHOLE_RETWEET,
    RANKS,
    Origin,
    Unfit,
    client,
    language,
)
from bridge.sources.twitter_archive.posting import (
    NO_ENTITIES,
    answer,
    id_of,
    media_items,
    place_of,
    quoted,
    without_stub,
)
from bridge.sources.twitter_archive.text import (
    Mark,
    cleaning,
    disjoint,
    entity_marks,
    loose_marks,
    settle,
)
from bridge.sources.twitter_archive.times import written_at
from bridge.sources.twitter_archive.wire import ApiRecord, Tweet, User


def to_post(tweet: Tweet, origin: Origin) -> Post:
    """Raises `Unfit` for a record that has no id, text or time."""
    post_id = id_of(tweet)
    when = written_at(int(post_id), tweet.created_at)
    if when is None:
        raise Unfit("it has no time that can be read")
    foreign = _foreign(tweet, origin)
    whole = tweet if foreign else tweet.retweeted_status
    by = foreign or (whole.user if whole else None)
    said = _said(whole or tweet, by if whole else None)
    items = media_items(tweet) or (media_items(whole) if whole else [])
    marks = _marks(whole or tweet, by if whole else None)
    text, spans = settle(said, disjoint(marks + loose_marks(said, marks)), cleaning(when[0]))
    cut = bool((whole or tweet).truncated) and (whole or tweet).full_text is None
    text, spans = without_stub(text, spans, post_id) if cut and not whole else (text, spans)
    answered = None if whole else answer(tweet, text, (origin.owner.id, origin.owner.handle))
    if answered and answered[0] is Kind.THREAD and isinstance(tweet, ApiRecord):
        text, spans = _without_hidden(text, spans, tweet.display_text_range)
    quote = None if whole else quoted(text, spans)
    return Post(
        source=origin.source,
        id=post_id,
        author=origin.owner,
        created_at=when[0],
        precision=when[1],
        text=text,
        spans=spans,
        kind=_kind(whole, answered, quote),
        audience=origin.audience,
        reply_to=answered[1] if answered else None,
        quote=quote,
        retweet_of=_original(whole, by) if whole else None,
        media=origin.media_of(post_id, items) if items else (),
        language=language(tweet.lang),
        sensitive=bool(tweet.possibly_sensitive),
        place=place_of(tweet) if tweet.geo or tweet.place else None,
        truncated=cut,
        likes=tweet.favorite_count,
        retweets=tweet.retweet_count,
        client=client(tweet.source),
        url=status_url((foreign.screen_name if foreign else None) or origin.owner.handle, post_id),
        provenance=origin.stamp(*_rank(tweet, cut=cut)),
    )


def _foreign(tweet: Tweet, origin: Origin) -> User | None:
    """The author, when it is not the owner: the updater stored retweets as the retweeted tweet."""
    user = tweet.user
    if tweet.retweeted_status is not None or user is None or not user.id_str or not origin.owner.id.isdigit():
        return None
    return user if user.id_str != origin.owner.id else None


def _raw(tweet: Tweet) -> str:
    raw = tweet.full_text if tweet.full_text is not None else tweet.text
    if raw is None:
        raise Unfit("it has no text")
    return raw


def _said(tweet: Tweet, by: User | None) -> str:
    return _prefix(by) + _raw(tweet)


def _prefix(by: User | None) -> str:
    return f"RT @{by.screen_name}: " if by and by.screen_name else ""


def _marks(tweet: Tweet, by: User | None) -> list[Mark]:
    """Entities of the text that is shown; the whole original of a retweet stands behind its `RT @name: `."""
    prefix = _prefix(by)
    found = entity_marks(_raw(tweet), tweet.entities or NO_ENTITIES, media_items(tweet))
    if not prefix or by is None:
        return found
    shift = len(prefix)
    name = by.screen_name or ""
    credit = Mark(3, 4 + len(name), SpanKind.MENTION, name, by.id_str)
    return [credit, *(mark._replace(start=mark.start + shift, end=mark.end + shift) for mark in found)]


def _kind(
    whole: Tweet | None, answered: tuple[Kind, Reference | None] | None, quote: Reference | None
) -> Kind:
    if whole is not None:
        return Kind.RETWEET
    if answered is not None:
        return answered[0]
    return Kind.ORIGINAL if quote is None else Kind.QUOTE


def _original(whole: Tweet, by: User | None) -> Reference:
    handle = by.screen_name if by else None
    try:
        original = id_of(whole)
    except Unfit:
        return Reference(author_id=by.id_str if by else None, handle=handle)
    return Reference(
        id=original,
        author_id=by.id_str if by else None,
        handle=handle,
        url=status_url(handle, original),
    )


def _without_hidden(
    text: str, spans: tuple[Span, ...], shown: list[int] | None
) -> tuple[str, tuple[Span, ...]]:
    """Drops the names that an answer to oneself begins with and the site hid: nobody typed them. All of it
    must be mentions, whose offsets are the same in the stored text."""
    start = shown[0] if shown else 0
    if not 0 < start < len(text):
        return text, spans
    at = 0
    for span in spans:
        if span.start < start and span.kind is SpanKind.MENTION and not text[at : span.start].strip():
            at = span.end
    if at > start or text[at:start].strip():
        return text, spans
    start = len(text) - len(text[start:].lstrip())
    kept = (span for span in spans if span.start >= start)
    return text[start:], tuple(replace(span, start=span.start - start, end=span.end - start) for span in kept)


def _rank(tweet: Tweet, *, cut: bool) -> tuple[str, int]:
    """Era and rank of this one object: the month files of an updated archive hold both kinds."""
    if cut:
        return "GU", RANK_GU_CUT
    if tweet.retweeted_status is not None:
        return _era(tweet), RANK_WHOLE_RETWEET
    era = _era(tweet)
    return era, RANKS[era]


def _era(tweet: Tweet) -> str:
    if tweet.full_text is not None or tweet.truncated is not None or tweet.lang is not None:
        return "GU"
    return "G2" if (tweet.created_at or "")[4:5] == "-" else "G1"
