"""snscrape and twscrape: an object a line, `rawContent` with its short links, and media apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from bridge.posts import Media, MediaType, Place, Poll, Post, Reference, SpanKind, Variant
from bridge.sources.exports.told import Stamp, Told, number, person, referred, shaped, to_post
from bridge.sources.twitter_archive.text import Mark, place_of_text, plain
from bridge.sources.twitter_archive.wire import Tweet

_RANK = 45

Entry = dict[str, Any]


class _User(msgspec.Struct, gc=False, rename="camel"):
    id: int | str | None = None
    id_str: str | None = None
    username: str | None = None
    displayname: str | None = None


class _Link(msgspec.Struct, gc=False):
    url: str | None = None
    tcourl: str | None = None
    indices: list[int] = []


class _Variant(msgspec.Struct, gc=False, rename="camel"):
    url: str | None = None
    content_type: str | None = None
    bitrate: int | None = None


class _Medium(msgspec.Struct, gc=False, rename="camel"):
    _type: str | None = msgspec.field(default=None, name="_type")
    url: str | None = None
    full_url: str | None = None
    thumbnail_url: str | None = None
    video_url: str | None = None
    alt_text: str | None = None
    variants: list[_Variant] = []
    duration: float | None = None
    bitrate: int | None = None


class _Sorted(msgspec.Struct, gc=False):
    """twscrape's media, by kind."""

    photos: list[_Medium] = []
    videos: list[_Medium] = []
    animated: list[_Medium] = []


class _Choice(msgspec.Struct, gc=False):
    label: str = ""


class _Card(msgspec.Struct, gc=False):
    options: list[_Choice] = []


class _Place(msgspec.Struct, gc=False, rename="camel"):
    full_name: str | None = None


class _Point(msgspec.Struct, gc=False):
    latitude: float | None = None
    longitude: float | None = None


class _Tweet(msgspec.Struct, gc=False, rename="camel"):
    id: int | str | None = None
    id_str: str | None = None
    date: str | None = None
    raw_content: str | None = None
    content: str | None = None
    user: _User | None = None
    lang: str | None = None
    links: list[_Link] = []
    outlinks: list[str] = []
    tcooutlinks: list[str] = []
    mentioned_users: list[_User] = []
    media: _Sorted | list[_Medium] = []
    retweeted_tweet: _Tweet | None = None
    quoted_tweet: _Tweet | None = None
    in_reply_to_tweet_id: int | str | None = None
    in_reply_to_tweet_id_str: str | None = None
    in_reply_to_user: _User | None = None
    like_count: int | None = None
    retweet_count: int | None = None
    source_label: str | None = None
    possibly_sensitive: bool | None = None
    place: _Place | None = None
    coordinates: _Point | None = None
    card: _Card | None = None


def is_scraped(entry: Entry) -> bool:
    kind = str(entry.get("_type", ""))
    return "rawContent" in entry or (kind.startswith("snscrape.modules.twitter") and "content" in entry)


def read_scraped(entry: Entry, stamp: Stamp) -> Iterator[Post]:
    tweet = shaped(entry, _Tweet)
    who = tweet.user or _User()
    passed_on, to = tweet.retweeted_tweet, tweet.in_reply_to_user
    told = Told(
        id=tweet.id_str or tweet.id,
        text=_text(passed_on, _raw(passed_on)) if passed_on else _raw(tweet),
        author=person(who.id_str or who.id, who.username, who.displayname),
        rank=_RANK,
        created_at=tweet.date,
        escaped=True,
        marks=tuple(_marks(passed_on or tweet, _text(passed_on, "") if passed_on else "")),
        answers=Tweet(
            in_reply_to_status_id_str=number(tweet.in_reply_to_tweet_id_str or tweet.in_reply_to_tweet_id),
            in_reply_to_user_id_str=number(to.id_str or to.id) if to else None,
            in_reply_to_screen_name=to.username if to else None,
        ),
        retweet_of=_reference(passed_on),
        quote=_reference(tweet.quoted_tweet),
        media=tuple(_media(tweet.media or (passed_on.media if passed_on else []))),
        language=tweet.lang,
        sensitive=bool(tweet.possibly_sensitive),
        place=_place(tweet),
        poll=_poll(tweet.card),
        likes=tweet.like_count,
        retweets=tweet.retweet_count,
        client=tweet.source_label,
    )
    yield to_post(told, stamp)


def _raw(tweet: _Tweet) -> str | None:
    return tweet.content if tweet.raw_content is None else tweet.raw_content


def _text(original: _Tweet, said: str | None) -> str:
    name = original.user.username if original.user else None
    return (f"RT @{name}: " if name else "") + (said or "")


def _reference(tweet: _Tweet | None) -> Reference | None:
    if tweet is None:
        return None
    user = tweet.user or _User()
    return referred(tweet.id_str or tweet.id, user.username, user.id_str or user.id)


def _marks(tweet: _Tweet, head: str) -> Iterator[Mark]:
    """Of the text behind its `head`; the links of old files are two lists."""
    raw = head + (_raw(tweet) or "")
    old = zip(tweet.outlinks, tweet.tcooutlinks, strict=False)
    links = tweet.links or [_Link(url=full, tcourl=short) for full, short in old]
    for link in links:
        claimed = link.indices[0] + len(head) if link.indices else 0
        if link.tcourl and link.url and (spot := place_of_text(raw, link.tcourl, claimed)):
            yield Mark(*spot, SpanKind.LINK, plain(link.url))
    for user in tweet.mentioned_users:
        if user.username and (spot := place_of_text(raw, f"@{user.username}", 0)):
            yield Mark(*spot, SpanKind.MENTION, user.username, number(user.id_str or user.id))


def _media(media: _Sorted | list[_Medium]) -> Iterator[Media]:
    if isinstance(media, _Sorted):
        yield from (_picture(each, each.url) for each in media.photos)
        yield from (_film(each, MediaType.VIDEO) for each in media.videos)
        yield from (_film(each, MediaType.GIFV) for each in media.animated)
        return
    for each in media:
        kind = (each._type or "").rpartition(".")[2]
        if kind == "Photo":
            yield _picture(each, each.full_url)
        elif kind in ("Video", "Gif"):
            yield _film(each, MediaType.GIFV if kind == "Gif" else MediaType.VIDEO)


def _picture(medium: _Medium, url: str | None) -> Media:
    return Media(type=MediaType.IMAGE, url=url, alt=plain(medium.alt_text or "").strip() or None)


def _film(medium: _Medium, kind: MediaType) -> Media:
    variants = sorted((v for v in medium.variants if v.url), key=lambda v: (v.bitrate or 0, v.url or ""))
    films = [v.url for v in variants if v.content_type == "video/mp4"]
    return Media(
        type=kind,
        url=films[-1] if films else medium.video_url or medium.thumbnail_url,
        alt=plain(medium.alt_text or "").strip() or None,
        duration_ms=round(medium.duration * (1 if medium.duration > 1000 else 1000))
        if medium.duration
        else None,
        variants=tuple(
            Variant(url=v.url or "", content_type=v.content_type or "", bitrate=v.bitrate) for v in variants
        ),
    )


def _place(tweet: _Tweet) -> Place | None:
    name = tweet.place.full_name if tweet.place else None
    point = tweet.coordinates or _Point()
    if not name and point.latitude is None:
        return None
    return Place(name=name, latitude=point.latitude, longitude=point.longitude)


def _poll(card: _Card | None) -> Poll | None:
    labels = tuple(plain(each.label) for each in card.options) if card else ()
    return Poll(options=labels) if len(labels) > 1 else None
