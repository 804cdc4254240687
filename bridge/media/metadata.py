"""What a file says besides its picture: whether it tells a place, and how it is taken out without a loss.

The picture's own bytes are copied, bit by bit. What is needed to show it right stays: its colours' profile,
and which way up it is. Facts: JPEG (T.81 B.1, Exif 2.32 §4.7), PNG (3rd edition, §11), WebP (RFC 9649 §2.7).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from PIL import Image

from bridge.media.boxes import read_index

_GPS = 0x8825  # Exif: the tag of the table of places
_ORIENTATION = 0x0112
_PLACES = (b"exif:GPS", b"GPSLatitude", b"photoshop:City", b"Iptc4xmpCore:Location")
_XMP = b"http://ns.adobe.com/"
_CHUNK = 1 << 18


def strip(mime_type: str, source: BinaryIO, target: BinaryIO, *, name: str) -> None:
    """Copies a file without its metadata. ValueError: its parts do not hang together."""
    if mime_type in _FILMS:
        _without_private_boxes(source, target, name)
        return
    for piece in _STRIPPERS[mime_type](source.read()):
        target.write(piece)


def is_located(mime_type: str, content: bytes) -> bool:
    """Whether the metadata of a JPEG, PNG or WebP says where it was taken."""
    return any(_tells_place(block) for block in _BLOCKS[mime_type](content))


def _tells_place(block: bytes) -> bool:
    if any(place in block for place in _PLACES):
        return True
    exif = _exif(block)
    try:
        return exif is not None and bool(exif.get_ifd(_GPS))
    except _UNREADABLE:
        return False


def _exif(block: bytes) -> Image.Exif | None:
    at = next((found for mark in (b"II*\0", b"MM\0*") if (found := block.find(mark, 0, 32)) >= 0), None)
    if at is None:
        return None
    exif = Image.Exif()
    try:
        exif.load(b"Exif\0\0" + block[at:])
    except _UNREADABLE:
        return None
    return exif


#: Damaged Exif, which Pillow may only warn of: nobody else can read a place out of it either.
_UNREADABLE = (SyntaxError, ValueError, LookupError, TypeError, struct.error, OSError, UserWarning)


def _upright(block: bytes) -> bytes | None:
    """An Exif block that says the orientation and nothing else; None: it stands as it is."""
    exif = _exif(block)
    turn = exif.get(_ORIENTATION) if exif is not None else None
    if turn not in range(2, 9):
        return None
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, turn, 0, 0)


# --- JPEG


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and segment, marker included; the scans come with what follows them, the last is EOI."""
    at = 2
    yield 0xD8, content[:2]
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            raise ValueError("a JPEG segment does not begin where it should")
        marker = content[at + 1]
        if marker == 0xD9:
            break
        if marker == 0xFF:  # padding
            at += 1
            continue
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if marker == 0xDA:
            end = _scan_end(content, end)
        yield marker, content[at:end]
        at = end
    yield 0xD9, b"\xff\xd9"


def _scan_end(content: bytes, at: int) -> int:
    """In a scan, FF is followed by 00 or a restart marker; any other marker ends it."""
    while 0 <= (at := content.find(b"\xff", at)) < len(content) - 1:
        if content[at + 1] == 0 or 0xD0 <= content[at + 1] <= 0xD7:
            at += 2
        else:
            return at
    return len(content)


def _jpeg_blocks(content: bytes) -> Iterator[bytes]:
    for marker, segment in _segments(content):
        if marker in (0xE1, 0xED):
            yield segment[4:]
        if marker == 0xDA:
            return


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Without Exif, XMP, IPTC and the further pictures behind the end, which have metadata of their own."""
    for marker, segment in _segments(content):
        if marker == 0xE1:
            turned = _upright(segment[4:]) if segment[4:8] == b"Exif" else None
            if turned is not None:
                yield b"\xff\xe1" + struct.pack(">H", len(turned) + 8) + b"Exif\0\0" + turned
        elif marker != 0xED and not (marker == 0xE2 and segment[4:8] == b"MPF\0"):
            yield segment


# --- PNG

_ZLIB = (b"\x78\x9c", b"\x78\xda", b"\x78\x01", b"\x78\x5e")  # RFC 1950: how compressed data begins
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind, and the whole chunk."""
    at = 8
    while at + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if at + 12 + length > len(content):
            raise ValueError("a PNG chunk goes beyond the end")
        yield kind, content[at : at + 12 + length]
        at += 12 + length


def _png_blocks(content: bytes) -> Iterator[bytes]:
    for kind, chunk in _chunks(content):
        if kind == b"eXIf":
            yield chunk[8:-4]
        elif kind in _TEXTS:
            yield _inflated(chunk[8:-4])


def _inflated(text: bytes) -> bytes:
    """Compressed texts opened, as far as a place would stand in them."""
    packed = next((at for head in _ZLIB if (at := text.find(head)) >= 0), None)
    if packed is None:
        return text
    try:
        return text[:packed] + zlib.decompressobj().decompress(text[packed:], 1 << 20)
    except zlib.error:
        return text


def _png(content: bytes) -> Iterator[bytes]:
    yield content[:8]
    for kind, chunk in _chunks(content):
        if kind == b"eXIf":
            turned = _upright(chunk[8:-4])
            if turned is not None:
                yield struct.pack(">I", len(turned)) + b"eXIf" + turned
                yield struct.pack(">I", zlib.crc32(b"eXIf" + turned))
        elif kind not in _TEXTS:
            yield chunk


# --- WebP

_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


def _riff(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", content, at)
        stop = at + 8 + length + length % 2
        if stop > end + 1:
            raise ValueError("a WebP chunk goes beyond the end")
        yield kind, content[at:stop]
        at = stop


def _webp_blocks(content: bytes) -> Iterator[bytes]:
    for kind, chunk in _riff(content):
        if kind in (b"EXIF", b"XMP "):
            yield chunk[8:]


def _webp(content: bytes) -> Iterator[bytes]:
    chunks = list(_riff(content))
    turned = next((_upright(chunk[8:]) for kind, chunk in chunks if kind == b"EXIF"), None)
    kept = b"".join(
        _flagged(chunk, exif=turned is not None) if kind == b"VP8X" else chunk
        for kind, chunk in chunks
        if kind not in (b"EXIF", b"XMP ")
    )
    if turned is not None:
        kept += struct.pack("<4sI", b"EXIF", len(turned)) + turned
    yield struct.pack("<4sI4s", b"RIFF", len(kept) + 4, b"WEBP") + kept


def _flagged(chunk: bytes, *, exif: bool) -> bytes:
    flags = chunk[8] & ~(_EXIF_FLAG | _XMP_FLAG) | (_EXIF_FLAG if exif else 0)
    return chunk[:8] + bytes([flags]) + chunk[9:]


# --- films

_FILMS = ("video/mp4", "video/quicktime")


def _without_private_boxes(source: BinaryIO, target: BinaryIO, name: str) -> None:
    """Boxes of metadata become free room of the same length, so that no other box moves."""
    private = sorted(read_index(source, name).private)
    source.seek(0)
    for kind_at, start, stop in private:
        _copy(source, target, kind_at - source.tell())
        target.write(b"free")
        source.seek(kind_at + 4)
        _copy(source, target, start - source.tell())
        target.write(bytes(stop - start))
        source.seek(stop)
    _copy(source, target, None)


def _copy(source: BinaryIO, target: BinaryIO, count: int | None) -> None:
    while count is None or count > 0:
        piece = source.read(_CHUNK if count is None else min(count, _CHUNK))
        if not piece:
            return
        target.write(piece)
        count = None if count is None else count - len(piece)


_BLOCKS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "image/jpeg": _jpeg_blocks,
    "image/png": _png_blocks,
    "image/webp": _webp_blocks,
}
_STRIPPERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
}
