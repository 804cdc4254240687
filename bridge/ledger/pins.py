"""What comes back on its day: posts that somebody has pinned, those of that day, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bridge.ledger.claims import record
from bridge.ledger.database import Store, batches
from bridge.ledger.destinations import lock_account
from bridge.ledger.tables import pins, posts, publications
from bridge.publications import State

OVER = "its day was over"
ACTOR = "on this day"
_FIRST_YEAR = -1000  # parts from here down are boosts of a year; between it and 0 they are something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    source: str
    post_id: str
    author: str
    at: datetime
    created_at: datetime  #: when the post was written


class Pins(Store):
    def pin(self, source: str, ids: Collection[str], *, by: str, now: datetime) -> list[str]:
        """Those of them that were not pinned before."""
        with self._database.write() as connection:
            before = self._pinned(connection, source, ids)
            new = [post_id for post_id in dict.fromkeys(ids) if post_id not in before]
            rows = [{"source": source, "post_id": each, "author": by, "at": now} for each in new]
            self._database.upsert(connection, pins, rows, update=False)
        return new

    def unpin(self, source: str, ids: Collection[str]) -> list[str]:
        """Those of them that were pinned."""
        with self._database.write() as connection:
            before = self._pinned(connection, source, ids)
            for some in batches(before):
                among = self._database.among(pins.c.post_id, some)
                connection.execute(sa.delete(pins).where(pins.c.source == source, among))
        return [post_id for post_id in dict.fromkeys(ids) if post_id in before]

    def pinned(self, source: str) -> dict[str, Pin]:
        """By post; of those that are imported, and not deleted by their author."""
        statement = (
            sa.select(pins, posts.c.created_at)
            .join(posts, sa.and_(posts.c.source == pins.c.source, posts.c.source_id == pins.c.post_id))
            .where(pins.c.source == source, posts.c.gone_at.is_(None))
            .order_by(posts.c.created_at, pins.c.post_id)
        )
        with self._database.read() as connection:
            return {row.post_id: Pin(**row._mapping) for row in connection.execute(statement)}

    def stamp(self, source: str) -> str:
        """Names what is pinned: an equal one means that nobody has pinned or unpinned anything."""
        facts = sa.select(sa.func.count(), sa.func.max(pins.c.at)).where(pins.c.source == source)
        with self._database.read() as connection:
            count, last = connection.execute(facts).one()
        return f"{count} {last}"

    def written(self, source: str, spans: Iterable[tuple[datetime, datetime]]) -> list[str]:
        """Posts written in one of these spans, and not deleted by their author."""
        at = posts.c.created_at
        within = [sa.and_(at >= since, at < until) for since, until in spans]
        statement = sa.select(posts.c.source_id).where(
            posts.c.source == source, posts.c.gone_at.is_(None), sa.or_(sa.false(), *within)
        )
        with self._database.read() as connection:
            return list(connection.scalars(statement.order_by(at, posts.c.source_id)))

    def years(self, source: str) -> int | None:
        """The year in which the first post was written; None: there is none."""
        first = sa.select(sa.func.min(posts.c.created_at)).where(posts.c.source == source)
        with self._database.read() as connection:
            at = connection.scalar(first)
        return None if at is None else at.year

    def remembered(self, account: str, source: str, ids: Collection[str], year: int) -> set[str]:
        """Those of the posts that have had their day in that year, whatever came of it."""
        p = publications.c
        statement = (
            sa.select(posts.c.source_id)
            .join(publications, p.post_id == posts.c.id)
            .where(p.destination == account, posts.c.source == source, p.part == -year)
        )
        found: set[str] = set()
        with self._database.read() as connection:
            for some in batches(ids):
                among = self._database.among(posts.c.source_id, some)
                found.update(connection.scalars(statement.where(among)))
        return found

    def lapse(self, account: str, *, before: datetime, now: datetime, run: int | None = None) -> int:
        """Give up the boosts that were in line before that instant and have not left: their day is over."""
        p = publications.c
        late = sa.select(p.id, p.state).where(
            p.destination == account,
            p.part < _FIRST_YEAR,
            p.state.in_((State.PENDING, State.APPROVED)),
            p.created_at < before,
        )
        with self._database.write() as connection:
            lock_account(connection, account)
            rows = connection.execute(late).all()
            for row in rows:
                values = {"state": State.SKIPPED, "approved_digest": None, "reason": OVER, "not_before": None}
                connection.execute(sa.update(publications).where(p.id == row.id).values(**values))
                before_, after = State(row.state), State.SKIPPED
                record(connection, row.id, before_, after, now=now, detail=OVER, run=run, actor=ACTOR)
        return len(rows)

    def _pinned(self, connection: sa.Connection, source: str, ids: Collection[str]) -> set[str]:
        found: set[str] = set()
        for some in batches(ids):
            among = self._database.among(pins.c.post_id, some)
            found.update(connection.scalars(sa.select(pins.c.post_id).where(pins.c.source == source, among)))
        return found
