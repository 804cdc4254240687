"""What becomes of a status when its post is edited or deleted at the source.

An edit is followed by an edit of the status, by the same comparison and the same look beforehand as those of
`publish --update`. A deletion is followed as the settings say, and never more often in a day than they say: a
source that is mistaken must not take an account down. A feed that no longer shows a post says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from bridge.engine.changes import Changed, Changes
from bridge.engine.live import Mirror, edited_since_sent, late_ones
from bridge.engine.propose import Wish
from bridge.engine.terms import Ports, Terms
from bridge.engine.undo import undo
from bridge.engine.update import update
from bridge.engine.wording import as_edited, as_sent
from bridge.ledger import Ledger
from bridge.ledger.rows import Hold, Placed, Standing
from bridge.planning import Aspect, Revise, Said
from bridge.publications import BOOST
from bridge.rendering import measure
from bridge.statuses import Limits, Rendering

_PAUSE = timedelta(seconds=30)

Edits = Literal["edit", "reply", "ignore"]
Deletions = Literal["delete", "mark", "ignore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """`most`: statuses that are deleted or marked in a day (UTC). `mark`: the words of the warning."""

    edits: Edits = "edit"
    deletions: Deletions = "mark"
    most: int = 10
    mark: str = "Deleted by its author"

    def answers(self, limits: Limits) -> bool:
        """Whether an edit is told by an answer: as asked, or because that server edits nothing."""
        return self.edits == "reply" or (self.edits == "edit" and not limits.edits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """`again`: when what was left is to be gone on with; None: nothing was."""

    edited: int = 0
    withdrawn: int = 0
    again: datetime | None = None

    def __add__(self, other: Followed) -> Followed:
        return Followed(
            edited=self.edited + other.edited,
            withdrawn=self.withdrawn + other.withdrawn,
            again=min(filter(None, (self.again, other.again)), default=None),
        )


@dataclass(frozen=True, slots=True)
class Follower:
    """Of one mirror, under the hold of its account."""

    mirror: Mirror
    follow: Follow
    wish: Wish
    ports: Ports
    terms: Terms
    hold: Hold

    def edits(self, ids: Collection[str]) -> Followed:
        """Of these posts, those that were edited since their status was sent.

        Another language is none: an archive tells it where a feed did not, and servers tell people of edits.
        """
        ledger, mirror = self.ports.ledger, self.mirror
        if self.follow.edits != "edit" or not self.wish.limits.edits:
            return Followed()
        due = edited_since_sent(ledger, mirror, ledger.posts.changed(mirror.source, ids))
        if not due:
            return Followed()
        headers = ledger.posts.headers_of(mirror.source, due)
        wish = replace(self.wish, live=True, late=late_ones(ledger, mirror, headers, self.wish.pace))
        changes = Changes(ledger, mirror.source, wish, mirror.destination, among=headers)
        return self._edited([each for each in changes if _shows(each)])

    def deletions(self) -> Followed:
        """Of the posts that were deleted since their status was sent."""
        if self.follow.deletions == "ignore":
            return Followed()
        rows = self.ports.ledger.queue.outlived(self.mirror.destination, self.mirror.source)
        if self.follow.deletions == "delete":
            return self._deleted(rows)
        boosts = [row for row in rows if row.kind == BOOST]  # nothing of them is left to be read or marked
        done = self._deleted(boosts) if boosts else Followed()
        return done + self._marked([row for row in rows if row.kind != BOOST])

    def _edited(self, changes: Changes | list[Changed]) -> Followed:
        done = update(self.ports, self.terms, changes, self.hold)
        again = self._again(done.next_attempt, worked=done.done > 0)
        return Followed(edited=done.edited, again=again if done.stopped else None)

    def _deleted(self, rows: list[Placed]) -> Followed:
        allowed, rest = self._allowed(len(rows))
        if not allowed:
            return Followed(again=rest)
        done = undo(self.ports, self.terms, rows[:allowed], self.hold)
        gone = done.withdrawn + done.gone
        self._count(gone - allowed)
        again = self._again(done.next_attempt, worked=gone > 0)
        return Followed(withdrawn=gone, again=again if done.stopped else rest)

    def _again(self, at: datetime | None, *, worked: bool) -> datetime:
        """A server that lets nothing through is not asked all the time."""
        now = self.ports.clock.now()
        return max(at or now, now if worked else now + _PAUSE)

    def _marked(self, rows: list[Placed]) -> Followed:
        if not self.wish.limits.edits:
            return Followed()
        marks = list(self._marks({row.post_id for row in rows}))
        allowed, rest = self._allowed(len(marks))
        done = self._edited(marks[:allowed]) if allowed else Followed()
        if done.again is not None:
            self._count(done.edited - allowed)
        return replace(done, again=done.again or rest)

    def _marks(self, ids: Collection[str]) -> Iterator[Changed]:
        """A warning in front of each that has none of ours yet, and room for it."""
        ledger, mirror, limits = self.ports.ledger, self.mirror, self.wish.limits
        standing = ledger.queue.standing(mirror.destination, mirror.source, ids, corrections=True)
        posts = ledger.posts.load(mirror.source, ids)
        for post_id, parts in standing.items():
            edits = tuple(
                (each.row, revise)
                for each in parts
                if (revise := _marking(ledger, each, self.follow.mark, limits)) is not None
            )
            if edits:
                drafts = tuple(revise.after.draft for _, revise in edits)
                yield Changed(
                    post=posts[post_id], rendering=Rendering(post_id=post_id, drafts=drafts), edits=edits
                )

    def _allowed(self, wanted: int) -> tuple[int, datetime | None]:
        """How many may be done today, and when the rest; they count as done from here on."""
        allowed = max(0, min(wanted, self.follow.most - self._count(0)))
        self._count(allowed)
        if allowed == wanted:
            return allowed, None
        tomorrow = self.ports.clock.now().astimezone(UTC) + timedelta(days=1)
        return allowed, tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)

    def _count(self, more: int) -> int:
        """How many were done today, these included."""
        posts, name = self.ports.ledger.posts, f"deletions {self.mirror.destination}"
        today = f"{self.ports.clock.now().astimezone(UTC):%Y-%m-%d}"
        told = posts.cursor(self.mirror.source, name)
        counts = msgspec.json.decode(told, type=dict[str, int]) if told else {}
        done = max(0, counts.get(today, 0) + more)
        if more:
            posts.save_cursor(self.mirror.source, name, msgspec.json.encode({today: done}).decode())
        return done


def _marking(ledger: Ledger, standing: Standing, mark: str, limits: Limits) -> Revise | None:
    before = as_sent(ledger, standing, limits)
    draft = standing.row.draft
    if draft.spoiler_text.startswith(mark) or before.text is None or draft.poll is not None:
        return None
    spoiler = f"{mark} · {draft.spoiler_text}" if draft.spoiler_text else mark
    text = as_edited(ledger, standing, draft, limits)
    if measure(text, spoiler, limits) > limits.max_characters:
        return None
    after = replace(draft, spoiler_text=spoiler, sensitive=True)
    return Revise(before=before, after=Said(draft=after, text=text), changes=(Aspect.WARNING,))


def _shows(changed: Changed) -> bool:
    """Whether a reader would notice, or there is something to be told."""
    asked = [set(revise.changes) for _, revise in changed.edits]
    return not asked or any(aspects != {Aspect.LANGUAGE} for aspects in asked)
