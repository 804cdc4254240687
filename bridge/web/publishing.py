"""A run of `publish` as a process of its own: it has its own hold, its own token, and its own end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_LINES = 40
_PATIENCE = 30.0  # seconds for the request in hand to be finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`ended`: the exit code of the last run; None while it runs, or before it. `said`: its last words."""

    running: bool
    ended: int | None
    said: str
    result: dict[str, Any] | None


class Publishing:
    """At most one run at a time. `line`: the words of `passerelle publish`, but for the program's name."""

    def __init__(self, line: Sequence[str]) -> None:
        self._line = tuple(line)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._said: deque[str] = deque(maxlen=_LINES)
        self._result: dict[str, Any] | None = None

    def start(self, more: Sequence[str] = ()) -> bool:
        """False: one is running already."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return False
            self._said.clear()
            self._result = None
            # Of a session of its own: Ctrl-C is for the desk, which passes it on, once.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "bridge", *self._line, *more],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
            for reader in (self._listen, self._read):
                threading.Thread(target=reader, args=(self._process,), daemon=True).start()
            return True

    def stop(self) -> None:
        """After the request in hand; all that is done is saved."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)

    def close(self) -> None:
        self.stop()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)

    @property
    def progress(self) -> Progress:
        process = self._process
        ended = None if process is None else process.poll()
        return Progress(
            running=process is not None and ended is None,
            ended=ended,
            said=self._said[-1] if self._said else "",
            result=self._result,
        )

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            if line.strip():
                self._said.append(line.strip())

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with suppress(ValueError):
            found = json.loads(process.stdout.read())
            self._result = found if isinstance(found, dict) else None
