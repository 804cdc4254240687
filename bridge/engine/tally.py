"""What a proposal comes to: the figures of the preview, and the digest that names the plan."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bridge.engine.forecast import SECONDS_EACH
from bridge.engine.hints import HINTS
from bridge.engine.propose import Decision, Proposed
from bridge.ledger.rows import Counts, SourceRow
from bridge.media.remote import addresses
from bridge.pacing import STATUS, Budget, Keeping, Need, Schedule, simulate
from bridge.posts import Post
from bridge.publications import State
from bridge.selection import OPTIONS
from bridge.statuses import Limits, Rendering, StatusDraft

_KINDS = ("original", "thread", "reply", "retweet", "quote", "community", "circle", "deleted")
#: States of which nothing is to be sent any more.
LEFT = frozenset({State.PUBLISHED, State.WITHDRAWN, State.SKIPPED, State.FAILED})


@dataclass(slots=True)
class Warned:
    posts: int = 0
    example: str = ""


@dataclass(slots=True)
class Tally:
    """Counts as proposals pass by; what has left already is counted apart."""

    posts: int = 0
    threads: int = 0
    media: int = 0
    bytes: int = 0
    held: int = 0
    missing: int = 0  #: media that no archive has
    fetchable: int = 0  #: of those: the old network may still have them
    fitted: int = 0  #: media that are made to fit
    fitted_from: int = 0  #: bytes
    fitted_to: int = 0  #: bytes, of those that are made already
    already_posts: int = 0
    already: int = 0  #: statuses that are on the account
    needs: list[int] = field(default_factory=list)  #: of each status that is to be sent: its media
    skipped: Counter[str] = field(default_factory=Counter)
    warned: dict[str, Warned] = field(default_factory=dict)
    _digest: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    @property
    def statuses(self) -> int:
        return len(self.needs)

    @property
    def digest(self) -> str:
        """Of the posts that are wanted and their drafts, in order; publishing does not change it."""
        return str(self._digest.hexdigest())

    def add(self, proposed: Proposed) -> None:
        for warning in proposed.rendering.warnings if proposed.rendering else ():
            warned = self.warned.get(warning.code)
            if warned is None:
                warned = self.warned[warning.code] = Warned(example=proposed.post_id)
            warned.posts += 1
        if proposed.decision is Decision.SKIP:
            self.skipped[proposed.reason or "empty"] += 1
            return
        self._digest.update(
            "\x1f".join((proposed.post_id, proposed.decision, *proposed.digests, "\n")).encode()
        )
        self.threads += proposed.begins_thread
        if proposed.decision is Decision.HOLD:
            self.held += 1
        elif proposed.left:
            self._add_left(proposed)
        elif proposed.rendering is not None:
            self.posts += 1
            for draft in proposed.rendering.drafts:
                self._add_status(draft)
            self._add_changes(proposed.rendering)
            self._add_missing(proposed.post)

    def _add_missing(self, post: Post | None) -> None:
        missing = [medium for medium in post.media if medium.file is None] if post else []
        self.missing += len(missing)
        self.fetchable += sum(bool(addresses(medium)) for medium in missing)

    def _add_left(self, proposed: Proposed) -> None:
        gone = sum(row.state is State.PUBLISHED for row in proposed.known)
        left = [row.part for row in proposed.known if row.state not in LEFT]
        self.already += gone
        self.already_posts += gone > 0 and not left
        self.posts += bool(left)
        drafts = {draft.part: draft for draft in proposed.rendering.drafts} if proposed.rendering else {}
        for part in left:
            if part in drafts:
                self._add_status(drafts[part])
            else:
                self.needs.append(0)

    def _add_changes(self, rendering: Rendering) -> None:
        sent = {medium.position for draft in rendering.drafts for medium in draft.media}
        for change in rendering.changes:
            if change.position in sent and change.what != "none":
                self.fitted += 1
                self.fitted_from += change.before
                self.fitted_to += change.after or 0

    def _add_status(self, draft: StatusDraft) -> None:
        if not draft.media:
            self.needs.append(0)
            return
        present = [medium for medium in draft.media if medium.file is not None]
        self.needs.append(len(present))
        self.media += len(present)
        self.bytes += sum(medium.size or 0 for medium in present)

    def schedule(self, start: datetime, budget: Budget, limits: Limits) -> Schedule:
        """When all that is left would be done, by the deliverer's own rules."""
        needs = (Need(media=media) if media else STATUS for media in self.needs)
        return simulate(needs, start, budget, seconds_each=SECONDS_EACH, keeping=Keeping.of(limits))


def document(tally: Tally, schedule: Schedule, source: SourceRow | None, counts: Counts) -> dict[str, Any]:
    """`data` of `preview --json`; the keys are a contract."""
    by_kind = {kind: int(counts.by_kind.get(kind, 0)) for kind in _KINDS}
    return {
        "digest": tally.digest,
        "source": {
            "posts": counts.posts,
            "first": rfc3339(counts.first),
            "last": rfc3339(counts.last),
            "owner": source.owner.handle if source and source.owner else None,
            "parts": source.parts if source else 0,
            "by_kind": by_kind,
        },
        "publish": {
            "posts": tally.posts,
            "statuses": tally.statuses,
            "threads": tally.threads,
            "media": tally.media,
            "bytes": tally.bytes,
        },
        "missing": {"media": tally.missing, "fetchable": tally.fetchable},
        "fit": {"media": tally.fitted, "before": tally.fitted_from, "after": tally.fitted_to or None},
        "already": {"posts": tally.already_posts, "statuses": tally.already},
        "hold": {"posts": tally.held},
        "skip": [
            {"reason": reason, "posts": posts, "option": OPTIONS.get(reason, HINTS.get(reason))}
            for reason, posts in tally.skipped.most_common()
        ],
        "warnings": told(tally.warned),
        "schedule": {
            "start": rfc3339(schedule.start),
            "finish": rfc3339(schedule.finish),
            "seconds": round(schedule.seconds),
            "bound": schedule.bound,
        },
    }


def told(warned: Mapping[str, Warned]) -> list[dict[str, Any]]:
    """Warnings by how many posts they are about."""
    return [
        {"code": code, "posts": each.posts, "example": each.example, "hint": HINTS.get(code, "")}
        for code, each in sorted(warned.items(), key=lambda item: (-item[1].posts, item[0]))
    ]


def rfc3339(at: datetime | None) -> str | None:
    """UTC with `Z`, whole seconds unless there are fractions."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
