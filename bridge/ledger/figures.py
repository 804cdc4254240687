"""How much there is of everything, for whoever watches over many accounts: one question for all of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.ledger.database import Store
from bridge.ledger.deliveries import in_doubt
from bridge.ledger.tables import destinations, posts, publications
from bridge.planning import Lane
from bridge.publications import State

_p = publications.c


class Figures(Store):
    def counts(self) -> dict[str, dict[State, int]]:
        """Statuses by account and state; a state of which there is none is no key."""
        statement = sa.select(_p.destination, _p.state, sa.func.count()).group_by(_p.destination, _p.state)
        found: dict[str, dict[State, int]] = {}
        with self._database.read() as connection:
            for account, state, count in connection.execute(statement):
                found.setdefault(account, {})[State(state)] = count
        return found

    def unknown(self) -> dict[str, int]:
        """Statuses by account, as `Deliveries.unknown_count`."""
        statement = (
            sa.select(_p.destination, sa.func.count().label("total"))
            .join(destinations, destinations.c.account == _p.destination)
            .where(in_doubt())
            .group_by(_p.destination)
        )
        with self._database.read() as connection:
            return {row.destination: row.total for row in connection.execute(statement)}

    def behind(self) -> dict[str, timedelta]:
        """By account, of the newest live post that was sent: from when it was read until it was sent."""
        q = publications.alias().c
        newest = (
            sa.select(q.id)
            .where(
                q.destination == destinations.c.account,
                q.state == State.PUBLISHED,
                q.sort_key >= str(Lane.LIVE),
                q.sort_key < chr(ord(Lane.LIVE) + 1),
                q.part == 1,
            )
            .order_by(q.sort_key.desc(), q.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        statement = (
            sa.select(_p.destination, _p.published_at, posts.c.first_seen_at)
            .select_from(destinations)
            .join(publications, _p.id == newest)
            .join(posts, posts.c.id == _p.post_id)
        )
        with self._database.read() as connection:
            return {
                row.destination: max(row.published_at - row.first_seen_at, timedelta())
                for row in connection.execute(statement)
            }

    def published(self, since: datetime, until: datetime) -> dict[str, int]:
        """Statuses by account that were published in that time and stand."""
        statement = (
            sa.select(_p.destination, sa.func.count().label("total"))
            .where(_p.state == State.PUBLISHED, _p.published_at >= since, _p.published_at < until)
            .group_by(_p.destination)
        )
        with self._database.read() as connection:
            return {row.destination: row.total for row in connection.execute(statement)}

    def failed_in_a_row(self, account: str) -> int:
        """Statuses that were refused since one was last published."""
        last = sa.select(sa.func.max(_p.published_at)).where(
            _p.destination == account, _p.state == State.PUBLISHED
        )
        with self._database.read() as connection:
            since = connection.scalar(last)
            statement = sa.select(sa.func.count()).where(_p.destination == account, _p.state == State.FAILED)
            if since is not None:
                statement = statement.where(_p.attempted_at > since)
            return connection.scalar(statement) or 0
