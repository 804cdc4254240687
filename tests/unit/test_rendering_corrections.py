"""What is said under a status whose post was edited: its whole text, to no more people, naming nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge.posts import Author, Kind, Media, MediaType, Post, Span, SpanKind
from bridge.rendering import Context, Overlay, RenderOptions
from bridge.rendering.corrections import correction, label
from bridge.statuses import Limits, StatusDraft, StatusRef, Visibility
from tests.changes import replace

LIMITS = Limits(software="mastodon")
UNDER = StatusDraft(post_id="9", part=2, parts=2, text="x", length=1, visibility=Visibility.UNLISTED)
POST = Post(
    source="twitter:1",
    id="9",
    author=Author(id="1", handle="museum"),
    created_at=datetime(2026, 5, 1, tzinfo=UTC),
    text="We open at nine",
    kind=Kind.ORIGINAL,
    language="fr",
)


def said(post: Post = POST, locale: str | None = None, **options: object) -> StatusDraft:
    context = Context(
        limits=LIMITS, options=replace(RenderOptions(), **options), handles={"@her": "@her@else.example"}
    )
    found = correction(post, context, UNDER, part=-1, locale=locale)
    assert found is not None
    return found


def test_it_answers_the_last_part_and_has_the_whole_text_of_today() -> None:
    picture = Media(type=MediaType.IMAGE, file="a.png")
    found = said(replace(POST, media=(picture,)), locale="en")
    assert found.text == "Correction: We open at nine"
    assert (found.part, found.parts, found.media) == (-1, 1, ())
    assert found.in_reply_to == StatusRef(post_id="9", part=2)
    assert found.length == len(found.text)


@pytest.mark.parametrize(
    ("options", "wide"), [("public", "unlisted"), ("unlisted", "unlisted"), ("private", "private")]
)
def test_it_is_seen_by_no_more_people_than_what_it_corrects(options: str, wide: str) -> None:
    assert said(visibility=Visibility(options)).visibility.value == wide


def test_it_speaks_the_language_of_the_mirror_or_else_of_the_post() -> None:
    assert said(locale="de").text.startswith("Korrektur: ")
    assert said().text.startswith("Rectificatif\u00a0: ")
    assert label("tlh") == "Correction:"
    assert label("nn-NO") == label("nb")


def test_it_notifies_nobody() -> None:
    span = Span(start=0, end=4, kind=SpanKind.MENTION, target="her", user_id="7")
    found = said(replace(POST, text="@her is here", spans=(span,)), notify=True)
    assert "@her@" not in found.text
    assert "her@else.example" in found.text


def test_it_is_one_status_however_long() -> None:
    found = said(replace(POST, text="word " * 200))
    assert found.length <= LIMITS.max_characters
    assert "https://twitter.com/museum/status/9" in found.text


def test_a_server_that_wants_pictures_gets_none() -> None:
    context = Context(limits=replace(LIMITS, needs_media=True))
    assert correction(POST, context, UNDER, part=-1, locale=None) is None


def test_words_of_a_person_count() -> None:
    context = Context(limits=LIMITS, overlay=lambda _: Overlay(text="Open at 9", spoiler="hours", version=1))
    found = correction(POST, context, UNDER, part=-1, locale="en")
    assert found is not None
    assert (found.text, found.spoiler_text) == ("Correction: Open at 9", "hours")
