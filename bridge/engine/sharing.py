"""The desk for colleagues who have none: what they are told, and what they decided, on a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bridge.engine.entries import Entry, Standing
from bridge.engine.review import Desk
from bridge.engine.thread import worded
from bridge.errors import LedgerError
from bridge.ledger.reviews import Ruling
from bridge.publications import State
from bridge.rendering import Overlay

_DECIDABLE = frozenset({
    Standing.WAITING, Standing.READY, Standing.APPROVED, Standing.EXCLUDED, Standing.FAILED,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A post as it is told: its text without the date, and its warning."""

    entry: Entry
    text: str
    warning: str
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What somebody decided about a post of that version. `after` None: there is only a new `text`, or a
    `pin`, which False takes away."""

    post_id: str
    version: str
    after: State | None = None
    reason: str | None = None
    text: str | None = None
    pin: bool | None = None


@dataclass(slots=True, kw_only=True)
class TakenIn:
    """What it came to, in posts. `stale`: something else was decided or edited since; `sent`: it has left."""

    done: Counter[State] = field(default_factory=Counter)
    edited: int = 0
    pinned: int = 0  #: or unpinned
    stale: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unreasoned: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)


def sentences(desk: Desk) -> Iterator[Sentence]:
    """What may be decided about, in the order of publication."""
    for proposed, text in worded(desk.ledger, desk.source, desk.wish, destination=desk.account):
        each = desk.find(proposed.post_id)
        if each.standing in _DECIDABLE:
            drafts = proposed.rendering.drafts if proposed.rendering else ()
            link = proposed.post.url if proposed.post else None
            warning = drafts[0].spoiler_text if drafts else ""
            yield Sentence(entry=each, text=text, warning=warning, link=link)


def take_in(desk: Desk, decided: Sequence[Decided], ruling: Ruling) -> TakenIn:
    """All or nothing for each post: what was not seen as it is stays as it is.

    Approvals come last, for a sheet is one decision: leaving a post out, or wording it anew, also changes
    what the next ones of its thread answer.
    """
    taken = TakenIn()
    sound = [each for each in decided if _is_sound(desk, each, taken)]
    for pin in (True, False):
        seen = {each.post_id: each.version for each in sound if each.pin is pin}
        taken.pinned += len(desk.pin(seen, ruling, off=not pin).posts)
    for after in (State.SKIPPED, State.PENDING):
        _decide(desk, [each for each in sound if each.after is after], replace(ruling, after=after), taken)
    for each in sound:
        if each.text is not None:
            _write(desk, each, each.text, ruling, taken)
    left = [each for each in sound if each.after is State.APPROVED and each.post_id not in taken.sent]
    _decide(desk, left, replace(ruling, after=State.APPROVED), taken)
    return taken


def _is_sound(desk: Desk, each: Decided, taken: TakenIn) -> bool:
    if not desk.knows(each.post_id):
        taken.unknown.append(each.post_id)
    elif desk.find(each.post_id).version != each.version:
        taken.stale.append(each.post_id)
    elif each.after is State.SKIPPED and not each.reason:
        taken.unreasoned.append(each.post_id)
    else:
        return True
    return False


def _decide(desk: Desk, decided: Sequence[Decided], ruling: Ruling, taken: TakenIn) -> None:
    for reason in dict.fromkeys(each.reason for each in decided):
        mine = [each.post_id for each in decided if each.reason == reason]
        why = reason if ruling.after is State.SKIPPED else None
        seen = {post_id: desk.find(post_id).version for post_id in mine}
        ruled = desk.decide(seen, replace(ruling, reason=why))
        taken.done[ruling.after] += len(ruled.posts)
        taken.stale += ruled.stale


def _write(desk: Desk, each: Decided, text: str, ruling: Ruling, taken: TakenIn) -> None:
    """The new text over the post; what else was edited of it stays."""
    before = desk.overlays([each.post_id]).get(each.post_id)
    post = desk.ledger.posts.load(desk.source, [each.post_id])[each.post_id]
    overlay = replace(before.overlay if before else Overlay(), text=text, base=post.text)
    try:
        desk.edit(each.post_id, overlay, replace(ruling, after=State.PENDING, reason="edited: text"))
    except LedgerError:
        taken.sent.append(each.post_id)
    else:
        taken.edited += 1
