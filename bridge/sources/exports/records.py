"""The objects in a file or a folder of files: a JSON list, JSON lines, or one object. Never all at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from bridge.errors import SourceError
from bridge.sources.twitter_archive.script import Script, Unreadable

SUFFIXES = (".json", ".jsonl", ".ndjson")

_LONGEST = 64 << 20  # bytes of a line; a page of the API with everything has some 500,000
_FILES = 500_000
_ANY = msgspec.json.Decoder(Any)

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One object, or why there is none. `beside`: the file that it describes, for tools that write such."""

    place: str
    entry: Entry | None = None
    problem: str = ""
    excerpt: str = ""
    beside: Path | None = None


def files_of(path: Path) -> list[Path]:
    """The files to be read below a path, in the order of their names."""
    if path.is_file():
        return [path]
    walk = (Path(folder) / name for folder, _, names in os.walk(path) for name in names)
    return sorted(islice((each for each in walk if each.suffix.lower() in SUFFIXES), _FILES))


def records(path: Path) -> Iterator[Record]:
    """Every object in the file; lists in lists are opened. Raises `SourceError` when it cannot be opened."""
    described = path.with_suffix("")
    beside = described if described.suffix and described.is_file() else None
    try:
        with path.open("rb") as stream:
            for place, value in _values(path.name, stream):
                if isinstance(value, Unreadable):
                    yield Record(place=place, problem=value.reason, excerpt=value.excerpt)
                    continue
                for entry in _objects(value):
                    yield Record(place=place, entry=entry, beside=beside)
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}).") from error


def _values(name: str, stream: BinaryIO) -> Iterator[tuple[str, object]]:
    if _is_list(stream):
        script: Script[Any] = Script(stream, _ANY)
        for value in script:
            yield f"{name}, item {script.count}", value
        if script.cut:
            yield f"{name}, end", Unreadable(script.count, "the file is cut short", "")
    else:
        yield from _lines(name, stream)


def _is_list(stream: BinaryIO) -> bool:
    head = stream.read(4096).lstrip(b"\xef\xbb\xbf \r\n\t")
    stream.seek(0)
    return head[:1] == b"["


def _lines(name: str, stream: BinaryIO) -> Iterator[tuple[str, object]]:
    """A line an object, or one object over all lines: then the first line by itself is no JSON."""
    first = stream.readline(_LONGEST)
    stream.seek(0)
    if first.strip() and first.strip() != b"{" and not isinstance(_decoded(first, 0), Unreadable):
        for number, line in enumerate(iter(lambda: stream.readline(_LONGEST), b""), 1):
            if line.strip():
                yield f"{name}, line {number}", _decoded(line, number)
        return
    whole = stream.read(_LONGEST)
    yield f"{name}, item 1", _decoded(whole, 0)


def _decoded(line: bytes, number: int) -> object:
    text = line.removeprefix(b"\xef\xbb\xbf").strip()
    try:
        return _ANY.decode(text)
    except (ValueError, RecursionError) as problem:
        excerpt = " ".join(text[:480].decode("utf-8", "replace").split())[:120]
        return Unreadable(number, f"it is no JSON ({problem})", excerpt)


def _objects(value: object) -> Iterator[Entry]:
    """gallery-dl writes `[3, address, {…}]`: the address is kept with what it is the address of."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        address = value[1] if len(value) == 3 and isinstance(value[1], str) else None
        for each in value:
            for entry in _objects(each):
                yield {"url": address, **entry} if address else entry
