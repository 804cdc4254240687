"""The month's budget for reading what is billed, as the settings set it and the ledger keeps it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bridge.errors import Spent
from bridge.ledger.spending import Asked, Spending

DOLLAR = 1_000_000  #: amounts are in millionths of it


def month_of(now: datetime) -> str:
    """In UTC, as X bills."""
    return f"{now.astimezone(UTC):%Y-%m}"


def next_month(now: datetime) -> datetime:
    there = now.astimezone(UTC)
    return datetime(there.year + there.month // 12, there.month % 12 + 1, 1, tzinfo=UTC)


class MonthlyPurse:
    """Implements the `Purse` of a source. `limit`: of all that is read in a month, by whomever."""

    def __init__(self, spending: Spending, *, limit: int, payer: str, now: Callable[[], datetime]) -> None:
        self._spending, self._limit, self._payer, self._now = spending, limit, payer, now
        self._month = ""  # of the question that is held for

    def hold(self, question: str, *, price: int, wanted: int, least: int = 1) -> int:
        now = self._now()
        self._month = month_of(now)
        day = f"{now.astimezone(UTC):%Y-%m-%d}"
        asked = Asked(payer=self._payer, month=self._month, day=day, question=question)
        count = self._spending.hold(asked, price=price, wanted=wanted, least=least, limit=self._limit)
        if not count:
            raise self._spent(now, needed=price * least)
        return count

    def settle(self, cost: int) -> None:
        self._spending.settle(self._payer, self._month, cost=cost)

    def _spent(self, now: datetime, *, needed: int) -> Spent:
        again = next_month(now)
        spent, limit = self._spending.spent(self._month) / DOLLAR, self._limit / DOLLAR
        return Spent(
            f"Reading X has cost ${spent:.2f} of the ${limit:.2f} for {now.astimezone(UTC):%B %Y}, and the"
            f" next question may cost ${needed / DOLLAR:.3f}; it may go on from {again:%-d %B %Y} (UTC).",
            until=again,
            hint=f"Raise `x_api.max_usd_per_month`, or wait. `passerelle publish {self._payer}` carries what"
            " has been read.",
        )
