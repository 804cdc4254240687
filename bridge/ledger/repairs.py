"""Putting statuses that are missing on the account back in line, where a person wants that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from bridge.ledger.adoptions import let_go
from bridge.ledger.claims import rotated_key
from bridge.ledger.database import Row, Store, Values, batches
from bridge.ledger.destinations import forget_proposals, lock_account
from bridge.ledger.edits import forget_wording
from bridge.ledger.rows import SentAgain
from bridge.ledger.tables import events, posts, publications
from bridge.publications import ADOPTED, State

_AFRESH = (
    "state", "approved_digest", "idempotency_key", "key_epoch", "attempts", "remote_id", "remote_url",
    "published_at", "published_digest", "reason", "not_before", "error",
)  # fmt: skip
_EVENT = ("publication_id", "before", "after", "detail", "at", "actor", "run")


class Repairs(Store):
    def send_again(
        self, destination: str, missing: Collection[str], *, now: datetime, run: int | None = None
    ) -> SentAgain:
        """Put published rows whose statuses are missing, by their remote ids, back in line with a new key.

        The old key would be answered with the status that is gone. Of what another tool has carried, only
        whole posts go back: ours would repeat some of what its other parts say.
        """
        found: set[str] = set()
        orphans = 0
        with self._database.write() as connection:
            lock_account(connection, destination)
            for some in batches(missing):
                rows = _whole(connection, destination, _missing(connection, destination, some), missing)
                orphans += _answers(connection, rows, missing)
                self._database.update(connection, publications, _AFRESH, [_afresh(row) for row in rows])
                forget_wording(connection, [row.id for row in rows])
                let_go(connection, destination, {row.post_id for row in rows})
                at = self._database.instant(now)
                happened = [_happened(row, at, run) for row in rows]
                self._database.insert(connection, events, _EVENT, happened)
                found.update(row.remote_id for row in rows)
            if found:
                forget_proposals(connection, destination)
        return SentAgain(remote_ids=frozenset(found), orphans=orphans)


def _missing(connection: sa.Connection, destination: str, remote_ids: Sequence[str]) -> list[Row]:
    """Found by their ids alone: SQLite would rather read everything that is published."""
    p = publications.c
    columns = (p.id, p.state, p.post_id, p.part, p.draft_digest, p.key_epoch, p.remote_id, p.reason)
    statement = (
        sa.select(*columns, p.destination, posts.c.source, posts.c.source_id)
        .join(posts, posts.c.id == p.post_id)
        .where(p.destination == destination, p.remote_id.in_(remote_ids))
    )
    found = connection.execute(statement.order_by(p.sort_key, p.id))
    return [row for row in found if row.state == State.PUBLISHED]


def _whole(
    connection: sa.Connection, destination: str, rows: Sequence[Row], missing: Collection[str]
) -> list[Row]:
    """Without those adopted ones of whose post another part stands."""
    p = publications.c
    adopted = {row.post_id for row in rows if (row.reason or "").startswith(ADOPTED)}
    if not adopted:
        return list(rows)
    parts = sa.select(p.post_id, p.remote_id, p.state).where(
        p.destination == destination, p.post_id.in_(adopted)
    )
    there = (row for row in connection.execute(parts) if row.state == State.PUBLISHED)
    kept = {row.post_id for row in there if row.remote_id not in missing}
    return [row for row in rows if row.post_id not in kept]


def _answers(connection: sa.Connection, rows: Sequence[Row], missing: Collection[str]) -> int:
    p = publications.c
    parents = [row.id for row in rows]
    answers = sa.select(p.remote_id).where(p.state == State.PUBLISHED, p.reply_to_id.in_(parents))
    return sum(remote_id not in missing for remote_id in connection.scalars(answers))


def _afresh(row: Row) -> Values:
    """For `_AFRESH`, in its order, and the id."""
    key, epoch = rotated_key(row, destination=row.destination, source=row.source, post_id=row.source_id)
    line = (State.APPROVED.value, row.draft_digest, key, epoch, 0)
    return (*line, *[None] * (len(_AFRESH) - len(line)), row.id)


def _happened(row: Row, at: datetime | str, run: int | None) -> Values:
    detail = f"missing: status {row.remote_id} is not on the account any more"
    return (row.id, State.PUBLISHED.value, State.APPROVED.value, detail, at, "user", run)
