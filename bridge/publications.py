"""What has become of a status draft: its states, the moves between them, and its receipt."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.statuses import StatusDraft


class State(StrEnum):
    PENDING = "pending"  # rendered; waits for a person or a rule
    APPROVED = "approved"  # may be sent once `not_before` has passed
    PUBLISHING = "publishing"  # intent committed; a request may be in flight
    PUBLISHED = "published"  # receipt known; another tool may have published it
    FAILED = "failed"  # answered no; needs a person
    SKIPPED = "skipped"  # not wanted, with its reason
    WITHDRAWN = "withdrawn"  # deleted by us at the destination


#: `published` straight from a row that was never sent: its status was adopted. From `published` back in line:
#: the status is missing on the account, and a person wants it sent again.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.APPROVED, State.SKIPPED, State.PUBLISHED}),
    State.APPROVED: frozenset({State.PUBLISHING, State.PENDING, State.SKIPPED, State.PUBLISHED}),
    State.PUBLISHING: frozenset({State.PUBLISHED, State.APPROVED, State.FAILED}),
    State.PUBLISHED: frozenset({State.WITHDRAWN, State.APPROVED}),
    State.FAILED: frozenset({State.APPROVED, State.SKIPPED, State.PUBLISHED}),
    State.SKIPPED: frozenset({State.PENDING, State.PUBLISHED}),
    State.WITHDRAWN: frozenset({State.SKIPPED}),  # a person wants it published anew: planned as if new
}

#: Begins the `reason` of a row whose post another tool has carried: we never sent it, and may not delete it.
ADOPTED = "adopted: "

STATUS, BOOST = "status", "boost"

#: Parts above 0 are those of a post, below it corrections of it; from here on down, other things about it.
OTHERS = -1000

_KEYS = uuid.UUID("5f2a3b1e-6d0c-5c1d-9a55-70a55e7e11e0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A row of the ledger, as a value. `reply_to_id` names the row that this one answers."""

    id: int
    destination: str
    source: str
    post_id: str
    draft: StatusDraft
    state: State
    sort_key: str
    idempotency_key: str
    kind: str = STATUS  #: what stands, or will: a status or a boost of one
    reply_to_id: int | None = None
    attempts: int = 0
    attempted_at: datetime | None = None
    unknown_since: datetime | None = None  #: when the answer to a request was last known to be missing
    not_before: datetime | None = None
    lease: str | None = None
    remote_id: str | None = None
    remote_url: str | None = None
    published_at: datetime | None = None
    published_digest: str | None = None
    reason: str | None = None
    error: str | None = None

    @property
    def is_boost(self) -> bool:
        """Somebody's status is passed on; until it is, that is only the wish."""
        return self.kind == BOOST

    @property
    def is_adopted(self) -> bool:
        """Another tool wrote the status, in its own words."""
        return (self.reason or "").startswith(ADOPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The intent to change the status of `row` to `draft`, worded as `text`; until its outcome is known."""

    id: int
    row: Publication
    draft: StatusDraft
    text: str
    attempted_at: datetime
    unknown_since: datetime | None = None


def idempotency_key(
    destination: str, *, source: str, post_id: str, part: int, draft_digest: str, epoch: int = 0
) -> str:
    """The key of one status at one account; `epoch` grows where a server burns keys with its errors."""
    name = "\x1f".join((destination, source, post_id, str(part), draft_digest, str(epoch)))
    return str(uuid.uuid5(_KEYS, name))
