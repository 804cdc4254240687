"""The maps that are JSON. What each looks like was read in the sources of the tool that writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bridge.adoption.tables import add_row, columns_of
from bridge.adoption.told import Gathering, Told, host_of, post_id_of
from bridge.errors import SourceError

_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]|[A-Z][a-z]{2},? \d|[A-Z][a-z]{2} [A-Z][a-z]{2} \d")


def from_document(path: Path, document: Any, *, notes: Iterable[str] = ()) -> Told | None:
    """None: nothing that is known."""
    if isinstance(document, dict):
        _check_dates(path, document)
        return _from_object(document, notes)
    if isinstance(document, list) and document:
        return _from_list(document, notes)
    return None


def _from_object(document: dict[str, Any], notes: Iterable[str]) -> Told | None:
    if isinstance(document.get("version"), str):
        return _touitomamout(document, notes)
    if isinstance(document.get("t2m"), dict) or isinstance(document.get("m2t"), dict):
        return _both_ways(document, notes)
    if document and all(host_of(key) and isinstance(each, dict) for key, each in document.items()):
        return _pleroma_bot(document, notes)
    if document and all(post_id_of(key) and _is_plain(each) for key, each in document.items()):
        gathering = Gathering()
        for post, statuses in document.items():
            gathering.add_all(post, statuses)
        return gathering.told("a map of tweet ids and status ids", notes=notes)
    return None


def _check_dates(path: Path, document: dict[str, Any]) -> None:
    """mastodon-twitter-sync keeps such caches beside the one that helps."""
    if document and all(_DATE.match(key) for key in document):
        raise SourceError(
            f"{path} maps dates to ids, without saying which post became which status.",
            hint="Of mastodon-twitter-sync, post_cache.json is the file that helps.",
        )


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_plain(each) and not isinstance(each, list) for each in value)
    if isinstance(value, dict):
        return bool({"id", "url", "uri"} & value.keys())
    return value is None or isinstance(value, str | int)


def _pleroma_bot(document: Mapping[str, Mapping[str, Any]], notes: Iterable[str]) -> Told:
    """`{"https://server": {"tweet id": "status id"}}`; an empty id: seen, and not posted."""
    gathering = Gathering()
    for server, posts in document.items():
        for post, status in posts.items():
            gathering.add_all(post, status, place=host_of(server))
    return gathering.told("pleroma-bot", notes=notes)


def _touitomamout(document: Mapping[str, Any], notes: Iterable[str]) -> Told | None:
    """`{"version": "0.2", "posts": {"tweet id": {"mastodon": ["status id", ...]}}}`.

    A list has the parts of a thread, in order. Version 0.1 has the user's name where 0.2 says `posts`, and
    before it a single id stood in the place of the list.
    """
    named = [document["posts"]] if "posts" in document else [*document.values()]
    users = [each for each in named if isinstance(each, dict)]
    entries = [(post, entry) for user in users for post, entry in user.items() if isinstance(entry, dict)]
    if not any("mastodon" in entry or "bluesky" in entry for _, entry in entries):
        return None
    gathering = Gathering()
    for post, entry in entries:
        gathering.add_all(post, entry.get("mastodon"))
    return gathering.told("touitomamout", notes=notes)


def _both_ways(document: Mapping[str, Any], notes: Iterable[str]) -> Told:
    gathering = Gathering()
    for post, statuses in _pairs(document.get("t2m")):
        gathering.add_all(post, statuses)
    for status, posts in _pairs(document.get("m2t")):
        for post in posts if isinstance(posts, list) else [posts]:
            gathering.add_all(post, status)
    return gathering.told("a map in both directions", notes=notes)


def _pairs(value: object) -> Iterable[tuple[Any, Any]]:
    return value.items() if isinstance(value, dict) else ()


def _from_list(document: list[Any], notes: Iterable[str]) -> Told | None:
    if all(isinstance(each, str) for each in document):
        texts = tuple(dict.fromkeys(each for each in document if each.strip()))
        return Told(tool="mastodon-twitter-sync", texts=texts, notes=tuple(notes))
    if not all(isinstance(each, dict) for each in document):
        return None
    if all(isinstance(each.get("tweet"), dict) for each in document):
        return _tweets_mapping(document, notes)
    columns = columns_of(dict.fromkeys(key for each in document for key in each))
    if columns is None:
        return None
    gathering = Gathering()
    names = list(dict.fromkeys(key for each in document for key in each))
    for each in document:
        add_row(gathering, columns, [each.get(name) for name in names])
    return gathering.told("a list of tweet ids and status ids", notes=notes)


def _tweets_mapping(document: list[dict[str, Any]], notes: Iterable[str]) -> Told:
    """`[{"tweet": {"id": "..."}, "bsky": {"uri": "at://..."}}]`, of the whole archive.

    Tools made after this one have a status of their own under another name than `bsky`.
    """
    gathering = Gathering()
    for each in document:
        tweet = each["tweet"]
        made = [
            value for name, value in each.items() if name != "tweet" and isinstance(value, dict | str | int)
        ]
        for status in made or (None,):
            gathering.add_all(tweet.get("id_str") or tweet.get("id"), status)
    return gathering.told("tweets_mapping.json", notes=notes)
