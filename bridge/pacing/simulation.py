"""When will it all be done? The deliverer's policy on paper."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bridge.pacing.budget import Budget
from bridge.pacing.gate import UPLOAD, Gate, Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`bound` tells what most of the waiting was for: statuses | media | pace | none. A server that counts
    calls of every sort alike (GoToSocial) binds as `statuses`: publishing them is what the calls are for."""

    start: datetime
    finish: datetime
    seconds: float
    bound: str
    rule: str | None = None  #: the window that bound, under its own name (`calls`, `hours`)


def simulate(
    needs: Iterable[Need], start: datetime, budget: Budget, *, seconds_each: float = 1.0, ahead: int = 0
) -> Schedule:
    """Run the deliverer's own policy on paper: statuses first, and while they wait, uploads.

    `seconds_each` is how long a request takes; `ahead` how many statuses early a medium may be uploaded.
    """
    line = _Line(needs, budget.gate(), start.timestamp(), seconds_each)
    while line.next is not None:
        line.step(ahead)
    finish = start + timedelta(seconds=line.at - start.timestamp())
    rule = max(line.waited, key=lambda name: line.waited[name], default=None)
    return Schedule(
        start=start, finish=finish, seconds=(finish - start).total_seconds(), bound=_bound(rule), rule=rule
    )


class _Line:
    """The statuses in their order, with the media that are not uploaded yet."""

    def __init__(self, needs: Iterable[Need], gate: Gate, at: float, seconds_each: float) -> None:
        self._needs = iter(needs)
        self._gate = gate
        self.at = at
        self._each = seconds_each
        self._queue: deque[list[Any]] = deque()  # [need without media, media still to be uploaded]
        self._cursor = 0  # statuses before this one in the queue have all their media
        self.waited: dict[str, float] = {}
        self._fill(1)

    @property
    def next(self) -> list[Any] | None:
        return self._queue[0] if self._queue else None

    def step(self, ahead: int) -> None:
        head = self._queue[0]
        if head[1]:
            self._wait(*self._gate.earliest(self.at, UPLOAD))
            self._upload(head)
            return
        when, name = self._gate.earliest(self.at, head[0])
        while when > self.at and self._upload_early(when, ahead):
            pass
        self._wait(max(when, self.at), name)
        self.at += self._each
        self._gate.spend(self.at, head[0])
        self._queue.popleft()
        self._cursor = max(0, self._cursor - 1)
        self._fill(1)

    def _upload_early(self, when: float, ahead: int) -> bool:
        """Upload one medium of a later status before `when`, if there is one and its window allows."""
        self._fill(ahead + 1)
        while self._cursor < min(len(self._queue), ahead + 1) and not self._queue[self._cursor][1]:
            self._cursor += 1
        if self._cursor >= min(len(self._queue), ahead + 1):
            return False
        at, _ = self._gate.earliest(self.at, UPLOAD)
        if at >= when:
            return False
        self.at = at
        self._upload(self._queue[self._cursor])
        return True

    def _upload(self, item: list[Any]) -> None:
        self.at += self._each
        self._gate.spend(self.at, UPLOAD)
        item[1] -= 1

    def _wait(self, until: float, name: str | None) -> None:
        if name is not None and until > self.at:
            self.waited[name] = self.waited.get(name, 0.0) + until - self.at
            self.at = until

    def _fill(self, count: int) -> None:
        while len(self._queue) < count and (need := next(self._needs, None)) is not None:
            self._queue.append([replace(need, media=0) if need.media else need, need.media])


def _bound(rule: str | None) -> str:
    if rule in {"pace", "hours"}:
        return "pace"
    return {None: "none", "media": "media"}.get(rule, "statuses")
