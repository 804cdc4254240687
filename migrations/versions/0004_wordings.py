"""The words that were really sent, where addresses of own posts are in them: a post sent anew has another."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BY_A_RUN = sa.text("run IS NOT NULL")
#: What was adopted is in the words of another tool; what was edited is told by its edit.
_LINKING = r"""
    SELECT p.id, p.destination, p.draft, p.attempted_at, p.sort_key, o.source
    FROM publications p JOIN posts o ON o.id = p.post_id
    WHERE p.state = 'published' AND p.attempted_at IS NOT NULL AND p.draft NOT LIKE '%"own_links"\:[]%'
    AND p.draft LIKE '%"own_links"\:[%' AND p.draft LIKE '%"quote"\:null%'
    AND COALESCE(p.reason, '') NOT LIKE 'adopted%'
    AND NOT EXISTS (SELECT 1 FROM edits e WHERE e.publication_id = p.id AND e.settled_at IS NOT NULL)
"""
_ADDRESS = """
    SELECT p.remote_url FROM publications p JOIN posts o ON o.id = p.post_id
    WHERE o.source = :source AND o.source_id = :post_id AND p.destination = :destination AND p.part = :part
    AND p.remote_id IS NOT NULL AND (p.published_at, p.sort_key) < (:attempted_at, :sort_key)
"""


def upgrade() -> None:
    wordings = op.create_table(
        "wordings",
        sa.Column("publication_id", _ID, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_wordings_publication_id")
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_wordings")),
    )
    op.create_index("ix_events_run", "events", ["run"], sqlite_where=_BY_A_RUN, postgresql_where=_BY_A_RUN)
    connection = op.get_bind()
    rows = connection.execute(sa.text(_LINKING)).mappings().all()
    found = [{"publication_id": row["id"], "text": _words(connection, row)} for row in rows]
    if found:
        connection.execute(sa.insert(wordings), found)


def downgrade() -> None:
    op.drop_index("ix_events_run", "events")
    op.drop_table("wordings")


def _words(connection: sa.Connection, row: sa.RowMapping) -> str:
    """Its text with the addresses of own posts that stood before it was sent."""
    draft = json.loads(row["draft"])
    of = {name: row[name] for name in ("source", "destination", "attempted_at", "sort_key")}
    text = str(draft["text"])
    for link in sorted(draft["own_links"], key=lambda each: int(each["start"]), reverse=True):
        to = {"post_id": link["to"]["post_id"], "part": link["to"].get("part", 1)}
        address = connection.scalar(sa.text(_ADDRESS), {**of, **to})
        if address is not None:
            text = text[: link["start"]] + address + text[link["end"] :]
    return text
