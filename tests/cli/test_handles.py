"""`handles` at the command line: nobody inside is asked, and what is not confirmed is told and not used."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli
from tests.publishers.wires import answer, wire
from tests.sources import archives as made
from tests.sources.archives import day


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """`inside.example` is this machine; nobody knows any other name."""

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        if host == "inside.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def archive(tmp_path: Path, text: str) -> str:
    return str(made.write_zip(tmp_path / "archive.zip", made.y2([made.y_tweet(day(1), text)])))


def test_a_list_is_taken_in_as_far_as_servers_confirm_it(cli: Cli, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("username,id,handles\njane,12,@jane@nowhere.example\n", "utf-8")
    home.mkdir()
    (home / "handles.csv").write_text("twitter,fediverse\nbob,bob@b.example\n", "utf-8")
    found = cli("handles", "import", str(file), "--json").data
    assert (found["candidates"], found["added"], found["refused"]) == (1, 0, 1)
    assert found["handles"][0]["twitter_id"] == "12"
    assert (home / "handles.csv").read_text("utf-8") == "twitter,fediverse\nbob,bob@b.example\n"
    file.write_text("username,handles\nBob,bob@other.example\n", "utf-8")
    again = cli("handles", "import", str(file), "--json").data
    assert (again["candidates"], again["known"], again["handles"]) == (1, 1, [])


def test_what_is_no_such_list_is_said(cli: Cli, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("Account address,Show boosts\njane@example.social,true\n", "utf-8")
    found = cli("handles", "import", str(file), "--json")
    assert (found.code, "who these people are on Twitter" in found.document["error"]["message"]) == (2, True)
    assert cli("handles", "import", str(tmp_path / "absent.csv")).code == 2
    assert cli("handles", "scan").code == 2


def test_nobody_inside_is_asked(cli: Cli, tmp_path: Path) -> None:
    export = tmp_path / "followers.jsonl"
    with wire(answer({"subject": "acct:jane@inside.example"})) as inside:
        bio = {"id": "12", "username": "jane", "description": "@jane@inside.example"}
        export.write_text(json.dumps({"data": [], "includes": {"users": [bio]}}) + "\n", "utf-8")
        cli("import", archive(tmp_path, "Hello"))
        found = cli("handles", "scan", str(export), "--json").data
        assert (found["candidates"], found["unanswered"]) == (1, 1)
        assert inside.requests == []


def test_a_line_that_makes_no_sense_stops_the_preview(cli: Cli, home: Path, tmp_path: Path) -> None:
    home.mkdir()
    (home / "handles.csv").write_text("twitter,fediverse\njane\n,x@y.example\n", "utf-8")
    found = cli("preview", archive(tmp_path, "Hello"), "--json")
    assert (found.code, "line 3" in found.document["error"]["message"]) == (2, True)
