"""When will it all be done? The deliverer's policy on paper."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.pacing.budget import FARTHEST, Budget
from bridge.pacing.gate import UPLOAD, Gate, Need
from bridge.pacing.keeping import Keeping

_AFRESH = 1800.0  # seconds after which it is reckoned anew how far ahead media may be uploaded
_WORK = 40_000  # steps
_RECKONING = 5  # steps that it takes to see how far ahead
_STRIDE = 600.0  # seconds that the pace may space out in one step
_MARKS = 160  # of them every second one is dropped when there are so many
_AT_ONCE = 60.0  # seconds of work that count as one step


@dataclass(frozen=True, slots=True)
class Mark:
    """So many statuses are there after so many seconds."""

    seconds: float
    statuses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`bound` tells what most of the waiting was for: statuses | media | pace | none. A server that counts
    calls of every sort alike (GoToSocial) binds as `statuses`: publishing them is what the calls are for."""

    start: datetime
    finish: datetime
    seconds: float
    bound: str
    rule: str | None = None  #: the window that bound, under its own name (`calls`, `hours`)
    marks: tuple[Mark, ...] = ()  #: on the way, a hundred or so, for a curve; the last may lie before the end


def simulate(
    needs: Iterable[Need],
    start: datetime,
    budget: Budget,
    *,
    seconds_each: float = 1.0,
    keeping: Keeping | None = None,
    most: int = _WORK,
) -> Schedule:
    """Run the deliverer's own policy on paper: statuses first, and while they wait, uploads.

    A need of several statuses is so many of them in a row, which share its media and calls. `seconds_each` is
    how long a request takes; `keeping` how early a medium may be uploaded, None: not before its turn. After
    `most` steps the rest is taken to go on at the same pace.
    """
    line = _Line(needs, budget.gate(), start.timestamp(), seconds_each, keeping)
    while line.has_next and line.work < most:
        line.step()
    finish = start + timedelta(seconds=line.finish() - start.timestamp())
    rule = max(line.waited, key=lambda name: line.waited[name], default=None)
    return Schedule(
        start=start,
        finish=finish,
        seconds=(finish - start).total_seconds(),
        bound=_bound(rule),
        rule=rule,
        marks=tuple(line.marks),
    )


@dataclass(slots=True)
class _Item:
    """Statuses in a row that are alike, and their media that are not uploaded yet."""

    unit: Need  #: of one of them, without media
    count: int
    media: int

    @classmethod
    def of(cls, need: Need) -> _Item:
        count = max(need.statuses, 1)
        if count == 1 and not need.media:
            return cls(unit=need, count=1, media=0)
        unit = replace(need, statuses=min(need.statuses, 1), media=0, calls=-(-need.calls // count))
        return cls(unit=unit, count=count, media=need.media)


class _Line:
    """The statuses in their order, with the media that are not uploaded yet."""

    def __init__(
        self, needs: Iterable[Need], gate: Gate, at: float, seconds_each: float, keeping: Keeping | None
    ) -> None:
        self._needs = iter(needs)
        self._gate = gate
        self._start = self.at = at
        self._done = 0
        self.work = 0
        self._each = seconds_each
        self._keeping = keeping
        self._queue: deque[_Item] = deque()
        self._queued = 0  # statuses in the queue
        self._cursor = 0  # items before this one have all their media,
        self._passed = 0  # and are so many statuses
        self._reach = 0.0
        self._reckoned = float("-inf")
        self.waited: dict[str, float] = {}
        self.marks: list[Mark] = []
        self._apart = 0.0  # seconds between two marks, at least
        self._fill(1)

    @property
    def has_next(self) -> bool:
        return bool(self._queue)

    def finish(self) -> float:
        """When all is done that is in line, if it goes on as it went so far."""
        left = sum(item.count for item in self._queue) + sum(max(need.statuses, 1) for need in self._needs)
        return self.at + (self.at - self._start) * left / max(self._done, 1)

    def step(self) -> None:
        head = self._queue[0]
        if head.media:
            self._wait(*self._gate.earliest(self.at, UPLOAD))
            self._upload(head)
            return
        when, name = self._gate.earliest(self.at, head.unit)
        while when > self.at and self._upload_early(when):
            pass
        self._wait(max(when, self.at), name)
        self._send(head)

    def _send(self, head: _Item) -> None:
        several = self._several(head.unit, head.count)
        self.at += self._each * several
        spent = head.unit if several == 1 else _times(head.unit, several)
        self._gate.spend(self.at, spent)
        head.count -= several
        self._done += several
        self._queued -= several
        self._passed = max(0, self._passed - several)
        self._reach -= several
        self._mark()
        if not head.count:
            self._queue.popleft()
            self._cursor = max(0, self._cursor - 1)
            self._fill(1)

    def _mark(self) -> None:
        since = self.at - self._start
        if self.marks and since - self.marks[-1].seconds < self._apart:
            return
        self.marks.append(Mark(since, self._done))
        if len(self.marks) >= _MARKS:
            self.marks = self.marks[1::2]
            self._apart = since / (_MARKS / 2)

    def _several(self, unit: Need, wanted: int) -> int:
        """How many of so many may go in one step: near enough to one by one."""
        self.work += 1
        if wanted == 1:
            return 1
        at_once = int(_AT_ONCE / self._each) if self._each else wanted
        return max(1, min(wanted, at_once, self._gate.evenly(unit, _STRIDE), self._gate.room(self.at, unit)))

    def _upload_early(self, when: float) -> bool:
        """Upload for a later status before `when`, if one is near enough and its window allows."""
        item = self._without_media()
        if item is None:
            return False
        at, _ = self._gate.earliest(self.at, UPLOAD)
        if at >= when:
            return False
        self.at = at
        self._upload(item)
        return True

    def _without_media(self) -> _Item | None:
        """The first within reach that has not all of its media."""
        reach = self._reached()
        self._fill(reach + 1)
        while self._cursor < len(self._queue) and self._passed <= reach:
            item = self._queue[self._cursor]
            if item.media:
                return item
            self._cursor += 1
            self._passed += item.count
        return None

    def _reached(self) -> float:
        if self._keeping is None:
            return 0
        if self.at - self._reckoned >= _AFRESH:
            self._reckoned = self.at
            self.work += _RECKONING
            self._reach = self._gate.reach(self.at, self._keeping.lead(self.at), most=FARTHEST)
        return self._reach

    def _upload(self, item: _Item) -> None:
        several = self._several(UPLOAD, item.media)
        self.at += self._each * several
        self._gate.spend(self.at, UPLOAD if several == 1 else _times(UPLOAD, several))
        item.media -= several

    def _wait(self, until: float, name: str | None) -> None:
        if name is not None and until > self.at:
            self.waited[name] = self.waited.get(name, 0.0) + until - self.at
            self.at = until

    def _fill(self, statuses: float) -> None:
        while self._queued < statuses and (need := next(self._needs, None)) is not None:
            self._queue.append(_Item.of(need))
            self._queued += self._queue[-1].count


def _times(unit: Need, count: int) -> Need:
    return Need(
        statuses=unit.statuses * count,
        media=unit.media * count,
        deletes=unit.deletes * count,
        paging=unit.paging * count,
        calls=unit.calls * count,
        live=unit.live,
    )


def _bound(rule: str | None) -> str:
    if rule in {"pace", "day", "hours", "blackout"}:
        return "pace"
    return {None: "none", "media": "media"}.get(rule, "statuses")
