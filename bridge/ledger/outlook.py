"""What is to come: how much is waiting, and what it carries, without reading all of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from bridge.ledger.claims import publication_of, publication_rows
from bridge.ledger.database import Store
from bridge.ledger.tables import destinations, publications
from bridge.planning import Lane
from bridge.publications import Publication, State

# In the JSON of a draft only a medium that is there has this; a quotation mark in a text is escaped.
_FILE = '"file":"'
_FILES = (
    sa.func.length(publications.c.draft) - sa.func.length(sa.func.replace(publications.c.draft, _FILE, ""))
) / len(_FILE)

_OLD = publications.c.sort_key.not_like(f"{Lane.LIVE}%")

_SCATTER, _PRIME = 40_503, 65_521


class Outlook(Store):
    def media_waiting(self, account: str, *, step: int = 1) -> list[int]:
        """How many files each approved status carries, in the order of publication; of one in `step`."""
        p = publications.c
        statement = sa.select(_FILES).where(p.destination == account, p.state == State.APPROVED)
        if step > 1:  # The index has the id: other rows are not read. Scattered, as posts have their rhythms.
            statement = statement.where(sa.cast(p.id, sa.BigInteger) * _SCATTER % _PRIME % step == 0)
        with self._database.read() as connection:
            return [int(files) for files in connection.scalars(statement.order_by(p.sort_key, p.id))]

    def live_waiting(self, account: str) -> int:
        """How many of the approved statuses are of what is written now: they go first."""
        p = publications.c
        live = sa.select(sa.func.count()).where(p.destination == account, p.state == State.APPROVED, ~_OLD)
        with self._database.read() as connection:
            return connection.scalar(live) or 0

    def held_for(self, account: str, reasons: Collection[str]) -> int:
        """How many statuses are held for one of these reasons."""
        p = publications.c
        held = sa.select(sa.func.count()).where(p.destination == account, p.state == State.PENDING)
        with self._database.read() as connection:
            return connection.scalar(held.where(p.reason.in_(reasons))) or 0

    def sent_since(self, account: str, since: datetime) -> int:
        """How many statuses of the back catalogue were published from that instant on."""
        p = publications.c
        sent = sa.select(sa.func.count()).where(p.destination == account, p.published_at >= since, _OLD)
        with self._database.read() as connection:
            return connection.scalar(sent) or 0

    def at_work(self) -> set[str]:
        """The accounts that have something in line or in flight, due or not: one look at all of them."""
        p, account = publications.c, destinations.c.account
        waits = sa.exists().where(p.destination == account, p.state == State.APPROVED)
        flies = sa.exists().where(p.destination == account, p.state == State.PUBLISHING)
        with self._database.read() as connection:
            return set(connection.scalars(sa.select(account).where(sa.or_(waits, flies))))

    def upcoming(self, account: str, *, limit: int) -> list[Publication]:
        """Of the first `limit` approved statuses those with media, whether their turn has come or not."""
        p = publications.c
        first = sa.select(p.id).where(p.destination == account, p.state == State.APPROVED)
        first = first.order_by(p.sort_key, p.id).limit(limit)
        statement = publication_rows().where(p.id.in_(first), p.draft.contains(_FILE, autoescape=True))
        with self._database.read() as connection:
            return [publication_of(row) for row in connection.execute(statement.order_by(p.sort_key, p.id))]
