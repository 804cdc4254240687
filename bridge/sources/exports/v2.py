"""twarc 2: a page of X API v2 a line, or a post a line with everything put into it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bridge.posts import Post
from bridge.sources.exports.told import Stamp, shaped
from bridge.sources.twitter_api.posting import Known, known_of, to_post
from bridge.sources.twitter_api.wire import Answer, Tweet
from bridge.sources.twitter_archive.origin import Unfit

Entry = dict[str, Any]


def is_page(entry: Entry) -> bool:
    return "data" in entry and ("includes" in entry or "meta" in entry or "__twarc" in entry)


def is_flat(entry: Entry) -> bool:
    return "text" in entry and "author_id" in entry and "id" in entry


def read_page(entry: Entry, stamp: Stamp) -> Iterator[Post | Unfit]:
    single = entry.get("data")
    page = shaped({**entry, "data": [single]} if isinstance(single, dict) else entry, Answer)
    known = known_of(page)
    for tweet in page.data:
        try:
            yield to_post(tweet, known, stamp)
        except Unfit as why:
            yield why


def read_flat(entry: Entry, stamp: Stamp) -> Iterator[Post]:
    yield to_post(shaped(entry, Tweet), Known(), stamp)
