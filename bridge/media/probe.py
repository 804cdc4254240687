"""What a file is: found out from its bytes, by its headers, and never by unpacking a bomb."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO

from PIL import Image, ImageFile

from bridge.errors import MediaError
from bridge.fitting import BOMB, Facts
from bridge.media import metadata
from bridge.media.boxes import read_index
from bridge.media.files import sniff
from bridge.media.films import probe_other

_HEAD = 64
_LARGEST_PICTURE = 256 << 20  # bytes that are read into memory for one picture
_FORMATS = {
    "image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP", "image/avif": "AVIF",
}  # fmt: skip
_MANY = frozenset({"image/gif", "image/webp", "image/png", "image/avif"})  # else it is a second view (MPO)
_LOSSLESS = frozenset({"image/jpeg", "image/png", "image/webp"})
_SIDEWAYS = range(5, 9)
_GPS = 0x8825

# Beyond Pillow's limit nothing is decoded; between one and two times of it, it would only warn. Of damaged
# Exif it warns, too, which changes nothing.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
Image.init()  # here, and not in whichever thread comes first

#: What Pillow raises about a file that is not what it says: the decoders have no error of their own.
BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, ArithmeticError, MemoryError,
    RuntimeError, UserWarning, struct.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


def probe(stream: BinaryIO, *, name: str, size: int) -> Facts:
    """Facts from the headers of an open, seekable file. MediaError, in one sentence: it is of no use."""
    if not size:
        raise MediaError(f"{name} is empty.")
    head = stream.read(_HEAD)
    mime_type = sniff(head)
    if mime_type is None:
        raise MediaError(f"{name} is neither a picture nor a film of a known kind.")
    stream.seek(0)
    if mime_type in ("video/mp4", "video/quicktime"):
        return _film(stream, mime_type, name, size)
    if mime_type.startswith("video/"):
        return probe_other(stream, mime_type, name=name, size=size)
    if mime_type not in _FORMATS:  # HEIC, which Pillow does not read
        return Facts(mime_type=mime_type, size=size)
    return _picture(stream, mime_type, name, size)


def check(stream: BinaryIO, facts: Facts, *, name: str) -> None:
    """Decodes a picture that is to go up as it is: servers refuse what is cut short. MediaError: it is."""
    if facts.mime_type not in _FORMATS:
        return
    with opened(stream, facts.mime_type, name=name) as image, _said(name):
        image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
        image.load()


@contextmanager
def opened(stream: BinaryIO, mime_type: str, *, name: str) -> Iterator[ImageFile.ImageFile]:
    """A picture whose size is known to be safe, not decoded yet. MediaError: it cannot be opened."""
    with _said(name):
        image = Image.open(stream, formats=[_FORMATS[mime_type]])
    with image:
        if image.width * image.height > BOMB:
            raise MediaError(_bomb(name))
        yield image


@contextmanager
def _said(name: str) -> Iterator[None]:
    """Whatever a decoder raises, as one sentence."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise MediaError(_bomb(name)) from None
    except BROKEN as error:
        raise MediaError(f"{name} is damaged: {_first_line(error)}.") from error


def _bomb(name: str) -> str:
    return f"{name} has more than {BOMB // 1_000_000} megapixels, which is more than can be opened safely."


def _first_line(error: BaseException) -> str:
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return "it is no picture" if "cannot identify" in said else said.rstrip(".")


def _picture(stream: BinaryIO, mime_type: str, name: str, size: int) -> Facts:
    if size > _LARGEST_PICTURE:
        raise MediaError(f"{name} has {size:,} bytes, more than any picture needs.")
    with opened(stream, mime_type, name=name) as image, _said(name):
        exif = image.getexif()
        sideways = exif.get(0x0112) in _SIDEWAYS
        width, height = (image.height, image.width) if sideways else image.size
        frames = int(getattr(image, "n_frames", 1)) if mime_type in _MANY else 1
        facts = Facts(
            mime_type=mime_type,
            size=size,
            width=width,
            height=height,
            frames=frames,
            animated=frames > 1,
            alpha=_is_transparent(image),
            turned=exif.get(0x0112, 1) not in (0, 1),
            located=mime_type not in _LOSSLESS and bool(exif.get_ifd(_GPS)),
        )
    return facts if mime_type not in _LOSSLESS else _placed(stream, facts, name)


def _placed(stream: BinaryIO, facts: Facts, name: str) -> Facts:
    stream.seek(0)
    with _said(name):
        return replace(facts, located=metadata.is_located(facts.mime_type, stream.read()))


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info


def _film(stream: BinaryIO, mime_type: str, name: str, size: int) -> Facts:
    index = read_index(stream, name)
    seen, heard = index.track("vide"), index.track("soun")
    if seen is None:
        raise MediaError(f"{name} is a film without a picture.")
    seconds = seen.seconds or index.seconds
    return Facts(
        mime_type=mime_type,
        size=size,
        width=seen.width,
        height=seen.height,
        frames=max(1, seen.samples),
        duration=seconds or None,
        rate=seen.samples / seconds if seconds and seen.samples else None,
        video=seen.codec,
        audio=heard.codec if heard else None,
        turned=seen.turned,
        located=index.located,
    )
