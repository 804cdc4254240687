"""What has become of posts at the accounts, and what a person decides about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bridge.ledger import documents
from bridge.ledger.claims import publication_of, publication_rows
from bridge.ledger.database import BATCH, Database, Row, Select, Store, batches
from bridge.ledger.destinations import lock_account
from bridge.ledger.rows import Delivery, EventRow, Place
from bridge.ledger.tables import approvals, destinations, events, posts, publications
from bridge.planning import BY_RULE
from bridge.publications import STATUS, Publication, State
from bridge.statuses import Boost

Posts = Collection[tuple[str, str]]  # (source, post id)

_ACTOR = "user"
_COLUMNS = tuple(
    posts.c.source_id.label(name)
    if name == "post_id"
    else posts.c.source
    if name == "source"
    else publications.c[name]
    for name in Delivery.__dataclass_fields__
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    """States from which rows go, one after the other, where a person wants them."""

    before: frozenset[State]
    after: State
    now: datetime
    run: int | None
    detail: str | None = None
    actor: str = _ACTOR


def in_doubt() -> sa.ColumnElement[bool]:
    """Of publications and their destinations: in flight, and nobody works on it any more, or the answer is
    missing."""
    lost = sa.or_(
        publications.c.look_again_at.is_not(None),
        destinations.c.holder.is_(None),
        destinations.c.holder != publications.c.lease,
    )
    return sa.and_(publications.c.state == State.PUBLISHING, lost)


class Deliveries(Store):
    def known_remote_ids(self, destination: str, candidates: Collection[str]) -> set[str]:
        """Which of these statuses belong to a publication already."""
        found: set[str] = set()
        with self._database.read() as connection:
            for some in batches(candidates):
                rows = sa.select(publications.c.remote_id).where(
                    publications.c.destination == destination, publications.c.remote_id.in_(some)
                )
                found.update(remote_id for remote_id in connection.scalars(rows) if remote_id is not None)
        return found

    def remote(
        self, destination: str, source: str, post_id: str, part: int = 1
    ) -> tuple[str, str | None] | None:
        """(id, URL) of the status, as long as it stands."""
        statement = (
            sa.select(publications.c.remote_id, publications.c.remote_url)
            .join(posts, posts.c.id == publications.c.post_id)
            .where(
                posts.c.source == source,
                posts.c.source_id == post_id,
                publications.c.destination == destination,
                publications.c.part == part,
                publications.c.state == State.PUBLISHED,
                publications.c.kind == STATUS,
            )
        )
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else (row.remote_id, row.remote_url)

    def places(self, boost: Boost) -> list[Place]:
        """Where that post stands as a status, whoever of the ledger carries it."""
        p = publications.c
        statement = (
            sa.select(p.destination, p.remote_id, p.remote_url, p.draft)
            .join(posts, posts.c.id == p.post_id)
            .where(posts.c.source == boost.source, posts.c.source_id == boost.post_id)
            .where(p.part == boost.part, p.state == State.PUBLISHED, p.kind == STATUS)
            .order_by(p.destination)
        )
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        return [
            Place(
                destination=row.destination,
                remote_id=row.remote_id,
                url=row.remote_url,
                visibility=documents.decode_draft(row.draft).visibility,
            )
            for row in rows
        ]

    def states(self, source: str, post_id: str) -> set[State]:
        """Of the first statuses that carry a post, at whichever account."""
        p = publications.c
        statement = (
            sa.select(p.state)
            .join(posts, posts.c.id == p.post_id)
            .where(posts.c.source == source, posts.c.source_id == post_id, p.part == 1, p.kind == STATUS)
        )
        with self._database.read() as connection:
            return {State(state) for state in connection.scalars(statement)}

    def published_as(self, destination: str, remote_id: str) -> Publication | None:
        """The publication to which that status belongs, as long as it stands."""
        statement = publication_rows().where(
            publications.c.destination == destination,
            publications.c.remote_id == remote_id,
            publications.c.state == State.PUBLISHED,
        )
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else publication_of(row)

    def counts(self, destination: str) -> dict[State, int]:
        """Statuses by state; every state is a key."""
        statement = (
            sa.select(publications.c.state, sa.func.count())
            .where(publications.c.destination == destination)
            .group_by(publications.c.state)
        )
        with self._database.read() as connection:
            found = {State(state): count for state, count in connection.execute(statement)}
        return {state: found.get(state, 0) for state in State}

    def unknown_count(self, destination: str) -> int:
        """Statuses in flight that nobody works on any more, or whose answer is missing."""
        statement = (
            sa.select(sa.func.count())
            .select_from(publications)
            .join(destinations, destinations.c.account == publications.c.destination)
            .where(publications.c.destination == destination, in_doubt())
        )
        with self._database.read() as connection:
            return connection.scalar(statement) or 0

    def deliveries(self, source: str, post_id: str) -> list[Delivery]:
        """Every part of a post at every account."""
        statement = _deliveries().where(posts.c.source == source, posts.c.source_id == post_id)
        return self._delivered(statement.order_by(publications.c.destination, publications.c.part))

    def failed(self, destination: str, *, limit: int | None = None) -> list[Delivery]:
        """In the order of publication."""
        statement = _deliveries().where(
            publications.c.destination == destination, publications.c.state == State.FAILED
        )
        return self._delivered(statement.order_by(publications.c.sort_key, publications.c.id).limit(limit))

    def every(self, destination: str) -> Iterator[Delivery]:
        """All that was ever planned for the account, in its order, in steps with a transaction each."""
        ours = _deliveries().add_columns(publications.c.sort_key)
        return map(_delivery, self._in_order(ours.where(publications.c.destination == destination)))

    def events(self, source: str, post_id: str) -> list[EventRow]:
        """The history of a post, oldest first."""
        named = {column.name: column for column in (*publications.c, *events.c)}
        columns = [named[name] for name in EventRow.__dataclass_fields__]
        statement = (
            sa.select(*columns)
            .join(publications, publications.c.id == events.c.publication_id)
            .join(posts, posts.c.id == publications.c.post_id)
            .where(posts.c.source == source, posts.c.source_id == post_id)
            .order_by(events.c.id)
        )
        with self._database.read() as connection:
            return [EventRow(**row._mapping) for row in connection.execute(statement)]

    def published(self, destination: str) -> Iterator[Publication]:
        """What stands at the account, in the order of publication, in steps with a transaction each."""
        statement = publication_rows().where(
            publications.c.destination == destination, publications.c.state == State.PUBLISHED
        )
        return map(publication_of, self._in_order(statement))

    def _in_order(self, statement: Select) -> Iterator[Row]:
        """Publications that it selects, with `sort_key` and `id`, in the order of publication."""
        last = ("", 0)
        p = publications.c
        order = sa.tuple_(p.sort_key, p.id)
        while True:
            step = statement.where(order > last).order_by(p.sort_key, p.id).limit(BATCH)
            with self._database.read() as connection:
                rows = connection.execute(step).all()
            yield from rows
            if len(rows) < BATCH:
                return
            last = (rows[-1].sort_key, rows[-1].id)

    def last_remote_id(self, destination: str) -> str | None:
        """Of the status that was confirmed last: whatever is looked for came after it."""
        p = publications.c
        mine = (p.destination == destination, p.state == State.PUBLISHED, p.kind == STATUS)
        # An adopted one may have no time: nobody here knows when it was sent.
        statement = sa.select(p.remote_id).where(*mine, p.published_at.is_not(None))
        with self._database.read() as connection:
            return connection.scalar(statement.order_by(p.published_at.desc()).limit(1))

    def retry(
        self,
        destination: str,
        *,
        now: datetime,
        posts: Posts | None = None,
        run: int | None = None,
        by: str = _ACTOR,
    ) -> int:
        """Put failures back in line, with their count of attempts begun anew; None: all of them."""
        failed = frozenset({State.FAILED})
        decision = _Decision(before=failed, after=State.APPROVED, now=now, run=run, actor=by)
        return self._decide(destination, posts, decision)

    def skip(
        self, destination: str, posts: Posts, *, reason: str, now: datetime, run: int | None = None
    ) -> int:
        """Give posts up on purpose: no later plan brings them back."""
        detail = f"by hand: {reason}" if reason.startswith(BY_RULE) else reason
        before = frozenset({State.PENDING, State.APPROVED, State.FAILED})
        return self._decide(
            destination, posts, _Decision(before=before, after=State.SKIPPED, now=now, run=run, detail=detail)
        )

    def approve(self, destination: str, posts: Posts, *, now: datetime, run: int | None = None) -> int:
        """Let what waited for a person be sent, as it reads now."""
        decision = _Decision(before=frozenset({State.PENDING}), after=State.APPROVED, now=now, run=run)
        return self._decide(destination, posts, decision)

    def _delivered(self, statement: Select) -> list[Delivery]:
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        return [_delivery(row) for row in rows]

    def _decide(self, destination: str, chosen: Posts | None, decision: _Decision) -> int:
        p = publications.c
        statement = sa.select(p.id, p.state, p.draft_digest).where(
            p.destination == destination, p.state.in_(decision.before)
        )
        count = 0
        with self._database.write() as connection:
            lock_account(connection, destination)
            for only in of_posts(chosen):
                rows = connection.execute(statement.where(only)).all()
                _move(connection, rows, decision)
                if decision.after is State.APPROVED:
                    given = [(row.id, row.draft_digest) for row in rows]
                    note_approvals(self._database, connection, given, by=decision.actor, now=decision.now)
                count += len(rows)
        return count


def _delivery(row: Row) -> Delivery:
    told = {name: row._mapping[name] for name in Delivery.__dataclass_fields__}
    return Delivery(**{**told, "state": State(row.state)})


def _deliveries() -> Select:
    return sa.select(*_COLUMNS).join(posts, posts.c.id == publications.c.post_id)


def of_posts(chosen: Posts | None) -> Iterable[sa.ColumnElement[bool]]:
    """The publications of these posts (None: of all), as conditions that each fit into one statement."""
    if chosen is None:
        yield sa.true()
        return
    for source in sorted({source for source, _ in chosen}):
        for some in batches(post_id for owner, post_id in chosen if owner == source):
            ids = sa.select(posts.c.id).where(posts.c.source == source, posts.c.source_id.in_(some))
            yield publications.c.post_id.in_(ids)


def note_approvals(
    database: Database, connection: sa.Connection, given: Sequence[tuple[int, str]], *, by: str, now: datetime
) -> None:
    """Who approved which row, as it reads now (id and digest)."""
    rows: list[dict[str, object]] = [
        {"publication_id": id_, "digest": digest, "author": by, "at": now} for id_, digest in given
    ]
    database.upsert(connection, approvals, rows)


def _move(connection: sa.Connection, rows: Iterable[Row], decision: _Decision) -> None:
    before = {row.id: row.state for row in rows}
    values: dict[str, object] = {"state": decision.after, "reason": decision.detail, "not_before": None}
    approved = decision.after is State.APPROVED
    values["approved_digest"] = publications.c.draft_digest if approved else None
    if approved:
        values.update(attempts=0, error=None)
    for some in batches(before):
        connection.execute(sa.update(publications).where(publications.c.id.in_(some)).values(**values))
    who = {"at": decision.now, "actor": decision.actor, "run": decision.run, "detail": decision.detail}
    happened = [
        {"publication_id": id_, "before": state, "after": decision.after, **who}
        for id_, state in before.items()
    ]
    if happened:
        connection.execute(sa.insert(events), happened)
