from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.posts import MediaType
from bridge.publishers.base import Addressed
from bridge.publishers.forms import edit_document, form_of, instant, status_document
from bridge.publishers.wire import identity_of, quota_of, receipt_of, retry_at, upload_of, words_of
from bridge.statuses import Limits, MediaRef, PollDraft, StatusDraft
from tests.changes import replace

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DRAFT = StatusDraft(post_id="1", part=1, parts=1, text="hi", length=2, language="fr", sensitive=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [
        "id",
        "acct",
        "content",
        "text",
        "url",
        "quote",
        "reblog",
        "media_attachments",
        "created_at",
        "moved",
        "error",
    ]
)


@given(st.dictionaries(FIELDS, JSON) | JSON)
def test_no_document_breaks_the_reading(document: object) -> None:
    receipt_of(document, now=NOW)
    upload_of(document)
    identity_of(document, domain="a.example")
    words_of(msgspec.json.encode(document))


@given(
    st.dictionaries(
        st.sampled_from(
            ["date", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]
        ),
        st.text(max_size=30),
    )
)
def test_no_header_breaks_the_reading(headers: dict[str, str]) -> None:
    quota_of(headers, now=NOW)
    retry_at(headers, now=NOW)


def test_ids_are_text_whatever_they_were() -> None:
    found = receipt_of({"id": 7, "in_reply_to_id": 8, "media_attachments": [{"id": 9}, None, {}]}, now=NOW)
    assert found is not None
    assert (found.remote_id, found.in_reply_to_id, found.media_ids) == ("7", "8", ("9",))
    assert found.created_at == NOW


@pytest.mark.parametrize(
    ("quote", "quote_id"),
    [
        ({"state": "accepted", "quoted_status": {"id": "5"}}, "5"),
        ({"state": "pending", "quoted_status_id": "6", "quoted_status": None}, "6"),
        ({"id": "7"}, "7"),
        (None, None),
    ],
)
def test_a_quote_is_told_in_several_ways(quote: object, quote_id: str | None) -> None:
    found = receipt_of({"id": "1", "quote": quote}, now=NOW)
    assert found is not None
    assert found.quote_id == quote_id


def test_the_source_is_better_than_its_html_unless_it_is_html() -> None:
    gotosocial = receipt_of({"id": "1", "content": "<p>a <em>b</em></p>", "text": "a *b*"}, now=NOW)
    takahe = receipt_of({"id": "1", "content": "<p>a</p>", "text": "<p>a</p>"}, now=NOW)
    assert gotosocial is not None
    assert takahe is not None
    assert (gotosocial.text, takahe.text) == ("a *b*", "a")


DATE = "Sun, 22 Nov 2026 11:00:00 GMT"  # an hour behind


@pytest.mark.parametrize("reset", ["2026-11-22T11:05:00.000Z", "2026-11-22T11:05:00+00:00", "1795345500"])
def test_a_reset_is_moved_to_our_clock(reset: str) -> None:
    headers = {
        "x-ratelimit-limit": "300",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": reset,
        "date": DATE,
    }
    quota = quota_of(headers, now=NOW)
    assert quota is not None
    assert (quota.reset, quota.seconds_left) == (NOW + timedelta(minutes=5), 300)
    assert retry_at(headers, now=NOW) == NOW + timedelta(minutes=5, seconds=1)


def test_a_date_to_come_back_is_moved_to_our_clock() -> None:
    headers = {"retry-after": "Sun, 22 Nov 2026 11:00:30 GMT", "date": DATE}
    assert retry_at(headers, now=NOW) == NOW + timedelta(seconds=30)
    assert retry_at({}, now=NOW) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error": "no"}', "no"),
        (b'{"error": {"code": "X", "message": "no"}}', "no"),
        (b'{"error": {"code": "X"}}', "X"),
        (b'{"message": "no"}', "no"),
        (b'{"error": "invalid_grant", "error_description": "old"}', "invalid_grant"),
        (b"<html>", None),
        (b"[]", None),
        (b"\xff", None),
    ],
)
def test_the_servers_words(body: bytes, words: str | None) -> None:
    assert words_of(body) == words


# --- forms


def test_a_form_says_everything_once() -> None:
    limits = Limits(quotes=True, backdates=True, content_type="text/plain")
    draft = replace(DRAFT, spoiler_text="cw", backdate=datetime(2014, 1, 2, tzinfo=UTC))
    fields = form_of(
        status_document(draft, Addressed(text="hi", reply_to="3", quote="4", media=("5", "6")), limits)
    )
    assert sorted(fields) == [
        ("content_type", "text/plain"),
        ("in_reply_to_id", "3"),
        ("language", "fr"),
        ("media_ids[]", "5"),
        ("media_ids[]", "6"),
        ("quoted_status_id", "4"),
        ("scheduled_at", "2014-01-02T00:00:00Z"),
        ("sensitive", "true"),
        ("spoiler_text", "cw"),
        ("status", "hi"),
        ("visibility", "unlisted"),
    ]


def test_what_a_server_cannot_do_is_not_asked_of_it() -> None:
    draft = replace(DRAFT, backdate=datetime(2014, 1, 2, tzinfo=UTC))
    document = status_document(draft, Addressed(text="hi", quote="4"), Limits())
    assert not {"scheduled_at", "quoted_status_id", "content_type"} & set(document)


@pytest.mark.parametrize(("tag", "sent"), [("fr", "fr"), ("pt-BR", "pt"), ("fil", None), (None, None)])
def test_akkoma_gets_two_letters_or_nothing(tag: str | None, sent: str | None) -> None:
    document = status_document(
        replace(DRAFT, language=tag), Addressed(text="hi"), Limits(language_tags="iso639")
    )
    assert document.get("language") == sent


def test_an_edit_sends_all_of_it_again() -> None:
    media = (
        MediaRef(position=0, type=MediaType.IMAGE, file="a", description="one"),
        MediaRef(position=1, type=MediaType.IMAGE, file=None),
    )
    draft = replace(DRAFT, media=media, poll=PollDraft(options=("a", "b"), expires_in=60))
    document = edit_document(draft, Addressed(text="hi", media=("5",)), Limits())
    assert document["media_attributes"] == [{"id": "5", "description": "one"}]
    assert document["media_ids"] == ["5"]
    assert document["spoiler_text"] == ""
    assert document["poll"] == {"options": ["a", "b"], "expires_in": 60}


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)))
def test_an_instant_keeps_its_milliseconds(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC, microsecond=naive.microsecond // 1000 * 1000)
    assert datetime.fromisoformat(instant(moment)) == moment
