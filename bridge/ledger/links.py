"""Where links lead: found out once, by `links check`, and used by every rendering from then on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from bridge.ledger.database import Store, batches
from bridge.ledger.tables import links
from bridge.rendering.options import LinkMap

CONFIRMED = timedelta(hours=24)  #: gone for so long, each time it was looked for: dead, and no accident


class LinkState(StrEnum):
    FOUND = "found"
    GONE = "gone"  # the server says so, or there is no server of that name
    FAILED = "failed"  # no telling


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    url: str  #: as posts have it
    state: LinkState
    checked_at: datetime
    final: str | None = None  #: where a short one leads
    gone_since: datetime | None = None
    copy: str | None = None

    @property
    def dead(self) -> bool:
        return self.gone_since is not None and self.checked_at - self.gone_since >= CONFIRMED


class Links(Store):
    def known(self, urls: Collection[str]) -> dict[str, LinkRow]:
        found: dict[str, LinkRow] = {}
        with self._database.read() as connection:
            for some in batches(urls):
                rows = connection.execute(sa.select(links).where(self._database.among(links.c.url, some)))
                found.update((row.url, _row(row._mapping)) for row in rows)
        return found

    def save(self, rows: Iterable[LinkRow]) -> None:
        values: list[dict[str, object]] = [
            {
                "url": row.url, "final": row.final, "state": str(row.state), "checked_at": row.checked_at,
                "gone_since": row.gone_since, "copy": row.copy,
            }
            for row in rows
        ]  # fmt: skip
        with self._database.write() as connection:
            self._database.upsert(connection, links, values)

    def mark(self) -> str:
        """Another one whenever something was found out since."""
        told = sa.select(sa.func.count(), sa.func.max(links.c.checked_at))
        with self._database.read() as connection:
            return " ".join(map(str, connection.execute(told).one()))

    def map(self) -> LinkMap:
        """What of it changes how a post reads."""
        telling = sa.or_(links.c.final.is_not(None), links.c.gone_since.is_not(None))
        with self._database.read() as connection:
            rows = [_row(row._mapping) for row in connection.execute(sa.select(links).where(telling))]
        return LinkMap(
            final={row.url: row.final for row in rows if row.final},
            dead=frozenset(row.url for row in rows if row.dead),
            copies={row.url: row.copy for row in rows if row.copy and row.dead},
        )


def _row(row: sa.RowMapping) -> LinkRow:
    return LinkRow(
        url=row["url"],
        state=LinkState(row["state"]),
        checked_at=row["checked_at"],
        final=row["final"],
        gone_since=row["gone_since"],
        copy=row["copy"],
    )
