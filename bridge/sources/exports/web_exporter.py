"""twitter-web-exporter: what a browser has seen, as a list; the site's own object beside it, if asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from bridge.posts import Media, MediaType, Post
from bridge.sources.exports.told import Stamp, Told, number, person, referred, shaped, to_post
from bridge.sources.exports.v1 import is_graphql, read_graphql
from bridge.sources.twitter_archive.posting import opener
from bridge.sources.twitter_archive.text import plain
from bridge.sources.twitter_archive.wire import Tweet

_RANK = 46
_TYPES = {"photo": MediaType.IMAGE, "video": MediaType.VIDEO, "animated_gif": MediaType.GIFV}
_RETWEET = re.compile(r"RT @([A-Za-z0-9_]{1,20}): ")

Entry = dict[str, Any]


class _Medium(msgspec.Struct, gc=False):
    type: str | None = None
    url: str | None = None
    original: str | None = None
    thumbnail: str | None = None
    ext_alt_text: str | None = None


class _Tweet(msgspec.Struct, gc=False):
    id: str | None = None
    created_at: str | None = None
    full_text: str | None = None
    media: list[_Medium] = []
    screen_name: str | None = None
    name: str | None = None
    user_id: str | None = None
    in_reply_to: str | None = None
    retweeted_status: str | None = None
    quoted_status: str | None = None
    favorite_count: int | None = None
    retweet_count: int | None = None


def is_web_exporter(entry: Entry) -> bool:
    return "id" in entry and "full_text" in entry and "screen_name" in entry


def read_web_exporter(entry: Entry, stamp: Stamp) -> Iterator[Post]:
    """`created_at` is written as the viewer liked it, so it only counts where the id does not tell."""
    site = entry.get("metadata")
    if isinstance(site, dict) and is_graphql(site):
        yield from read_graphql(site, stamp)
        return
    tweet = shaped(entry, _Tweet)
    text = tweet.full_text or ""
    credited = _RETWEET.match(text)
    told = Told(
        id=tweet.id,
        text=tweet.full_text,
        author=person(tweet.user_id, tweet.screen_name, tweet.name),
        rank=_RANK,
        created_at=tweet.created_at,
        escaped=True,
        answers=_answers(tweet, text),
        retweet_of=referred(tweet.retweeted_status, credited[1] if credited else None),
        quote=referred(tweet.quoted_status),
        media=tuple(_media(each) for each in tweet.media),
        likes=tweet.favorite_count,
        retweets=tweet.retweet_count,
    )
    yield to_post(told, stamp)


def _answers(tweet: _Tweet, text: str) -> Tweet | None:
    """Only the id of the parent is known, but answers to others open with their names, all of them."""
    if number(tweet.in_reply_to) is None:
        return None
    to = opener(plain(text)) or tweet.screen_name
    return Tweet(in_reply_to_status_id_str=tweet.in_reply_to, in_reply_to_screen_name=to)


def _media(medium: _Medium) -> Media:
    return Media(
        type=_TYPES.get(medium.type or "", MediaType.IMAGE),
        url=medium.original or medium.url,
        alt=plain(medium.ext_alt_text or "").strip() or None,
    )
