"""Twitter archives of every era as one source: several exports of an account are read as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from bridge.errors import SourceError, counted
from bridge.posts import Author, Post
from bridge.profile import Profile
from bridge.sources.base import Extent, Notice, Page, Reject, Summary, account_of
from bridge.sources.twitter_archive import merge as merging
from bridge.sources.twitter_archive.container import ZipContainer, open_in_folder
from bridge.sources.twitter_archive.export import Export
from bridge.sources.twitter_archive.media import Shelf
from bridge.sources.twitter_archive.newest import Newest
from bridge.sources.twitter_archive.origin import Origin
from bridge.sources.twitter_archive.paths import open_exports
from bridge.sources.twitter_archive.profile import read_profile
from bridge.sources.twitter_archive.reader import Item, Tombstones, read_export

PAGE = 2000


def open_archives(paths: Sequence[Path]) -> TwitterArchive:
    """Zips, folders and single files of one account, of any era. Raises `SourceError` when there is no
    archive, or when they have different owners."""
    if not paths:
        raise SourceError("No archive was named.", hint="Name the zip, or the unzipped folder.")
    exports = open_exports([Path(path) for path in paths])
    return TwitterArchive(exports, _one_owner(exports))


def open_member(container: str, member: str) -> BinaryIO:
    """A media file of a post, streamed out of its zip or folder; "dir/x.zip!/name" lies in a zip there."""
    path = Path(container)
    if path.is_dir():
        return open_in_folder(path, member)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as problem:
        raise SourceError(f"{path} cannot be read ({problem.strerror}).") from problem
    return _zip(path, stamp).open(member)


@lru_cache(maxsize=4)
def _zip(path: Path, _stamp: int) -> ZipContainer:
    """Kept open: the directory of a large archive takes a second to read, and every post may ask."""
    return ZipContainer(path)


class TwitterArchive:
    """Implements `Source`. Pages hold up to 2,000 posts; the same post may come from several archives, and is
    then joined with `merge`."""

    stream = None

    def __init__(self, exports: Sequence[Export], owner: Author, account: str | None = None) -> None:
        self._exports, self._owner = exports, owner
        self._account = account or account_of(owner)

    @property
    def account(self) -> str:
        return self._account

    @property
    def owner(self) -> Author:
        return self._owner

    def under(self, account: str, owner: Author) -> TwitterArchive:
        """The same, for an account that is known under another name, or better."""
        return TwitterArchive(self._exports, owner, account)

    def profile(self) -> Profile:
        return read_profile(self._exports, self._owner)

    def summary(self) -> Summary:
        names = ", ".join(export.name for export in self._exports)
        notices = tuple(notice for export in self._exports for notice in export.notices)
        if not self._owner.id.isdigit():
            notices = (*notices, _owner_unknown(self._owner))
        return Summary(
            name=names,
            owner=self._owner,
            era="+".join(sorted({export.era for export in self._exports})),
            parts=len(self._exports),
            notices=notices,
        )

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        """All of it, every time: what is known already is told by its digest. The cursor only tells which
        archives came before, for what was deleted in between (`Newest`)."""
        shelf = Shelf({id(export.container): export.container for export in self._exports}.values())
        batch = Batch()
        newest = Newest(self._exports, cursor)
        for export in self._exports:
            origin = self._origin(export, shelf)
            for item in read_export(export, origin):
                batch.add(item)
                newest.see(export, item)
                if batch.size >= PAGE:
                    yield batch.page(newest)
            if newest.done(export):
                yield batch.page(newest, newest.extent())
        for notice in _media_notices(shelf):
            batch.add(notice)
        yield batch.page(newest)

    def merge(self, known: Post, new: Post) -> Post:
        return merging.merge(known, new)

    def close(self) -> None:
        for export in self._exports:
            export.container.close()

    def _origin(self, export: Export, shelf: Shelf) -> Origin:
        return Origin(
            source=self.account,
            owner=replace(self._owner, handle=export.owner.handle or self._owner.handle),
            archive=export.container.path.name,
            era=export.era,
            member="",
            generated_at=export.generated_at,
            media_of=shelf.media_of,
        )


@dataclass(slots=True)
class Batch:
    """A page in the making."""

    posts: list[Post] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    tombstones: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, item: Item) -> None:
        self.size += 1
        if isinstance(item, Post):
            self.posts.append(item)
        elif isinstance(item, Reject):
            self.rejects.append(item)
        elif isinstance(item, Tombstones):
            self.tombstones += item.ids
        else:
            self.notices.append(item)

    def page(self, newest: Newest, whole: Extent | None = None) -> Page:
        """The page, and an empty batch again."""
        done = Page(
            posts=tuple(self.posts),
            rejects=tuple(self.rejects),
            notices=tuple(self.notices),
            tombstones=tuple(self.tombstones),
            newest=newest.read,
            whole=whole,
            cursor=newest.cursor,
        )
        self.posts, self.rejects, self.notices, self.tombstones, self.size = [], [], [], [], 0
        return done


def _one_owner(exports: Iterable[Export]) -> Author:
    """The owner of all; a copy that names nobody joins the others."""
    exports = list(exports)
    numbered = [export for export in exports if export.owner.id]
    for export in numbered:
        if export.owner.id != numbered[0].owner.id:
            raise SourceError(
                f"These archives have different owners: {_who(numbered[0])}, {_who(export)}.",
                hint="Import the archives of one account at a time.",
            )
    owner = numbered[0].owner if numbered else exports[0].owner
    handle = owner.handle or next((export.owner.handle for export in exports if export.owner.handle), None)
    number = owner.id or (f"@{handle.lower()}" if handle else "unknown")
    return Author(id=number, handle=handle, name=owner.name)


def _who(export: Export) -> str:
    name = f"@{export.owner.handle}" if export.owner.handle else f"account {export.owner.id}"
    return f"{name} ({export.name})"


def _owner_unknown(owner: Author) -> Notice:
    who = f"only the name @{owner.handle} is known" if owner.handle else "nothing in it tells"
    return Notice(
        code="OWNER_UNKNOWN",
        message=f"The archive does not say which account it belongs to ({who}), so answers to oneself cannot"
        " be told from answers to others.",
        hint="Add account.js or manifest.js from the archive.",
    )


def _media_notices(shelf: Shelf) -> Iterator[Notice]:
    for message in shelf.notices:
        yield Notice(code="MEDIA_UNREADABLE", message=message)
    if shelf.missing:
        yield Notice(
            code="ARCHIVE_MEDIA_MISSING",
            message=f"Missing: {shelf.missing:,} of {counted(shelf.asked, 'media file')} that posts name.",
            hint="Add another archive of the same account that has them.",
        )
