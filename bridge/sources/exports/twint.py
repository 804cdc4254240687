"""twint: an object a line, with line breaks lost and a blank before every link; a last resort."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from bridge.posts import Author, Media, MediaType, Post
from bridge.sources.exports.told import Stamp, Told, number, person, referred, shaped, to_post
from bridge.sources.twitter_archive.links import status_link
from bridge.sources.twitter_archive.wire import Tweet

_RANK = 15

Entry = dict[str, Any]


class _Person(msgspec.Struct, gc=False):
    screen_name: str | None = None
    id: int | str | None = None


class _Tweet(msgspec.Struct, gc=False):
    id: int | str | None = None
    conversation_id: int | str | None = None
    date: str | None = None
    time: str | None = None
    timezone: str | None = None
    user_id: int | str | None = None
    username: str | None = None
    name: str | None = None
    tweet: str | None = None
    language: str | None = None
    photos: list[str] = []
    video: int = 0
    thumbnail: str | None = None
    likes_count: int | None = None
    retweets_count: int | None = None
    retweet: bool | None = None
    retweet_id: int | str | None = None
    user_rt: str | None = None
    user_rt_id: int | str | None = None
    quote_url: str | None = None
    reply_to: list[_Person] = []


def is_twint(entry: Entry) -> bool:
    return "tweet" in entry and "conversation_id" in entry and "username" in entry


def read_twint(entry: Entry, stamp: Stamp) -> Iterator[Post]:
    tweet = shaped(entry, _Tweet)
    author = person(tweet.user_id, tweet.username, tweet.name)
    passed_on = bool(tweet.retweet) and number(tweet.retweet_id) is not None
    by = person(tweet.user_rt_id, tweet.user_rt) if passed_on and tweet.user_rt else author
    quoted = status_link(tweet.quote_url or "")
    told = Told(
        id=tweet.retweet_id if passed_on else tweet.id,
        text=f"RT @{author.handle}: {tweet.tweet or ''}" if passed_on else tweet.tweet,
        author=by,
        rank=_RANK,
        created_at=_local_time(tweet),
        answers=None if passed_on else _answers(tweet, author),
        retweet_of=referred(tweet.id, author.handle, author.id) if passed_on else None,
        quote=referred(quoted[0], quoted[1]) if quoted else None,
        media=tuple(_media(tweet)),
        language=tweet.language,
        likes=tweet.likes_count,
        retweets=tweet.retweets_count,
    )
    yield to_post(told, stamp)


def _local_time(tweet: _Tweet) -> str | None:
    """Of the machine that twint ran on; used only for posts whose id does not tell."""
    zone = tweet.timezone or ""
    if not tweet.date or not tweet.time:
        return None
    return f"{tweet.date} {tweet.time} {zone if zone[:1] in '+-' else ''}".rstrip()


def _answers(tweet: _Tweet, author: Author) -> Tweet | None:
    """It knows people and the conversation, no parent: an answer to oneself hangs on where that began."""
    begun = number(tweet.conversation_id)
    if begun is None or begun == number(tweet.id):
        return None
    others = [each for each in tweet.reply_to if number(each.id) != author.id and each.screen_name]
    others = [each for each in others if (each.screen_name or "").lower() != (author.handle or "").lower()]
    if others:
        return Tweet(
            in_reply_to_user_id_str=number(others[0].id), in_reply_to_screen_name=others[0].screen_name
        )
    return Tweet(
        in_reply_to_status_id_str=begun,
        in_reply_to_user_id_str=number(author.id),
        in_reply_to_screen_name=author.handle,
    )


def _media(tweet: _Tweet) -> Iterator[Media]:
    """Of a film it only has the picture."""
    yield from (Media(type=MediaType.IMAGE, url=url) for url in tweet.photos)
    if tweet.video and not tweet.photos and tweet.thumbnail:
        yield Media(type=MediaType.VIDEO, url=tweet.thumbnail)
