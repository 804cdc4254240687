"""Where the jobs of a loop are done: beside one another in threads, or one after the other in a test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import Protocol

from bridge.engine.clock import Clock
from bridge.errors import BridgeError

READING, TENDING, LOOKING = "reading", "tending", "looking"

Job = Callable[[], object]
Outcome = object  #: what a job gave, or the exception that ended it


class Bench(Protocol):
    """Where jobs are done: beside one another, or one after the other."""

    def start(self, kind: str, name: str, job: Job) -> None: ...
    def finished(self) -> Sequence[tuple[str, str, Outcome]]:
        """Kind, name and outcome of each job that has ended since it was last asked."""
        ...

    def wait(self, seconds: float) -> None:
        """Until a job has ended, or for so long; may return early."""
        ...


class Threads:
    """A bench of daemon threads: `workers` for each kind of job. A source that hangs does not keep us."""

    def __init__(self, workers: Mapping[str, int]) -> None:
        self._waiting: dict[str, SimpleQueue[tuple[str, Job] | None]] = {}
        self._workers = workers
        self._ended: SimpleQueue[tuple[str, str, Outcome]] = SimpleQueue()
        self._signal = threading.Event()
        for kind, count in workers.items():
            self._waiting[kind] = SimpleQueue()
            for number in range(count):
                name = f"{kind} {number}"
                threading.Thread(target=self._work, args=(kind,), name=name, daemon=True).start()

    def start(self, kind: str, name: str, job: Job) -> None:
        self._waiting[kind].put((name, job))

    def finished(self) -> list[tuple[str, str, Outcome]]:
        self._signal.clear()
        found = []
        while not self._ended.empty():
            found.append(self._ended.get())
        return found

    def wait(self, seconds: float) -> None:
        self._signal.wait(min(seconds, 0.5))  # so soon a signal of the system is heeded

    def close(self) -> None:
        """Nobody takes another job; those under way are left to themselves."""
        for kind, count in self._workers.items():
            for _ in range(count):
                self._waiting[kind].put(None)

    def _work(self, kind: str) -> None:
        while (given := self._waiting[kind].get()) is not None:
            name, job = given
            self._ended.put((kind, name, outcome_of(job)))
            self._signal.set()


class InTurn:
    """A bench that does each job when it is started, and sleeps by the clock that it is given."""

    def __init__(self, clock: Clock, *, longest: float = 60.0) -> None:
        self._clock = clock
        self._longest = longest  # seconds of one sleep: how soon the caller looks around
        self._ended: list[tuple[str, str, Outcome]] = []

    def start(self, kind: str, name: str, job: Job) -> None:
        self._ended.append((kind, name, outcome_of(job)))

    def finished(self) -> list[tuple[str, str, Outcome]]:
        ended, self._ended = self._ended, []
        return ended

    def wait(self, seconds: float) -> None:
        if not self._ended:
            self._clock.sleep(min(seconds, self._longest))


def outcome_of(job: Job) -> Outcome:
    """What it gives, or what it raises: the top of the loop."""
    try:
        return job()
    except Exception as error:
        return error


def said(outcome: Outcome) -> BridgeError:
    """What went wrong, in a sentence; a bug must not end the mirrors of others."""
    if isinstance(outcome, BridgeError):
        return outcome
    if isinstance(outcome, OSError):
        return BridgeError(f"{outcome.strerror or type(outcome).__name__}.")
    return BridgeError(f"An unexpected error ({type(outcome).__name__}: {outcome}).")
