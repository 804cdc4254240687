"""Pictures made to fit, by Pillow: upright first, colours kept, as large and as good as there is room for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from PIL import Image, ImageCms, ImageOps, ImageSequence

from bridge.errors import MediaError
from bridge.fitting import Facts, Picture, within
from bridge.media.probe import BROKEN, opened

_BEST, _WORST = 92, 70
_SHRINK = 0.85  # of a side, when even the worst quality is too much
_SMALLEST = 64  # pixels a side: below, it is no longer the picture
_FRAMES = 60_000_000  # pixels of all frames of an animation, held at once: a quarter of a gigabyte
_LOSSLESS_WEBP = {"lossless": True, "quality": 60}
_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"optimize": True, "progressive": True},
    "WEBP": {"method": 4},
    "AVIF": {"speed": 8, "max_threads": 1},
    "PNG": {},
}


def fit_picture(source: BinaryIO, facts: Facts, recipe: Picture, *, name: str) -> tuple[str, bytes]:
    """Pillow's name of the format, and the content. MediaError: damaged, or too much even so."""
    try:
        with opened(source, facts.mime_type, name=name) as image:
            made = _animation(image, recipe) if recipe.animated else _still(image, recipe)
    except BROKEN as error:
        raise MediaError(f"{name} is damaged: {str(error).strip().rstrip('.') or error!r}.") from error
    if made is None:
        raise MediaError(f"{name} is too much for the server, however small it is made.")
    return made


# --- still pictures


def _still(image: Image.Image, recipe: Picture) -> tuple[str, bytes] | None:
    upright = ImageOps.exif_transpose(image)
    profile = upright.info.get("icc_profile")
    whole, profile = _plain(upright, profile)
    for size in _sizes(whole, recipe.pixels):
        shown = whole if size == whole.size else whole.resize(size, Image.Resampling.LANCZOS)
        for name in recipe.formats:
            content = _encoded(shown, name, recipe.bytes, profile)
            if content is not None:
                return name, content
    return None


def _sizes(image: Image.Image, pixels: int) -> Iterator[tuple[int, int]]:
    """The largest that is allowed, then smaller ones for as long as there is something to be seen."""
    size = within(image.width, image.height, pixels)
    yield size
    while min(size := (int(size[0] * _SHRINK), int(size[1] * _SHRINK))) >= _SMALLEST:
        yield size


def _plain(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bytes | None]:
    """Eight bits a channel, and colours that can be resized: print colours become those of screens."""
    if image.mode == "CMYK":
        return _from_print(image, profile), None
    if image.mode.startswith("I") or image.mode == "F":
        return _shallow(image), None
    if "transparency" in image.info or image.mode in ("PA", "La", "RGBa"):
        return image.convert("LA" if image.mode in ("L", "La") else "RGBA"), profile
    if image.mode in ("1", "P", "YCbCr", "LAB", "HSV"):
        return image.convert("L" if image.mode == "1" else "RGB"), profile
    return image, profile


def _shallow(image: Image.Image) -> Image.Image:
    """Grey of sixteen bits as eight; some files are a wide way to write eight and stay as they are."""
    wide = image.convert("I")
    _, brightest = wide.getextrema()
    deep = isinstance(brightest, (int, float)) and brightest > 255
    return (wide.point(lambda value: value * (1 / 256)) if deep else wide).convert("L")


def _from_print(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return image.convert("RGB")
    try:
        read = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(image, read, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")
    return turned or image.convert("RGB")


def _encoded(image: Image.Image, name: str, room: int, profile: bytes | None) -> bytes | None:
    """The best quality that fits, or None."""
    if max(image.size) > _LONGEST.get(name, 65_500):
        return None
    if image.mode not in _MODES[name]:
        image = image.convert("RGB")
    if name == "PNG":
        return _within(_saved(image, name, profile), room)
    if name == "WEBP":
        lossless = _within(_saved(image, name, profile, **_LOSSLESS_WEBP), room)
        if lossless is not None:
            return lossless
    return _searched(image, name, room, profile)


_MODES = {
    "JPEG": ("RGB", "L"), "PNG": ("RGB", "L", "RGBA", "LA"), "WEBP": ("RGB", "RGBA"), "AVIF": ("RGB", "RGBA"),
}  # fmt: skip
_LONGEST = {"WEBP": 16_383}  # pixels a side that the format can hold


def _searched(image: Image.Image, name: str, room: int, profile: bytes | None) -> bytes | None:
    """Halving between 92 and 70: the best is tried first, since mostly it is enough."""
    best = _within(_saved(image, name, profile, quality=_BEST), room)
    if best is not None:
        return best
    found = _within(_saved(image, name, profile, quality=_WORST), room)
    low, high = _WORST, _BEST
    while found is not None and high - low > 2:
        middle = (low + high) // 2
        better = _within(_saved(image, name, profile, quality=middle), room)
        if better is None:
            high = middle
        else:
            found, low = better, middle
    return found


def _saved(image: Image.Image, name: str, profile: bytes | None, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, name, icc_profile=profile, exif=b"", **{**_OPTIONS[name], **options})
    return out.getvalue()


def _within(content: bytes, room: int) -> bytes | None:
    return content if len(content) < room else None


# --- animations


def _animation(image: Image.Image, recipe: Picture) -> tuple[str, bytes] | None:
    """Every frame and its time is kept; fewer pixels are all that is given up."""
    frames = getattr(image, "n_frames", 1)
    for size in _sizes(image, recipe.pixels):
        if size[0] * size[1] * frames > _FRAMES:
            continue
        for name in recipe.formats:
            content = _film_strip(image, name, size)
            if len(content) < recipe.bytes:
                return name, content
    return None


def _film_strip(image: Image.Image, name: str, size: tuple[int, int]) -> bytes:
    times: list[int] = []
    frames = []
    for frame in ImageSequence.Iterator(image):
        frames.append(frame.convert("RGBA").resize(size, Image.Resampling.LANCZOS))
        times.append(int(frame.info.get("duration", 0)) or 100)  # WebP knows it once it is decoded
    out = io.BytesIO()
    options: dict[str, Any] = {"disposal": 2} if name in ("GIF", "PNG") else {"quality": 80, "method": 4}
    frames[0].save(
        out,
        name,
        save_all=True,
        append_images=frames[1:],
        duration=times,
        loop=image.info.get("loop", 0),
        **options,
    )
    return out.getvalue()
