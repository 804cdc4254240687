"""`demo`: the main job on the sample archive, against the practice server, with `kill -9` in the middle.

Every step is the real command in a process of its own; what it should have come to is counted on the server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.options import command
from bridge.cli.output import Output
from bridge.cli.timelapse import TimeLapse
from bridge.errors import BridgeError

if TYPE_CHECKING:
    from bridge.sandbox.server import Sandbox

_LATENCY = 0.01  # seconds: so that the kill finds a request under way
_PATIENCE = 120.0  # seconds for a third of the statuses to arrive


def declare(app: typer.Typer) -> None:
    command(app)(demo)


def demo(
    output: Output,
    serve: Annotated[
        bool, typer.Option("--serve", help="Keep the practice server up afterwards, to look at it.")
    ] = False,
) -> None:
    """Migrate a sample archive to a practice server: preview, publish, kill -9, resume, verify."""
    from bridge.sandbox.server import Sandbox

    clock = TimeLapse(time.time())
    practice = Sandbox(clock=clock, latency=_LATENCY, username="museum")
    with _home(output.home) as home, practice as server:
        figures = _Demo(output, home, server, clock).run()
        output.data(figures | {"home": str(home), "base_url": server.base_url})
        output.show(
            f"\n{figures['statuses']} of {figures['expected']} statuses are on the account, each once,"
            f" though the run was killed after {figures['killed_after']}."
        )
        if serve:
            _serve(output, server)
        else:
            output.say("`passerelle demo --serve` leaves the server up, to see how the profile looks.")


@contextmanager
def _home(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="passerelle-demo-") as folder:
        yield Path(folder) / "home"


def _serve(output: Output, server: Sandbox) -> None:
    import threading

    output.show(f"Look at {server.base_url}/ until Ctrl-C.")
    threading.Event().wait()


class _Demo:
    def __init__(self, output: Output, home: Path, server: Sandbox, clock: TimeLapse) -> None:
        from bridge import sample

        self._clock = clock

        self._output = output
        self._home = home
        self._server = server
        self._archive = str(sample.path())

    def run(self) -> dict[str, Any]:
        """The figures, once they are exact; BridgeError otherwise."""
        self._step(
            "A practice server, with the rules of a real one",
            ["login", self._server.base_url, "--with-token"],
        )
        self._step("Read the archive", ["import", self._archive])
        self._step("What would be published?", ["preview"])
        expected = int(self._asked(["preview", "--json"])["data"]["publish"]["statuses"])
        killed = self._kill_in_the_middle(["publish", "--yes"], after=expected // 3)
        self._step("Once more: it looks first, then goes on", ["publish", "--yes"])
        self._step("A third time: nothing to do", ["publish", "--yes"])
        self._step("Is everything there, once?", ["verify"])
        return self._proved(expected, killed)

    def _proved(self, expected: int, killed: int) -> dict[str, Any]:
        """Counted on the server, by nobody who published."""
        there = self._server.state.statuses
        last = self._asked(["publish", "--yes", "--json"])["data"]
        figures = {
            "expected": expected,
            "statuses": len(there),
            "killed_after": killed,
            "failed": last["failed"],
        }
        distinct = len({(row.text, row.in_reply_to_id, row.media_ids) for row in there})
        if len(there) != expected or last["published"] or last["failed"] or last["unknown"]:
            raise BridgeError(f"The demo did not come to what it should: {json.dumps(figures)}.")
        return figures | {"distinct": distinct}

    # --- the commands

    def _step(self, title: str, arguments: Sequence[str]) -> None:
        self._title(title, arguments)
        done = subprocess.run(  # noqa: S603 - this program itself
            self._command(arguments),
            env=self._environment(),
            input=self._token(arguments),
            stdout=sys.stderr if self._output.json else None,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BridgeError(f"`passerelle {' '.join(arguments)}` ended with {done.returncode}.")

    def _asked(self, arguments: Sequence[str]) -> dict[str, Any]:
        done = subprocess.run(  # noqa: S603 - this program itself
            self._command(arguments), env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise BridgeError(
                f"`passerelle {' '.join(arguments)}` ended with {done.returncode}: {done.stderr}"
            )
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def _kill_in_the_middle(self, arguments: Sequence[str], *, after: int) -> int:
        self._title(f"Publish, and kill -9 it after {after} statuses", arguments)
        process = subprocess.Popen(  # noqa: S603 - this program itself
            self._command(arguments), env=self._environment(), stdin=subprocess.DEVNULL,
            stdout=sys.stderr if self._output.json else None,
        )  # fmt: skip
        deadline = time.monotonic() + _PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            if self._server.state.count("POST /api/v1/statuses") >= after:
                break
            time.sleep(0.005)
        process.kill()
        process.wait()
        there = len(self._server.state.statuses)
        self._output.say(f"Killed; {there} statuses are on the account.")
        return there

    def _title(self, title: str, arguments: Sequence[str]) -> None:
        shown = [Path(word).name if word == self._archive else word for word in arguments]
        self._output.show(f"\n{title}\n$ passerelle {' '.join(shown)}")

    def _command(self, arguments: Sequence[str]) -> list[str]:
        hurried = [sys.executable, "-m", "bridge.cli.timelapse", str(self._clock.start)]
        return [*hurried, "--home", str(self._home), *arguments]

    def _token(self, arguments: Sequence[str]) -> str:
        return self._server.token if arguments[0] == "login" else ""

    def _environment(self) -> dict[str, str]:
        """Nobody's settings: the defaults."""
        return {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
