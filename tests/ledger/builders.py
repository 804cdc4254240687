"""Posts, plans and ledgers, short enough to be read in a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.ledger import Ledger
from bridge.ledger.owner import Owner, this_process
from bridge.ledger.rows import Applied, Hold, Recorded
from bridge.planning import Publish
from bridge.posts import Author, Kind, Post
from bridge.publishers.base import Receipt
from bridge.sources.base import Page
from bridge.statuses import StatusDraft, StatusRef
from tests.changes import replace

SOURCE = "twitter:1"
ACCOUNT = "@me@example.social"
OTHER = "@me@elsewhere.example"
T0 = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def post(post_id: str, text: str = "", **more: Any) -> Post:
    number = int(post_id) if post_id.isdigit() else 0
    facts: dict[str, Any] = {
        "source": SOURCE,
        "id": post_id,
        "author": Author(id="1", handle="me"),
        "created_at": T0 - timedelta(days=1) + timedelta(seconds=number),
        "text": text or f"post {post_id}",
        "kind": Kind.ORIGINAL,
    }
    return Post(**{**facts, **more})


def newest(_known: Post, new: Post) -> Post:
    """A merge rule of the utmost simplicity."""
    return new


def record(
    ledger: Ledger,
    *posts: Post,
    now: datetime = T0,
    merge: Callable[[Post, Post], Post] = newest,
    **page: Any,
) -> Recorded:
    return ledger.posts.record(Page(posts=posts, **page), source=SOURCE, run=None, now=now, merge=merge)


def draft(post_id: str, part: int = 1, *, text: str = "", reply_to: StatusRef | None = None) -> StatusDraft:
    words = text or f"{post_id}/{part}"
    return StatusDraft(
        post_id=post_id, part=part, parts=max(part, 1), text=words, length=len(words), in_reply_to=reply_to
    )


def publish(
    post_id: str, part: int = 1, *, text: str = "", reply_to: StatusRef | None = None, **more: Any
) -> Publish:
    wanted = draft(post_id, part, text=text, reply_to=reply_to)
    key = f"{post_id:0>20}{part:03d}"
    return Publish(**{"draft": wanted, "source": SOURCE, "sort_key": key, "reply_to": reply_to, **more})


def thread(*post_ids: str) -> list[Publish]:
    """Each answers the one before."""
    refs: Sequence[StatusRef | None] = (None, *(StatusRef(post_id=post_id) for post_id in post_ids))
    return [publish(post_id, reply_to=parent) for post_id, parent in zip(post_ids, refs, strict=False)]


def plan(ledger: Ledger, *actions: Any, now: datetime = T0, destination: str = ACCOUNT) -> Applied:
    """Apply the actions, with a post in the ledger for each of their drafts."""
    ids: Iterable[str] = dict.fromkeys(a.draft.post_id for a in actions if isinstance(a, Publish))
    known = ledger.posts.load(SOURCE, list(ids))
    record(ledger, *(post(post_id) for post_id in ids if post_id not in known))
    ledger.queue.open_destination(destination, now=now)
    return ledger.queue.apply(actions, destination=destination, source=SOURCE, now=now)


def hold(ledger: Ledger, *, now: datetime = T0, owner: Owner | None = None, seconds: float = 600) -> Hold:
    ledger.queue.open_destination(ACCOUNT, now=now)
    return ledger.queue.hold(ACCOUNT, owner=owner or this_process(), now=now, seconds=seconds)


def dead(life: str = "an earlier one") -> Owner:
    """A process of this machine that has ended: its id was given to another one, ours."""
    return replace(this_process(), started=life)


def elsewhere() -> Owner:
    return Owner(host="another.example", boot="b", pid=1, started="s")


def receipt(remote_id: str, now: datetime = T0) -> Receipt:
    return Receipt(remote_id=remote_id, url=f"https://example.social/@me/{remote_id}", created_at=now)
