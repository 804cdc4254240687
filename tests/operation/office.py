"""A village with somebody who watches over it, and a box in which messages to people end up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, timedelta

from bridge.ledger import Ledger
from bridge.operation.alarm import Alarm, Patience
from bridge.operation.digest import Digest
from bridge.operation.messages import Message
from bridge.operation.observer import Several
from bridge.operation.pulse import Pulse, Watched
from bridge.operation.teller import Teller
from bridge.operation.ways import NotTold, Way
from bridge.worker import Worker
from tests.engine.village import Village

EVENTS = ("login", "budget", "source", "server", "failures", "stopped")


@dataclass
class Box:
    """A way to tell people."""

    name: str = "box"
    broken: bool = False
    messages: list[Message] = field(default_factory=list)
    tries: int = 0

    def tell(self, message: Message) -> None:
        self.tries += 1
        if self.broken:
            raise NotTold("box is full.")
        self.messages.append(message)

    @property
    def titles(self) -> list[str]:
        return [each.title for each in self.messages]


class Office:
    """A process that mirrors, with all that stands beside it."""

    def __init__(
        self,
        ledger: Ledger,
        village: Village,
        *ways: Way,
        events: tuple[str, ...] = EVENTS,
        failures: int = 3,
    ) -> None:
        self.village, self.said = village, []  # type: tuple[Village, list[str]]
        now = village.time.now
        patience = Patience(dead=timedelta(hours=6), failures=failures)
        mirrors = {account: home.routes[0].mirror for account, home in village.homes.items()}
        self.alarm = Alarm(ledger, now, patience, self.said.append)
        self.pulse = Pulse(now=now, monotonic=lambda: now().timestamp())
        self.pulse.expect(village.accounts, village.homes)
        self.watched = Watched(pulse=self.pulse, ledger=ledger, now=now, mirrors=mirrors)
        self.digest = Digest(
            ledger=ledger,
            mirrors=mirrors,
            zone=UTC,
            subjects=frozenset([*mirrors, *village.accounts]),
            x_budget=5.0,
        )
        self.teller = Teller(ledger, ways, kinds=events, digest=self.digest, voice=self._say)
        self.worker: Worker = village.worker()
        self.worker.observer = Several([self.pulse, self.alarm])

    def run(self, hours: float) -> None:
        """Beside the mirror people are told of what is due, every ten minutes."""
        for _ in range(round(hours * 6)):
            self.village.run(self.worker, seconds=600)
            self.tick()

    def tick(self) -> None:
        self.alarm.look()
        self.teller.tick(self.village.time.now)

    def _say(self, text: str, *, level: str = "info", **facts: object) -> None:
        self.said.append(f"{level}: {text}")
