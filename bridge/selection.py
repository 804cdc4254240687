"""Which posts are carried, and what makes a thread. Pure.

Two questions, in this order. *Does the post stand for itself here?* Retweets, answers to others, Circle and
deleted posts are left out one by one, unless asked for. *Is its thread wanted?* Every other rule keeps or drops
a thread whole: a date range looks at its first post, all others ask whether any of its posts fits. So no rule
ever cuts a thread in the middle, and two neighbouring date ranges never share one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bridge.posts import Audience, Kind

OWN_KINDS = frozenset({Kind.ORIGINAL, Kind.THREAD, Kind.QUOTE})
OPEN_AUDIENCES = frozenset({Audience.PUBLIC, Audience.COMMUNITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    since: datetime | None = None  #: first instant that is carried
    until: datetime | None = None  #: first instant that is not
    ids: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = OWN_KINDS
    audiences: frozenset[Audience] = OPEN_AUDIENCES
    languages: frozenset[str] = frozenset()
    grep: str | None = None
    hashtags: frozenset[str] = frozenset()
    has: frozenset[str] = field(default=frozenset())  #: image, video, link; all of them
    min_likes: int | None = None
    limit: int | None = None  #: posts; a thread that would exceed it is left for the next run


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The few facts about a post that threads are made of; light, since there may be a million."""

    id: str
    created_at: datetime
    kind: Kind
    audience: Audience
    reply_to: str | None = None
    ids: tuple[str, ...] = ()  #: all ids of an edited post
    gone: bool = False  #: deleted by its author, or missing from the newest archive


@dataclass(frozen=True, slots=True)
class Skipped:
    reason: (
        str  #: stable: retweet, reply, circle, deleted, gone, kind, date, id, language, grep, hashtag, ...
    )
