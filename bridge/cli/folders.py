"""Archives and exports that a mirror watches: read when there is something new, and left alone otherwise.

What was read is known by names, sizes and times, and noted in the ledger once all of it is recorded. A file
that was written a moment ago may not be whole yet: it has its turn when it has come to rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.posts import Author, Post
    from bridge.sources.base import Page, Source, Summary

_REST = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Files:
    """Implements `Source`: that of the files, or nothing while they are as they were."""

    inner: Source
    app: App
    name: str
    mark: str | None  #: of what is to be read; None: nothing is

    @property
    def stream(self) -> str | None:
        return _stream(self.name) if self.mark is None else self.inner.stream

    @property
    def owner(self) -> Author:
        return self.inner.owner

    @property
    def account(self) -> str:
        return self.inner.account

    def summary(self) -> Summary:
        return self.inner.summary()

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        if self.mark is not None:
            yield from self.inner.pages(cursor)
            self.app.ledger.posts.save_cursor(self.account, _stream(self.name), self.mark)

    def merge(self, known: Post, new: Post) -> Post:
        return self.inner.merge(known, new)


def files(app: App, name: str, inner: Source | None, now: datetime) -> Files | None:
    """The files of [sources.NAME] as they are now; `inner`: as they were when they were last opened.

    None: their folder is empty yet.
    """
    paths = app.paths([name])
    if all(path.is_dir() and not any(path.iterdir()) for path in paths):
        return None
    mark, newest = _mark(paths)
    at_rest = now.timestamp() - newest >= _REST
    if inner is not None and not at_rest:
        return Files(inner, app, name, None)
    known = inner or app.source([name], app.ledger)
    if not at_rest or mark == app.ledger.posts.cursor(known.account, _stream(name)):
        return Files(known, app, name, None)
    return Files(app.source([name], app.ledger) if inner else known, app, name, mark)


def _mark(paths: Sequence[Path]) -> tuple[str, float]:
    """What the files are called, how large they are and when they were written; and when the last was."""
    told, newest = hashlib.blake2b(digest_size=16), 0.0
    for path in paths:
        for each in (path, *(sorted(path.iterdir()) if path.is_dir() else ())):
            found = each.stat()
            told.update(f"{each.name}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
            newest = max(newest, found.st_mtime)
    return told.hexdigest(), newest


def _stream(name: str) -> str:
    return f"files {name}"
