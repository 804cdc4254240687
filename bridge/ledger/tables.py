"""The tables. What the ledger promises is written here as constraints, so that no bug of ours can break it.

Keys are account identities, never names from a config. A publication in state `publishing` is an intent: a
request may be in flight, and only whoever carries its `lease` may settle it.
"""

from __future__ import annotations

import sqlalchemy as sa

from bridge.ledger.columns import Bytewise, UTCDateTime, id_column
from bridge.publications import State

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),  # "twitter:12345"
    sa.Column("owner", sa.Text),  # JSON of an Author
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("era", sa.Text, nullable=False, server_default=""),
    sa.Column("parts", sa.Integer, nullable=False, server_default="1"),
    sa.Column("notices", sa.Text, nullable=False, server_default="[]"),  # JSON
    sa.Column("imported_at", UTCDateTime),
    sa.Column("language", sa.Text),  # that most of its own posts are in
    sa.Column(
        "revision", sa.Integer, nullable=False, server_default="0"
    ),  # grows with every change of its posts
)

posts = sa.Table(
    "posts",
    metadata,
    id_column(),
    sa.Column("source", sa.Text, sa.ForeignKey(sources.c.account), nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("audience", sa.String(16), nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("reply_to", sa.Text),
    sa.Column("document", sa.Text, nullable=False),  # JSON of the Post
    sa.Column(
        "seen", sa.String(16), nullable=False
    ),  # of the document as it was last read: an equal one is no news
    sa.Column("first_seen_at", UTCDateTime, nullable=False),
    sa.Column("changed_at", UTCDateTime, nullable=False),
    sa.Column("gone_at", UTCDateTime),  # deleted by its author
    sa.UniqueConstraint("source", "source_id"),
)

aliases = sa.Table(
    "aliases",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("alias_id", sa.Text, primary_key=True),  # any id that an edited post ever had
    sa.Column("post_id", sa.ForeignKey(posts.c.id), nullable=False, index=True),
)

media = sa.Table(
    "media",
    metadata,
    sa.Column("post_id", sa.ForeignKey(posts.c.id), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),  # from 0
    sa.Column("type", sa.String(16), nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("member", sa.Text),  # in its archive; NULL: the archive lacks it
    sa.Column("sha256", sa.String(64)),
    sa.Column("mime", sa.Text),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("duration_ms", sa.BigInteger),
    sa.Column("alt", sa.Text),
    sa.Column("problem", sa.Text),
)

#: Not tied to the rows of posts: somebody may describe what is imported later.
descriptions = sa.Table(
    "descriptions",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("post_id", sa.Text, primary_key=True),  # the source's own id
    sa.Column("position", sa.Integer, primary_key=True),  # from 0
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("approved", sa.Boolean, nullable=False),  # false: a draft
    sa.Column("at", UTCDateTime, nullable=False),
)

#: What people want posts to say, beside what the source says. Kept through every import, as descriptions are.
overlays = sa.Table(
    "overlays",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("post_id", sa.Text, primary_key=True),  # the source's own id
    sa.Column("version", sa.Integer, nullable=False),  # grows with every change; an empty one stays
    sa.Column("text", sa.Text),
    sa.Column("spoiler", sa.Text),
    sa.Column("visibility", sa.String(16)),
    sa.Column("language", sa.Text),
    sa.Column("base", sa.Text),  # what the source said when `text` was written
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", UTCDateTime, nullable=False),
)

#: Posts that somebody wants to see again on their day, at every account that carries them.
pins = sa.Table(
    "pins",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("post_id", sa.Text, primary_key=True),  # the source's own id
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", UTCDateTime, nullable=False),
)

tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("source_id", sa.Text, primary_key=True),  # deleted by its author, whether we ever saw it or not
    sa.Column("at", UTCDateTime, nullable=False),
)

runs = sa.Table(
    "runs",
    metadata,
    id_column(),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("config_digest", sa.Text),
    sa.Column("started_at", UTCDateTime, nullable=False),
    sa.Column("finished_at", UTCDateTime),
    sa.Column("outcome", sa.Text),
)

rejects = sa.Table(
    "rejects",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("place", sa.Text, primary_key=True),  # file and position
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("excerpt", sa.Text, nullable=False),
    sa.Column("record", sa.Text),
    sa.Column("run", sa.ForeignKey(runs.c.id)),
)

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("source", sa.ForeignKey(sources.c.account), primary_key=True),
    sa.Column("cursor", sa.Text),
    sa.Column("at", UTCDateTime, nullable=False),
)

#: What of an account is asked again and again, beside its files: its feeds.
streams = sa.Table(
    "streams",
    metadata,
    sa.Column("source", sa.ForeignKey(sources.c.account), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("cursor", sa.Text),  # where the next question goes on
    sa.Column("gap_from", UTCDateTime),  # what was written between these two is not all here yet
    sa.Column("gap_until", UTCDateTime),  # NULL: there is no gap
    sa.Column("holder", sa.String(32)),  # token of the one process that reads it, where reading is billed
    sa.Column("holder_owner", sa.Text),  # JSON of an Owner
    sa.Column("held_until", UTCDateTime),
)

#: What reading has cost, in millionths of a dollar; nobody's row of a month is its lock.
spending = sa.Table(
    "spending",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),  # "2026-11", in UTC
    sa.Column("payer", sa.Text, primary_key=True),  # the source
    sa.Column("spent", sa.BigInteger, nullable=False),
    sa.Column("held", sa.BigInteger, nullable=False),  # for a question that is not answered yet
    sa.Column("question", sa.Text),
    sa.Column("day", sa.String(10)),  # "2026-11-26", in UTC, on which it was asked
)

#: Where links of posts lead, as it was found out; of everybody's posts.
links = sa.Table(
    "links",
    metadata,
    sa.Column("url", sa.Text, primary_key=True),  # as posts have it
    sa.Column("final", sa.Text),  # where a short one leads
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("checked_at", UTCDateTime, nullable=False),
    sa.Column("gone_since", UTCDateTime),  # when it was first found gone, if it was gone each time since
    sa.Column("copy", sa.Text),  # an archived one
    sa.CheckConstraint("state IN ('found', 'gone', 'failed')", name="state"),
    sa.CheckConstraint("(state = 'gone') = (gone_since IS NOT NULL)", name="gone"),
)

destinations = sa.Table(
    "destinations",
    metadata,
    sa.Column(
        "account", sa.Text, primary_key=True
    ),  # "@me@example.social"; its row is the lock of the account
    sa.Column("remote_account_id", sa.Text),
    sa.Column("limits", sa.Text),  # JSON
    sa.Column("budget", sa.Text),  # JSON
    sa.Column("paused_reason", sa.Text),
    sa.Column("holder", sa.String(32)),  # token of the one process that works on the account
    sa.Column("holder_owner", sa.Text),  # JSON of an Owner
    sa.Column("held_until", UTCDateTime),
    sa.Column("claimed_at", UTCDateTime),
    sa.Column("proposed", sa.Text, nullable=False, server_default="{}"),  # JSON: source -> stamp
    sa.Column("opened_at", UTCDateTime, nullable=False),
    sa.CheckConstraint("(holder IS NULL) = (held_until IS NULL)", name="holder"),
)

_STATES = ", ".join(f"'{state}'" for state in State)

publications = sa.Table(
    "publications",
    metadata,
    id_column(),
    sa.Column("post_id", sa.ForeignKey(posts.c.id), nullable=False),
    sa.Column("destination", sa.ForeignKey(destinations.c.account), nullable=False),
    sa.Column("part", sa.Integer, nullable=False),  # from 1
    sa.Column("kind", sa.String(16), nullable=False, server_default="status"),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("draft", sa.Text, nullable=False),  # JSON of the StatusDraft
    sa.Column("draft_digest", sa.String(32), nullable=False),
    sa.Column("approved_digest", sa.String(32)),
    sa.Column("reply_to_id", sa.ForeignKey("publications.id"), index=True),
    sa.Column("sort_key", Bytewise, nullable=False),
    sa.Column("not_before", UTCDateTime),
    sa.Column("idempotency_key", sa.String(36), nullable=False),
    sa.Column("key_epoch", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempted_at", UTCDateTime),
    sa.Column("lease", sa.String(32)),  # the hold under which the request is made
    sa.Column("unknown_since", UTCDateTime),
    sa.Column("look_again_at", UTCDateTime),
    sa.Column("remote_id", sa.Text),
    sa.Column("remote_url", sa.Text),
    sa.Column("published_at", UTCDateTime),
    sa.Column("published_digest", sa.String(32)),
    sa.Column("reason", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.UniqueConstraint("post_id", "destination", "part"),  # a post is planned once per account and part
    sa.UniqueConstraint("destination", "remote_id"),  # a remote status belongs to one row
    sa.UniqueConstraint("idempotency_key"),
    sa.CheckConstraint(f"state IN ({_STATES})", name="state"),
    sa.CheckConstraint("(state IN ('published', 'withdrawn')) = (remote_id IS NOT NULL)", name="receipt"),
    sa.CheckConstraint("(state = 'publishing') = (lease IS NOT NULL)", name="lease"),
    sa.CheckConstraint("state <> 'publishing' OR attempted_at IS NOT NULL", name="attempt"),
    sa.CheckConstraint(
        "state NOT IN ('approved', 'publishing')"
        " OR (approved_digest IS NOT NULL AND approved_digest = draft_digest)",
        name="approval",
    ),
    sa.Index(
        "uq_publications_one_in_flight",
        "destination",
        unique=True,
        sqlite_where=sa.text("state = 'publishing'"),
        postgresql_where=sa.text("state = 'publishing'"),
    ),
    sa.Index("ix_publications_queue", "destination", "state", "sort_key", "id"),
    sa.Index("ix_publications_sent", "destination", "published_at"),
)

#: By people, each for the draft of that digest only; what a rule approves has none.
approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("publication_id", sa.ForeignKey(publications.c.id), primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(32), nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", UTCDateTime, nullable=False),
)

#: What people did on the review desk that is about no single post, and how it is taken back.
acts = sa.Table(
    "acts",
    metadata,
    id_column(),
    sa.Column("destination", sa.ForeignKey(destinations.c.account), nullable=False, index=True),
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("what", sa.String(16), nullable=False),
    sa.Column("posts", sa.Integer),  # how many it was about
    sa.Column("detail", sa.Text),
    sa.Column("place", sa.Text),  # address on the desk where it was done
    sa.Column("moved", sa.Text),  # JSON of the rows as they were; NULL: it cannot be taken back (any more)
    sa.Column("undone_at", UTCDateTime),
)

edits = sa.Table(
    "edits",
    metadata,
    id_column(),
    sa.Column("destination", sa.ForeignKey(destinations.c.account), nullable=False),
    sa.Column("publication_id", sa.ForeignKey(publications.c.id), nullable=False, index=True),
    sa.Column("draft", sa.Text, nullable=False),  # JSON of the StatusDraft that it is to be
    sa.Column("text", sa.Text, nullable=False),  # of it, with the addresses of own posts in place
    sa.Column("attempted_at", UTCDateTime, nullable=False),
    sa.Column("unknown_since", UTCDateTime),
    sa.Column("settled_at", UTCDateTime),  # NULL: an intent; a request may be in flight
    sa.Index(
        "uq_edits_one_in_flight",
        "destination",
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    ),
)

#: What was asked of the server, where the ledger may tell it otherwise later: a post that is taken back or
#: sent anew loses its address. While a request is under way, of all that answer, link or quote; then of those
#: in which addresses may be.
wordings = sa.Table(
    "wordings",
    metadata,
    sa.Column("publication_id", sa.ForeignKey(publications.c.id), primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text, nullable=False),  # as it was sent; what edits have put there is theirs to tell
    sa.Column("reply_to", sa.Text),  # the remote id that the request under way answers
    sa.Column("boost", sa.Text),  # the remote id of what it passes on
)

uploads = sa.Table(
    "uploads",
    metadata,
    id_column(),
    sa.Column("destination", sa.ForeignKey(destinations.c.account), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("alt_digest", sa.String(32), nullable=False),
    sa.Column("recipe", sa.String(16)),  # what was done to the file of the archive; NULL: nothing
    sa.Column("remote_id", sa.Text, nullable=False),
    sa.Column("ready", sa.Boolean, nullable=False),
    sa.Column("uploaded_at", UTCDateTime, nullable=False),
    sa.Column("expires_at", UTCDateTime),
    sa.UniqueConstraint("destination", "sha256", "alt_digest"),
)

events = sa.Table(
    "events",
    metadata,
    id_column(),
    sa.Column("publication_id", sa.ForeignKey(publications.c.id), nullable=False, index=True),
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Column("before", sa.String(16)),  # NULL: planned
    sa.Column("after", sa.String(16), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("run", sa.ForeignKey(runs.c.id)),
    sa.Column("detail", sa.Text),
    sa.Index(
        "ix_events_run",
        "run",
        sqlite_where=sa.text("run IS NOT NULL"),
        postgresql_where=sa.text("run IS NOT NULL"),
    ),
)

#: What people are to be told of, and what they have been told.
incidents = sa.Table(
    "incidents",
    metadata,
    id_column(),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),  # an account, or the name of a source
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("since", UTCDateTime, nullable=False),
    sa.Column("due_at", UTCDateTime, nullable=False),  # told then, if it still stands
    sa.Column("told_at", UTCDateTime),
    sa.Column("ended_at", UTCDateTime),
    sa.Column("end_told_at", UTCDateTime),
    sa.Column("claimed_until", UTCDateTime),  # somebody is telling it, or it is not tried again before
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),  # in vain
    sa.Index(
        "uq_incidents_standing",
        "kind",
        "subject",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)
