"""Files that were made to fit, kept by what they were made of: `<sha256 of the source>-<recipe>.<suffix>`.

Beside each lies a note of its checksum, without which it does not count: whatever was cut short, changed or
lost is made again. Two processes may make the same file; the last one wins, and both are right.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bridge.errors import MediaError
from bridge.fitting import Facts, Recipe, recipe_digest

_CHUNK = 1 << 20
_STALE = 86_400.0  # seconds after which what is half made has no maker any more


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What lies beside an entry. `problem`: it could not be made, and need not be tried again."""

    file: str = ""
    sha256: str = ""
    facts: Facts | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    path: Path
    sha256: str
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    files: int
    bytes: int


class Cache:
    """Safe for several threads and processes. `limit`: bytes, beyond which the longest unused go first."""

    def __init__(self, folder: Path, *, limit: int) -> None:
        self.folder = folder
        self._limit = limit

    def get(self, source: str, recipe: Recipe) -> Kept | None:
        """None: it has to be made. MediaError: that was tried, and cannot be done."""
        note = self._note(source, recipe)
        if note is None:
            return None
        if note.problem is not None:
            raise MediaError(note.problem)
        path = self.folder / note.file
        if note.facts is None or checksum(path) != note.sha256:
            return None
        with suppress(OSError):
            os.utime(path)
        return Kept(path=path, sha256=note.sha256, facts=note.facts)

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """A folder of one's own on the same disk; whatever is left in it goes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".making-", dir=self.folder, ignore_cleanup_errors=True
        ) as own:
            yield Path(own)

    def put(self, source: str, recipe: Recipe, made: Path, facts: Facts) -> Kept:
        """Takes a file out of the workplace. The note comes last: without it there is no entry."""
        stem = self._stem(source, recipe)
        target = self.folder / f"{stem}{made.suffix}"
        sha256 = checksum(made)
        assert sha256 is not None
        made.replace(target)
        self._write(stem, Note(file=target.name, sha256=sha256, facts=facts))
        self.prune(self._limit, spare=target)
        return Kept(path=target, sha256=sha256, facts=facts)

    def give_up(self, source: str, recipe: Recipe, problem: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write(self._stem(source, recipe), Note(problem=problem))

    def usage(self) -> Usage:
        files = list(self._files())
        return Usage(files=len(files), bytes=sum(size for _, size, _ in files))

    def prune(self, limit: int | None = None, *, spare: Path | None = None) -> Usage:
        """Remove what was not used for longest until the rest is within `limit`; tells what went."""
        self._sweep()
        files = sorted(self._files())
        room = sum(size for _, size, _ in files) - (self._limit if limit is None else limit)
        gone = freed = 0
        for _, size, path in files:
            if freed >= room:
                break
            if path != spare:
                path.unlink(missing_ok=True)
                path.with_suffix(".json").unlink(missing_ok=True)
                gone, freed = gone + 1, freed + size
        return Usage(files=gone, bytes=freed)

    def clear(self) -> Usage:
        """Remove everything, also what is only remembered as impossible."""
        gone = self.prune(-1)
        for note in self.folder.glob("*.json"):
            note.unlink(missing_ok=True)
        return gone

    def _sweep(self) -> None:
        """Half-made things whose maker was killed."""
        old = time.time() - _STALE
        for place in (*self.folder.glob(".making-*"), *self.folder.glob("*.new")):
            with suppress(OSError):
                if place.stat().st_mtime < old:
                    shutil.rmtree(place) if place.is_dir() else place.unlink()

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """Last use, size and place of each entry. What another process removes meanwhile does not count."""
        for path in self.folder.glob("*-*.*"):
            if path.suffix not in (".json", ".new"):
                with suppress(FileNotFoundError):
                    found = path.stat()
                    yield found.st_mtime, found.st_size, path

    def _stem(self, source: str, recipe: Recipe) -> str:
        return f"{source}-{recipe_digest(recipe)}"

    def _note(self, source: str, recipe: Recipe) -> Note | None:
        try:
            content = (self.folder / f"{self._stem(source, recipe)}.json").read_bytes()
            return msgspec.json.decode(content, type=Note)
        except (OSError, msgspec.DecodeError):
            return None

    def _write(self, stem: str, note: Note) -> None:
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".new", delete=False) as stream:
            stream.write(msgspec.json.encode(note))
        Path(stream.name).replace(self.folder / f"{stem}.json")


def checksum(path: Path) -> str | None:
    """SHA-256 in hexadecimal; None when the file cannot be read."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_CHUNK):
                found.update(piece)
    except OSError:
        return None
    return found.hexdigest()
