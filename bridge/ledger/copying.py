"""Posts and publications carried into another database: for a preview that must not touch the first."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.ledger.database import BATCH, Database
from bridge.ledger.tables import (
    aliases,
    approvals,
    descriptions,
    destinations,
    edits,
    media,
    overlays,
    posts,
    publications,
    sources,
    tombstones,
    wordings,
)

_TABLES = (
    sources,
    posts,
    media,
    aliases,
    descriptions,
    overlays,
    tombstones,
    destinations,
    publications,
    approvals,
    edits,
    wordings,
)


def copy(origin: Database, target: Database) -> None:
    """Everything that a plan depends on, into an empty ledger of the same schema."""
    with origin.read() as reading, target.write() as writing:
        if target.is_sqlite:  # a row may answer one that comes later
            writing.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for table in _TABLES:
            _rows(reading, writing, table)


def _rows(reading: sa.Connection, writing: sa.Connection, table: sa.Table) -> None:
    found = reading.execution_options(yield_per=BATCH).execute(sa.select(table))
    for some in found.partitions(BATCH):
        writing.execute(sa.insert(table), [dict(row._mapping) for row in some])
