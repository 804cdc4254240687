"""Posts of a day whose hours are lost: in order, and apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.posts import Author, Kind, Post, Precision
from bridge.rendering.dates import instant


def dated(number: int, day: date) -> datetime:
    """When the post of that id is said to have been posted; of the day nothing else is known."""
    return instant(
        Post(
            source="twitter:1",
            id=str(number),
            author=Author(id="1", handle="museum"),
            created_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
            text="",
            kind=Kind.ORIGINAL,
            precision=Precision.DAY,
        ),
        1,
    )


@given(
    number=st.integers(1, 29_700_859_246),
    further=st.integers(1, 60_000_000),
    day=st.dates(date(2006, 3, 21), date(2010, 11, 4)),
)
def test_no_id_comes_before_an_older_one(number: int, further: int, day: date) -> None:
    """Whatever day it is said to be: it lies within the day, and the order is that of the ids."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    older, newer = (dated(n, day) for n in (number, min(number + further, 29_700_859_246)))
    assert midnight <= older <= newer < midnight + timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "day", "apart"),
    [
        (5_000_000, date(2007, 2, 5), 4), (786_571_964, date(2008, 4, 10), 20),
        (1_670_000_000, date(2009, 5, 1), 20), (29_600_000_000, date(2010, 11, 3), 60),
        (3_599_999 << 6, date(2007, 8, 24), 20),  # where the hour began anew, and with it the order
    ],
)  # fmt: skip
def test_ids_that_are_near_each_other_stay_apart(first: int, day: date, apart: int) -> None:
    """A tenth of a second lies between them, or less."""
    instants = [dated(first + n * apart, day) for n in range(500)]
    assert instants == sorted(set(instants))
