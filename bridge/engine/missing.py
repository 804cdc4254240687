"""`--fetch-missing`: what an archive lacks, from where the old network has it; once, and politely.

The files lie in a folder that then counts as one more archive of the account. What the network no longer has
is noted beside them, and not asked for again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from bridge.engine.clock import Clock
from bridge.errors import NetworkError
from bridge.ledger import Ledger
from bridge.media.fetch import PassingError
from bridge.media.remote import addresses, file_name, remote_film
from bridge.posts import Kind, Media, Post, Variant
from bridge.selection import OPEN_AUDIENCES
from bridge.sources.base import Page
from bridge.sources.twitter_archive.merge import merge
from bridge.sources.web import Reply

_PAUSE = 0.5  # seconds between two requests: nobody is in a hurry
_LONGEST_REST = 900.0  # seconds that a server may ask to be left alone
_IN_VAIN = 5  # requests without an answer, one after the other: then it is not there
_BATCH = 20  # posts that are written down together
_GONE = frozenset({401, 403, 404, 410})


Get = Callable[[str], Reply]


@dataclass(slots=True, kw_only=True)
class Fetched:
    """Of the media that were missing, or too large: `there` had been fetched before."""

    missing: int = 0
    fetched: int = 0
    there: int = 0
    gone: int = 0  #: the network does not have them any more
    failed: int = 0  #: no usable answer: another time, perhaps
    bytes: int = 0
    problem: str | None = None  #: why the rest was left

    def __add__(self, other: Fetched) -> Fetched:
        return Fetched(
            missing=self.missing + other.missing,
            fetched=self.fetched + other.fetched,
            there=self.there + other.there,
            gone=self.gone + other.gone,
            failed=self.failed + other.failed,
            bytes=self.bytes + other.bytes,
            problem=self.problem or other.problem,
        )


class _Unreachable(Exception):
    pass


def _carried(ledger: Ledger, source: str, kinds: frozenset[Kind]) -> Iterator[Post]:
    for post in ledger.posts.iterate(source):
        if post.media and post.kind in kinds and post.audience in OPEN_AUDIENCES:
            yield post


def lacking(ledger: Ledger, source: str, kinds: frozenset[Kind]) -> Iterator[Post]:
    """Posts that may be carried, whose media could be had from the old network."""
    return (post for post in _carried(ledger, source, kinds) if lacks(post))


def lacks(post: Post) -> bool:
    """Whether it has media that the network may have, and we have not."""
    return any(medium.file is None and addresses(medium) for medium in post.media)


Versions = Callable[[Media], Sequence[Variant]]


@dataclass(slots=True)
class Fetching:
    """Of one source, into `folder`."""

    folder: Path
    get: Get
    clock: Clock
    show: Callable[[Fetched], None] = lambda _: None
    _in_vain: int = 0

    def run(self, ledger: Ledger, source: str, kinds: frozenset[Kind]) -> Fetched:
        """Safe to stop after any file."""
        return self.complete(ledger, source, list(lacking(ledger, source, kinds)))

    def complete(self, ledger: Ledger, source: str, wanted: Iterable[Post]) -> Fetched:
        """The media of these posts."""
        changed: list[Post] = []
        with self._visit() as so_far:
            try:
                for post in wanted:
                    changed.append(self._completed(post, so_far))
                    if len(changed) >= _BATCH:
                        _record(ledger, source, changed, self.clock.now())
                        changed = []
            finally:
                _record(ledger, source, changed, self.clock.now())
        return so_far

    def run_smaller(self, ledger: Ledger, source: str, kinds: frozenset[Kind], versions: Versions) -> Fetched:
        """Of films that the server takes in no way that can be made here: the best version that it takes.

        `versions`: those, the best first, of a film that needs one. The posts stay as they are.
        """
        with self._visit() as so_far:
            for post in _carried(ledger, source, kinds):
                for medium in post.media:
                    self._smaller(post, versions(medium) if medium.file else (), so_far)
        return so_far

    @contextmanager
    def _visit(self) -> Iterator[Fetched]:
        """As far as the old network answers."""
        so_far = Fetched()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            yield so_far
        except _Unreachable as problem:
            so_far.problem = str(problem)

    def _smaller(self, post: Post, versions: Sequence[Variant], so_far: Fetched) -> None:
        so_far.missing += bool(versions)
        for version in versions:
            path = self.folder / file_name(post.id, version.url)
            if path.exists():
                so_far.there += 1
                return
            url = remote_film(version)
            if url is not None and self._fetched(path, [url], so_far):
                self.show(so_far)
                return

    def _completed(self, post: Post, so_far: Fetched) -> Post:
        media = tuple(self._medium(post, medium, so_far) for medium in post.media)
        return msgspec.structs.replace(post, media=media)

    def _medium(self, post: Post, medium: Media, so_far: Fetched) -> Media:
        found = addresses(medium) if medium.file is None else []
        if not found:
            return medium
        so_far.missing += 1
        name = file_name(post.id, found[0])
        path = self.folder / name
        if path.exists():
            so_far.there += 1
        elif not self._fetched(path, found, so_far):
            self.show(so_far)
            return medium
        self.show(so_far)
        return msgspec.structs.replace(
            medium, file=name, container=str(self.folder), size=path.stat().st_size
        )

    def _fetched(self, path: Path, found: list[str], so_far: Fetched) -> bool:
        note = path.with_name(path.name + ".gone")
        if note.exists():
            so_far.gone += 1
            return False
        refused = 0
        for url in found:
            answer = self._asked(url)
            if answer is not None and _is_medium(answer):
                _write(path, answer.body)
                so_far.fetched += 1
                so_far.bytes += len(answer.body)
                return True
            refused += answer is not None and answer.status in _GONE
        if refused == len(found):
            note.touch()
            so_far.gone += 1
        else:
            so_far.failed += 1
        return False

    def _asked(self, url: str) -> Reply | None:
        """None: no answer. A server that wants to be left alone is left alone, once."""
        self._rest(_PAUSE)
        try:
            answer = self.get(url)
            if answer.status == 429:
                self._rest(min(_seconds(answer.headers.get("retry-after")), _LONGEST_REST))
                answer = self.get(url)
        except NetworkError as error:  # too large, too slow, or nobody there
            self._in_vain += isinstance(error, PassingError)
            if self._in_vain >= _IN_VAIN:
                raise _Unreachable(error.message) from error
            return None
        if answer.status == 429:
            raise _Unreachable("The old network wants to be left alone for now.")
        self._in_vain = 0
        return answer

    def _rest(self, seconds: float) -> None:
        until = self.clock.now() + timedelta(seconds=seconds)
        while (left := (until - self.clock.now()).total_seconds()) > 0:
            self.clock.sleep(left)


def _is_medium(answer: Reply) -> bool:
    kind = answer.headers.get("content-type", "")
    return answer.status == 200 and bool(answer.body) and kind.startswith(("image/", "video/"))


def _write(path: Path, body: bytes) -> None:
    """Whole or not at all."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_bytes(body)
    half.replace(path)


def _record(ledger: Ledger, source: str, posts: list[Post], now: datetime) -> None:
    if posts:
        page = Page(posts=tuple(posts), stream="fetched")
        ledger.posts.record(page, source=source, run=None, now=now, merge=merge)


def _seconds(told: str | None) -> float:
    return float(told) if told and told.isdigit() else 60.0
