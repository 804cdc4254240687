"""What a server remembers: rows, and the tables that hold them.

Rows are values; a change replaces one. Every replacement is noted, so that whoever keeps the world on disk
can write what one request changed in one transaction.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from bridge.sandbox.rules.ids import rank
from bridge.sandbox.rules.windows import Counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: str
    username: str
    created_at: datetime
    display_name: str = ""
    note: str = ""
    locked: bool = False
    bot: bool = False
    default_visibility: str = "public"
    default_language: str = "en"
    default_sensitive: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    avatar: str | None = None  #: a blob's name
    header: str | None = None
    moved_to: str | None = None
    suspended: bool = False
    silenced: bool = False
    pinned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    id: str
    name: str
    website: str | None
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An authorisation code, to be exchanged once within ten minutes."""

    code: str
    app_id: str
    account_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    token: str
    app_id: str
    account_id: str | None
    scopes: tuple[str, ...]
    created_at: datetime
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    id: str
    account_id: str
    type: str  #: image, gifv, video, audio
    mime: str
    size: int
    width: int
    height: int
    description: str | None
    created_at: datetime
    expires_at: datetime | None  #: when the server sweeps it away unless it is attached
    focus: tuple[float, float] = (0.0, 0.0)
    polls_left: int = 0  #: answers of 206 still to come
    failed: bool = False
    status_id: str | None = None
    duration: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    options: tuple[str, ...]
    expires_at: datetime
    multiple: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    id: str
    account_id: str
    number: int  #: order of arrival, from 1
    created_at: datetime
    arrived_at: datetime  #: differs from created_at where a server backdates
    text: str
    spoiler_text: str = ""
    sensitive: bool = False
    visibility: str = "public"
    language: str | None = None
    in_reply_to_id: str | None = None
    reblog_of_id: str | None = None
    quote_of_id: str | None = None
    media_ids: tuple[str, ...] = ()
    poll: Poll | None = None
    mentions: tuple[str, ...] = ()
    edited_at: datetime | None = None
    app_id: str | None = None
    key: str | None = None  #: the Idempotency-Key it came with
    origin: str | None = None  #: address of one that was fetched from another server


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    id: str
    account_id: str
    scheduled_at: datetime
    draft: bytes  #: the parameters, encoded by whoever schedules
    media_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody was disturbed: a mention of a local user, or a look-up of a remote one."""

    id: str
    kind: str  #: mention, lookup
    whom: str
    status_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """What a repeated Idempotency-Key leads to: a status, a stored answer, or nothing but a refusal."""

    at: datetime
    status_id: str | None = None
    answer: tuple[int, bytes] | None = None


Row = TypeVar("Row")


class Table(MutableMapping[str, Row], Generic[Row]):
    """Rows by key, in the order they came; changes are noted under the table's name."""

    def __init__(self, name: str, noted: dict[tuple[str, str], object]) -> None:
        self.name = name
        self._rows: dict[str, Row] = {}
        self._noted = noted

    def __getitem__(self, key: str) -> Row:
        return self._rows[key]

    def __setitem__(self, key: str, row: Row) -> None:
        self._rows[key] = row
        self._noted[self.name, key] = row

    def __delitem__(self, key: str) -> None:
        del self._rows[key]
        self._noted[self.name, key] = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


ROWS: dict[str, type] = {
    "accounts": Account,
    "apps": App,
    "grants": Grant,
    "tokens": Token,
    "media": Medium,
    "statuses": Status,
    "scheduled": Scheduled,
    "notices": Notice,
    "keys": KeyUse,
    "counters": Counter,
    "numbers": int,
}


@dataclass(slots=True)
class Indexes:
    """Found by key, rebuilt when a world is read back."""

    timelines: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    replies: dict[str, list[str]] = field(default_factory=dict)
    boosts: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


class World:
    """Everything one server remembers."""

    def __init__(self) -> None:
        self.noted: dict[tuple[str, str], object] = {}
        self.accounts: Table[Account] = Table("accounts", self.noted)
        self.apps: Table[App] = Table("apps", self.noted)
        self.grants: Table[Grant] = Table("grants", self.noted)
        self.tokens: Table[Token] = Table("tokens", self.noted)
        self.media: Table[Medium] = Table("media", self.noted)
        self.statuses: Table[Status] = Table("statuses", self.noted)
        self.scheduled: Table[Scheduled] = Table("scheduled", self.noted)
        self.notices: Table[Notice] = Table("notices", self.noted)
        self.keys: Table[KeyUse] = Table("keys", self.noted)
        self.counters: Table[Counter] = Table("counters", self.noted)
        self.numbers: Table[int] = Table("numbers", self.noted)
        self.indexes = Indexes()
        self.busy: set[str] = set()  #: idempotency keys whose first request still runs

    def next_number(self, of: str) -> int:
        """1, 2, 3 … for each purpose; survives a restart."""
        number = self.numbers.get(of, 0) + 1
        self.numbers[of] = number
        return number

    def take_changes(self) -> dict[tuple[str, str], object]:
        """What has changed since the last time; None marks a row that is gone."""
        changes = dict(self.noted)
        self.noted.clear()
        return changes

    def add_account(self, account: Account) -> None:
        self.accounts[account.id] = account
        self.indexes.names[account.username.lower()] = account.id

    def add_status(self, status: Status) -> None:
        self.statuses[status.id] = status
        self._index(status)

    def drop_status(self, status: Status) -> None:
        del self.statuses[status.id]
        timeline = self.indexes.timelines[status.account_id]
        timeline.pop(bisect.bisect_left(timeline, (rank(status.id), status.id)))
        if status.in_reply_to_id is not None:
            self.indexes.replies[status.in_reply_to_id].remove(status.id)

    def reindex(self) -> None:
        """After the rows were read back from somewhere."""
        self.indexes = Indexes()
        for account in self.accounts.values():
            self.indexes.names[account.username.lower()] = account.id
        for status in self.statuses.values():
            self._index(status)

    def _index(self, status: Status) -> None:
        bisect.insort(self.indexes.timelines.setdefault(status.account_id, []), (rank(status.id), status.id))
        if status.in_reply_to_id is not None:
            self.indexes.replies.setdefault(status.in_reply_to_id, []).append(status.id)
        if status.reblog_of_id is not None:
            self.indexes.boosts.setdefault(status.reblog_of_id, []).append(status.id)
