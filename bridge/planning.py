"""What is to become of a thread at one account: the difference between its rendering and the ledger. Pure.

A post is planned as long as none of it has left: a part that is published, withdrawn, failed or in flight
freezes the whole post, which is then never rendered anew. What a person put aside stays aside;
what only a rule put aside comes back when the rule changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bridge.posts import Post, Thread
from bridge.publications import State
from bridge.statuses import Rendering, StatusDraft, StatusRef, draft_digest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FROZEN = frozenset({State.PUBLISHING, State.PUBLISHED, State.WITHDRAWN, State.FAILED})
_UNSENT = frozenset({State.PENDING, State.APPROVED})

#: Begins the `reason` of a row that a rule put aside; any other reason is a person's, and stands.
BY_RULE = "rule: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ledger has of one part of a post at one account."""

    part: int
    state: State
    draft_digest: str
    published_digest: str | None = None
    remote_id: str | None = None
    reason: str | None = None  #: of a pending or skipped row


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Insert this part, or put this draft in the place of its unsent or skipped row.

    `approve`: straight into the queue (through `pending` where the row stood there or was skipped); otherwise
    the row waits as `pending` with `reason`. `reply_to` names the row that must be published before.
    """

    draft: StatusDraft
    source: str
    sort_key: str
    reply_to: StatusRef | None = None
    approve: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Leave the row as it is."""

    post_id: str
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Put aside (`skipped`, with the reason) the row of this part, which has not left; None: all parts."""

    post_id: str
    reason: str
    part: int | None = None


Action = Publish | Keep | Drop


def is_frozen(known: Sequence[Known]) -> bool:
    """Whether some of the post has left, or may have, or a person put it aside: never to be planned anew."""
    return bool(known) and any(row.state in _FROZEN or _put_aside_by_hand(row) for row in known)


def plan_thread(
    thread: Thread,
    renderings: Mapping[str, Rendering],
    known: Mapping[str, Sequence[Known]],
    *,
    approve: bool = True,
) -> tuple[Action, ...]:
    """Bring the ledger in line with the renderings of a selected thread, in its order.

    `renderings` has every post that is not frozen. Applying the result and planning again gives only `Keep`.
    """
    actions: list[Action] = []
    for post in thread.posts:
        rows = known.get(post.id, ())
        if is_frozen(rows):
            actions.extend(Keep(post_id=post.id, part=row.part) for row in rows)
        else:
            actions.extend(_plan_post(thread.root, post, renderings[post.id], rows, approve=approve))
    return tuple(actions)


def plan_skipped(post_id: str, reason: str, known: Sequence[Known]) -> tuple[Action, ...]:
    """Put aside what waits of a post that is not wanted any more."""
    if not known:
        return ()
    if is_frozen(known) or not any(row.state in _UNSENT for row in known):
        return tuple(Keep(post_id=post_id, part=row.part) for row in known)
    return (Drop(post_id=post_id, reason=BY_RULE + reason),)


def sort_key(root: Post, post: Post, part: int) -> str:
    """Orders an account's rows as text: by the thread's first instant, whole threads, in their own order."""
    instant = max(0, (root.created_at - _EPOCH) // timedelta(milliseconds=1))
    return f"{instant:015d}{_fixed(root.id)}{_fixed(post.id)}{part:03d}"


def _plan_post(
    root: Post, post: Post, rendering: Rendering, known: Sequence[Known], *, approve: bool
) -> Iterator[Action]:
    if rendering.skip is not None or not rendering.drafts:
        yield from plan_skipped(post.id, rendering.skip or "empty", known)
        return
    rows = {row.part: row for row in known}
    approved = approve and rendering.hold is None
    for draft in rendering.drafts:
        row = rows.pop(draft.part, None)
        if row is not None and _stands(row, draft, approved=approved):
            yield Keep(post_id=post.id, part=draft.part)
        else:
            yield Publish(
                draft=draft,
                source=post.source,
                sort_key=sort_key(root, post, draft.part),
                reply_to=draft.in_reply_to,
                approve=approved,
                reason=rendering.hold,
            )
    for row in rows.values():
        if row.state in _UNSENT:
            yield Drop(post_id=post.id, part=row.part, reason=BY_RULE + "parts")
        else:
            yield Keep(post_id=post.id, part=row.part)


def _stands(row: Known, draft: StatusDraft, *, approved: bool) -> bool:
    """An approval is for one text: the same text keeps it, whoever gave it."""
    if row.draft_digest != draft_digest(draft):
        return False
    return row.state is State.APPROVED or (row.state is State.PENDING and not approved)


def _put_aside_by_hand(row: Known) -> bool:
    return row.state is State.SKIPPED and not (row.reason or "").startswith(BY_RULE)


def _fixed(post_id: str) -> str:
    """Twenty characters: numbers keep their order; any other id comes after them, in no special order."""
    if post_id.isascii() and post_id.isdigit() and len(post_id) <= 20:
        return post_id.zfill(20)
    return "z" + hashlib.blake2b(post_id.encode(), digest_size=10).hexdigest()[:19]
