"""What was agreed to with `--expect`, after a command that changes the plan; and two commands at once."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge import sample
from bridge.sandbox.rules.faults import Fault, FaultKind
from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli
from tests.cli.test_flow import started, wait_for

MUSEUM = str(sample.path())
YEAR = ("--since", "2012-01-01", "--until", "2013-01-01")
POST = "POST /api/v1/statuses"


@pytest.fixture
def server() -> Iterator[Sandbox]:
    with Sandbox(limits=False, username="museum") as running:
        yield running


@pytest.fixture
def cli(cli: Cli, server: Sandbox) -> Cli:
    """Logged in, with a year of the museum read, and two of its statuses sent."""
    cli("login", server.base_url, "--with-token", stdin=server.token + "\n")
    assert cli("publish", MUSEUM, *YEAR, "--yes", "--max-posts", "2").code == 8
    return cli


def digest(cli: Cli) -> str:
    return str(cli("preview", *YEAR, "--json").data["digest"])


def first(cli: Cli, *, published: bool) -> str:
    """A post of the year, on the account or still to come."""
    rows = map(json.loads, cli("preview", *YEAR, "--jsonl", "-").out.splitlines())
    return next(
        str(row["id"]) for row in rows if row["decision"] == "publish" and bool(row["published"]) is published
    )


def agreed(cli: Cli, digest: str) -> int:
    return cli("publish", *YEAR, "--yes", "--expect", digest, "--max-posts", "1", "--json").code


def undo_one(cli: Cli, _folder: Path) -> None:
    assert cli("undo", first(cli, published=True), "--yes", "--json").data["withdrawn"] >= 1


def skip_one(cli: Cli, _folder: Path) -> None:
    assert cli("skip", first(cli, published=False), "--reason", "not ours", "--json").data["skipped"] >= 1


def describe_one(cli: Cli, folder: Path) -> None:
    work = folder / "work.csv"
    cli("alt", "export", "--csv", str(work))
    waiting = {
        str(row["id"])
        for row in map(json.loads, cli("preview", *YEAR, "--jsonl", "-").out.splitlines())
        if row["decision"] == "publish" and not row["published"]
    }
    with work.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["tweet_id"] in waiting]
    rows[0]["alt_text"] = "A hall, seen from the river"
    with work.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerow(rows[0])
    found = cli("alt", "import", str(work), "--json").data
    assert found["new"] + found["changed"] == 1


@pytest.mark.parametrize("change", [undo_one, skip_one, describe_one])
def test_another_plan_is_not_the_one_that_was_agreed_to(
    cli: Cli, server: Sandbox, tmp_path: Path, change: Callable[[Cli, Path], None]
) -> None:
    before = digest(cli)
    change(cli, tmp_path)
    count = len(server.state.statuses)
    assert agreed(cli, before) == 6
    assert len(server.state.statuses) == count
    after = digest(cli)
    assert after != before
    assert agreed(cli, after) == 8
    assert len(server.state.statuses) == count + 1


def test_what_is_put_back_in_line_is_the_plan_of_before(cli: Cli, tmp_path: Path) -> None:
    before = digest(cli)
    undo_one(cli, tmp_path)
    assert agreed(cli, before) == 6
    assert cli("retry", "--withdrawn", "--json").data["retried"] >= 1
    assert digest(cli) == before
    assert agreed(cli, before) == 8


def test_a_failure_and_its_retry_are_of_the_same_plan(cli: Cli, server: Sandbox) -> None:
    before = digest(cli)
    server.faults.add(Fault(kind=FaultKind.ERROR_422, on=POST, nth=1))
    assert cli("publish", *YEAR, "--yes", "--expect", before, "--max-posts", "2", "--json").code in (3, 8)
    assert cli("retry", "--json").data == {"retried": 1}
    assert digest(cli) == before
    assert agreed(cli, before) == 8


UNDO = ("undo", *YEAR, "--yes")
UPDATE = ("publish", "--update", *YEAR, "--date-stamp", "prefix", "--yes")


@pytest.mark.parametrize(("command", "method"), [(UNDO, "DELETE"), (UPDATE, "PUT")], ids=["undo", "update"])
def test_the_second_of_two_is_told_to_wait(
    cli: Cli, server: Sandbox, command: tuple[str, ...], method: str
) -> None:
    assert cli("publish", *YEAR, "--yes").code == 0
    server.exchange.latency = 0.05
    process = started(time.time(), *command)

    def asked() -> int:
        return sum(each == method for each, _, _ in server.state.requests)

    wait_for(asked, process)
    second = cli(*command, "--json")
    assert (second.code, second.document["error"]["code"]) == (7, "LOCKED")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, (out, err)
    done = asked()
    server.exchange.latency = 0.0
    assert (cli(*command).code, asked()) == (0, done)
