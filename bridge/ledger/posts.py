"""The posts of every source: written page by page, read in batches, never all at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from bridge.errors import LedgerError
from bridge.ledger import documents
from bridge.ledger.database import BATCH, Row, Select, Store, batches
from bridge.ledger.descriptions import approved, described
from bridge.ledger.recording import Recording
from bridge.ledger.rows import Counts, Recorded, SourceRow
from bridge.ledger.tables import aliases, cursors, media, posts, publications, rejects, sources, streams
from bridge.posts import Audience, Author, Kind, Post
from bridge.publications import State
from bridge.selection import Header
from bridge.sources.base import Page, Reject, Summary

_HEADERS = 5000
_KINDS = {each.value: each for each in Kind}
_AUDIENCES = {each.value: each for each in Audience}
_STATUS_URL = re.compile(r"([^/]*)/status(?:es)?/(\d+)")
_OURS = posts.c.source == sa.bindparam("source")

# Built once: a thousand mirrors ask these all day.
_REVISION = sa.select(sources.c.revision).where(sources.c.account == sa.bindparam("source"))
_CURSOR = sa.select(streams.c.cursor).where(
    streams.c.source == sa.bindparam("source"), streams.c.name == sa.bindparam("name")
)
_NEWEST = sa.select(posts.c.created_at).where(_OURS).order_by(posts.c.created_at.desc()).limit(1)


class Posts(Store):
    def record(
        self, page: Page, *, source: str, run: int | None, now: datetime, merge: Callable[[Post, Post], Post]
    ) -> Recorded:
        """One page in one transaction, with its rejects, tombstones and cursor."""
        with self._database.write() as connection:
            recording = Recording(self._database, connection, source=source, now=now)
            recorded = recording.page(page, run=run, merge=merge)
            recording.finish()
            return recorded

    def tombstone(self, source: str, ids: Collection[str], *, now: datetime) -> int:
        """Mark as deleted by their author; says how many of them were posts not marked before."""
        with self._database.write() as connection:
            recording = Recording(self._database, connection, source=source, now=now)
            count = recording.bury(ids)
            recording.finish()
            return count

    def save_summary(self, source: str, summary: Summary, *, now: datetime) -> None:
        row = {
            "account": source,
            "owner": documents.encode(summary.owner),
            "name": summary.name,
            "era": summary.era,
            "parts": summary.parts,
            "notices": documents.encode(summary.notices),
            "imported_at": now,
        }
        with self._database.write() as connection:
            self._database.upsert(connection, sources, [row])

    def introduce(self, source: str, owner: Author) -> None:
        """Whose account the source is, before anything of it was read; what is known of it stays."""
        with self._database.write() as connection:
            row: dict[str, object] = {"account": source, "owner": documents.encode(owner)}
            self._database.upsert(connection, sources, [row], update=False)

    def save_language(self, source: str, language: str | None) -> None:
        """The language that most of the source's own posts are in."""
        other = sources.c.language.is_distinct_from(language)
        with self._database.write() as connection:
            connection.execute(
                sa.update(sources).where(sources.c.account == source, other).values(language=language)
            )

    def language(self, source: str) -> str | None:
        with self._database.read() as connection:
            return connection.scalar(sa.select(sources.c.language).where(sources.c.account == source))

    def headers(self, source: str) -> Iterator[Header]:
        """Every post of the source, in the order in which they came to be known."""
        known_as = self._known_as(source)
        columns = (posts.c.source_id, posts.c.created_at, posts.c.kind, posts.c.audience, posts.c.reply_to)
        for row in self._walk(source, *columns, posts.c.gone_at):
            yield _header(row, known_as.get(row[0], ()))

    def headers_of(self, source: str, ids: Collection[str]) -> list[Header]:
        """Of these posts, by any of their ids; unknown ones are absent."""
        columns = (posts.c.id, posts.c.source_id, posts.c.created_at, posts.c.kind, posts.c.audience)
        statement = sa.select(*columns, posts.c.reply_to, posts.c.gone_at).where(posts.c.source == source)
        older = sa.select(aliases.c.post_id).where(aliases.c.source == source)
        found: dict[int, Row] = {}
        with self._database.read() as connection:
            for some in batches(ids):
                rows = connection.execute(statement.where(self._database.among(posts.c.source_id, some)))
                found.update((row.id, row) for row in rows)
                if rest := list(set(some).difference(row.source_id for row in found.values())):
                    former = older.where(self._database.among(aliases.c.alias_id, rest))
                    rows = connection.execute(statement.where(posts.c.id.in_(former)))
                    found.update((row.id, row) for row in rows)
            named = self._named(connection, list(found))
        return [_header(row, named.get(row.id, ())) for row in found.values()]

    def written_since(self, source: str, since: datetime, ids: Collection[str]) -> list[str]:
        """Those of these posts that were written then or later."""
        recent = sa.select(posts.c.source_id).where(posts.c.created_at >= since)
        return [row.source_id for row in self._among(source, ids, recent)]

    def written_until(self, source: str, until: datetime, ids: Collection[str]) -> list[str]:
        """Those of these posts that were written then or earlier."""
        early = sa.select(posts.c.source_id).where(posts.c.created_at <= until)
        return [row.source_id for row in self._among(source, ids, early)]

    def changed_since(self, source: str, since: datetime, ids: Collection[str]) -> list[str]:
        """Those of these posts that came to be known, were changed or marked as gone then or later."""
        lately = sa.select(posts.c.source_id).where(posts.c.changed_at >= since)
        return [row.source_id for row in self._among(source, ids, lately)]

    def standing(self, source: str, since: datetime) -> list[str]:
        """Posts written since then that stand at a server: the newest id of each, the newest first."""
        published = sa.exists().where(
            publications.c.post_id == posts.c.id, publications.c.state == State.PUBLISHED
        )
        statement = sa.select(posts.c.id, posts.c.source_id).where(
            posts.c.source == source, posts.c.created_at >= since, posts.c.gone_at.is_(None), published
        )
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(posts.c.created_at.desc())).all()
            named = self._named(connection, [row.id for row in rows])
        return [named.get(row.id, (row.source_id,))[-1] for row in rows]

    def changed(self, source: str, ids: Collection[str]) -> dict[str, datetime]:
        """When those of these posts were changed that were, since they came to be known, and are not gone."""
        when = sa.select(posts.c.source_id, posts.c.changed_at)
        standing = when.where(posts.c.changed_at > posts.c.first_seen_at, posts.c.gone_at.is_(None))
        return {row.source_id: row.changed_at for row in self._among(source, ids, standing)}

    def first_seen(self, source: str, ids: Collection[str]) -> dict[str, datetime]:
        """When each of these posts was read for the first time."""
        when = sa.select(posts.c.source_id, posts.c.first_seen_at)
        return {row.source_id: row.first_seen_at for row in self._among(source, ids, when)}

    def _among(self, source: str, ids: Collection[str], statement: Select) -> Iterator[Row]:
        """What it selects of these posts."""
        if not ids:
            return
        ours = statement.where(posts.c.source == source)
        with self._database.ask() as connection:
            for some in batches(ids):
                yield from connection.execute(ours.where(self._database.among(posts.c.source_id, some)))

    def newest(self, source: str) -> datetime | None:
        """When the newest post that is known was written."""
        with self._database.ask() as connection:
            return connection.scalar(_NEWEST, {"source": source})

    def iterate(self, source: str) -> Iterator[Post]:
        for row in self._walk(source, posts.c.document, size=BATCH):
            yield documents.decode_post(row.document)

    def load(self, source: str, ids: Collection[str]) -> dict[str, Post]:
        """By canonical id, with the descriptions that people gave; unknown ids are absent."""
        found: dict[str, Post] = {}
        with self._database.read() as connection:
            for some in batches(ids):
                rows = connection.execute(
                    sa.select(posts.c.source_id, posts.c.document).where(
                        posts.c.source == source, self._database.among(posts.c.source_id, some)
                    )
                )
                found.update((id_, documents.decode_post(document)) for id_, document in rows.all())
                for post_id, texts in approved(self._database, connection, source, some).items():
                    if post_id in found:
                        found[post_id] = described(found[post_id], texts)
        return found

    def with_files(self, source: str, *, limit: int) -> list[str]:
        """The newest posts of which an archive has a file."""
        mine = sa.select(posts.c.source_id).join(media, media.c.post_id == posts.c.id)
        held = mine.where(posts.c.source == source, media.c.member.is_not(None)).distinct()
        with self._database.read() as connection:
            newest = held.add_columns(posts.c.created_at).order_by(posts.c.created_at.desc()).limit(limit)
            return [row.source_id for row in connection.execute(newest)]

    def find(self, text: str) -> tuple[str, str] | None:
        """(source, canonical id) for the id of a post, an older id of an edited one, or the URL of either.

        A retweet may bear the id of what it passes on: that one is meant, unless the URL names who retweeted.
        """
        match = _STATUS_URL.search(text)
        wanted = match[2] if match else text.strip()
        columns = sa.select(posts.c.source, posts.c.source_id, posts.c.kind)
        older = columns.join(aliases, aliases.c.post_id == posts.c.id)
        with self._database.read() as connection:
            rows = connection.execute(older.where(aliases.c.alias_id == wanted)).all() or (
                connection.execute(columns.where(posts.c.source_id == wanted)).all()
            )
        if len({row.source for row in rows}) > 1:
            rows = self._meant(rows, match[1] if match else None)
        if len({row.source for row in rows}) > 1:
            hint = "Give its URL with the name of the account whose post is meant."
            raise LedgerError(f"Several sources have a post {wanted}.", hint=hint)
        return (rows[0].source, rows[0].source_id) if rows else None

    def _meant(self, rows: Sequence[Row], handle: str | None) -> Sequence[Row]:
        names = {account: (owner.handle or "").lower() for account, owner in self.owners()}
        by_name = [row for row in rows if handle and names.get(row.source) == handle.lower()]
        return by_name or [row for row in rows if row.kind != Kind.RETWEET] or rows

    def canonical(self, source: str, ids: Collection[str]) -> dict[str, str]:
        """The ids under which the posts of these ids are known; of an edited post any id will do."""
        found: dict[str, str] = {}
        older = sa.select(aliases.c.alias_id, posts.c.source_id).join(posts, posts.c.id == aliases.c.post_id)
        with self._database.read() as connection:
            for some in batches(ids):
                same = sa.select(posts.c.source_id, posts.c.source_id.label("known_as")).where(
                    posts.c.source == source, self._database.among(posts.c.source_id, some)
                )
                former = older.where(
                    aliases.c.source == source, self._database.among(aliases.c.alias_id, some)
                )
                for statement in (same, former):
                    found.update((named, known_as) for named, known_as in connection.execute(statement))
        return found

    def sources(self) -> list[SourceRow]:
        counted = (
            sa.select(
                posts.c.source,
                sa.func.count().label("posts"),
                sa.func.min(posts.c.created_at).label("first"),
                sa.func.max(posts.c.created_at).label("last"),
            )
            .group_by(posts.c.source)
            .subquery()
        )
        statement = (
            sa.select(sources, counted.c.posts, counted.c.first, counted.c.last)
            .outerjoin(counted, counted.c.source == sources.c.account)
            .order_by(sources.c.account)
        )
        with self._database.read() as connection:
            return [_source_row(row) for row in connection.execute(statement)]

    def owners(self) -> list[tuple[str, Author]]:
        """Whose accounts the sources are, as far as that is known; nothing is counted."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(sources.c.account, sources.c.owner)).all()
        return [(row.account, documents.decode_author(row.owner)) for row in rows if row.owner]

    def counts(self, source: str) -> Counts:
        statement = (
            sa.select(
                posts.c.kind,
                posts.c.audience,
                sa.func.count().label("posts"),
                sa.func.count(posts.c.gone_at).label("gone"),
                sa.func.min(posts.c.created_at).label("first"),
                sa.func.max(posts.c.created_at).label("last"),
            )
            .where(posts.c.source == source)
            .group_by(posts.c.kind, posts.c.audience)
        )
        unread = sa.select(sa.func.count()).select_from(rejects).where(rejects.c.source == source)
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
            rejected = connection.scalar(unread) or 0
        by_kind: dict[str, int] = {}
        for row in rows:
            name = row.kind if row.audience == Audience.PUBLIC else row.audience
            by_kind[name] = by_kind.get(name, 0) + row.posts
        return Counts(
            posts=sum(row.posts for row in rows),
            gone=sum(row.gone for row in rows),
            rejects=rejected,
            first=min((row.first for row in rows), default=None),
            last=max((row.last for row in rows), default=None),
            by_kind=by_kind,
        )

    def cursor(self, source: str, stream: str | None = None) -> str | None:
        """None: it was never read. "": it was, and left no cursor. `stream`: a feed or an API of it."""
        if stream is not None:
            return self._stream_cursor(source, stream)
        with self._database.read() as connection:
            row = connection.execute(sa.select(cursors.c.cursor).where(cursors.c.source == source)).first()
            return None if row is None else row.cursor or ""

    def _stream_cursor(self, source: str, stream: str) -> str | None:
        with self._database.ask() as connection:
            return connection.scalar(_CURSOR, {"source": source, "name": stream})

    def streams(self, source: str) -> dict[str, str]:
        """All that has a cursor of its own."""
        of_source = sa.select(streams.c.name, streams.c.cursor).where(streams.c.source == source)
        with self._database.read() as connection:
            return {row.name: row.cursor for row in connection.execute(of_source) if row.cursor is not None}

    def save_cursor(self, source: str, stream: str, cursor: str) -> None:
        """Of what is no page, such as the instant from which a mirror is live."""
        with self._database.write() as connection:
            self._database.upsert(connection, sources, [{"account": source}], update=False)
            row: dict[str, object] = {"source": source, "name": stream, "cursor": cursor}
            self._database.upsert(connection, streams, [row])

    def rejects(self, source: str) -> list[Reject]:
        columns = (rejects.c.place, rejects.c.reason, rejects.c.excerpt, rejects.c.record)
        statement = sa.select(*columns).where(rejects.c.source == source).order_by(rejects.c.place)
        with self._database.read() as connection:
            return [Reject(**row._mapping) for row in connection.execute(statement)]

    def revision(self, source: str) -> int:
        """Grows with whatever changes in what is recorded of the source."""
        with self._database.ask() as connection:
            return connection.scalar(_REVISION, {"source": source}) or 0

    def revisions(self) -> dict[str, int]:
        """Of every source, at once."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(sources.c.account, sources.c.revision))
            return {row.account: row.revision for row in rows}

    def _known_as(self, source: str) -> dict[int, tuple[str, ...]]:
        with self._database.read() as connection:
            return _all_ids(connection, aliases.c.source == source)

    def _named(self, connection: sa.Connection, rows: Collection[int]) -> dict[int, tuple[str, ...]]:
        found: dict[int, tuple[str, ...]] = {}
        for some in batches(rows):
            found |= _all_ids(connection, self._database.among(aliases.c.post_id, some))
        return found

    def _walk(self, source: str, *columns: sa.Column[object], size: int = _HEADERS) -> Iterator[Row]:
        """In steps with a transaction each: a reader that takes its time must not hold the database up."""
        last = 0
        # An expression, not the column: SQLite would take the index on it, and sort all of it at each step.
        mine = posts.c.source.concat("") == source
        statement = sa.select(posts.c.id, *columns).where(mine).order_by(posts.c.id).limit(size)
        while True:
            with self._database.read() as connection:
                rows = connection.execute(statement.where(posts.c.id > last)).all()
            yield from rows
            if len(rows) < size:
                return
            last = rows[-1].id


def _all_ids(connection: sa.Connection, which: sa.ColumnElement[bool]) -> dict[int, tuple[str, ...]]:
    """Of posts that were edited, by row: every id that they had, oldest first."""
    statement = sa.select(aliases.c.post_id, aliases.c.alias_id).where(which)
    found: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(statement.order_by(sa.func.length(aliases.c.alias_id), aliases.c.alias_id)):
        found[row.post_id] = (*found.get(row.post_id, ()), row.alias_id)
    return found


def _header(row: Row, ids: tuple[str, ...]) -> Header:
    _, post_id, created_at, kind, audience, reply_to, gone_at = row
    return Header(
        id=post_id,
        created_at=created_at,
        kind=_KINDS[kind],
        audience=_AUDIENCES[audience],
        reply_to=reply_to,
        ids=ids,
        gone=gone_at is not None,
    )


def _source_row(row: Row) -> SourceRow:
    return SourceRow(
        account=row.account,
        owner=documents.decode_author(row.owner) if row.owner else None,
        name=row.name,
        era=row.era,
        parts=row.parts,
        notices=documents.decode_notices(row.notices),
        imported_at=row.imported_at,
        posts=row.posts or 0,
        first=row.first,
        last=row.last,
    )
