"""The promises about the house itself: imports, sizes, exit codes, documents."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from bridge import errors
from bridge.cli.tree import build

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "bridge").rglob("*.py")) + sorted((ROOT / "migrations").rglob("*.py"))
DOCUMENTS = "\n".join(
    path.read_text("utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
)
BROAD = {"bridge/cli/main.py", "bridge/engine/bench.py"}  # the tops of the command line and the loop


def test_imports_point_downwards() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_longer_than_400_lines() -> None:
    files = [*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    long = {str(f.relative_to(ROOT)): n for f in files if (n := len(f.read_text("utf-8").splitlines())) > 400}
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.read_text("utf-8").strip() and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert [path for path in silent if not path.startswith("migrations/versions")] == []


def test_broad_excepts_stand_only_where_the_architecture_allows() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and not any(isinstance(each, ast.Raise) and each.exc is None for each in node.body)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))
        )
    }
    assert {path for path in found if not path.startswith("bridge/sources/")} <= BROAD


def test_nothing_is_left_to_do() -> None:
    words = re.compile(r"\b(TODO|FIXME)\b")
    assert [str(path.relative_to(ROOT)) for path in SOURCES if words.search(path.read_text("utf-8"))] == []


def all_errors(kind: type[errors.BridgeError] = errors.BridgeError) -> Iterator[type[errors.BridgeError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from all_errors(each)


def test_exit_codes_are_those_of_the_document() -> None:
    text = (ROOT / "docs" / "exit-codes.md").read_text("utf-8")
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert documented == {*range(11), 130, 143}
    assert {kind.exit_code for kind in all_errors()} <= documented
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", readme, re.MULTILINE)} <= documented


def test_every_error_says_what_and_how() -> None:
    for kind in all_errors():
        error = kind("It broke.", hint="Mend it.")
        assert str(error) == "It broke. Mend it."
        assert re.fullmatch(r"[A-Z_]+", kind.code)


def commands() -> list[tuple[str, typer.core.TyperCommand]]:
    found = []
    for name, command in typer.main.get_command(build(rich=False)).commands.items():  # type: ignore[attr-defined]
        children = getattr(command, "commands", {})
        found += [(f"{name} {child}", each) for child, each in children.items()] or [(name, command)]
    return found


@pytest.mark.parametrize(
    ("name", "command"), commands(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_is_documented_and_has_help(name: str, command: typer.core.TyperCommand) -> None:
    assert re.search(rf"passerelle {name}\b|`{name}\b", DOCUMENTS), f"{name} is in no document"
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{name} {parameter.name} has no help"


def test_every_option_in_the_documents_exists() -> None:
    declared = {"--help", "--version", "--home", "--config", "--log-format", "--json", "--quiet", "--verbose"}
    declared |= {"--debug", "--no-input", "--no-color"}
    for _, command in commands():
        declared |= {option for parameter in command.params for option in parameter.opts}
    lines = [line for line in DOCUMENTS.splitlines() if "passerelle " in line]
    named = {option for line in lines for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)}
    assert named <= declared


def test_links_between_documents_lead_somewhere() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text("utf-8")):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"
