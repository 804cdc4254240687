"""What this process has seen and done since it began, for monitoring. The loop writes it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridge.engine.tend import News, Tended
from bridge.errors import Locked, counted
from bridge.ledger import Ledger

ALIVE = 60.0  #: seconds without a turn of the loop after which it counts as stuck; it turns twice a second


@dataclass(slots=True)
class SourcePulse:
    asked: int = 0
    failed: int = 0
    failing: bool = False
    read: int = 0  #: new posts
    answered_at: datetime | None = None


@dataclass(slots=True)
class AccountPulse:
    """`state`: starting | works | standing by | stopped."""

    state: str = "starting"
    published: int = 0
    failed: int = 0
    edited: int = 0
    withdrawn: int = 0


@dataclass(slots=True)
class Pulse:
    """Implements `Observer`."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    sources: dict[str, SourcePulse] = field(default_factory=dict)
    accounts: dict[str, AccountPulse] = field(default_factory=dict)
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)  #: (to whom, what was answered)
    reloaded_at: datetime | None = None
    reload_failed: bool = False
    _turned: float | None = None

    def expect(self, sources: Iterable[str], accounts: Iterable[str]) -> None:
        """These, and no others; what is known of them stays."""
        self.sources = {name: self.sources.get(name, SourcePulse()) for name in sources}
        self.accounts = {name: self.accounts.get(name, AccountPulse()) for name in accounts}

    def turned(self) -> None:
        """The loop has come round."""
        self._turned = self.monotonic()

    @property
    def idle(self) -> float | None:
        """Seconds since the loop last came round; None: it has not begun."""
        return None if self._turned is None else self.monotonic() - self._turned

    @property
    def alive(self) -> bool:
        return self.idle is not None and self.idle < ALIVE

    def heard(self, whom: str, status: int | None) -> None:
        """Of a request; called by any thread."""
        answer = "none" if status is None else "429" if status == 429 else f"{status // 100}xx"
        self.requests[whom, answer] += 1

    # -- what the loop tells

    def read(self, source: str, outcome: object) -> None:
        seen = self.sources[source]
        seen.asked += 1
        seen.failing = not (outcome is None or isinstance(outcome, News))
        seen.failed += seen.failing
        if not seen.failing:
            seen.answered_at = self.now()
        if isinstance(outcome, News):
            seen.read += outcome.collected.recorded.new

    def tended(self, account: str, outcome: object) -> None:
        seen = self.accounts[account]
        if isinstance(outcome, Tended):
            self._worked(seen, outcome)
        else:
            seen.state = "standing by" if isinstance(outcome, Locked) else "stopped"

    def _worked(self, seen: AccountPulse, tended: Tended) -> None:
        seen.state = "works"
        seen.edited += tended.edited
        seen.withdrawn += tended.withdrawn
        if tended.delivered is not None:
            seen.published += tended.delivered.published
            seen.failed += tended.delivered.failed
            if tended.delivered.stopped in ("auth", "temporary"):
                seen.state = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is told of. `mirrors`: their names by account; `x_budget`: dollars a month, None where nothing is
    read by X's API."""

    pulse: Pulse
    ledger: Ledger
    now: Callable[[], datetime]
    mirrors: Mapping[str, str] = field(default_factory=dict)
    x_budget: float | None = None

    def able(self) -> tuple[bool, str]:
        """Whether a mirror can work, and how many can. LedgerError: the ledger cannot be read."""
        self.ledger.runs.last("watch")
        states = Counter(self.pulse.accounts[each].state for each in self.mirrors)
        rest = ", ".join(
            f"{count} {state.replace('_', ' ')}"
            for state, count in sorted(states.items())
            if state != "works"
        )
        said = f"{states['works']} of {counted(len(self.mirrors), 'account')} at work"
        return states["works"] > 0, said + (f"; {rest}" if rest else "")
