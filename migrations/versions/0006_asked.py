"""What the request under way answers, beside its words: whoever looks for it must not work that out anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wordings", sa.Column("reply_to", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("wordings", "reply_to")
