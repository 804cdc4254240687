"""gallery-dl: a file of metadata beside each medium, so that a post comes as often as it has media."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bridge.posts import Media, MediaType, Post
from bridge.sources.exports.told import Stamp, Told, number, person, referred, shaped, to_post
from bridge.sources.twitter_archive.text import plain
from bridge.sources.twitter_archive.wire import Tweet

_RANK = 35
_FILMS = ("mp4", "m4v", "mov", "webm")

Entry = dict[str, Any]
Piece = tuple[Entry, Path | None]  # metadata, and the medium that they lie beside


class _User(msgspec.Struct, gc=False):
    id: int | str | None = None
    name: str | None = None
    nick: str | None = None


class _Tweet(msgspec.Struct, gc=False):
    tweet_id: int | str | None = None
    retweet_id: int | str | None = None
    quote_id: int | str | None = None
    reply_id: int | str | None = None
    reply_to: str | None = None
    date: str | None = None
    content: str | None = None
    author: _User | None = None
    user: _User | None = None
    lang: str | None = None
    sensitive: bool | None = None
    favorite_count: int | None = None
    retweet_count: int | None = None
    source: str | None = None
    num: int = 0
    filename: str | None = None
    extension: str | None = None
    type: str | None = None
    description: str | None = None
    width: int | None = None
    height: int | None = None
    url: str | None = None


def is_gallery_dl(entry: Entry) -> bool:
    return "tweet_id" in entry and "content" in entry


def read_gallery_dl(pieces: Sequence[Piece], stamp: Stamp) -> Iterator[Post]:
    """All pieces of one post."""
    parts = sorted(((shaped(entry, _Tweet), beside) for entry, beside in pieces), key=lambda p: p[0].num)
    first = parts[0][0]
    by = (first.user if _is(first.retweet_id) else None) or first.author or first.user or _User()
    told = Told(
        id=first.tweet_id,
        text=first.content,
        author=person(by.id, by.name, by.nick),
        rank=_RANK,
        created_at=f"{first.date} +0000" if first.date else None,
        answers=_answers(first, by),
        retweet_of=_original(first),
        quote=referred(first.quote_id) if _is(first.quote_id) and not _is(first.retweet_id) else None,
        media=tuple(medium for part, beside in parts if (medium := _media(part, beside)) is not None),
        language=first.lang,
        sensitive=bool(first.sensitive),
        likes=first.favorite_count,
        retweets=first.retweet_count,
        client=first.source,
    )
    yield to_post(told, stamp)


def _is(value: object) -> bool:
    """It writes 0 where there is none."""
    return number(value) not in (None, "0")


def _answers(tweet: _Tweet, by: _User) -> Tweet | None:
    if not _is(tweet.reply_id):
        return None
    own = (tweet.reply_to or "").lower() == (by.name or "").lower()
    return Tweet(
        in_reply_to_status_id_str=number(tweet.reply_id),
        in_reply_to_user_id_str=number(by.id) if own else None,
        in_reply_to_screen_name=tweet.reply_to,
    )


def _original(tweet: _Tweet) -> Any:
    author = tweet.author or _User()
    return referred(tweet.retweet_id, author.name, author.id) if _is(tweet.retweet_id) else None


def _media(tweet: _Tweet, beside: Path | None) -> Media | None:
    extension = (tweet.extension or "").lower()
    if not tweet.filename or not extension:
        return None
    film = extension in _FILMS
    kind = MediaType.GIFV if tweet.type == "animated_gif" else MediaType.VIDEO if film else MediaType.IMAGE
    remote = None if film else f"https://pbs.twimg.com/media/{tweet.filename}?format={extension}&name=orig"
    return Media(
        type=kind,
        url=tweet.url or remote,
        file=beside.name if beside else None,
        container=str(beside.parent.absolute()) if beside else None,
        size=beside.stat().st_size if beside else None,
        alt=plain(tweet.description or "").strip() or None,
        width=tweet.width or None,
        height=tweet.height or None,
    )
