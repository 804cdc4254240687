"""The timeline of an account by X API v2 as a source: every post is read once, for each is billed.

Pages come newest first, and reading may end after any of them. The cursor therefore holds the newest id that
was read, and the *gaps* below it: stretches of ids of which the upper part was read and the lower was not.
Each run first asks for what is newer, then fills the gaps.

A timeline does not tell what was deleted. Where somebody wants to know, posts that are carried are asked
after by their ids, once a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec
from msgspec.structs import replace

from bridge.errors import SourceError, Spent, counted
from bridge.posts import Author, Post, Provenance
from bridge.sources.base import Notice, Page, Reject, Summary, account_of
from bridge.sources.twitter_api.asking import LEAST, MOST, Api, Dialect, StaleTokenError
from bridge.sources.twitter_api.credits import credited
from bridge.sources.twitter_api.deletions import deleted
from bridge.sources.twitter_api.gaps import Gap, Place
from bridge.sources.twitter_api.posting import Known, known_of, to_post
from bridge.sources.twitter_api.wire import Answer, Meta, Tweet
from bridge.sources.twitter_archive import merge as merging
from bridge.sources.twitter_archive.edits import collapse
from bridge.sources.twitter_archive.origin import Unfit
from bridge.sources.twitter_archive.times import id_before

STREAM = ERA = "x-api"

_LAG = timedelta(minutes=1)  # that a post may take to be shown


class Turn(Protocol):
    """Only one process reads a timeline at a time. Raises `Locked`: another one does."""

    def begin(self, cursor: str | None, /) -> str | None:
        """The cursor as it is now."""
        ...

    def renew(self) -> None: ...
    def end(self) -> None: ...


class NoOthers:
    """Implements `Turn` where one process is alone."""

    def begin(self, cursor: str | None, /) -> str | None:
        return cursor

    def renew(self) -> None:
        """Nobody else would take it."""

    def end(self) -> None:
        """Nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Following:
    """Which posts are asked after, and by what purse: news come first."""

    standing: Callable[[], Sequence[str]]
    api: Api


def introduced(who: Author, api: Api) -> Author:
    """With number and name, asked for where one is lacking; raises as `Api.user` does."""
    return who if who.id.isdigit() and who.handle else api.user(who)


class Timeline:
    """Implements `Source`. `after`: the post up to which everything is there already, when this one was never
    read before."""

    stream = STREAM

    def __init__(
        self,
        owner: Author,
        api: Api,
        *,
        now: Callable[[], datetime],
        account: str | None = None,
        after: str | None = None,
        turn: Turn | None = None,
    ) -> None:
        self._owner, self._api, self._now, self._after = owner, api, now, after
        self._turn: Turn = turn or NoOthers()
        self._following: Following | None = None
        self._since: Callable[[], datetime | None] = lambda: None
        self._account = account or account_of(owner)
        self._missing: set[str] = set()

    @property
    def account(self) -> str:
        return self._account

    @property
    def owner(self) -> Author:
        return self._owner

    def summary(self) -> Summary:
        notices: tuple[Notice, ...] = ()
        if self._after is not None:
            message = (
                f"Everything up to post {self._after} came with an archive; only later posts are asked for."
            )
            notices = (Notice(code="AFTER_ARCHIVE", message=message),)
        return Summary(name=self._api.where, owner=self._owner, era=ERA, notices=notices)

    def follow(self, following: Following) -> None:
        """From now on posts that were deleted are asked for as well."""
        self._following = following

    def begin(self, since: Callable[[], datetime | None]) -> None:
        """What was written before is not asked for, and left for who reads it without this."""
        self._since = since

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        """Raises `Spent`, `Busy`, `Barred`, `SourceError`, `NetworkError` or `Locked`; what came before
        stays."""
        cursor = self._turn.begin(cursor)
        try:
            yield from self._pages(cursor)
        finally:
            self._turn.end()

    def _pages(self, cursor: str | None) -> Iterator[Page]:
        place = msgspec.json.decode(cursor, type=Place) if cursor else Place(top=self._after)
        since = self._since()  # may be a day to come
        place, gaps, passed = place.opened(id_before(min(since, self._now() - _LAG)) if since else 0)
        self._missing.clear()
        while gaps:
            gap, *rest = gaps
            page, dialect = self._read(gap, place.dialect)
            tweets = [tweet for tweet in page.data if gap.has(tweet)]
            ids = [int(tweet.id or 0) for tweet in tweets]
            left = gap.below(ids, (page.meta or Meta()).next_token)
            gaps = (left, *rest) if left else tuple(rest)
            top = max([int(place.top or 0), *ids])
            place = replace(place, top=str(top) if top else None, gaps=(*gaps, *passed), dialect=dialect)
            yield self._page(page, tweets, place, last=not gaps)
        if (looked := self._missed(place)) is not None:
            yield looked

    def _missed(self, place: Place) -> Page | None:
        """What was deleted of the posts that are carried; None: it was asked today, or there are none."""
        today = f"{self._now().astimezone(UTC):%Y-%m-%d}"
        if self._following is None or place.looked == today or not (ids := self._following.standing()):
            return None
        notices: tuple[Notice, ...] = ()
        gone: list[str] = []
        try:
            gone += deleted(self._following.api, self._owner, ids)
        except Spent as why:
            notices = (Notice(code="DELETIONS_NOT_ASKED", message=f"Deletions are not looked for: {why}"),)
        except SourceError as why:
            notices = (Notice(code="DELETIONS_NOT_TOLD", message=f"Deletions cannot be told: {why}"),)
        cursor = msgspec.json.encode(replace(place, looked=today)).decode()
        return Page(tombstones=tuple(gone), notices=notices, stream=STREAM, cursor=cursor, gap=place.lacking)

    def merge(self, known: Post, new: Post) -> Post:
        """As archives are."""
        return merging.merge(known, new)

    def close(self) -> None:
        """The fetcher is the caller's."""

    def _read(self, gap: Gap, dialect: Dialect | None) -> tuple[Answer, Dialect | None]:
        """A page, and the dialect once it is known: when what was asked for has come. The first page is
        small, as it may have to be asked for again in the other one."""
        if dialect is not None:
            return self._asked(gap, dialect, MOST), dialect
        for each in Dialect:
            page = self._asked(gap, each, LEAST)
            if not page.data or any(tweet.created_at for tweet in page.data):
                return page, each if page.data else None
        return page, each

    def _asked(self, gap: Gap, dialect: Dialect, wanted: int) -> Answer:
        self._turn.renew()
        asked = {"since_id": gap.since, "until_id": gap.until, "pagination_token": gap.token}
        if gap.token:
            del asked["until_id"]  # the token stands for its place
        try:
            return self._api.posts(self._owner.id, asked, dialect, wanted=wanted)
        except StaleTokenError:
            asked = {"since_id": gap.since, "until_id": gap.until}
            return self._api.posts(self._owner.id, asked, dialect, wanted=wanted)

    def _page(self, page: Answer, tweets: list[Tweet], place: Place, *, last: bool) -> Page:
        known = known_of(credited(page, self._owner))
        posts: list[Post] = []
        rejects: list[Reject] = []
        for tweet in tweets:
            try:
                posts.append(self._post(tweet, known))
            except Unfit as why:
                where = f"{self._api.where}, post {tweet.id}"
                rejects.append(
                    Reject(place=where, reason=str(why), excerpt=tweet.text or "", record=tweet.id)
                )
        self._missing.update(each.resource_id for each in page.errors if each.resource_id)
        return Page(
            posts=tuple(posts),
            rejects=tuple(rejects),
            notices=self._notices() if last else (),
            stream=STREAM,
            cursor=msgspec.json.encode(place).decode(),
            gap=place.lacking,
        )

    def _post(self, tweet: Tweet, known: Known) -> Post:
        if (tweet.author_id or self._owner.id) != self._owner.id:
            raise Unfit("it is by somebody else")
        post = replace(to_post(tweet, known, self._stamp), source=self._account)
        return collapse([post]) if post.edit_ids else post

    def _stamp(self, rank: int) -> tuple[Provenance, ...]:
        where = self._api.where
        return (Provenance(archive=where, era=ERA, member="", rank=rank, generated_at=self._now()),)

    def _notices(self) -> tuple[Notice, ...]:
        if not self._missing:
            return ()
        lacking = counted(len(self._missing), "thing")
        message = f"{self._api.where} does not show {lacking} that posts refer to: deleted or protected."
        return (Notice(code="REFERENCES_MISSING", message=message),)
