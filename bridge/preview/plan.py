"""Run a proposal through and keep what the preview tells: figures, and the first posts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bridge.engine.forecast import budget_of
from bridge.engine.propose import Decision, Proposed, Wish, propose
from bridge.engine.tally import Tally, document
from bridge.ledger import Ledger
from bridge.ledger.rows import SourceRow
from bridge.pacing import Schedule

Sink = Callable[[Proposed], None]
_FIRST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`data` is what `preview --json` prints."""

    data: dict[str, Any]
    tally: Tally
    schedule: Schedule
    source: SourceRow | None
    first: tuple[Proposed, ...]
    destination: str | None = None

    @property
    def digest(self) -> str:
        return self.tally.digest


def preview_plan(
    ledger: Ledger,
    source: str,
    wish: Wish,
    *,
    now: datetime,
    destination: str | None = None,
    sinks: Sequence[Sink] = (),
) -> Preview:
    """Propose everything and apply nothing. `sinks` are given every post in the order of publication."""
    tally = Tally()
    first: list[Proposed] = []
    for proposed in propose(ledger, source, wish, destination=destination, listing=bool(sinks)):
        tally.add(proposed)
        if len(first) < _FIRST and proposed.decision is Decision.PUBLISH and proposed.rendering is not None:
            first.append(proposed)
        for sink in sinks:
            sink(proposed)
    budget = budget_of(ledger.queue, destination, wish.limits, wish.pace, now=now)
    schedule = tally.schedule(now, budget, wish.limits)
    row = next((each for each in ledger.posts.sources() if each.account == source), None)
    return Preview(
        data=document(tally, schedule, row, ledger.posts.counts(source)),
        tally=tally,
        schedule=schedule,
        source=row,
        first=tuple(first),
        destination=destination,
    )
