"""What the owner's page showed: `profile.js` and `profile_media/`, before 2019 `user_details.js`.

No archive tells which post was pinned.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bridge.posts import Author
from bridge.profile import Picture, Profile
from bridge.sources.twitter_archive.container import Container
from bridge.sources.twitter_archive.export import Export, read_small
from bridge.sources.twitter_archive.layout import Role
from bridge.sources.twitter_archive.wire import Description, ProfileDetails, ProfileRecord, UserDetails

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def read_profile(exports: Sequence[Export], owner: Author) -> Profile:
    """Of the newest archive that tells; a picture may come from any of them. Empty when none does."""
    newest_first = sorted(exports, key=lambda export: export.generated_at or _EVER, reverse=True)
    containers = [export.container for export in newest_first]
    for export in newest_first:
        if found := _details(export):
            said = found.description or Description()
            return Profile(
                name=owner.name,
                bio=said.bio,
                website=said.website,
                location=said.location,
                avatar=_picture(found.avatar_media_url, containers),
                header=_picture(found.header_media_url, containers),
            )
    for export in newest_first:
        if user := read_small(export.container, export.of(Role.USER), UserDetails):
            name = user.full_name or owner.name
            return Profile(name=name, bio=user.bio, website=user.url, location=user.location)
    return Profile(name=owner.name)


def _details(export: Export) -> ProfileDetails | None:
    records = read_small(export.container, export.of(Role.PROFILE), list[ProfileRecord]) or []
    return next((record.profile for record in records if record.profile), None)


def _picture(url: str | None, containers: Sequence[Container]) -> Picture | None:
    """Its file is called `<account>-<last segment of the URL>`; that of a banner has no suffix in the URL."""
    if not url:
        return None
    stem = urlsplit(url).path.rstrip("/").rpartition("/")[2].partition(".")[0]
    for container in containers:
        for name in container.names:
            folder, _, file = name.rpartition("/")
            if folder.endswith("profile_media") and stem and stem in file:
                return Picture(url=url, file=name, container=str(container.path))
    return Picture(url=url)
