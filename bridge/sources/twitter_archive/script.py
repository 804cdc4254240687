"""The JavaScript files of an archive: `name = <JSON>`, read item by item from a stream in bounded memory.

Where an item ends is guessed from the layout of the first (the files are pretty-printed, and a raw line
break cannot occur inside a JSON string), and checked by decoding: a wrong guess costs a scan, never an item.
Items that cannot be read come out as `Unreadable`, and the next one follows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Generic, TypeVar

import msgspec

from bridge.errors import SourceError

T = TypeVar("T")

CHUNK = 1 << 18
MAX_ITEM = 16 << 20  #: bytes; a tweet with everything has some 20,000
_MAX_OPENING = 1 << 20
_MAX_OBJECT = 64 << 20
_EXCERPT = 120
_MOST_WRONG = 20  # fields of one item
_VITAL = frozenset({"id_str", "full_text", "text", "created_at", "tweet", "noteTweet", "core"})

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["{}\[\]]', re.DOTALL)
_OPENING = re.compile(rb"[\[{]")
_BETWEEN = re.compile(rb"[\s,]*")
_SCALAR = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[^,\]\[{}"\s]+|.', re.DOTALL)
_NEXT = re.compile(rb"\s*,\s*\{")
_KEY = re.compile(rb'\{\s*"[^"\\]*"')


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that is no post: `index` counts from 0."""

    index: int
    reason: str
    excerpt: str


class Script(Generic[T]):
    """Iterates over the items of one file as the decoder's values; afterwards knows how the reading went."""

    def __init__(self, stream: BinaryIO, decoder: msgspec.json.Decoder[T]) -> None:
        self._stream, self._shape, self._decode = stream, decoder.type, decoder.decode
        self._buffer, self._at, self._ended = b"", 0, False
        self._fence: bytes | None = None
        self._closing = self._gap = 0  # bytes of the fence that end an item, and that lie between two
        self.count = 0  #: items seen, readable or not
        self.cut = False  #: the file ends before its list does
        self._severed = False  # in the middle of an item
        self.repaired = 0  #: items with broken characters or fields

    def __iter__(self) -> Iterator[T | Unreadable]:
        single = self._open()
        while self._seek_item():
            yield from self._fenced()
            if not self._seek_item():
                return
            yield self._exact_value()
            if single:
                return

    def _fill(self) -> bool:
        """Drops what is read and reads on, twice as much as is kept; False at the end of the file."""
        if self._ended:
            return False
        kept = self._buffer[self._at :]
        chunk = self._stream.read(max(CHUNK, len(kept)))
        self._buffer, self._at = kept + chunk, 0
        self._ended = not chunk
        return bool(chunk)

    @property
    def whole(self) -> int:
        """Items seen to their end."""
        return self.count - self._severed

    def _open(self) -> bool:
        """Goes to the first item; True when the file holds one object instead of a list."""
        while (found := _OPENING.search(self._buffer)) is None:
            if len(self._buffer) > _MAX_OPENING or not self._fill():
                self.cut = True
                self._buffer, self._at, self._ended = b"", 0, True
                return False
        single = found.group() == b"{"
        self._at = found.start() + (0 if single else 1)
        return single

    def _seek_item(self) -> bool:
        """Goes to the next item; False after the last."""
        if self._buffer[self._at : self._at + 1] == b"{":
            return True
        while True:
            between = _BETWEEN.match(self._buffer, self._at)
            self._at = between.end() if between else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at] not in b"]"
            if not self._fill():
                self.cut = True
                return False

    def _fenced(self) -> Iterator[T]:
        """Items by their looks, for as long as those do not deceive. Nearly all come this way."""
        fence, closing, gap, decode = self._fence, self._closing, self._gap, self._decode
        if fence is None:
            return
        while True:
            end = self._buffer.find(fence, self._at)
            if end < 0:
                if len(self._buffer) - self._at < MAX_ITEM and self._fill():
                    continue
                return
            end += closing
            try:
                value = decode(self._buffer[self._at : end])
            except (ValueError, RecursionError):
                return
            self._at = end + gap
            self.count += 1
            yield value

    def _exact_value(self) -> T | Unreadable:
        self.count += 1
        end = self._end_of_item()
        start = self._at
        if end < 0:
            rest = self._buffer[start:]
            self._at, self.cut = len(self._buffer), True
            self._ended = self._severed = True
            return Unreadable(self.count - 1, "the file is cut off in the middle of it", _excerpt(rest))
        item = self._buffer[start:end]
        self._learn(item, end)
        self._at = end
        try:
            return self._decode(item)
        except (ValueError, RecursionError) as problem:
            return self._lenient(item, problem)

    def _lenient(self, item: bytes, problem: Exception) -> T | Unreadable:
        """What was done to the JSON is forgiven: raw control characters, broken UTF-8."""
        try:
            value = self._without_what_is_wrong(json.loads(item.decode("utf-8", "replace"), strict=False))
        except msgspec.ValidationError as wrong:
            return Unreadable(self.count - 1, f"a field has a wrong type ({wrong})", _excerpt(item))
        except RecursionError:
            return Unreadable(self.count - 1, "it is nested too deep", _excerpt(item))
        except ValueError:
            return Unreadable(self.count - 1, f"it is no JSON ({problem})", _excerpt(item))
        self.repaired += 1
        return value

    def _without_what_is_wrong(self, value: object) -> T:
        """A field of a wrong type costs itself and not the post; but for the vital ones."""
        for _ in range(_MOST_WRONG):
            try:
                return msgspec.convert(value, self._shape, strict=False)
            except msgspec.ValidationError as wrong:
                if not _dropped(value, str(wrong).rpartition("`$.")[2].rstrip("`")):
                    raise
        return msgspec.convert(value, self._shape, strict=False)

    def _end_of_item(self) -> int:
        """Index behind the item at `self._at`, by counting brackets; -1 if the file ends before."""
        while True:
            end = _scan(self._buffer, self._at)
            if end >= 0 and (end < len(self._buffer) or self._ended):
                return end
            if len(self._buffer) - self._at > MAX_ITEM:
                raise SourceError(
                    f"Item {self.count} is larger than {MAX_ITEM >> 20} MiB, which no tweet is.",
                    hint="The file is damaged: download the archive again.",
                )
            if not self._fill():
                return end

    def _learn(self, item: bytes, end: int) -> None:
        """How items are set apart in this file: `},{` with just these line breaks and indents around it."""
        between = _NEXT.match(self._buffer, end)
        if between is None or item[-1:] != b"}":
            return
        line = item.rfind(b"\n")
        closing = item[line:] if line >= 0 else b""
        key = _KEY.match(self._buffer, between.end() - 1)
        if closing[1:].strip() == b"}":
            self._fence, self._closing = closing + between.group(), len(closing)
        elif key:
            self._fence, self._closing = b"}" + between.group()[:-1] + key.group(), 1
        else:
            return
        self._gap = len(between.group()) - 1


def _scan(buffer: bytes, at: int) -> int:
    if buffer[at] not in b"{[":
        scalar = _SCALAR.match(buffer, at)
        return scalar.end() if scalar else -1
    depth = 0
    for token in _TOKEN.finditer(buffer, at):
        sign = buffer[token.start()]
        if sign in b"{[":
            depth += 1
        elif sign in b"}]":
            depth -= 1
            if depth == 0:
                return token.end()
        elif token.end() - token.start() == 1:  # a string without an end: read on
            return -1
    return -1


def _dropped(value: object, path: str) -> bool:
    """Takes out the field at `tweet.entities.urls[...].indices`, as far as names lead: the `urls`."""
    *above, name = path.partition("[")[0].split(".")
    for key in above:
        value = value.get(key) if isinstance(value, dict) else None
    if name in _VITAL or not isinstance(value, dict) or name not in value:
        return False
    del value[name]
    return True


def _excerpt(item: bytes) -> str:
    return " ".join(item[: _EXCERPT * 4].decode("utf-8", "replace").split())[:_EXCERPT]


def read_object(stream: BinaryIO, shape: type[T]) -> T | None:
    """The one value of a small file (a manifest), or None if it cannot be read as `shape`."""
    data = stream.read(_MAX_OBJECT)
    found = _OPENING.search(data)
    if found is None:
        return None
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(data[found.start() :].decode("utf-8", "replace"))
        return msgspec.convert(value, shape, strict=False)
    except (ValueError, RecursionError):
        return None
