"""What reading has cost, by month, in millionths of a dollar.

It is set aside before a question is asked and settled after the answer, so that a crash in between counts as
spent. One row of a month, that of nobody, is its lock: two processes never spend the same dollar.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from bridge.ledger.database import Row, Store
from bridge.ledger.tables import spending

_NOBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that costs: who asks it, in which month (2026-11) and on which day (2026-11-26)."""

    payer: str
    month: str
    day: str
    question: str


class Spending(Store):
    def hold(self, asked: Asked, *, price: int, wanted: int, least: int, limit: int) -> int:
        """Sets aside for `wanted` things of that price, or for as many as `limit` leaves room for, and says
        for how many; 0, and nothing, when that is less than `least`."""
        s = spending.c
        with self._database.write() as connection:
            lock: dict[str, object] = {"month": asked.month, "payer": _NOBODY, "spent": 0, "held": 0}
            self._database.upsert(connection, spending, [lock], update=False)
            connection.execute(
                sa.select(s.payer).where(s.month == asked.month, s.payer == _NOBODY).with_for_update()
            )
            rows = connection.execute(sa.select(spending).where(s.month == asked.month)).all()
            mine = next((row for row in rows if row.payer == asked.payer), None)
            spent = (mine.spent + _lost(mine, asked)) if mine else 0
            others = sum(row.spent + row.held for row in rows if row.payer != asked.payer)
            count = min(wanted, (limit - spent - others) // price if price else wanted)
            if count < least:
                return 0
            row = {
                "month": asked.month, "payer": asked.payer, "spent": spent, "held": count * price,
                "question": asked.question, "day": asked.day,
            }  # fmt: skip
            self._database.upsert(connection, spending, [row])
            return count

    def settle(self, payer: str, month: str, *, cost: int) -> None:
        """The question that was held for is answered, and has cost that; forgotten, it cost what was held."""
        mine = sa.and_(spending.c.month == month, spending.c.payer == payer)
        with self._database.write_soon() as connection:
            connection.execute(
                sa.update(spending)
                .where(mine)
                .values(spent=spending.c.spent + cost, held=0, question=None, day=None)
            )

    def spent(self, month: str) -> int:
        """With what is set aside."""
        total = sa.func.coalesce(sa.func.sum(spending.c.spent + spending.c.held), 0)
        with self._database.read() as connection:
            return int(connection.scalar(sa.select(total).where(spending.c.month == month)) or 0)


def _lost(mine: Row, asked: Asked) -> int:
    """What a question that was never settled may have cost; the same one is billed once a day."""
    return 0 if (mine.question, mine.day) == (asked.question, asked.day) else int(mine.held)
