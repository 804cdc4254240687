"""What the ledger answers with: frozen values, never rows that are still tied to a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridge.ledger.owner import Owner
from bridge.posts import Author
from bridge.publications import STATUS, Publication, State
from bridge.rendering.options import Overlay
from bridge.sources.base import Notice
from bridge.statuses import Limits, Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What one page did to the ledger, in posts."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    gone: int = 0  #: found to be deleted, since a newer archive lacks them

    def __add__(self, other: Recorded) -> Recorded:
        return Recorded(
            new=self.new + other.new,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            rejected=self.rejected + other.rejected,
            gone=self.gone + other.gone,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Of the `position`-th medium (from 0) of a post. Not `approved`: a draft, which is never published."""

    source: str
    post_id: str
    position: int
    text: str
    origin: str  #: who gave it: the name of a file format, or "command"
    approved: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What saving descriptions did, in media."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    account: str
    owner: Author | None
    name: str
    era: str
    parts: int
    notices: tuple[Notice, ...]
    imported_at: datetime | None
    posts: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Posts of a source. `by_kind`: its kind, or its audience where that is not everybody."""

    posts: int = 0
    gone: int = 0  #: deleted by their author; counted in `posts` and `by_kind` too
    rejects: int = 0
    first: datetime | None = None
    last: datetime | None = None
    by_kind: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The right to work on an account, until somebody else has taken it. `token` is the fence."""

    account: str
    token: str
    owner: Owner
    seconds: float  #: every claim and renewal extends the hold by this much


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationRow:
    account: str
    remote_account_id: str | None = None
    limits: Limits | None = None
    budget: Mapping[str, object] | None = None
    paused_reason: str | None = None
    holder: Owner | None = None
    held_until: datetime | None = None
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a plan did to the publications of an account."""

    added: int = 0
    updated: int = 0
    kept: int = 0
    dropped: int = 0

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            added=self.added + other.added,
            updated=self.updated + other.updated,
            kept=self.kept + other.kept,
            dropped=self.dropped + other.dropped,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAgain:
    """Statuses that were missing and are back in line. `orphans`: answers to them that stand, and stay."""

    remote_ids: frozenset[str] = frozenset()  #: by which they were known
    orphans: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A published row. `sent`: its text as it was sent, where addresses of own posts may be in it.

    `edited`: the text that an edit of ours has put there; None: it is as it was sent.
    """

    row: Publication
    sent: str | None = None
    edited: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One part of one post at one account, as `log` shows it."""

    id: int
    destination: str
    source: str
    post_id: str
    part: int
    state: State
    attempts: int
    created_at: datetime
    attempted_at: datetime | None = None
    unknown_since: datetime | None = None
    not_before: datetime | None = None
    published_at: datetime | None = None
    remote_id: str | None = None
    remote_url: str | None = None
    reason: str | None = None
    error: str | None = None
    kind: str = STATUS


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a publication has its place, without what it says. `adopted`: another tool published it."""

    id: int
    source: str
    post_id: str
    part: int
    state: State
    sort_key: str
    reply_to_id: int | None = None
    remote_id: str | None = None
    remote_url: str | None = None
    published_at: datetime | None = None
    adopted: bool = False
    kind: str = STATUS


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a post stands as a status."""

    destination: str
    remote_id: str
    url: str | None
    visibility: Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One step of a publication's history. `before` None: it was planned; words are those of their day."""

    publication_id: int
    destination: str
    part: int
    at: datetime
    before: str | None
    after: str
    actor: str
    run: int | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What somebody wants a post to say, and who wanted it last."""

    overlay: Overlay
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A row that somebody has decided about, as it was before and is since."""

    id: int
    draft_digest: str
    before: State
    after: State
    approved_by: str | None = None  #: before
    reason: str | None = None  #: before


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """What a decision about posts came to. `stale`: these are not what was seen, and stay as they are."""

    posts: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that somebody did on the review desk, about many posts or about none.

    `what`: "approved", "skipped", "pending" (brought back) or "handle"; `open`: it can be taken back.
    """

    id: int
    at: datetime
    author: str
    what: str
    posts: int | None = None
    detail: str | None = None
    place: str | None = None
    open: bool = False
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of an account's history: an event, with the post that it is about."""

    id: int
    at: datetime
    actor: str
    source: str
    post_id: str
    part: int
    before: str | None
    after: str
    detail: str | None
    remote_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRow:
    """A medium that lies at a server and is not attached to a status yet."""

    destination: str
    sha256: str
    remote_id: str
    ready: bool
    expires_at: datetime | None
    uploaded_at: datetime
    recipe: str | None  #: digest of what was done to the file of the archive; None: nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    id: int
    command: str
    version: str
    config_digest: str | None
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
