"""Reads an archive to its end and says what came out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bridge.posts import Post
from bridge.sources.base import Notice, Page, Reject
from bridge.sources.twitter_archive import TwitterArchive, open_archives
from tests.sources.archives import Files, write_zip


@dataclass(frozen=True)
class Outcome:
    archive: TwitterArchive
    pages: tuple[Page, ...]

    @property
    def posts(self) -> list[Post]:
        return [post for page in self.pages for post in page.posts]

    @property
    def rejects(self) -> list[Reject]:
        return [reject for page in self.pages for reject in page.rejects]

    @property
    def notices(self) -> list[Notice]:
        return [*self.archive.summary().notices, *(notice for page in self.pages for notice in page.notices)]

    @property
    def codes(self) -> set[str]:
        return {notice.code for notice in self.notices}

    @property
    def tombstones(self) -> set[str]:
        return {each for page in self.pages for each in page.tombstones}

    def by_id(self, post_id: str) -> Post:
        [post] = [post for post in self.posts if post.id == post_id]
        return post


def read(*paths: Path) -> Outcome:
    archive = open_archives(paths)
    try:
        return Outcome(archive, tuple(archive.pages()))
    finally:
        archive.close()


def read_files(tmp_path: Path, files: Files) -> Outcome:
    return read(write_zip(tmp_path / "archive.zip", files))
