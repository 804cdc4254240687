"""From spans to the text that a destination gets: links, mentions, quotes, and whom it would notify.

Nobody is ever mentioned by accident: after the spans are written, the whole text is searched once more with
the destination's own rule for mentions, and whatever would still match is rewritten or defused. A word joiner
(U+2060, not to be seen) behind an `@` keeps every server from taking it for a mention.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import regex

from bridge.posts import Kind, Post, Reference, Span, SpanKind, ids_of
from bridge.rendering.entities import AT_SIGNS, mention_matches, urls
from bridge.rendering.links import is_unresolved, without_query, without_tracking
from bridge.rendering.options import Context
from bridge.statuses import Boost, OwnLink, StatusRef, Warn

JOINER = "\u2060"
_CLOSING = "”’»)]」』\"'"
_GOES_ON = regex.compile(r"[.-]*[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]")
_NAME = regex.compile(r"[A-Za-z0-9_]+")
_ACCENT = regex.compile(r"[\u00c0-\u024f]")  # no handle goes on like this: `@Hélène` is a word
_RETWEET = regex.compile(r"RT [@＠]\w+: ")
_LONGEST_NAME = 20  # of a handle on Twitter; 15 since 2007


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The whole text of a post, before it is cut to size."""

    text: str
    own_links: tuple[OwnLink, ...] = ()
    quote: StatusRef | None = None
    quote_of: Boost | None = None
    warnings: tuple[Warn, ...] = ()


def write(post: Post, context: Context) -> Written:
    """What the post says, as text for this destination."""
    writer = _Writer(post, context)
    if post.kind is Kind.RETWEET:
        writer.attribute()
    writer.spans(post.text, post.spans)
    if post.kind is Kind.RETWEET:
        writer.source()
    writer.defuse()
    return writer.written()


def rewrite(text: str, context: Context) -> str:
    """A text that somebody wrote by hand; it mentions nobody either."""
    while found := [each for each in mention_matches(text) if not _is_harmless(each, context)]:
        for match in reversed(found):
            text = f"{text[: match.start()]}@{JOINER}{text[match.start() + 1 :]}"
    return text.strip()


def _is_harmless(match: regex.Match[str], context: Context) -> bool:
    return match[2] == "twitter.com" and not context.limits.backdates


def link_to(post: Post) -> str | None:
    """Where the post stood on its network."""
    return post.url or _address(Reference(id=post.id, handle=post.author.handle), post.source)


def _address(reference: Reference, source: str) -> str | None:
    if reference.url:
        return without_query(reference.url)
    if not reference.id or not source.startswith("twitter:"):
        return None
    return f"https://twitter.com/{reference.handle or 'i/web'}/status/{reference.id}"


def shifted(links: Iterable[OwnLink], by: int, *, after: int = 0) -> tuple[OwnLink, ...]:
    """The links with those from `after` on moved."""
    return tuple(
        OwnLink(start=link.start + by, end=link.end + by, to=link.to) if link.start >= after else link
        for link in links
    )


class _Writer:
    """Collects the text of one post piece by piece."""

    def __init__(self, post: Post, context: Context) -> None:
        self._post = post
        self._context = context
        self._pieces: list[str] = []
        self._length = 0
        self._last_url = ""  # the piece just written, when it was a link
        self._own: tuple[OwnLink, ...] = ()
        self._quote: StatusRef | None = None
        self._quote_of: Boost | None = None
        self._quoted = post.quote.id if post.quote else None
        self._unresolved: list[str] = []
        self._dead: list[str] = []
        self._unmapped: dict[str, None] = {}

    def spans(self, text: str, spans: Sequence[Span]) -> None:
        at = self._past_own_name(text, spans)
        for span in spans:
            if span.start < at:
                continue  # dropped with what stood before the text
            self._add(text[at : span.start])
            at = span.end
            if span.kind is SpanKind.LINK:
                self._link(text, span)
            elif span.kind is SpanKind.MENTION:
                self._mention(text, span)
            elif span.kind is SpanKind.MEDIA:
                self._drop(text, span)
            else:
                self._add(text[span.start : span.end])
        self._add(text[at:])
        if self._quoted and self._quote is None and self._context.limits.quotes:
            self._quote = self._context.own(self._quoted)
        if self._quoted and self._quote is None and self._context.limits.quotes:
            self._quote_of = self._context.quotable(self._post)

    def attribute(self) -> None:
        """Puts the author before a retweet, unless the source already has (`RT @name: `)."""
        author = self._post.retweet_of
        if author and author.handle and not _RETWEET.match(self._post.text):
            self._add("RT ")
            self._name(author.handle, author.author_id)
            self._add(": ")

    def source(self) -> None:
        """Puts the link to the retweeted post below: its author said it, not the account."""
        original = self._post.retweet_of
        address = (_address(original, self._post.source) or link_to(self._post)) if original else None
        if original and address:  # the retweet's own link leads on to what it passed on
            self._add("\n\n" if self._length else "")
            self._url(address, self._context.own(original.id) if original.id else None)

    def defuse(self) -> None:
        """Rewrites what would still be read as a mention: of nobody in particular, or of the wrong person.

        Until nothing is left to do: of `@@name`, each pass takes one sign away.
        """
        text = "".join(self._pieces)
        while "@" in text and self._defused(text):
            text = "".join(self._pieces)

    def _defused(self, text: str) -> bool:
        pieces: list[str] = []
        at = 0
        for match in mention_matches(text):
            instead = self._instead(text, match)
            if instead is None:
                continue
            start, end, new = instead
            grown = sum(map(len, pieces)) - at  # what the earlier ones have moved this one by
            self._own = shifted(self._own, len(new) - (end - start), after=end + grown)
            pieces += (text[at:start], new)
            at = end
        if pieces:
            self._pieces, self._length = [*pieces, text[at:]], 0
        return bool(pieces)

    def written(self) -> Written:
        text = "".join(self._pieces)
        lead = len(text) - len(text.lstrip())
        return Written(
            text=text.strip(),
            own_links=shifted(self._own, -lead) if lead else self._own,
            quote=self._quote,
            quote_of=self._quote_of,
            warnings=tuple(self._warnings()),
        )

    def _warnings(self) -> Iterable[Warn]:
        if self._unresolved:
            yield Warn(code="LINK_UNRESOLVED", detail=" ".join(self._unresolved))
        if self._dead:
            yield Warn(code="LINK_DEAD", detail=" ".join(self._dead))
        if self._unmapped:
            yield Warn(code="MENTION_UNMAPPED", detail=" ".join("@" + name for name in self._unmapped))
        quote = self._post.quote
        if quote and self._quote_of is None and not self._is_own(quote):
            yield Warn(code="QUOTE_FOREIGN", detail=_address(quote, self._post.source) or "")

    def _is_own(self, quote: Reference) -> bool:
        author = self._post.author
        if quote.id and self._context.own(quote.id) is not None:
            return True
        if quote.author_id:
            return quote.author_id == author.id
        return bool(quote.handle and author.handle and quote.handle.lower() == author.handle.lower())

    def _past_own_name(self, text: str, spans: Sequence[Span]) -> int:
        """Answers to oneself began with one's own name before 2017: nobody wrote that for readers."""
        if self._post.kind is not Kind.THREAD or not text or text.lstrip()[:1] not in AT_SIGNS:
            return 0
        author, at = self._post.author, len(text) - len(text.lstrip())
        for span in spans:
            named = span.user_id == author.id or span.target.lower() == (author.handle or "").lower()
            if span.start != at or span.kind is not SpanKind.MENTION or not named:
                break
            if not text[span.end : span.end + 1].isspace():
                break
            at = len(text) - len(text[span.end :].lstrip())
        return at

    def _add(self, piece: str) -> None:
        if not piece:
            return
        if self._last_url:
            if not piece[0].isspace() and _would_grow(self._last_url, piece):
                piece = " " + piece  # else the server's link would take in what follows it
            self._last_url = ""
        self._pieces.append(piece)
        self._length += len(piece)

    def _url(self, url: str, own: StatusRef | None = None) -> None:
        self._add(url)
        self._last_url = url
        if own is not None:
            link = OwnLink(start=self._length - len(url), end=self._length, to=own)
            self._own = (*self._own, link)

    def _link(self, text: str, span: Span) -> None:
        own = self._context.own(span.post_id) if span.post_id else None
        if own is not None and own.post_id != self._post.id:
            if self._is_quoted(text, span):
                self._quote = own
                self._drop(text, span)
            else:
                self._url(without_query(span.target), own)
        elif self._post.truncated and span.post_id in ids_of(self._post):
            self._drop(text, span)  # "read on at ...": of a text whose rest is lost
        elif self._is_quoted(text, span) and self._context.quotable(self._post) is not None:
            self._drop(text, span)
        else:
            self._plain_link(text, span)

    def _is_quoted(self, text: str, span: Span) -> bool:
        """Whether a quote of the server can stand for this link."""
        quoted = span.post_id is not None and span.post_id == self._quoted
        return quoted and self._context.limits.quotes and self._ends(text, span)

    def _plain_link(self, text: str, span: Span) -> None:
        url = span.target
        if "://" not in url or any(map(str.isspace, url)):
            url = text[span.start : span.end]
        url = self._led(url)
        if is_unresolved(url):
            self._unresolved.append(url)
        self._url(without_query(url) if span.post_id else without_tracking(url))

    def _led(self, url: str) -> str:
        """Where a link leads, as far as that was found out."""
        links = self._context.links
        copy = links.copies.get(url) if self._context.options.dead_links == "archive" else None
        if copy is None and url in links.dead:
            self._dead.append(url)
        return copy or links.final.get(url, url)

    def _ends(self, text: str, span: Span) -> bool:
        """Whether nothing is said after this link."""
        at = span.end
        for later in self._post.spans:
            if later.start >= at and later.kind is SpanKind.MEDIA and not text[at : later.start].strip():
                at = later.end
        return not text[at:].strip()

    def _drop(self, text: str, span: Span) -> None:
        """Leaves out a link and the space that set it apart."""
        after = text[span.end : span.end + 1]
        if self._pieces and (not after or after.isspace() or after in _CLOSING):
            last = self._pieces[-1]
            self._pieces[-1] = last.rstrip(" ")
            self._length -= len(last) - len(self._pieces[-1])

    def _mention(self, text: str, span: Span) -> None:
        written = text[span.start + 1 : span.end]
        name = written if written.lower() == span.target.lower() else span.target
        self._name(name, span.user_id, before=text[span.end : span.end + 8])

    def _name(self, name: str, user_id: str | None, *, before: str = "") -> None:
        piece = self._naming(name, user_id)
        if piece.startswith("http"):
            self._url(piece)
            return
        if piece.startswith("@") and _GOES_ON.match(before):
            piece += JOINER  # else the host would take in what follows it
        self._add(piece)

    def _naming(self, name: str, user_id: str | None) -> str:
        """How somebody is named here: by the handle map, else as `options.mentions` wants it."""
        handles, options = self._context.handles, self._context.options
        known = handles.get(user_id) if user_id else None
        known = known or self._by_name(name, user_id)
        if known:
            return ("@" if self._notifies else "@" + JOINER) + known.lstrip("@")
        self._unmapped[name] = None
        if options.mentions == "plain":
            return name
        if options.mentions == "link":
            return f"https://twitter.com/{name}"
        # Where a mention of anybody forbids backdating, even this one must not be read as such.
        return f"@{JOINER if self._context.limits.backdates else ''}{name}@twitter.com"

    def _by_name(self, name: str, user_id: str | None) -> str | None:
        """Names are given to others: whoever is known by number is not meant where another number stands."""
        handles = self._context.handles
        known = handles.get("@" + name.lower())
        if known and user_id and any(key.isdigit() for key, value in handles.items() if value == known):
            return None
        return known

    @property
    def _notifies(self) -> bool:
        context = self._context
        return context.live and context.options.notify and not context.limits.backdates

    def _instead(self, text: str, match: regex.Match[str]) -> tuple[int, int, str] | None:
        """Start, end and what to write there; None when the mention may stand."""
        start, end = match.span()
        host = match[2]
        if host:
            kept = self._notifies and "." in host
            ours = _is_harmless(match, self._context)
            return None if kept or ours else (start, start + 1, "@" + JOINER)
        name = _NAME.match(match[1])
        assert name is not None
        if len(name[0]) > _LONGEST_NAME or _ACCENT.match(text, start + 1 + len(name[0])):
            return start, start + 1, "@" + JOINER
        new, end = self._naming(name[0], None), start + 1 + len(name[0])
        if new.startswith("@") and _GOES_ON.match(text, end):
            new += JOINER
        elif new.startswith("http") and text[end : end + 1].strip() and _would_grow(new, text[end:]):
            new += " "
        return start, end, new


def _would_grow(url: str, following: str) -> bool:
    """Whether the server would see another link than this one if that text followed at once."""
    alone = next(urls(url), None)
    if alone is None or (alone.start, alone.end) != (0, len(url)):
        return False
    joined = next(urls(url + following[:8]), None)
    return joined is None or joined.end != len(url)
