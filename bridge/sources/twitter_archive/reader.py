"""Reads one archive from beginning to end: posts, rejects, tombstones, and what there is to say about it.

Memory does not grow with the number of tweets: only edited posts, duplicates, notes' numbers and the ids of
the small files are held.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import msgspec
from msgspec.structs import replace

from bridge.errors import BridgeError, counted
from bridge.posts import Audience, Kind, Post
from bridge.sources.base import Notice, Reject
from bridge.sources.twitter_archive import grailbird, table, ytd
from bridge.sources.twitter_archive.edits import Edits
from bridge.sources.twitter_archive.export import Export
from bridge.sources.twitter_archive.layout import Role
from bridge.sources.twitter_archive.merge import merge
from bridge.sources.twitter_archive.notes import Notes, with_note
from bridge.sources.twitter_archive.origin import Origin, Unfit
from bridge.sources.twitter_archive.posting import is_stray
from bridge.sources.twitter_archive.script import Script, Unreadable
from bridge.sources.twitter_archive.wire import IDS, MONTHS, NOTES, RECORDS, Record, Tweet

ToPost = Callable[[Tweet, Origin], Post]

_CHUNK = 1 << 18
_HEADER = re.compile(rb'"tweet_id"\s*:\s*"(\d{1,19})"')
_LONGEST_HEADER = 64  #: bytes; a match that the end of a chunk cuts in two is shorter

_APART = (
    (Role.DELETED, Audience.DELETED),
    (Role.CIRCLE, Audience.CIRCLE),
    (Role.COMMUNITY, Audience.COMMUNITY),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstones:
    """Ids that their author deleted."""

    ids: tuple[str, ...]


Item = Post | Reject | Notice | Tombstones


def read_export(export: Export, origin: Origin) -> Iterator[Item]:
    """Everything in one archive, each post once (but for a tweet that its owner wrote into two files)."""
    if export.layout.family == "Y":
        yield from YReader(export, origin).items()
    else:
        yield from GReader(export, origin).items()


def own_ids(export: Export) -> Iterator[int]:
    """The ids of all tweets, by a quick look."""
    headers = export.of(Role.HEADERS)
    tweets = (*export.of(Role.TWEETS), *export.of(Role.MONTH))
    if headers and all(export.counts.get(name) for name in headers):
        tweets = ()
        for member in headers:
            with export.container.open(member) as stream:
                yield from _header_ids(stream)
    for member in (*tweets, *export.of(Role.COMMUNITY), *export.of(Role.CIRCLE), *export.of(Role.DELETED)):
        with export.container.open(member) as stream:
            for item in Script(stream, IDS):
                if isinstance(item, Unreadable):
                    continue
                record = item.tweet or item
                number = record.id_str or record.tweet_id
                if number and number.isascii() and number.isdigit() and len(number) < 20:
                    yield int(number)


def _header_ids(stream: BinaryIO) -> Iterator[int]:
    """Headers hold three short fields and no text, so that a look at the bytes is enough."""
    kept = b""
    while chunk := stream.read(_CHUNK):
        kept += chunk
        end = 0
        for found in _HEADER.finditer(kept):
            yield int(found[1])
            end = found.end()
        kept = kept[max(end, len(kept) - _LONGEST_HEADER) :]


class _Reader:
    """What both families share: a file's items as posts, and checking that none is lacking."""

    to_post: ToPost
    records: msgspec.json.Decoder[Record]

    def __init__(self, export: Export, origin: Origin) -> None:
        self._export, self._origin = export, origin
        self._strays: list[Post] = []

    def _posts(self, member: str, audience: Audience = Audience.PUBLIC) -> Iterator[Post | Reject | Notice]:
        origin, to_post = self._origin.at(member, audience), type(self).to_post
        with self._export.container.open(member) as stream:
            script = Script(stream, self.records)
            for item in script:
                if isinstance(item, Unreadable):
                    yield self._reject(member, script.count, item.reason, excerpt=item.excerpt)
                    continue
                tweet = item.tweet or item
                try:
                    post = to_post(tweet, origin)
                except Unfit as why:
                    yield self._reject(member, script.count, str(why), record=tweet.id_str)
                except BridgeError:
                    raise
                except Exception as why:  # one record must never stop the other hundred thousand
                    reason = f"it could not be understood ({type(why).__name__}: {why})"
                    yield self._reject(member, script.count, reason, record=tweet.id_str)
                else:
                    yield post
        yield from self._checked(member, script)

    def _reject(
        self, member: str, item: int, reason: str, *, excerpt: str = "", record: str | None = None
    ) -> Reject:
        place = f"{self._export.place(member)}, item {item}"
        return Reject(place=place, reason=reason, excerpt=excerpt, record=record)

    def _checked(self, member: str, script: Script[Any]) -> Iterator[Notice]:
        place, whole = self._export.place(member), script.whole
        wanted = self._export.counts.get(member, 0)
        if script.cut:
            yield Notice(
                code="FILE_CUT",
                message=f"{place} is cut short, after {counted(whole, 'whole entry', 'whole entries')}.",
                hint="Download the archive again; what was readable is used.",
            )
        if whole < wanted:
            yield Notice(
                code="ARCHIVE_SHORTFALL",
                message=f"{place} should hold {counted(wanted, 'entry', 'entries')}; found: {whole:,}.",
                hint="Download the archive again, or add another archive of the same account.",
            )
        if script.repaired:
            yield Notice(
                code="TEXT_REPAIRED",
                message=f"{place}: {counted(script.repaired, 'post')} with broken characters or fields,"
                " which were replaced or left out.",
            )

    def _settled_strays(self) -> Iterator[Post]:
        """Answers that do not say to whom: to oneself, if their parent is one's own."""
        if not self._strays:
            return
        parents = {int(post.reply_to.id) for post in self._strays if post.reply_to and post.reply_to.id}
        own = parents.intersection(number for number in own_ids(self._export) if number in parents)
        for post in self._strays:
            mine = post.reply_to is not None and int(post.reply_to.id or 0) in own
            yield replace(post, kind=Kind.THREAD) if mine else post
        self._strays.clear()


class YReader(_Reader):
    to_post = staticmethod(ytd.to_post)
    records = RECORDS

    def __init__(self, export: Export, origin: Origin) -> None:
        super().__init__(export, origin)
        self._edits = Edits()
        self._notes = Notes()
        self._apart: set[str] = set()  #: ids of the small files: they may be in the large one as well

    def items(self) -> Iterator[Item]:
        try:
            yield from self._prepare_notes()
            yield from self._small_files()
            for member in self._export.of(Role.TWEETS):
                yield from self._finished(self._posts(member))
            yield from self._edits.rest()
            yield from self._settled_strays()
            yield from self._conclusion()
        finally:
            self._notes.close()

    def _small_files(self) -> Iterator[Item]:
        for role, audience in _APART:
            for member in self._export.of(role):
                gone: list[str] = []
                for item in self._finished(self._posts(member, audience)):
                    if isinstance(item, Post):
                        self._apart.update(item.edit_ids or (item.id,))
                        gone += (item.edit_ids or (item.id,)) if role is Role.DELETED else ()
                    yield item
                yield Tombstones(ids=tuple(gone))
        for member in self._export.of(Role.DELETED_HEADERS):
            with self._export.container.open(member) as stream:
                for header in Script(stream, IDS):
                    record = None if isinstance(header, Unreadable) else header.tweet or header
                    if record and record.tweet_id:
                        yield Tombstones(ids=(record.tweet_id,))

    def _finished(self, items: Iterator[Post | Reject | Notice]) -> Iterator[Post | Reject | Notice]:
        notes, apart = len(self._notes), self._apart
        for item in items:
            if not isinstance(item, Post):
                yield item
                continue
            post: Post | None = item
            if item.audience is Audience.PUBLIC and item.id in apart:
                continue
            if notes:
                post = self._with_note(item)
            if item.edit_ids:
                post = self._edits.add(post or item)
            if post is None:
                continue
            if post.kind is Kind.REPLY and is_stray(post):
                self._strays.append(post)
            else:
                yield post

    def _with_note(self, post: Post) -> Post:
        core = self._notes.core_for(int(post.id))
        joined = with_note(post, core) if core else None
        if joined is not None:
            self._notes.joined += 1
        return joined or post

    def _prepare_notes(self) -> Iterator[Item]:
        for member in self._export.of(Role.NOTES):
            with self._export.container.open(member) as stream:
                script = Script(stream, NOTES)
                for item in script:
                    if isinstance(item, Unreadable):
                        yield self._reject(member, script.count, item.reason, excerpt=item.excerpt)
                    elif item.note_tweet is None or not self._notes.add(item.note_tweet):
                        yield self._reject(member, script.count, "it is no note that can be read")
                yield from self._checked(member, script)
        self._notes.ready()
        if len(self._notes):
            self._notes.see_all(own_ids(self._export))

    def _conclusion(self) -> Iterator[Item]:
        for member in self._export.absent:
            yield Notice(
                code="ARCHIVE_SHORTFALL",
                message=f"{self._export.place(member)} is missing: by the manifest it holds"
                f" {counted(self._export.counts.get(member, 0), 'entry', 'entries')}.",
                hint="Download the archive again, or add the part of it that has this file.",
            )
        yield from self._articles()
        alone = len(self._notes) - self._notes.joined
        if alone > 0:
            yield Notice(
                code="NOTE_UNMATCHED",
                message=f"{self._export.name}: {counted(alone, 'long text')} without a post to go with;"
                " what they belong to is carried as short as the archive has it.",
            )

    def _articles(self) -> Iterator[Item]:
        """Counted only: nobody has shown a file that has any, so how their text is laid out is not known."""
        counts = [
            (self._count(member), member)
            for role in (Role.ARTICLES, Role.ARTICLE_METADATA)
            for member in self._export.of(role)
        ]
        count, member = max(counts, default=(0, ""))
        if count:
            yield Notice(
                code="ARTICLES_LEFT",
                message=f"{self._export.place(member)}: {counted(count, 'long article')} of X left out;"
                " what announced it is carried, with its link to the article on X.",
                hint="Keep the archive, which has their text; publish it where it can stay, and link to it.",
            )

    def _count(self, member: str) -> int:
        with self._export.container.open(member) as stream:
            return sum(1 for _ in Script(stream, IDS))


class GReader(_Reader):
    to_post = staticmethod(grailbird.to_post)
    records = MONTHS

    def items(self) -> Iterator[Item]:
        ids = array("Q", sorted(own_ids(self._export)))
        twice = {str(ids[at]) for at in range(1, len(ids)) if ids[at] == ids[at - 1]}
        held: dict[str, Post] = {}
        for member in self._export.of(Role.MONTH):
            for item in self._posts(member):
                if not isinstance(item, Post):
                    yield item
                elif item.id in twice:
                    held[item.id] = merge(held[item.id], item) if item.id in held else item
                elif item.kind is Kind.REPLY and is_stray(item):
                    self._strays.append(item)
                else:
                    yield item
        yield from held.values()
        for member in self._export.of(Role.TABLE):
            yield from self._rows(member, ids)
        yield from self._settled_strays()

    def _rows(self, member: str, known: array[int]) -> Iterator[Item]:
        """What only the tables have."""
        origin = self._origin.at(member)
        used = 0
        with self._export.container.open(member) as stream:
            for count, row in enumerate(table.rows(stream), start=1):
                number = row.get("tweet_id", "")
                if number.isascii() and number.isdigit() and _has(known, int(number)):
                    continue
                try:
                    post = table.to_post(row, origin)
                except Unfit as why:
                    yield self._reject(member, count, str(why), record=number or None)
                    continue
                used += 1
                yield post
        if used:
            yield Notice(
                code="TABLE_USED",
                message=f"{self._export.place(member)}: {counted(used, 'post is', 'posts are')} nowhere else;"
                " the text comes from the table, without link targets"
                + (", and letters beyond ASCII are question marks." if "csv/" in member else "."),
            )


def _has(numbers: array[int], number: int) -> bool:
    if number >= 1 << 64:
        return False
    at = bisect_left(numbers, number)
    return at < len(numbers) and numbers[at] == number
