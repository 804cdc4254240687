"""What a person may choose about how posts read, and what a rendering may know of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal

from bridge.fitting import Fate, Wanted
from bridge.posts import Media, Post
from bridge.statuses import Boost, Limits, StatusRef, Visibility

DateStamp = Literal["auto", "none", "prefix", "suffix"]
Numbering = Literal["auto", "none"]
TooLong = Literal["thread", "note", "skip"]
Mentions = Literal["handle", "link", "plain"]
AltMissing = Literal["warn", "hold"]
AltTooLong = Literal["cut", "reply"]
DeadLinks = Literal["keep", "archive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    visibility: Visibility = Visibility.UNLISTED
    date_stamp: DateStamp = "auto"  #: auto: a suffix, unless the server backdates or the post is new
    locale: str | None = None  #: of the date stamp, usually the account's language; None: that of the post
    timezone: tzinfo | None = None  #: of the date stamp; None: UTC
    numbering: Numbering = "auto"
    too_long: TooLong = "thread"
    mentions: Mentions = "handle"  #: what becomes of somebody who is not in the handle map
    notify: bool = False  #: people in the handle map are mentioned in live posts, so that they are notified
    content_warnings: tuple[tuple[str, str], ...] = ()  #: (keyword, warning text)
    alt_missing: AltMissing = "warn"  #: hold: a picture without a description waits for a person
    dead_links: DeadLinks = "keep"  #: archive: an archived copy instead, where one is known
    alt_too_long: AltTooLong = "cut"  #: where the rest of a description goes: nowhere, or into a reply


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMap:
    """What is known of links, by the address in the post: where a short one leads, which are dead, and an
    archived copy of those that have one."""

    final: Mapping[str, str] = field(default_factory=dict)
    dead: frozenset[str] = frozenset()
    copies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What a person wants one post to say. None: as the source and the settings have it.

    `text` is whole: without the date, and not split yet. `base` is what the source said when `text` was
    written; `version` grows with every change, from 1.
    """

    text: str | None = None
    spoiler: str | None = None  #: "": no warning, whatever the source and the settings say
    visibility: Visibility | None = None
    language: str | None = None
    base: str | None = None
    version: int = 0

    @property
    def is_empty(self) -> bool:
        return all(each is None for each in (self.text, self.spoiler, self.visibility, self.language))


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`own` tells as which status one of the author's posts is carried, if it is."""

    limits: Limits
    options: RenderOptions = field(default_factory=RenderOptions)
    #: user id, or "@name" in lower case -> @user@host
    handles: Mapping[str, str] = field(default_factory=dict)
    links: LinkMap = field(default_factory=LinkMap)
    own: Callable[[str], StatusRef | None] = lambda _: None
    wanted: Wanted = field(default_factory=Wanted)
    fate: Callable[[int, Media], Fate | None] = lambda *_: None  #: of a medium that does not go up as it is
    now: datetime | None = None  #: of live posts: for how long their polls are still open; None: in full
    live: bool = False  #: posts as they are written, not a back catalogue: only these may notify
    overlay: Callable[[str], Overlay | None] = lambda _: None  #: of the post with this id
    boost: Callable[[Post], Boost | None] = lambda _: None  #: of what a retweet passes on, if that is carried
    #: somebody else's post that it quotes, if that stands where it can be quoted
    quotable: Callable[[Post], Boost | None] = lambda _: None
