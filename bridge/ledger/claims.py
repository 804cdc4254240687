"""The protocol of sending: claim (commit the intent), then the request, then settle (commit its outcome).

One process at a time holds an account, and the token of its hold is the lease of every row that it claims: a
row in flight with another lease was left by a holder that is gone. Such a row is handed out by `abandoned`,
and whoever takes it looks at the account before sending anything again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bridge.errors import IllegalTransition, LedgerError, Locked
from bridge.ledger import documents
from bridge.ledger.database import Row, Select, Store
from bridge.ledger.destinations import extend
from bridge.ledger.rows import Hold
from bridge.ledger.tables import events, posts, publications, wordings
from bridge.ledger.uploads import forget
from bridge.publications import BOOST, STATUS, TRANSITIONS, Publication, State, idempotency_key
from bridge.publishers.base import Addressed, Receipt
from bridge.statuses import StatusDraft

#: A parent in one of these is settled: its answers may follow. Those of a skipped one stand for themselves.
_SETTLED = (State.PUBLISHED, State.SKIPPED, State.WITHDRAWN)

# Written out, not bound: only so can either database tell that the partial index applies.
_IN_FLIGHT = publications.c.state == sa.literal_column("'publishing'")

_ACCOUNT = sa.bindparam("account", type_=sa.Text)
_COLUMNS = (
    *(column for column in publications.c if column.name != "post_id"),
    posts.c.source,
    posts.c.source_id.label("post_id"),
)
_FIELDS = tuple(Publication.__dataclass_fields__)


def publication_rows() -> Select:
    return sa.select(*_COLUMNS).join(posts, posts.c.id == publications.c.post_id)


def _first() -> Select:
    """The first approved row whose parent does not hold it back; if that has to wait, so has the rest."""
    parent = publications.alias("parent")
    held_back = sa.exists().where(parent.c.id == publications.c.reply_to_id, parent.c.state.not_in(_SETTLED))
    return (
        publication_rows()
        .where(publications.c.destination == _ACCOUNT, publications.c.state == State.APPROVED, ~held_back)
        .order_by(publications.c.sort_key, publications.c.id)
        .limit(1)
    )


# Built once: each is run for every status, and building costs more than running. What an update sets is named
# by its parameters, beside those of its condition.
_FIRST = _first()
_CURRENT = publication_rows().where(publications.c.destination == _ACCOUNT, _IN_FLIGHT)
_ROW = publications.c.id == sa.bindparam("row")
_MOVE = sa.update(publications).where(_ROW, publications.c.state == sa.bindparam("before"))
_FENCED = sa.update(publications).where(
    _ROW, publications.c.state == State.PUBLISHING, publications.c.lease == sa.bindparam("under")
)
_PUBLISHED = _FENCED.values(published_digest=publications.c.draft_digest)
_UNCOUNTED = _FENCED.values(attempts=publications.c.attempts - 1)
_RECORD = sa.insert(events)
_WORDING = sa.insert(wordings)
_FORGOTTEN = sa.delete(wordings).where(wordings.c.publication_id == sa.bindparam("row"))
_PARENT = sa.select(
    publications.c.id, publications.c.state, publications.c.remote_id, publications.c.reply_to_id
).where(_ROW)


class Claims(Store):
    def claim(
        self,
        hold: Hold,
        *,
        now: datetime,
        budget: Mapping[str, object] | None = None,
        asked: Addressed | None = None,
    ) -> Publication | None:
        """Commit the intent to send what comes next, and what will be spent by it; None: nothing is due.

        `asked`: how it will be sent, for whoever has to look for it. Raises Locked without the hold.
        """
        with self._database.write() as connection:
            # The row lock comes first, then plain reads: one clever statement would decide on a snapshot from
            # before its neighbour's commit (PostgreSQL, READ COMMITTED).
            spent = {} if budget is None else {"budget": documents.encode(budget)}
            extend(connection, hold, now=now, claimed_at=now, **spent)
            if _in_flight(connection, hold.account) is not None:
                return None
            row = _next(connection, hold.account)
            if row is None or not _due(row, now):
                return None
            attempt = {"attempted_at": now, "attempts": row.attempts + 1, "lease": hold.token}
            _move(connection, row.id, State.APPROVED, State.PUBLISHING, now=now, values=attempt)
            claimed = publication_of(row, state=State.PUBLISHING, **attempt)
            _note(connection, claimed, asked)
            return claimed

    def peek(self, account: str, *, now: datetime) -> Publication | None:
        """What `claim` would return; nothing is locked or written."""
        with self._database.read() as connection:
            if _in_flight(connection, account) is not None:
                return None
            row = _next(connection, account)
            return None if row is None or not _due(row, now) else publication_of(row)

    def abandoned(self, hold: Hold, *, now: datetime) -> Publication | None:
        """Take over the row in flight, if its holder is gone or it is time to look for it again."""
        with self._database.read() as connection:
            if _in_flight(connection, hold.account) is None:
                return None
        with self._database.write() as connection:
            extend(connection, hold, now=now)
            row = _in_flight(connection, hold.account)
            if row is None:
                return None
            if row.lease == hold.token and (row.look_again_at is None or row.look_again_at > now):
                return None
            # Due until it is settled or put off: nobody else will see to it.
            taken = {"lease": hold.token, "look_again_at": now}
            connection.execute(sa.update(publications).where(publications.c.id == row.id).values(**taken))
            return publication_of(row, **taken)

    def reclaim(
        self, publication: Publication, *, now: datetime, asked: Addressed | None = None
    ) -> Publication | None:
        """Commit the intent to send it again, as it is certainly not there; None when the lease was lost."""
        attempt = {"attempted_at": now, "attempts": publication.attempts + 1, "unknown_since": None}
        with self._database.write() as connection:
            again = {**_fence(publication), **attempt, "look_again_at": None}
            if connection.execute(_FENCED, again).rowcount == 0:
                return None
            record(
                connection, publication.id, State.PUBLISHING, State.PUBLISHING, now=now, detail="sent again"
            )
            _forget(connection, publication)
            _note(connection, publication, asked)
        return replace(publication, attempted_at=now, attempts=publication.attempts + 1, unknown_since=None)

    def asked(self, publication: Publication) -> Addressed | None:
        """How the request under way was worded, and what it answers or boosts; None: as the draft says.

        Its media are those of its uploads.
        """
        columns = (wordings.c.text, wordings.c.reply_to, wordings.c.boost)
        noted = sa.select(*columns).where(wordings.c.publication_id == publication.id)
        with self._database.read() as connection:
            row = connection.execute(noted).one_or_none()
        return None if row is None else Addressed(**row._mapping)

    def mark_unknown(self, publication: Publication, *, now: datetime, look_again_at: datetime) -> bool:
        """No answer: the row stays in flight, to be looked for at that time. False: the lease was lost."""
        marked_before = publications.c.unknown_since
        # One that lies ahead was written by a clock that has been put right since.
        since = sa.case((marked_before <= now, marked_before), else_=now)
        marked = {**_fence(publication), "look_again_at": look_again_at}
        with self._database.write() as connection:
            if connection.execute(_FENCED.values(unknown_since=since), marked).rowcount == 0:
                return False
            if publication.unknown_since is None:
                record(
                    connection,
                    publication.id,
                    State.PUBLISHING,
                    State.PUBLISHING,
                    now=now,
                    detail="no answer",
                )
            return True

    def settle(  # noqa: PLR0913 - an outcome has that many sides
        self,
        publication: Publication,
        state: State,
        *,
        now: datetime,
        receipt: Receipt | None = None,
        text: str | None = None,
        draft: StatusDraft | None = None,
        media: Collection[str] = (),
        not_before: datetime | None = None,
        error: str | None = None,
        detail: str | None = None,
        reason: str | None = None,
        rotate_key: bool = False,
        attempted: bool = True,
        run: int | None = None,
    ) -> bool:
        """Commit the outcome. False when the lease was lost: whoever took it has looked, or will.

        `published` needs a receipt; `text` is what was sent, `draft` the same draft as it went, `media` the
        uploads that it took; `detail` is for its history, `reason` stays with the row. `rotate_key`: the next
        attempt gets another idempotency key. `attempted` False: nothing was tried after all, or the server
        said when to come; it does not count.
        """
        if state not in TRANSITIONS[State.PUBLISHING]:
            raise IllegalTransition(f"A publication in flight cannot become {state}.")
        values: dict[str, object] = {"state": state, "error": error, "not_before": not_before}
        values.update(lease=None, unknown_since=None, look_again_at=None)
        values.update({} if reason is None else {"reason": reason})
        outcome = _FENCED if attempted else _UNCOUNTED
        if state is State.PUBLISHED:
            outcome = _PUBLISHED
            values.update(_received(receipt), published_at=now)
            values.update(kind=BOOST if receipt is not None and receipt.reblog else STATUS)
        if draft is not None and draft != publication.draft:
            values.update(draft=documents.encode(draft))
        with self._database.write() as connection:
            if rotate_key:
                values.update(_rotated(connection, publication))
            try:
                settled = connection.execute(outcome, {**_fence(publication), **values}).rowcount
            except sa.exc.IntegrityError as conflict:
                raise _taken(publication, receipt) from conflict
            if settled:
                told = detail or error
                record(connection, publication.id, State.PUBLISHING, state, now=now, detail=told, run=run)
                _write_down(connection, publication, state, text)
                forget(connection, publication.destination, media)
            return bool(settled)

    def next_wake(self, destination: str, *, now: datetime) -> datetime | None:
        """When there is something to do: now or later; None when nothing is left that moves by itself."""
        with self._database.read() as connection:
            row = _in_flight(connection, destination)
            if row is not None:
                return max(row.look_again_at or now, now)
            row = _next(connection, destination)
            return None if row is None else max(row.not_before or now, now)

    def reply_target(self, publication: Publication) -> str | None:
        """Remote id of the nearest published row that this one answers, past those skipped or withdrawn."""
        with self._database.read() as connection:
            row = standing_parent(connection, publication)
        return None if row is None else str(row.remote_id)


def publication_of(row: Row, **changes: object) -> Publication:
    """A row of `publication_rows` as a value, with what was changed since it was read."""
    values = {**row._mapping, **changes}
    values["draft"] = documents.decode_draft(row.draft)
    values["state"] = State(str(values["state"]))
    return Publication(**{name: values[name] for name in _FIELDS})


def standing_parent(connection: sa.Connection, publication: Publication) -> Row | None:
    """The nearest published row that this one answers, past those skipped or withdrawn."""
    parent = publication.reply_to_id
    while parent is not None:
        row = connection.execute(_PARENT, {"row": parent}).one()
        if row.state == State.PUBLISHED:
            return row
        parent = row.reply_to_id
    return None


def record(  # noqa: PLR0913 - an event has that many sides
    connection: sa.Connection,
    publication: int,
    before: State,
    after: State,
    *,
    now: datetime,
    detail: str | None = None,
    run: int | None = None,
    actor: str = "delivery",
) -> None:
    row = {"publication_id": publication, "at": now, "before": before, "after": after, "actor": actor}
    connection.execute(_RECORD, {**row, "detail": detail, "run": run})


def _in_flight(connection: sa.Connection, account: str) -> Row | None:
    return connection.execute(_CURRENT, {"account": account}).one_or_none()


def _next(connection: sa.Connection, account: str) -> Row | None:
    return connection.execute(_FIRST, {"account": account}).one_or_none()


def _due(row: Row, now: datetime) -> bool:
    return row.not_before is None or row.not_before <= now


def _move(
    connection: sa.Connection,
    id_: int,
    before: State,
    after: State,
    *,
    now: datetime,
    values: dict[str, object],
) -> None:
    if connection.execute(_MOVE, {"row": id_, "before": before, "state": after, **values}).rowcount != 1:
        raise IllegalTransition(f"Publication {id_} is not {before} any more.")
    record(connection, id_, before, after, now=now)


def _fence(publication: Publication) -> dict[str, object]:
    """For `_FENCED`: only under the lease that the publication was handed out with."""
    if publication.lease is None:
        raise Locked(f"Publication {publication.id} was not claimed.")
    return {"row": publication.id, "under": publication.lease}


def _received(receipt: Receipt | None) -> dict[str, object]:
    if receipt is None:
        raise IllegalTransition("A publication is published when there is a receipt for it.")
    return {"remote_id": receipt.remote_id, "remote_url": receipt.url}


def _note(connection: sa.Connection, publication: Publication, asked: Addressed | None) -> None:
    """What is about to be asked, where that depends on more than the draft."""
    if asked is None:
        return
    answers = publication.reply_to_id is not None or asked.boost is not None
    if answers or _is_worded(publication, asked.text):
        noted = {"text": asked.text, "reply_to": asked.reply_to, "boost": asked.boost}
        _forget(connection, publication)
        connection.execute(_WORDING, {"publication_id": publication.id, **noted})


def _write_down(connection: sa.Connection, publication: Publication, state: State, text: str | None) -> None:
    """The words that were sent, where the draft does not say them all; nothing of what was not sent."""
    worded = state is State.PUBLISHED and text is not None and _is_worded(publication, text)
    passed_on = publication.draft.boost is not None
    if worded or passed_on or publication.reply_to_id is not None or state is not State.PUBLISHED:
        _forget(connection, publication)
    if worded:
        connection.execute(_WORDING, {"publication_id": publication.id, "text": text})


def _is_worded(publication: Publication, text: str) -> bool:
    draft = publication.draft
    quotes = draft.quote is not None or draft.quote_of is not None
    return bool(draft.own_links) or quotes or text != draft.text


def _forget(connection: sa.Connection, publication: Publication) -> None:
    connection.execute(_FORGOTTEN, {"row": publication.id})


def _rotated(connection: sa.Connection, publication: Publication) -> dict[str, object]:
    columns = (publications.c.part, publications.c.draft_digest, publications.c.key_epoch)
    row = connection.execute(sa.select(*columns).where(publications.c.id == publication.id)).one()
    of = {"source": publication.source, "post_id": publication.post_id}
    key, epoch = rotated_key(row, destination=publication.destination, **of)
    return {"key_epoch": epoch, "idempotency_key": key}


def rotated_key(row: Row, *, destination: str, source: str, post_id: str) -> tuple[str, int]:
    """The next key of a row, and its epoch."""
    epoch = row.key_epoch + 1
    key = idempotency_key(
        destination,
        source=source,
        post_id=post_id,
        part=row.part,
        draft_digest=row.draft_digest,
        epoch=epoch,
    )
    return key, epoch


def _taken(publication: Publication, receipt: Receipt | None) -> LedgerError:
    status = receipt.remote_id if receipt else "?"
    return LedgerError(
        f"{publication.destination} gave post {publication.post_id} the status {status} of another post.",
        hint="Run `passerelle verify` before going on.",
    )
