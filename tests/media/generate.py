"""Test media, drawn here: every format, odd sizes, turned, for print, deep, moving, silent and sounding.

Pictures are noise over a gradient where they have to be large, and flat where they have to be small.
`python -m tests.media.generate FOLDER` writes one of each, for trying things by hand.
"""

from __future__ import annotations

import io
import random
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

ORIENTATION, GPS, LATITUDE = 0x0112, 0x8825, 2


def drawn(width: int, height: int, *, noise: float = 0.0, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """A gradient, red grows to the right and green downwards; `noise` makes it hard to compress."""
    gradient = Image.linear_gradient("L").resize((width, height))
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    image = Image.merge("RGB", (across, gradient, Image.new("L", (width, height), 96)))
    if noise:
        grains = random.Random(seed).randbytes(width * height)
        image = Image.blend(image, Image.frombytes("L", (width, height), grains).convert("RGB"), noise)
    return image.convert(mode) if mode != "RGB" else image


def saved(image: Image.Image, name: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def exif(*, turn: int = 1, located: bool = False) -> Image.Exif:
    block = Image.Exif()
    if turn != 1:
        block[ORIENTATION] = turn
    block[0x010F] = "A camera"
    if located:
        block.get_ifd(GPS).update({1: "N", LATITUDE: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return block


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def jpeg(width: int = 64, height: int = 48, **options: Any) -> bytes:
    noise = options.pop("noise", 0.0)
    return saved(drawn(width, height, noise=noise), "JPEG", **{"quality": 90, **options})


def png(width: int = 64, height: int = 48, *, mode: str = "RGB", noise: float = 0.0, **options: Any) -> bytes:
    return saved(drawn(width, height, noise=noise, mode=mode), "PNG", **options)


def cmyk(width: int = 64, height: int = 48) -> bytes:
    return saved(drawn(width, height, mode="CMYK"), "JPEG", quality=90)


def deep(width: int = 64, height: int = 48) -> bytes:
    """A grey PNG of 16 bits."""
    ramp = struct.pack(f">{width}H", *(65535 * x // max(1, width - 1) for x in range(width)))
    rows = b"".join(b"\0" + ramp for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, body) for kind, body in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(side: int = 10_000) -> bytes:
    """A hundred megapixels in some kilobytes: a PNG of nothing, one bit a pixel."""
    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, body) for kind, body in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    )


def moving(
    name: str, width: int = 64, height: int = 48, *, frames: int = 4, noise: float = 0.0, **options: Any
) -> bytes:
    """An animated GIF, WebP or PNG whose frames last 100, 110, 120 ... milliseconds."""
    drawings = [drawn(width, height, noise=noise or 0.05, seed=at) for at in range(frames)]
    times = [100 + 10 * at for at in range(frames)]
    first, *rest = [each.convert("P") for each in drawings] if name == "GIF" else drawings
    return saved(first, name, save_all=True, append_images=rest, duration=times, loop=0, **options)


PICTURES: dict[str, Callable[[], bytes]] = {
    "plain.jpg": jpeg,
    "odd.jpg": lambda: jpeg(67, 43),
    "one-pixel.png": lambda: png(1, 1),
    "tall.png": lambda: png(1, 900),
    "turned.jpg": lambda: jpeg(exif=exif(turn=6)),
    "located.jpg": lambda: jpeg(exif=exif(turn=8, located=True), icc_profile=srgb()),
    "located.png": lambda: png(exif=exif(located=True)),
    "located.webp": lambda: saved(drawn(64, 48), "WEBP", exif=exif(turn=3, located=True)),
    "progressive.jpg": lambda: jpeg(progressive=True),
    "grey.jpg": lambda: saved(drawn(64, 48, mode="L"), "JPEG"),
    "print.jpg": cmyk,
    "deep.png": deep,
    "palette.png": lambda: png(mode="P"),
    "clear.png": lambda: png(mode="RGBA"),
    "one-bit.png": lambda: png(mode="1"),
    "still.gif": lambda: saved(drawn(64, 48, mode="P"), "GIF"),
    "moving.gif": lambda: moving("GIF"),
    "moving.webp": lambda: moving("WEBP"),
    "moving.png": lambda: moving("PNG"),
    "plain.webp": lambda: saved(drawn(64, 48), "WEBP"),
    "plain.avif": lambda: saved(drawn(64, 48), "AVIF", speed=10),
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PICTURES.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
