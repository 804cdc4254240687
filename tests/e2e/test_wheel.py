"""What is shipped, as a stranger gets it: the wheel, a clean environment, an empty folder, the demo."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.e2e.command import ROOT, Passerelle

pytestmark = pytest.mark.wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    return next(out.glob("*.whl"))


def test_it_holds_what_the_program_needs_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "bridge/sample/museum.zip" in names
    assert "bridge/config.example.toml" in names
    assert any(name.startswith("bridge/_migrations/versions/") for name in names)
    assert any(name.startswith("bridge/sandbox/templates/") for name in names)
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"bridge"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".db")]


def test_the_demo_runs_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    got = subprocess.run([*pip, str(wheel)], capture_output=True, text=True, check=False)
    if got.returncode and ("Could not find a version" in got.stderr or "onnection" in got.stderr):
        pytest.skip(f"the package index cannot be reached: {got.stderr.strip()[-200:]}")
    assert got.returncode == 0, got.stderr[-2000:]
    empty = tmp_path / "empty"
    empty.mkdir()
    stranger = Passerelle(home=tmp_path / "home", python=str(python), folder=empty)
    stranger.run("version")
    stranger.run("demo")
    assert not list(empty.iterdir()), "the demo leaves nothing in the folder it is called from"
