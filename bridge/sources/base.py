"""The Source port: something that yields posts, page by page.

A *page* is a batch of posts and rejects that the ledger records in one transaction together with the
*cursor*, an opaque text from which the next run may go on. A *reject* is a record that could not be read:
a value with its place, never an exception. Only a source that cannot be read at all raises `SourceError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from bridge.posts import Author, Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    place: str  #: file and position, "data/tweets.js, item 12"
    reason: str
    excerpt: str = ""
    record: str | None = None  #: id of the post, when it could be told


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a person should hear about the source as a whole, with a stable code."""

    code: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    posts: tuple[Post, ...] = ()
    rejects: tuple[Reject, ...] = ()
    notices: tuple[Notice, ...] = ()
    tombstones: tuple[str, ...] = ()  #: ids that their author deleted: never to be carried
    gone: tuple[str, ...] = ()  #: ids of older archives that the newest lacks: deleted since, it seems
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a source says of itself before anything is read."""

    name: str  #: of the file or feed, for messages
    owner: Author
    era: str
    parts: int = 1  #: archives, or feeds, that make it up
    notices: tuple[Notice, ...] = field(default=())


class Source(Protocol):
    @property
    def account(self) -> str:
        """Stable identity of the account, "twitter:12345"."""
        ...

    def summary(self) -> Summary: ...

    def pages(self, cursor: str | None = None) -> Iterator[Page]: ...

    def merge(self, known: Post, new: Post) -> Post:
        """The truest union of two versions of one post; commutative, associative, idempotent."""
        ...
