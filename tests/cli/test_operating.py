"""`watch` as it is operated: pages for monitoring, settings read anew, messages; `health` and `doctor`."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from pathlib import Path

import pytest

from bridge.app import utcnow
from bridge.cli.output import Output
from bridge.cli.systemd import Notifier, in_journal
from bridge.cli.watch import _Lines
from bridge.engine.clock import SystemClock
from bridge.ledger import open_ledger
from bridge.ledger.owner import Owner, this_process
from bridge.operation.address import Address
from bridge.operation.server import ask
from bridge.sandbox.server import Sandbox
from tests.changes import replace
from tests.cli.conftest import Cli
from tests.cli.mirror import eventually, show, texts, watching
from tests.publishers.wires import answer, closed_port, wire
from tests.sources.feeds import Front


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Where a program writes what it is told, a line each."""
    return tmp_path / "told"


@pytest.fixture
def program(tmp_path: Path, told: Path) -> Path:
    file = tmp_path / "tell"
    file.write_text(f'#!/bin/sh\ncat >> "{told}"; echo >> "{told}"\n', "utf-8")
    file.chmod(0o700)
    return file


def log_in(cli: Cli, server: Sandbox) -> None:
    assert cli("login", server.base_url, "--with-token", stdin=server.token + "\n").code == 0


def append(home: Path, text: str) -> str:
    """And what was there before."""
    file = home / "config.toml"
    before = file.read_text("utf-8")
    file.write_text(before + text, "utf-8")
    return before


def messages(told: Path) -> list[dict[str, str]]:
    if not told.exists():
        return []
    return [json.loads(line) for line in told.read_text("utf-8").splitlines() if line]


# --- while it runs


def test_it_can_be_watched_and_its_settings_change_while_it_runs(
    cli: Cli, home: Path, mastodon: Sandbox, program: Path
) -> None:
    one, other = Address("127.0.0.1", closed_port()), Address("127.0.0.1", closed_port())
    good = append(home, f'metrics_addr = "{one.port}"\n')
    with watching("--from", "2015-01-01", "--log-format", "json") as running:
        assert running.stderr is not None
        lines = (json.loads(line) for line in running.stderr)

        def until(words: str) -> dict[str, str]:
            return next(line for line in lines if words in line["event"])

        assert until("Figures at")["address"] == str(one)
        eventually(lambda: len(texts(mastodon)) == 2)
        eventually(lambda: ask(one, "/readyz")[0])
        assert cli("health").out.startswith("The loop came round")
        assert cli("health", "--ready", "--json").data["by"] == "pages"

        append(home, '[notify]\ncommand = "/nowhere/at/all"\n')
        running.send_signal(signal.SIGHUP)
        assert "notify.command" in until("not taken over")["event"]
        assert ask(one, "/healthz")[0]
        (home / "config.toml").write_text("[watch", "utf-8")
        assert (cli("health").code, cli("health", "--metrics-addr", str(one)).code) == (2, 0)

        new = f'metrics_addr = "{other}"\n[notify]\ncommand = "{program}"\n'
        (home / "config.toml").write_text(good + new, "utf-8")
        running.send_signal(signal.SIGHUP)
        until("read anew")
        assert ask(other, "/healthz")[0]
        assert cli("health", "--metrics-addr", str(one)).code == 1
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 143
    assert cli("health").code == 1


def test_an_address_that_is_taken_ends_it_before_it_begins(cli: Cli, home: Path, mastodon: Sandbox) -> None:
    with wire(answer(b"hello")) as other:
        port = other.url.rpartition(":")[2]
        found = cli("watch", "--from", "now", "--metrics-addr", port)
        assert (found.code, "nothing can be served" in found.err) == (2, True)
        append(home, f'metrics_addr = "{port}"\n')
        assert "Another program" in cli("doctor").out
    assert cli("watch", "--metrics-addr", "nowhere").code == 2


def test_people_are_told_of_a_lost_login_by_rounds_of_cron(
    cli: Cli, home: Path, mastodon: Sandbox, front: Front, program: Path, told: Path
) -> None:
    append(home, f'[notify]\ncommand = "{program}"\n')
    assert cli("watch", "--once", "--from", "2015-01-01").code == 0
    kept = (home / "credentials.toml").read_text("utf-8")
    (home / "credentials.toml").unlink()
    show(front, 2, 3, 4)
    for _ in range(2):
        assert cli("watch", "--once").code == 4
    assert [(each["event"], each["state"]) for each in messages(told)] == [("login", "began")]
    (home / "credentials.toml").write_text(kept, "utf-8")
    (home / "credentials.toml").chmod(0o600)
    assert cli("watch", "--once").code == 0
    assert [each["state"] for each in messages(told)] == ["began", "over"]
    assert mastodon.token not in told.read_text("utf-8")


def test_addresses_of_services_come_from_the_surroundings_and_are_never_shown(
    cli: Cli, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    with wire(answer({})) as service:
        url = f"json://user:canary@127.0.0.1:{service.url.rpartition(':')[2]}/canary"
        (tmp_path / "urls").write_text(f"{url}\n", "utf-8")
        monkeypatch.setenv("PASSERELLE_NOTIFY_URLS_FILE", str(tmp_path / "urls"))
        found = cli("doctor", "--notify", "--report", "--json")
        assert (found.code, len(service.requests)) == (0, 1)
        monkeypatch.delenv("PASSERELLE_NOTIFY_URLS_FILE")
        monkeypatch.setenv("PASSERELLE_NOTIFY__URLS", f"{url} {url}?a=b,c")
        assert cli("doctor", "--notify").code == 0
        assert len(service.requests) == 3
        for line in (["doctor"], ["config", "show", "--origin"], ["config", "show", "--json"]):
            said = cli(*line)
            assert "canary" not in said.out + said.err
    monkeypatch.setenv("PASSERELLE_NOTIFY__URLS", "canary://canary")
    found = cli("doctor")
    assert (found.code, "does not know address 1" in found.out) == (2, True)


def test_nobody_to_tell_is_no_success_of_a_test_message(cli: Cli, home: Path) -> None:
    assert cli("doctor", "--notify").code == 2


# --- systemd


def test_the_watchdog_hears_of_every_turn_and_of_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(5)
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2"})
        notifier.beat()
        assert heard.recv(4096) == b"WATCHDOG=1"
        notifier.reloading()
        words = heard.recv(4096).decode().splitlines()
        assert words[0] == "RELOADING=1"
        assert words[1].startswith("MONOTONIC_USEC=")
        heard.setblocking(False)
        with pytest.raises(BlockingIOError):
            heard.recv(4096)


def test_the_journal_is_told_how_much_a_line_weighs(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    there = os.fstat(2)
    assert not in_journal({})
    assert not in_journal({"JOURNAL_STREAM": "8:15"})  # of a desktop, in whose terminal somebody works
    monkeypatch.setenv("JOURNAL_STREAM", f"{there.st_dev}:{there.st_ino}")
    say = _Lines(Output(), SystemClock())
    say("It works.")
    say("It does not.", level="error")
    monkeypatch.delenv("JOURNAL_STREAM")
    _Lines(Output(), SystemClock())("Hm.", level="warning")
    lines = capfd.readouterr().err.splitlines()
    assert lines[:2] == ["<6>It works.", "<3>error: It does not."]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d warning: Hm\.", lines[2])


# --- health by the ledger


@pytest.fixture
def ledger_home(home: Path) -> Path:
    home.mkdir()
    (home / "config.toml").write_text(
        '[sources.live]\ntype = "feed"\nurls = ["http://127.0.0.1:1/rss"]\n'
        '[destinations.d]\naccount = "@a@b.example"\n'
        '[mirrors.m]\nsources = ["live"]\ndestination = "d"\n',
        "utf-8",
    )
    return home


def hold(home: Path, owner: Owner, *, seconds: float = 600, paused: str | None = None) -> None:
    with open_ledger(f"sqlite:///{home / 'ledger.db'}") as ledger:
        ledger.queue.open_destination("@a@b.example", now=utcnow())
        ledger.queue.hold("@a@b.example", owner=owner, now=utcnow(), seconds=seconds)
        ledger.queue.pause("@a@b.example", paused)


def test_a_process_that_holds_an_account_is_well(cli: Cli, ledger_home: Path) -> None:
    assert cli("health").code == 1  # nothing was ever there
    hold(ledger_home, this_process())
    found = cli("health", "--ready", "--json")
    assert (found.code, found.data["by"]) == (0, "ledger")
    assert "1 of 1 account" in found.data["message"]
    assert len(cli("health").out.splitlines()) == 1


def test_a_process_that_hangs_or_has_died_is_not(cli: Cli, ledger_home: Path) -> None:
    hold(ledger_home, replace(this_process(), started="an earlier one"))
    found = cli("health", "--json")
    assert (found.code, found.document["error"]["code"]) == (1, "UNHEALTHY")
    hold(ledger_home, Owner(host="another", boot="b", pid=1, started="s"), seconds=200)
    found = cli("health")
    assert (found.code, "has not reported for minutes" in found.err) == (1, True)


def test_a_stopped_account_is_alive_but_not_ready(cli: Cli, ledger_home: Path) -> None:
    hold(ledger_home, this_process(), paused="It is suspended.")
    assert cli("health").code == 0
    assert cli("health", "--ready").code == 1


def test_health_never_changes_a_ledger(cli: Cli, ledger_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(ledger_home, this_process())
    monkeypatch.setattr("bridge.ledger.migrate.HEAD", "9999")
    assert cli("health").code == 9
    assert sorted(each.name for each in ledger_home.iterdir() if "backup" in each.name) == []
    assert cli("health", "--metrics-addr", "nowhere").code == 2
