"""What a media file is: found out from its bytes, never from its name."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO
from zipfile import BadZipFile

from bridge.errors import MediaError

_CHUNK = 1 << 18
_HEAD = 64

SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
}

#: Brands of ISO base media files (ISO/IEC 14496-12; registered at mp4ra.org); all others are taken for MP4.
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"mif1": "image/heic",
    b"msf1": "image/heic",
    b"qt  ": "video/quicktime",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """`name` has the suffix that belongs to the content, since servers look at both."""

    name: str
    mime_type: str
    size: int
    sha256: str


def describe(name: str, open_file: Callable[[], BinaryIO]) -> FileFacts:
    """Reads a file once, in pieces. MediaError: it is empty, or no picture or film that is known here."""
    base = name.replace("\\", "/").rpartition("/")[2]
    checksum, size, head = hashlib.sha256(), 0, b""
    try:
        with open_file() as stream:
            while piece := stream.read(_CHUNK):
                head = head if len(head) >= _HEAD else (head + piece)[:_HEAD]
                size += len(piece)
                checksum.update(piece)
    except (OSError, EOFError, BadZipFile, zlib.error) as error:
        raise MediaError(f"{base} cannot be read: {error}.") from error
    if not size:
        raise MediaError(f"{base} is empty.")
    mime_type = sniff(head)
    if mime_type is None:
        raise MediaError(f"{base} is neither a picture nor a film of a known kind.")
    return FileFacts(name=named(base, mime_type), mime_type=mime_type, size=size, sha256=checksum.hexdigest())


def sniff(head: bytes) -> str | None:
    """The MIME type by the first bytes of a file (WHATWG MIME Sniffing §6); None: not known here."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head:  # else Matroska, which nobody takes
        return "video/webm"
    return _iso_media(head)


def _iso_media(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    return "video/quicktime" if head[4:8] in {b"moov", b"mdat", b"wide"} else None  # before there were brands


def named(base: str, mime_type: str) -> str:
    """The name with the suffix that belongs to its content."""
    stem, dot, suffix = base.rpartition(".")
    right = SUFFIXES[mime_type]
    if f".{suffix.lower()}" in {right, ".jpeg" if right == ".jpg" else right}:
        return base
    return (stem if dot and len(suffix) <= 5 else base) + right
