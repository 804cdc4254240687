"""Small pictures for the preview page: within the file, or in a folder beside it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

from bridge.errors import BridgeError
from bridge.media.thumbnails import poster, thumbnail
from bridge.posts import Media, MediaType

INLINE = 400  #: pictures of some 15 kB that a page still carries with ease
_SIZE = 480  # pixels


def inline(original: Callable[[Media], BinaryIO], *, most: int = INLINE) -> Callable[[Media], str | None]:
    """As `data:` addresses; the first `most` only."""
    left = most

    def address(medium: Media) -> str | None:
        nonlocal left
        picture = _small(original, medium) if left > 0 else None
        if picture is None:
            return None
        left -= 1
        return within(picture)

    return address


def within(picture: bytes) -> str:
    """A JPEG as an address that holds it."""
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def beside(page: Path, original: Callable[[Media], BinaryIO]) -> Callable[[Media], str | None]:
    """In a folder that bears the page's name; the two are passed on together."""
    folder = page.with_name(f"{page.stem}-files")
    count = 0

    def address(medium: Media) -> str | None:
        nonlocal count
        picture = _small(original, medium)
        if picture is None:
            return None
        count += 1
        folder.mkdir(mode=0o700, exist_ok=True)
        name = f"{count:06}.jpg"
        (folder / name).write_bytes(picture)
        return f"{_quoted(folder.name)}/{name}"

    return address


def _small(original: Callable[[Media], BinaryIO], medium: Media) -> bytes | None:
    if medium.file is None:
        return None
    draw = thumbnail if medium.type is MediaType.IMAGE else poster
    try:
        return draw(partial(original, medium), _SIZE)
    except BridgeError:  # the archive has moved, or the file cannot be read: the card says the rest
        return None


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name)
