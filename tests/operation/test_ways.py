"""Telling people, for real: a program, and a service of Apprise's over a socket. No secret goes along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.operation.messages import Message
from bridge.operation.ways import NotTold, Program, Service, ways
from tests.publishers.wires import Wire, answer, wire

AT = datetime(2026, 11, 28, 9, tzinfo=UTC)
MESSAGE = Message(
    event="login", state="began", subject="@a@b.example", title="@a@b.example: the login is lost",
    text="Été.", since=AT, at=AT,
)  # fmt: skip


def script(folder: Path, text: str) -> Path:
    file = folder / "tell"
    file.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    file.chmod(0o700)
    return file


def test_a_program_gets_the_message_and_nothing_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_TOKEN", "canary")
    monkeypatch.setenv("PASSERELLE_NOTIFY__URLS", "json://canary")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/canary")
    monkeypatch.setenv("NOTIFY_SOCKET", "/canary")
    told = tmp_path / "told here"
    program = script(tmp_path, 'cat > "$1"; env > "$1.env"')
    Program(f"{program} '{told}'").tell(MESSAGE)
    assert json.loads(told.read_text("utf-8")) == {
        "schema": 1, "event": "login", "state": "began", "subject": "@a@b.example",
        "title": "@a@b.example: the login is lost", "text": "Été.",
        "since": "2026-11-28T09:00:00Z", "at": "2026-11-28T09:00:00Z",
    }  # fmt: skip
    lines = (tmp_path / "told here.env").read_text("utf-8")
    assert "PASSERELLE_TITLE=@a@b.example: the login is lost\n" in lines
    assert "PASSERELLE_EVENT=login\n" in lines
    assert "canary" not in lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("echo 'no mail today: token=canary' >&2; exit 3", "no mail today"),
        ("exit 3", "exit code 3"),
        ("exec sleep 5", "took longer than"),
    ],
)
def test_a_program_that_fails_is_told_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    program = Program(str(script(tmp_path, text)), timeout=0.2)
    with pytest.raises(NotTold, match=said) as caught:
        program.tell(MESSAGE)
    assert "canary" not in str(caught.value)


def test_a_program_that_is_not_there_is_found_out_beforehand(tmp_path: Path) -> None:
    for command in (str(tmp_path / "none"), "''", "'open"):
        with pytest.raises(ConfigError, match=r"notify\.command"):
            Program(command)
    gone = script(tmp_path, "true")
    program = Program(str(gone))
    gone.unlink()
    with pytest.raises(NotTold, match="cannot be run"):
        program.tell(MESSAGE)


@pytest.fixture
def server() -> Iterator[Wire]:
    with wire(answer({"ok": True})) as running:
        yield running


def test_a_service_of_apprise_is_told(server: Wire) -> None:
    port = server.url.rpartition(":")[2]
    (way,) = ways(None, [f"json://user:canary@127.0.0.1:{port}/canary"])
    way.tell(MESSAGE)
    assert way.name == "json://…"
    _, _, body = server.requests[0].partition(b"\r\n\r\n")
    sent = json.loads(body)
    assert (sent["title"], sent["message"], sent["type"]) == (MESSAGE.title, "Été.", "warning")


def test_a_service_that_fails_shows_no_secret(server: Wire, capfd: pytest.CaptureFixture[str]) -> None:
    server.script = answer(b"canary", status=500)
    way = Service(f"json://user:canary@127.0.0.1:{server.url.rpartition(':')[2]}/canary", 1)
    with pytest.raises(NotTold) as caught:
        way.tell(MESSAGE)
    out, err = capfd.readouterr()
    assert "canary" not in str(caught.value) + out + err


@pytest.mark.parametrize("url", ["nothing://canary", "canary", "https://"])
def test_an_address_that_apprise_does_not_know(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match="address 2") as caught:
        ways(None, ["json://127.0.0.1", url])
    assert "canary" not in str(caught.value).partition(" (")[0] + "".join(capfd.readouterr())
    assert url.partition("://")[2] not in str(caught.value) or not url.partition("://")[2]


def test_without_apprise_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.operation.ways.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"passerelle\[notify\]"):
        ways(None, ["json://127.0.0.1"])
