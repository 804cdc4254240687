"""Runs a command to its end and says what it cost: wall clock, CPU and peak memory, by the kernel's count."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: Compiled files are kept, as on any machine: where they are not, start-up alone is measured.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    seconds: float
    cpu: float  #: seconds, user and system, of the process itself
    memory: int  #: bytes, peak resident
    output: str


class Failed(Exception):
    """A measured command did not do its work, so there is no figure."""


def run(
    command: Sequence[str],
    env: Mapping[str, str] | None = None,
    *,
    accept: Sequence[int] = (0,),
    say: str = "",
) -> Cost:
    """Raises Failed with the end of what it said when the command's exit code is none of `accept`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
        given.write(say.encode())
        given.seek(0)
        began = time.perf_counter()
        # Not waited for by subprocess: only wait4 tells what one child used.
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            stdin=given,
            stdout=out,
            stderr=err,
            env={**_ENVIRONMENT, **(env or {})},
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode not in accept:
            raise Failed(f"{' '.join(command)} ended with {process.returncode}: {err.read()[-600:].decode()}")
        return Cost(
            seconds=seconds,
            cpu=usage.ru_utime + usage.ru_stime,
            memory=usage.ru_maxrss * 1024,
            output=out.read().decode(),
        )
