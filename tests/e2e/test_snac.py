"""From an archive to a real server that nobody here wrote, killed on the way."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import Passerelle, kill
from tests.e2e.snac import Snac

pytestmark = pytest.mark.snac

GRACE = "20"  # seconds: longer than snac's queue takes to show a backdated post on the timeline
YEARS = (
    "--since",
    "2012-01-01",
    "--until",
    "2014-01-01",
)  # 35 statuses, with a thread of twelve and pictures


def log_in(passerelle: Passerelle, snac: Snac) -> None:
    """The whole OAuth code flow, by the program and by its user."""
    passerelle.settings["PASSERELLE_PUBLISH__GRACE"] = GRACE
    with passerelle.start("login", snac.url, "--name", "snac") as process:
        assert process.stderr
        said = ""
        while not (page := re.search(r"http://\S+/oauth/authorize\S+", said)):
            line = process.stderr.readline()
            assert line, said
            said += line
        snac.log_in(page[0])
        _, rest = process.communicate(timeout=30)
    assert process.returncode == 0, said + rest


def planned(passerelle: Passerelle, museum: Path) -> list[dict[str, Any]]:
    lines = passerelle.run("preview", str(museum), *YEARS, "--visibility", "public", "--jsonl", "-").out
    posts = [json.loads(line) for line in lines.splitlines()]
    return [status for post in posts if post["decision"] == "publish" for status in post["statuses"]]


def words(text: str) -> list[str]:
    """What can be compared with a server that makes HTML of a text: its words, without marks and links."""
    plain = re.sub(r"<[^>]+>", " ", text)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        plain = plain.replace(entity, sign)
    return re.findall(r"\w+", re.sub(r"https?://\S+", " ", plain))


def test_each_post_arrives_once_though_the_program_is_killed(
    passerelle: Passerelle, snac: Snac, museum: Path
) -> None:
    log_in(passerelle, snac)
    passerelle.run("import", str(museum))
    wanted = planned(passerelle, museum)
    assert len(wanted) > 25
    publish = ("publish", *YEARS, "--visibility", "public", "--yes", "--json")
    for share in (0.3, 0.7):
        process = passerelle.start(*publish)
        until = time.monotonic() + 60
        while len(snac.statuses()) < share * len(wanted) and process.poll() is None:
            assert time.monotonic() < until, "publish does not get on"
            time.sleep(0.005)
        kill(process)
    final = passerelle.run(*publish).data
    assert (final["failed"], final["unknown"], final["remaining"]) == (0, 0, 0)
    assert final["published"] + final["already"] == len(wanted)
    there = snac.statuses()
    assert len(there) == len(wanted)
    by_words = Counter(" ".join(words(status["content"])) for status in there)
    assert by_words == Counter(" ".join(words(status["text"])) for status in wanted)
    assert_threads(there, wanted)
    assert_media(there, wanted)


def assert_media(there: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    """Every picture stands below its own text, with its description."""

    def described(status: dict[str, Any], media: str, name: str) -> tuple[str, tuple[str, ...]]:
        text = status.get("content") or status["text"]
        return " ".join(words(text)), tuple(each.get(name) or "" for each in status.get(media) or ())

    found = Counter(described(status, "attachment", "name") for status in there)
    assert found == Counter(described(status, "media", "description") for status in wanted)
    assert sum(len(media) for _, media in found.elements()) > 3


def assert_threads(there: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    """As many answers as planned, each to a post of our own that stands."""
    ids = {status["id"] for status in there}
    answers = [status["inReplyTo"] for status in there if status.get("inReplyTo")]
    assert len(answers) == sum(status["in_reply_to"] is not None for status in wanted)
    assert set(answers) <= ids


def test_a_second_run_changes_nothing(passerelle: Passerelle, snac: Snac, museum: Path) -> None:
    log_in(passerelle, snac)
    publish = (
        "publish",
        str(museum),
        "--since",
        "2013-02-01",
        "--until",
        "2013-10-01",
        "--visibility",
        "public",
    )
    first = passerelle.run(*publish, "--yes", "--json").data
    before = {status["id"] for status in snac.statuses()}
    second = passerelle.run(*publish, "--yes", "--json").data
    assert first["published"] == len(before) > 0
    assert (second["published"], second["already"]) == (0, first["published"])
    assert {status["id"] for status in snac.statuses()} == before


def test_verify_finds_every_post(passerelle: Passerelle, snac: Snac, museum: Path) -> None:
    log_in(passerelle, snac)
    publish = (
        "publish",
        str(museum),
        "--since",
        "2013-02-01",
        "--until",
        "2013-10-01",
        "--visibility",
        "public",
    )
    passerelle.run(*publish, "--yes")
    data = passerelle.run("verify", "--json").data
    assert not data["missing"], data
    assert not data["duplicate"], data
