"""What of a stream is not read yet, and which process reads it: where reading costs money, only one does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("streams", sa.Column("gap_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("streams", sa.Column("gap_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("streams", sa.Column("holder", sa.String(32), nullable=True))
    op.add_column("streams", sa.Column("holder_owner", sa.Text(), nullable=True))
    op.add_column("streams", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("held_until", "holder_owner", "holder", "gap_until", "gap_from"):
        op.drop_column("streams", name)
