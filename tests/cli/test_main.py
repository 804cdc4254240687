"""The way in and out: global options, usage errors, sentences instead of tracebacks."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from bridge.cli import places
from bridge.cli.main import hoist
from bridge.cli.output import Output
from bridge.cli.tables import columns, safe, span
from tests.cli.conftest import Cli


@pytest.mark.parametrize("line", [["--json", "where"], ["where", "--json"]])
def test_global_options_stand_anywhere(cli: Cli, home: Path, line: list[str]) -> None:
    found = cli(*line)
    assert found.code == 0
    assert found.document["schema"] == 1
    assert found.document["command"] == "where"
    assert found.document["ok"] is True
    assert found.data["home"] == str(home)


def test_home_is_an_option_too(cli: Cli, tmp_path: Path) -> None:
    for line in (["where", "--home", str(tmp_path / "x")], [f"--home={tmp_path / 'x'}", "where"]):
        assert cli(*line).out.strip() == str(tmp_path / "x")


def test_nothing_is_made_by_looking(cli: Cli, home: Path) -> None:
    for line in (["where"], ["status"], ["accounts"], ["config", "check"], ["db", "current"], ["log"]):
        assert cli(*line).code == 0, line
    assert not home.exists()


def test_version(cli: Cli) -> None:
    from bridge import __version__

    assert cli("version").out == f"passerelle {__version__}\n"
    assert cli("--version").out == f"passerelle {__version__}\n"
    assert cli("version", "--json").data == {"version": __version__}


@pytest.mark.parametrize(
    "line", [["frob"], ["where", "--frob"], ["login"], ["db"], ["--home"], ["where", "--log-format", "xml"]]
)
def test_usage_errors_are_2_and_one_sentence(cli: Cli, line: list[str]) -> None:
    found = cli(*line)
    assert found.code == 2
    assert found.out == "" or "Usage:" in found.out
    assert "Traceback" not in found.err
    as_json = cli(*line, "--json") if line != ["--home"] else cli("--json", *line)
    assert as_json.code == 2
    assert as_json.document["ok"] is False
    assert as_json.document["error"]["code"] == "USAGE"


def test_hoist() -> None:
    output = Output()
    line = [
        "publish",
        "a.zip",
        "--quiet",
        "--id",
        "1",
        "2",
        "3",
        "--yes",
        "--log-format=json",
        "--",
        "--json",
    ]
    rest = hoist(line, output)
    assert rest == ["publish", "a.zip", "--id", "1", "--id", "2", "--id", "3", "--yes", "--", "--json"]
    assert (output.quiet, output.log_format, output.json) == (True, "json", False)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/x/ledger.db"), "The disk is full: /x/ledger.db"),
        (OSError(errno.EROFS, "Read-only file system", "/x"), "read-only"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "Permission was denied"),
        (RuntimeError("boom"), "unexpected error (RuntimeError)"),
    ],
)
def test_whatever_happens_ends_in_a_sentence(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def broken(output: Output) -> None:
        raise error

    broken.__name__ = "where"
    monkeypatch.setattr(places, "where", broken)
    found = cli("where")
    assert found.code == 1
    assert words in found.err
    assert "Traceback" not in found.err
    assert words in cli("where", "--json").document["error"]["message"]
    assert "Traceback" in cli("where", "--debug").err


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130)])
def test_interruptions(cli: Cli, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int) -> None:
    def interrupted(output: Output) -> None:
        raise error

    interrupted.__name__ = "where"
    monkeypatch.setattr(places, "where", interrupted)
    found = cli("where")
    assert found.code == code
    assert "saved" in found.err


def test_logs_as_json(cli: Cli) -> None:
    found = cli(
        "init", "--source", "a.zip", "--account", "me@example.social", "--yes", "--log-format", "json"
    )
    for line in found.err.splitlines():
        assert {"ts", "level", "event"} <= set(json.loads(line))


def test_help_is_quick_and_plain(process: Cli) -> None:
    found = process("--help")
    assert found.code == 0
    assert found.err == ""
    assert not any(line in found.out for line in "╭│─")
    assert "preview" in found.out


def test_a_closed_pipe_is_no_error(process: Cli, home: Path) -> None:
    import os
    import subprocess
    import sys

    from tests.cli.conftest import ROOT

    script = f"{sys.executable} -m bridge config show --origin | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, env=dict(os.environ), check=False
    )
    assert done.returncode == 0
    assert done.stderr == ""


def test_tables() -> None:
    assert columns(("name", "count"), [("a", 5), ("bb", 10)]) == "name  count\na         5\nbb       10"
    assert safe("a\x1b[31mb\u202ec") == "a\ufffd[31mb\ufffdc"
    assert [span(s) for s in (5, 600, 7300, 400_000)] == ["5 s", "10 min", "2 h 02 min", "4 d 15 h"]
