"""How an account shows itself: what servers answer, and what is sent to them (`update_credentials`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.profile import Shown
from bridge.publishers.wire import as_list, as_map, text_of

#: What servers show for an account without a picture, by the ends of their addresses.
_NOBODY = (
    "/missing.png",  # Mastodon, Glitch, Hometown
    "/images/avi.png", "/images/banner.png",  # Akkoma, Pleroma
    "/avatars/default.jpg", "/avatars/default.png", "/default.jpg",  # Pixelfed
    "/assets/default_header.webp",  # GoToSocial
)  # fmt: skip
_NOBODY_WITHIN = ("/default_avatars/", "/identicon/")  # GoToSocial, Misskey's family


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    content: bytes
    mime_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dress:
    """What is to be shown from now on; None stays as it is. `rows` replaces the whole table."""

    name: str | None = None
    bio: str | None = None
    rows: tuple[tuple[str, str], ...] | None = None
    avatar: PictureFile | None = None
    header: PictureFile | None = None


def form(dress: Dress) -> dict[str, Any]:
    """What Mastodon.py wants to be told; nothing of what stays."""
    said: dict[str, Any] = {"display_name": dress.name, "note": dress.bio}
    said["fields"] = None if dress.rows is None else list(dress.rows)
    for which, picture in (("avatar", dress.avatar), ("header", dress.header)):
        if picture is not None:
            said |= {which: picture.content, f"{which}_mime_type": picture.mime_type}
    return {name: value for name, value in said.items() if value is not None}


def shown_of(document: object) -> Shown | None:
    account = as_map(document)
    if account is None or text_of(account.get("id")) is None:
        return None
    source = as_map(account.get("source")) or {}
    rows = [as_map(row) or {} for row in as_list(source.get("fields", account.get("fields")))]
    pairs = [(text_of(row.get("name")) or "", text_of(row.get("value")) or "") for row in rows]
    return Shown(
        name=text_of(account.get("display_name")) or "",
        bio=text_of(source.get("note")) or "",
        rows=tuple((name, value) for name, value in pairs if name),
        avatar=_is_own(account, "avatar"),
        header=_is_own(account, "header"),
        avatar_url=text_of(account.get("avatar")) or "",
        header_url=text_of(account.get("header")) or "",
    )


def _is_own(account: Mapping[str, object], which: str) -> bool:
    url = text_of(account.get(which)) or ""
    return bool(url) and not url.endswith(_NOBODY) and not any(part in url for part in _NOBODY_WITHIN)
