"""The command line, driven as people drive it: as a process, or in this one with its streams caught."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge.cli.main import run
from bridge.sandbox.server import Sandbox
from tests.cli.mirror import MUSEUM, ROOT, show
from tests.publishers.wires import Wire, wire
from tests.sources.feeds import Front


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one document that `--json` prints."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def data(self) -> dict[str, Any]:
        assert self.code in (0, 3, 4, 5, 6, 8, 10), (self.out, self.err)
        found = self.document["data"]
        assert isinstance(found, dict)
        return found


Cli = Callable[..., Result]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the person who runs the tests, and the signal handlers back where they were."""
    for name in list(os.environ):
        if name.startswith("PASSERELLE_") or name in ("CREDENTIALS_DIRECTORY", "NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "home"
    monkeypatch.setenv("PASSERELLE_HOME", str(path))
    return path


@pytest.fixture
def cli(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs one command in this process; nobody is at the keyboard."""

    def call(*arguments: str, stdin: str = "") -> Result:
        import io

        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = run(list(arguments))
        said = capsys.readouterr()
        return Result(code=code, out=said.out, err=said.err)

    return call


@pytest.fixture
def process(home: Path) -> Cli:
    """Runs one command as a process of its own."""

    def call(*arguments: str, stdin: str = "", timeout: float = 60, **variables: str) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "bridge", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=timeout,
            env={**os.environ, **variables},
            check=False,
        )
        return Result(code=done.returncode, out=done.stdout, err=done.stderr)

    return call


@pytest.fixture
def front() -> Front:
    """Shows two posts."""
    front = Front()
    show(front, 2, 3)
    return front


@pytest.fixture
def feed_server(front: Front) -> Iterator[Wire]:
    with wire(front) as running:
        yield running


@pytest.fixture
def mastodon(cli: Cli, home: Path, feed_server: Wire) -> Iterator[Sandbox]:
    """The account of the mirror `museum`, whose only source is that feed."""
    with Sandbox(limits=False, username="museum") as running:
        found = cli("login", running.base_url, "--with-token", "--json", stdin=running.token + "\n")
        account = found.data["account"]
        (home / "config.toml").write_text(
            f'[sources.live]\ntype = "feed"\nurls = ["{feed_server.url}{MUSEUM}"]\n'
            f'[destinations.d]\naccount = "{account}"\nserver = "{running.base_url}"\n'
            '[mirrors.museum]\nsources = ["live"]\ndestination = "d"\n'
            "[watch]\ninterval = 10\nlongest_interval = 10\nhost_gap = 0\n",
            "utf-8",
        )
        yield running
