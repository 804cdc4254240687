"""Tweets of the archives since 2018 (Y0, Y1, Y2): `tweet` objects in which every number is a string."""

from __future__ import annotations

import re

from bridge.posts import Audience, Kind, Post, Reference
from bridge.sources.twitter_archive.links import status_url
from bridge.sources.twitter_archive.origin import RANKS, Origin, Unfit, client, language
from bridge.sources.twitter_archive.posting import (
    NO_ENTITIES,
    answer,
    id_of,
    is_before_native_retweets,
    media_items,
    place_of,
    quoted,
    without_stub,
)
from bridge.sources.twitter_archive.text import cleaning, disjoint, entity_marks, loose_marks, settle
from bridge.sources.twitter_archive.times import written_at
from bridge.sources.twitter_archive.wire import MediaWire, Tweet

_RETWEET = re.compile(r"RT @([A-Za-z0-9_]{1,20}): ")


def to_post(tweet: Tweet, origin: Origin) -> Post:
    """Raises `Unfit` for a record that has no id, text or time."""
    post_id = id_of(tweet)
    raw = tweet.full_text if tweet.full_text is not None else tweet.text
    if raw is None:
        raise Unfit("it has no text")
    when = written_at(int(post_id), tweet.created_at)
    if when is None:
        raise Unfit("it has no time that can be read")
    items = media_items(tweet)
    marks = entity_marks(raw, tweet.entities or NO_ENTITIES, items)
    text, spans = settle(raw, disjoint(marks + loose_marks(raw, marks)), cleaning(when[0]))
    cut = bool(spans) and spans[-1].post_id == post_id
    text, spans = without_stub(text, spans, post_id) if cut else (text, spans)
    passed_on = _retweet(tweet, raw, items, int(post_id))
    answered = answer(tweet, text, (origin.owner.id, origin.owner.handle)) if passed_on is None else None
    quote = quoted(text, spans) if passed_on is None else None
    return Post(
        source=origin.source,
        id=post_id,
        author=origin.owner,
        created_at=when[0],
        precision=when[1],
        text=text,
        spans=spans,
        kind=_kind(passed_on, answered, quote),
        audience=_audience(tweet, origin),
        reply_to=answered[1] if answered else None,
        quote=quote,
        retweet_of=passed_on,
        media=origin.media_of(post_id, items) if items else (),
        language=language(tweet.lang),
        sensitive=bool(tweet.possibly_sensitive),
        place=place_of(tweet) if tweet.geo or tweet.place else None,
        edit_ids=edit_ids(tweet),
        truncated=cut,
        likes=tweet.favorite_count,
        retweets=tweet.retweet_count,
        client=client(tweet.source),
        url=status_url(origin.owner.handle, post_id),
        provenance=origin.stamp(origin.era, RANKS[origin.era]),
    )


def _kind(
    passed_on: Reference | None, answered: tuple[Kind, Reference | None] | None, quote: Reference | None
) -> Kind:
    if passed_on is not None:
        return Kind.RETWEET
    if answered is not None:
        return answered[0]
    return Kind.ORIGINAL if quote is None else Kind.QUOTE


def _audience(tweet: Tweet, origin: Origin) -> Audience:
    if origin.audience is Audience.PUBLIC and tweet.community_id_str:
        return Audience.COMMUNITY
    return origin.audience


def _retweet(tweet: Tweet, raw: str, items: list[MediaWire], number: int) -> Reference | None:
    """What a native retweet passes on. No flag ever says so: the text, the mention and the zero likes do."""
    if not raw.startswith("RT @") or tweet.favorite_count or is_before_native_retweets(number):
        return None
    found = _RETWEET.match(raw)
    if found is None or tweet.entities is None:
        return None
    name = found[1].lower()
    for mention in tweet.entities.user_mentions:
        if mention.indices[:1] == [3] and (mention.screen_name or "").lower() == name:
            user = mention.id_str if mention.id_str and mention.id_str.isdigit() else None
            original = next((item.source_status_id_str for item in items if item.source_status_id_str), None)
            url = status_url(found[1], original) if original else None
            return Reference(id=original, author_id=user, handle=found[1], url=url)
    return None


def edit_ids(tweet: Tweet) -> tuple[str, ...]:
    """The ids of all versions, oldest first; empty for the unedited."""
    info = tweet.edit_info
    if info is None:
        return ()
    control = info.initial or (info.edit.edit_control_initial if info.edit else None)
    if control is None or len(control.edit_tweet_ids) < 2:
        return ()
    numbers = {each for each in control.edit_tweet_ids if each.isascii() and each.isdigit()}
    return tuple(sorted(numbers, key=int)) if len(numbers) > 1 else ()
