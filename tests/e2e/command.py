"""The program as a user runs it: in a process of its own, with its own home, so that it can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "archives"
PATIENCE = 240  # seconds until a command counts as hanging


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """`data` of the one JSON document that `--json` prints."""
        document = json.loads(self.out)
        assert document["schema"] == 1, document
        assert document["ok"] is True, document
        return dict(document["data"])


@dataclass(slots=True, kw_only=True)
class Passerelle:
    """`run` waits for the end; `start` leaves the process to the test."""

    home: Path
    python: str = sys.executable
    settings: dict[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    hurried: float | None = None  #: epoch seconds from which its clock runs a thousand times as fast

    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PASSERELLE_", "PYTEST_", "COV_"))}
        # An unanswered request of these tests is either there at once or never was.
        ours = {"PASSERELLE_HOME": str(self.home), "PASSERELLE_PUBLISH__GRACE": "1", "NO_COLOR": "1"}
        return clean | ours | self.settings

    def start(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        program = ["bridge"] if self.hurried is None else ["bridge.cli.timelapse", str(self.hurried)]
        return subprocess.Popen(
            [self.python, "-m", *program, *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,), say: str | None = None) -> Done:
        """Fails, with what the program said, when it ends with any other code."""
        with self.start(*arguments, stdin=subprocess.PIPE) as process:
            try:
                out, err = process.communicate(say, timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                kill(process)
                raise
        assert process.returncode in codes, (
            f"{arguments} ended with {process.returncode}\n{out[-2000:]}\n{err[-2000:]}"
        )
        return Done(code=process.returncode, out=out, err=err)


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL: no handler runs, nothing is tidied up."""
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
