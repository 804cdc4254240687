"""The Source port: something that yields posts, page by page.

A *page* is a batch of posts and rejects that the ledger records in one transaction together with the
*cursor*, an opaque text from which the next run may go on. A *reject* is a record that could not be read:
a value with its place, never an exception. Only a source that cannot be read at all raises `SourceError`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bridge.posts import Audience, Author, Post, ids_of

SAME_EXPORT = timedelta(days=1)  #: the parts of one large export are made one after the other


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


def account_of(owner: Author) -> str:
    """The identity of an account: by its number, or by its name where nobody knows the number."""
    return f"twitter:{owner.id or 'unknown'}"


def is_same_person(one: Author, other: Author) -> bool:
    """By number; by name where a number is lacking, as in feeds and in the files of some tools."""
    if one.id.isdigit() and other.id.isdigit():
        return one.id == other.id
    return bool(one.handle and other.handle) and (one.handle or "").lower() == (other.handle or "").lower()


def was_deleted_by(post: Post, made: datetime) -> bool:
    """Whether a post that the whole copy of that time lacks must have been deleted by then.

    Only what everybody could read, was written and copied before, and stands under its own id: updaters
    stored retweets under that of the original. A post from a copy without a date is never judged.
    """
    before = made - SAME_EXPORT
    return (
        post.audience is Audience.PUBLIC
        and post.created_at < before
        and all(stamp.generated_at and stamp.generated_at < before for stamp in post.provenance)
        and not (post.retweet_of and post.retweet_of.id == post.id)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """All ids, ascending, that a whole copy of the account had when it was made."""

    made: datetime
    ids: array[int]

    def has(self, post_id: str) -> bool:
        if not post_id.isdigit() or int(post_id) >= 1 << 64:
            return False
        at = bisect_left(self.ids, int(post_id))
        return at < len(self.ids) and self.ids[at] == int(post_id)

    def lacks(self, post: Post) -> bool:
        return was_deleted_by(post, self.made) and not any(map(self.has, ids_of(post)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Between these instants posts may be lacking that the source has. `since` None: from its beginning."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    posts: tuple[Post, ...] = ()
    rejects: tuple[Reject, ...] = ()
    notices: tuple[Notice, ...] = ()
    tombstones: tuple[str, ...] = ()  #: ids that their author deleted: never to be carried
    newest: datetime | None = None  #: when the newest whole copy of the account was made that has been read
    whole: Extent | None = None  #: a whole copy that ends here, and is newer than what was recorded before
    cursor: str | None = None
    stream: str | None = None  #: whose cursor it is: that of a feed or an API; None: of files
    gap: Gap | None = None  #: of a stream that is not read in order: what is to be read yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a source says of itself before anything is read."""

    name: str  #: of the file or feed, for messages
    owner: Author
    era: str
    parts: int = 1  #: archives, or feeds, that make it up
    notices: tuple[Notice, ...] = field(default=())


class Source(Protocol):
    """`owner.id` is a number, or `@name` where nothing tells the number. `stream` names what has a cursor of
    its own within the account; None: files."""

    @property
    def stream(self) -> str | None: ...

    @property
    def owner(self) -> Author: ...

    @property
    def account(self) -> str:
        """Stable identity of the account, "twitter:12345"."""
        ...

    def summary(self) -> Summary: ...

    def pages(self, cursor: str | None = None) -> Iterator[Page]: ...

    def merge(self, known: Post, new: Post) -> Post:
        """The truest union of two versions of one post; commutative, associative, idempotent."""
        ...
