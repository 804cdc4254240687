"""What an account shows of itself, there and here, and what of it would change. Pure.

Mastodon knows no place and no web site: both become rows of the table below the biography.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

#: Mastodon's limits (app/models/account.rb, app/models/concerns/account/…); others take as much or more.
NAME_LENGTH, BIO_LENGTH, ROW_LENGTH, ROWS = 30, 500, 255, 4

_LABELS = {
    "de": ("Webseite", "Ort"), "en": ("Website", "Location"), "es": ("Sitio web", "Lugar"),
    "fr": ("Site web", "Lieu"), "it": ("Sito web", "Luogo"), "nl": ("Website", "Plaats"),
    "pt": ("Site", "Lugar"),
}  # fmt: skip
_HANDLE = re.compile(r"(?<![\w@/])@(?=[A-Za-z0-9_]{1,15}\b)")
_ESCAPED = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
SHORT_LINK = re.compile(r"https?://t\.co/\w+")


class Part(StrEnum):
    NAME = "name"
    BIO = "bio"
    WEBSITE = "website"
    LOCATION = "location"
    AVATAR = "avatar"
    HEADER = "header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`file` None: no archive has it. `url`: where the old network keeps it."""

    url: str | None = None
    file: str | None = None
    container: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """As an archive has it; None or "" where it says nothing."""

    name: str | None = None
    bio: str | None = None
    website: str | None = None
    location: str | None = None
    avatar: Picture | None = None
    header: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """As the account at the destination shows itself. `avatar`, `header`: it has a picture of its own."""

    name: str = ""
    bio: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    avatar: bool = False
    header: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`before` None: nothing is lost. `label`: of a row of the table. `note`: what a person should know."""

    part: Part
    after: str
    before: str | None = None
    label: str | None = None
    picture: Picture | None = None
    note: str | None = None

    @property
    def overwrites(self) -> bool:
        return self.before is not None


def changes(profile: Profile, shown: Shown, *, locale: str | None = None) -> tuple[Change, ...]:
    """What applying the profile would change, in the order in which it is shown."""
    website, location = _LABELS.get((locale or "en").partition("-")[0].partition("_")[0], _LABELS["en"])
    found = (
        _text(Part.NAME, profile.name, shown.name, NAME_LENGTH),
        _text(Part.BIO, profile.bio, shown.bio, BIO_LENGTH),
        _row(Part.WEBSITE, profile.website, website, shown.rows),
        _row(Part.LOCATION, profile.location, location, shown.rows),
        _picture(Part.AVATAR, profile.avatar, there=shown.avatar),
        _picture(Part.HEADER, profile.header, there=shown.header),
    )
    return tuple(change for change in found if change is not None)


def rows_with(shown: Shown, chosen: Collection[Change]) -> tuple[tuple[str, str], ...]:
    """All rows of the table after these changes; what is new stands below what is there."""
    rows = dict(shown.rows)
    for change in chosen:
        if change.label is not None:
            rows[change.label] = change.after
    return tuple(rows.items())


def without_room(shown: Shown, chosen: Sequence[Change]) -> Iterator[Change]:
    """Rows for which the table is too full: servers take four."""
    new = [change for change in chosen if change.label is not None and change.label not in dict(shown.rows)]
    yield from new[max(ROWS - len(shown.rows), 0) :]


def _text(part: Part, said: str | None, there: str, length: int) -> Change | None:
    text = _plain(said)
    kept = text if len(text) <= length else text[: length - 1].rstrip() + "…"
    if not kept or kept == there.strip():
        return None
    cut = f"cut to {length} characters" if kept != text else None
    return Change(part=part, after=kept, before=there.strip() or None, note=cut or _short_link(kept))


def _row(part: Part, said: str | None, label: str, rows: Sequence[tuple[str, str]]) -> Change | None:
    text = _plain(said)[:ROW_LENGTH]
    if not text or any(value.strip() == text for _, value in rows):
        return None
    known = next((name for name, _ in rows if name.casefold() in _labels(part)), None)
    before = dict(rows)[known] if known is not None else None
    return Change(part=part, after=text, before=before or None, label=known or label, note=_short_link(text))


def _labels(part: Part) -> set[str]:
    at = 0 if part is Part.WEBSITE else 1
    return {labels[at].casefold() for labels in _LABELS.values()}


def _picture(part: Part, picture: Picture | None, *, there: bool) -> Change | None:
    if picture is None:
        return None
    before = "a picture of its own" if there else None
    note = None if picture.file else "not in the archive; --fetch-missing asks the old network for it"
    return Change(
        part=part, after=picture.file or picture.url or "", before=before, picture=picture, note=note
    )


def _plain(said: str | None) -> str:
    """Escapes undone once; an `@name` of there must not become a link to whoever has that name here."""
    from bridge.rendering.text import JOINER  # only here: every command knows the parts of a profile

    text = re.sub("&(?:lt|gt|amp);", lambda found: _ESCAPED[found[0]], (said or "").strip())
    return _HANDLE.sub("@" + JOINER, text)


def _short_link(text: str) -> str | None:
    return "has a short link of the old network, which may end one day" if SHORT_LINK.search(text) else None
