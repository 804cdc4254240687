"""Show an account as its archive has it: only what was chosen, in one request."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from bridge.errors import MediaError
from bridge.media.probe import probe
from bridge.media.remote import profile_picture
from bridge.profile import Change, Part, Picture, Shown, rows_with
from bridge.publishers.base import Receipt
from bridge.publishers.presence import Dress, PictureFile

Load = Callable[[Picture], bytes]


class Dressed(Protocol):
    """How the account shows itself at its server."""

    def dress(self, dress: Dress) -> Shown: ...


class Host(Protocol):
    """What is pinned there."""

    def pinned(self) -> tuple[Receipt, ...]: ...

    def pin(self, remote_id: str) -> None: ...


def show(
    host: Dressed, shown: Shown, chosen: Collection[Change], pictures: Mapping[Part, PictureFile]
) -> Shown:
    """`shown`: before. Rows of the table that nobody has chosen stay."""
    texts = {change.part: change.after for change in chosen}
    return host.dress(
        Dress(
            name=texts.get(Part.NAME),
            bio=texts.get(Part.BIO),
            rows=rows_with(shown, chosen) if any(change.label for change in chosen) else None,
            avatar=pictures.get(Part.AVATAR),
            header=pictures.get(Part.HEADER),
        )
    )


def pin(host: Host, remote_id: str) -> bool:
    """False: it is pinned already."""
    if any(receipt.remote_id == remote_id for receipt in host.pinned()):
        return False
    host.pin(remote_id)
    return True


def picture_file(change: Change, load: Load) -> PictureFile:
    """Raises MediaError when it is no picture, and what `load` raises."""
    assert change.picture is not None
    content = load(change.picture)
    name = change.picture.file or change.after
    facts = probe(io.BytesIO(content), name=name, size=len(content))
    if not facts.mime_type.startswith("image/"):
        raise MediaError(f"{name} is no picture.")
    return PictureFile(content=content, mime_type=facts.mime_type)


def remote_address(picture: Picture) -> str | None:
    """Where the old network has it, if it is to be asked."""
    return profile_picture(picture.url) if picture.url else None
