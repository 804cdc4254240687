"""Which process works on an account, and whether it still lives: known for certain on this machine only.

A process id alone says nothing, since ids are used again: the start time tells one life from the next, the
boot id one boot from the next, the process namespace one container from its neighbour.
"""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SECONDS = 5  # for a system program to answer
_ON_LINUX = platform.system() == "Linux"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    host: str
    boot: str  #: this boot of the machine, and the process namespace where there are such
    pid: int
    started: str  #: opaque; differs from that of any other process that ever had the pid in this boot

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def this_process() -> Owner:
    pid = os.getpid()
    return Owner(host=platform.node(), boot=_boot(), pid=pid, started=_started(pid) or "")


def alive(owner: Owner) -> bool | None:
    """Whether that process still runs; None when this machine cannot tell."""
    if (owner.host, owner.boot) != (platform.node(), _boot()):
        return None
    started = _started(owner.pid)
    return started is not None and started == owner.started


@cache
def _boot() -> str:
    if _ON_LINUX:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    return _output("sysctl", "-n", "kern.boottime")


def _started(pid: int) -> str | None:
    """When the process started; None when there is none. A zombie has ended."""
    if _ON_LINUX:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The second field is the program's name in parentheses, which may hold spaces and parentheses:
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]
    return _output("ps", "-o", "lstart=", "-p", str(pid)) or None


def _output(*command: str) -> str:
    done = subprocess.run(  # noqa: S603 - fixed words and a number
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
        env={**os.environ, "LC_ALL": "C"},
    )
    return done.stdout.strip()
