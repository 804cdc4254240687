"""Recording posts: what is new, what has changed, what is the same, and under which names it is found."""

from __future__ import annotations

from array import array
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.errors import LedgerError
from bridge.ledger import Ledger, open_ledger
from bridge.ledger.rows import Recorded
from bridge.ledger.tables import media
from bridge.posts import Audience, Author, Kind, Media, MediaType, Post, Provenance, Reference
from bridge.sources.base import Extent, Notice, Page, Reject, Summary
from tests.changes import replace
from tests.ledger.builders import ACCOUNT, SOURCE, T0, newest, plan, post, record, thread

LATER = T0 + timedelta(hours=1)


def picture(**more: str) -> Media:
    return Media(type=MediaType.IMAGE, **{"file": "media/1.jpg", "container": "/old/a.zip", **more})  # type: ignore[arg-type]


def ids(ledger: Ledger) -> list[str]:
    return [header.id for header in ledger.posts.headers(SOURCE)]


def test_a_page_is_recorded_and_read_back(ledger: Ledger) -> None:
    posts = (
        post("1", "héllo \u2028 \\u0000 \N{GRINNING FACE}"),
        post("2", reply_to=Reference(id="1")),
        post("3", media=(picture(),)),
    )
    assert record(ledger, *posts, cursor="3") == Recorded(new=3)
    assert ledger.posts.load(SOURCE, ["3", "1", "9"]) == {"1": posts[0], "3": posts[2]}
    assert tuple(ledger.posts.iterate(SOURCE)) == posts
    assert ledger.posts.cursor(SOURCE) == "3"
    assert [(h.id, h.kind, h.reply_to, h.created_at) for h in ledger.posts.headers(SOURCE)] == [
        (p.id, p.kind, p.reply_to and p.reply_to.id, p.created_at) for p in posts
    ]


def test_nothing_is_new_the_second_time(ledger: Ledger) -> None:
    posts = [post(str(n)) for n in range(1, 2502)]
    record(ledger, *posts)
    before = ledger.posts.revision(SOURCE)

    def merge(_known: Post, _new: Post) -> Post:
        raise AssertionError("nothing is to be merged")

    assert record(ledger, *posts, now=LATER, merge=merge) == Recorded(unchanged=2501)
    assert ledger.posts.revision(SOURCE) == before
    assert len(ids(ledger)) == 2501


def test_a_changed_post_is_merged_and_counted(ledger: Ledger) -> None:
    record(ledger, post("1", "draft", media=(picture(), picture(file="media/2.jpg"))))
    revised = post("1", "final", media=(picture(),))
    assert record(ledger, revised, now=LATER) == Recorded(changed=1)
    assert ledger.posts.load(SOURCE, ["1"])["1"].text == "final"
    with ledger._database.read() as connection:
        assert connection.execute(sa.select(media.c.position, media.c.member)).all() == [(0, "media/1.jpg")]


def test_an_older_version_that_loses_the_merge_changes_nothing(ledger: Ledger) -> None:
    record(ledger, post("1", "final"))
    before = ledger.posts.revision(SOURCE)
    assert record(ledger, post("1", "draft"), merge=lambda known, _new: known) == Recorded(unchanged=1)
    assert ledger.posts.revision(SOURCE) == before


def test_counts_and_provenance_are_kept_without_being_a_change(ledger: Ledger) -> None:
    record(ledger, post("1", likes=1))
    liked = post("1", likes=5, provenance=(Provenance(archive="b", era="Y2", member="m", rank=1),))
    assert record(ledger, liked) == Recorded(unchanged=1)
    assert ledger.posts.load(SOURCE, ["1"])["1"] == liked


def test_files_are_found_where_the_archive_lies_now(ledger: Ledger) -> None:
    record(ledger, post("1", media=(picture(),)))
    moved = post("1", media=(picture(container="/new/a.zip"),))
    assert record(ledger, moved, merge=lambda known, _new: known) == Recorded(unchanged=1)
    assert ledger.posts.load(SOURCE, ["1"])["1"].media[0].container == "/new/a.zip"


def test_a_post_twice_on_a_page_is_one_post(ledger: Ledger) -> None:
    assert record(ledger, post("1", "a"), post("2"), post("1", "b"), post("1", "c")) == Recorded(
        new=2, changed=2
    )
    assert ledger.posts.load(SOURCE, ["1"])["1"].text == "c"


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_versions_of_an_edited_post_are_one(ledger: Ledger, newest_first: bool) -> None:
    first, last = post("11", "typo"), post("12", "no typo", edit_ids=("11", "12"))
    for version in (last, first) if newest_first else (first, last):
        record(ledger, version, merge=lambda known, new: max(known, new, key=lambda p: p.id))
    assert ids(ledger) == ["12"]
    assert ledger.posts.find("11") == ledger.posts.find("12") == (SOURCE, "12")
    assert [header.ids for header in ledger.posts.headers(SOURCE)] == [("11", "12")]


def test_an_edit_joins_what_were_two_posts(ledger: Ledger) -> None:
    record(ledger, post("11"), post("12"))
    record(ledger, post("12", "joined", edit_ids=("11", "12")))
    assert [(header.id, header.gone) for header in ledger.posts.headers(SOURCE)] == [
        ("11", True),
        ("12", False),
    ]
    assert ledger.posts.find("11") == (SOURCE, "12")


def test_deleted_posts_are_gone_whether_they_come_before_or_after_their_tombstone(ledger: Ledger) -> None:
    record(ledger, post("1"), post("2"), post("22", edit_ids=("21", "22")), tombstones=("1", "3", "21"))
    record(ledger, post("3"), post("4"))
    assert ledger.posts.tombstone(SOURCE, ["4", "1", "9"], now=LATER) == 1
    gone = {header.id for header in ledger.posts.headers(SOURCE) if header.gone}
    assert gone == {"1", "3", "22", "4"}
    assert ledger.posts.counts(SOURCE).gone == 4


def test_rejects_and_cursor_come_with_the_page(ledger: Ledger) -> None:
    run = ledger.runs.start("import", version="1", config_digest=None, now=T0)
    bad = Reject(place="tweets.js, item 2", reason="no id", excerpt="{\0" + "x" * 900)
    page = Page(posts=(post("1"),), rejects=(bad, bad), cursor="2")
    assert ledger.posts.record(page, source=SOURCE, run=run, now=T0, merge=newest) == Recorded(
        new=1, rejected=2
    )
    [kept] = ledger.posts.rejects(SOURCE)
    assert (kept.place, kept.reason, kept.excerpt[:2]) == (bad.place, bad.reason, "{x")
    assert ledger.posts.counts(SOURCE).rejects == 1


def test_a_page_is_recorded_whole_or_not_at_all(ledger: Ledger) -> None:
    record(ledger, post("1", "known"))

    def merge(_known: Post, _new: Post) -> Post:
        raise LedgerError("stop")

    with pytest.raises(LedgerError):
        record(ledger, post("2"), post("1", "other"), cursor="c", merge=merge)
    assert ids(ledger) == ["1"]
    assert ledger.posts.cursor(SOURCE) == ""
    assert ledger.posts.cursor("twitter:2") is None


@pytest.mark.parametrize(
    "text",
    [
        "7",
        " 7 ",
        "https://twitter.com/me/status/7",
        "https://x.com/me/status/7?s=20",
        "twitter.com/i/web/status/7/photo/1",
    ],
)
def test_a_post_is_found_by_id_and_address(ledger: Ledger, text: str) -> None:
    record(ledger, post("7"))
    assert ledger.posts.find(text) == (SOURCE, "7")
    assert ledger.posts.find("8") is None


def test_an_id_that_two_sources_know_is_no_answer(ledger: Ledger) -> None:
    record(ledger, post("7"))
    ledger.posts.record(
        Page(posts=(replace(post("7"), source="feed:x"),)), source="feed:x", run=None, now=T0, merge=newest
    )
    with pytest.raises(LedgerError, match="Several sources have a post 7"):
        ledger.posts.find("7")


def test_sources_and_counts(ledger: Ledger) -> None:
    assert ledger.posts.sources() == []
    assert ledger.posts.counts(SOURCE).posts == 0
    notice = Notice(code="N", message="m", hint="h")
    summary = Summary(name="a.zip", owner=Author(id="1", handle="me"), era="Y2", parts=2, notices=(notice,))
    ledger.posts.save_summary(SOURCE, summary, now=T0)
    record(ledger, post("1"), post("2", kind=Kind.REPLY), post("3", audience=Audience.CIRCLE))
    ledger.posts.save_summary(SOURCE, summary, now=LATER)
    [row] = ledger.posts.sources()
    assert (row.account, row.owner, row.name, row.notices, row.posts) == (
        SOURCE,
        summary.owner,
        "a.zip",
        (notice,),
        3,
    )
    assert (row.first, row.last, row.imported_at) == (post("1").created_at, post("3").created_at, LATER)
    assert ledger.posts.counts(SOURCE).by_kind == {"original": 1, "reply": 1, "circle": 1}
    assert ledger.posts.revision(SOURCE) == 1


def test_a_copy_has_all_that_a_plan_depends_on(ledger: Ledger) -> None:
    plan(ledger, *thread("2", "1"))
    with open_ledger("sqlite://") as scratch:
        ledger.copy_into(scratch)
        assert list(scratch.posts.iterate(SOURCE)) == list(ledger.posts.iterate(SOURCE))
        known = scratch.queue.known(ACCOUNT, SOURCE, ["1", "2"])
        assert known == ledger.queue.known(ACCOUNT, SOURCE, ["1", "2"])
        assert scratch.queue.peek(ACCOUNT, now=T0) == ledger.queue.peek(ACCOUNT, now=T0)


def test_what_the_newest_archive_lacks_is_gone(ledger: Ledger) -> None:
    record(ledger, post("1"), post("2"))
    record(ledger, whole=Extent(made=T0 + timedelta(days=30), ids=array("Q", [1, 9])))
    assert [(header.id, header.gone) for header in ledger.posts.headers(SOURCE)] == [
        ("1", False),
        ("2", True),
    ]


def test_a_retweet_with_the_id_of_the_original_is_not_meant_by_it(ledger: Ledger) -> None:
    """As feeds have it: both accounts are mirrored into one ledger."""
    record(ledger, post("7", kind=Kind.RETWEET))
    ledger.posts.save_summary(
        SOURCE, Summary(name="a", owner=Author(id="1", handle="Me"), era="feed"), now=T0
    )
    page = Page(posts=(replace(post("7"), source="twitter:2"),))
    ledger.posts.record(page, source="twitter:2", run=None, now=T0, merge=lambda _, new: new)
    assert ledger.posts.find("7") == ("twitter:2", "7")
    assert ledger.posts.find("https://twitter.com/me/status/7") == (SOURCE, "7")
    assert ledger.posts.find("https://x.com/i/web/status/7") == ("twitter:2", "7")
