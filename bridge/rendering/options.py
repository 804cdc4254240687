"""What a person may choose about how posts read, and what a rendering may know of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal

from bridge.fitting import Fate, Wanted
from bridge.posts import Media
from bridge.statuses import Limits, StatusRef, Visibility

DateStamp = Literal["auto", "none", "prefix", "suffix"]
Numbering = Literal["auto", "none"]
TooLong = Literal["thread", "note", "skip"]
Mentions = Literal["handle", "link", "plain"]
AltMissing = Literal["warn", "hold"]
AltTooLong = Literal["cut", "reply"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    visibility: Visibility = Visibility.UNLISTED
    date_stamp: DateStamp = "auto"  #: auto: a suffix, unless the server backdates or the post is new
    locale: str | None = None  #: of the date stamp, usually the account's language; None: that of the post
    timezone: tzinfo | None = None  #: of the date stamp; None: UTC
    numbering: Numbering = "auto"
    too_long: TooLong = "thread"
    mentions: Mentions = "handle"  #: what becomes of somebody who is not in the handle map
    content_warnings: tuple[tuple[str, str], ...] = ()  #: (keyword, warning text)
    alt_missing: AltMissing = "warn"  #: hold: a picture without a description waits for a person
    notify: bool = True  #: live posts mention people who are in the handle map; a back catalogue never does
    alt_too_long: AltTooLong = "cut"  #: where the rest of a description goes: nowhere, or into a reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`own` tells as which status one of the author's posts is carried, if it is."""

    limits: Limits
    options: RenderOptions = field(default_factory=RenderOptions)
    handles: Mapping[str, str] = field(
        default_factory=dict
    )  #: user id, or "@name" in lower case -> @user@host
    own: Callable[[str], StatusRef | None] = lambda _: None
    wanted: Wanted = field(default_factory=Wanted)
    fate: Callable[[int, Media], Fate | None] = lambda *_: None  #: of a medium that does not go up as it is
    live: bool = False  #: posts as they are written, not a back catalogue: mapped people are mentioned
