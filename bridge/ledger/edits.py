"""Edits of statuses that stand: the intent is committed before the request, its outcome after.

Until it is settled, the row of the publication goes on telling what was published. Whoever holds the account
may see to an edit that another run has left in flight: it looks at the status before it asks again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from bridge.errors import LedgerError
from bridge.ledger import documents
from bridge.ledger.claims import publication_of, publication_rows, record
from bridge.ledger.database import Store, batches
from bridge.ledger.destinations import extend
from bridge.ledger.rows import Hold, Standing
from bridge.ledger.tables import edits, events, posts, publications, wordings
from bridge.publications import OTHERS, STATUS, Edit, Publication, State
from bridge.statuses import StatusDraft, StatusRef, draft_digest

_IN_FLIGHT = edits.c.settled_at.is_(None)


class Edits(Store):
    def standing(
        self, destination: str, source: str, post_ids: Collection[str], *, corrections: bool = False
    ) -> dict[str, list[Standing]]:
        """The published statuses of these posts, parts ascending; posts without any are absent."""
        p = publications.c
        lowest = OTHERS if corrections else 0
        settled = sa.and_(edits.c.publication_id == p.id, edits.c.settled_at.is_not(None))
        statement = (
            publication_rows()
            .add_columns(edits.c.text.label("edited"), wordings.c.text.label("sent"))
            .outerjoin(edits, settled)
            .outerjoin(wordings, wordings.c.publication_id == p.id)
            .where(
                p.destination == destination, p.state == State.PUBLISHED, p.kind == STATUS, p.part > lowest
            )
            .order_by(p.post_id, p.part)
        )
        found: dict[str, list[Standing]] = {}
        with self._database.read() as connection:
            for some in batches(post_ids):
                named = sa.select(posts.c.id).where(
                    posts.c.source == source, self._database.among(posts.c.source_id, some)
                )
                for row in connection.execute(statement.where(p.post_id.in_(named))):
                    standing = Standing(row=publication_of(row), sent=row.sent, edited=row.edited)
                    found.setdefault(row.post_id, []).append(standing)
        return found

    def corrections(
        self, destination: str, source: str, post_ids: Collection[str]
    ) -> dict[str, list[Publication]]:
        """What was, or is to be, said under these posts because they were edited, the first one first."""
        p = publications.c
        statement = publication_rows().where(p.destination == destination, p.kind == STATUS)
        statement = statement.where(p.part < 0, p.part > OTHERS).order_by(p.part.desc())
        found: dict[str, list[Publication]] = {}
        with self._database.read() as connection:
            for some in batches(post_ids):
                named = sa.select(posts.c.id).where(
                    posts.c.source == source, self._database.among(posts.c.source_id, some)
                )
                for row in connection.execute(statement.where(p.post_id.in_(named))):
                    found.setdefault(row.post_id, []).append(publication_of(row))
        return found

    def sent_before(self, row: Publication, ref: StatusRef) -> str | None:
        """The URL that a status of ours had when `row` was sent; None: it was not there then.

        Forgotten once the post of that status is sent anew: what was really written is in `Standing.sent`.
        """
        p = publications.c
        earlier = sa.tuple_(p.published_at, p.sort_key) < sa.tuple_(
            sa.literal(row.attempted_at, p.published_at.type), sa.literal(row.sort_key, p.sort_key.type)
        )
        withdrawn = sa.exists().where(
            events.c.publication_id == p.id,
            events.c.after == State.WITHDRAWN,
            events.c.at >= p.published_at,
            events.c.at <= row.attempted_at,
        )
        statement = (
            sa.select(p.remote_url)
            .join(posts, posts.c.id == p.post_id)
            .where(
                posts.c.source == row.source,
                posts.c.source_id == ref.post_id,
                p.destination == row.destination,
                p.part == ref.part,
                p.remote_id.is_not(None),
                p.kind == STATUS,
                earlier,
                ~withdrawn,
            )
        )
        with self._database.read() as connection:
            return connection.scalar(statement)

    def editing(self, account: str) -> Edit | None:
        """The edit whose outcome is not known."""
        statement = sa.select(edits).where(edits.c.destination == account, _IN_FLIGHT)
        with self._database.read() as connection:
            edit = connection.execute(statement).one_or_none()
            if edit is None:
                return None
            row = connection.execute(publication_rows().where(publications.c.id == edit.publication_id)).one()
        return Edit(
            id=edit.id,
            row=publication_of(row),
            draft=documents.decode_draft(edit.draft),
            text=edit.text,
            attempted_at=edit.attempted_at,
            unknown_since=edit.unknown_since,
        )

    def begin_edit(
        self, hold: Hold, row: Publication, draft: StatusDraft, text: str, *, now: datetime
    ) -> Edit | None:
        """Commit the intent; None: the row is not what it was. Raises Locked without the hold."""
        p = publications.c
        same = sa.select(p.id).where(
            p.id == row.id, p.state == State.PUBLISHED, p.draft_digest == draft_digest(row.draft)
        )
        values = {"draft": documents.encode(draft), "text": text, "attempted_at": now}
        whose = {"destination": row.destination, "publication_id": row.id}
        with self._database.write() as connection:
            extend(connection, hold, now=now)
            if connection.scalar(same) is None:
                return None
            try:
                id_ = connection.scalars(
                    sa.insert(edits).values(**whose, **values).returning(edits.c.id)
                ).one()
            except sa.exc.IntegrityError as conflict:
                raise LedgerError(f"An edit of {row.destination} is in flight already.") from conflict
        return Edit(id=id_, row=row, draft=draft, text=text, attempted_at=now)

    def resume_edit(self, hold: Hold, edit: Edit, *, now: datetime) -> None:
        """Commit the intent to ask again, as the status certainly reads as it did before."""
        self._change(hold, edit, now=now, attempted_at=now, unknown_since=None)

    def doubt_edit(self, hold: Hold, edit: Edit, *, now: datetime, since: datetime) -> None:
        """No answer came, which is known since then."""
        self._change(hold, edit, now=now, unknown_since=since)

    def settle_edit(self, hold: Hold, edit: Edit, *, now: datetime, detail: str) -> bool:
        """The status reads as it was to read. False: the row is not published any more."""
        digest = draft_digest(edit.draft)
        earlier = sa.delete(edits).where(edits.c.publication_id == edit.row.id, edits.c.id != edit.id)
        published = sa.update(publications).where(
            publications.c.id == edit.row.id, publications.c.state == State.PUBLISHED
        )
        written = {"draft": documents.encode(edit.draft), "draft_digest": digest, "published_digest": digest}
        with self._database.write() as connection:
            extend(connection, hold, now=now)
            connection.execute(earlier)
            connection.execute(sa.delete(wordings).where(wordings.c.publication_id == edit.row.id))
            connection.execute(sa.update(edits).where(edits.c.id == edit.id).values(settled_at=now))
            if connection.execute(published.values(**written)).rowcount == 0:
                return False
            record(connection, edit.row.id, State.PUBLISHED, State.PUBLISHED, now=now, detail=detail)
            return True

    def drop_edit(self, hold: Hold, edit: Edit, *, now: datetime, detail: str | None = None) -> None:
        """It certainly was not, and will not be, carried out."""
        with self._database.write() as connection:
            extend(connection, hold, now=now)
            connection.execute(sa.delete(edits).where(edits.c.id == edit.id))
            if detail is not None:
                record(connection, edit.row.id, State.PUBLISHED, State.PUBLISHED, now=now, detail=detail)

    def worded(self, row: Publication) -> list[tuple[StatusDraft, str]]:
        """What we have put there, as far as it was written down, or may have by an edit."""
        sent = sa.select(wordings.c.text).where(wordings.c.publication_id == row.id)
        edited = sa.select(edits.c.draft, edits.c.text).where(edits.c.publication_id == row.id)
        with self._database.read() as connection:
            found = [(row.draft, text) for text in connection.scalars(sent)]
            found += [(documents.decode_draft(each.draft), each.text) for each in connection.execute(edited)]
        return found

    def _change(self, hold: Hold, edit: Edit, *, now: datetime, **values: datetime | None) -> None:
        with self._database.write() as connection:
            extend(connection, hold, now=now)
            connection.execute(sa.update(edits).where(edits.c.id == edit.id).values(**values))


def forget_wording(connection: sa.Connection, rows: Collection[int]) -> None:
    """Words and edits were of statuses that are gone; what takes their place is read as it is sent."""
    for some in batches(rows):
        for table in (edits, wordings):
            connection.execute(sa.delete(table).where(table.c.publication_id.in_(some)))
