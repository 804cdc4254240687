"""`undo` by the command line: what it asks, what it says, what it leaves alone."""

from __future__ import annotations

import io
import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from bridge.cli.main import run
from bridge.ledger import open_ledger
from bridge.ledger.owner import this_process
from bridge.sandbox.rules.faults import Fault, FaultKind
from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli
from tests.cli.test_flow import MUSEUM, started, wait_for

YEARS = ("--since", "2012-01-01", "--until", "2014-01-01")
DELETE = "DELETE /api/v1/statuses/*"


@pytest.fixture
def server() -> Iterator[Sandbox]:
    with Sandbox(limits=False, username="museum") as running:
        yield running


@pytest.fixture
def account(server: Sandbox, cli: Cli) -> str:
    found = cli("login", server.base_url, "--with-token", "--name", "m", "--json", stdin=server.token + "\n")
    return str(found.data["account"])


@pytest.fixture
def sent(cli: Cli, account: str) -> str:
    """Two years of the museum; the number of the run that sent it."""
    found = cli("publish", MUSEUM, *YEARS, "--yes", "--json").data
    assert 10 < found["published"] <= 100
    return str(found["run"])


def by_hand(server: Sandbox) -> str:
    url = f"{server.base_url}/api/v1/statuses"
    headers = {"Authorization": f"Bearer {server.token}"}
    urlopen(Request(url, data=b"status=By+hand", headers=headers, method="POST")).close()
    return server.state.statuses[-1].id


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def typed(monkeypatch: pytest.MonkeyPatch, answers: str, *arguments: str) -> tuple[int, str]:
    """Somebody at the keyboard; the exit code, and what was asked."""
    asked = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(answers))
    monkeypatch.setattr(sys, "stderr", asked)
    return run(list(arguments)), asked.getvalue()


def test_a_run_is_undone_and_nothing_else(cli: Cli, server: Sandbox, sent: str, account: str) -> None:
    count, own = len(server.state.statuses), by_hand(server)
    found = cli("undo", "--run", sent, "--yes", "--json").data
    assert set(found) >= {
        "run", "withdrawn", "gone", "failed", "remaining", "next_attempt", "seconds", "account",
    }  # fmt: skip
    assert (found["withdrawn"], found["gone"], found["failed"], found["remaining"]) == (count, 0, 0, 0)
    assert (found["next_attempt"], found["account"]) == (None, account)
    assert [status.id for status in server.state.statuses] == [own]
    again = cli("undo", "--run", sent, "--yes", "--json").data
    assert again["withdrawn"] == 0
    mirror = cli("status", "--json").data["mirrors"][0]
    assert (mirror["published"], mirror["withdrawn"]) == (0, count)
    verified = cli("verify", "--json").data
    assert (verified["missing"], verified["foreign"]) == ([], 1)


def test_what_was_undone_is_published_again_only_when_asked(cli: Cli, server: Sandbox, sent: str) -> None:
    count = len(server.state.statuses)
    assert cli("undo", "--all", "--yes").code == 0
    assert server.state.statuses == ()
    plan = cli("preview", *YEARS, "--json").data
    assert plan["publish"]["statuses"] == 0
    assert [skip["option"] for skip in plan["skip"] if skip["reason"] == "withdrawn"] == [
        "passerelle retry POST"
    ]
    again = cli("publish", *YEARS, "--yes")
    assert again.code == 0
    assert "`passerelle retry --withdrawn` puts all of that back in line" in again.err
    assert server.state.statuses == ()
    assert cli("retry", "--json").data == {"retried": 0}
    assert cli("retry", "--withdrawn", "--json").data == {"retried": count}
    found = cli("publish", *YEARS, "--yes", "--visibility", "public", "--json").data
    assert found["published"] == count == len(server.state.statuses)
    assert {status.visibility for status in server.state.statuses} == {"public"}


def test_a_single_post_is_named(cli: Cli, server: Sandbox, sent: str, home: Path) -> None:
    with open_ledger(f"sqlite:///{home / 'ledger.db'}") as ledger:
        row = ledger.queue.placed(ledger.queue.destinations()[0].account)[0]
    before = len(server.state.statuses)
    found = cli("undo", row.post_id, "--yes", "--json").data
    assert found["withdrawn"] == before - len(server.state.statuses) >= 1
    deliveries = cli("log", row.post_id, "--json").data["deliveries"]
    assert {each["state"] for each in deliveries} == {"withdrawn"}
    assert "to be deleted" in cli("log", row.post_id).out
    assert cli("undo", "99999", "--yes").code == 1  # no such post


def test_a_dry_run_asks_nobody(cli: Cli, server: Sandbox, sent: str, account: str, home: Path) -> None:
    count = len(server.state.statuses)
    server.stop()
    shown = cli("undo", "--all", "--dry-run").out
    assert "no limit of its own" in shown  # as its answers have shown
    assert cli("undo", "--all", "--dry-run", "--json").data["schedule"]["bound"] == "none"
    with open_ledger(f"sqlite:///{home / 'ledger.db'}") as ledger:
        ledger.queue.save_budget(account, {})
    found = cli("undo", *YEARS, "--dry-run", "--json").data
    assert (found["account"], found["statuses"]) == (account, count)
    assert found["window"] == {"limit": 30, "seconds": 1800}
    assert found["schedule"]["bound"] == ("deletes" if count > 30 else "none")
    assert found["first"]["sent_at"] <= found["last"]["sent_at"]
    shown = cli("undo", "--all", "--dry-run").out
    assert f"{count} statuses" in shown
    assert "30 deletions in 30 min" in shown
    assert "Nothing of that" in cli("undo", "--grep", "never-said", "--dry-run").out


def test_what_is_no_selection(cli: Cli, sent: str) -> None:
    found = cli("undo", "--yes", "--json")
    assert found.code == 2
    for way in ("--run", "--all", "--since"):
        assert way in found.document["error"]["hint"]
    assert cli("undo", "--all", "--id", "1", "--yes").code == 2
    assert cli("undo", "--run", "999", "--yes").code == 2
    assert cli("undo", "--run", "last", "--yes").code == 2
    assert cli("undo", "--include", "circle", "--yes").code == 2
    assert cli("undo", "--since", "yesterday", "--yes").code == 2


def test_nothing_was_ever_published(cli: Cli) -> None:
    assert cli("undo", "--all", "--yes").code == 2
    assert cli("undo", "--all", "--dry-run").code == 2


def test_off_a_terminal_the_answer_is_an_option(
    cli: Cli, server: Sandbox, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("publish", MUSEUM, "--yes", "--limit", "105").code in (0, 3)
    count = len(server.state.statuses)
    assert count > 100
    refused = cli("undo", "--all", "--json")
    assert (refused.code, "--yes" in refused.document["error"]["hint"]) == (2, True)
    refused = cli("undo", "--all", "--yes", "--json")
    assert (refused.code, f"--account {account}" in refused.document["error"]["hint"]) == (2, True)
    assert cli("undo", "--all", "--yes", "--account", "@somebody@else.example").code == 2
    assert len(server.state.statuses) == count
    code, asked = typed(monkeypatch, "yes\n", "undo", "--all")
    assert (code, len(server.state.statuses)) == (2, count)
    assert "type the name of the account" in asked
    assert f"{count} statuses" in asked
    code, _ = typed(monkeypatch, f"{account}\n", "undo", *YEARS, "--all")
    assert code == 2  # one or the other
    code, _ = typed(monkeypatch, f"{account}\n", "undo", "--all", "--quiet")
    assert (code, server.state.statuses) == (0, ())


def test_a_person_may_say_no(server: Sandbox, sent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    count = len(server.state.statuses)
    code, asked = typed(monkeypatch, "no\n", "undo", "--run", sent)
    assert (code, len(server.state.statuses)) == (2, count)
    assert "first" in asked
    assert "done by" in asked
    code, _ = typed(monkeypatch, "yes\n", "undo", "--run", sent)
    assert (code, server.state.statuses) == (0, ())


def test_what_stands_is_said(cli: Cli, server: Sandbox, sent: str) -> None:
    server.faults.add(Fault(kind=FaultKind.ERROR_422, on=DELETE, nth=2))
    found = cli("undo", "--run", sent, "--yes", "--json")
    assert found.code == 3
    assert found.data["failed"] == 1
    assert found.data["failures"][0]["remote_id"] == server.state.statuses[0].id
    assert found.data["failures"][0]["reason"]
    assert cli("undo", "--run", sent, "--yes", "--json").data["withdrawn"] == 1


def test_exit_codes(
    cli: Cli, server: Sandbox, sent: str, account: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = cli("undo", "--all", "--yes", "--max-posts", "2", "--json")
    assert (limited.code, limited.data["withdrawn"]) == (8, 2)
    with open_ledger(f"sqlite:///{home / 'ledger.db'}") as ledger:
        hold = ledger.queue.hold(account, owner=this_process(), now=datetime.now(UTC), seconds=600)
        assert cli("undo", "--all", "--yes").code == 7
        ledger.queue.release(hold)
    with monkeypatch.context() as patched:
        patched.setenv("PASSERELLE_TOKEN", "wrong")
        assert cli("undo", "--all", "--yes").code == 4
    server.faults.add(Fault(kind=FaultKind.UNAUTHORIZED, on=DELETE, nth=3))
    ended = cli("undo", "--all", "--yes", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (4, "AUTH_EXPIRED")
    assert cli("undo", "--all", "--yes", "--to", "m").code == 0
    server.stop()
    assert cli("undo", "--all", "--yes").code == 5


def test_what_was_not_sent_yet_still_waits(cli: Cli, server: Sandbox, account: str) -> None:
    cli("publish", MUSEUM, *YEARS, "--yes", "--max-posts", "2")
    done = cli("undo", "--all", "--yes")
    assert (done.code, server.state.statuses) == (0, ())
    assert "27 statuses wait for `passerelle publish` still." in done.err
    assert cli("publish", MUSEUM, *YEARS, "--yes", "--max-posts", "1", "--json").data["published"] == 1


def test_ctrl_c_finishes_the_request_in_hand(server: Sandbox, sent: str, cli: Cli) -> None:
    count = len(server.state.statuses)
    server.exchange.latency = 0.02
    process = started(time.time(), "undo", "--all", "--yes")
    wait_for(lambda: len(server.state.statuses) <= count - 3, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Run the same command to go on" in err
    left = len(server.state.statuses)
    assert 0 < left <= count - 3
    assert cli("undo", "--all", "--yes", "--json").data["withdrawn"] == left


def test_each_kill_is_survived(server: Sandbox, sent: str, cli: Cli) -> None:
    """Wherever it dies: before the request, in it, after it; what we deleted is ours, to the last one."""
    count, own = len(server.state.statuses), by_hand(server)
    server.exchange.latency = 0.01
    for goal in (count - 2, count - 4, count - 7):
        process = started(time.time(), "undo", "--all", "--yes")
        wait_for(lambda goal=goal: len(server.state.statuses) <= goal, process)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    found = cli("undo", "--all", "--yes", "--json").data
    assert (found["gone"], found["failed"], found["remaining"]) == (0, 0, 0)
    assert [status.id for status in server.state.statuses] == [own]
    assert cli("status", "--json").data["mirrors"][0]["withdrawn"] == count


def test_a_server_that_cannot_delete(cli: Cli, tmp_path: Path) -> None:
    with Sandbox(profile="snac", username="museum", limits=False) as snac:
        cli("login", snac.base_url, "--with-token", stdin=snac.token + "\n")
        cli("publish", MUSEUM, *YEARS, "--limit", "3", "--yes")
        snac.faults.add(Fault(kind=FaultKind.ERROR_422, on=DELETE))
        found = cli("undo", "--all", "--yes", "--json")
        assert (found.code, found.data["withdrawn"], found.data["failed"] > 0) == (3, 0, True)
        assert cli("status", "--json").data["mirrors"][0]["published"] == len(snac.state.statuses)
