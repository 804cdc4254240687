"""Reads exports to their end and says what came out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.posts import Author, Post
from bridge.sources.base import Notice, Reject
from bridge.sources.exports import Exports, open_exports
from tests.sources import exported as saved
from tests.sources.archives import OWNER_ID, day

FIRST, SECOND, THIRD = day(1), day(2), day(3)
SOURCE = f"twitter:{OWNER_ID}"
SHORT = "https://t.co/abcdefghij"
PICTURE = "https://pbs.twimg.com/media/F.jpg"
PAGE = "https://museum.example/hall?a=1&b=2"


@dataclass(frozen=True)
class Outcome:
    source: Exports
    posts: dict[str, Post]
    rejects: list[Reject]
    notices: list[Notice]


def read(*paths: Path, whose: tuple[Author, ...] = ()) -> Outcome:
    source = open_exports(paths, whose=whose)
    pages = list(source.pages())
    posts = [post for page in pages for post in page.posts]
    assert len({post.id for post in posts}) == len(posts)
    return Outcome(
        source,
        {post.id: post for post in posts},
        [each for page in pages for each in page.rejects],
        [each for page in pages for each in page.notices],
    )


def lines(tmp_path: Path, *items: Any) -> Outcome:
    return read(saved.write_lines(tmp_path / "saved.jsonl", items))


def one(tmp_path: Path, *items: Any) -> Post:
    found = lines(tmp_path, *items)
    assert not found.rejects
    [post] = found.posts.values()
    assert post.source == SOURCE
    return post


def spans(post: Post) -> list[tuple[str, str, str]]:
    return [(s.kind.value, post.text[s.start : s.end], s.target) for s in post.spans]
