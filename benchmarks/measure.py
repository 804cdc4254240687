"""Runs a command to its end and says what it cost: wall clock, CPU and peak memory, by the kernel's count."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# A child's peak memory begins with what its parent had when it was born: so a small parent is put between.
_LAUNCHER = """
import json, os, sys, time
began = time.perf_counter()
child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[2:]], os.environ)
_, status, used = os.wait4(child, 0)
took = time.perf_counter() - began
said = [os.waitstatus_to_exitcode(status), took, used.ru_utime + used.ru_stime, used.ru_maxrss]
os.write(int(sys.argv[1]), json.dumps(said).encode())
"""

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
        reading, writing = os.pipe()
        with os.fdopen(reading) as told:
            launcher = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(writing), "-m", *command],
                cwd=ROOT,
                stdin=given,
                stdout=out,
                stderr=err,
                env={**_ENVIRONMENT, **(env or {})},
                pass_fds=[writing],
            )
            os.close(writing)
            exit_code, seconds, cpu, peak = json.loads(told.read())
            launcher.wait()
        out.seek(0)
        err.seek(0)
        if exit_code not in accept:
            raise Failed(f"{' '.join(command)} ended with {exit_code}: {err.read()[-600:].decode()}")
        return Cost(seconds=seconds, cpu=cpu, memory=peak * 1024, output=out.read().decode())
