"""Taking back what was published: the intent first, then the request, then what became of it.

A row stays `published` until its deletion is certain. The intent is an event: when the process dies in
between, the next run finds the status gone and knows by whom. Deleting twice does no harm, so nothing waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bridge.ledger.adoptions import let_go
from bridge.ledger.claims import publication_of, publication_rows, record, standing_parent
from bridge.ledger.database import Row, Select, Store
from bridge.ledger.deliveries import Posts, of_posts
from bridge.ledger.destinations import extend, forget_proposals, lock_account
from bridge.ledger.edits import forget_wording
from bridge.ledger.rows import Hold, Placed
from bridge.ledger.tables import events, posts, publications
from bridge.planning import BY_RULE
from bridge.publications import ADOPTED, Publication, State

_BEGUN = "to be deleted"
_ACTOR = "undo"


def is_adopted() -> sa.ColumnElement[bool]:
    """Whether a publication is one that another tool carried; what is sent again is ours from then on."""
    return sa.func.coalesce(publications.c.reason, "").startswith(ADOPTED)


class Withdrawals(Store):
    def placed(self, destination: str) -> list[Placed]:
        """Every publication of the account, in the order of publication."""
        return self._read(_placed(destination).order_by(publications.c.sort_key, publications.c.id))

    def outlived(self, destination: str, source: str) -> list[Placed]:
        """What stands of posts that their author deleted after it was published; the newest first."""
        gone = posts.c.gone_at > publications.c.published_at
        ours = (posts.c.source == source, publications.c.state == State.PUBLISHED, ~is_adopted())
        newest = (publications.c.published_at.desc(), publications.c.id.desc())
        return self._read(_placed(destination).where(gone, *ours).order_by(*newest))

    def _read(self, statement: Select) -> list[Placed]:
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        return [Placed(**{**row._mapping, "state": State(row.state)}) for row in rows]

    def published_by(self, destination: str, run: int) -> set[int]:
        """The publications, by row, that this run has published at the account."""
        statement = (
            sa.select(publications.c.id)
            .join(events, events.c.publication_id == publications.c.id)
            .where(
                publications.c.destination == destination,
                events.c.run == run,
                events.c.before == State.PUBLISHING,
                events.c.after == State.PUBLISHED,
            )
        )
        with self._database.read() as connection:
            return set(connection.scalars(statement))

    def still_published(self, publication: int) -> Publication | None:
        """As long as it is published."""
        statement = publication_rows().where(
            publications.c.id == publication, publications.c.state == State.PUBLISHED
        )
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else publication_of(row)

    def begin_withdrawal(
        self, hold: Hold, publication: Publication, *, now: datetime, run: int | None = None
    ) -> None:
        """Commit the intent to delete it. Raises Locked when the hold is lost."""
        with self._database.write() as connection:
            extend(connection, hold, now=now)
            _note(connection, publication, _BEGUN, now=now, run=run)

    def withdrawal_begun(self, publication: Publication) -> bool:
        """Whether a request to delete it may have been made whose outcome nobody wrote down."""
        begun = sa.select(publications.c.id).where(publications.c.id == publication.id, _has_begun())
        with self._database.read() as connection:
            return connection.scalar(begun) is not None

    def half_withdrawn(self, publication: Publication) -> list[Publication]:
        """The published ones that it answers, quotes or links to, and of which `withdrawal_begun` is true."""
        named = {link.to for link in publication.draft.own_links} | {publication.draft.quote} - {None}
        if publication.reply_to_id is None and not named:
            return []
        ours = {"from": publication.source, "at": publication.destination}
        with self._database.read() as connection:
            rows = [
                row
                for ref in named
                if ref
                for row in connection.execute(_HALF_PART, {**ours, "post": ref.post_id, "number": ref.part})
            ]
            if (parent := standing_parent(connection, publication)) is not None:
                rows += connection.execute(_HALF, {"row": parent.id})
        return [publication_of(row) for row in rows]

    def withdraw(
        self,
        hold: Hold,
        publication: Publication,
        *,
        now: datetime,
        run: int | None = None,
        detail: str | None = None,
    ) -> bool:
        """It is certainly not on the account any more. False: it was not `published` in the ledger either."""
        gone = sa.update(publications).where(
            publications.c.id == publication.id, publications.c.state == State.PUBLISHED
        )
        with self._database.write() as connection:
            extend(connection, hold, now=now)
            if connection.execute(gone.values(state=State.WITHDRAWN)).rowcount == 0:
                return False
            forget_proposals(connection, hold.account)
            forget_wording(connection, [publication.id])
            record(
                connection, publication.id, State.PUBLISHED, State.WITHDRAWN,
                now=now, detail=detail, run=run, actor=_ACTOR,
            )  # fmt: skip
        return True

    def leave_standing(
        self, hold: Hold, publication: Publication, why: str, *, now: datetime, run: int | None = None
    ) -> None:
        """It could not, or must not, be deleted; the row stays as it is."""
        with self._database.write() as connection:
            extend(connection, hold, now=now)
            _note(connection, publication, f"not deleted: {why}", now=now, run=run)

    def doubt_withdrawal(
        self, hold: Hold, publication: Publication, why: str, *, now: datetime, run: int | None = None
    ) -> None:
        """No answer came, as often as it was asked for: it may go yet, by our doing."""
        with self._database.write() as connection:
            extend(connection, hold, now=now)
            _note(connection, publication, f"{_BEGUN}; in doubt: {why}", now=now, run=run)

    def reinstate(self, destination: str, posts: Posts | None = None, *, now: datetime) -> int:
        """Let withdrawn posts be planned as if they were new; None: all of them.

        Only those of which nothing stands or is under way: half a post is never published.
        """
        p = publications.c
        part = publications.alias("part")
        engaged = sa.exists().where(
            part.c.post_id == p.post_id,
            part.c.destination == destination,
            part.c.state.not_in((State.WITHDRAWN, State.SKIPPED)),
        )
        rows = sa.select(p.id, p.post_id, p.remote_id).where(
            p.destination == destination, p.state == State.WITHDRAWN, ~engaged
        )
        count = 0
        with self._database.write() as connection:
            lock_account(connection, destination)
            forget_proposals(connection, destination)
            for chosen in of_posts(posts):
                found = connection.execute(rows.where(chosen)).all()
                _reinstate(connection, found, now=now)
                let_go(connection, destination, {row.post_id for row in found})
                count += len(found)
        return count


def _placed(destination: str) -> Select:
    p = publications.c
    columns = (
        p.id, posts.c.source, posts.c.source_id.label("post_id"), p.part, p.state, p.sort_key, p.reply_to_id,
        p.remote_id, p.remote_url, p.published_at, is_adopted().label("adopted"), p.kind,
    )  # fmt: skip
    joined = sa.select(*columns).join(posts, posts.c.id == p.post_id)
    return joined.where(p.destination == destination)


def _has_begun() -> sa.ColumnElement[bool]:
    """By the last event that is about where it stands: an edit that failed meanwhile says nothing of that."""
    moved = sa.func.coalesce(events.c.before, "") != events.c.after
    last = (
        sa.select(sa.case((events.c.actor == _ACTOR, events.c.detail), else_=""))
        .where(events.c.publication_id == publications.c.id, sa.or_(events.c.actor == _ACTOR, moved))
        .order_by(events.c.id.desc())
        .limit(1)
    )
    return sa.func.coalesce(last.scalar_subquery(), "").startswith(_BEGUN)


def _half() -> tuple[Select, Select]:
    """Published, but to be deleted: the row, and that of a part of a post at an account."""
    p = publications.c
    half = publication_rows().where(p.state == State.PUBLISHED, _has_begun())
    post = (posts.c.source == sa.bindparam("from"), posts.c.source_id == sa.bindparam("post"))
    part = (p.destination == sa.bindparam("at"), p.part == sa.bindparam("number"))
    return half.where(p.id == sa.bindparam("row")), half.where(*post, *part)


_HALF, _HALF_PART = _half()  # built once: one of them is run for every answer


def _note(
    connection: sa.Connection, publication: Publication, detail: str, *, now: datetime, run: int | None
) -> None:
    record(
        connection, publication.id, State.PUBLISHED, State.PUBLISHED,
        now=now, detail=detail, run=run, actor=_ACTOR,
    )  # fmt: skip


def _reinstate(connection: sa.Connection, rows: Sequence[Row], *, now: datetime) -> None:
    """The next attempt gets another key: the server may remember the old one, and what it led to."""
    p = publications.c
    values: dict[str, object] = {"state": State.SKIPPED, "reason": f"{BY_RULE}withdrawn"}
    values.update(remote_id=None, remote_url=None, published_at=None, published_digest=None)
    values.update(attempts=0, attempted_at=None, error=None, key_epoch=p.key_epoch + 1)
    for row in rows:
        connection.execute(sa.update(publications).where(p.id == row.id).values(**values))
        record(
            connection, row.id, State.WITHDRAWN, State.SKIPPED,
            now=now, detail=f"to be published anew; it was {row.remote_id}", actor="user",
        )  # fmt: skip
