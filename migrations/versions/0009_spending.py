"""What reading has cost, by month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"
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


def downgrade() -> None:
    op.drop_table("spending")
