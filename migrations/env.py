"""Alembic's way in. The ledger hands over its own connection, in a transaction that it commits itself."""

from __future__ import annotations

from alembic import context

from bridge.errors import ConfigError
from bridge.ledger.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise ConfigError("Migrations are run by the program.", hint="Use `passerelle db upgrade`.")

# SQLite cannot alter a table: `batch_alter_table` builds it anew.
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
