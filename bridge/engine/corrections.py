"""Edits of posts as answers under their statuses: where that is wanted, or where the server edits nothing.

Each is a publication of the post beside its parts, numbered from -1 downwards: so it is planned once, sent in
its turn, found again when its answer is lost, seen by `verify` and taken back by `undo`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.engine.changes import Changed, Changes
from bridge.engine.live import Mirror, edited_since_sent, late_ones
from bridge.engine.propose import Wish, overlays_of, rendering_options
from bridge.ledger import Ledger
from bridge.ledger.rows import Applied, Standing
from bridge.planning import BY_RULE, Action, Aspect, Drop, Lane, Publish, sort_key
from bridge.posts import Post
from bridge.publications import Publication, State
from bridge.rendering import Context
from bridge.rendering.corrections import correction
from bridge.statuses import StatusDraft, StatusRef, draft_digest

_SAID = frozenset({Aspect.TEXT, Aspect.WARNING})
_A_PERSONS = ("adopted", "hold", "unwanted")  # reasons for which an edit is not followed in any way


def plan_corrections(
    ledger: Ledger, mirror: Mirror, wish: Wish, ids: Collection[str], *, now: datetime, run: int | None = None
) -> Applied:
    """Of those of these posts that were edited since they were sent, not longer ago than what is fresh.

    Older edits were not followed when they were made: nobody wants to read of all of them at once.
    """
    changed = ledger.posts.changed(mirror.source, ids)
    due = edited_since_sent(ledger, mirror, changed)
    due = {each: rows for each, rows in due.items() if now - changed[each] <= mirror.fresh}
    if not due:
        return Applied()
    actions = _Desk(ledger, mirror, wish).actions(due)
    return ledger.queue.apply(
        actions, destination=mirror.destination, source=mirror.source, now=now, run=run, actor="watch"
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    ledger: Ledger
    mirror: Mirror
    wish: Wish

    def actions(self, due: dict[str, list[Standing]]) -> Iterator[Action]:
        ledger, mirror = self.ledger, self.mirror
        headers = ledger.posts.headers_of(mirror.source, due)
        wish = replace(self.wish, live=True, late=late_ones(ledger, mirror, headers, self.wish.pace))
        changes = Changes(ledger, mirror.source, wish, mirror.destination, among=headers)
        changed = {each.post.id: each for each in changes}
        before = ledger.queue.corrections(mirror.destination, mirror.source, due)
        posts = ledger.posts.load(mirror.source, due)
        context = self._context(due)
        for post_id, rows in due.items():
            found = changed.get(post_id)
            if found is not None and (found.left in _A_PERSONS or found.rendering.hold is not None):
                continue
            yield from self._of_post(posts[post_id], context, rows, before.get(post_id, ()), found)

    def _of_post(
        self,
        post: Post,
        context: Context,
        rows: Sequence[Standing],
        before: Sequence[Publication],
        found: Changed | None,
    ) -> Iterator[Action]:
        """One answer an edit: to what was said last, be it the status or a correction of it."""
        sent = [row for row in before if not _is_open(row)]
        waits = next((row for row in before if _is_open(row)), None)
        part = waits.draft.part if waits is not None else -1 - len(before)
        locale = rendering_options(self.ledger, self.mirror.source, self.wish).locale
        draft = correction(post, context, rows[-1].row.draft, part=part, locale=locale)
        wanted = draft is not None and (
            draft.text != sent[-1].draft.text if sent else _says_otherwise(found, rows)
        )
        if draft is not None and wanted:
            if waits is None or waits.state is State.SKIPPED or not _same(waits, draft):
                yield self._publish(post, draft)
        elif waits is not None and waits.state is not State.SKIPPED:
            yield Drop(post_id=post.id, reason=f"{BY_RULE}edit", part=part)

    def _publish(self, post: Post, draft: StatusDraft) -> Publish:
        return Publish(
            draft=draft,
            source=post.source,
            sort_key=sort_key(post, post, draft.part, lane=Lane.LIVE),
            reply_to=draft.in_reply_to,
            approve=self.wish.approve,
            reason=None if self.wish.approve else "review",
            recall=not self.wish.approve,
        )

    def _context(self, ids: Collection[str]) -> Context:
        ledger, mirror, wish = self.ledger, self.mirror, self.wish

        def own(post_id: str) -> StatusRef | None:
            remote = ledger.queue.remote(mirror.destination, mirror.source, post_id)
            return None if remote is None else StatusRef(post_id=post_id)

        return Context(
            limits=wish.limits,
            options=rendering_options(ledger, mirror.source, wish),
            handles=wish.handles,
            links=wish.links,
            own=own,
            overlay=overlays_of(ledger, mirror.source, list(ids)).get,
        )


def _says_otherwise(found: Changed | None, rows: Sequence[Standing]) -> bool:
    """Whether a reader would find other words; other pictures or descriptions cannot be told in an answer."""
    if found is None:
        return False
    if found.edits:
        return any(_SAID & set(revise.changes) for _, revise in found.edits)
    now, then = (
        [(draft.spoiler_text, draft.text) for draft in drafts]
        for drafts in (found.rendering.drafts, [each.row.draft for each in rows])
    )
    return found.left is not None and now != then


def _is_open(row: Publication) -> bool:
    """It has not left, and nobody has put it aside by hand."""
    by_rule = row.state is State.SKIPPED and (row.reason or "").startswith(BY_RULE)
    return by_rule or row.state in (State.PENDING, State.APPROVED)


def _same(row: Publication, draft: StatusDraft) -> bool:
    return draft_digest(row.draft) == draft_digest(draft)
