"""What people say of pictures lies over what the source says, whatever is imported."""

from __future__ import annotations

from datetime import datetime

import pytest

from bridge.ledger import Ledger
from bridge.ledger.rows import Described, Description
from bridge.posts import Media, MediaType, Post
from bridge.sources.base import Page
from tests.changes import replace
from tests.ledger.builders import SOURCE, T0, post

NOW: datetime = T0


def with_media(id_: str, *alts: str | None) -> Post:
    return replace(post(id_), media=tuple(Media(type=MediaType.IMAGE, alt=alt) for alt in alts))


def said(post_id: str, text: str, position: int = 0, *, approved: bool = True) -> Description:
    return Description(
        source=SOURCE, post_id=post_id, position=position, text=text, origin="csv", approved=approved
    )


def record(ledger: Ledger, *posts: Post) -> None:
    ledger.posts.record(Page(posts=posts), source=SOURCE, run=None, now=NOW, merge=lambda _known, new: new)


def alts(ledger: Ledger, id_: str) -> list[str | None]:
    return [media.alt for media in ledger.posts.load(SOURCE, [id_])[id_].media]


@pytest.fixture
def imported(ledger: Ledger) -> Ledger:
    from bridge.posts import Author
    from bridge.sources.base import Summary

    ledger.posts.save_summary(SOURCE, Summary(name="a", owner=Author(id="1"), era="Y2"), now=NOW)
    record(ledger, with_media("1", None, "of the archive"), with_media("2", None))
    return ledger


def test_a_description_wins_over_the_archive_and_survives_the_next_import(imported: Ledger) -> None:
    given = [said("1", "A door", 0), said("1", "A window", 1), said("9", "of a post that is not there yet")]
    assert imported.descriptions.save(given, now=NOW) == Described(new=3)
    assert alts(imported, "1") == ["A door", "A window"]
    record(imported, replace(with_media("1", None, "newer"), likes=5), with_media("9", None))
    assert alts(imported, "1") == ["A door", "A window"]
    assert alts(imported, "9") == ["of a post that is not there yet"]


def test_a_draft_is_nothing_until_it_is_approved(imported: Ledger) -> None:
    imported.descriptions.save([said("1", "a draft", approved=False)], now=NOW)
    assert alts(imported, "1")[0] is None
    assert [each.text for each in imported.descriptions.drafts(SOURCE)] == ["a draft"]
    assert imported.descriptions.approve(SOURCE, ["2"], now=NOW) == 0
    assert imported.descriptions.approve(SOURCE, ["1"], now=NOW) == 1
    assert alts(imported, "1")[0] == "a draft"
    assert imported.descriptions.drafts(SOURCE) == []


def test_a_draft_never_takes_the_place_of_a_persons_words(imported: Ledger) -> None:
    imported.descriptions.save([said("1", "A door")], now=NOW)
    assert imported.descriptions.save([said("1", "a draft", approved=False)], now=NOW) == Described(
        unchanged=1
    )
    assert alts(imported, "1")[0] == "A door"


def test_saving_says_what_it_did_and_only_news_is_planned_anew(imported: Ledger) -> None:
    before = imported.posts.revision(SOURCE)
    assert imported.descriptions.save([said("1", "a"), said("1", "b")], now=NOW) == Described(
        new=1, changed=1
    )
    after = imported.posts.revision(SOURCE)
    assert after > before
    assert imported.descriptions.save([said("1", "b")], now=NOW) == Described(unchanged=1)
    imported.descriptions.save([said("2", "a draft", approved=False)], now=NOW)
    assert imported.posts.revision(SOURCE) == after
    assert imported.descriptions.approve(SOURCE, None, now=NOW) == 1
    assert imported.posts.revision(SOURCE) > after
