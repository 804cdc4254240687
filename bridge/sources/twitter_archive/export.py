"""One archive, opened: whose it is, of which era, when it was made, what it says it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from bridge.posts import Author
from bridge.sources.base import Notice
from bridge.sources.twitter_archive.container import Container
from bridge.sources.twitter_archive.layout import MANIFEST_TYPES, Layout, Role
from bridge.sources.twitter_archive.script import Script, Unreadable, read_object
from bridge.sources.twitter_archive.times import parse_time
from bridge.sources.twitter_archive.wire import (
    IDS,
    RECORDS,
    Manifest,
    MonthEntry,
    PayloadDetails,
)

T = TypeVar("T")

_NAME_DATE = re.compile(r"twitter-(\d{4}-\d{2}-\d{2})-")
_PEEK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """`owner.id` is "" while nothing in the archive tells it. `counts`: items each member should have."""

    container: Container
    layout: Layout
    name: str
    era: str
    owner: Author
    generated_at: datetime | None = None
    partial: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()  #: members that the manifest names, with posts, and that are not there
    notices: tuple[Notice, ...] = ()

    def of(self, role: Role) -> tuple[str, ...]:
        return self.layout.of(role)

    def place(self, member: str) -> str:
        return f"{self.name}: {member}"


def read_small(container: Container, names: tuple[str, ...], shape: type[T]) -> T | None:
    """The value of the first of these files, or None."""
    if not names:
        return None
    with container.open(names[0]) as stream:
        return read_object(stream, shape)


def name_of(container: Container, layout: Layout) -> str:
    base = container.path.name or str(container.path)
    return f"{base}/{layout.root}".rstrip("/") if layout.root else base


def era_of(container: Container, layout: Layout, manifest: Manifest | None) -> str:
    """By what is there, never by a date."""
    if layout.family == "Y":
        tweets = layout.of(Role.TWEETS)
        if any(name.rpartition("/")[2].startswith("tweets") for name in tweets):
            return "Y2"
        flat = manifest is None and not f"/{layout.base}".endswith("/data/")
        return "Y0" if flat and tweets else "Y1" if tweets else "Y2"
    months = layout.of(Role.MONTH)
    looks = [_look(container, name) for name in dict.fromkeys((*months[:1], *months[-1:]))]
    if "GU" in looks:
        return "GU"
    tables = layout.of(Role.TABLE)
    if "G1" in looks or (not looks and any("csv/" in name for name in tables)):
        return "G1"
    return "G2"


def _look(container: Container, member: str) -> str:
    with container.open(member) as stream:
        for item in Script(stream, RECORDS):
            if isinstance(item, Unreadable):
                continue
            if item.full_text is not None or item.truncated is not None or item.lang is not None:
                return "GU"
            return "G2" if (item.created_at or "")[4:5] == "-" else "G1"
    return "G2"


def made_at(container: Container, layout: Layout, manifest: Manifest | None) -> datetime | None:
    stated = manifest.archive_info.generation_date if manifest and manifest.archive_info else None
    if stated is None and layout.family == "G":
        payload = read_small(container, layout.of(Role.PAYLOAD), PayloadDetails)
        stated = payload.created_at if payload else None
    if stated is None and layout.family == "Y":
        named = _NAME_DATE.search(container.path.name)
        stated = named[1] if named else None
    return parse_time(stated) if stated else None


def expected(
    container: Container, layout: Layout, manifest: Manifest | None
) -> tuple[Layout, dict[str, int], tuple[str, ...]]:
    """The layout with what the manifest adds, how many items each member should have, and what is absent."""
    if layout.family == "G":
        return layout, _month_counts(container, layout), ()
    counts: dict[str, int] = {}
    absent: list[str] = []
    files = dict(layout.files)
    for key, kind in (manifest.data_types if manifest else {}).items():
        role = MANIFEST_TYPES.get(key)
        for entry in kind.files if role else ():
            member = layout.root + (entry.file_name or "")
            beside = layout.base + member.rpartition("/")[2]
            member = beside if member not in container.names and beside in container.names else member
            counts[member] = entry.count or 0
            if member not in container.names:
                absent += [member] * (bool(entry.count) and not container.single)
            elif role and member not in files.get(role, ()):
                files[role] = (*files.get(role, ()), member)
    return Layout(base=layout.base, family="Y", files=files), counts, tuple(absent)


def _month_counts(container: Container, layout: Layout) -> dict[str, int]:
    entries = read_small(container, layout.of(Role.INDEX), list[MonthEntry]) or []
    return {layout.root + entry.file_name: entry.tweet_count or 0 for entry in entries if entry.file_name}


def has_items(container: Container, layout: Layout) -> bool:
    """Whether any file of posts holds at least one record, readable or not."""
    for role in (Role.TWEETS, Role.MONTH, Role.COMMUNITY, Role.CIRCLE, Role.DELETED):
        for member in layout.of(role):
            with container.open(member) as stream:
                for _ in Script(stream, IDS):
                    return True
    return any(container.names[member] > _PEEK for member in layout.of(Role.TABLE))
