"""What people did on the review desk besides single posts: decisions about many, and who is who.

A decision about many keeps what it moved, so that whoever made it can take it back, tomorrow as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from bridge.errors import BridgeError, LedgerError
from bridge.ledger.database import Row, Store
from bridge.ledger.rows import Act, Moved
from bridge.ledger.tables import acts

_KEPT = 20  # acts of an account that can be taken back; one about 50,000 posts takes some megabytes
_COLUMNS = (*(acts.c[name] for name in Act.__dataclass_fields__ if name != "open"), acts.c.moved.is_not(None))
_moved = msgspec.json.Decoder(list[Moved])


class Acts(Store):
    def note(self, account: str, act: Act, moved: Sequence[Moved] = ()) -> int:
        """Write it down; its number. The number in `act` is of no account."""
        fields = ("at", "author", "what", "posts", "detail", "place")
        row = {name: getattr(act, name) for name in fields}
        kept = msgspec.json.encode(list(moved)).decode() if moved else None
        with self._database.write() as connection:
            made = sa.insert(acts).values(destination=account, moved=kept, **row).returning(acts.c.id)
            number = connection.execute(made).scalar_one()
            mine = sa.and_(acts.c.destination == account, acts.c.moved.is_not(None))
            newest = sa.select(acts.c.id).where(mine).order_by(acts.c.id.desc()).limit(_KEPT)
            connection.execute(
                sa.update(acts).where(mine, acts.c.id.not_in(newest.scalar_subquery())).values(moved=None)
            )
        return int(number)

    def recent(self, account: str, *, limit: int = 20) -> list[Act]:
        """The newest first."""
        found = sa.select(*_COLUMNS).where(acts.c.destination == account)
        with self._database.read() as connection:
            rows = connection.execute(found.order_by(acts.c.id.desc()).limit(limit)).all()
        return [_act(row) for row in rows]

    def moved(self, account: str, number: int, *, by: str) -> tuple[Act, list[Moved]]:
        """What it moved. Raises LedgerError where it cannot be taken back (any more), or not by them."""
        found = sa.select(*_COLUMNS, acts.c.moved).where(acts.c.destination == account, acts.c.id == number)
        with self._database.read() as connection:
            row = connection.execute(found).one_or_none()
        if row is None or row.moved is None:
            raise LedgerError(
                "That cannot be taken back any more.", hint="The history tells what was decided."
            )
        if row.author != by:
            raise BridgeError(f"That is for {row.author} to take back.", hint="Decide anew about the posts.")
        return _act(row), _moved.decode(row.moved)

    def undone(self, number: int, *, now: datetime) -> None:
        with self._database.write() as connection:
            done = sa.update(acts).where(acts.c.id == number)
            connection.execute(done.values(moved=None, undone_at=now))


def _act(row: Row) -> Act:
    values = dict(zip((name for name in Act.__dataclass_fields__ if name != "open"), row, strict=False))
    return Act(**values, open=bool(row[len(values)]))
