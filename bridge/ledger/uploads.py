"""Media that lie at a server and wait for their status: uploaded once, however often a status is tried."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from bridge.ledger.database import Store, batches
from bridge.ledger.rows import UploadRow
from bridge.ledger.tables import uploads


class Uploads(Store):
    def save_upload(  # noqa: PLR0913 - eight facts, all of one upload
        self,
        destination: str,
        *,
        sha256: str,
        description: str | None,
        remote_id: str,
        ready: bool,
        now: datetime,
        expires_at: datetime | None = None,
        recipe: str | None = None,
    ) -> None:
        """Remember what was uploaded, in the place of an earlier upload of the same file and description."""
        row = {"remote_id": remote_id, "ready": ready, "uploaded_at": now, "expires_at": expires_at}
        row["recipe"] = recipe
        with self._database.write() as connection:
            connection.execute(sa.delete(uploads).where(_same(destination, sha256, description)))
            key = {"destination": destination, "sha256": sha256, "alt_digest": _alt_digest(description)}
            connection.execute(sa.insert(uploads), {**key, **row})

    def upload_of(
        self, destination: str, sha256: str, description: str | None, *, now: datetime | None = None
    ) -> UploadRow | None:
        """With `now`, only one that the server still keeps then."""
        statement = sa.select(uploads).where(_same(destination, sha256, description))
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None or (now is not None and row.expires_at is not None and row.expires_at <= now):
            return None
        return UploadRow(**{name: row._mapping[name] for name in UploadRow.__dataclass_fields__})

    def uploads_standing(self, destination: str, *, now: datetime) -> int:
        """How many lie at the server, as far as anybody knows, for statuses to come."""
        kept = sa.or_(uploads.c.expires_at.is_(None), uploads.c.expires_at > now)
        statement = sa.select(sa.func.count()).where(uploads.c.destination == destination, kept)
        with self._database.read() as connection:
            return connection.scalar(statement) or 0

    def doubt_uploads(self, destination: str, remote_ids: Collection[str]) -> None:
        """The server would not use them yet: it is to be asked about them."""
        with self._database.write() as connection:
            for some in batches(remote_ids):
                statement = sa.update(uploads).where(uploads.c.destination == destination)
                connection.execute(statement.where(uploads.c.remote_id.in_(some)).values(ready=False))

    def upload_is_ready(self, destination: str, remote_id: str) -> None:
        """The server has finished with it; how long it has been there stays as it was."""
        ours = sa.and_(uploads.c.destination == destination, uploads.c.remote_id == remote_id)
        with self._database.write() as connection:
            connection.execute(sa.update(uploads).where(ours).values(ready=True))

    def forget_uploads(self, destination: str, remote_ids: Collection[str]) -> int:
        """When they are gone."""
        with self._database.write() as connection:
            return forget(connection, destination, remote_ids)


def forget(connection: sa.Connection, destination: str, remote_ids: Collection[str]) -> int:
    """Also of those that a status has taken, which servers allow once; in the transaction of its receipt."""
    count = 0
    for some in batches(remote_ids):
        statement = sa.delete(uploads).where(uploads.c.destination == destination)
        count += connection.execute(statement.where(uploads.c.remote_id.in_(some))).rowcount
    return count


def _same(destination: str, sha256: str, description: str | None) -> sa.ColumnElement[bool]:
    return sa.and_(
        uploads.c.destination == destination,
        uploads.c.sha256 == sha256,
        uploads.c.alt_digest == _alt_digest(description),
    )


def _alt_digest(description: str | None) -> str:
    return hashlib.blake2b((description or "").encode(), digest_size=16).hexdigest()
