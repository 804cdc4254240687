"""`export`: what was published where."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli
from tests.sources import archives as made
from tests.sources.archives import day

LONG = "word " * 200


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    answer = made.y_tweet(day(3), "an answer", **made.answering(day(1)))
    tweets = [made.y_tweet(day(1), "hello"), answer, made.y_tweet(day(2), LONG.strip())]
    return made.write_zip(tmp_path / "a.zip", made.y2(tweets))


def test_each_status_has_a_row_and_each_post_a_line(cli: Cli, archive: Path, tmp_path: Path) -> None:
    with Sandbox(limits=False, username="museum") as server:
        assert cli("login", server.base_url, "--with-token", stdin=server.token + "\n").code == 0
        early = cli("export")
        assert (early.code, early.out.count("\n")) == (0, 1)  # the names of the columns
        assert cli("publish", str(archive), "--yes", "--max-posts", "3").code == 8
        lines = tmp_path / "posts.jsonl"
        done = cli("export", "--jsonl", str(lines), "--mapping", "-")
        rows = list(csv.DictReader(io.StringIO(done.out)))
        there = {status.id: status for status in server.state.statuses}
    # The thread of day 1 goes whole, before the long post of day 2.
    assert [row["tweet_id"] for row in rows[:2]] == [day(1), day(3)]
    assert {row["state"] for row in rows[:3]} == {"published"}
    assert rows[1]["in_reply_to"] == day(1)
    assert {row["tweet_id"] for row in rows[2:]} == {day(2)}
    assert [row["state"] for row in rows[3:]] == ["approved"] * (len(rows) - 3)
    assert [row["status_id"] for row in rows[:3]] == list(there)
    assert all(row["status_url"].startswith("http") for row in rows[:3])
    posts = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert [post["id"] for post in posts] == [day(1), day(3), day(2)]
    assert [len(post["statuses"]) for post in posts] == [1, 1, len(rows) - 2]
    assert posts[2]["text"] == LONG.strip()
    assert lines.stat().st_mode & 0o077 == 0


def test_as_json_it_counts_and_writes_only_what_is_named(cli: Cli, archive: Path, tmp_path: Path) -> None:
    with Sandbox(limits=False, username="museum") as server:
        assert cli("login", server.base_url, "--with-token", stdin=server.token + "\n").code == 0
        assert cli("publish", str(archive), "--yes").code == 0
        table = tmp_path / "mapping.csv"
        counted = cli("export", "--json").data
        named = cli("export", "--json", "--mapping", str(table)).data
    assert (counted["posts"], counted["files"], named["files"]) == (3, [], [str(table)])
    assert table.read_text("utf-8").count("\n") == counted["statuses"] + 1


def test_both_cannot_go_to_standard_output(cli: Cli) -> None:
    refused = cli("export", "--jsonl", "-", "--mapping", "-")
    assert (refused.code, "Name a file" in refused.err) == (2, True)


def test_before_anything_is_planned(cli: Cli) -> None:
    refused = cli("export")
    assert (refused.code, "Publish first" in refused.err) == (2, True)
