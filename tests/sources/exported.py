"""Invented records in the forms of the tools that save accounts: for any test that needs some."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.sources.archives import HANDLE, NAME, OWNER_ID, entities

Record = dict[str, Any]
USER = {"id_str": OWNER_ID, "id": int(OWNER_ID), "screen_name": HANDLE, "name": NAME}
ANN = {"id_str": "77", "id": 77, "screen_name": "ann", "name": "Ann"}


def v1(number: str, text: str, *, user: Record = USER, **more: Any) -> Record:
    """twarc 1: nulls where other tools leave keys out."""
    tweet = {
        "id": int(number),
        "id_str": number,
        "created_at": "Wed Jan 07 10:00:00 +0000 2015",
        "full_text": text,
        "truncated": False,
        "display_text_range": [0, len(text)],
        "entities": entities(text),
        "user": user,
        "in_reply_to_status_id": None,
        "in_reply_to_status_id_str": None,
        "in_reply_to_user_id_str": None,
        "in_reply_to_screen_name": None,
        "geo": None,
        "place": None,
        "lang": "fr",
        "favorite_count": 5,
        "retweet_count": 2,
        "source": '<a href="https://example.org">Demo Client</a>',
    }
    return tweet | more


def graphql(number: str, text: str, **more: Any) -> Record:
    legacy = {k: v for k, v in v1(number, text).items() if k not in ("user", "id", "truncated")}
    core = {
        "user_results": {"result": {"rest_id": OWNER_ID, "legacy": {"screen_name": HANDLE, "name": NAME}}}
    }
    return {"__typename": "Tweet", "rest_id": number, "core": core, "legacy": legacy, **more}


def v2(number: str, text: str, **more: Any) -> Record:
    return {
        "id": number,
        "text": text,
        "author_id": OWNER_ID,
        "created_at": "2015-01-07T10:00:00.000Z",
        "lang": "fr",
        "edit_history_tweet_ids": [number],
        **more,
    }


OWNER_V2 = {"id": OWNER_ID, "username": HANDLE, "name": NAME}
ANN_V2 = {"id": "77", "username": "ann", "name": "Ann"}


def page(*tweets: Record, **includes: Any) -> Record:
    includes.setdefault("users", [OWNER_V2, ANN_V2])
    return {
        "data": list(tweets),
        "includes": includes,
        "meta": {"result_count": len(tweets)},
        "__twarc": {"version": "2.14.0"},
    }


def sns(number: str, text: str, **more: Any) -> Record:
    return {
        "_type": "snscrape.modules.twitter.Tweet",
        "url": f"https://twitter.com/{HANDLE}/status/{number}",
        "date": "2015-01-07T10:00:00+00:00",
        "id": int(number),
        "rawContent": text,
        "user": {"_type": "snscrape.modules.twitter.User", "username": HANDLE, "id": int(OWNER_ID)},
        "lang": "fr",
        "likeCount": 5,
        "retweetCount": 2,
        **more,
    }


def twint(number: str, text: str, **more: Any) -> Record:
    return {
        "id": int(number),
        "conversation_id": number,
        "date": "2015-01-07",
        "time": "11:00:00",
        "timezone": "+0100",
        "user_id": int(OWNER_ID),
        "username": HANDLE,
        "name": NAME,
        "tweet": text,
        "language": "fr",
        "photos": [],
        "video": 0,
        "retweet": False,
        "quote_url": "",
        "reply_to": [],
        "link": f"https://twitter.com/{HANDLE}/status/{number}",
        **more,
    }


def gallery(number: str, text: str, **more: Any) -> Record:
    author = {"id": int(OWNER_ID), "name": HANDLE, "nick": NAME}
    return {
        "category": "twitter",
        "tweet_id": int(number),
        "retweet_id": 0,
        "quote_id": 0,
        "reply_id": 0,
        "date": "2015-01-07 10:00:00",
        "author": author,
        "user": author,
        "lang": "fr",
        "content": text,
        **more,
    }


def exporter(number: str, text: str, **more: Any) -> Record:
    return {
        "id": number,
        "created_at": "7/1/2015 à 11:00",
        "full_text": text,
        "media": [],
        "screen_name": HANDLE,
        "name": NAME,
        "in_reply_to": None,
        "retweeted_status": None,
        "quoted_status": None,
        **more,
    }


def write_lines(path: Path, items: Iterable[Record]) -> Path:
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in items), "utf-8")
    return path


def write_list(path: Path, items: Iterable[Record], *, indent: int | None = 2) -> Path:
    path.write_text(json.dumps(list(items), indent=indent), "utf-8")
    return path
