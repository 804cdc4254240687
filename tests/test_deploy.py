"""What is shipped for systemd and for containers: as far as can be told without either running."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "passerelle.service").read_text("utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in UNIT.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit, for the program of this checkout."""
    program = Path(sys.executable).with_name("passerelle")
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    if not program.exists():
        pytest.skip("passerelle is not installed beside this Python")
    file = tmp_path / "passerelle.service"
    file.write_text(UNIT.replace("/opt/passerelle/bin/passerelle watch", f"{program} watch"), "utf-8")
    return file


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_systemd_finds_nothing_wrong_with_the_unit(installed: Path) -> None:
    done = analyze("verify", "--man=no", str(installed))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_unit_is_as_confined_as_can_be(installed: Path) -> None:
    done = analyze("security", "--offline=true", "--threshold=20", "--no-pager", str(installed))
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze cannot judge a file")
    assert done.returncode == 0, done.stdout[-300:]


def test_the_unit_fits_the_program() -> None:
    found = unit()
    assert found["Type"] == ["notify"]
    assert found["WatchdogSec"] == ["5min"]
    document = (ROOT / "docs" / "exit-codes.md").read_text("utf-8")
    codes = [
        code for name in ("SuccessExitStatus", "RestartPreventExitStatus") for code in found[name][0].split()
    ]
    assert all(re.search(rf"^\| {code} \|", document, re.MULTILINE) for code in codes)
    # Whether another holder of an account lives is told by /proc (bridge.ledger.owner).
    assert not {"ProtectProc", "ProcSubset"} & set(found)


def instructions() -> list[tuple[str, str]]:
    joined = DOCKERFILE.replace("\\\n", " ")
    lines = [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_image_is_built_of_what_is_there() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split()
    copied = [rest.split()[:-1] for word, rest in instructions() if word == "COPY" and "--from" not in rest]
    for name in (name for names in copied for name in names):
        assert (ROOT / name).exists()
        assert f"!{name}" in ignored
    (extras,) = (rest for word, rest in instructions() if word == "ARG")
    named = shlex.split(extras)[0].partition("=")[2].split()
    assert set(named) <= set(PROJECT["project"]["optional-dependencies"])
    needed = {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"], "config.example.toml"}
    assert needed <= {name for names in copied for name in names}


def test_the_image_runs_as_nobody_special_and_says_how_it_is() -> None:
    last = instructions()[max(i for i, (word, _) in enumerate(instructions()) if word == "FROM") :]
    found = dict(last)
    assert found["USER"] == "10001:10001"
    assert found["VOLUME"] == "/data"
    assert "PASSERELLE_HOME=/data" in found["ENV"]
    assert "passerelle health || exit 1" in found["HEALTHCHECK"]
    assert (found["ENTRYPOINT"], found["CMD"]) == ('["passerelle"]', '["watch"]')
    assert not re.search(r"(?i)token|password|secret(?! is in)", " ".join(rest for _, rest in instructions()))


def compose(name: str) -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / name).read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_the_compose_files_fit_one_another_and_hold_no_secret() -> None:
    one, more = compose("compose.yaml"), compose("compose.postgresql.yaml")
    mirror = one["services"]["passerelle"]
    assert (DEPLOY / mirror["build"]["context"]).resolve() == ROOT
    assert (ROOT / mirror["build"]["dockerfile"]).exists()
    assert mirror["read_only"]
    assert mirror["cap_drop"] == ["ALL"]
    assert "ports" not in mirror  # figures have no password
    wanted = [
        volume.partition(":")[0]
        for file in (one, more)
        for s in file["services"].values()
        for volume in s.get("volumes", ())
    ]
    assert set(wanted) == {*one["volumes"], *more["volumes"]}
    assert set(more["services"]["passerelle"]["depends_on"]) <= set(more["services"])
    for file in (one, more):
        for service in file["services"].values():
            for name, value in service.get("environment", {}).items():
                assert "PASSWORD" not in name or str(value).startswith("${"), name
