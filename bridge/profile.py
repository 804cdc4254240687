"""What an account shows of itself, there and here, and what of it would change. Pure.

Mastodon knows no place and no web site: both become rows of the table below the biography.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
    """As the account at the destination shows itself. `avatar`, `header`: it has a picture of its own, which
    lies at that address."""

    name: str = ""
    bio: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    avatar: bool = False
    header: bool = False
    avatar_url: str = ""
    header_url: str = ""


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


class Left(StrEnum):
    """Why a change at the source is not carried."""

    BY_HAND = "it was changed by hand at the account"
    NO_ROOM = "the table of the account has no room for it"
    SHORT_LINK = "it has a short link of the old network, which may end one day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """By part: what the source said last; what the account read at the first sight, or since we set it; and
    which pictures of the source are perhaps there already, as the answer was lost."""

    seen: Mapping[Part, str] = field(default_factory=dict)
    here: Mapping[Part, str] = field(default_factory=dict)
    sent: Mapping[Part, str] = field(default_factory=dict)

    def passed(self, profile: Profile, parts: Collection[Part]) -> Kept:
        """What the source says of these is dealt with, whatever the account shows."""
        told = {part: said for part, said in _told(profile).items() if part in parts}
        sent = {part: said for part, said in self.sent.items() if part not in parts}
        return Kept(seen={**self.seen, **told}, here=self.here, sent=sent)

    def carried(self, profile: Profile, parts: Collection[Part], shown: Shown) -> Kept:
        """The account shows these as the source does, and from now on they are ours."""
        passed = self.passed(profile, parts)
        here = {**self.here, **{part: _reads(shown, part) for part in parts}}
        return Kept(seen=passed.seen, here=here, sent=passed.sent)

    def sending(self, chosen: Collection[Change], profile: Profile) -> Kept:
        """A request with these is about to be made."""
        told = _told(profile)
        pictures = {change.part: told[change.part] for change in chosen if change.picture is not None}
        return Kept(seen=self.seen, here=self.here, sent={**self.sent, **pictures})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`kept`: with what is dealt with already; `carry` is not, before it is done."""

    kept: Kept
    carry: tuple[Change, ...] = ()
    left: Mapping[Part, Left] = field(default_factory=dict)


def first_sight(profile: Profile, shown: Shown) -> Kept:
    return Kept(seen=_told(profile), here={part: _reads(shown, part) for part in Part})


def follow(kept: Kept, profile: Profile, shown: Shown, *, locale: str | None = None) -> Step:
    """What has changed at the source since it was last looked at, and may be carried. What a person has
    changed at the account is theirs, unless it reads as the source does; what the source says nothing of any
    more stays."""
    told = _told(profile)
    found = {change.part: change for change in changes(profile, shown, locale=locale)}
    there = {part for part, said in told.items() if part not in found or _arrived(kept, shown, part, said)}
    changed = {part for part, said in told.items() if said != kept.seen.get(part)}
    new = {part: found[part] for part in told if part in changed and part not in there}
    left = {part: why for part, change in new.items() if (why := _left(kept, shown, change))}
    carry = [change for part, change in new.items() if part not in left]
    left |= {change.part: Left.NO_ROOM for change in without_room(shown, carry)}
    return Step(
        kept=kept.carried(profile, there, shown).passed(profile, left),
        carry=tuple(change for change in carry if change.part not in left),
        left=left,
    )


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


def _told(profile: Profile) -> dict[Part, str]:
    """In the words of the source; nothing of what it does not tell, or has emptied."""
    pictures = {Part.AVATAR: profile.avatar, Part.HEADER: profile.header}
    texts = {
        Part.NAME: profile.name,
        Part.BIO: profile.bio,
        Part.WEBSITE: profile.website,
        Part.LOCATION: profile.location,
    }
    told = {part: (said or "").strip() for part, said in texts.items()}
    told |= {part: each.url or each.file or "" for part, each in pictures.items() if each is not None}
    return {part: said for part, said in told.items() if said}


def _reads(shown: Shown, part: Part) -> str:
    if part in (Part.WEBSITE, Part.LOCATION):
        return next((value.strip() for name, value in shown.rows if name.casefold() in _labels(part)), "")
    said = {
        Part.NAME: shown.name,
        Part.BIO: shown.bio,
        Part.AVATAR: shown.avatar_url if shown.avatar else "",
        Part.HEADER: shown.header_url if shown.header else "",
    }
    return said[part].strip()


def _arrived(kept: Kept, shown: Shown, part: Part, said: str) -> bool:
    """Servers give a picture an address of their own: another one than before is the one that was sent."""
    return kept.sent.get(part) == said and _reads(shown, part) != kept.here.get(part, "")


def _left(kept: Kept, shown: Shown, change: Change) -> Left | None:
    if _reads(shown, change.part) != kept.here.get(change.part, ""):
        return Left.BY_HAND
    return Left.SHORT_LINK if change.picture is None and SHORT_LINK.search(change.after) else None
