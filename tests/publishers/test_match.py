from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.posts import MediaType
from bridge.publishers.base import Addressed, Receipt
from bridge.publishers.check import is_wider, mismatches
from bridge.publishers.match import Likeness, html_to_text, likeness, resembles, same_text, ulid_at
from bridge.statuses import Limits, MediaRef, StatusDraft, Visibility
from tests.changes import replace

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MASTODON = Limits(software="mastodon", quotes=True)
AKKOMA = Limits(software="akkoma", keeps_replies=False)
DRAFT = StatusDraft(post_id="1", part=1, parts=1, text="hello there", length=11)
SAID = Addressed(text="hello there")
PICTURE = MediaRef(position=0, type=MediaType.IMAGE, file="1.jpg")
RECEIPT = Receipt(remote_id="7", url=None, created_at=NOW, visibility="unlisted", text="hello there")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one<br />two</p><p>three</p>", "one\ntwo\n\nthree"),
        ("one<br><br>two", "one\n\ntwo"),
        ("<p>1 &lt; 2 &amp;&amp; &quot;q&quot; &#39;a&#39;</p>", "1 < 2 && \"q\" 'a'"),
        (
            '<p><a href="https://a.example/x"><span class="invisible">https://</span>'
            '<span class="ellipsis">a.example</span><span class="invisible">/x</span></a></p>',
            "https://a.example/x",
        ),
        ('<p><a class="mention hashtag" rel="tag">#<span>museum</span></a></p>', "#museum"),
        ('<p><span class="h-card"><a class="u-url mention">@<span>me</span></a></span> hi</p>', "@me hi"),
        ('<p class="quote-inline">RE: <a href="x">x</a></p><p>mine</p>', "mine"),
        ("plain", "plain"),
        ("", ""),
        ("<p>", ""),
    ],
)
def test_html_becomes_what_was_written(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a\r\nb", "a\nb"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("  a ", "a"),
        ("@me@a.example hi", "@me hi"),
        ("caf\u0065\u0301", "caf\u00e9"),
        ("a\u00a0b", "a b"),
    ],
)
def test_what_servers_change_does_not_count(one: str, other: str) -> None:
    assert same_text(one, other)


def test_what_they_do_not_change_counts() -> None:
    assert not same_text("hello", "hello!")
    assert not same_text("me@a.example", "me")


def mastodon_html(text: str) -> str:
    """As Mastodon writes a plain text (§3.4)."""
    from html import escape

    paragraphs = [part.replace("\n", "<br />") for part in escape(text).split("\n\n")]
    return "".join(f"<p>{part}</p>" for part in paragraphs)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=60))
def test_a_text_comes_back_through_html(text: str) -> None:
    assert same_text(html_to_text(mastodon_html(text)), text)


def like(
    draft: StatusDraft = DRAFT, addressed: Addressed = SAID, limits: Limits = MASTODON, **changes: object
) -> Likeness:
    return likeness(draft, addressed, replace(RECEIPT, **changes), limits=limits)  # type: ignore[arg-type]


def test_the_same_is_the_same() -> None:
    assert like() is Likeness.SAME


def test_boosts_are_nothing_of_ours() -> None:
    assert like(reblog=True) is Likeness.NO


def test_other_words_may_be_a_rewritten_text() -> None:
    assert like(text="hello  the re") is Likeness.PLAUSIBLE
    assert like(text="other", media_ids=("5",)) is Likeness.NO


def test_the_conversation_must_be_the_same() -> None:
    answered = replace(SAID, reply_to="3")
    assert like(addressed=answered) is Likeness.NO
    assert like(addressed=answered, in_reply_to_id="3") is Likeness.SAME
    assert like(in_reply_to_id="3") is Likeness.NO
    assert like(addressed=answered, limits=AKKOMA) is Likeness.DAMAGED
    assert like(addressed=answered, limits=AKKOMA, in_reply_to_id="4") is Likeness.NO


def test_media_that_belong_to_one_status_are_proof() -> None:
    pictured = replace(SAID, media=("5",))
    assert like(addressed=pictured, media_ids=("5",)) is Likeness.CERTAIN
    assert like(addressed=pictured, media_ids=("5",), text="other", in_reply_to_id="9") is Likeness.CERTAIN
    assert like(addressed=pictured, media_ids=("6",)) is Likeness.DAMAGED
    silent = replace(pictured, text="")
    assert like(addressed=silent, media_ids=("6",), text="") is Likeness.NO
    assert like(addressed=silent, media_ids=("5",), text="") is Likeness.CERTAIN


def test_media_ids_of_akkoma_prove_nothing() -> None:
    pictured = replace(SAID, media=("5",))
    assert like(addressed=pictured, limits=AKKOMA, media_ids=("-123",)) is Likeness.SAME
    assert like(addressed=pictured, limits=AKKOMA, media_ids=()) is Likeness.DAMAGED
    assert like(addressed=pictured, limits=AKKOMA, media_ids=("1", "2")) is Likeness.NO


def test_uploads_that_were_forgotten_do_not_hide_a_status() -> None:
    """After a crash the ids may be lost, the draft still knows that there were media."""
    assert like(replace(DRAFT, media=(PICTURE,)), SAID, media_ids=("5",)) is Likeness.SAME
    assert like(DRAFT, SAID, media_ids=("5",)) is Likeness.NO


def test_the_date_tells_where_the_server_backdates() -> None:
    gotosocial = Limits(software="gotosocial", backdates=True)
    dated = replace(DRAFT, backdate=NOW - timedelta(days=900))
    assert like(dated, limits=gotosocial) is Likeness.NO
    assert like(dated, limits=gotosocial, created_at=dated.backdate) is Likeness.SAME
    assert like(dated) is Likeness.SAME


def test_a_warning_may_have_become_the_text() -> None:
    """§3.1: text blank, so that the spoiler is the text."""
    warned = replace(DRAFT, text="", spoiler_text="careful")
    assert like(warned, Addressed(text=""), text="careful", spoiler_text="") is Likeness.SAME


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)), st.integers(1, 10**9))
def test_ids_of_gotosocial_follow_the_date(naive: datetime, later: int) -> None:
    moment = naive.replace(tzinfo=UTC)
    first, second = ulid_at(moment), ulid_at(moment + timedelta(milliseconds=later))
    assert first < second
    assert len(first) == 26


def test_a_known_id_of_gotosocial() -> None:
    """01ARZ3NDEK... is 2016-07-30T23:54:10.259Z, in the specification of ULIDs."""
    assert ulid_at(datetime(2016, 7, 30, 23, 54, 10, 259000, tzinfo=UTC))[:10] == "01ARZ3NDEK"


def test_no_receipt_is_found_fault_with_for_nothing() -> None:
    assert mismatches(DRAFT, SAID, RECEIPT, limits=MASTODON) == ()


def test_every_difference_is_reported() -> None:
    draft = replace(DRAFT, visibility=Visibility.PRIVATE, backdate=NOW - timedelta(days=1))
    asked = Addressed(text="else", reply_to="1", quote="2", media=("3",))
    limits = replace(MASTODON, backdates=True)
    codes = [warn.code for warn in mismatches(draft, asked, RECEIPT, limits=limits)]
    assert codes == [
        "VISIBILITY_WIDER",
        "REPLY_LOST",
        "QUOTE_LOST",
        "MEDIA_LOST",
        "TEXT_CHANGED",
        "DATE_LOST",
    ]


@pytest.mark.parametrize(
    ("asked", "got", "code", "wider"),
    [
        (Visibility.UNLISTED, "public", "VISIBILITY_WIDER", True),
        (Visibility.PRIVATE, "unlisted", "VISIBILITY_WIDER", True),
        (Visibility.PUBLIC, "unlisted", "VISIBILITY_NARROWER", False),
        (Visibility.UNLISTED, "strange", "VISIBILITY_NARROWER", False),
    ],
)
def test_who_can_read_it_is_told_exactly(asked: Visibility, got: str, code: str, wider: bool) -> None:
    draft, receipt = replace(DRAFT, visibility=asked), replace(RECEIPT, visibility=got)
    assert [warn.code for warn in mismatches(draft, SAID, receipt, limits=MASTODON)] == [code]
    assert is_wider(draft, receipt) is wider


@pytest.mark.parametrize(
    ("asked", "found", "alike"),
    [
        ("see *the* [bridge](https://a.example/x)", "see the bridge", True),
        ("one two three https://t.example/1", "one two three https://other.example/2", True),
        ("the old bridge of the town", "a ferry in thick fog", False),
        ("gm", "another boat on the river", False),
        ("昔の橋の*写真*です", "昔の橋の写真です", True),
        ("https://a.example/1", "https://b.example/1", True),
    ],
)
def test_a_text_may_have_been_made_of_another(asked: str, found: str, alike: bool) -> None:
    receipt = replace(RECEIPT, text=found)
    assert resembles(replace(DRAFT, text=asked), Addressed(text=asked), receipt) is alike
