"""Types of columns that mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa


class UTCDateTime(sa.TypeDecorator[datetime]):
    """Aware in, aware out. SQLite keeps UTC text of fixed width, so that it sorts; PostgreSQL an instant."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone has no place in the ledger")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: Sorts by its bytes on every database: a locale of PostgreSQL would order it its own way.
Bytewise = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

#: SQLite counts only an INTEGER key as its own row id; a million events a year outgrow 32 bits elsewhere.
_BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def id_column() -> sa.Column[int]:
    return sa.Column("id", _BigId, sa.Identity(), primary_key=True)
