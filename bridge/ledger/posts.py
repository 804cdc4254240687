"""The posts of every source: recorded page by page. SIGNATURES ARE FINAL; bodies are being written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from bridge.ledger.rows import Counts, Recorded, SourceRow
from bridge.posts import Post
from bridge.selection import Header
from bridge.sources.base import Page, Reject, Summary


class Posts:
    def record(
        self, page: Page, *, source: str, run: int | None, now: datetime, merge: Callable[[Post, Post], Post]
    ) -> Recorded:
        """One page in one transaction, with its rejects, tombstones and cursor."""
    def headers(self, source: str) -> Iterator[Header]: ...
    def load(self, source: str, ids: Collection[str]) -> dict[str, Post]:
        """By canonical id; unknown ids are absent."""
    def iterate(self, source: str) -> Iterator[Post]: ...
    def counts(self, source: str) -> Counts: ...
    def sources(self) -> list[SourceRow]: ...
    def save_summary(self, source: str, summary: Summary, *, now: datetime) -> None: ...
    def tombstone(self, source: str, ids: Collection[str], *, now: datetime) -> int: ...
    def find(self, text: str) -> tuple[str, str] | None:
        """(source, canonical id) of a post id, an older id of an edited post, or the post's URL."""
    def cursor(self, source: str) -> str | None: ...
    def rejects(self, source: str) -> list[Reject]: ...
    def revision(self, source: str) -> int:
        """Grows whenever anything recorded of the source changes: for the stamp of a no-op `propose`."""
