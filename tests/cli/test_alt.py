"""`alt`: from the list of what lacks a description to a preview that has it."""

from __future__ import annotations

import csv
import json
import stat
import sys
from pathlib import Path

import pytest

from bridge import sample
from tests.cli.conftest import Cli


@pytest.fixture
def imported(cli: Cli) -> Cli:
    assert cli("import", str(sample.path())).code == 0
    return cli


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def status(cli: Cli, post_id: str) -> dict[str, object]:
    lines = cli("preview", "--jsonl", "-").out.splitlines()
    found = next(json.loads(line) for line in lines if f'"id":"{post_id}"' in line)
    assert isinstance(found, dict)
    return found


def test_the_worklist_goes_out_and_comes_back(imported: Cli, tmp_path: Path) -> None:
    work, sheet = tmp_path / "work.csv", tmp_path / "sheet.html"
    told = imported("alt", "export", "--missing", "--csv", str(work), "--html", str(sheet), "--json").data
    listed = rows(work)
    assert told["media"] == told["undescribed"] == len(listed) > 50
    assert {each["type"] for each in listed} == {"image"}
    assert stat.S_IMODE(work.stat().st_mode) == stat.S_IMODE(sheet.stat().st_mode) == 0o600

    listed[0]["alt_text"] = listed[1]["alt_text"] = "=Un mur"
    with work.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)
    assert imported("alt", "import", str(work), "--json").data["new"] == 2
    assert imported("alt", "import", str(work), "--json").data == {
        "format": "csv", "new": 0, "changed": 0, "unchanged": 2, "empty": len(listed) - 2,
        "unknown_posts": 0, "unknown_media": 0,
    }  # fmt: skip
    carried = status(imported, listed[0]["tweet_id"])
    assert "ALT_MISSING" not in carried["warnings"] or len(carried["statuses"]) > 1  # type: ignore[operator, arg-type]
    assert carried["statuses"][0]["media"][0]["description"] == "=Un mur"  # type: ignore[index]
    left = tmp_path / "left.csv"
    imported("alt", "export", "--missing", "--csv", str(left))
    assert len(rows(left)) == len(listed) - 2


def test_the_contact_sheet_shows_pictures_and_takes_nothing_for_markup(imported: Cli, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.html"
    imported("alt", "export", "--html", str(sheet))
    page = sheet.read_text("utf-8")
    assert page.count('<img src="data:image/jpeg;base64,') > 50
    assert "default-src &#39;none&#39;" in page
    assert "http-equiv" in page
    assert page.count("<script>") == 1


def test_a_picture_that_must_be_described_waits(
    imported: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work.csv"
    imported("alt", "export", "--missing", "--csv", str(work))
    post_id = rows(work)[0]["tweet_id"]
    monkeypatch.setenv("PASSERELLE_ALT__MISSING", "hold")
    held = status(imported, post_id)
    assert (held["decision"], held["reason"]) == ("hold", "alt_missing")
    work.write_text(f"tweet_id,media_index,alt_text\n{post_id},1,A wall\n")
    imported("alt", "import", str(work))
    assert status(imported, post_id)["decision"] == "publish"


def test_a_program_drafts_and_a_person_decides(
    imported: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "describe.py"
    program.write_text(
        "import os, sys\n"
        "assert open(sys.argv[1], 'rb').read(3) == b'\\xff\\xd8\\xff' or sys.argv[1].endswith('.png')\n"
        "print('a draft of', os.environ['PASSERELLE_POST_ID'])\n"
    )
    monkeypatch.setenv("PASSERELLE_ALT__COMMAND", f"{sys.executable} {program}")
    work = tmp_path / "work.csv"
    imported("alt", "export", "--missing", "--csv", str(work))
    first = rows(work)[0]["tweet_id"]
    told = imported("alt", "draft", "--id", first, "--json").data
    assert told["drafted"] >= 1
    assert status(imported, first)["statuses"][0]["media"][0]["description"] is None  # type: ignore[index]
    imported("alt", "export", "--missing", "--csv", str(work))
    assert rows(work)[0]["draft"] == f"a draft of {first}"
    assert imported("alt", "approve", first).code == 2  # nobody was there to read it
    assert imported("alt", "approve", first, "--yes", "--json").data == {
        "approved": told["drafted"],
        "drafts": 0,
    }
    described = status(imported, first)["statuses"][0]["media"][0]["description"]  # type: ignore[index]
    assert described == f"a draft of {first}"


def test_a_program_that_fails_is_given_up(imported: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_ALT__COMMAND", f"{sys.executable} -c 'raise SystemExit(\"no model\")'")
    done = imported("alt", "draft", "--json")
    assert done.code == 3
    assert done.data["failed"] == 3
    assert "no model" in done.document["warnings"][-1]["message"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("alt", "export"), "Pass --csv FILE"),
        (("alt", "import", "nothing.csv"), "There is no file or folder"),
        (("alt", "draft"), "under [alt] in config.toml"),
        (("alt", "approve"), "or pass --all"),
        (("alt", "approve", "1", "--yes"), "No post 1 has been imported"),
    ],
)
def test_what_is_missing_is_said(imported: Cli, arguments: tuple[str, ...], words: str) -> None:
    done = imported(*arguments)
    assert done.code == 2
    assert words in done.err


def test_descriptions_of_strangers_are_named(imported: Cli, tmp_path: Path) -> None:
    file = tmp_path / "told.json"
    file.write_text(
        json.dumps([{"tweet_id": "999", "alt_text": "a"}, {"tweet_id": "14600523146", "alt_text": "b"}])
    )
    done = imported("alt", "import", str(file), "--json")
    assert done.data["unknown_posts"] == 1
    assert "told.json, item 1 (999)" in done.document["warnings"][0]["message"]
