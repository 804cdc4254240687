"""What `preview --changed` tells: which statuses would be edited, how, and what no edit can bring in line.

`data` has the keys of the ordinary preview, of which `publish` and `skip` are empty, and besides
`"change": {"posts": N, "statuses": N, "what": {"text": N, "warning": N, "sensitive": N, "language": N,
"description": N}}` and `"left": [{"reason": "parts", "posts": N, "example": "ID", "hint": "..."}]`;
`already` counts what was compared. A line of `--jsonl` has the keys of the ordinary one, and besides
`"change": {"what": ["text"], "statuses": [{"part", "remote_id", "remote_url", "what", "before", "after"}]}`,
where `before` and `after` are `{"text", "spoiler_text", "sensitive", "language", "descriptions"}`; a `text`
of null is not known, as another tool wrote it. Its `decision` is `publish` where statuses would be edited,
and `hold`, with the reason, where they are left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TextIO

import msgspec

from bridge.engine.changes import Changed, Changes
from bridge.engine.forecast import SECONDS_EACH
from bridge.engine.propose import Decision, Proposed
from bridge.engine.tally import Tally, Warned, document, told
from bridge.engine.update import EDIT
from bridge.ledger import Ledger
from bridge.ledger.rows import SourceRow
from bridge.pacing import Budget, Schedule, simulate
from bridge.planning import LEFT, Aspect, Revise, Said
from bridge.preview.jsonl import line as proposed_line
from bridge.publications import Publication

ChangeSink = Callable[[Changed], None]
_FIRST = 10


@dataclass(slots=True)
class ChangeTally:
    """Counts as changes pass by."""

    posts: int = 0
    statuses: int = 0
    what: Counter[Aspect] = field(default_factory=Counter)
    left: dict[str, Warned] = field(default_factory=dict)
    warned: dict[str, Warned] = field(default_factory=dict)

    def add(self, changed: Changed) -> None:
        self.posts += bool(changed.edits)
        self.statuses += len(changed.edits)
        for _, revise in changed.edits:
            self.what.update(revise.changes)
        for code in {warning.code for warning in changed.warnings}:
            self.warned.setdefault(code, Warned(example=changed.post.id)).posts += 1
        if changed.left is not None:
            self.left.setdefault(changed.left, Warned(example=changed.post.id)).posts += 1

    def schedule(self, start: datetime, budget: Budget) -> Schedule:
        """When all edits would be done: each is a look and a request."""
        return finish(self.statuses, start, budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePreview:
    """`data` is what `preview --changed --json` prints."""

    data: dict[str, Any]
    tally: ChangeTally
    schedule: Schedule
    first: tuple[Changed, ...]
    destination: str


def finish(statuses: int, start: datetime, budget: Budget) -> Schedule:
    """Of so many edits, from then on."""
    return simulate((EDIT for _ in range(statuses)), start, budget, seconds_each=2 * SECONDS_EACH)


def preview_changes(
    ledger: Ledger,
    changes: Changes,
    budget: Budget,
    *,
    now: datetime,
    sinks: Sequence[ChangeSink] = (),
) -> ChangePreview:
    """Compare everything and change nothing. `sinks` are given every change, in the order of publication."""
    tally, first = ChangeTally(), list[Changed]()
    for changed in changes:
        tally.add(changed)
        if not changed.edits and changed.left is None:
            continue
        if len(first) < _FIRST and changed.edits:
            first.append(changed)
        for sink in sinks:
            sink(changed)
    schedule = tally.schedule(now, budget)
    row = next((each for each in ledger.posts.sources() if each.account == changes.source), None)
    return ChangePreview(
        data=_document(ledger, changes, tally, schedule, row),
        tally=tally,
        schedule=schedule,
        first=tuple(first),
        destination=changes.destination,
    )


def _document(
    ledger: Ledger, changes: Changes, tally: ChangeTally, schedule: Schedule, row: SourceRow | None
) -> dict[str, Any]:
    usual = document(Tally(), schedule, row, ledger.posts.counts(changes.source))
    compared = changes.compared
    return usual | {
        "digest": compared.digest,
        "already": {"posts": compared.posts, "statuses": compared.statuses},
        "warnings": told(tally.warned),
        "change": {
            "posts": tally.posts,
            "statuses": tally.statuses,
            "what": {aspect.value: tally.what[aspect] for aspect in Aspect},
        },
        "left": [
            {"reason": reason, "posts": each.posts, "example": each.example, "hint": LEFT[reason]}
            for reason, each in sorted(tally.left.items())
        ],
    }


class ChangeLines:
    """A sink that writes a line for each changed post, as it is given."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._encode = msgspec.json.Encoder().encode

    def __call__(self, changed: Changed) -> None:
        self._stream.write(self._encode(line(changed)).decode() + "\n")


def line(changed: Changed) -> dict[str, Any]:
    proposed = Proposed(
        post_id=changed.post.id,
        decision=Decision.PUBLISH if changed.edits else Decision.HOLD,
        reason=changed.left,
        post=changed.post,
        rendering=changed.rendering,
    )
    what = {aspect.value: None for _, revise in changed.edits for aspect in revise.changes}
    return proposed_line(proposed) | {
        "published": True,
        "change": {"what": list(what), "statuses": [_edit(row, revise) for row, revise in changed.edits]},
    }


def _edit(row: Publication, revise: Revise) -> dict[str, Any]:
    return {
        "part": row.draft.part,
        "remote_id": row.remote_id,
        "remote_url": row.remote_url,
        "what": [aspect.value for aspect in revise.changes],
        "before": _said(revise.before),
        "after": _said(revise.after),
    }


def _said(said: Said) -> dict[str, Any]:
    return {
        "text": said.text,
        "spoiler_text": said.draft.spoiler_text,
        "sensitive": said.draft.sensitive,
        "language": said.draft.language,
        "descriptions": descriptions(said),
    }


def descriptions(said: Said) -> list[str | None]:
    """Of the media that went along."""
    return [medium.description for medium in said.draft.media if medium.goes]
