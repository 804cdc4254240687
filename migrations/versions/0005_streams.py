"""Where the questions to the feeds of an account go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "streams",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["sources.account"], name=op.f("fk_streams_source")),
        sa.PrimaryKeyConstraint("source", "name", name=op.f("pk_streams")),
    )


def downgrade() -> None:
    op.drop_table("streams")
