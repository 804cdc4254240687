"""How the program is started: as a process of its own, with the conductor's clock and a hand on its switch.

Most starts are forks of an interpreter that has imported the program and done nothing with it, which saves
the second that Python takes to get there; each is a process with an id, a start time and an end of its own.
The others are a new interpreter each, as on a command line.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.conductor import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
WORDS = ["publish", "--yes", "--json"]
Spec = dict[str, Any]  #: see victim.py
Said = tuple[Path, Path]  #: files for what it says on standard output, and on standard error
Process = subprocess.Popen[bytes] | multiprocessing.context.ForkServerProcess
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.chaos.preload"])
# A start would ask after the processes of all threads, and one of two that ask at once reads nothing.
multiprocessing.process._cleanup = lambda: None  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """`code` as subprocess has it: negative for a signal, None for a process that hung and was ended."""

    code: int | None
    out: str
    err: str


class Started:
    """A process that runs the program; `line` is the conductor's end of the line to it."""

    def __init__(self, spec: Spec, environment: dict[str, str], folder: Path, *, fresh: bool) -> None:
        self.line, theirs = socket.socketpair()
        self._said = (folder / "stdout", folder / "stderr")
        for path in self._said:
            path.touch()
        with theirs:
            self._process = (_fresh if fresh else _forked)(spec, environment, theirs, self._said)

    @property
    def pid(self) -> int:
        return int(self._process.pid or 0)

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> Ended:
        """Waits for it."""
        code = _code(self._process)
        if code is None:
            self._process.kill()
            _code(self._process)
        out, err = (path.read_text(encoding="utf-8", errors="replace") for path in self._said)
        return Ended(code=code, out=out, err=err)


def _code(process: Process) -> int | None:
    if isinstance(process, subprocess.Popen):
        try:
            return process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return None
    process.join(PATIENCE)
    return process.exitcode


def environment(home: Path, url: str) -> dict[str, str]:
    """What a process of the program finds around it; nothing of the person who runs the tests."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PASSERELLE_", "PYTEST_", "COV_"))}
    ours = {"PASSERELLE_HOME": str(home), "NO_COLOR": "1"}
    return clean | ours | ({"PASSERELLE_LEDGER__URL": url} if url.startswith("postgresql") else {})


def run(words: list[str], environment: dict[str, str]) -> None:
    """A command that nothing happens to."""
    process = _FORKS.Process(target=_command, args=(words, environment), daemon=True)
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == 0, (words, process.exitcode)


def _command(words: list[str], environment: dict[str, str]) -> None:
    from bridge.cli.main import run

    _settle(environment, (Path(os.devnull), Path(os.devnull)))
    _leave(run(words))


def _forked(spec: Spec, environment: dict[str, str], line: socket.socket, said: Said) -> Process:
    process = _FORKS.Process(target=_publish, args=(spec, environment, line, said), daemon=True)
    process.start()
    return process


def _publish(spec: Spec, environment: dict[str, str], line: socket.socket, said: Said) -> None:
    from tests.chaos import victim

    _settle(environment, said)
    _leave(victim.run(spec, line, [*WORDS, *spec.get("words", ())]))


def _settle(environment: dict[str, str], said: Said) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate(said, 1):
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), number)


def _leave(code: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _fresh(spec: Spec, environment: dict[str, str], line: socket.socket, said: Said) -> Process:
    chaos = json.dumps(spec | {"line": line.fileno()})
    with said[0].open("wb") as out, said[1].open("wb") as err:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.victim", *WORDS, *spec.get("words", ())],
            cwd=ROOT,
            env=environment | {"CHAOS": chaos},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            pass_fds=[line.fileno()],
        )
