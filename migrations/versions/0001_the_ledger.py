"""The ledger: posts, publications and their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "destinations",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("remote_account_id", sa.Text(), nullable=True),
        sa.Column("limits", sa.Text(), nullable=True),
        sa.Column("budget", sa.Text(), nullable=True),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("holder_owner", sa.Text(), nullable=True),
        sa.Column("held_until", _TIME, nullable=True),
        sa.Column("claimed_at", _TIME, nullable=True),
        sa.Column("proposed", sa.Text(), server_default="{}", nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.CheckConstraint("(holder IS NULL) = (held_until IS NULL)", name=op.f("ck_destinations_holder")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_destinations")),
    )
    op.create_table(
        "runs",
        sa.Column("id", _ID, sa.Identity(always=False), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("config_digest", sa.Text(), nullable=True),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_table(
        "sources",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("era", sa.Text(), server_default="", nullable=False),
        sa.Column("parts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("notices", sa.Text(), server_default="[]", nullable=False),
        sa.Column("imported_at", _TIME, nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_sources")),
    )
    op.create_table(
        "tombstones",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("source", "source_id", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "cursors",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.account"], name=op.f("fk_cursors_source")),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_cursors")),
    )
    op.create_table(
        "posts",
        sa.Column("id", _ID, sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("seen", sa.String(length=16), nullable=False),
        sa.Column("first_seen_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("gone_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["source"], ["sources.account"], name=op.f("fk_posts_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_posts_source_source_id")),
    )
    op.create_table(
        "rejects",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("run", _ID, nullable=True),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_rejects_run")),
        sa.PrimaryKeyConstraint("source", "place", name=op.f("pk_rejects")),
    )
    op.create_table(
        "uploads",
        sa.Column("id", _ID, sa.Identity(always=False), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("alt_digest", sa.String(length=32), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("uploaded_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["destination"], ["destinations.account"], name=op.f("fk_uploads_destination")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint(
            "destination", "sha256", "alt_digest", name=op.f("uq_uploads_destination_sha256_alt_digest")
        ),
    )
    op.create_table(
        "aliases",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("alias_id", sa.Text(), nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_aliases_post_id")),
        sa.PrimaryKeyConstraint("source", "alias_id", name=op.f("pk_aliases")),
    )
    op.create_index(op.f("ix_aliases_post_id"), "aliases", ["post_id"], unique=False)
    op.create_table(
        "media",
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("member", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("mime", sa.Text(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("alt", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_media_post_id")),
        sa.PrimaryKeyConstraint("post_id", "position", name=op.f("pk_media")),
    )
    op.create_table(
        "publications",
        sa.Column("id", _ID, sa.Identity(always=False), nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="status", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("draft_digest", sa.String(length=32), nullable=False),
        sa.Column("approved_digest", sa.String(length=32), nullable=True),
        sa.Column("reply_to_id", _ID, nullable=True),
        sa.Column("sort_key", _BYTEWISE, nullable=False),
        sa.Column("not_before", _TIME, nullable=True),
        sa.Column("idempotency_key", sa.String(length=36), nullable=False),
        sa.Column("key_epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempted_at", _TIME, nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("unknown_since", _TIME, nullable=True),
        sa.Column("look_again_at", _TIME, nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("remote_url", sa.Text(), nullable=True),
        sa.Column("published_at", _TIME, nullable=True),
        sa.Column("published_digest", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.CheckConstraint(
            "(state = 'publishing') = (lease IS NOT NULL)", name=op.f("ck_publications_lease")
        ),
        sa.CheckConstraint(
            "(state IN ('published', 'withdrawn')) = (remote_id IS NOT NULL)",
            name=op.f("ck_publications_receipt"),
        ),
        sa.CheckConstraint(
            "state <> 'publishing' OR attempted_at IS NOT NULL", name=op.f("ck_publications_attempt")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'publishing', 'published', 'failed', 'skipped', 'withdrawn')",
            name=op.f("ck_publications_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'publishing')"
            " OR (approved_digest IS NOT NULL AND approved_digest = draft_digest)",
            name=op.f("ck_publications_approval"),
        ),
        sa.ForeignKeyConstraint(
            ["destination"], ["destinations.account"], name=op.f("fk_publications_destination")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_publications_post_id")),
        sa.ForeignKeyConstraint(
            ["reply_to_id"], ["publications.id"], name=op.f("fk_publications_reply_to_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("destination", "remote_id", name=op.f("uq_publications_destination_remote_id")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_publications_idempotency_key")),
        sa.UniqueConstraint(
            "post_id", "destination", "part", name=op.f("uq_publications_post_id_destination_part")
        ),
    )
    op.create_index(
        "ix_publications_queue", "publications", ["destination", "state", "sort_key", "id"], unique=False
    )
    op.create_index(op.f("ix_publications_reply_to_id"), "publications", ["reply_to_id"], unique=False)
    op.create_index(
        "uq_publications_one_in_flight",
        "publications",
        ["destination"],
        unique=True,
        sqlite_where=sa.text("state = 'publishing'"),
        postgresql_where=sa.text("state = 'publishing'"),
    )
    op.create_table(
        "events",
        sa.Column("id", _ID, sa.Identity(always=False), nullable=False),
        sa.Column("publication_id", _ID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("before", sa.String(length=16), nullable=True),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("run", _ID, nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_events_publication_id")
        ),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_events_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_publication_id"), "events", ["publication_id"], unique=False)


def downgrade() -> None:

    op.drop_index(op.f("ix_events_publication_id"), table_name="events")
    op.drop_table("events")
    op.drop_index(
        "uq_publications_one_in_flight",
        table_name="publications",
        sqlite_where=sa.text("state = 'publishing'"),
        postgresql_where=sa.text("state = 'publishing'"),
    )
    op.drop_index(op.f("ix_publications_reply_to_id"), table_name="publications")
    op.drop_index("ix_publications_queue", table_name="publications")
    op.drop_table("publications")
    op.drop_table("media")
    op.drop_index(op.f("ix_aliases_post_id"), table_name="aliases")
    op.drop_table("aliases")
    op.drop_table("uploads")
    op.drop_table("rejects")
    op.drop_table("posts")
    op.drop_table("cursors")
    op.drop_table("tombstones")
    op.drop_table("sources")
    op.drop_table("runs")
    op.drop_table("destinations")
