"""Bringing the publications of an account in line with a plan, in batches, under the lock of the account.

A row that has left, or may have, is never touched: `publishing`, `published`, `withdrawn` and `failed` are
for the protocol and for people. Nor is what a person put aside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

import sqlalchemy as sa

from bridge.errors import LedgerError
from bridge.ledger import documents
from bridge.ledger.database import BATCH, Database, Row, Store, Values, batches
from bridge.ledger.destinations import lock_account
from bridge.ledger.rows import Applied
from bridge.ledger.tables import approvals, events, posts, publications
from bridge.planning import BY_RULE, Action, Drop, Keep, Known, Publish
from bridge.publications import STATUS, State, idempotency_key
from bridge.statuses import StatusRef, draft_digest

_ROW = ("id", "post_id", "destination", "part", "state", "approved_digest", "created_at")
_PLANNED = ("draft", "draft_digest", "idempotency_key", "sort_key", "reply_to_id", "reason")
_EVENT = ("publication_id", "before", "after", "detail", "at", "actor", "run")
_UNSENT = frozenset({State.PENDING, State.APPROVED})


class Plans(Store):
    def apply(
        self,
        actions: Iterable[Action],
        *,
        destination: str,
        source: str,
        now: datetime,
        run: int | None = None,
        actor: str = "plan",
    ) -> Applied:
        """A batch is a transaction: stopped half-way, a plan is applied again. Parents come first."""
        author = _Author(destination=destination, source=source, now=now, run=run, actor=actor)
        applied = Applied()
        for batch in _whole_posts(actions):
            with self._database.write() as connection:
                lock_account(connection, destination)
                applied += _Application(self._database, connection, author).run(batch)
        return applied

    def known(self, destination: str, source: str, post_ids: Collection[str]) -> dict[str, list[Known]]:
        """What there is of these posts at the account, parts ascending; those without any are absent."""
        p = publications.c
        receipt = (p.published_digest, p.remote_id, p.remote_url)
        columns = (p.part, p.state, p.draft_digest, p.sort_key, *receipt, p.reason)
        statement = (
            sa.select(p.post_id, *columns, approvals.c.digest.label("approved_by_hand"))
            .outerjoin(approvals, approvals.c.publication_id == p.id)
            .where(p.destination == destination, p.part > 0)
            .order_by(p.post_id, p.part)
        )
        found: dict[str, list[Known]] = {}
        with self._database.read() as connection:
            for some in batches(post_ids):
                named = rows_of(self._database, connection, source, some)
                for row in connection.execute(statement.where(self._database.among(p.post_id, list(named)))):
                    found.setdefault(named[row.post_id], []).append(known_of(row))
        return found

    def unsettled(self, destination: str, source: str, since: datetime) -> list[str]:
        """Posts written since then that are not planned there, not sent, or were changed after it was."""
        p = publications.c
        settled = sa.exists().where(
            p.post_id == posts.c.id,
            p.destination == destination,
            sa.or_(p.part > 0, p.kind == STATUS),  # to be passed on again later settles nothing
            sa.or_(
                p.state.in_((State.PUBLISHING, State.WITHDRAWN, State.FAILED)),
                sa.and_(
                    p.state == State.PUBLISHED,
                    sa.or_(posts.c.changed_at == posts.c.first_seen_at, p.attempted_at >= posts.c.changed_at),
                ),
            ),
        )
        statement = sa.select(posts.c.source_id).where(
            posts.c.source == source, posts.c.created_at >= since, ~settled
        )
        with self._database.read() as connection:
            return list(connection.scalars(statement))


def _whole_posts(actions: Iterable[Action]) -> Iterator[list[Action]]:
    """Batches that end with a post: half of one, when it has left, would be all that ever leaves."""
    batch: list[Action] = []
    for _, of_post in groupby(actions, key=_post_of):
        batch += of_post
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _post_of(action: Action) -> str:
    return action.draft.post_id if isinstance(action, Publish) else action.post_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Author:
    """Who applies the plan of which posts to which account, and when."""

    destination: str
    source: str
    now: datetime
    run: int | None
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What decides about a row that is there already."""

    id: int
    state: State
    draft_digest: str
    key_epoch: int = 0
    reason: str | None = None
    by_person: bool = False

    @property
    def is_open(self) -> bool:
        by_rule = self.state is State.SKIPPED and (self.reason or "").startswith(BY_RULE)
        return by_rule or self.state in _UNSENT


class _Application:
    """One batch: reads what there is, gathers the rows to write, and writes each sort of them at once."""

    def __init__(self, database: Database, connection: sa.Connection, author: _Author) -> None:
        self._database = database
        self._connection = connection
        self._author = author
        self._now = database.instant(author.now)
        self._rows: dict[StatusRef, _Row] = {}
        self._post_ids: dict[str, int] = {}
        self._new: list[Values] = []
        self._updated: list[Values] = []
        self._dropped: list[Values] = []
        self._events: list[Values] = []
        self._kept = 0

    def run(self, batch: Sequence[Action]) -> Applied:
        self._read({post_id for action in batch for post_id in _named(action)})
        new = [a for a in batch if isinstance(a, Publish) and _place(a) not in self._rows]
        ids = self._database.reserve(self._connection, publications, len(new)) if new else ()
        self._ids = iter(ids)
        for action in batch:
            self._take(action)
        self._write()
        return Applied(
            added=len(self._new), updated=len(self._updated), kept=self._kept, dropped=len(self._dropped)
        )

    def _read(self, post_ids: Collection[str]) -> None:
        p = publications.c
        rows = (
            sa.select(
                p.post_id,
                p.part,
                p.id,
                p.state,
                p.draft_digest,
                p.key_epoch,
                p.reason,
                approvals.c.digest.label("approved_by_hand"),
            )
            .outerjoin(approvals, approvals.c.publication_id == p.id)
            .where(p.destination == self._author.destination)
        )
        for some in batches(post_ids):
            named = rows_of(self._database, self._connection, self._author.source, some)
            self._post_ids.update((post_id, number) for number, post_id in named.items())
            for row in self._connection.execute(rows.where(self._database.among(p.post_id, list(named)))):
                self._rows[StatusRef(post_id=named[row.post_id], part=row.part)] = _Row(
                    id=row.id,
                    state=State(row.state),
                    draft_digest=row.draft_digest,
                    key_epoch=row.key_epoch,
                    reason=row.reason,
                    by_person=row.approved_by_hand == row.draft_digest,
                )

    def _take(self, action: Action) -> None:
        match action:
            case Keep():
                self._kept += 1
            case Drop():
                self._drop(action)
            case Publish():
                row = self._rows.get(_place(action))
                if row is None:
                    self._add(action)
                elif row.is_open:
                    self._revise(action, row)
                else:
                    self._kept += 1

    def _drop(self, action: Drop) -> None:
        for place, row in self._rows.items():
            if place.post_id == action.post_id and action.part in {None, place.part}:
                if row.state in _UNSENT:
                    self._dropped.append((State.SKIPPED.value, None, action.reason, row.id))
                    self._happened(row.id, row.state, State.SKIPPED, detail=action.reason)
                else:
                    self._kept += 1

    def _add(self, action: Publish) -> None:
        id_ = next(self._ids)
        values = self._values(action, epoch=0)
        state = State.APPROVED if action.approve else State.PENDING
        row = _Row(id=id_, state=state, draft_digest=str(values["draft_digest"]))
        place = (self._post_id(action.draft.post_id), self._author.destination, action.draft.part)
        approved = row.draft_digest if action.approve else None
        self._new.append((id_, *place, state.value, approved, self._now, *values.values()))
        self._rows[_place(action)] = row
        self._happened(id_, None, state, detail=action.reason)

    def _revise(self, action: Publish, row: _Row) -> None:
        values = self._values(action, epoch=row.key_epoch)
        recalled = action.recall and not row.by_person
        same = row.draft_digest == values["draft_digest"] and not recalled
        path = _path(row.state, approve=action.approve, same=same)
        for before, after in pairwise(path):
            self._happened(row.id, before, after, detail=action.reason)
        approved = values["draft_digest"] if path[-1] is State.APPROVED else None
        self._updated.append((path[-1].value, approved, *values.values(), row.id))

    def _values(self, action: Publish, *, epoch: int) -> dict[str, object]:
        digest = draft_digest(action.draft)
        key = idempotency_key(
            self._author.destination,
            source=self._author.source,
            post_id=action.draft.post_id,
            part=action.draft.part,
            draft_digest=digest,
            epoch=epoch,
        )
        planned = (
            documents.encode(action.draft), digest, key, action.sort_key, self._parent(action), action.reason,
        )  # fmt: skip
        return dict(zip(_PLANNED, planned, strict=True))

    def _parent(self, action: Publish) -> int | None:
        if action.reply_to is None:
            return None
        row = self._rows.get(action.reply_to)
        if row is None:
            wanted = f"part {action.reply_to.part} of {action.reply_to.post_id}"
            raise LedgerError(
                f"The plan has {action.draft.post_id} answer {wanted}, which is not planned before it."
            )
        return row.id

    def _post_id(self, source_id: str) -> int:
        if source_id not in self._post_ids:
            raise LedgerError(f"The plan names the post {source_id}, which is not in the ledger.")
        return self._post_ids[source_id]

    def _happened(self, id_: int, before: State | None, after: State, *, detail: str | None) -> None:
        who = (self._now, self._author.actor, self._author.run)
        self._events.append((id_, before.value if before else None, after.value, detail, *who))

    def _write(self) -> None:
        write, connection = self._database, self._connection
        write.insert(connection, publications, (*_ROW, *_PLANNED), self._new)
        write.update(connection, publications, ("state", "approved_digest", *_PLANNED), self._updated)
        write.update(connection, publications, ("state", "approved_digest", "reason"), self._dropped)
        write.insert(connection, events, _EVENT, self._events)


def _named(action: Action) -> Iterator[str]:
    """The posts whose rows an action needs to know."""
    match action:
        case Drop():
            yield action.post_id
        case Publish():
            yield action.draft.post_id
            if action.reply_to is not None:
                yield action.reply_to.post_id
        case Keep():
            return


def _place(action: Publish) -> StatusRef:
    return StatusRef(post_id=action.draft.post_id, part=action.draft.part)


def _path(state: State, *, approve: bool, same: bool) -> tuple[State, ...]:
    """The states that a row goes through: an approval is for one text, so another text waits anew."""
    if state is State.APPROVED and same:
        return (state,)
    waiting = (state,) if state is State.PENDING else (state, State.PENDING)
    return (*waiting, State.APPROVED) if approve else waiting


def rows_of(database: Database, connection: sa.Connection, source: str, ids: Sequence[str]) -> dict[int, str]:
    """Row ids of posts, with their ids. Asked for by themselves: within a larger question, a database without
    statistics, as PostgreSQL is after an import, walks over the whole account each time."""
    among = database.among(posts.c.source_id, ids)
    rows = connection.execute(sa.select(posts.c.id, posts.c.source_id).where(posts.c.source == source, among))
    return {row.id: row.source_id for row in rows}


def known_of(row: Row) -> Known:
    return Known(
        part=row.part,
        state=State(row.state),
        draft_digest=row.draft_digest,
        sort_key=row.sort_key,
        published_digest=row.published_digest,
        remote_id=row.remote_id,
        remote_url=row.remote_url,
        reason=row.reason,
        by_person=row.approved_by_hand == row.draft_digest,
    )
