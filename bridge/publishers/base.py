"""The Publisher port: one account at one server.

Every method raises the `PublishError` that says what happens next (bridge.errors): `Deferred` when the
server did not do it and may be asked again, `Refused` when it never will, `Unauthorized` when the token is
no good, `Unknown` when nobody can tell. Reads raise `NetworkError` when they cannot be made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from bridge.statuses import Limits, StatusDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A status as the server has it."""

    remote_id: str
    url: str | None
    created_at: datetime
    visibility: str | None = None
    in_reply_to_id: str | None = None
    quote_id: str | None = None
    media_ids: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()  #: of its media, "" for none
    text: str | None = None  #: plain, when the server tells; else made from its HTML
    spoiler_text: str = ""
    sensitive: bool | None = None
    language: str | None = None
    reblog: bool = False
    reblog_of: str | None = None  #: id, at the same server, of the status that it passes on
    author_id: str | None = None  #: of its account, where the server tells
    #: Of what `find` gives: it may be the draft, rewritten; the server does not tell what was written.
    doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A file to be uploaded. `name` carries the suffix; `recipe`: what was done to it, None for nothing."""

    name: str
    mime_type: str
    size: int
    sha256: str
    recipe: str | None = None


class MediaStream(Protocol):
    def __call__(self) -> BinaryIO: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    remote_id: str
    ready: bool  #: False while the server still works on it: ask `uploaded` again


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """What only the moment of sending knows: ids at the destination, and the text with own links in place."""

    text: str
    reply_to: str | None = None
    quote: str | None = None
    media: tuple[str, ...] = ()
    boost: str | None = None  #: the status that is passed on, instead of a text
    poll: int | None = None  #: seconds for which its poll is open; 0: it is over. None: as drafted


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What the last answer said of a rate-limit window; None where the server does not say."""

    limit: int
    remaining: int
    reset: datetime  #: corrected by the server's `Date`
    seconds_left: float  #: reset minus the server's `Date`: tells apart windows of equal limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a token belongs to, and what it may do."""

    id: str
    account: str  #: "@me@example.social"
    display_name: str
    url: str | None = None
    moved_to: str | None = None
    suspended: bool = False
    scopes: tuple[str, ...] | None = None  #: None: the server does not tell
    bot: bool | None = None
    statuses: int | None = None
    followers: int | None = None


class Publisher(Protocol):
    @property
    def account(self) -> str:
        """ "@me@example.social"."""
        ...

    @property
    def quota(self) -> Quota | None: ...

    @property
    def calls(self) -> int:
        """How many requests have left so far: some methods make several."""
        ...

    def limits(self) -> Limits: ...

    def identity(self) -> Identity: ...

    def upload(self, file: MediaFile, content: MediaStream, *, description: str | None) -> Upload:
        """Never `Unknown`: it may be sent again. MediaError: the server does not take this file."""
        ...

    def uploaded(self, remote_id: str) -> Upload | None:
        """State of an unattached upload; None when the server no longer has it (or it is attached).

        MediaError: the server could make nothing of the file.
        """
        ...

    def publish(self, draft: StatusDraft, addressed: Addressed, *, key: str) -> Receipt: ...

    def resolve(self, url: str) -> str | None:
        """The id, at this server, of the status at that address of any server; it may be fetched for that.

        None: it cannot be found, or the token may not search.
        """
        ...

    def boost(self, remote_id: str, draft: StatusDraft) -> Receipt:
        """Pass it on, as widely as the draft says. Of a status that is passed on already, Mastodon gives the
        boost that there is."""
        ...

    def unboost(self, remote_id: str) -> None:
        """Pass it on no longer, nor mind if nobody did."""
        ...

    def find(self, draft: StatusDraft, addressed: Addressed, *, since: datetime) -> Sequence[Receipt]:
        """Own statuses since then that are this draft, surest first; those in the ledger included.

        With `addressed.boost`, those that pass that one on.

        Last come the doubtful ones: nobody can tell whether they are.
        """
        ...

    def own(self, *, max_id: str | None = None) -> Sequence[Receipt]:
        """One page of the account's own statuses, newest first; an empty one ends the walk."""
        ...

    def get(self, remote_id: str) -> Receipt | None: ...

    def exact(self, receipt: Receipt) -> Receipt:
        """The same with the text as its author wrote it, where the server tells that."""
        ...

    def revise(self, remote_id: str, draft: StatusDraft, addressed: Addressed) -> Receipt:
        """Replace all that an edit can, descriptions of media included; no change is no edit."""
        ...

    def withdraw(self, remote_id: str) -> None:
        """Delete it; to delete what is gone already is no error, so that it may be sent again at will."""
        ...
