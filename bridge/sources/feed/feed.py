"""The feeds of one account as a source: the first that answers well is taken, the others are its fall-backs.

A feed that lies changes nothing: a web page, an error, an empty list, somebody else's posts. What a feed no
longer shows is not deleted: it shows the newest few.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec.structs import replace

from bridge.errors import Busy, NetworkError, SourceError
from bridge.posts import Author, Post
from bridge.sources.base import Notice, Page, Reject, Summary, account_of
from bridge.sources.feed.document import Document, Item, read_document, validators
from bridge.sources.feed.items import ERA, Place, author_in, to_post
from bridge.sources.twitter_archive import merge as merging
from bridge.sources.twitter_archive.origin import Unfit
from bridge.sources.web import Reply, Web, place

STREAM = "feed"

_IN_PATH = re.compile(
    r"/(?:twitter/user/)?(?P<user>[A-Za-z0-9_]{1,20})(?:/(?:with_replies|media))?(?:/rss)?/?\Z"
)
_NO_USER = frozenset({"rss", "feed", "feeds", "search"})
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_Seen = dict[str, dict[str, str]]  # by address: the headers of the next question


def open_feed(
    urls: Sequence[str], web: Web, *, now: Callable[[], datetime], account: str | None = None
) -> Feed:
    """Whose feed it is: as `account` (a handle) says, else the address, else its posts, for which it is read.

    Raises `SourceError` or `NetworkError` when nothing tells.
    """
    handle = (account or next(filter(None, map(_user_in, urls)), None) or "").lstrip("@")
    feed = Feed(urls, web, owner=Author(id=f"@{handle.lower()}", handle=handle), now=now)
    return feed if handle else feed.introduced()


class Feed:
    """Implements `Source`."""

    stream = STREAM

    def __init__(
        self,
        urls: Sequence[str],
        web: Web,
        *,
        owner: Author,
        now: Callable[[], datetime],
        account: str | None = None,
    ) -> None:
        self._urls, self._web, self._owner, self._now = tuple(urls), web, owner, now
        self._account = account or account_of(owner)
        self._fetched: dict[str, Reply] = {}

    @property
    def account(self) -> str:
        return self._account

    @property
    def owner(self) -> Author:
        return self._owner

    def under(self, account: str, owner: Author) -> Feed:
        """The same, for an account that is known under another name, or better."""
        feed = Feed(self._urls, self._web, owner=owner, now=self._now, account=account)
        feed._fetched = self._fetched
        return feed

    def introduced(self) -> Feed:
        """With the owner that its posts name."""
        problems: list[str] = []
        for url in self._urls:
            try:
                reply = self._ask(url, {})
                names = Counter(filter(None, map(author_in, read_document(reply).items)))
            except (SourceError, NetworkError) as problem:
                problems.append(problem.message)
                continue
            if names:
                self._fetched[url] = reply
                handle = names.most_common(1)[0][0]
                return self.under(
                    f"twitter:@{handle.lower()}", Author(id=f"@{handle.lower()}", handle=handle)
                )
        raise SourceError(
            " ".join(problems) or f"Nothing in {place(self._urls[0])} tells whose it is.",
            hint='Say it: `account = "@name"` in its [sources.NAME].',
        )

    def summary(self) -> Summary:
        name = ", ".join(place(url) for url in self._urls)
        return Summary(name=name, owner=self._owner, era=ERA, parts=len(self._urls))

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        """One page, by the first feed that is well; `NetworkError` or `SourceError` when none is."""
        seen = _seen(cursor)
        notices: list[Notice] = []
        problem: SourceError | NetworkError | None = None
        for url in self._urls:
            try:
                page = self._page(url, seen)
            except (SourceError, NetworkError) as error:
                problem = _worse(problem, error)
                notices.append(Notice(code="FEED_FAILED", message=error.message))
                continue
            yield dataclasses.replace(page, notices=tuple(notices))
            return
        if problem is not None:
            raise problem

    def merge(self, known: Post, new: Post) -> Post:
        """A feed may correct its own words only: another front end writes the same post a little otherwise,
        which is no edit, and files know better."""
        mine = all(
            stamp.era == ERA and stamp.archive == new.provenance[0].archive for stamp in known.provenance
        )
        if not mine or (known.text and not new.text):
            return known
        newest = replace(new, provenance=known.provenance)
        return replace(
            newest,
            media=merging.merge_media(newest.media, known.media),
            reply_to=known.reply_to if known.reply_to and known.reply_to.id else new.reply_to,
        )

    def close(self) -> None:
        """The fetcher is the caller's."""

    def _page(self, url: str, seen: _Seen) -> Page:
        reply = self._fetched.pop(url, None) or self._ask(url, seen.get(url, {}))
        if reply.status == 304:
            return Page(stream=STREAM, cursor=_encoded(seen))
        document = read_document(reply)
        self._check(document, url)
        posts: dict[str, Post] = {}
        rejects: list[Reject] = []
        spot = Place(owner=self._owner, url=url, now=self._now())
        for number, item in enumerate(document.items, 1):
            try:
                post = to_post(item, spot)
            except Unfit as why:
                where = f"{place(url)}, item {item.guid or item.link or number}"
                rejects.append(Reject(place=where, reason=str(why), excerpt=item.title))
            else:
                posts.setdefault(post.id, replace(post, source=self._account))
        kept = {**seen, url: dict(validators(reply))}
        return Page(posts=tuple(posts.values()), rejects=tuple(rejects), stream=STREAM, cursor=_encoded(kept))

    def _ask(self, url: str, conditions: Mapping[str, str]) -> Reply:
        accept = "application/rss+xml, application/atom+xml, application/feed+json, */*;q=0.5"
        reply = self._web.get(url, headers={"Accept": accept, **conditions})
        where = place(url)
        if reply.status in _LATER:
            until = _retry_after(reply, self._now())
            raise Busy(f"{where} answered {reply.status}: not now.", until=until)
        if reply.status == 304 or 200 <= reply.status < 300:
            return reply
        gone = " The account may be gone, suspended or protected." if reply.status in (403, 404, 410) else ""
        raise SourceError(f"{where} answered {reply.status}.{gone}", hint="Try the feed in a browser.")

    def _check(self, document: Document, url: str) -> None:
        """Whether it is what it was: an instance that is not well shows nothing, or somebody else."""
        if not document.items:
            raise SourceError(f"{place(url)} is empty; nothing is taken from it.")
        own = (self._owner.handle or "").lower()
        named = Counter(filter(None, map(author_in, document.items)))
        if own and named and not any(_is_of(item, own) for item in document.items):
            other = named.most_common(1)[0][0]
            raise SourceError(
                f"{place(url)} shows posts of @{other}, not of @{own}; nothing is taken from it."
            )


def _is_of(item: Item, own: str) -> bool:
    by = author_in(item)
    return (by or "").lower() == own or item.title.lower().startswith(f"rt by @{own}: ")


def _user_in(url: str) -> str | None:
    """Of the addresses that Nitter, RSSHub and RSS-Bridge have for the feed of an account."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    if asked.get("bridge") and asked.get("u"):
        return asked["u"][0]
    found = _IN_PATH.search(parts.path)
    if found is None or found["user"].lower() in _NO_USER or not _is_front_end(parts.path):
        return None
    return found["user"]


def _is_front_end(path: str) -> bool:
    return path.rstrip("/").endswith("/rss") or "/twitter/user/" in path


def _seen(cursor: str | None) -> _Seen:
    return msgspec.json.decode(cursor, type=_Seen) if cursor else {}


def _encoded(seen: _Seen) -> str:
    return msgspec.json.encode(seen).decode()


def _retry_after(reply: Reply, now: datetime) -> datetime | None:
    """Seconds, or a date."""
    said = reply.headers.get("retry-after", "").strip()
    if said.isdigit():
        return now + timedelta(seconds=min(int(said), 86_400))
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    return until if until.tzinfo else until.replace(tzinfo=UTC)


def _worse(
    one: SourceError | NetworkError | None, other: SourceError | NetworkError
) -> SourceError | NetworkError:
    """Of several failures the one that may pass: then the source is asked again."""
    return one if isinstance(one, NetworkError) else other
