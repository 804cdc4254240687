"""The files that media references name, as a publisher wants them: made to fit beforehand, off the line.

A bounded pool works on what comes next while earlier statuses are sent; Pillow and PyAV leave the interpreter
to others while they work.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import BinaryIO

from bridge.engine.originals import original
from bridge.errors import MediaError
from bridge.fitting import recipe_digest
from bridge.media.fit import Fitted, Fitter
from bridge.publishers.base import MediaFile
from bridge.statuses import MediaRef

_REMEMBERED = 4096  # files whose outcome is known
_WORKERS = 4  # at most: each may hold a picture of a quarter of a gigabyte

Key = tuple[str | None, str | None]


class FittedFiles:
    """Reads files from the archives that they came with. Close it, or use it in a `with` statement."""

    def __init__(self, fitter: Fitter, *, workers: int | None = None) -> None:
        self._fitter = fitter
        count = workers or max(1, min(_WORKERS, os.cpu_count() or 1))
        self._pool = ThreadPoolExecutor(max_workers=count, thread_name_prefix="fitting")
        self._ahead = 2 * count
        self._futures: dict[Key, Future[Fitted]] = {}
        self._closing = threading.Event()
        self._guard = threading.Lock()

    def describe(self, ref: MediaRef) -> MediaFile:
        """Raises `MediaError` or `SourceError` when there is no such file, or it cannot go up: `Unfit`."""
        fitted = self.fitted(ref)
        file = fitted.file
        return MediaFile(
            name=file.name,
            mime_type=file.mime_type,
            size=file.size,
            sha256=file.sha256,
            recipe=None if fitted.path is None else recipe_digest(fitted.recipe),
        )

    def open(self, ref: MediaRef) -> BinaryIO:
        """What goes up, made again when the cache has lost it meanwhile."""
        for _ in range(2):
            path = self.fitted(ref).path
            if path is None:
                return original(ref)
            try:
                return path.open("rb")
            except FileNotFoundError:
                with self._guard:
                    self._futures.pop(_key(ref), None)
        raise MediaError(f"{ref.file} was made to fit, and is not in the cache any more.")

    def fitted(self, ref: MediaRef) -> Fitted:
        return self._future(ref).result()

    def expect(self, refs: Iterable[MediaRef]) -> None:
        for ref in refs:
            if ref.file is not None:
                self._future(ref)

    def ready(self, ref: MediaRef, *, seconds: float) -> bool:
        return bool(wait([self._future(ref)], timeout=seconds).done)

    def all_fitted(self, refs: Iterable[MediaRef]) -> Iterator[tuple[MediaRef, Fitted | Exception]]:
        """Each in turn, with a few being worked on ahead of it."""
        waiting: list[MediaRef] = []
        for ref in refs:
            self._future(ref)
            waiting.append(ref)
            if len(waiting) > self._ahead:
                yield self._outcome(waiting.pop(0))
        for ref in waiting:
            yield self._outcome(ref)

    def close(self) -> None:
        """What is being made is given up: it would be made again."""
        self._closing.set()
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> FittedFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _outcome(self, ref: MediaRef) -> tuple[MediaRef, Fitted | Exception]:
        try:
            return ref, self.fitted(ref)
        except MediaError as error:
            return ref, error

    def _future(self, ref: MediaRef) -> Future[Fitted]:
        key = _key(ref)
        with self._guard:
            if key not in self._futures:
                if len(self._futures) > _REMEMBERED:
                    self._futures = {key: each for key, each in self._futures.items() if not each.done()}
                self._futures[key] = self._pool.submit(self._fit, ref)
            return self._futures[key]

    def _fit(self, ref: MediaRef) -> Fitted:
        if ref.file is None or ref.container is None:
            raise MediaError("the file is missing from the archive")
        return self._fitter.fit(ref.file, lambda: original(ref), stop=self._closing.is_set)


def _key(ref: MediaRef) -> Key:
    return ref.container, ref.file
