"""What of an archive's profile would change at an account."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.profile import (
    BIO_LENGTH,
    NAME_LENGTH,
    ROWS,
    Part,
    Picture,
    Profile,
    Shown,
    changes,
    rows_with,
    without_room,
)

MUSEUM = Profile(
    name="Museum", bio="Old things &amp; new, by @keeper", website="https://museum.example", location="Lyon"
)


def test_what_is_empty_is_filled_and_nothing_is_lost() -> None:
    found = changes(MUSEUM, Shown(), locale="fr")
    assert [(change.part, change.label, change.after) for change in found] == [
        (Part.NAME, None, "Museum"),
        (Part.BIO, None, "Old things & new, by @\u2060keeper"),
        (Part.WEBSITE, "Site web", "https://museum.example"),
        (Part.LOCATION, "Lieu", "Lyon"),
    ]
    assert not any(change.overwrites for change in found)


def test_a_second_time_nothing_is_left_to_do() -> None:
    found = changes(MUSEUM, Shown())
    told = {change.part: change.after for change in found}
    after = Shown(name=told[Part.NAME], bio=told[Part.BIO], rows=rows_with(Shown(), found))
    assert changes(MUSEUM, after) == ()


def test_what_the_account_shows_already_is_told() -> None:
    shown = Shown(name="Us", bio="Hello", rows=(("Ort", "Bern"), ("Open", "daily")), avatar=True)
    profile = Profile(name="Museum", bio="Hello", location="Lyon", avatar=Picture(file="a.jpg"))
    found = changes(profile, shown)
    assert [(change.part, change.before) for change in found] == [
        (Part.NAME, "Us"),
        (Part.LOCATION, "Bern"),
        (Part.AVATAR, "a picture of its own"),
    ]
    assert rows_with(shown, found) == (("Ort", "Lyon"), ("Open", "daily"))


def test_a_table_that_is_full_takes_no_more_rows() -> None:
    shown = Shown(rows=(("a", "1"), ("b", "2"), ("c", "3")))
    found = changes(MUSEUM, shown)
    assert [change.part for change in without_room(shown, found)] == [Part.LOCATION]


@pytest.mark.parametrize("website", ["https://t.co/abc", "see http://t.co/abc"])
def test_short_links_are_told(website: str) -> None:
    (change,) = changes(Profile(website=website), Shown())
    assert "short link" in (change.note or "")


def test_a_picture_that_no_archive_has_is_told() -> None:
    (change,) = changes(Profile(header=Picture(url="https://pbs.twimg.com/profile_banners/1/2")), Shown())
    assert "--fetch-missing" in (change.note or "")


@given(name=st.text(), bio=st.text(), rows=st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=ROWS))
def test_nothing_is_longer_than_servers_take(name: str, bio: str, rows: list[tuple[str, str]]) -> None:
    found = changes(Profile(name=name, bio=bio), Shown(rows=tuple(rows)))
    lengths = {change.part: len(change.after) for change in found}
    assert 0 < lengths.get(Part.NAME, 1) <= NAME_LENGTH
    assert 0 < lengths.get(Part.BIO, 1) <= BIO_LENGTH
