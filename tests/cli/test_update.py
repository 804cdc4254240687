"""`preview --changed` and `publish --update` by the command line, over real sockets."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from bridge import sample
from bridge.sandbox.rules.state import Status
from bridge.sandbox.server import Sandbox
from tests.cli.conftest import ROOT, Cli

MUSEUM = str(sample.path())
YEAR = ("--since", "2012-01-01", "--until", "2013-01-01")
CHANGED = ("preview", "--changed", *YEAR)
UPDATE = ("publish", "--update", *YEAR)
STAMPED = ("--date-stamp", "prefix")
LINKED, HOLDER = "513268851387642340", "518068157332899429"  # posts of the museum


@pytest.fixture
def server() -> Iterator[Sandbox]:
    with Sandbox(limits=False, username="museum") as running:
        yield running


@pytest.fixture
def account(server: Sandbox, cli: Cli) -> str:
    found = cli("login", server.base_url, "--with-token", "--json", stdin=server.token + "\n")
    cli("publish", MUSEUM, *YEAR, "--yes")
    assert len(server.state.statuses) > 5
    return str(found.data["account"])


def lines(cli: Cli, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in cli(*arguments, "--jsonl", "-").out.splitlines()]


def by_hand(server: Sandbox, found: Status, method: str = "PUT", **fields: object) -> None:
    request = Request(
        f"{server.base_url}/api/v1/statuses/{found.id}",
        method=method,
        data=json.dumps(fields).encode(),
        headers={"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"},
    )
    urlopen(request).close()


def test_nothing_has_changed(cli: Cli, server: Sandbox, account: str) -> None:
    found = cli(*CHANGED, "--json", "--exit-code")
    count = len(server.state.statuses)
    assert found.code == 0
    assert found.data["already"]["statuses"] == count
    assert (found.data["change"]["statuses"], found.data["left"]) == (0, [])
    assert lines(cli, *CHANGED) == []
    requests = server.state.request_count
    assert cli("login", server.base_url, "--with-token", stdin=server.token + "\n").code == 0
    meeting = server.state.request_count
    done = cli(*UPDATE, "--yes", "--json")
    assert (done.code, done.data["edited"], done.data["already"]) == (0, 0, count)
    assert server.state.request_count - meeting <= max(5, meeting - requests)
    assert not [method for method, _, _ in server.state.requests if method == "PUT"]


def test_descriptions_written_later_reach_the_published_pictures(
    cli: Cli, server: Sandbox, account: str, tmp_path: Path
) -> None:
    assert cli(*CHANGED, "--exit-code").code == 0
    worklist = tmp_path / "alt.csv"
    assert cli("alt", "export", "--missing", "--csv", str(worklist)).code == 0
    with worklist.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for number, row in enumerate(rows):
        row["alt_text"] = f"A drawing, number {number}"
    with worklist.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert cli("alt", "import", str(worklist)).code == 0
    before = {medium.id: medium.description for medium in server.state.media}
    changes = cli(*CHANGED, "--json", "--exit-code")
    what = {name: count for name, count in changes.data["change"]["what"].items() if count}
    assert (changes.code, what) == (10, {"description": changes.data["change"]["statuses"]})
    done = cli(*UPDATE, "--yes", "--json", "--expect", changes.data["digest"])
    assert (done.code, done.data["edited"]) == (0, changes.data["change"]["statuses"])
    now = {medium.id: medium.description for medium in server.state.media}
    assert set(now) == set(before), "nothing is uploaded again"
    written = [now[key] for key in now if now[key] != before[key]]
    assert len(written) >= done.data["edited"] > 0
    assert all(text and text.startswith("A drawing, number ") for text in written)
    assert cli(*CHANGED, "--exit-code").code == 0
    assert cli("verify").code == 0


def test_what_the_preview_shows_is_edited_and_nothing_else(
    cli: Cli, server: Sandbox, account: str, tmp_path: Path
) -> None:
    before = server.state.statuses
    page = tmp_path / "changes.html"
    shown = cli(*CHANGED, *STAMPED, "--json", "--exit-code", "--html", str(page))
    assert shown.code == 10
    data = shown.data
    assert set(data) >= {"digest", "source", "publish", "skip", "warnings", "schedule", "change", "left"}
    assert data["publish"] == {"posts": 0, "statuses": 0, "threads": 0, "media": 0, "bytes": 0}
    assert data["change"]["what"]["text"] == data["change"]["statuses"] > 5
    assert data["schedule"]["seconds"] > 0
    assert page.stat().st_mode & 0o077 == 0
    assert "<ins>" in page.read_text("utf-8")
    rows = lines(cli, *CHANGED, *STAMPED)
    assert {row["decision"] for row in rows} == {"publish"}
    edits = {edit["remote_id"]: edit for row in rows for edit in row["change"]["statuses"]}
    assert {edit["before"]["text"] for edit in edits.values()} <= {status.text for status in before}
    assert len(edits) == data["change"]["statuses"]
    assert server.state.statuses == before

    done = cli(*UPDATE, *STAMPED, "--yes", "--expect", data["digest"], "--json")
    assert (done.code, done.data["edited"], done.data["left"]) == (0, len(edits), [])
    assert set(done.data) >= {
        "run", "published", "already", "skipped", "failed", "unknown", "remaining", "next_attempt", "seconds",
    }  # fmt: skip
    for old, new in zip(before, server.state.statuses, strict=True):
        assert new.text == (edits[old.id]["after"]["text"] if old.id in edits else old.text)
        assert (new.media_ids, new.visibility, new.in_reply_to_id) == (
            old.media_ids, old.visibility, old.in_reply_to_id,
        )  # fmt: skip
    assert cli(*CHANGED, *STAMPED, "--exit-code").code == 0
    assert cli("verify").code == 0
    again = cli(*UPDATE, *STAMPED, "--yes", "--expect", data["digest"], "--json")
    assert (again.code, again.data["edited"]) == (0, 0)


def test_an_ordinary_run_takes_no_notice(cli: Cli, server: Sandbox, account: str) -> None:
    before = server.state.statuses
    plan = cli("preview", *YEAR, "--json").data["digest"]
    assert cli("preview", *YEAR, *STAMPED, "--json").data["digest"] == plan
    assert cli("publish", *YEAR, *STAMPED, "--yes", "--json").data["published"] == 0
    assert server.state.statuses == before


def test_what_was_changed_by_hand_is_reported(cli: Cli, server: Sandbox, account: str) -> None:
    first, second, *_ = server.state.statuses
    by_hand(server, first, status="In my own words")
    by_hand(server, second, "DELETE")
    done = cli(*UPDATE, *STAMPED, "--yes", "--json")
    assert done.code == 3
    assert [(left["remote_id"], left["code"]) for left in done.data["left"]] == [
        (first.id, "EDITED_BY_HAND"),
        (second.id, "MISSING"),
    ]
    assert [warning["code"] for warning in done.document["warnings"]] == ["EDITED_BY_HAND", "MISSING"]
    assert server.state.statuses[0].text == "In my own words"
    said = cli(*UPDATE, *STAMPED, "--yes")
    assert said.code == 3
    assert "somebody has changed it there" in said.out


def test_what_no_edit_can_do_is_listed(cli: Cli, server: Sandbox, account: str) -> None:
    short = ("--too-long", "note")
    found = cli("preview", MUSEUM, *YEAR, "--json").data
    assert found["publish"]["statuses"] == 0
    cli("publish", MUSEUM, "--since", "2019-01-01", "--yes")
    rest = ("--since", "2019-01-01", *short)
    shown = cli("preview", "--changed", *rest, "--json").data
    assert [left["reason"] for left in shown["left"]] == ["parts"]
    held = [row for row in lines(cli, "preview", "--changed", *rest) if row["decision"] == "hold"]
    assert len(held) == shown["left"][0]["posts"] > 0
    assert {(row["reason"], len(row["change"]["statuses"])) for row in held} == {("parts", 0)}
    before = server.state.statuses
    done = cli("publish", "--update", *rest, "--yes", "--json")
    assert (done.code, done.data["edited"], done.data["skipped"]) == (0, 0, len(held))
    assert server.state.statuses == before


def test_limits_digests_and_options(cli: Cli, server: Sandbox, account: str) -> None:
    assert cli(*UPDATE).code == 2  # nobody to ask
    assert cli(*UPDATE, *STAMPED, "--yes", "--expect", "0" * 32, "--json").code == 6
    assert not [method for method, _, _ in server.state.requests if method == "PUT"]
    stopped = cli(*UPDATE, *STAMPED, "--yes", "--max-posts", "2", "--json")
    assert (stopped.code, stopped.data["edited"]) == (8, 2)
    shown = cli(*CHANGED, *STAMPED, "--json").data["change"]["statuses"]
    assert stopped.data["remaining"] == shown
    assert cli("preview", "--adopted", *YEAR).code == 2
    assert cli("publish", "--adopted", *YEAR, "--yes").code == 2
    assert cli(*CHANGED, "--json", "--jsonl", "-").code == 2
    dry = cli("publish", "--update", "--dry-run", *YEAR, *STAMPED, "--json")
    assert dry.data["change"]["statuses"] == shown


def test_before_anything_was_published(cli: Cli, tmp_path: Path) -> None:
    found = cli("preview", "--changed", "--json")
    assert (found.code, found.document["error"]["code"]) == (2, "CONFIG")


def test_a_server_without_edits(cli: Cli) -> None:
    with Sandbox(profile="snac", limits=False, username="museum") as server:
        cli("login", server.base_url, "--with-token", stdin=server.token + "\n")
        cli("publish", MUSEUM, *YEAR, "--yes")
        before = server.state.statuses
        assert len(before) > 5
        shown = cli(*CHANGED, *STAMPED, "--json")
        assert [warning["code"] for warning in shown.document["warnings"]] == ["CANNOT_EDIT"]
        found = cli(*UPDATE, *STAMPED, "--yes", "--json")
        assert found.code == 1
        assert "does not let statuses be edited" in found.document["error"]["message"]
        assert server.state.statuses == before


def test_it_asks_once_on_a_terminal(cli: Cli, server: Sandbox, account: str) -> None:
    for answer, code in (("no", 2), ("yes", 0)):
        master, slave = pty.openpty()
        command = [sys.executable, "-m", "bridge", *UPDATE, *STAMPED]
        process = subprocess.Popen(
            command, stdin=slave, stderr=slave, stdout=subprocess.PIPE, cwd=ROOT, env=dict(os.environ)
        )
        os.close(slave)
        os.write(master, f"{answer}\n".encode())
        process.communicate(timeout=60)
        os.close(master)
        assert process.returncode == code
        edited = [status for status in server.state.statuses if status.edited_at is not None]
        assert bool(edited) == (answer == "yes")


@pytest.fixture
def plain() -> Iterator[Sandbox]:
    """Without quotes: own posts are linked to."""
    with Sandbox(profile="mastodon", version="4.3.0", limits=False, username="museum") as running:
        yield running


def test_a_post_that_was_sent_anew_is_linked_to_anew(cli: Cli, plain: Sandbox) -> None:
    """Nobody has altered what holds its old address."""
    cli("login", plain.base_url, "--with-token", stdin=plain.token + "\n")
    pair = ("--id", LINKED, "--id", HOLDER)
    cli("publish", MUSEUM, *pair, "--yes")
    old, holder = linked_by(plain)
    assert cli("undo", LINKED, "--yes", "--json").data["withdrawn"] == 1
    assert cli("retry", "--withdrawn", "--json").data == {"retried": 1}
    assert cli("publish", *pair, "--yes", "--json").data["published"] == 1
    found = cli("verify", "--json")
    assert found.code == 0, found.out
    assert cli("preview", "--changed", *pair, "--json").data["change"]["statuses"] == 1
    done = cli("publish", "--update", *pair, "--yes", "--json")
    assert (done.code, done.data["edited"], done.data["left"]) == (0, 1, [])
    new, same = linked_by(plain)
    assert (same, new == old) == (holder, False)
    assert cli("preview", "--changed", *pair, "--json").data["change"]["statuses"] == 0
    assert cli("publish", "--update", *pair, "--yes", "--json").data["edited"] == 0
    assert cli("verify").code == 0


def linked_by(server: Sandbox) -> tuple[str, str]:
    """The ids of a status that is linked to, and of the one that does."""
    everything = server.state.statuses
    ((to, by),) = [(to.id, by.id) for to in everything for by in everything if f"/{to.id}" in by.text]
    return to, by
