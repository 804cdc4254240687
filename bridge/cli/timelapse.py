"""A clock that runs fast, the same in several processes: hours of a server's limits pass in seconds.

`demo` gives it to the practice server and to the runs that it starts.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime

SPEED = 1000.0
_SLICE = 0.02  # real seconds: how soon a stop signal is noticed


@dataclass(slots=True)
class TimeLapse:
    """From `start` (epoch seconds) on, `speed` times as fast as the machine's own."""

    start: float
    speed: float = SPEED
    ahead: float = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.start + (time.time() - self.start) * self.speed + self.ahead, UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, min(seconds / self.speed, _SLICE)))

    def advance(self, seconds: float) -> None:
        self.ahead += seconds


if __name__ == "__main__":
    from bridge.cli.main import run

    sys.exit(run(sys.argv[2:], clock=TimeLapse(float(sys.argv[1]))))
