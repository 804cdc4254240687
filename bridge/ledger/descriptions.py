"""Descriptions of media that people gave: laid over what the source says, and kept through every import.

They are keyed by post and position, not by row, so that they may come before the archive. A draft, which a
program wrote, is kept beside them and never leaves this machine before somebody has approved it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from bridge.ledger.database import Database, Store, batches
from bridge.ledger.rows import Described, Description
from bridge.ledger.tables import descriptions, sources
from bridge.posts import Post

Texts = Mapping[str, Mapping[int, str]]  # post id -> position -> text

_COLUMNS = tuple(descriptions.c[name] for name in Description.__dataclass_fields__)


class Descriptions(Store):
    def save(self, given: Sequence[Description], *, now: datetime) -> Described:
        """An approved text takes the place of any other; a draft only that of an older draft."""
        count = {"new": 0, "changed": 0, "unchanged": 0}
        with self._database.write() as connection:
            for source in sorted({each.source for each in given}):
                mine = [each for each in given if each.source == source]
                known = {
                    (each.post_id, each.position): each for each in self._known(connection, source, mine)
                }
                fresh: list[Description] = []
                for each in mine:
                    news = _news(known.get((each.post_id, each.position)), each)
                    count[news] += 1
                    if news != "unchanged":
                        known[each.post_id, each.position] = each
                        fresh.append(each)
                self._database.upsert(connection, descriptions, [_row(each, now) for each in fresh])
                if any(each.approved for each in fresh):
                    _bump(connection, source)
        return Described(**count)

    def approve(self, source: str, ids: Collection[str] | None, *, now: datetime) -> int:
        """Drafts become descriptions; None: all of the source. Says how many."""
        mine = [descriptions.c.source == source, ~descriptions.c.approved]
        count = 0
        with self._database.write() as connection:
            for some in [None] if ids is None else batches(ids):
                which = mine if some is None else [*mine, self._database.among(descriptions.c.post_id, some)]
                done = connection.execute(sa.update(descriptions).where(*which).values(approved=True, at=now))
                count += done.rowcount
            if count:
                _bump(connection, source)
        return count

    def of(self, source: str, ids: Collection[str]) -> list[Description]:
        """All that is known of these posts' media, drafts included."""
        found: list[Description] = []
        with self._database.read() as connection:
            for some in batches(ids):
                statement = sa.select(*_COLUMNS).where(
                    descriptions.c.source == source, self._database.among(descriptions.c.post_id, some)
                )
                found += (Description(**row._mapping) for row in connection.execute(statement))
        return found

    def drafts(self, source: str) -> list[Description]:
        statement = sa.select(*_COLUMNS).where(descriptions.c.source == source, ~descriptions.c.approved)
        with self._database.read() as connection:
            ordered = statement.order_by(descriptions.c.post_id, descriptions.c.position)
            return [Description(**row._mapping) for row in connection.execute(ordered)]

    def _known(
        self, connection: sa.Connection, source: str, given: Iterable[Description]
    ) -> Iterable[Description]:
        for some in batches(each.post_id for each in given):
            statement = sa.select(*_COLUMNS).where(
                descriptions.c.source == source, self._database.among(descriptions.c.post_id, some)
            )
            yield from (Description(**row._mapping) for row in connection.execute(statement).all())


def approved(database: Database, connection: sa.Connection, source: str, ids: Sequence[str]) -> Texts:
    """What stands in the place of the source's own descriptions, for a batch of posts."""
    columns = (descriptions.c.post_id, descriptions.c.position, descriptions.c.text)
    statement = sa.select(*columns).where(
        descriptions.c.source == source, descriptions.c.approved, database.among(descriptions.c.post_id, ids)
    )
    texts: dict[str, dict[int, str]] = {}
    for row in connection.execute(statement):
        texts.setdefault(row.post_id, {})[row.position] = row.text
    return texts


def described(post: Post, texts: Mapping[int, str]) -> Post:
    media = tuple(
        msgspec.structs.replace(medium, alt=texts.get(position, medium.alt))
        for position, medium in enumerate(post.media)
    )
    return msgspec.structs.replace(post, media=media)


def _news(known: Description | None, given: Description) -> str:
    if known is None:
        return "new"
    if (known.approved and not given.approved) or (known.text, known.approved) == (
        given.text,
        given.approved,
    ):
        return "unchanged"
    return "changed"


def _row(each: Description, now: datetime) -> dict[str, object]:
    return {**{column.name: getattr(each, column.name) for column in _COLUMNS}, "at": now}


def _bump(connection: sa.Connection, source: str) -> None:
    """What is planned of the source is to be looked at again."""
    mine = sa.update(sources).where(sources.c.account == source)
    connection.execute(mine.values(revision=sources.c.revision + 1))
