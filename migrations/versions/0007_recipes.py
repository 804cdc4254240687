"""What was done to a file before it went up, beside its hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("uploads", sa.Column("recipe", sa.String(16), nullable=True))


def downgrade() -> None:
    op.drop_column("uploads", "recipe")
