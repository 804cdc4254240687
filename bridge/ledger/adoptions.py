"""Posts that another tool has carried: their rows are `published` without ever having been sent from here.

A post is frozen once a part of it is published, so that what is adopted is never planned again. Where only
the fact is known and no status, the post is put aside as a person would put it aside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from bridge.ledger import documents
from bridge.ledger.database import BATCH, Database, Store, Values, batches
from bridge.ledger.destinations import forget_proposals, lock_account
from bridge.ledger.tables import events, posts, publications
from bridge.planning import BY_RULE
from bridge.publications import ADOPTED, State, idempotency_key
from bridge.statuses import StatusDraft, draft_digest

_NEW = (
    "id", "post_id", "destination", "part", "state", "created_at", "draft", "draft_digest", "idempotency_key",
    "sort_key",
)  # fmt: skip
_CHANGED = (
    "state", "approved_digest", "reason", "remote_id", "remote_url", "published_at", "published_digest",
    "not_before", "error",
)  # fmt: skip
_EVENT = ("publication_id", "before", "after", "detail", "at", "actor", "run")
_LEFT = frozenset({State.PUBLISHED, State.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptee:
    """One part of a post: what we would say, and the status that says it, if anybody knows that."""

    draft: StatusDraft
    sort_key: str
    remote_id: str | None = None
    remote_url: str | None = None
    created_at: datetime | None = None  #: of the status, where it is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """A post that was carried. `reason` begins with `ADOPTED`."""

    post_id: str
    parts: tuple[Adoptee, ...]
    reason: str


class Fate(StrEnum):
    ADOPTED = "adopted"
    PUT_ASIDE = "put aside"  # carried, but as which status is not known, or it shares that of another post
    ALREADY = "already"  # published, withdrawn or adopted before
    TAKEN = "taken"  # its status is one that we published for another post
    UNDER_WAY = "under way"  # a request of ours may be in flight


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What became of one of them. `owner`: the post that has its status already."""

    post_id: str
    fate: Fate
    statuses: int = 0
    remote_id: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    id: int
    part: int
    state: State | None  #: None: it is new
    draft_digest: str
    reason: str | None = None

    @property
    def is_adopted(self) -> bool:
        return (self.reason or "").startswith(ADOPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owner:
    post_id: str
    is_adopted: bool


class Adoptions(Store):
    def adopt(
        self,
        adoptions: Iterable[Adoption],
        *,
        destination: str,
        source: str,
        now: datetime,
        run: int | None = None,
    ) -> list[Adopted]:
        """Enter them into the ledger, in batches with a transaction each; a second time changes nothing."""
        done: list[Adopted] = []
        every = list(adoptions)
        for start in range(0, len(every), BATCH):
            with self._database.write() as connection:
                lock_account(connection, destination)
                register = _Register(self._database, connection, destination, source)
                done += register.enter(every[start : start + BATCH], now=now, run=run)
                forget_proposals(connection, destination)
        return done

    def save_address(self, destination: str, remote_id: str, url: str) -> None:
        """Where a status is that was adopted by its id alone."""
        p = publications.c
        mine = (p.destination == destination, p.remote_id == remote_id, p.remote_url.is_(None))
        with self._database.write() as connection:
            connection.execute(sa.update(publications).where(*mine).values(remote_url=url))


def let_go(connection: sa.Connection, destination: str, post_ids: Collection[int]) -> None:
    """What was put aside of posts that another tool had carried, and that are to be ours: a plan may have it.

    `post_ids` are those of rows.
    """
    p = publications.c
    for some in batches(post_ids):
        # An expression: SQLite would walk all that is skipped at the account, and not look for these posts.
        aside = (p.state.concat("") == State.SKIPPED, p.reason.startswith(ADOPTED))
        connection.execute(
            sa.update(publications)
            .where(p.destination == destination, p.post_id.in_(some), *aside)
            .values(reason=f"{BY_RULE}adopted")
        )


class _Register:
    """One batch: reads what there is, decides about each post, writes each sort of row at once."""

    def __init__(self, database: Database, connection: sa.Connection, destination: str, source: str) -> None:
        self._database = database
        self._connection = connection
        self._destination = destination
        self._source = source
        self._rows: dict[str, list[_Row]] = {}
        self._post_ids: dict[str, int] = {}
        self._owners: dict[str, _Owner] = {}
        self._new: list[Values] = []
        self._changed: list[Values] = []
        self._events: list[Values] = []

    def enter(self, batch: Sequence[Adoption], *, now: datetime, run: int | None) -> list[Adopted]:
        self._read(batch)
        places = {(each.post_id, part.draft.part) for each in batch for part in each.parts}
        self._ids = iter(self._database.reserve(self._connection, publications, len(places)))
        self._now = self._database.instant(now)
        self._who = (self._now, "adoption", run)
        decided = [self._decide(adoption) for adoption in batch if adoption.post_id in self._post_ids]
        self._write()
        return decided

    def _read(self, batch: Sequence[Adoption]) -> None:
        p = publications.c
        for some in batches(each.post_id for each in batch):
            mine = (posts.c.source == self._source, self._database.among(posts.c.source_id, some))
            found = self._connection.execute(sa.select(posts.c.source_id, posts.c.id).where(*mine))
            names = {row.id: row.source_id for row in found}
            self._post_ids.update((source_id, id_) for id_, source_id in names.items())
            # By their own ids: SQLite would else read every row of the account.
            rows = sa.select(p.post_id, p.id, p.part, p.state, p.draft_digest, p.reason).where(
                p.post_id.in_(names), p.destination == self._destination
            )
            for post, id_, part, state, digest, reason in self._connection.execute(rows.order_by(p.part)):
                row = _Row(id=id_, part=part, state=State(state), draft_digest=digest, reason=reason)
                self._rows.setdefault(names[post], []).append(row)
        self._find_owners({part.remote_id for each in batch for part in each.parts if part.remote_id})

    def _find_owners(self, remote_ids: Collection[str]) -> None:
        p = publications.c
        owners = sa.select(p.remote_id, posts.c.source_id, p.reason).join(posts, posts.c.id == p.post_id)
        for some in batches(remote_ids):
            for remote_id, post_id, reason in self._connection.execute(
                owners.where(p.destination == self._destination, p.remote_id.in_(some))
            ):
                adopted = (reason or "").startswith(ADOPTED)
                self._owners[remote_id] = _Owner(post_id=post_id, is_adopted=adopted)

    def _decide(self, adoption: Adoption) -> Adopted:
        rows = self._rows.get(adoption.post_id, [])
        states = {row.state for row in rows}
        if states & _LEFT:
            return Adopted(post_id=adoption.post_id, fate=Fate.ALREADY)
        if State.PUBLISHING in states:
            return Adopted(post_id=adoption.post_id, fate=Fate.UNDER_WAY)
        free = [part for part in adoption.parts if part.remote_id and part.remote_id not in self._owners]
        if free:
            return self._adopt(adoption, free, rows)
        aside = any(row.state is State.SKIPPED and row.is_adopted for row in rows)
        if aside:
            return Adopted(post_id=adoption.post_id, fate=Fate.ALREADY)
        first = adoption.parts[0]
        owner = self._owners.get(first.remote_id or "")
        if owner is not None and not owner.is_adopted:
            return Adopted(
                post_id=adoption.post_id, fate=Fate.TAKEN, remote_id=first.remote_id, owner=owner.post_id
            )
        self._settle(adoption, [], rows or [self._added(adoption, first)])
        return Adopted(post_id=adoption.post_id, fate=Fate.PUT_ASIDE, remote_id=first.remote_id)

    def _adopt(self, adoption: Adoption, free: Sequence[Adoptee], rows: list[_Row]) -> Adopted:
        there = {row.part for row in rows}
        new = [self._added(adoption, part) for part in free if part.draft.part not in there]
        self._settle(adoption, free, [*rows, *new])
        mine = _Owner(post_id=adoption.post_id, is_adopted=True)
        self._owners.update((part.remote_id, mine) for part in free if part.remote_id)
        return Adopted(
            post_id=adoption.post_id, fate=Fate.ADOPTED, statuses=len(free), remote_id=free[0].remote_id
        )

    def _added(self, adoption: Adoption, part: Adoptee) -> _Row:
        """A row for a part that has none; its state comes with the rest."""
        digest = draft_digest(part.draft)
        key = idempotency_key(
            self._destination,
            source=self._source,
            post_id=adoption.post_id,
            part=part.draft.part,
            draft_digest=digest,
        )
        id_ = next(self._ids)
        place = (id_, self._post_ids[adoption.post_id], self._destination, part.draft.part)
        planned = (documents.encode(part.draft), digest, key, part.sort_key)
        self._new.append((*place, State.SKIPPED.value, self._now, *planned))
        return _Row(id=id_, part=part.draft.part, state=None, draft_digest=digest)

    def _settle(self, adoption: Adoption, parts: Sequence[Adoptee], rows: Sequence[_Row]) -> None:
        """Every row of the post: published where there is a status for it, put aside otherwise."""
        for row in rows:
            status = next((part for part in parts if part.draft.part == row.part), None)
            state = State.SKIPPED if status is None else State.PUBLISHED
            receipt: Values = (None, None, None, None)
            if status is not None:
                at = self._database.instant(status.created_at) if status.created_at else None
                receipt = (status.remote_id, status.remote_url, at, row.draft_digest)
            self._changed.append((state.value, None, adoption.reason, *receipt, None, None, row.id))
            before = row.state.value if row.state else None
            self._events.append((row.id, before, state.value, adoption.reason, *self._who))

    def _write(self) -> None:
        write, connection = self._database, self._connection
        write.insert(connection, publications, _NEW, self._new)
        write.update(connection, publications, _CHANGED, self._changed)
        write.insert(connection, events, _EVENT, self._events)
