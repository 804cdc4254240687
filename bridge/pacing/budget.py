"""What may still be spent at one account, as a value that the ledger keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from bridge.pacing.gate import STATUS, Gate, Need, Pace
from bridge.pacing.keeping import Keeping
from bridge.pacing.meters import EDGE, Spent, key_of
from bridge.statuses import Window

FARTHEST = 3000  #: statuses that are looked at ahead of their turn
_INSTANT = timedelta(microseconds=1)
_SKEWED = 120.0  # a clock that is wrong by more would make windows of other lengths look alike


class Reading(Protocol):
    """What an answer's headers said of one window (bridge.publishers.base.Quota)."""

    @property
    def limit(self) -> int: ...
    @property
    def remaining(self) -> int: ...
    @property
    def reset(self) -> datetime: ...
    @property
    def seconds_left(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may still be spent at one account; every change is a new budget."""

    windows: tuple[Window, ...] = ()
    pace: Pace = field(default_factory=Pace)
    spent: Mapping[str, Spent] = field(default_factory=dict)
    due: float = 0.0  #: epoch second at which the pace allows the next status
    skew: float = 0.0  #: seconds that this clock is ahead of the server's
    today: tuple[date, int] | None = (
        None  #: statuses of the back catalogue on that day, where a day has a limit
    )

    @classmethod
    def of(cls, windows: Iterable[Window], pace: Pace | None = None) -> Budget:
        return cls(windows=tuple(windows), pace=pace or Pace())

    def earliest(self, now: datetime, need: Need = STATUS) -> datetime:
        """The first instant, not before `now`, at which all of `need` may be spent."""
        return self.wait(now, need)[0]

    def wait(self, now: datetime, need: Need = STATUS) -> tuple[datetime, str | None]:
        """`earliest`, and the window (or `pace`, `day`, `hours`, `blackout`) that rules; None: nothing."""
        second, name = self.gate().earliest(now.timestamp(), need)
        if name is None:
            return now, None
        # Rounded, it may be no later than `now`: whoever sleeps until then would ask for ever.
        return max(_moment(second), now + _INSTANT), name

    def spend(self, now: datetime, need: Need = STATUS) -> Budget:
        """To be called when a request may have been processed, with the instant at which it ended."""
        gate = self.gate()
        gate.spend(now.timestamp(), need)
        return self._after(gate)

    def observe(self, quota: Reading, now: datetime, need: Need = STATUS) -> Budget:
        """Believe the server where it is tighter; `need` says which request it answered.

        Windows of equal limit are told apart by the time they have left: more than it lasts, it is not.
        """
        spent_by = [w for w in self.windows if getattr(need, w.name, 0)]
        matching = [w for w in spent_by if quota.limit <= w.limit and _may_end(w, quota)]
        exact = [w for w in matching if w.limit == quota.limit]
        learnt = self
        if exact and exact[0].aligned:
            learnt = replace(self, skew=_skew(quota.reset.timestamp(), exact[0].seconds, self.skew))
        gate = learnt.gate()
        for window in exact or matching[:1]:
            gate.meter(window).fill(now.timestamp(), quota.reset.timestamp(), quota.remaining)
        return learnt._after(gate)

    def exhausted(self, name: str, until: datetime) -> Budget:
        """The server said to stay away until then; a name that has no window holds up everything."""
        gate = self.gate()
        for window in [w for w in self.windows if w.name == name] or self.windows:
            gate.meter(window).closed_until = until.timestamp()
        return self._after(gate)

    def ahead(self, now: datetime, keeping: Keeping) -> int:
        """How many statuses early a medium may be uploaded, so that the server will not have deleted it."""
        at = now.timestamp()
        return self.gate().reach(at, keeping.lead(at), most=FARTHEST)

    def counted(self, now: datetime, sent_since: Callable[[datetime], int]) -> Budget:
        """With what the day has seen of the back catalogue; asked only where the pace has a limit for it.

        `sent_since`: how many of its statuses were published from that instant on.
        """
        if self.pace.per_day is None:
            return self
        day = self.pace.day(now.timestamp())
        return replace(self, today=(day, sent_since(self.pace.begin(day))))

    def as_dict(self) -> dict[str, Any]:
        """For the ledger: what was spent. Windows and pace are settings and come from elsewhere."""
        spent = {key: {"slices": s.slices, "until": s.closed_until} for key, s in self.spent.items()}
        return {"spent": spent, "due": self.due, "skew": self.skew}

    @classmethod
    def from_dict(
        cls, saved: Mapping[str, Any] | None, windows: Iterable[Window], pace: Pace | None = None
    ) -> Budget:
        """What was spent of the windows that are still as they were; the others begin anew."""
        budget = cls.of(windows, pace)
        if not saved:
            return budget
        keys = {key_of(w) for w in budget.windows}
        spent = {
            key: Spent(slices=tuple((int(i), int(n)) for i, n in s["slices"]), closed_until=float(s["until"]))
            for key, s in saved.get("spent", {}).items()
            if key in keys
        }
        return replace(budget, spent=spent, due=float(saved.get("due", 0)), skew=float(saved.get("skew", 0)))

    def gate(self) -> Gate:
        return Gate(self.windows, self.pace, self.spent, due=self.due, skew=self.skew, today=self.today)

    def _after(self, gate: Gate) -> Budget:
        return replace(self, spent=gate.spent(), due=gate.due, today=gate.today)


def _moment(second: float) -> datetime:
    """Times have whole microseconds: of two, the one at which the window is open already."""
    moment = datetime.fromtimestamp(second, UTC)
    return moment if moment.timestamp() >= second else moment + timedelta(microseconds=1)


def _may_end(window: Window, quota: Reading) -> bool:
    """Whether the headers can speak of this window: no more time is left than it lasts, and it ends then."""
    if window.seconds + EDGE < quota.seconds_left:
        return False
    reset = quota.reset.timestamp()
    off = reset - round(reset / window.seconds) * window.seconds
    return not window.aligned or abs(off) <= _SKEWED


def _skew(reset: float, seconds: int, believed: float) -> float:
    """How far this clock is ahead: windows end at round instants, and `reset` is late if anything."""
    seen = reset - round(reset / seconds) * seconds
    return seen if seen < believed or seen - believed > 3 else believed
