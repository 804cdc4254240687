"""The CSV of the archives of 2012-2019: the last resort, for ids that no JavaScript file has.

Without entities: the targets of links are named in their order, and links keep their short form where the
numbers differ. The files of 2012-2013 are
ASCII, every other character is a `?`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from bridge.posts import Kind, Post, Reference, SpanKind
from bridge.sources.twitter_archive.links import status_url
from bridge.sources.twitter_archive.origin import RANK_CSV_G1, RANK_CSV_G2, Origin, Unfit, client
from bridge.sources.twitter_archive.posting import answer, quoted
from bridge.sources.twitter_archive.text import Mark, cleaning, disjoint, loose_marks, settle
from bridge.sources.twitter_archive.times import written_at
from bridge.sources.twitter_archive.wire import Tweet

Row = dict[str, str]

_PICTURE = re.compile(r"/(?:photo|video)/\d")
_HASHTAG = re.compile(r"(?<![\w&/])[#＃](\w*[^\W\d]\w*)")
_RETWEET = re.compile(r"RT @([A-Za-z0-9_]{1,20}):? ")
_URLS = "expanded_urls"
_BETWEEN_URLS = re.compile(r",(?=https?://)", re.I)  # a URL may have commas of its own


def rows(stream: BinaryIO) -> Iterator[Row]:
    """Rows by the names of the header; the first archives have a field more for each URL."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
    reader = csv.DictReader(text, restkey="more")
    try:
        for row in reader:
            more = row.pop("more", None) or []
            plain = {str(key): value for key, value in row.items() if isinstance(value, str)}
            plain[_URLS] = ",".join(filter(None, (plain.get(_URLS, ""), *more)))
            yield plain
    except csv.Error as problem:
        yield {"problem": str(problem)}
    finally:
        text.detach()


def to_post(row: Row, origin: Origin) -> Post:
    """Raises `Unfit` for a row that has no id, text or time."""
    post_id, raw = row.get("tweet_id", ""), row.get("text")
    if not (post_id.isascii() and post_id.isdigit() and len(post_id) <= 20):
        raise Unfit("it has no id")
    when = written_at(int(post_id), row.get("timestamp"))
    if raw is None or when is None:
        raise Unfit("it has no text" if raw is None else "it has no time that can be read")
    text, spans = settle(raw, disjoint(_marks(raw, row)), cleaning(when[0]))
    passed_on = _retweet(row, text)
    answered = None if passed_on else answer(_as_tweet(row), text, (origin.owner.id, origin.owner.handle))
    quote = None if passed_on else quoted(text, spans)
    old = "/csv/" in f"/{origin.member}"
    return Post(
        source=origin.source,
        id=post_id,
        author=origin.owner,
        created_at=when[0],
        precision=when[1],
        text=text,
        spans=spans,
        kind=_kind(passed_on, answered, quote),
        reply_to=answered[1] if answered else None,
        quote=quote,
        retweet_of=passed_on,
        client=client(row.get("source")),
        url=status_url(origin.owner.handle, post_id),
        provenance=origin.stamp("G1" if old else "G2", RANK_CSV_G1 if old else RANK_CSV_G2),
    )


def _kind(
    passed_on: Reference | None, answered: tuple[Kind, Reference | None] | None, quote: Reference | None
) -> Kind:
    if passed_on:
        return Kind.RETWEET
    return answered[0] if answered else Kind.QUOTE if quote else Kind.ORIGINAL


def _marks(raw: str, row: Row) -> list[Mark]:
    marks = loose_marks(raw, ())
    links = dict.fromkeys(raw[mark.start : mark.end] for mark in marks if mark.kind is SpanKind.LINK)
    targets = _targets(list(links), row[_URLS])
    tags = [Mark(*found.span(), SpanKind.HASHTAG, found[1]) for found in _HASHTAG.finditer(raw)]
    aimed = [mark._replace(target=targets.get(raw[mark.start : mark.end], mark.target)) for mark in marks]
    return aimed + tags


def _targets(links: Sequence[str], named: str) -> dict[str, str]:
    """The table names the targets in the order of the links, a picture's own last, each perhaps twice."""
    urls = list(dict.fromkeys(filter(None, _BETWEEN_URLS.split(named))))
    if len(urls) != len(links):
        urls = [url for url in urls if not _PICTURE.search(url)]
    pairs = zip(links, urls, strict=True) if len(urls) == len(links) else ()
    return {link: url for link, url in pairs if not _PICTURE.search(url)}


def _retweet(row: Row, text: str) -> Reference | None:
    original = row.get("retweeted_status_id")
    if not original:
        return None
    found = _RETWEET.match(text)
    handle = found[1] if found else None
    return Reference(
        id=original,
        author_id=row.get("retweeted_status_user_id") or None,
        handle=handle,
        url=status_url(handle, original),
    )


def _as_tweet(row: Row) -> Tweet:
    return Tweet(
        in_reply_to_status_id_str=row.get("in_reply_to_status_id") or None,
        in_reply_to_user_id_str=row.get("in_reply_to_user_id") or None,
    )
