"""Which posts are carried, and what makes a thread. Pure.

Two questions, in this order. *Does the post stand for itself here?* Awaited, answers to others, Circle and
deleted posts are left out one by one, unless asked for. *Is its thread wanted?* Every other rule keeps or
drops a thread whole: a date range looks at its first post, all others ask whether any of its posts fits. So
no rule ever cuts a thread in the middle, and two neighbouring date ranges never share one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import msgspec

from bridge.errors import ConfigError
from bridge.posts import Audience, Kind, MediaType, Post, SpanKind, Thread, id_key, ids_of

OWN_KINDS = frozenset({Kind.ORIGINAL, Kind.THREAD, Kind.QUOTE})
OPEN_AUDIENCES = frozenset({Audience.PUBLIC, Audience.COMMUNITY})

#: Why a post may be left out, and the command line option that would change it.
OPTIONS: dict[str, str] = {
    "retweet": "--kind original,thread,quote,retweet",
    "reply": "--kind original,thread,quote,reply",
    "circle": "--include circle",
    "deleted": "--include deleted",
    "gone": "--include gone",
    "kind": "--kind",
    "date": "--since/--until",
    "id": "--id",
    "language": "--lang",
    "grep": "--grep",
    "hashtag": "--hashtag",
    "has": "--has",
    "likes": "--min-likes",
    "limit": "--limit",
}


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
    gone: bool = False  #: carry also what the newest archive no longer has


class Header(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    reason: str  #: stable: a key of `OPTIONS`


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The ids of a thread's kept posts, oldest first; `parents` as in `Thread`."""

    ids: tuple[str, ...]
    parents: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """Threads in the order of publication, and the posts that were left out one by one."""

    chains: tuple[Chain, ...]
    skipped: tuple[tuple[str, Skipped], ...]


def chains(headers: Iterable[Header], rules: Rules) -> Chains:
    """Joins posts that answer one another; children of a dropped post go to its nearest kept ancestor.

    An answer to somebody else begins anew, and nothing hangs on a retweet. A parent is always older than its
    child, so that no loop in damaged data can hold this up.
    """
    ordered = sorted(headers, key=_age)
    index = {header.id: at for at, header in enumerate(ordered)}
    index.update((post_id, at) for at, header in enumerate(ordered) for post_id in header.ids)
    anchors: list[int] = []  # of each post: the nearest kept one at or above it, -1 for none
    roots: list[int] = []  # of each kept post: the first of its thread
    answers: dict[
        int, list[tuple[int, int]]
    ] = {}  # of each root: the rest of its thread, and whom it answers
    skipped: list[tuple[str, Skipped]] = []
    for at, header in enumerate(ordered):
        parent = at if header.reply_to is None else index.get(header.reply_to, at)
        above = anchors[parent] if parent < at else -1
        if reason := _left_out(header, rules):
            skipped.append((header.id, reason))
            anchors.append(above)
            roots.append(-1)
            continue
        anchors.append(-1 if header.kind is Kind.RETWEET else at)
        if above < 0 or header.kind in _BEGINNERS:
            roots.append(at)
        else:
            roots.append(roots[above])
            answers.setdefault(roots[above], []).append((at, above))
    firsts = sorted(
        (at for at, root in enumerate(roots) if at == root), key=lambda at: ordered[at].created_at
    )
    found = tuple(_chain(ordered, at, answers.get(at, ())) for at in firsts)
    return Chains(chains=found, skipped=tuple(skipped))


def _chain(ordered: Sequence[Header], root: int, answers: Sequence[tuple[int, int]]) -> Chain:
    if not answers:
        return Chain(ids=(ordered[root].id,), parents=_ALONE)
    members = (root, *(at for at, _ in answers))
    places = {at: place for place, at in enumerate(members)}
    return Chain(
        ids=tuple(ordered[at].id for at in members),
        parents=(None, *(places[above] for _, above in answers)),
    )


_ALONE: tuple[int | None, ...] = (None,)
_BEGINNERS = frozenset({Kind.REPLY, Kind.RETWEET})

_RETWEET, _REPLY, _CIRCLE, _DELETED, _GONE = map(Skipped, ("retweet", "reply", "circle", "deleted", "gone"))


def _age(header: Header) -> tuple[int, float, str]:
    # Numbered ids tell the order better than times do: some archives only know the day (G2, before 2010-11).
    if header.id.isdecimal():
        return int(header.id), 0.0, ""
    number, text = id_key(header.id)
    return number, header.created_at.timestamp(), text


def _left_out(header: Header, rules: Rules) -> Skipped | None:
    """Why a post is left out by itself: it is not the author's own word, or not for everybody."""
    if header.audience not in rules.audiences:
        return _DELETED if header.audience is Audience.DELETED else _CIRCLE
    if header.gone and not rules.gone and header.audience is not Audience.DELETED:
        return _GONE
    if header.kind in _BEGINNERS and header.kind not in rules.kinds:
        return _RETWEET if header.kind is Kind.RETWEET else _REPLY
    return None


def select(thread: Thread, rules: Rules) -> Skipped | None:
    """Why a whole thread is not wanted, or None when it is."""
    for reason, wanted in _CHECKS:
        if not wanted(thread, rules):
            return Skipped(reason)
    return None


class Limiter:
    """Counts posts up to `rules.limit`, thread by thread, in the order of publication.

    The first thread that no longer fits ends the run, so that the next one goes on there. Only a thread
    longer than the whole limit is passed over: it would never fit.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._left = limit or 0
        self._open = True

    def admits(self, posts: int) -> bool:
        """Whether a thread of so many posts still fits; if so, it is counted."""
        if self._limit is None:
            return True
        if posts > self._limit:
            return False
        self._open = self._open and posts <= self._left
        if self._open:
            self._left -= posts
        return self._open


def _kinds(thread: Thread, rules: Rules) -> bool:
    return any(post.kind in rules.kinds for post in thread.posts)


def _dates(thread: Thread, rules: Rules) -> bool:
    at = thread.root.created_at
    return (rules.since is None or at >= rules.since) and (rules.until is None or at < rules.until)


def _ids(thread: Thread, rules: Rules) -> bool:
    return not rules.ids or any(post_id in rules.ids for post in thread.posts for post_id in ids_of(post))


def _languages(thread: Thread, rules: Rules) -> bool:
    if not rules.languages:
        return True
    wanted = {language.lower() for language in rules.languages}
    spoken = {(post.language or "und").lower() for post in thread.posts}
    return bool(wanted & (spoken | {language.partition("-")[0] for language in spoken}))


def _grep(thread: Thread, rules: Rules) -> bool:
    if rules.grep is None:
        return True
    pattern = _pattern(rules.grep)
    return any(pattern.search(text) for post in thread.posts for text in _searchable(post))


def _searchable(post: Post) -> Iterator[str]:
    yield post.text
    yield from (span.target for span in post.spans if span.kind is SpanKind.LINK)


@lru_cache(maxsize=64)
def _pattern(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression)
    except re.error as error:
        raise ConfigError(
            f"The pattern {expression!r} is not a regular expression: {error}.", hint="Correct --grep."
        ) from error


def _hashtags(thread: Thread, rules: Rules) -> bool:
    if not rules.hashtags:
        return True
    wanted = {tag.lstrip("#＃").casefold() for tag in rules.hashtags}
    tags = (s.target for post in thread.posts for s in post.spans if s.kind is SpanKind.HASHTAG)
    return any(tag.lstrip("#＃").casefold() in wanted for tag in tags)


def _has(thread: Thread, rules: Rules) -> bool:
    return not rules.has or rules.has <= {thing for post in thread.posts for thing in _things(post)}


def _things(post: Post) -> Iterator[str]:
    yield from ("image" if medium.type is MediaType.IMAGE else "video" for medium in post.media)
    if any(span.kind is SpanKind.LINK for span in post.spans):
        yield "link"


def _likes(thread: Thread, rules: Rules) -> bool:
    least = rules.min_likes
    return least is None or any((post.likes or 0) >= least for post in thread.posts)


_CHECKS: tuple[tuple[str, Callable[[Thread, Rules], bool]], ...] = (
    ("id", _ids),
    ("kind", _kinds),
    ("date", _dates),
    ("language", _languages),
    ("grep", _grep),
    ("hashtag", _hashtags),
    ("has", _has),
    ("likes", _likes),
)
