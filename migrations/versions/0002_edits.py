"""Edits of what is published: the intent, and what stands since."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IN_FLIGHT = sa.text("settled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "edits",
        sa.Column("id", _ID, sa.Identity(always=False), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("publication_id", _ID, nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("attempted_at", _TIME, nullable=False),
        sa.Column("unknown_since", _TIME, nullable=True),
        sa.Column("settled_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["destination"], ["destinations.account"], name=op.f("fk_edits_destination")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_edits_publication_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edits")),
    )
    op.create_index(op.f("ix_edits_publication_id"), "edits", ["publication_id"])
    op.create_index(
        "uq_edits_one_in_flight",
        "edits",
        ["destination"],
        unique=True,
        sqlite_where=_IN_FLIGHT,
        postgresql_where=_IN_FLIGHT,
    )


def downgrade() -> None:
    op.drop_table("edits")
