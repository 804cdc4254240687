"""Time as the engine sees it: given, so that days pass in a test within milliseconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

_SLICE = 0.5  # seconds: how soon a stop signal is noticed


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass; may return early, so that the caller looks around and goes on sleeping."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, min(seconds, _SLICE)))
