"""What each command did, and with which version and configuration."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.ledger.database import Store
from bridge.ledger.rows import RunRow
from bridge.ledger.tables import runs


class Runs(Store):
    def start(self, command: str, *, version: str, config_digest: str | None, now: datetime) -> int:
        row = {"command": command, "version": version, "config_digest": config_digest, "started_at": now}
        with self._database.write() as connection:
            run: int = connection.scalars(sa.insert(runs).values(row).returning(runs.c.id)).one()
            return run

    def finish(self, run: int, *, now: datetime, outcome: str) -> None:
        with self._database.write() as connection:
            connection.execute(
                sa.update(runs).where(runs.c.id == run).values(finished_at=now, outcome=outcome)
            )

    def get(self, run: int) -> RunRow | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(runs).where(runs.c.id == run)).one_or_none()
        return None if row is None else RunRow(**row._mapping)

    def last(self, command: str | None = None) -> RunRow | None:
        """The run that started last, of that command or of any."""
        statement = sa.select(runs).order_by(runs.c.id.desc()).limit(1)
        if command is not None:
            statement = statement.where(runs.c.command == command)
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else RunRow(**row._mapping)
