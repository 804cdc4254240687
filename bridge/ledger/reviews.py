"""What people say of posts before they are published: edits, approvals, and who decided what.

Every decision names what was seen (`planning.version_of`); where that is not what there is any more, nothing
is changed. An edit lies beside the post, for whatever account, and survives every import.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bridge.errors import LedgerError, PlanStale
from bridge.ledger.database import Row, Store, Values, batches
from bridge.ledger.deliveries import note_approvals
from bridge.ledger.destinations import lock_account
from bridge.ledger.plans import known_of, rows_of
from bridge.ledger.rows import Edited, Happening, Moved, Ruled
from bridge.ledger.tables import approvals, descriptions, events, overlays, posts, publications, sources
from bridge.planning import version_of
from bridge.publications import State
from bridge.rendering.options import Overlay
from bridge.statuses import Visibility

_MACHINES = ("plan", "delivery")
_UNSENT = frozenset({State.PENDING, State.APPROVED, State.SKIPPED})
_DECIDED = ("state", "approved_digest", "reason")
_EVENT = ("publication_id", "before", "after", "detail", "at", "actor", "run")

_KNOWN = tuple(
    publications.c[name]
    for name in ("id", "part", "state", "draft_digest", "sort_key", "published_digest", "remote_id",
                 "remote_url", "reason")
)  # fmt: skip
_AUTHOR = approvals.c.author.label("approved_by")

#: From which states a person's decision takes a row.
_FROM: dict[State, frozenset[State]] = {
    State.APPROVED: frozenset({State.PENDING, State.APPROVED}),
    State.SKIPPED: frozenset({State.PENDING, State.APPROVED, State.FAILED}),
    State.PENDING: frozenset({State.APPROVED, State.SKIPPED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a person decides: approved, skipped (with a reason), or pending (to be decided anew)."""

    after: State
    by: str
    now: datetime
    reason: str | None = None


class Reviews(Store):
    def overlays(self, source: str, ids: Collection[str]) -> dict[str, Edited]:
        """Edits of these posts, those that were taken back as well; posts without any are absent."""
        found: dict[str, Edited] = {}
        with self._database.read() as connection:
            for some in batches(ids):
                among = self._database.among(overlays.c.post_id, some)
                rows = connection.execute(sa.select(overlays).where(overlays.c.source == source, among))
                found.update((row.post_id, _edited(row)) for row in rows)
        return found

    def save(self, source: str, post_id: str, overlay: Overlay, *, account: str, ruling: Ruling) -> Overlay:
        """Lay it over the post; `overlay.version` is the one that it is to replace (0: there is none).

        What waits of the post at the account needs approval anew. Raises PlanStale when somebody else has
        edited it since, LedgerError when some of it has left.
        """
        key = {"source": source, "post_id": post_id}
        with self._database.write() as connection:
            lock_account(connection, account)
            rows = self._rows(connection, account, source, [post_id])
            if any(row.state not in _UNSENT for row in rows):
                raise LedgerError(
                    f"Some of {post_id} has been sent already.",
                    hint="`passerelle publish --update` edits what is published.",
                )
            mine = sa.and_(overlays.c.source == source, overlays.c.post_id == post_id)
            known = connection.scalar(sa.select(overlays.c.version).where(mine)) or 0
            if known != overlay.version:
                raise PlanStale(f"Somebody else has edited {post_id} since.", hint="Look at it again.")
            fields = ("text", "spoiler", "visibility", "language", "base")
            values = {name: getattr(overlay, name) for name in fields}
            row = {**key, **values, "version": known + 1, "author": ruling.by, "at": ruling.now}
            self._database.upsert(connection, overlays, [row])
            self._unapprove(connection, rows, ruling)
            mine_source = sa.update(sources).where(sources.c.account == source)
            connection.execute(mine_source.values(revision=sources.c.revision + 1))
        return Overlay(**values, version=known + 1)

    def decide(self, account: str, source: str, seen: Mapping[str, str], ruling: Ruling) -> Ruled:
        """For every post that still is what was seen of it. Parts that have left stay as they are."""
        moved: list[Moved] = []
        stale: list[str] = []
        with self._database.write() as connection:
            lock_account(connection, account)
            for some in batches(seen):
                found = self._by_post(connection, account, source, some)
                versions = self._versions(connection, source, some)
                for post_id in some:
                    rows = found.get(post_id, [])
                    known = [known_of(row) for row in rows]
                    if version_of(known, versions.get(post_id, 0)) != seen[post_id]:
                        stale.append(post_id)
                    else:
                        moved += (_moved(row, ruling.after) for row in rows if _takes(row, ruling))
            self._write(connection, moved, ruling)
        kept = set(stale)
        done = tuple(post_id for post_id in seen if post_id not in kept)
        return Ruled(posts=done, stale=tuple(stale), moved=tuple(moved))

    def note(self, account: str, source: str, post_id: str, ruling: Ruling) -> None:
        """Write into the history of a post what somebody did to it besides (`reason`)."""
        who = (self._database.instant(ruling.now), ruling.by, None)
        with self._database.write() as connection:
            rows = self._rows(connection, account, source, [post_id])[:1]
            happened = [(row.id, row.state, row.state, ruling.reason, *who) for row in rows]
            self._database.insert(connection, events, _EVENT, happened)

    def restore(self, account: str, moved: Sequence[Moved], *, by: str, now: datetime) -> int:
        """Take decisions back, where the rows still are as they were left; says how many rows."""
        back: dict[tuple[State, str | None], list[int]] = {}
        happened: list[Values] = []
        who = (self._database.instant(now), by, None)
        with self._database.write() as connection:
            lock_account(connection, account)
            for some in batches(each.id for each in moved):
                standing = sa.select(publications.c.id, publications.c.state, publications.c.draft_digest)
                rows = connection.execute(standing.where(self._database.among(publications.c.id, some)))
                there = {row.id: (row.state, row.draft_digest) for row in rows}
                for each in (each for each in moved if each.id in there):
                    if there[each.id] == (each.after, each.draft_digest):
                        back.setdefault((_before(each), each.reason), []).append(each.id)
                        happened += ((each.id, *step, "undone", *who) for step in _steps_back(each))
            for (state, reason), ids in back.items():
                self._put(connection, state, reason, ids)
            self._database.insert(connection, events, _EVENT, happened)
            self._forget(connection, [each.id for each in moved])
            for author in {each.approved_by for each in moved if each.approved_by}:
                theirs = [(each.id, each.draft_digest) for each in moved if each.approved_by == author]
                note_approvals(self._database, connection, theirs, by=author, now=now)
        return sum(map(len, back.values()))

    def history(
        self, account: str, *, people: bool = True, before: int | None = None, limit: int = 100
    ) -> list[Happening]:
        """The newest first, older than the event `before`; of `people` only, not of our own machinery."""
        named = {column.name: column for column in (*publications.c, *posts.c, *events.c)}
        named["post_id"] = posts.c.source_id.label("post_id")
        statement = (
            sa.select(*(named[name] for name in Happening.__dataclass_fields__))
            .join(publications, publications.c.id == events.c.publication_id)
            .join(posts, posts.c.id == publications.c.post_id)
            .where(publications.c.destination == account)
            .order_by(events.c.id.desc())
            .limit(limit)
        )
        if people:
            statement = statement.where(events.c.actor.not_in(_MACHINES))
        if before is not None:
            statement = statement.where(events.c.id < before)
        with self._database.read() as connection:
            return [Happening(**row._mapping) for row in connection.execute(statement)]

    def since(self, account: str, source: str, tide: int) -> tuple[int, set[str]]:
        """How far the history goes by now, and the posts that something has happened to after `tide`."""
        statement = (
            sa.select(events.c.id, posts.c.source_id)
            .join(publications, publications.c.id == events.c.publication_id)
            .join(posts, posts.c.id == publications.c.post_id)
            .where(events.c.id > tide, publications.c.destination == account, posts.c.source == source)
        )
        with self._database.read() as connection:
            newest = connection.scalar(sa.select(sa.func.max(events.c.id))) or 0
            rows = connection.execute(statement.where(events.c.id <= newest)).all()
        return newest, {row.source_id for row in rows}

    def touched(self, source: str, since: datetime) -> set[str]:
        """Posts that somebody has edited, or described a picture of, from then on."""
        found: set[str] = set()
        with self._database.read() as connection:
            for table in (overlays, descriptions):
                mine = sa.select(table.c.post_id).where(table.c.source == source, table.c.at >= since)
                found.update(connection.scalars(mine))
        return found

    def imported(self, source: str) -> tuple[object, ...]:
        """Names what the source itself says: an equal one means that no import has changed anything."""
        facts = (sa.func.count(), sa.func.max(posts.c.changed_at), sa.func.count(posts.c.gone_at))
        with self._database.read() as connection:
            return tuple(connection.execute(sa.select(*facts).where(posts.c.source == source)).one())

    def _rows(
        self, connection: sa.Connection, account: str, source: str, ids: Sequence[str]
    ) -> Sequence[Row]:
        wanted = self._database.among(
            publications.c.post_id, list(rows_of(self._database, connection, source, ids))
        )
        columns = (*_KNOWN, posts.c.source_id, approvals.c.digest.label("approved_by_hand"), _AUTHOR)
        statement = (
            sa.select(*columns)
            .join(posts, posts.c.id == publications.c.post_id)
            .outerjoin(approvals, approvals.c.publication_id == publications.c.id)
            .where(publications.c.destination == account, wanted)
            .where(publications.c.part > 0)  # what was passed on anew is no part of what is reviewed
            .order_by(publications.c.post_id, publications.c.part)
        )
        return connection.execute(statement).all()

    def _by_post(
        self, connection: sa.Connection, account: str, source: str, ids: Sequence[str]
    ) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._rows(connection, account, source, ids):
            found.setdefault(row.source_id, []).append(row)
        return found

    def _versions(self, connection: sa.Connection, source: str, ids: Sequence[str]) -> dict[str, int]:
        among = self._database.among(overlays.c.post_id, ids)
        statement = sa.select(overlays.c.post_id, overlays.c.version)
        rows = connection.execute(statement.where(overlays.c.source == source, among))
        return {row.post_id: row.version for row in rows}

    def _unapprove(self, connection: sa.Connection, rows: Iterable[Row], ruling: Ruling) -> None:
        """What was approved was another text."""
        waiting = [row for row in rows if row.state in (State.PENDING, State.APPROVED)]
        values = [(State.PENDING.value, None, row.reason, row.id) for row in waiting]
        who = (self._database.instant(ruling.now), ruling.by, None)
        happened = [(row.id, row.state, State.PENDING.value, ruling.reason, *who) for row in waiting]
        self._database.update(connection, publications, _DECIDED, values)
        self._database.insert(connection, events, _EVENT, happened)

    def _write(self, connection: sa.Connection, moved: Sequence[Moved], ruling: Ruling) -> None:
        approve = ruling.after is State.APPROVED
        who = (self._database.instant(ruling.now), ruling.by, None)
        happened = [(each.id, each.before.value, each.after.value, ruling.reason, *who) for each in moved]
        reason = None if approve else ruling.reason
        self._put(connection, ruling.after, reason, [each.id for each in moved])
        self._database.insert(connection, events, _EVENT, happened)
        if approve:
            given = [(each.id, each.draft_digest) for each in moved]
            note_approvals(self._database, connection, given, by=ruling.by, now=ruling.now)
        else:
            self._forget(connection, [each.id for each in moved])

    def _put(self, connection: sa.Connection, state: State, reason: str | None, rows: Sequence[int]) -> None:
        """Rows in a state; what is approved is the draft that they have."""
        digest = publications.c.draft_digest if state is State.APPROVED else None
        changed = sa.update(publications).values(state=state.value, approved_digest=digest, reason=reason)
        for some in batches(rows):
            connection.execute(changed.where(self._database.among(publications.c.id, some)))

    def _forget(self, connection: sa.Connection, rows: Sequence[int]) -> None:
        for some in batches(rows):
            among = self._database.among(approvals.c.publication_id, some)
            connection.execute(sa.delete(approvals).where(among))


def _takes(row: Row, ruling: Ruling) -> bool:
    """An approval by a rule becomes a person's; one by a person is nothing new."""
    if row.state not in _FROM[ruling.after]:
        return False
    if ruling.after is not State.APPROVED or row.state != State.APPROVED:
        return True
    return bool(row.approved_by_hand != row.draft_digest)


def _moved(row: Row, after: State) -> Moved:
    return Moved(
        id=row.id,
        draft_digest=row.draft_digest,
        before=State(row.state),
        after=after,
        approved_by=row.approved_by if row.approved_by_hand == row.draft_digest else None,
        reason=row.reason,
    )


def _before(each: Moved) -> State:
    """What had failed is no failure any more: it is to be decided anew."""
    return State.PENDING if each.before is State.FAILED else each.before


def _steps_back(each: Moved) -> list[tuple[str, str]]:
    """By the moves that there are: what was put aside waits before it is in line again."""
    last = _before(each)
    if each.after is State.SKIPPED and last is not State.PENDING:
        return [(each.after.value, State.PENDING.value), (State.PENDING.value, last.value)]
    return [(each.after.value, last.value)]


def _edited(row: Row) -> Edited:
    overlay = Overlay(
        text=row.text,
        spoiler=row.spoiler,
        visibility=Visibility(row.visibility) if row.visibility else None,
        language=row.language,
        base=row.base,
        version=row.version,
    )
    return Edited(overlay=overlay, author=row.author, at=row.at)
