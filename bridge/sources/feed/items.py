"""From an item of a feed to a `Post`, by the habits of the front ends.

A feed is thin evidence: no parents' ids, no descriptions of pictures, and retweets are only told by their
titles or by whose post the link leads to. Facts: src/views/rss.nimf of Nitter, lib/routes/twitter/utils.ts of
RSSHub, bridges/TwitterBridge.php of RSS-Bridge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.posts import Author, Kind, Poll, Post, Provenance, Reference, SpanKind
from bridge.sources.feed.addresses import host_of, original_link
from bridge.sources.feed.body import Body, add_media, read_body
from bridge.sources.feed.document import Item
from bridge.sources.twitter_archive.links import status_link, status_url
from bridge.sources.twitter_archive.origin import Unfit
from bridge.sources.twitter_archive.posting import answer, opener, quoted
from bridge.sources.twitter_archive.text import Mark, disjoint, loose_marks, plain, settle
from bridge.sources.twitter_archive.times import written_at
from bridge.sources.twitter_archive.wire import Tweet

ERA = "feed"
RANK = 5  #: of the text: what any file of posts says is truer

_STATUS = re.compile(r"(?:/(?P<user>[A-Za-z0-9_]{1,20}))?/status(?:es)?/(?P<id>\d{1,20})")
_HASHTAG = re.compile(r"(?<![\w&/])[#＃](\w*[^\W\d]\w*)")
_PINNED = re.compile(r"^Pinned: ")
_PASSED_ON = re.compile(r"^RT by @(?P<by>\w+): ")
_ANSWER = re.compile(r"^R to @(?P<to>\w+): ")
_HUB_RETWEET = re.compile(r"^(?:RT (?!@)[^:\n]{1,80}?[:：] ?|🔁\s?)")
_HUB_ANSWER = re.compile(r"^(?:Re |↩️\s?|↩\s?)")
_BRIDGE_RETWEET = re.compile(r"^RT: .*\(@(?P<handle>\w+)\)\s*$")
_CREATOR = re.compile(r"^@(?P<handle>\w{1,20})$")
_MEDIA_ONLY = frozenset({"Image", "Video", "Gif", "Media", ""})
_AHEAD = timedelta(days=1)  # further in the future no post can have been written: the id is made up


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an item was found: whose feed it is, at which address, by the clock."""

    owner: Author
    url: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What title, link and author say of an item, before its text is read."""

    post_id: str
    title: str
    passed_on: Reference | None = None
    answers: str | None = None  #: the handle; "" where it is not said whose


def author_in(item: Item) -> str | None:
    """Whose post the item's link leads to."""
    found = _STATUS.search(item.link) or _STATUS.search(item.guid)
    return found["user"] if found and found["user"] != "i" else None


def to_post(item: Item, place: Place) -> Post:
    """Raises `Unfit` for an item that names no post, or one from the future."""
    told = _told(item, place.owner.handle or "")
    when = written_at(int(told.post_id), item.date)
    if when is None or when[0] > place.now + _AHEAD:
        raise Unfit("it has no time that can be true")
    hosts = frozenset({host_of(place.url), host_of(item.link)} - {""})
    is_plain = item.is_plain or not item.body  # as titles are
    said = item.body or told.title
    body = Body(text=said.strip()) if is_plain else read_body(said, hosts)
    add_media(body, item.media)
    _tidy(body, told, media_only=item.title in _MEDIA_ONLY)
    quote_link = original_link(item.quote_of or body.quote, hosts)
    _append_quote(body, quote_link)
    marks = [*body.marks, *_tags(body.text)]
    text, spans = settle(body.text, disjoint(marks + loose_marks(body.text, marks)), plain)
    answered = None if told.passed_on else _answered(told, text, place.owner)
    quote = None if told.passed_on else quoted(text, spans)
    return Post(
        source="",
        id=told.post_id,
        author=place.owner,
        created_at=when[0],
        precision=when[1],
        text=text,
        spans=spans,
        kind=_kind(told.passed_on, answered, quote),
        reply_to=answered[1] if answered else None,
        quote=quote,
        retweet_of=told.passed_on,
        media=tuple(body.media),
        poll=Poll(options=body.choices) if len(body.choices) > 1 else None,
        truncated=text.endswith("…"),
        url=status_url(place.owner.handle, told.post_id),
        provenance=(Provenance(archive=place.url, era=ERA, member="", rank=RANK),),
    )


def _told(item: Item, owner: str) -> _Told:
    found = _STATUS.search(item.link) or _STATUS.search(item.guid)
    number = found["id"] if found else item.guid if item.guid.isascii() and item.guid.isdigit() else None
    if number is None:
        raise Unfit("it names no post")
    title = _PINNED.sub("", item.title)
    told_by_title = _PASSED_ON.match(title) or (_HUB_RETWEET.match(title) if _is_hub(item) else None)
    bridged = _BRIDGE_RETWEET.match(item.author)
    by = (found["user"] if found else None) or ""
    foreign = bool(by) and by != "i" and by.lower() != owner.lower()
    if told_by_title or bridged or foreign or item.repost_of:
        return _Told(
            post_id=number, title=_shortened(title), passed_on=_original(item, number, by, foreign=foreign)
        )
    nitter = _ANSWER.match(title)
    if nitter:
        return _Told(post_id=number, title=title[nitter.end() :], answers=nitter["to"])
    hub = _HUB_ANSWER.match(title)
    if hub:
        return _Told(post_id=number, title=title[hub.end() :], answers="")
    return _Told(post_id=number, title=title)


def _is_hub(item: Item) -> bool:
    """Whether `RT Somebody: ` may be the front end's word: elsewhere only the author can have written it."""
    return host_of(item.link) in ("x.com", "twitter.com")


def _shortened(title: str) -> str:
    for pattern in (_PASSED_ON, _HUB_RETWEET):
        title = pattern.sub("", title)
    return title


def _original(item: Item, number: str, by: str, *, foreign: bool) -> Reference:
    """Nitter links to the original; others to the retweet, and only some say of what."""
    named = status_link(original_link(item.repost_of, frozenset({host_of(item.repost_of)})))
    if named:
        return Reference(id=named[0], handle=named[1], url=status_url(named[1], named[0]))
    if foreign:
        return Reference(id=number, handle=by, url=status_url(by, number))
    said = _BRIDGE_RETWEET.match(item.author) or _CREATOR.match(item.author)
    return Reference(handle=said["handle"] if said else None)


def _tidy(body: Body, told: _Told, *, media_only: bool) -> None:
    """Takes out what the front end has put before the text."""
    if media_only and body.text in _MEDIA_ONLY:
        body.text, body.marks = "", []
    lead = _lead(body.text, told)
    if lead:
        body.text = body.text[lead:]
        body.marks = [
            mark._replace(start=mark.start - lead, end=mark.end - lead)
            for mark in body.marks
            if mark.start >= lead
        ]


def _lead(text: str, told: _Told) -> int:
    if told.passed_on and (found := _HUB_RETWEET.match(text)):
        return found.end()
    if told.answers is not None and (found := _HUB_ANSWER.match(text)):
        return found.end()
    return 0


def _append_quote(body: Body, link: str) -> None:
    """Where the network has it: at the end of the text."""
    found = status_link(link) if link else None
    if found is None or any((said := status_link(m.target)) and said[0] == found[0] for m in body.marks):
        return
    body.text = f"{body.text.rstrip()} {link}".lstrip()
    body.marks.append(Mark(len(body.text) - len(link), len(body.text), SpanKind.LINK, link))


def _tags(text: str) -> Iterator[Mark]:
    for found in _HASHTAG.finditer(text):
        yield Mark(*found.span(), SpanKind.HASHTAG, found[1])


def _answered(told: _Told, text: str, owner: Author) -> tuple[Kind, Reference | None] | None:
    """An answer to oneself goes on with a thread, of which a feed does not say where it hangs."""
    if told.answers is None:
        return answer(Tweet(), text, (owner.id, owner.handle))
    to = told.answers or opener(text) or owner.handle or ""
    if to.lower() == (owner.handle or "").lower():
        return Kind.THREAD, Reference(author_id=owner.id if owner.id.isdigit() else None, handle=owner.handle)
    return Kind.REPLY, Reference(handle=to)


def _kind(
    passed_on: Reference | None, answered: tuple[Kind, Reference | None] | None, quote: Reference | None
) -> Kind:
    if passed_on is not None:
        return Kind.RETWEET
    return answered[0] if answered else Kind.QUOTE if quote else Kind.ORIGINAL
