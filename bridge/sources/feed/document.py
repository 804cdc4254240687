"""A feed as it came over the line, in one shape: RSS and Atom by feedparser, JSON Feed 1.x by itself."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from bridge.errors import SourceError
from bridge.sources.web import Reply, place

_PAGE = (b"<!doctype html", b"<html")
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.IGNORECASE | re.DOTALL)
_TAIL = 4096  # bytes in which a feed ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    link: str
    guid: str
    title: str
    body: str  #: HTML, unless `is_plain`
    author: str
    date: str | None
    media: tuple[tuple[str, str], ...] = ()  #: (address, MIME type) of what is attached
    is_plain: bool = False
    repost_of: str = ""  #: address of the post that is passed on, where a feed says so
    quote_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    title: str
    link: str
    about: str  #: what the feed says of itself, with the name of the program that made it
    items: tuple[Item, ...]


def read_document(reply: Reply) -> Document:
    """Raises `SourceError` when the answer is no feed: a web page, most often."""
    where = place(reply.url)
    body = reply.body.removeprefix(b"\xef\xbb\xbf").lstrip()
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (
        kind in ("text/html", "application/xhtml+xml")
        and body[:1] not in (b"{",)
        and b"<rss" not in body[:512]
    ):
        raise SourceError(f"{where} answered a web page, not a feed.")
    if body[:64].lower().startswith(_PAGE):
        raise SourceError(f"{where} answered a web page, not a feed.")
    if body[:1] == b"{":
        return _json_feed(body, where)
    if b"<!entity" in body[:4096].lower():  # no feed needs them, and they can be made to grow without end
        raise SourceError(f"{where} defines XML entities of its own, which no feed has to; it is not read.")
    return _xml(body, kind, where)


def _xml(body: bytes, kind: str, where: str) -> Document:
    import feedparser

    found = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": kind or "application/xml"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not found.get("version") and not found.entries:
        raise SourceError(f"{where} answered something that is no feed.")
    if found.entries and not _END.search(body[-_TAIL:]):  # the newest come first, and would be all there is
        raise SourceError(f"{where} breaks off in the middle; nothing is taken from it.")
    about = " ".join(str(found.feed.get(key, "")) for key in ("generator", "subtitle", "title"))
    return Document(
        title=str(found.feed.get("title", "")),
        link=str(found.feed.get("link", "")),
        about=about,
        items=tuple(_entry(entry) for entry in found.entries),
    )


def _entry(entry: Any) -> Item:
    contents = [str(each.get("value", "")) for each in entry.get("content", ())]
    attached = [(str(e.get("href", "")), str(e.get("type", ""))) for e in entry.get("enclosures", ())]
    attached += [
        (str(e.get("url", "")), str(e.get("type") or e.get("medium") or ""))
        for e in entry.get("media_content", ())
    ]
    return Item(
        link=str(entry.get("link", "")),
        guid=str(entry.get("id", "")),
        title=str(entry.get("title", "")),
        body=max([*contents, str(entry.get("summary", ""))], key=len),
        author=str(entry.get("author", "")),
        date=_date(entry.get("published_parsed") or entry.get("updated_parsed")),
        media=tuple((address, kind) for address, kind in attached if address),
    )


def _date(moment: Any) -> str | None:
    """feedparser has read the many ways of writing a date, and tells it in UTC."""
    if moment is None:
        return None
    return "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00".format(*moment[:6])


class _Attachment(msgspec.Struct, gc=False):
    url: str = ""
    mime_type: str = ""


class _Author(msgspec.Struct, gc=False):
    name: str = ""


class _Link(msgspec.Struct, gc=False):
    url: str = ""
    type: str = ""


class _Extra(msgspec.Struct, gc=False):
    links: list[_Link] = []


class _JsonItem(msgspec.Struct, gc=False):
    id: str | int = ""
    url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    date_published: str | None = None
    image: str | None = None
    attachments: list[_Attachment] | None = None
    authors: list[_Author] | None = None
    extra: _Extra | None = msgspec.field(default=None, name="_extra")


class _JsonFeed(msgspec.Struct, gc=False):
    version: str
    items: list[_JsonItem]
    title: str | None = None
    home_page_url: str | None = None
    description: str | None = None


def _json_feed(body: bytes, where: str) -> Document:
    try:
        found = msgspec.json.decode(body, type=_JsonFeed, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise SourceError(f"{where} answered JSON that is no feed.") from None
    if "jsonfeed.org" not in found.version:
        raise SourceError(f"{where} answered JSON that is no feed.")
    return Document(
        title=found.title or "",
        link=found.home_page_url or "",
        about=f"{found.title or ''} {found.description or ''}",
        items=tuple(map(_json_item, found.items)),
    )


def _json_item(item: _JsonItem) -> Item:
    links = {link.type: link.url for link in (item.extra.links if item.extra else ())}
    attached = [(each.url, each.mime_type) for each in item.attachments or () if each.url]
    return Item(
        link=item.url or "",
        guid=str(item.id),
        title=item.title or "",
        body=item.content_html or item.content_text or "",
        is_plain=not item.content_html,
        author=item.authors[0].name if item.authors else "",
        date=item.date_published,
        media=(*attached, *([(item.image, "image")] if item.image else ())),
        repost_of=links.get("repost", ""),
        quote_of=links.get("quote", ""),
    )


def validators(reply: Reply) -> Mapping[str, str]:
    """What the next question may be made conditional on."""
    headers = {
        "If-None-Match": reply.headers.get("etag"),
        "If-Modified-Since": reply.headers.get("last-modified"),
    }
    return {name: value for name, value in headers.items() if value}
