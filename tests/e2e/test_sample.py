"""The sample archive is what it says: small, sound, invented, and made by the script that claims it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

POST_FILES = ("tweets", "community-tweet", "twitter-circle-tweet", "deleted-tweets")


def load(museum: Path, name: str) -> Any:
    with zipfile.ZipFile(museum) as packed:
        text = packed.read(f"data/{name}.js").decode()
    return json.loads(text.partition(" = ")[2])


def posts(museum: Path) -> Iterator[dict[str, Any]]:
    for name in POST_FILES:
        yield from (record["tweet"] for record in load(museum, name))


def test_it_is_small_and_its_manifest_counts_right(museum: Path) -> None:
    assert museum.stat().st_size < 3_000_000
    for kind, facts in load(museum, "manifest")["dataTypes"].items():
        for file in facts.get("files", []):
            name = file["fileName"].removeprefix("data/").removesuffix(".js")
            assert int(file["count"]) == len(load(museum, name)), kind


def test_every_entity_stands_where_it_says(museum: Path) -> None:
    for post in posts(museum):
        text, entities = post["full_text"], post["entities"]
        expected = [(link, link["url"]) for link in entities["urls"] + entities.get("media", [])]
        expected += [(mention, f"@{mention['screen_name']}") for mention in entities["user_mentions"]]
        expected += [(tag, f"#{tag['text']}") for tag in entities["hashtags"]]
        for entity, literal in expected:
            start, end = map(int, entity["indices"])
            assert text[start:end] == literal, post["id"]


def test_two_media_files_are_missing_and_none_is_left_over(museum: Path) -> None:
    with zipfile.ZipFile(museum) as packed:
        there = {name.rpartition("/")[2] for name in packed.namelist() if "tweets_media/" in name}
    named = set()
    for post in posts(museum):
        for medium in post.get("extended_entities", {}).get("media", []):
            variants = medium.get("video_info", {}).get("variants", [])
            films = [(int(v["bitrate"]), v["url"]) for v in variants if "bitrate" in v]
            url = max(films)[1] if films else medium["media_url_https"]
            named.add(f"{post['id']}-{url.partition('?')[0].rpartition('/')[2]}")
    assert len(named - there) == 2
    assert not there - named


def test_every_address_in_it_is_reserved_for_examples(museum: Path) -> None:
    for post in posts(museum):
        for link in post["entities"]["urls"]:
            host = link["expanded_url"].split("/")[2]
            assert host.endswith(".example") or host in {"twitter.com", "x.com"}, host


def test_the_script_writes_the_same_posts_again(museum: Path) -> None:
    pytest.importorskip("av", reason="the films are made with PyAV (group `demo`)")
    from benchmarks.sample.archive import posts as written
    from benchmarks.sample.archive import texts
    from benchmarks.sample.script import entries

    # Pictures and films are left to `--check`: other releases of Pillow and FFmpeg encode differently.
    script = entries()
    with zipfile.ZipFile(museum) as packed:
        for name, content in texts(script, written(script)[0]).items():
            assert packed.read(name) == content, name
