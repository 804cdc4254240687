"""Addresses of the fediverse in what people write about themselves, and whose they are on Twitter. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.posts import Post, SpanKind

_HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z]"
_ADDRESS = re.compile(rf"(?<![\w@./-])@?([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)@({_HOST})(?![\w@])")
_PAGE = re.compile(
    rf"(?<![\w@.-])({_HOST})/(?:web/)?(?:@|users/|profile/|u/)([a-z0-9_.-]*[a-z0-9_])(?![\w@])"
)
_ELSEWHERE = frozenset(
    {
        "gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "live.com", "yahoo.com", "icloud.com",
        "me.com", "aol.com", "gmx.de", "gmx.net", "gmx.at", "web.de", "orange.fr", "free.fr", "laposte.net",
        "wanadoo.fr", "protonmail.com", "proton.me", "pm.me", "posteo.de", "mailbox.org", "fastmail.com",
        "twitter.com", "x.com", "youtube.com", "tiktok.com", "medium.com", "instagram.com", "facebook.com",
        "threads.net", "threads.com", "linkedin.com", "bsky.app", "github.com", "gitlab.com", "reddit.com",
        "t.me", "flickr.com", "vimeo.com", "substack.com", "linktr.ee", "google.com", "ko-fi.com",
        "patreon.com", "twitch.tv", "pinterest.com", "soundcloud.com", "steamcommunity.com",
    }
)  # fmt: skip
_BIO = ("description", "name", "location", "url", "bio", "urls", "pinned")
_WHO = ("username", "screen_name", "twitter", "twitter_username", "twitter handle", "twitter name")
_NUMBER = ("twitter_id", "id_str", "id", "rest_id", "user_id", "twitter id")
_NAME = re.compile(r"@?([A-Za-z0-9_]{1,20})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Not to be used before its server has said that there is such an account."""

    fediverse: str  #: "user@host" in lower case
    twitter: str  #: without `@`
    twitter_id: str = ""
    source: str


def addresses(text: str) -> list[str]:
    """`user@host`, as often as somebody may have written it: as a handle, or as the address of a page."""
    plain = unicodedata.normalize("NFKD", text).lower()
    found = [f"{m[1]}@{m[2]}" for m in _ADDRESS.finditer(plain)]
    found += [f"{m[2]}@{m[1].removeprefix('www.')}" for m in _PAGE.finditer(plain)]
    return [each for each in dict.fromkeys(found) if each.rpartition("@")[2] not in _ELSEWHERE]


def in_posts(posts: Iterable[Post]) -> Iterator[Candidate]:
    """Where a post names somebody together with an address of that very name."""
    for post in posts:
        if "@" not in post.text:
            continue
        named = list(_named(post))
        for address in addresses(post.text):
            for name, number in named:
                if address.partition("@")[0] == name.lower():
                    source = f"post {post.id}"
                    yield Candidate(fediverse=address, twitter=name, twitter_id=number, source=source)


def _named(post: Post) -> Iterator[tuple[str, str]]:
    """Name and number, of the author too. In `@jane@server.example` Twitter saw somebody of its own called
    @jane, which says nothing."""
    for span in post.spans:
        if span.kind is SpanKind.MENTION and post.text[span.end : span.end + 1] != "@":
            yield span.target, span.user_id or ""
    if post.author.handle:
        yield post.author.handle, post.author.id if post.author.id.isdecimal() else ""


def numbers_in(posts: Iterable[Post]) -> dict[str, str]:
    """The number of everybody who is mentioned, by name in lower case; of a name with one owner only."""
    found: dict[str, set[str]] = defaultdict(set)
    for post in posts:
        for span in post.spans:
            if span.kind is SpanKind.MENTION and span.user_id:
                found[span.target.lower()].add(span.user_id)
    return {name: next(iter(numbers)) for name, numbers in found.items() if len(numbers) == 1}


def in_bios(entry: object, source: str) -> Iterator[Candidate]:
    """Of every user in an object of any depth, as exports of Twitter's own APIs have them."""
    if isinstance(entry, list):
        for each in entry:
            yield from in_bios(each, source)
    if not isinstance(entry, dict):
        return
    name = _first(entry, ("username", "screen_name"))
    if name and "description" in entry:
        number = _first(entry, ("id_str", "id", "rest_id"))
        yield from _of(name, number, _texts(entry), source)
    for key, each in entry.items():
        inner = {**each, "rest_id": entry.get("rest_id")} if _is_legacy(key, each) else each
        yield from in_bios(inner, source)


def in_list(row: Mapping[str, str], source: str) -> Iterator[Candidate] | None:
    """A row of a list that some finder has made, by the names of its columns; None: it does not say who that
    is on Twitter."""
    cells = {name.strip().lower(): value.strip() for name, value in row.items()}
    name = _first(cells, _WHO)
    if name is None:
        return None
    others = [value for key, value in cells.items() if key not in (*_WHO, *_NUMBER)]
    return _of(name, _first(cells, _NUMBER), others, source)


def _is_legacy(key: str, value: object) -> bool:
    return key == "legacy" and isinstance(value, dict)


def _texts(entry: Mapping[str, Any]) -> list[str]:
    """What a user says, links spelt out."""
    said = [str(entry[key]) for key in _BIO if isinstance(entry.get(key), str)]
    return [*said, *_expanded(entry.get("entities"))]


def _expanded(entry: object) -> Iterator[str]:
    if isinstance(entry, list):
        for each in entry:
            yield from _expanded(each)
    elif isinstance(entry, dict):
        for key, each in entry.items():
            if key == "expanded_url" and isinstance(each, str):
                yield each
            else:
                yield from _expanded(each)


def _of(name: str, number: str | None, texts: Iterable[str], source: str) -> Iterator[Candidate]:
    found = _NAME.fullmatch(name)
    if found is None:
        return
    number = number if number and number.isdecimal() else ""
    for address in dict.fromkeys(each for text in texts for each in addresses(text)):
        yield Candidate(fediverse=address, twitter=found[1], twitter_id=number, source=source)


def _first(entry: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next((str(entry[name]) for name in names if entry.get(name)), None)
