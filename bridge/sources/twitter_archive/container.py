"""A zip or a folder, read in place: members are streamed, nothing is extracted, nothing is trusted.

Sizes in a zip's directory are claims, so what comes out of a member is counted. A name that leads out of
the archive, a symlink, a name that occurs twice, a password or a bomb end the reading in one sentence.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from bridge.errors import SourceError
from bridge.sources.twitter_archive.members import is_allowed, is_loose_media, safe_name

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_MEMBERS = 500_000  #: a prolific account has some 200,000 media files
BOMB_BYTES = 50 << 20
BOMB_RATIO = 200  #: real archives: 8-15; deflate can reach 1,032
MAX_DEPTH = 12  #: folders below the one that was named

_SKIPPED_FOLDERS = frozenset({"assets", "node_modules", "__MACOSX"})
_AGAIN = "Download the archive again, or unzip it and name the folder."


class Container(Protocol):
    """What holds an archive. `names` has only members that may be opened, each with its claimed size;
    `single`: a person named one file, so nothing else is missed."""

    path: Path
    single: bool
    names: Mapping[str, int]

    def open(self, name: str) -> BinaryIO: ...

    def close(self) -> None: ...


class Measured(io.RawIOBase):
    """A member as it comes out of a zip: counts its bytes, and turns every damage into a sentence."""

    def __init__(self, stream: BinaryIO, *, place: str, packed: int) -> None:
        self._stream, self._place = stream, place
        self._allowed = max(BOMB_BYTES, packed * BOMB_RATIO)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def readinto(self, into: WriteableBuffer, /) -> int:
        view = memoryview(into).cast("B")
        try:
            chunk = self._stream.read(len(view))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as damage:
            raise SourceError(f"{self._place} is damaged ({damage}).", hint=_AGAIN) from damage
        if self._stream.tell() > self._allowed:
            raise SourceError(
                f"{self._place} unpacks to more than {BOMB_RATIO} times its size, so it is not read:"
                " it looks like a zip bomb.",
                hint="Download the archive from Twitter again.",
            )
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._stream.close()
        super().close()


class ZipContainer:
    single = False

    def __init__(self, path: Path, file: BinaryIO | None = None) -> None:
        self.path = path
        self._zip = _open_zip(path, file)
        self._infos = _index(self._zip, path)
        self.names: Mapping[str, int] = {name: info.file_size for name, info in self._infos.items()}
        self._inner: tuple[str, ZipContainer] | None = None

    def every_name(self) -> Iterator[str]:
        """All names, opened or not: tells what kind of archive this is."""
        return (info.filename.replace("\\", "/") for info in self._zip.infolist())

    def open(self, name: str) -> BinaryIO:
        outer, mark, inner = name.partition("!/")
        if mark:
            return self.nested(outer).open(inner)
        info = self._infos.get(outer)
        if info is None:
            raise SourceError(f"{self.path.name} has no file {name!r}.")
        place = f"{self.path.name}: {name}"
        try:
            stream = self._zip.open(info)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as damage:
            raise SourceError(f"{place} cannot be opened ({damage}).", hint=_AGAIN) from damage
        measured = Measured(cast(BinaryIO, stream), place=place, packed=info.compress_size)
        return io.BufferedReader(measured, 1 << 16)

    def nested(self, name: str) -> ZipContainer:
        """A zip among the media (the archives of 2018-2020 had them); the last one asked for is kept open."""
        if self._inner is None or self._inner[0] != name:
            if self._inner:
                self._inner[1].close()
            self._inner = (name, MediaZip(self.path / name, self.open(name)))
        return self._inner[1]

    def close(self) -> None:
        if self._inner:
            self._inner[1].close()
        self._zip.close()


class MediaZip(ZipContainer):
    """A zip of media: every name in it counts as one of the media folder that it lies in."""

    def __init__(self, path: Path, file: BinaryIO | None = None) -> None:
        super().__init__(path, file)
        self._infos = {
            safe_name(info.filename, path.name): info for info in self._zip.infolist() if not info.is_dir()
        }
        self.names = {name: info.file_size for name, info in self._infos.items()}


class FolderContainer:
    """A folder. `zips` are the zip files found in it that are no media."""

    def __init__(self, path: Path, *, only: frozenset[str] | None = None) -> None:
        self.path = path
        self.single = only is not None
        self.zips: list[Path] = []
        self.names: Mapping[str, int] = dict(self._walk(only))

    def _walk(self, only: frozenset[str] | None) -> Iterator[tuple[str, int]]:
        root = self.path.resolve()
        for folder, subfolders, files in os.walk(root):
            here = Path(folder).relative_to(root)
            subfolders[:] = sorted(
                sub
                for sub in subfolders
                if sub not in _SKIPPED_FOLDERS
                and not sub.startswith(".")
                and len(here.parts) < MAX_DEPTH
                and (only is None or sub.endswith("_media"))
            )
            for file in files:
                name = (here / file).as_posix()
                if is_allowed(name) and (only is None or here.parts or file in only):
                    yield name, _size(root / name, root)
                elif only is None and file.lower().endswith(".zip"):
                    self.zips.append(root / name)

    def open(self, name: str) -> BinaryIO:
        if name.partition("!/")[0] not in self.names:
            raise SourceError(f"{self.path} has no file {name!r}.")
        return open_in_folder(self.path, name)

    def nested(self, name: str) -> ZipContainer:
        return MediaZip(self.path / name)

    def close(self) -> None:
        """Holds nothing open."""


def open_in_folder(folder: Path, name: str) -> BinaryIO:
    """A member below a folder, or one inside a zip among its media ("dir/x.zip!/name")."""
    outer, mark, inner = name.partition("!/")
    if not is_allowed(safe_name(outer, folder.name)) and not is_loose_media(outer):
        raise SourceError(f"{folder} has no file {name!r} that may be opened.")
    if mark:
        return MediaZip(folder / outer).open(inner)
    try:
        _size(folder / outer, folder.resolve())
        return (folder / outer).open("rb")
    except OSError as problem:
        raise SourceError(f"{folder / outer} cannot be read ({problem.strerror}).") from problem


def _size(file: Path, root: Path) -> int:
    if file.is_symlink() and not file.resolve().is_relative_to(root):
        raise SourceError(
            f"{file} is a symlink to a file outside of the archive, so it is not read.",
            hint="Replace it with the file itself, or remove it.",
        )
    return file.stat().st_size if file.exists() else 0


def _open_zip(path: Path, file: BinaryIO | None) -> zipfile.ZipFile:
    try:
        if file is not None:
            _check_directory(file, path)
            return zipfile.ZipFile(file)
        with path.open("rb") as stream:
            _check_directory(stream, path)
        return zipfile.ZipFile(path)  # by name: it then closes itself, whoever forgets to
    except OSError as problem:
        raise SourceError(f"{path} cannot be read ({problem.strerror or problem}).") from problem
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, struct.error) as damage:
        raise SourceError(f"{path} is a damaged zip ({damage}).", hint=_AGAIN) from damage


def _check_directory(stream: BinaryIO, path: Path) -> None:
    """Before `zipfile` builds an object for each member: is it a zip, whole, and of bearable length?"""
    head = stream.read(4)
    size = stream.seek(0, os.SEEK_END)
    start = max(0, size - (1 << 16) - 128)
    stream.seek(start)
    tail = stream.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        if head[:2] == b"PK":
            raise SourceError(f"{path} is cut short: the end of the zip is missing.", hint=_AGAIN)
        raise SourceError(
            f"{path} is not a zip file.",
            hint="Name the archive as it was downloaded from Twitter/X (.zip), or the unzipped folder.",
        )
    members, length = struct.unpack("<10xHL", tail[end : end + 16])
    wide = tail.rfind(b"PK\6\6", 0, end)
    if wide >= 0 and len(tail) >= wide + 48:
        members, length = struct.unpack("<32xQQ", tail[wide : wide + 48])
    # A directory entry has at least 46 bytes and a name; a count that lies is caught by its length.
    if members > MAX_MEMBERS or length > MAX_MEMBERS * 200:
        raise SourceError(
            f"{path} lists {max(members, length // 200):,} files, more than any Twitter archive has"
            f" ({MAX_MEMBERS:,} are accepted).",
            hint="Unzip it, and name the folder that holds tweets.js.",
        )


def _index(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise SourceError(
            f"{path} lists more than {MAX_MEMBERS:,} files.", hint="Unzip it, and name the folder."
        )
    for info in infos:
        name = safe_name(info.orig_filename, path.name)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise SourceError(
                f"{path.name} holds a symlink ({name[:80]!r}), so it is not read.", hint="Download it again."
            )
        if name in seen:
            raise SourceError(f"{path.name} holds {name[:80]!r} twice, so it is not read.", hint=_AGAIN)
        seen.add(name)
        if is_allowed(name):
            if info.flag_bits & 0x1:
                raise SourceError(
                    f"{path.name} is protected by a password.", hint="Unzip it, and name the folder instead."
                )
            found[name] = info
    return found
