"""Feeds and APIs as they stand: what of them is not read yet, and which process reads them.

Reading that is billed is done by one process at a time, as all work at an account is: two that ask for the
same page pay for it twice.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa

from bridge.errors import Locked
from bridge.ledger import documents
from bridge.ledger.database import Store
from bridge.ledger.destinations import check_free
from bridge.ledger.owner import Owner
from bridge.ledger.rows import Hold
from bridge.ledger.tables import sources, streams
from bridge.sources.base import Gap

_GAPS = sa.select(streams.c.name, streams.c.gap_from, streams.c.gap_until).where(
    streams.c.source == sa.bindparam("source"), streams.c.gap_until.is_not(None)
)


class Streams(Store):
    def gap(self, source: str, names: Collection[str]) -> Gap | None:
        """From the first to the last instant for which one of these streams may lack something."""
        with self._database.ask() as connection:
            found = connection.execute(_GAPS, {"source": source})
            rows = [row for row in found if row.name in names]
        if not rows:
            return None
        begins = [row.gap_from for row in rows]
        since = None if None in begins else min(begins)
        return Gap(since=since, until=max(row.gap_until for row in rows))

    def hold(self, source: str, name: str, *, owner: Owner, now: datetime, seconds: float) -> Hold:
        """Read it alone, until it is released. Raises Locked as `Destinations.hold` does."""
        with self._database.write_soon() as connection:
            self._database.upsert(connection, sources, [{"account": source}], update=False)
            row: dict[str, object] = {"source": source, "name": name}
            self._database.upsert(connection, streams, [row], update=False)
            holders = sa.select(streams.c.holder_owner, streams.c.held_until).where(*_of(source, name))
            before = connection.execute(holders.with_for_update()).one()
            if before.holder_owner is not None:
                other = documents.decode_owner(before.holder_owner)
                check_free(f"the reading of {source}", other, until=before.held_until, now=now)
            hold = Hold(account=source, token=uuid4().hex, owner=owner, seconds=seconds)
            connection.execute(
                sa.update(streams)
                .where(*_of(source, name))
                .values(
                    holder=hold.token,
                    holder_owner=documents.encode(owner),
                    held_until=now + timedelta(seconds=seconds),
                )
            )
        return hold

    def renew(self, hold: Hold, *, now: datetime) -> None:
        """Raises Locked when somebody else reads it now."""
        with self._database.write_soon() as connection:
            until = now + timedelta(seconds=hold.seconds)
            done = connection.execute(
                sa.update(streams).where(streams.c.holder == hold.token).values(held_until=until)
            )
        if done.rowcount == 0:
            raise Locked(f"Another run has taken over the reading of {hold.account}.")

    def release(self, hold: Hold) -> None:
        """A hold that was lost is nothing to give back."""
        with self._database.write_soon() as connection:
            connection.execute(
                sa.update(streams)
                .where(streams.c.holder == hold.token)
                .values(holder=None, holder_owner=None, held_until=None)
            )


def _of(source: str, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    return streams.c.source == source, streams.c.name == name
