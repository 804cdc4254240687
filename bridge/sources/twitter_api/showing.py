"""What an account shows of itself, as the user object of X API v2 has it, with its short links undone."""

from __future__ import annotations

from urllib.parse import urlsplit

from bridge.profile import Picture, Profile
from bridge.sources.twitter_api.wire import Url, User, UserEntities

_PICTURES = "pbs.twimg.com"  # elsewhere lie those of who has none
_SMALL = "_normal."


def profile_of(user: User) -> Profile:
    found = user.entities or UserEntities()
    return Profile(
        name=user.name,
        bio=_undone(user.description, found.description.urls if found.description else []),
        website=_undone(user.url, found.url.urls if found.url else []),
        location=user.location,
        avatar=_picture(user.profile_image_url),
        header=_picture(user.profile_banner_url),
    )


def _undone(text: str | None, urls: list[Url]) -> str | None:
    for url in urls:
        if text and url.url and url.expanded_url:
            text = text.replace(url.url, url.expanded_url)
    return text


def _picture(url: str | None) -> Picture | None:
    """In full size: `_normal` has 48 pixels."""
    if not url or urlsplit(url).hostname != _PICTURES:
        return None
    return Picture(url=url.replace(_SMALL, ".") if "/profile_images/" in url else url)
