"""The HTML of a feed's item, reduced to what the post says: text, links, media, the quoted post, a poll."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from bridge.posts import Media, MediaType, SpanKind
from bridge.sources.feed.addresses import film_of_poster, original_link, original_media
from bridge.sources.twitter_archive.links import status_link
from bridge.sources.twitter_archive.text import Mark

_BLANKS = re.compile(r"[ \t\r\n\f]+")
_HANDLE = re.compile(r"[@＠]([A-Za-z0-9_]{1,20})\Z")
_TAG = re.compile(r"[#＃](\w+)\Z")
_CASH = re.compile(r"\$([A-Za-z._]{1,8})\Z")
_CHOICE = re.compile(r"^\s*\d{1,3}%\s*[—–-]?\s*(.+?)\s*$", re.MULTILINE)
_NO_MEDIA = ("/profile_images/", "/profile_banners/", "abs.twimg.com", "/emoji/", "abs-0.twimg.com")
_FILM_POSTERS = ("amplify_video_thumb/", "ext_tw_video_thumb/", "/tweet_video_thumb/")
_PARAGRAPHS = frozenset({"p", "div", "li", "ul", "ol", "h1", "h2", "h3", "section"})
_SIGNED = "(Feed generated with FetchRSS)"


@dataclass(slots=True)
class Body:
    """What was found; offsets of `marks` count in `text` as it stands here."""

    text: str = ""
    marks: list[Mark] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    quote: str = ""  #: address of the quoted post
    choices: tuple[str, ...] = ()


def read_body(html: str, hosts: frozenset[str]) -> Body:
    """Without any tags its line breaks are its own."""
    html = html.replace(_SIGNED, "")
    if "<" not in html:
        return Body(text=unescape(html).strip())
    reader = _Reader(hosts)
    reader.feed(html)
    reader.close()
    body = reader.body
    if reader.is_poll:
        body.choices = tuple(_CHOICE.findall(reader.rest))
    return body


def add_media(body: Body, attached: Sequence[tuple[str, str]]) -> None:
    """What is attached besides; the same medium may stand in the text as well."""
    for url, kind in attached:
        _add(body, url, film="video" in kind)


def _add(body: Body, url: str, *, film: bool, gif: bool = False) -> None:
    address = original_media(url)
    if any(part in address for part in _NO_MEDIA) or not address.startswith("http"):
        return
    poster = any(part in address for part in _FILM_POSTERS)
    moving = film_of_poster(address)
    if moving is not None:
        address, film, gif = moving, True, True
    gif = gif or "/tweet_video/" in address
    known = {medium.url for medium in body.media}
    if poster and not gif and any(medium.type is MediaType.VIDEO for medium in body.media):
        return  # the still of a film that is here already
    kind = MediaType.GIFV if gif and film else MediaType.VIDEO if film or poster else MediaType.IMAGE
    if address in known:
        return
    if kind is MediaType.VIDEO and not poster:  # of the film itself the still is not wanted any more
        body.media[:] = [m for m in body.media if m.type is not MediaType.VIDEO or not _is_still(m.url)]
    body.media.append(Media(type=kind, url=address))


def _is_still(url: str | None) -> bool:
    return any(part in (url or "") for part in _FILM_POSTERS)


class _Reader(HTMLParser):
    """Everything after the first rule is not what the author said: cards, polls, quotes, notes."""

    def __init__(self, hosts: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.body = Body()
        self.rest = ""
        self._hosts = hosts
        self._ended = False
        self._quoting = 0  # how deep inside the quoted post
        self._quoted_in = ""
        self._anchor: tuple[int, str] | None = None

    @property
    def is_poll(self) -> bool:
        return re.match(r"\s*Poll\b", self.rest) is not None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._quoting:
            self._in_quote(tag, given)
        elif tag == "blockquote" or (tag == "div" and "rsshub-quote" in given.get("class", "")):
            self._quoting, self._quoted_in = 1, tag
        elif tag == "hr":
            self._ended = True
        elif tag == "br":
            self._break("\n")
        elif tag in _PARAGRAPHS:
            self._break("\n\n")
        elif tag == "a":
            self._anchor = (len(self.body.text), given.get("href", ""))
        elif not self._ended:
            self._medium(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if self._quoting:
            self._quoting -= tag == self._quoted_in
        elif tag == "a" and self._anchor is not None:
            self._linked(*self._anchor)
            self._anchor = None
        elif tag in _PARAGRAPHS:
            self._break("\n\n")

    def handle_data(self, data: str) -> None:
        if self._quoting:
            return
        if self._ended:
            self.rest += data
            return
        said = _BLANKS.sub(" ", data)
        if not self.body.text or self.body.text[-1] in "\n ":
            said = said.lstrip(" ")
        self.body.text += said

    def _in_quote(self, tag: str, given: dict[str, str]) -> None:
        self._quoting += tag == self._quoted_in
        link = original_link(given.get("href", ""), self._hosts)
        if tag == "a" and status_link(link):
            self.body.quote = link  # the last one: the post's own link closes its quotation

    def _break(self, lines: str) -> None:
        if self._ended:
            self.rest += "\n"
            return
        text = self.body.text.rstrip(" ")
        if not text:
            return
        there = len(text) - len(text.rstrip("\n"))
        wanted = there + 1 if lines == "\n" else max(there, 2)
        self.body.text = text.rstrip("\n") + "\n" * min(wanted, 3)

    def _medium(self, tag: str, given: dict[str, str]) -> None:
        source = given.get("src", "")
        if tag in ("video", "source"):
            poster = given.get("poster", "")
            gif = "loop" in given or "tweet_video" in f"{source}{poster}"
            if source or poster:
                _add(self.body, source or poster, film=bool(source), gif=gif)
        elif tag == "img" and source and "avatar" not in given.get("class", ""):
            _add(self.body, source, film=False)

    def _linked(self, start: int, href: str) -> None:
        shown = self.body.text[start:]
        lead = len(shown) - len(shown.lstrip())
        start, shown = start + lead, shown.strip()
        if not shown or self._ended:
            return
        end = start + len(shown)
        for pattern, kind in (
            (_HANDLE, SpanKind.MENTION),
            (_TAG, SpanKind.HASHTAG),
            (_CASH, SpanKind.CASHTAG),
        ):
            if found := pattern.match(shown):
                self.body.marks.append(Mark(start, end, kind, found[1]))
                return
        target = original_link(href, self._hosts)
        link = status_link(target)
        is_media = (link is not None and not link[2]) or shown.startswith(("pic.twitter.com/", "pic.x.com/"))
        if target.startswith(("http://", "https://")):
            self.body.marks.append(Mark(start, end, SpanKind.MEDIA if is_media else SpanKind.LINK, target))
