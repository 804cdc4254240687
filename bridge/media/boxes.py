"""Films in ISO boxes (MP4, QuickTime; ISO/IEC 14496-12): what they are, and where they were taken.

Only the index of a film is read, never its pictures, so that a look costs the same for any length.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from bridge.errors import MediaError

_INDEX = 64 << 20  # bytes: the index of ten hours of film is smaller
_EXTRA = 1 << 20
_PIECE = 1 << 18
_DEPTH = 12
_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_CODECS = {
    b"avc1": "h264", b"avc3": "h264", b"hvc1": "hevc", b"hev1": "hevc", b"av01": "av1", b"vp09": "vp9",
    b"mp4v": "mpeg4", b"mp4a": "aac", b".mp3": "mp3", b"Opus": "opus", b"ac-3": "ac3",
}  # fmt: skip
#: The adobe XMP packet (ISO 16684-3), which may say where a film was taken.
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_PLACES = (b"\xa9xyz", b"loci", b"com.apple.quicktime.location", b"exif:GPS", b"GPSLatitude")


@dataclass(slots=True)
class Track:
    kind: str = ""  #: vide, soun, ...
    codec: str | None = None
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    samples: int = 0
    turned: bool = False  #: by a quarter


@dataclass(slots=True)
class Index:
    """`private`: boxes of nothing but metadata: where their kind stands, their content, and its end."""

    tracks: list[Track] = field(default_factory=list)
    seconds: float = 0.0
    located: bool = False
    private: list[tuple[int, int, int]] = field(default_factory=list)

    def track(self, kind: str) -> Track | None:
        return next((each for each in self.tracks if each.kind == kind), None)


def read_index(stream: BinaryIO, name: str) -> Index:
    """MediaError: there is no index, or the file ends before what it promises."""
    found = Index()
    whole = False
    for at, kind, head, length in _top(stream, name):
        if kind == b"moov":
            whole = True
            _walk(found, _body(stream, length - head, name), at + head)
        elif kind == b"uuid":
            _extra(found, stream.read(min(length - head, _EXTRA)), (at + 4, at + head, at + length))
    if not whole:
        raise MediaError(f"{name} is no whole film: it has no index.")
    return found


def _body(stream: BinaryIO, length: int, name: str) -> bytes:
    if length > _INDEX:
        raise MediaError(f"{name} has an index of {length:,} bytes, which no film needs.")
    return stream.read(length)


def _extra(index: Index, body: bytes, place: tuple[int, int, int]) -> None:
    if body.startswith(_XMP):
        index.private.append(place)
        index.located = index.located or any(word in body for word in _PLACES)


def _top(stream: BinaryIO, name: str) -> Iterator[tuple[int, bytes, int, int]]:
    """Boxes of the file itself: start, kind, length of the head, length with it. Skips what is not read."""
    at = 0
    while True:
        _go(stream, at)
        head = stream.read(16)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        size = 8
        if length == 1 and len(head) == 16:
            length, size = struct.unpack(">Q", head[8:])[0], 16
        if length == 0:  # to the end of the file
            length = max(size, _end(stream, at) - at)
        if length < size:
            raise MediaError(f"{name} is damaged: a box in it has no length.")
        _go(stream, at + size)
        yield at, kind, size, length
        _go(stream, at + length - 1)  # forward only: to go back in a zip is to begin again
        if not stream.read(1):
            raise MediaError(f"{name} is cut short.")
        at += length


def _go(stream: BinaryIO, at: int) -> None:
    """Forward in pieces where to jump is to unpack: `zipfile` would do that 16 MB at a time."""
    here = stream.tell()
    if here > at or isinstance(getattr(stream, "raw", stream), io.FileIO | io.BytesIO):
        stream.seek(at)
        return
    while here < at and (piece := stream.read(min(at - here, _PIECE))):
        here += len(piece)


def _end(stream: BinaryIO, at: int) -> int:
    stream.seek(at)
    while piece := stream.read(_PIECE):
        at += len(piece)
    return at


def _boxes(body: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, where the content begins and where it ends. What does not fit into its parent ends the walk."""
    at = start
    while at + 8 <= end:
        length, kind = struct.unpack_from(">I4s", body, at)
        head = 8
        if length == 1 and at + 16 <= end:
            length, head = struct.unpack_from(">Q", body, at + 8)[0], 16
        stop = end if length == 0 else at + length
        if stop < at + head or stop > end:
            return
        yield kind, at + head, stop
        at = stop


def _walk(index: Index, body: bytes, base: int) -> None:
    waiting = [(0, len(body), 0)]
    while waiting:
        start, end, depth = waiting.pop()
        for kind, at, stop in _boxes(body, start, end):
            if kind == b"trak":
                index.tracks.append(Track())
                _track(index.tracks[-1], body, at, stop)
                waiting.append((at, stop, depth + 1))
            elif kind in _PARENTS and depth < _DEPTH:
                waiting.append((at, stop, depth + 1))
            elif kind == b"mvhd":
                index.seconds = _seconds(body[at:stop])
            elif kind in (b"udta", b"meta"):
                index.private.append((base + body.rindex(kind, 0, at), base + at, base + stop))
                index.located = index.located or any(word in body[at:stop] for word in _PLACES)


def _track(track: Track, body: bytes, start: int, end: int) -> None:
    for kind, at, stop in _boxes(body, start, end):
        if kind in _PARENTS:
            _track(track, body, at, stop)
        elif kind == b"tkhd" and stop - at >= 84:
            track.width, track.height, track.turned = _shape(body[at:stop])
        elif kind == b"mdhd":
            track.seconds = _seconds(body[at:stop])
        elif kind == b"hdlr" and not track.kind:
            track.kind = body[at + 8 : at + 12].decode("latin-1")
        elif kind == b"stsd":
            track.codec = _CODECS.get(body[at + 12 : at + 16], body[at + 12 : at + 16].decode("latin-1"))
        elif kind in (b"stsz", b"stz2") and stop - at >= 12:
            track.samples = struct.unpack_from(">I", body, at + 8)[0]


def _shape(head: bytes) -> tuple[int, int, bool]:
    """Width and height as they are seen, and whether a quarter turn made them so."""
    wide, high = struct.unpack(">II", head[-8:])
    a, b, _, c, d = struct.unpack(">5i", head[-44:-24])
    width, height = wide >> 16, high >> 16
    turned = a == 0 and d == 0 and bool(b) and bool(c)
    return (height, width, True) if turned else (width, height, False)


def _seconds(body: bytes) -> float:
    """Of `mvhd` and `mdhd`, which begin alike."""
    if len(body) < 20 or (body[0] == 1 and len(body) < 32):
        return 0.0
    scale, length = struct.unpack(">IQ", body[20:32]) if body[0] == 1 else struct.unpack(">II", body[12:20])
    return float(length / scale) if scale else 0.0
