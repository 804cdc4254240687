"""A pack for colleagues, and their sheets: filled in, stale, torn, or full of formulas."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge import sample
from bridge.engine.propose import Wish
from bridge.engine.review import Desk
from bridge.engine.sharing import TakenIn, sentences, take_in
from bridge.errors import SourceError
from bridge.ledger import Ledger, open_ledger
from bridge.ledger.reviews import Ruling
from bridge.posts import Kind
from bridge.preview.sheet import read_sheet, write_sheet
from bridge.publications import State
from bridge.rendering import Overlay
from tests.changes import replace
from tests.cli.conftest import Cli, clean_environment, cli, home
from tests.engine.stage import ACCOUNT, FREE, NOW, SOURCE, Stage, post

__all__ = ["clean_environment", "cli", "home"]

Row = dict[str, str]


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as made:
        yield made


@pytest.fixture
def stage(ledger: Ledger) -> Stage:
    made = Stage(ledger)
    made.record(
        [post(1, text="=1+1 is two"), post(2), post(3, answers=2), replace(post(4), kind=Kind.RETWEET)]
    )
    return made


@pytest.fixture
def desk(stage: Stage) -> Desk:
    made = Desk(stage.ledger, SOURCE, ACCOUNT, Wish(limits=FREE, approve=False), now=stage.time.now)
    made.refresh()
    return made


def sheet(desk: Desk) -> dict[str, Row]:
    stream = io.StringIO(newline="")
    write_sheet(stream, sentences(desk))
    return {row["id"]: row for row in csv.DictReader(io.StringIO(stream.getvalue(), newline=""))}


def saved(path: Path, rows: dict[str, Row], *, delimiter: str = ",", encoding: str = "utf-8-sig") -> Path:
    names = list(next(iter(rows.values())))
    with path.open("w", newline="", encoding=encoding) as stream:
        writer = csv.DictWriter(stream, names, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows.values())
    return path


def taken(desk: Desk, path: Path) -> TakenIn:
    return take_in(desk, read_sheet(path).decided, Ruling(after=State.PENDING, by="Bea", now=NOW))


def stands(desk: Desk) -> dict[str, str]:
    return {each.post_id: each.standing.value for each in desk.entries()}


def test_the_sheet_has_what_can_be_decided(desk: Desk) -> None:
    rows = sheet(desk)
    assert list(rows) == ["1001", "1002", "1003"]
    assert rows["1001"]["text"] == "'=1+1 is two", "no spreadsheet reckons with it"
    assert rows["1002"]["text"] == "Post 2"
    assert (rows["1002"]["standing"], rows["1002"]["date"]) == ("waiting", "2012-03-04")


def test_a_sheet_pins_and_unpins(desk: Desk, tmp_path: Path) -> None:
    desk.ledger.pins.pin(SOURCE, ["1002"], by="Ada", now=NOW)
    rows = sheet(desk)
    rows["1001"] |= {"pin": "Oui", "decision": "approve"}
    rows["1002"] |= {"pin": "no"}
    rows["1003"] |= {"pin": "perhaps"}
    file = saved(tmp_path / "s.csv", rows)
    assert read_sheet(file).unclear == (4,)
    found = taken(desk, file)
    assert (found.pinned, found.done[State.APPROVED], found.stale) == (2, 1, [])
    assert [(each.post_id, each.author) for each in desk.ledger.pins.pinned(SOURCE).values()] == [
        ("1001", "Bea")
    ]


def test_an_empty_sheet_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    assert taken(desk, saved(tmp_path / "s.csv", sheet(desk))) == TakenIn()
    assert set(stands(desk).values()) == {"waiting", "left_out"}


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-8")])
def test_decisions_are_taken_in_however_the_sheet_was_saved(
    desk: Desk, tmp_path: Path, delimiter: str, encoding: str
) -> None:
    rows = sheet(desk)
    rows["1001"] |= {"decision": "Approuver", "new_text": "Deux, décidément"}
    rows["1002"] |= {"decision": "exclude", "reason": "names  a visitor"}
    rows["1003"] |= {"decision": "approve"}
    found = taken(desk, saved(tmp_path / "s.csv", rows, delimiter=delimiter, encoding=encoding))
    assert (found.done[State.APPROVED], found.done[State.SKIPPED], found.edited) == (2, 1, 1)
    assert found.stale == []
    assert stands(desk) == {
        "1001": "approved", "1002": "excluded", "1003": "approved", "1004": "left_out",
    }  # fmt: skip
    assert desk.wording("1001")[0] == "Deux, décidément"
    history = desk.ledger.reviews.history(ACCOUNT)
    assert {each.actor for each in history} == {"Bea"}
    assert "names a visitor" in {each.detail for each in history}


def test_taking_the_same_sheet_in_twice_says_so(desk: Desk, tmp_path: Path) -> None:
    rows = sheet(desk)
    rows["1001"]["decision"] = "approve"
    path = saved(tmp_path / "s.csv", rows)
    taken(desk, path)
    assert taken(desk, path).stale == ["1001"]
    assert stands(desk)["1001"] == "approved"


def test_what_was_decided_meanwhile_is_not_decided_over(desk: Desk, tmp_path: Path) -> None:
    rows = sheet(desk)
    desk.edit("1001", Overlay(text="Ada's words"), Ruling(after=State.PENDING, by="Ada", now=NOW))
    rows["1001"] |= {"decision": "approve", "new_text": "Bea's words"}
    assert taken(desk, saved(tmp_path / "s.csv", rows)).stale == ["1001"]
    assert (stands(desk)["1001"], desk.wording("1001")[0]) == ("waiting", "Ada's words")


def test_what_cannot_be_done_is_told(desk: Desk, tmp_path: Path) -> None:
    rows = sheet(desk)
    rows["1001"]["decision"] = "exclude"
    rows["1002"]["decision"] = "perhaps"
    rows["1003"] |= {"key": "p999-abc", "decision": "approve"}
    path = saved(tmp_path / "s.csv", rows)
    found = taken(desk, path)
    assert (found.unreasoned, found.unknown, read_sheet(path).unclear) == (["1001"], ["999"], (3,))
    assert set(stands(desk).values()) == {"waiting", "left_out"}


def test_what_has_left_is_told(desk: Desk, stage: Stage, tmp_path: Path) -> None:
    rows = sheet(desk)
    rows["1001"] |= {"decision": "approve", "new_text": "too late"}
    desk.decide({"1001": desk.find("1001").version}, Ruling(after=State.APPROVED, by="Ada", now=NOW))
    stage.run()
    desk.refresh()
    rows["1001"]["key"] = f"p1001-{desk.find('1001').version}"
    assert taken(desk, saved(tmp_path / "s.csv", rows)).sent == ["1001"]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x00\x01\x02", b'key,decision\n"torn'])
def test_a_torn_sheet_is_told_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "torn.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"torn\.csv"):
        read_sheet(path)


def test_a_pack_goes_out_and_its_sheet_comes_back(cli: Cli, tmp_path: Path) -> None:
    pack, to = tmp_path / "pack.zip", ("--to", "@me@example.social")
    assert cli("review", str(sample.path()), *to, "--export", str(pack), "--language", "fr").code == 0
    assert pack.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(pack) as files:
        assert files.namelist() == ["preview.html", "decisions.csv", "README.txt"]
        assert b"<!doctype html>" in files.read("preview.html")[:4000]
        assert "Relecture de @me@example.social" in files.read("README.txt").decode()
        text = files.read("decisions.csv").decode("utf-8-sig")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    first, second = list(rows)[:2]
    rows[first]["decision"], rows[second]["decision"] = "approve", "perhaps"
    path = saved(tmp_path / "back.csv", rows)
    found = cli("review", *to, "--import", str(path), "--as", "Bea", "--json")
    assert found.code == 3
    assert (found.data["approved"], found.data["unclear_lines"]) == (1, [3])
    assert cli("review", *to, "--import", str(tmp_path / "none.csv")).code == 2


def test_without_the_extra_the_desk_says_what_to_install(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] in {"starlette", "uvicorn"} or name.startswith("bridge.web"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.setitem(sys.modules, "starlette", None)
    said = cli("review", str(sample.path()), "--to", "@me@example.social")
    assert said.code == 2
    assert "passerelle[web]" in said.err
    assert "Traceback" not in said.err
    pack = tmp_path / "pack.zip"
    assert cli("review", str(sample.path()), "--to", "@me@example.social", "--export", str(pack)).code == 0
