"""What the newest archive lacks was deleted since the older ones were made: whether it may be judged so."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import datetime

from bridge.posts import Post, ids_of
from bridge.sources.base import SAME_EXPORT, Extent, Notice, Reject
from bridge.sources.twitter_archive.export import Export
from bridge.sources.twitter_archive.layout import Role
from bridge.sources.twitter_archive.reader import Item, Tombstones

_LOSSES = frozenset({"ARCHIVE_SHORTFALL", "FILE_CUT"})


class Newest:
    """Follows the reading, the newest archive first. Zips of one export, made within a day, count as one.

    An archive counts as whole when it says when it was made and how much it holds, and all of that was there
    and could be read; a hand-picked or damaged one never condemns a post. The cursor is the time of the
    newest whole archive that was ever read, "" when there was none, None when nothing was read before. Ids
    are kept only where posts are known that a newer archive could lack.
    """

    def __init__(self, exports: Sequence[Export], cursor: str | None) -> None:
        made = exports[0].generated_at
        fresh = [
            each for each in exports if made and each.generated_at and made - each.generated_at <= SAME_EXPORT
        ]
        self.read = datetime.fromisoformat(cursor) if cursor else None
        self._made = made if made and (self.read is None or made > self.read) else None
        self._awaited = {id(export) for export in fresh}
        self._whole = all(map(_is_verified, fresh))
        self._ids = array("Q") if self._whole and self._made and cursor is not None else None

    @property
    def cursor(self) -> str:
        return self.read.isoformat() if self.read else ""

    def see(self, export: Export, item: Item) -> None:
        if isinstance(item, Post):
            if self._ids is not None and id(export) in self._awaited:
                self._ids.extend(int(each) for each in ids_of(item) if int(each) < 1 << 64)
        elif not isinstance(item, Tombstones) and id(export) in self._awaited and _is_loss(item):
            self._whole = False  # it may be among what could not be read

    def done(self, export: Export) -> bool:
        """Whether this ends the reading of a whole archive that is newer than all before."""
        last = self._awaited == {id(export)}
        self._awaited.discard(id(export))
        if not (last and self._whole and self._made):
            return False
        self.read = self._made
        return True

    def extent(self) -> Extent | None:
        if self._ids is None or self._made is None:
            return None
        return Extent(made=self._made, ids=array("Q", sorted(self._ids)))


def _is_verified(export: Export) -> bool:
    """Whether its own lists say how many posts there should be; the reader holds the files against them."""
    files = (*export.of(Role.TWEETS), *export.of(Role.MONTH))
    headers = sum(export.counts.get(name, 0) for name in export.of(Role.HEADERS))
    listed = sum(export.counts.get(name, 0) for name in export.of(Role.TWEETS))
    counted = bool(files) and all(export.counts.get(name) for name in files)
    return counted and headers in {0, listed} and not export.partial and not export.container.single


def _is_loss(item: Reject | Notice) -> bool:
    return isinstance(item, Reject) or item.code in _LOSSES
