"""What the request under way passes on, beside what it answers: whoever looks for it has to know that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wordings", sa.Column("boost", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("wordings", "boost")
