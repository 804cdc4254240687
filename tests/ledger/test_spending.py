"""Money for reading: noted before it is spent, and never more than a month may cost."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from bridge.engine.purse import MonthlyPurse, month_of, next_month
from bridge.errors import Spent
from bridge.ledger import Ledger
from tests.conftest import Clock

LIMIT = 1_000_000


def purse(ledger: Ledger, clock: Clock, payer: str = "twitter:1", limit: int = LIMIT) -> MonthlyPurse:
    return MonthlyPurse(ledger.spending, limit=limit, payer=payer, now=clock.now)


def spent(ledger: Ledger, clock: Clock) -> int:
    return ledger.spending.spent(month_of(clock.now()))


def test_what_is_set_aside_counts_until_it_is_settled(ledger: Ledger, clock: Clock) -> None:
    one = purse(ledger, clock)
    assert one.hold("a", price=5_000, wanted=100) == 100
    assert spent(ledger, clock) == 500_000
    one.settle(15_000)
    assert spent(ledger, clock) == 15_000
    assert one.hold("b", price=5_000, wanted=1000) == 197  # as many as there is room for
    one.settle(0)
    assert spent(ledger, clock) == 15_000


def test_a_question_that_was_never_answered_counts_as_spent(ledger: Ledger, clock: Clock) -> None:
    purse(ledger, clock).hold("a", price=5_000, wanted=20)
    again = purse(ledger, clock)  # after a crash
    again.hold("a", price=5_000, wanted=20)
    assert spent(ledger, clock) == 100_000  # the same, on the same day: billed once
    clock.advance(days=1)
    again.hold("a", price=5_000, wanted=20)
    assert spent(ledger, clock) == 200_000
    again.hold("b", price=5_000, wanted=20)
    assert spent(ledger, clock) == 300_000


def test_all_sources_share_the_month_and_the_next_one_is_new(ledger: Ledger, clock: Clock) -> None:
    one, other = purse(ledger, clock), purse(ledger, clock, "twitter:2")
    one.hold("a", price=5_000, wanted=100)
    assert other.hold("a", price=5_000, wanted=150) == 100
    with pytest.raises(
        Spent, match=r"\$1\.00 of the \$1\.00 for January 2026.*from 1 February 2026"
    ) as caught:
        one.hold("b", price=5_000, wanted=1)
    assert caught.value.until == datetime(2026, 2, 1, tzinfo=UTC)
    assert caught.value.exit_code == 8
    clock.advance(days=31)
    assert one.hold("b", price=5_000, wanted=1) == 1


def test_an_answer_that_comes_in_the_next_month_is_of_the_one_it_was_asked_in(
    ledger: Ledger, clock: Clock
) -> None:
    one = purse(ledger, clock)
    one.hold("a", price=5_000, wanted=10)
    clock.advance(days=31)
    one.settle(7_000)
    assert (ledger.spending.spent("2026-01"), spent(ledger, clock)) == (7_000, 0)


def test_what_is_not_enough_for_the_least_is_not_set_aside(ledger: Ledger, clock: Clock) -> None:
    with pytest.raises(Spent):
        purse(ledger, clock).hold("a", price=300_000, wanted=100, least=5)
    assert spent(ledger, clock) == 0
    assert purse(ledger, clock, limit=0).hold("a", price=0, wanted=100, least=5) == 100  # costs nothing


def test_two_at_once_never_spend_the_same_dollar(ledger: Ledger, clock: Clock) -> None:
    granted: list[int] = []

    def ask(payer: str) -> None:
        try:
            granted.append(purse(ledger, clock, payer).hold("a", price=1_000, wanted=600, least=600))
        except Spent:
            granted.append(0)

    threads = [threading.Thread(target=ask, args=(f"twitter:{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(granted) == [0, 0, 0, 600]


@pytest.mark.parametrize(
    ("month", "following"), [((2026, 11, 30), (2026, 12, 1)), ((2026, 12, 1), (2027, 1, 1))]
)
def test_months_follow_one_another(month: tuple[int, int, int], following: tuple[int, int, int]) -> None:
    assert next_month(datetime(*month, 23, tzinfo=UTC)) == datetime(*following, tzinfo=UTC)
