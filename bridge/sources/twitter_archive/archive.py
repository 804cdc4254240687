"""Twitter archives of every era as one source: several exports of an account are read as one."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from bridge.errors import SourceError
from bridge.posts import Author, Post, ids_of
from bridge.sources.base import Notice, Page, Reject, Summary
from bridge.sources.twitter_archive import merge as merging
from bridge.sources.twitter_archive.container import ZipContainer, open_in_folder
from bridge.sources.twitter_archive.export import Export
from bridge.sources.twitter_archive.media import Shelf
from bridge.sources.twitter_archive.origin import Origin
from bridge.sources.twitter_archive.paths import open_exports
from bridge.sources.twitter_archive.reader import Item, Tombstones, read_export

PAGE = 2000
_SAME_EXPORT = timedelta(days=1)  #: the zips of one large export are made one after the other
_LOSSES = frozenset({"ARCHIVE_SHORTFALL", "FILE_CUT"})


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

    def __init__(self, exports: Sequence[Export], owner: Author) -> None:
        self._exports, self._owner = exports, owner

    @property
    def account(self) -> str:
        return f"twitter:{self._owner.id}"

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

    def pages(self, cursor: str | None = None) -> Iterator[Page]:  # noqa: ARG002
        """All of it, every time: what is known already is told by its digest, so no cursor is needed."""
        shelf = Shelf({id(export.container): export.container for export in self._exports}.values())
        batch = Batch()
        newest = Newest(self._exports)
        for export in self._exports:
            origin = self._origin(export, shelf)
            for item in read_export(export, origin):
                batch.add(item)
                newest.see(export, item)
                if batch.size >= PAGE:
                    yield batch.page()
            newest.done(export)
        for notice in _media_notices(shelf):
            batch.add(notice)
        yield batch.page(gone=newest.gone())

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

    def page(self, gone: tuple[str, ...] = ()) -> Page:
        """The page, and an empty batch again."""
        done = Page(
            posts=tuple(self.posts),
            rejects=tuple(self.rejects),
            notices=tuple(self.notices),
            tombstones=tuple(self.tombstones),
            gone=gone,
        )
        self.posts, self.rejects, self.notices, self.tombstones, self.size = [], [], [], [], 0
        return done


class Newest:
    """Which posts of older archives the newest lacks: their author deleted them in between.

    Told only when all say when they were made, and nothing of the newest is missing or unreadable. Zips of
    one export, made within a day, count as one. With a single archive nothing is kept.
    """

    def __init__(self, exports: Sequence[Export]) -> None:
        made = exports[0].generated_at
        self._fresh = {
            id(export)
            for export in exports
            if made and export.generated_at and made - export.generated_at <= _SAME_EXPORT
        }
        self._made = made
        whole = not any(
            export.partial or export.container.single for export in exports if id(export) in self._fresh
        )
        dated = all(export.generated_at for export in exports)
        self._active = whole and dated and 0 < len(self._fresh) < len(exports)
        self._ids = array("Q")
        self._sorted = False
        self._gone: set[str] = set()
        self._tombstones: set[str] = set()

    def see(self, export: Export, item: Item) -> None:
        if not self._active:
            return
        if id(export) in self._fresh:
            self._see_fresh(item)
        elif isinstance(item, Post) and self._lacks(item):
            self._gone.add(item.id)

    def _lacks(self, post: Post) -> bool:
        old = self._made is not None and post.created_at < self._made - _SAME_EXPORT
        return old and not any(self._has(each) for each in ids_of(post))

    def _see_fresh(self, item: Item) -> None:
        if isinstance(item, Post):
            self._ids.extend(int(each) for each in ids_of(item) if int(each) < 1 << 64)
        elif isinstance(item, Tombstones):
            self._tombstones.update(item.ids)
        elif isinstance(item, Reject) or (isinstance(item, Notice) and item.code in _LOSSES):
            self._active = False  # it may be among what could not be read

    def done(self, export: Export) -> None:
        if self._active and id(export) in self._fresh:
            self._ids = array("Q", sorted(self._ids))

    def _has(self, post_id: str) -> bool:
        at = bisect_left(self._ids, int(post_id))
        return at < len(self._ids) and self._ids[at] == int(post_id)

    def gone(self) -> tuple[str, ...]:
        return tuple(sorted(self._gone - self._tombstones, key=int)) if self._active else ()


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
            message=f"{shelf.missing:,} of {shelf.asked:,} media files that posts name are not there.",
            hint="Add another archive of the same account that has them.",
        )
