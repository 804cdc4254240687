"""What systemd is told (`Type=notify`): that we are ready, that we live, that we stop. Elsewhere nothing.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping

#: How the journal weighs a line that begins with such a number in angle brackets.
PRIORITIES = {"error": 3, "warning": 4, "info": 6}


def in_journal(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether standard error goes to the journal itself: the variable alone is handed on to terminals, too.

    https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#%24JOURNAL_STREAM
    """
    try:
        there = os.fstat(2)
    except OSError:
        return False
    return environ.get("JOURNAL_STREAM") == f"{there.st_dev}:{there.st_ino}"


class Notifier:
    """A datagram now and then; a socket that is not there is nobody's loss."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        patience = environ.get("WATCHDOG_USEC", "")
        self._every = int(patience) / 2_000_000 if patience.isdigit() else None
        self._last = float("-inf")

    def tell(self, *states: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto("\n".join(states).encode(), self._address)

    def reloading(self) -> None:
        """`READY=1` ends it. `Type=notify-reload` wants to know since when."""
        self.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def beat(self) -> None:
        """We live: twice in the time that the watchdog waits."""
        now = time.monotonic()
        if self._every is not None and now - self._last >= self._every:
            self._last = now
            self.tell("WATCHDOG=1")
