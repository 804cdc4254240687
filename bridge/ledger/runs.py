"""What each command did. SIGNATURES ARE FINAL; bodies are being written."""

from __future__ import annotations

from datetime import datetime

from bridge.ledger.rows import RunRow


class Runs:
    def start(self, command: str, *, version: str, config_digest: str | None, now: datetime) -> int: ...
    def finish(self, run: int, *, now: datetime, outcome: str) -> None: ...
    def last(self, command: str | None = None) -> RunRow | None: ...
