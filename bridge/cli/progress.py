"""What goes on, on standard error: a live line on a terminal, a line a minute otherwise, none if quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bridge.cli.output import Output, is_terminal

if TYPE_CHECKING:
    from rich.status import Status

_MINUTE = 60.0


@contextmanager
def live(output: Output) -> Iterator[Callable[[str], None]]:
    """Gives a function that shows the present state in one line, in place of the one before."""
    if output.quiet:
        yield lambda _text: None
    elif is_terminal(sys.stderr) and output.log_format == "text":
        with output.console(stderr=True).status("", spinner="line") as status:
            yield _Painter(status)
    else:
        yield _Minutely(output)


class _Painter:
    def __init__(self, status: Status) -> None:
        self._status = status

    def __call__(self, text: str) -> None:
        from rich.text import Text

        self._status.update(Text(text))


class _Minutely:
    def __init__(self, output: Output) -> None:
        self._output = output
        self._next = time.monotonic() + _MINUTE

    def __call__(self, text: str) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _MINUTE
            self._output.remark(text)
