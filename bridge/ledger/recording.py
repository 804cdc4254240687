"""How posts enter the ledger, inside a transaction of the caller's. Every import runs through here.

A post whose document is the one that was last read is passed over at the price of a hash. Else what is known
and what is new are merged, and the digest of the result decides whether the post has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from msgspec.structs import replace

from bridge.ledger import documents
from bridge.ledger.database import BATCH, Database, Values, batches
from bridge.ledger.rows import Recorded
from bridge.ledger.tables import aliases, cursors, media, posts, rejects, sources, streams, tombstones
from bridge.posts import Media, Post, digest, ids_of
from bridge.sources.base import Extent, Page, Reject, was_deleted_by

Merge = Callable[[Post, Post], Post]

_EXCERPT = 500  # characters of a reject that are kept
_COLUMNS = (
    "id", "source", "source_id", "kind", "audience", "created_at", "reply_to", "document", "seen",
)  # fmt: skip
_MEDIA = ("post_id", "position", "type", "url", "member", "width", "height", "duration_ms", "alt")
_KNOWN = (posts.c.id, posts.c.source_id, posts.c.seen)


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    source_id: str
    seen: str


class _Entry(NamedTuple):
    """A post to be written: as it was read (`seen`), and as it will stand."""

    id: int
    post: Post
    document: str
    seen: str


class Recording:
    def __init__(self, database: Database, connection: sa.Connection, *, source: str, now: datetime) -> None:
        self._database = database
        self._connection = connection
        self._source = source
        self._now = now
        self._revised = False
        self._newest: datetime | None = None
        self._live = False  #: what is read is what the source shows at this moment
        self._lacked = 0

    def page(self, page: Page, *, run: int | None, merge: Merge) -> Recorded:
        self._database.upsert(self._connection, sources, [{"account": self._source}], update=False)
        recorded = Recorded(rejected=len(page.rejects))
        self._newest, self._live = page.newest, page.stream is not None
        for wave in _waves(page.posts):
            recorded += self._posts(wave, merge)
        self.bury(page.tombstones)
        if page.whole is not None:
            self._lacked += self._mark_gone(set(self._lacking(page.whole)))
        self._rejects(page.rejects, run)
        self._keep_cursor(page)
        return recorded + Recorded(gone=self._lacked)

    def _keep_cursor(self, page: Page) -> None:
        cursor: dict[str, object] = {"source": self._source, "cursor": page.cursor}
        if page.stream is None:
            self._database.upsert(self._connection, cursors, [{**cursor, "at": self._now}])
        else:
            gap = page.gap
            edges = {"gap_from": gap and gap.since, "gap_until": gap and gap.until}
            self._revised = self._revised or (gap is None and self._had_gap(page.stream))
            self._database.upsert(self._connection, streams, [{**cursor, "name": page.stream, **edges}])

    def _had_gap(self, stream: str) -> bool:
        """What stands above it waits, and is to be planned once it is closed."""
        named = (streams.c.source == self._source, streams.c.name == stream)
        statement = sa.select(sa.exists().where(*named, streams.c.gap_until.is_not(None)))
        return bool(self._connection.scalar(statement))

    def bury(self, ids: Collection[str]) -> int:
        """Posts that their author deleted: those that are known, and those that may yet come."""
        if not ids:
            return 0
        stones: list[dict[str, object]] = [
            {"source": self._source, "source_id": id_, "at": self._now} for id_ in dict.fromkeys(ids)
        ]
        self._database.upsert(self._connection, tombstones, stones, update=False)
        rows = {known.id for known in self._known(ids).values()}
        return self._mark_gone(rows)

    def finish(self) -> None:
        """Say that the source is not what it was, if so."""
        if self._revised:
            grown = sa.update(sources).values(revision=sources.c.revision + 1)
            self._connection.execute(grown.where(sources.c.account == self._source))

    def _posts(self, wave: Sequence[Post], merge: Merge) -> Recorded:
        known = self._known([id_ for post in wave for id_ in ids_of(post)])
        fresh: list[tuple[Post, str, str]] = []
        differing: list[tuple[Post, str, list[_Known]]] = []
        for post in wave:
            document, seen = documents.encode_seen(post)
            rows = _rows_of(post, known) if known else []
            if not rows:
                fresh.append(self._dated(post, document, seen))
            elif len(rows) > 1 or rows[0].seen != seen:
                differing.append((post, seen, rows))
        self._insert(fresh)
        changed = self._merge(differing, merge)
        return Recorded(new=len(fresh), changed=changed, unchanged=len(wave) - len(fresh) - changed)

    def _dated(self, post: Post, document: str, seen: str) -> tuple[Post, str, str]:
        """With when it was seen for the first time, for an archive made later may lack it: then it is gone.
        Not so what was passed on: some front ends show it under the number of the original."""
        if not self._live or post.retweet_of or all(stamp.generated_at for stamp in post.provenance):
            return post, document, seen
        stamps = (
            stamp if stamp.generated_at else replace(stamp, generated_at=self._now)
            for stamp in post.provenance
        )
        dated = replace(post, provenance=tuple(stamps))
        return dated, documents.encode(dated), seen

    def _known(self, ids: Collection[str]) -> dict[str, _Known]:
        """What is recorded under those ids, the former ids of edited posts included."""
        found: dict[str, _Known] = {}
        chained = self._has(aliases)
        for some in batches(ids):
            plain = sa.select(posts.c.source_id, *_KNOWN).where(posts.c.source == self._source)
            for id_, *row in self._connection.execute(
                plain.where(self._database.among(posts.c.source_id, some))
            ):
                found[id_] = _Known(*row)
            if chained:
                older = sa.select(aliases.c.alias_id, *_KNOWN).join(posts, posts.c.id == aliases.c.post_id)
                older = older.where(
                    aliases.c.source == self._source, self._database.among(aliases.c.alias_id, some)
                )
                found.update((id_, _Known(*row)) for id_, *row in self._connection.execute(older))
        return found

    def _insert(self, fresh: Sequence[tuple[Post, str, str]]) -> None:
        if not fresh:
            return
        self._revised = True
        ids = self._database.reserve(self._connection, posts, len(fresh))
        entries = [_Entry(id_, *row) for id_, row in zip(ids, fresh, strict=True)]
        now = self._database.instant(self._now)
        rows = [(*self._values(entry), now, now) for entry in entries]
        self._database.insert(self._connection, posts, (*_COLUMNS, "first_seen_at", "changed_at"), rows)
        self._attach(entries)
        self._mark_gone(self._buried(entries))
        if (made := self._newest) is not None:  # a newer archive did not have them
            deleted = {entry.id for entry in entries if was_deleted_by(entry.post, made)}
            self._lacked += self._mark_gone(deleted)

    def _merge(self, differing: Sequence[tuple[Post, str, list[_Known]]], merge: Merge) -> int:
        standing = self._documents([row.id for _, _, rows in differing for row in rows])
        changed: list[_Entry] = []
        refreshed: list[_Entry] = []
        for post, seen, (row, *others) in differing:
            merged = post
            versions = [documents.decode_post(standing[known.id]) for known in (row, *others)]
            for version in versions:
                merged = merge(version, merged)
            merged = _relocated(merged, post)
            document = documents.encode(merged)
            entry = _Entry(row.id, merged, document, seen)
            if others or digest(merged) != digest(versions[0]):
                changed.append(entry)
            elif document != standing[row.id]:
                refreshed.append(entry)
            self._mark_gone({other.id for other in others})
        self._update([*changed, *refreshed])
        self._date({entry.id for entry in changed})
        return len(changed)

    def _update(self, entries: Sequence[_Entry]) -> None:
        if not entries:
            return
        self._revised = True
        rows = [(*self._values(entry), entry.id) for entry in entries]
        self._database.update(self._connection, posts, _COLUMNS, rows)
        of_these = self._database.among(media.c.post_id, [entry.id for entry in entries])
        self._connection.execute(sa.delete(media).where(of_these))
        self._attach(entries)

    def _date(self, rows: Collection[int]) -> None:
        statement = sa.update(posts).where(self._database.among(posts.c.id, list(rows)))
        if rows:
            self._connection.execute(statement.values(changed_at=self._now))

    def _attach(self, entries: Sequence[_Entry]) -> None:
        """The rows that hang on a post: its media, and its other ids."""
        attached = [
            _media(entry.id, at, medium)
            for entry in entries
            if entry.post.media
            for at, medium in enumerate(entry.post.media)
        ]
        self._database.insert(self._connection, media, _MEDIA, attached)
        names = [
            {"source": self._source, "alias_id": id_, "post_id": entry.id}
            for entry in entries
            for id_ in entry.post.edit_ids
        ]
        self._database.upsert(self._connection, aliases, names)

    def _buried(self, entries: Sequence[_Entry]) -> set[int]:
        if not self._has(tombstones):
            return set()
        rows = {id_: entry.id for entry in entries for id_ in ids_of(entry.post)}
        found: set[int] = set()
        for some in batches(rows):
            stones = sa.select(tombstones.c.source_id).where(
                tombstones.c.source == self._source, self._database.among(tombstones.c.source_id, some)
            )
            found.update(rows[id_] for id_ in self._connection.scalars(stones))
        return found

    def _mark_gone(self, rows: Collection[int]) -> int:
        if not rows:
            return 0
        statement = sa.update(posts).where(
            posts.c.gone_at.is_(None), self._database.among(posts.c.id, list(rows))
        )
        count = self._connection.execute(statement.values(gone_at=self._now, changed_at=self._now)).rowcount
        self._revised = self._revised or count > 0
        return count

    def _lacking(self, whole: Extent) -> Iterator[int]:
        """The rows of posts that were recorded before and that this copy of the account lacks."""
        last, size = 0, BATCH
        wanted = sa.select(posts.c.id, posts.c.source_id).where(
            posts.c.source == self._source, posts.c.gone_at.is_(None), posts.c.created_at < whole.made
        )
        while size == BATCH:
            step = wanted.where(posts.c.id > last).order_by(posts.c.id).limit(BATCH)
            rows = self._connection.execute(step).all()
            absent = [row.id for row in rows if not whole.has(row.source_id)]
            for id_, document in self._documents(absent).items():
                if whole.lacks(documents.decode_post(document)):
                    yield id_
            last, size = (rows[-1].id if rows else 0), len(rows)

    def _documents(self, ids: Collection[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for some in batches(ids):
            rows = self._connection.execute(
                sa.select(posts.c.id, posts.c.document).where(self._database.among(posts.c.id, some))
            )
            found.update((row.id, row.document) for row in rows)
        return found

    def _has(self, table: sa.Table) -> bool:
        """Most sources have neither edited nor deleted posts: one look saves a look for each post."""
        return bool(self._connection.scalar(sa.select(sa.exists().where(table.c.source == self._source))))

    def _rejects(self, rejected: Sequence[Reject], run: int | None) -> None:
        rows: dict[str, dict[str, object]] = {
            reject.place: {
                "source": self._source,
                "place": reject.place,
                "reason": reject.reason,
                "excerpt": reject.excerpt[:_EXCERPT].replace("\0", ""),
                "record": reject.record,
                "run": run,
            }
            for reject in rejected
        }
        self._database.upsert(self._connection, rejects, list(rows.values()))

    def _values(self, entry: _Entry) -> Values:
        """For `_COLUMNS`, in their order."""
        post = entry.post
        return (
            entry.id,
            self._source,
            post.id,
            str(post.kind),
            str(post.audience),
            self._database.instant(post.created_at),
            post.reply_to.id if post.reply_to else None,
            entry.document,
            entry.seen,
        )


def _waves(page: Sequence[Post]) -> Iterator[list[Post]]:
    """The posts in portions in which no id occurs twice; nearly always one."""
    rest = list(page)
    every = [id_ for post in rest for id_ in ids_of(post)]
    if rest and len(set(every)) == len(every):
        yield rest
        return
    while rest:
        wave: list[Post] = []
        later: list[Post] = []
        taken: set[str] = set()
        for post in rest:
            ids = ids_of(post)
            (later if any(id_ in taken for id_ in ids) else wave).append(post)
            taken.update(ids)
        yield wave
        rest = later


def _rows_of(post: Post, known: Mapping[str, _Known]) -> list[_Known]:
    """More than one where an edit joins what were two posts: first the one that goes on under the id."""
    rows = {row.id: row for id_ in ids_of(post) if (row := known.get(id_)) is not None}
    return sorted(rows.values(), key=lambda row: row.source_id != post.id)


def _relocated(merged: Post, new: Post) -> Post:
    """Files where they were seen last: an archive may have been moved since it was read before."""
    places = {medium.file: medium for medium in new.media if medium.file is not None}
    moved = tuple(
        replace(medium, container=place.container)
        if medium.file is not None and (place := places.get(medium.file)) is not None
        else medium
        for medium in merged.media
    )
    return merged if moved == merged.media else replace(merged, media=moved)


def _media(post_id: int, position: int, medium: Media) -> Values:
    """For `_MEDIA`, in its order."""
    m = medium
    return post_id, position, str(m.type), m.url, m.file, m.width, m.height, m.duration_ms, m.alt
