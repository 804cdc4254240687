"""Ctrl-C and SIGTERM while something is being sent: the request in hand is finished, a second one aborts."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from bridge.cli.output import Output
from bridge.errors import BridgeError


class Interrupted(BridgeError):
    """Ctrl-C."""

    code, exit_code = "INTERRUPTED", 130


class Terminated(BridgeError):
    """SIGTERM."""

    code, exit_code = "INTERRUPTED", 143


def interrupted(exit_code: int) -> BridgeError:
    kind = Terminated if exit_code == Terminated.exit_code else Interrupted
    return kind("Interrupted; everything done so far is saved.", hint="Run the same command again to go on.")


class StopSignal:
    """Whether, and by which signal, the run was asked to stop."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.number: int | None = None

    def __call__(self) -> bool:
        return self.number is not None

    @property
    def exit_code(self) -> int:
        return 128 + (self.number or signal.SIGINT)

    def heard(self, number: int, _frame: FrameType | None) -> None:
        if self.number is not None:
            raise KeyboardInterrupt
        self.number = number
        self._output.remark("Stopping after the request in hand; once more to stop at once.")


@contextmanager
def stopping(output: Output) -> Iterator[StopSignal]:
    """Signals set a flag in here; outside they end the program as usual."""
    stop = StopSignal(output)
    before = {number: signal.signal(number, stop.heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
