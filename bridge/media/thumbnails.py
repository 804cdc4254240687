"""Small pictures for lists that people look through."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import BinaryIO

from PIL import Image, ImageOps

_QUALITY = 70


def thumbnail(open_file: Callable[[], BinaryIO], size: int = 360) -> bytes | None:
    """As JPEG, upright, `size` pixels at most each way; None: it is no picture that can be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with open_file() as stream, Image.open(stream) as picture:
                picture.draft("RGB", (size, size))  # a JPEG is decoded no larger than it is wanted
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((size, size))
                return _jpeg(upright)
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        Image.DecompressionBombWarning,
        Image.DecompressionBombError,
    ):
        return None


def poster(open_file: Callable[[], BinaryIO], size: int = 360) -> bytes | None:
    """The first frame of a film, as `thumbnail`; None also where the extra `video` is not installed."""
    try:
        import av
    except ImportError:
        return None
    try:
        with open_file() as stream, av.open(stream, mode="r", format="mp4") as film:
            frame = next(film.decode(video=0), None)
            if frame is None:
                return None
            picture = frame.to_image()  # type: ignore[no-untyped-call]
            picture.thumbnail((size, size))
            return _jpeg(picture)
    except (av.error.FFmpegError, OSError, ValueError, IndexError):
        return None


def _jpeg(picture: Image.Image) -> bytes:
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        picture = ground
    target = io.BytesIO()
    picture.convert("RGB").save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()
