"""What a person names by its path: archives and the exports of other tools, of one account, as one source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from bridge.errors import SourceError
from bridge.posts import Author, Post
from bridge.sources.base import Page, Summary, is_same_person
from bridge.sources.exports import Exports, is_export, open_exports
from bridge.sources.twitter_archive import TwitterArchive, open_archives


def open_files(paths: Sequence[Path], *, whose: Iterable[Author] = ()) -> FileSource:
    """`whose`: the account that is meant, where a file has posts of several. Raises `SourceError`."""
    exported = [path for path in paths if is_export(path)]
    archives = [path for path in paths if path not in exported]
    if not exported:
        return open_archives(archives)
    if not archives:
        return open_exports(exported, whose=whose)
    archive = open_archives(archives)
    exports = open_exports(exported, whose=[archive.owner, *whose])
    if archive.owner.handle and not is_same_person(archive.owner, exports.owner):
        archive.close()
        raise SourceError(
            f"These have different owners: @{archive.owner.handle} ({archive.summary().name}),"
            f" @{exports.owner.handle or exports.owner.id} ({exports.summary().name}).",
            hint="Import what belongs to one account at a time.",
        )
    return Together(archive, exports).under(archive.account, archive.owner)


FileSource: TypeAlias = "TwitterArchive | Exports | Together"


class Together:
    """Implements `Source`: the archive, then what other tools have beside it."""

    stream = None

    def __init__(self, archive: TwitterArchive, exports: Exports) -> None:
        self._archive, self._exports = archive, exports

    @property
    def account(self) -> str:
        return self._archive.account

    @property
    def owner(self) -> Author:
        return self._archive.owner

    def under(self, account: str, owner: Author) -> Together:
        return Together(self._archive.under(account, owner), self._exports.under(account, owner))

    def summary(self) -> Summary:
        one, other = self._archive.summary(), self._exports.summary()
        return Summary(
            name=f"{one.name}, {other.name}",
            owner=self.owner,
            era=f"{one.era}+{other.era}",
            parts=one.parts + other.parts,
            notices=one.notices + other.notices,
        )

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        for page in self._archive.pages(cursor):
            cursor = page.cursor
            yield page
        yield from self._exports.pages(cursor)

    def merge(self, known: Post, new: Post) -> Post:
        return self._archive.merge(known, new)

    def close(self) -> None:
        self._archive.close()
        self._exports.close()


def archives_in(path: Path) -> list[Path]:
    """The path, or what lies in it when it is a folder of zip files and nothing else."""
    found = sorted(path.iterdir()) if path.is_dir() else []
    zipped = [each for each in found if each.suffix == ".zip"]
    return zipped if zipped and not any(each.is_dir() for each in found) else [path]
