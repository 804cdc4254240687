"""Tells how a delivery goes: done and left, the present wait and why, when it will be done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bridge.cli.output import Output
from bridge.cli.progress import live
from bridge.cli.tables import local, number, safe, span

if TYPE_CHECKING:
    from bridge.publications import Publication
    from bridge.publishers.base import Receipt

#: Windows and rules of the pace, as people would call them; anything else is said as it comes.
_REASONS = {
    "statuses": "the server takes no more posts for now",
    "media": "the server takes no more media for now",
    "calls": "the server takes no more requests for now",
    "paging": "the server takes no more requests for now",
    "deletes": "the server takes no more deletions for now",
    "actions": "the server takes no more requests for now",
    "pace": "your own pace",
    "day": "today’s share is through",
    "hours": "outside your hours",
    "blackout": "a day on which you publish nothing",
    "retry": "a second try is due later",
}
_AFRESH = 60.0  # seconds after which the end is reckoned anew


class Progress:
    """A `Watcher` of the engine."""

    def __init__(
        self,
        output: Output,
        show: Callable[[str], None],
        *,
        doing: str,
        left: int | None,
        finish: Callable[[int], datetime | None],
    ) -> None:
        self._output = output
        self._show = show
        self._doing = doing
        self._now = output.clock.now if output.clock else lambda: datetime.now(UTC)
        self._total = left
        self._done = 0
        self._finish = finish
        self._eta: datetime | None = None
        self._reckoned = float("-inf")
        self.tell()

    def published(self, row: Publication, receipt: Receipt) -> None:
        self._done += 1
        part = f" ({row.draft.part}/{row.draft.parts})" if row.draft.parts > 1 else ""
        self._output.detail(f"{self._doing} {row.post_id}{part}: {receipt.url or receipt.remote_id}")
        self.tell()

    def withdrawn(self, row: Publication) -> None:
        self._done += 1
        self._output.detail(f"deleted {row.post_id}: {row.remote_url or row.remote_id}")
        self.tell()

    def failed(self, row: Publication, reason: str) -> None:
        self._done += 1
        self._output.remark(
            f"failed: post {row.post_id}: {safe(reason)}", level="error", post=row.post_id, code="REFUSED"
        )
        self.tell()

    def waiting(self, until: datetime, reason: str) -> None:
        now = self._now()
        seconds = (until - now).total_seconds()
        if seconds >= 1:
            why = _REASONS.get(reason, safe(reason))
            self.tell(f"waiting {span(seconds)}, until {local(until, now=now)}: {why}")

    def note(self, code: str, message: str) -> None:
        self._output.warn(code, safe(message))

    def tell(self, wait: str | None = None) -> None:
        counted = "" if self._total is None else f" {number(self._done)} of {number(self._total)}"
        done = self._doing + counted
        eta = self._ahead()
        end = f"done by {local(eta)}" if eta else None
        self._show(" · ".join(part for part in (done, wait, end, "Ctrl-C is safe") if part))

    def _ahead(self) -> datetime | None:
        if time.monotonic() - self._reckoned > _AFRESH:
            self._reckoned = time.monotonic()
            self._eta = self._finish(self._done)
        return self._eta


@contextmanager
def watching(
    output: Output,
    *,
    doing: str = "published",
    left: int | None = None,
    finish: Callable[[int], datetime | None] = lambda _done: None,
) -> Iterator[Progress]:
    """`left` None: nobody knows how much there is to do. `finish` says when, after so many are done."""
    with live(output) as show:
        yield Progress(output, show, doing=doing, left=left, finish=finish)
