"""Objects of the old API: twarc 1 saved them, and the site's own GraphQL still has them as `legacy`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from bridge.posts import Audience, Post
from bridge.sources.exports.told import Stamp, number, person, shaped, without_nulls
from bridge.sources.twitter_archive import grailbird
from bridge.sources.twitter_archive.media import Shelf
from bridge.sources.twitter_archive.notes import with_note
from bridge.sources.twitter_archive.origin import RANK_GU_CUT, RANK_WHOLE_RETWEET, Origin, Unfit
from bridge.sources.twitter_archive.wire import ApiRecord, NoteCore, NoteMention, NoteTag, NoteUrl

RANK = 58  #: as exact as an archive, which wins where it says more
RANK_LONG = 61

Entry = dict[str, Any]


def is_v1(entry: Entry) -> bool:
    return "id_str" in entry and ("full_text" in entry or "text" in entry) and "user" in entry


def is_graphql(entry: Entry) -> bool:
    return "legacy" in entry or entry.get("__typename") in _WRAPPERS


def read_v1(entry: Entry, stamp: Stamp) -> Iterator[Post]:
    """One post; what was streamed has its whole text, beyond 140 characters, in `extended_tweet`."""
    whole = without_nulls(entry)
    if (more := whole.get("extended_tweet")) and "full_text" not in whole:
        whole = {**whole, **more, "truncated": False}
    yield _post(whole, stamp)


def read_graphql(entry: Entry, stamp: Stamp) -> Iterator[Post]:
    tweet = _unwrapped(without_nulls(entry))
    legacy = _flat(tweet)
    post = _post(legacy, stamp)
    note = _note(tweet)
    joined = with_note(post, note) if note else None
    if joined is not None:
        post = replace(joined, provenance=stamp(RANK_LONG))
    yield post


_WRAPPERS = ("TweetWithVisibilityResults", "TweetTombstone", "TweetUnavailable")


def _unwrapped(tweet: Entry) -> Entry:
    inner = tweet.get("tweet", tweet) if tweet.get("__typename") == "TweetWithVisibilityResults" else tweet
    if not isinstance(inner, dict) or "legacy" not in inner:
        raise Unfit("it is not to be seen any more")
    return inner


def _flat(tweet: Entry) -> Entry:
    """`legacy`, with the author and the original of a retweet where the old API had them."""
    legacy: Entry = {**tweet["legacy"]}
    legacy.setdefault("id_str", tweet.get("rest_id"))
    legacy["user"] = _user(tweet)
    legacy["edit_control"] = tweet.get("edit_control", {})
    inner = legacy.pop("retweeted_status_result", {}).get("result")
    if isinstance(inner, dict):
        legacy["retweeted_status"] = _flat(_unwrapped(inner))
    return legacy


def _user(tweet: Entry) -> Entry:
    user = tweet.get("core", {}).get("user_results", {}).get("result", {})
    said = {**user.get("legacy", {}), **user.get("core", {})}
    return {"id_str": user.get("rest_id"), "screen_name": said.get("screen_name"), "name": said.get("name")}


class _Result(msgspec.Struct, gc=False):
    text: str | None = None
    entity_set: Entry = {}


def _note(tweet: Entry) -> NoteCore | None:
    found = tweet.get("note_tweet", {}).get("note_tweet_results", {}).get("result")
    result = shaped(found, _Result) if isinstance(found, dict) else _Result()
    if not result.text:
        return None
    of = result.entity_set
    return NoteCore(
        text=result.text,
        urls=[
            NoteUrl(short_url=e.get("url"), expanded_url=e.get("expanded_url"), **_from_to(e))
            for e in of.get("urls", ())
        ],
        mentions=[
            NoteMention(screen_name=e.get("screen_name"), **_from_to(e)) for e in of.get("user_mentions", ())
        ],
        hashtags=[NoteTag(text=e.get("text"), **_from_to(e)) for e in of.get("hashtags", ())],
        cashtags=[NoteTag(text=e.get("text"), **_from_to(e)) for e in of.get("symbols", ())],
    )


def _from_to(entity: Entry) -> dict[str, int]:
    first, last = (*entity.get("indices", ()), -1, -1)[:2]
    return {"from_index": first, "to_index": last}


def _post(entry: Entry, stamp: Stamp) -> Post:
    user = entry.get("user") or {}
    author = person(user.get("id_str") or user.get("id"), user.get("screen_name"), user.get("name"))
    record = shaped(entry, ApiRecord)
    origin = Origin(
        source="",
        owner=author,
        archive="",
        era="GU",
        member="",
        audience=Audience.PUBLIC,
        media_of=Shelf(()).media_of,
    )
    post = grailbird.to_post(record, origin)
    rank = RANK_WHOLE_RETWEET if post.retweet_of else RANK_GU_CUT if post.truncated else RANK
    return replace(post, provenance=stamp(rank), edit_ids=_edits(entry))


def _edits(entry: Entry) -> tuple[str, ...]:
    """The ids of all versions of an edited post, oldest first."""
    control = entry.get("edit_control", {})
    control = control.get("edit_control_initial", control)
    ids = {each for each in control.get("edit_tweet_ids", ()) if number(each)}
    return tuple(sorted(ids, key=int)) if len(ids) > 1 else ()
