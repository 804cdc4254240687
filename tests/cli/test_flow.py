"""A migration by the command line, over real sockets."""

from __future__ import annotations

import html
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin
from urllib.request import Request, urlopen

import pytest

from bridge import sample
from bridge.cli.timelapse import TimeLapse
from bridge.ledger import open_ledger
from bridge.ledger.owner import this_process
from bridge.sandbox.rules.faults import Fault, FaultKind
from bridge.sandbox.server import Sandbox
from tests.cli.conftest import ROOT, Cli
from tests.sources import archives as made

MUSEUM = str(sample.path())
YEAR = ("--since", "2012-01-01", "--until", "2013-01-01")


@pytest.fixture
def server() -> Iterator[Sandbox]:
    with Sandbox(limits=False, username="museum") as running:
        yield running


@pytest.fixture
def account(server: Sandbox, cli: Cli) -> str:
    found = cli("login", server.base_url, "--with-token", "--name", "m", "--json", stdin=server.token + "\n")
    return str(found.data["account"])


def test_preview_needs_nothing_and_leaves_nothing(cli: Cli, home: Path, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    lines = tmp_path / "plan.jsonl"
    found = cli("preview", MUSEUM, "--json", "--html", str(page), "--jsonl", str(lines))
    data = found.data
    assert {"digest", "source", "publish", "skip", "warnings", "schedule"} <= set(data)
    assert data["source"]["owner"] == "MuseePasserelle"
    assert data["publish"]["statuses"] > 150
    assert [w["code"] for w in found.document["warnings"]].count("LIMITS_ASSUMED") == 1
    assert page.read_text("utf-8").startswith("<!doctype html>") or "<html" in page.read_text("utf-8")[:200]
    assert page.stat().st_mode & 0o077 == 0
    rows = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert len(rows) == data["source"]["posts"]
    assert sum(len(r["statuses"]) for r in rows if r["decision"] == "publish") == data["publish"]["statuses"]
    assert not home.exists()


def test_preview_exit_code_and_lines_on_standard_output(cli: Cli) -> None:
    found = cli("preview", MUSEUM, *YEAR, "--exit-code", "--jsonl", "-")
    assert found.code == 10
    assert all(json.loads(line)["id"] for line in found.out.splitlines())
    assert cli("preview", MUSEUM, "--grep", "never-said", "--exit-code").code == 0
    assert cli("preview", MUSEUM, "--json", "--jsonl", "-").code == 2
    assert cli("preview").code == 2


def test_options_that_do_not_make_sense(cli: Cli) -> None:
    found = cli("preview", MUSEUM, "--since", "yesterday", "--hours", "9", "--kind", "shout", "--json")
    assert found.code == 2
    for option in ("--since", "--hours", "--kind"):
        assert option in found.document["error"]["message"]


def test_publish_what_the_preview_showed_and_nothing_twice(cli: Cli, server: Sandbox, account: str) -> None:
    plan = cli("preview", MUSEUM, *YEAR, "--json").data
    first = cli("publish", MUSEUM, *YEAR, "--yes", "--expect", plan["digest"], "--json").data
    assert first["published"] == plan["publish"]["statuses"] == len(server.state.statuses)
    assert set(first) >= {
        "run", "published", "already", "skipped", "failed", "unknown", "remaining", "next_attempt", "seconds",
    }  # fmt: skip
    again = cli("publish", MUSEUM, *YEAR, "--yes", "--json").data
    assert (again["published"], again["already"]) == (0, first["published"])
    assert len(server.state.statuses) == first["published"]
    assert cli("preview", MUSEUM, *YEAR, "--json").data["digest"] == plan["digest"]
    mirror = cli("status", "--json").data["mirrors"][0]
    assert set(mirror) >= {
        "mirror", "account", "published", "waiting", "failed", "unknown", "next_attempt", "eta",
    }  # fmt: skip
    assert (mirror["account"], mirror["published"], mirror["waiting"]) == (account, first["published"], 0)
    verified = cli("verify", "--json").data
    assert (verified["present"], verified["missing"], verified["duplicate"]) == (first["published"], [], [])


def test_a_lost_post_is_found_missing(cli: Cli, server: Sandbox, account: str) -> None:
    cli("publish", MUSEUM, *YEAR, "--yes")
    url = f"{server.base_url}/api/v1/statuses/{server.state.statuses[0].id}"
    urlopen(Request(url, method="DELETE", headers={"Authorization": f"Bearer {server.token}"})).close()
    found = cli("verify", "--json")
    assert found.code == 3
    assert len(found.data["missing"]) == 1


def test_log_retry_and_skip(cli: Cli, server: Sandbox, account: str) -> None:
    cli("publish", MUSEUM, *YEAR, "--yes", "--max-posts", "1")
    sent = server.state.statuses[0]
    rows = [json.loads(line) for line in cli("preview", "--jsonl", "-").out.splitlines()]
    ours = next(row["id"] for row in rows if row["published"])
    delivery = cli("log", ours, "--json").data["deliveries"][0]
    assert set(delivery) >= {
        "part", "state", "remote_id", "remote_url", "attempts", "last_error", "created_at", "sent_at",
    }  # fmt: skip
    assert (delivery["state"], delivery["remote_id"]) == ("published", sent.id)
    assert cli("retry", "--json").data == {"retried": 0}
    assert cli("retry").out == "There is nothing to retry.\n"
    waiting = cli("preview", *YEAR, "--jsonl", "-").out.splitlines()
    due = next(r["id"] for r in map(json.loads, waiting) if r["decision"] == "publish" and not r["published"])
    assert cli("skip", due).code == 2  # a reason is needed
    assert cli("skip", due, "--reason", "private", "--json").data == {"skipped": 1}
    assert cli("log", due, "--json").data["deliveries"][0]["state"] == "skipped"
    assert cli("log", "999", "--json").code == 1


def test_exit_codes_of_publish(cli: Cli, server: Sandbox, account: str, home: Path) -> None:
    assert cli("publish", MUSEUM).code == 2  # nobody to ask
    assert cli("publish", MUSEUM, *YEAR, "--yes", "--expect", "0" * 32, "--json").code == 6
    assert server.state.statuses == ()
    assert cli("publish", MUSEUM, *YEAR, "--dry-run").code == 0
    assert server.state.statuses == ()
    stopped = cli("publish", MUSEUM, *YEAR, "--yes", "--max-posts", "2", "--json")
    assert (stopped.code, stopped.data["published"]) == (8, 2)
    assert cli("publish", "--to", "nobody", "--yes").code == 2
    assert cli("publish", "absent.zip", "--yes").code == 2


def test_a_token_that_is_no_good(
    cli: Cli, server: Sandbox, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_TOKEN", "wrong")
    found = cli("publish", MUSEUM, *YEAR, "--yes", "--json")
    assert found.code == 4
    assert found.document["error"]["code"] == "AUTH_EXPIRED"
    assert cli("doctor", "--json").code == 4
    monkeypatch.delenv("PASSERELLE_TOKEN")
    assert cli("accounts", "--check").code == 0


def test_nobody_is_logged_in(cli: Cli) -> None:
    assert cli("publish", MUSEUM, "--yes").code == 4
    assert cli("verify").code == 4
    assert cli("logout").code == 2


def test_what_was_deleted_between_two_imports_is_told_once(cli: Cli, tmp_path: Path) -> None:
    kept, lost = (made.y_tweet(made.day(n), f"post {n}") for n in (1, 2))
    old = made.write_zip(tmp_path / "old.zip", made.y2([kept, lost], made="2018-01-05T10:00:00.000Z"))
    new = made.write_zip(tmp_path / "new.zip", made.y2([kept]))
    told = [
        [each["code"] for each in cli("import", str(path), "--json").document["warnings"]]
        for path in (old, new, new, old)
    ]
    assert ["DELETED_SINCE" in codes for codes in told] == [False, True, False, False]
    [skipped] = cli("preview", "--json").data["skip"]
    assert (skipped["reason"], skipped["posts"], skipped["option"]) == ("gone", 1, "--include gone")


def test_a_server_that_is_gone(cli: Cli, server: Sandbox, account: str) -> None:
    server.stop()
    found = cli("publish", MUSEUM, *YEAR, "--yes", "--json")
    assert found.code == 5
    assert found.document["error"]["code"] == "NETWORK"


def test_two_runs_exclude_each_other(cli: Cli, server: Sandbox, account: str, home: Path) -> None:
    with open_ledger(f"sqlite:///{home / 'ledger.db'}") as ledger:
        hold = ledger.queue.hold(account, owner=this_process(), now=datetime.now(UTC), seconds=600)
        found = cli("publish", MUSEUM, *YEAR, "--yes", "--json")
        assert found.code == 7
        ledger.queue.release(hold)
    assert cli("publish", MUSEUM, *YEAR, "--yes").code == 0


def test_login_by_browser(server: Sandbox, home: Path) -> None:
    """The page that would open is called as a browser would, and comes back to the waiting program."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", "login", server.base_url, "--json"],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=dict(os.environ),
    )  # fmt: skip
    assert process.stderr is not None
    url = ""
    while not url.startswith("http"):
        line = process.stderr.readline()
        assert line, process.communicate()
        url = line.strip()
    allow(url)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert json.loads(out)["data"]["account"].startswith("@museum@")
    assert oct((home / "credentials.toml").stat().st_mode)[-3:] == "600"


def allow(url: str) -> None:
    """Presses the button of the practice server's page."""
    page = urlopen(url).read().decode()
    fields = {
        found["name"]: html.unescape(found["value"])
        for found in re.finditer(r'<input[^>]*name="(?P<name>[^"]+)"[^>]*value="(?P<value>[^"]*)"', page)
    }
    action = re.search(r'<form[^>]*action="([^"]+)"', page)
    target = urljoin(url, html.unescape(action[1])) if action else url
    urlopen(Request(target, data=urlencode(fields).encode(), method="POST")).read()


def test_ctrl_c_finishes_the_request_in_hand(server: Sandbox, account: str, home: Path, cli: Cli) -> None:
    total = cli("preview", MUSEUM, "--json").data["publish"]["statuses"]
    server.exchange.latency = 0.02
    process = started(time.time(), "publish", MUSEUM, "--yes")
    wait_for(lambda: server.state.count("POST /api/v1/statuses") >= 5, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Run the same command to go on" in err
    sent = len(server.state.statuses)
    assert 5 <= sent < total
    assert cli("status", "--json").data["mirrors"][0]["published"] == sent
    assert cli("status", "--json").data["mirrors"][0]["unknown"] == 0


def started(start: float, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bridge.cli.timelapse", str(start), *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=dict(os.environ),
    )  # fmt: skip


def wait_for(there: Any, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    while not there():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_the_clock_of_the_demo_runs_fast() -> None:
    clock = TimeLapse(start=time.time() - 1, speed=1000)
    assert 900 < clock.now().timestamp() - clock.start < 60_000


def test_no_token_is_ever_seen(
    cli: Cli, process: Cli, server: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Greps everything that the program says or writes, but for the one file that is for tokens."""
    canary = server.token
    said = []
    for line in (
        ["login", server.base_url, "--with-token", "--debug", "--verbose"],
        ["publish", MUSEUM, *YEAR, "--yes", "--verbose", "--debug", "--log-format", "json"],
        ["doctor"], ["doctor", "--report", "--json"], ["accounts", "--check", "--json"], ["verify", "--json"],
        ["config", "show", "--origin", "--json"], ["status"], ["publish", "nowhere.zip", "--yes", "--debug"],
        ["preview", "--changed", "--json"], ["publish", "--update", "--yes", "--json", "--debug"],
        ["verify", "--adopt", "--yes", "--json", "--debug"], ["verify", "--repair", "--yes", "--json"],
        ["undo", "--limit", "1", "--yes", "--json", "--debug", "--verbose"],
        ["retry", "--withdrawn", "--json"], ["log", "--json"], ["status", "--json"],
    ):  # fmt: skip
        found = cli(*line, stdin=canary)
        assert found.code != 2 or "nowhere.zip" in line, found.err
        said.append(found.out + found.err)
    server.stop()
    found = cli("publish", MUSEUM, "--yes", "--debug", "--json")
    assert found.code == 5
    said.append(found.out + found.err)
    for line in (
        ["undo", "--all", "--yes"],
        ["publish", "--update", "--yes"],
        ["verify", "--adopt", "--yes"],
    ):
        found = cli(*line, "--debug", "--json")
        assert found.code == 5
        said.append(found.out + found.err)
    assert canary not in "".join(said)
    files = [path for path in home.rglob("*") if path.is_file()]
    assert [p.name for p in files if canary.encode() in p.read_bytes()] == ["credentials.toml"]
    assert str(home) not in said[3]


def test_a_post_that_came_out_wider_stops_later_runs_too(cli: Cli, server: Sandbox, account: str) -> None:
    server.faults.add(Fault(kind=FaultKind.WIDER, nth=1))
    first = cli("publish", MUSEUM, *YEAR, "--yes", "--json")
    assert (first.code, first.document["error"]["code"]) == (3, "WIDER")
    again = cli("publish", *YEAR, "--yes", "--json")
    assert (again.code, again.document["error"]["code"]) == (3, "WIDER")
    assert len(server.state.statuses) == 1
    assert cli("verify").code == 3  # reading is no danger, and ends no pause
    assert "public instead of unlisted" in cli("status", "--json").data["mirrors"][0]["paused"]
    assert cli("publish", *YEAR, "--yes", "--try-again").code == 0
    assert len(server.state.statuses) > 5
    assert cli("status", "--json").data["mirrors"][0]["paused"] is None
