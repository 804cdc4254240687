"""Exports of other tools at the command line."""

from __future__ import annotations

import json
from pathlib import Path

from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli
from tests.sources import archives as made
from tests.sources import exported as saved
from tests.sources.archives import HANDLE, OWNER_ID, day


def test_an_export_is_previewed_and_imported_like_an_archive(cli: Cli, tmp_path: Path) -> None:
    lines = saved.write_lines(
        tmp_path / "tweets.jsonl", [saved.v1(day(1), "one"), saved.v1(day(2), "two"), {"id_str": "x"}]
    )
    source = cli("preview", str(lines), "--json").data["source"]
    assert (source["posts"], source["owner"]) == (2, HANDLE)
    found = cli("import", str(lines), "--json")
    assert (found.data["source"], found.data["era"], found.data["new"]) == (f"twitter:{OWNER_ID}", "twarc", 2)
    assert {w["code"] for w in found.document["warnings"]} == {"RECORDS_UNKNOWN"}
    again = cli("import", str(lines), "--json").data
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 2)


def test_what_an_archive_has_published_an_export_does_not_publish_again(cli: Cli, tmp_path: Path) -> None:
    archive = made.write_zip(tmp_path / "a.zip", made.y2([made.y_tweet(day(n), f"post {n}") for n in (1, 2)]))
    export = saved.write_list(
        tmp_path / "b.json", [saved.exporter(day(2), "post 2"), saved.exporter(day(3), "post 3")]
    )
    with Sandbox(limits=False, username="museum") as server:
        cli("login", server.base_url, "--with-token", stdin=server.token + "\n")
        assert cli("publish", str(archive), "--yes", "--json").data["published"] == 2
        done = cli("publish", str(export), "--yes", "--json").data
        assert (done["published"], done["already"]) == (1, 2)
        assert cli("publish", str(export), str(archive), "--yes", "--json").data["published"] == 0


def test_the_settings_say_whose_posts_of_a_collection_are_meant(cli: Cli, home: Path, tmp_path: Path) -> None:
    people = [saved.USER, saved.ANN, {"id_str": "5", "screen_name": "bob"}]
    lines = saved.write_lines(
        tmp_path / "search.jsonl", [saved.v1(day(n), "x", user=user) for n, user in enumerate(people)]
    )
    refused = cli("import", str(lines), "--json")
    assert refused.code == 1
    assert "account = " in json.loads(refused.out)["error"]["hint"]
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(
        f'[sources.search]\ntype = "export"\npaths = ["{lines}"]\naccount = "@ann"\n', "utf-8"
    )
    assert cli("import", "search", "--json").data["source"] == "twitter:77"
