"""What reading has cost, by month; and where links lead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spending",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("day", sa.String(10), nullable=True),
        sa.PrimaryKeyConstraint("month", "payer", name=op.f("pk_spending")),
    )
    op.create_table(
        "links",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("final", sa.Text(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("copy", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'gone') = (gone_since IS NOT NULL)", name=op.f("ck_links_gone")),
        sa.CheckConstraint("state IN ('found', 'gone', 'failed')", name=op.f("ck_links_state")),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_links")),
    )


def downgrade() -> None:
    op.drop_table("links")
    op.drop_table("spending")
