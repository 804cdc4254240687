"""Which post a status says, whatever another tool has made of its text."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.engine.resemblance import Doubt, Index, Match, candidate, core
from bridge.posts import Media, MediaType, Post, Reference, Span, SpanKind
from bridge.publishers.base import Receipt
from tests.changes import replace
from tests.engine.stage import FIRST, NOW, post

WORDS = "The west wing is open again, with two new rooms for the lace of our town"


def status(text: str, number: int = 1, *, at: datetime = NOW, **more: Any) -> Receipt:
    return Receipt(
        remote_id=str(number), url=None, created_at=at + timedelta(seconds=number), text=text, **more
    )


def found(posts: list[Post], *receipts: Receipt) -> tuple[list[Match], list[Doubt]]:
    return Index(candidate(each) for each in posts).matches(receipts)


def said(text: str, status_text: str, **more: Any) -> str | None:
    """By what the post is recognised among others."""
    posts = [post(1, text=text), post(2), post(3, text="Something else altogether, of the same length")]
    matches, _ = found(posts, status(status_text, **more))
    assert all(match.candidate.post_id == "1001" for match in matches)
    return matches[0].by if matches else None


@pytest.mark.parametrize(
    "text",
    [
        WORDS,
        WORDS.replace(" ", "\n\n", 1),
        WORDS + " https://t.co/AbCdEf",
        WORDS + "\n\nhttps://example.org/a/very/long/address?with=query",
        WORDS + "\n\nhttps://twitter.com/museum/status/1001",
        WORDS + "\n\n(2012-03-04)",
        WORDS + "\n\n— 4 March 2012, 12:00",
        "[2012-03-04 12:00] " + WORDS,
        "2012-03-04T12:00:00Z: " + WORDS,
        WORDS + " (originally posted on 4 Mar 2012)",
        "Sunday, 4 March 2012\n" + WORDS,
        WORDS[:50] + "…",
        WORDS[:50] + " ...",
        WORDS[:55],
        WORDS.replace("&", "&amp;"),
    ],
)
def test_what_tools_do_to_a_text(text: str) -> None:
    assert said(WORDS, text) in {"text", "link"}


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("Thanks, @louvre and @orsay, for it!", "Thanks, @louvre@twitter.com and @orsay@x.com, for it!"),
        ("Thanks to @louvre for the loan!", "Thanks to @\\louvre for the loan!"),
        ("Thanks to @louvre for the loan!", "Thanks to [@louvre](https://twitter.com/louvre) for the loan!"),
        ("Thanks to @louvre for the loan!", "Thanks to @\u200blouvre for the loan!"),
        ("RT @louvre: We are open again on Sunday", "RT @louvre@twitter.com\n\nWe are open again on Sunday"),
        ("RT @louvre: We are open again on Sunday", "🔁 @louvre: We are open again on Sunday"),
        ("Bread & butter, <fresh> from our mill", "Bread &amp; butter, &lt;fresh&gt; from our mill"),
        ("We are open https://t.co/x until Sunday", "We are open until Sunday https://example.org/hours"),
    ],
)  # fmt: skip
def test_mentions_retweets_and_marks(text: str, carried: str) -> None:
    assert said(text, carried) == "text"


@pytest.mark.parametrize(
    "text",
    ["The west wing", "Something entirely different from it", "", WORDS + " and more", "The east " + WORDS],
)
def test_what_does_not_say_it(text: str) -> None:
    assert said(WORDS, text) is None


def test_few_words_need_the_date() -> None:
    assert said("Good morning", "Good morning") is None
    assert said("Good morning", "Good morning", at=FIRST + timedelta(minutes=3)) == "text and date"


def test_a_status_from_before_the_post_does_not_say_it() -> None:
    assert said(WORDS, WORDS, at=FIRST - timedelta(days=2)) is None
    assert said(WORDS, WORDS, at=FIRST - timedelta(minutes=20)) == "text", "the post was made of the status"


def test_equal_posts_are_told_apart_by_date_and_else_left_alone() -> None:
    posts = [post(n, text="Good morning") for n in (1, 100, 200)]
    live = [status("Good morning", n, at=FIRST + timedelta(minutes=n)) for n in (200, 1)]
    matches, doubts = found(posts, *live, status("Good morning", 3))
    assert {each.candidate.post_id: each.receipt.remote_id for each in matches} == {
        "1001": "1",
        "1200": "200",
    }
    assert [[one.post_id for one in each.candidates] for each in doubts] == [["1100"]]
    assert found(posts, status("Good morning"))[1][0].candidates[2].post_id == "1200"


def test_equal_posts_are_told_apart_by_their_links() -> None:
    def linking(number: int) -> Post:
        span = Span(start=14, end=28, kind=SpanKind.LINK, target=f"https://example.org/{number}/")
        return replace(post(number, text="New in our blog https://t.co/x"), spans=(span,))

    posts = [linking(1), linking(2)]
    matches, doubts = found(
        posts,
        status("New in our blog https://example.org/2", 7),
        status("New in our blog https://t.co/y", 8),
        status("New in our blog https://example.org/3", 9),
    )
    assert [(each.candidate.post_id, each.receipt.remote_id) for each in matches] == [
        ("1002", "7"),
        ("1001", "8"),
    ]
    assert doubts == []
    assert [
        len(each.candidates) for each in found([posts[0]], status("New in our blog https://a.example"))[1]
    ] == [1]


def test_a_link_to_the_post_itself_is_conclusive() -> None:
    matches, _ = found([post(1), post(2)], status("See https://x.com/i/web/status/1002?s=20"))
    assert [(each.candidate.post_id, each.by) for each in matches] == [("1002", "link")]


def test_a_link_to_a_quoted_post_is_not() -> None:
    quoted = post(1, text=WORDS)
    quoting = replace(post(2, text="This was a day to remember"), quote=Reference(id="1001"))
    carried = status("This was a day to remember https://twitter.com/museum/status/1001")
    matches, doubts = found([quoted, quoting], carried)
    assert [(each.candidate.post_id, each.by) for each in matches] == [("1002", "text")]
    matches, doubts = found([quoted, quoting], status("A day! https://twitter.com/museum/status/1001"))
    assert matches == []
    assert [[one.post_id for one in each.candidates] for each in doubts] == [["1001"]]


def test_pictures_without_words_need_the_minute_and_the_number() -> None:
    pictures = tuple(Media(type=MediaType.IMAGE, id=str(n)) for n in range(2))
    posts = [replace(post(n, text="https://t.co/pic"), media=pictures) for n in (1, 60)]
    near = FIRST + timedelta(minutes=2)
    assert found(posts, status("", at=near, media_ids=("a", "b")))[0][0].by == "date"
    assert found(posts, status("", at=near, media_ids=("a",)))[0] == []
    assert found(posts, status("", media_ids=("a", "b"))) == ([], [])


def test_each_post_is_found_once() -> None:
    matches, doubts = found([post(1, text=WORDS)], status(WORDS, 1), status(WORDS, 2))
    assert [each.receipt.remote_id for each in matches] == ["1"]
    assert doubts == []


def test_the_first_of_several_parts_stands_for_its_post() -> None:
    matches, _ = found([post(1, text=WORDS + ". " + WORDS)], status(WORDS, 1), status("…and more", 2))
    assert [(each.receipt.remote_id, each.by) for each in matches] == [("1", "text")]


@given(text=st.text(max_size=200))
def test_the_core_of_a_core_is_itself(text: str) -> None:
    once = core(text)
    assert core(once) == once or "@" in once or "&" in once or "http" in once


@given(texts=st.lists(st.text(max_size=30), max_size=6), seconds=st.lists(st.integers(0, 1000), max_size=6))
def test_no_post_and_no_status_is_used_twice(texts: list[str], seconds: list[int]) -> None:
    posts = [post(number, text=text) for number, text in enumerate(texts)]
    receipts = [
        status(text, number, at=FIRST + timedelta(seconds=second))
        for number, (text, second) in enumerate(zip(texts, seconds, strict=False))
    ]
    matches, doubts = found(posts, *receipts)
    assert len({each.candidate.post_id for each in matches}) == len(matches)
    used = [each.receipt.remote_id for each in (*matches, *doubts)]
    assert len(set(used)) == len(used)
