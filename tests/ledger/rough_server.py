"""A server that loses answers, delays, refuses, defers, and takes its client down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.ledger.builders import T0

LATE = timedelta(seconds=100)


class Crash(BaseException):
    """The process is gone."""


class Unknown(Exception):
    """No answer."""


class Refused(Exception):
    """Answered: never."""


class Deferred(Exception):
    """Answered: not now."""


@dataclass
class Server:
    """Keeps statuses, and does with the next request what `mode` says. It ignores idempotency keys."""

    now: datetime = T0
    mode: str = "ok"
    statuses: list[tuple[datetime, str, str, str | None]] = field(default_factory=list)
    written: int = 0
    under_way: list[tuple[datetime, str, str | None]] = field(default_factory=list)

    def publish(self, text: str, reply_to: str | None) -> str:
        mode, self.mode = self.mode, "ok"
        if mode in {"crash before", "unknown before", "refuse", "defer"}:
            raise {"crash before": Crash, "unknown before": Unknown, "refuse": Refused, "defer": Deferred}[
                mode
            ]
        if mode in {"late", "crash late"}:  # it arrives when nobody waits for it any more
            self.under_way.append((self.now + LATE, text, reply_to))
            raise Unknown if mode == "late" else Crash
        remote_id = self._write(self.now, text, reply_to)
        if mode in {"crash after", "unknown after"}:
            raise Crash if mode == "crash after" else Unknown
        return remote_id

    def find(self, text: str, reply_to: str | None, since: datetime) -> list[str]:
        return [
            i for at, i, said, parent in self.statuses if (said, parent) == (text, reply_to) and at >= since
        ]

    def carry(self, text: str) -> str:
        """Another tool makes a status."""
        return self._write(self.now, text, None)

    def delete(self, number: int) -> None:
        """Its owner takes back one of the statuses."""
        del self.statuses[number % len(self.statuses)]

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        for arrival in [each for each in self.under_way if each[0] <= self.now]:
            self.under_way.remove(arrival)
            self._write(*arrival)

    def _write(self, at: datetime, text: str, reply_to: str | None) -> str:
        self.written += 1
        self.statuses.append((at, str(self.written), text, reply_to))
        return self.statuses[-1][1]


MODES = (
    "ok",
    "crash before",
    "crash after",
    "crash late",
    "unknown before",
    "unknown after",
    "late",
    "refuse",
    "defer",
)
