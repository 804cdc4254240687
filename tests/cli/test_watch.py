"""`watch` at the command line: feeds and a practice server over sockets, signals, and a second process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from bridge.cli.systemd import Notifier
from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli
from tests.cli.mirror import MUSEUM, eventually, show, texts, watching
from tests.sources import archives
from tests.sources.archives import day
from tests.sources.feeds import Front


def test_off_a_terminal_a_mirror_that_never_ran_is_told_where_to_begin(cli: Cli, mastodon: Sandbox) -> None:
    found = cli("watch", "--once", "--json")
    assert (found.code, found.document["error"]["code"]) == (2, "USAGE")
    assert "--from" in found.document["error"]["hint"]
    assert cli("watch", "--once", "--from", "soon").code == 2


def test_one_round_publishes_and_the_next_changes_nothing(cli: Cli, front: Front, mastodon: Sandbox) -> None:
    first = cli("watch", "--once", "--from", "2015-01-01", "--json").data
    assert (first["read"], first["published"], first["remaining"], first["problems"]) == (2, 2, 0, {})
    show(front, 2, 3, 4)
    assert cli("watch", "--once", "--json").data["published"] == 1
    assert cli("watch", "--once", "--json").data["published"] == 0
    assert texts(mastodon) == ["post 2", "post 3", "post 4"]


def test_from_now_on_means_nothing_of_before(cli: Cli, mastodon: Sandbox) -> None:
    assert cli("watch", "museum", "--once", "--from", "now", "--json").data["published"] == 0
    assert texts(mastodon) == []


def test_what_is_not_there_is_said(cli: Cli, home: Path, front: Front, mastodon: Sandbox) -> None:
    assert "no [mirrors.garden]" in cli("watch", "garden", "--once").err
    front.failures[MUSEUM] = (503, {})
    found = cli("watch", "--once", "--from", "now", "--json")
    assert (found.code, found.data["problems"]["live"]["code"]) == (5, "BUSY")
    (home / "credentials.toml").unlink()
    found = cli("watch", "--once", "--json")
    assert found.code == 4


def test_nothing_to_watch_is_no_success(cli: Cli) -> None:
    assert cli("watch", "--once").code == 2


def test_a_second_process_takes_over_within_a_minute_of_a_kill(
    cli: Cli, front: Front, mastodon: Sandbox
) -> None:
    with watching("--from", "2015-01-01") as first, contextlib.ExitStack() as stack:
        eventually(lambda: len(texts(mastodon)) == 2)
        second = stack.enter_context(watching("--log-format", "json"))
        assert second.stderr is not None
        lines = (json.loads(line) for line in second.stderr)
        standing = next(line for line in lines if line.get("code") == "LOCKED")
        assert "standing by" in standing["event"]
        assert cli("publish", "--yes").code == 7
        asked = len(front.asked)
        first.send_signal(signal.SIGKILL)
        first.wait()
        killed = time.monotonic()
        show(front, 2, 3, 4)
        eventually(lambda: len(front.asked) > asked and len(texts(mastodon)) == 3, seconds=60)
        assert time.monotonic() - killed < 60
    assert texts(mastodon) == ["post 2", "post 3", "post 4"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_and_gives_the_account_back(
    cli: Cli, mastodon: Sandbox, number: signal.Signals, code: int
) -> None:
    with watching("--from", "2015-01-01") as running:
        eventually(lambda: len(texts(mastodon)) == 2)
        running.send_signal(number)
        assert running.wait(20) == code
    assert cli("publish", "--yes", "--json").code == 0


def test_systemd_hears_of_it_and_the_settings_are_read_anew(
    home: Path, mastodon: Sandbox, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(20)

        def until(state: str) -> None:
            while state not in heard.recv(4096).decode().splitlines():
                pass

        variables = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000"}
        with watching("--from", "2015-01-01", **variables) as running:
            until("READY=1")
            until("WATCHDOG=1")
            eventually(lambda: len(texts(mastodon)) == 2)
            good = (home / "config.toml").read_text("utf-8")
            (home / "config.toml").write_text(good + "[pace]\nfrob = 1\n", "utf-8")
            running.send_signal(signal.SIGHUP)
            until("RELOADING=1")
            until("READY=1")
            account = (
                f'[destinations.e]\naccount = "@visitor@example.social"\nserver = "{mastodon.base_url}"\n'
            )
            second = '[mirrors.second]\nsources = ["live"]\ndestination = "e"\n'
            (home / "config.toml").write_text(good + account + second, "utf-8")
            running.send_signal(signal.SIGHUP)
            until("RELOADING=1")
            until("READY=1")
            running.send_signal(signal.SIGTERM)
            until("STOPPING=1")
            assert running.wait(20) == 143
            assert running.stderr is not None
            said = running.stderr.read()
    assert "frob: there is no such setting" in said
    assert "were read anew" in said
    assert len(texts(mastodon)) == 2


def test_a_folder_is_watched_for_new_archives(
    cli: Cli, home: Path, front: Front, mastodon: Sandbox, tmp_path: Path
) -> None:
    folder = tmp_path / "archives"
    folder.mkdir()
    settings = home / "config.toml"
    text = settings.read_text("utf-8").replace('sources = ["live"]', 'sources = ["live", "saved"]')
    settings.write_text(f'[sources.saved]\npaths = ["{folder}"]\n' + text + 'deletions = "delete"\n', "utf-8")
    assert cli("watch", "--once", "--from", "2015-01-01", "--json").data["published"] == 2

    def save(name: str, *days: int, made: str) -> None:
        tweets = [archives.y_tweet(day(n), f"post {n}") for n in days]
        file = archives.write_zip(folder / name, archives.y2(tweets, made=made))
        os.utime(file, (1, 1))  # it has come to rest

    save("first.zip", 1, 2, 3, made="2015-02-05T10:00:00.000Z")
    found = cli("watch", "--once", "--json").data
    assert (found["read"], found["withdrawn"]) == (1, 0)
    assert "post 1" in texts(mastodon)  # which only the archive has
    assert cli("watch", "--once", "--json").data["read"] == 0  # it is not read again
    save("second.zip", 2, 3, made="2099-02-05T10:00:00.000Z")
    assert cli("watch", "--once", "--json").data["withdrawn"] == 1
    assert sorted(texts(mastodon)) == ["post 2", "post 3"]


def test_a_feed_and_an_archive_that_begin_together_are_one_account(
    cli: Cli, home: Path, front: Front, mastodon: Sandbox, tmp_path: Path
) -> None:
    settings, archive = home / "config.toml", tmp_path / "archive.zip"
    text = settings.read_text("utf-8").replace('sources = ["live"]', 'sources = ["live", "saved"]')
    settings.write_text(f'[sources.saved]\npaths = ["{archive}"]\n' + text, "utf-8")
    archives.write_zip(archive, archives.y2([archives.y_tweet(day(n), f"post {n}") for n in (1, 2)]))
    os.utime(archive, (1, 1))  # it has come to rest
    found = cli("watch", "--once", "--from", "2015-01-01", "--json").data
    assert found["problems"] == {}
    assert sorted(texts(mastodon)) == ["post 1", "post 2", "post 3"]
    assert cli("watch", "--once", "--json").data["published"] == 0


def test_without_systemd_nobody_is_told() -> None:
    notifier = Notifier({})
    notifier.tell("READY=1")
    notifier.beat()
    Notifier({"NOTIFY_SOCKET": "/nowhere/at/all", "WATCHDOG_USEC": "1"}).beat()
