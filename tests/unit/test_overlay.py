"""What a person wants a post to say is rendered like all else: dated, counted, split, mentioning nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bridge.posts import Audience, Author, Kind, Post, Span, SpanKind
from bridge.rendering import Context, Overlay, RenderOptions, measure, render, wording
from bridge.rendering.entities import mention_matches
from bridge.statuses import Counting, Limits, OwnLink, StatusRef, Visibility
from tests.changes import replace

LIMITS = Limits(counting=Counting.MASTODON, max_characters=500)
POST = Post(
    source="twitter:1",
    id="10",
    author=Author(id="1", handle="museum"),
    created_at=datetime(2012, 3, 4, tzinfo=UTC),
    text="A new hall",
    kind=Kind.ORIGINAL,
    language="en",
)


def context(overlay: Overlay | None, **options: object) -> Context:
    wanted = RenderOptions(**{"date_stamp": "none", **options})  # type: ignore[arg-type]
    return Context(limits=LIMITS, options=wanted, overlay=lambda _: overlay)


def test_nothing_said_changes_nothing() -> None:
    assert render(POST, context(Overlay(version=3))) == render(POST, context(None))


def test_each_thing_that_is_said_takes_the_place_of_what_there_was() -> None:
    said = Overlay(text="Une salle", spoiler="Travaux", visibility=Visibility.PUBLIC, language="fr")
    (draft,) = render(POST, context(said)).drafts
    assert (draft.text, draft.spoiler_text, draft.visibility, draft.language) == (
        "Une salle", "Travaux", "public", "fr",
    )  # fmt: skip
    assert draft.length == measure("Une salle", "Travaux", LIMITS)
    assert draft.sensitive


def test_an_edited_text_is_dated_and_split_like_any_other() -> None:
    long = " ".join(["word"] * 200)
    rendering = render(POST, context(Overlay(text=long), date_stamp="suffix"))
    assert len(rendering.drafts) > 1
    assert all(draft.length <= 500 for draft in rendering.drafts)
    assert "2012" in rendering.drafts[-1].text


def test_a_warning_can_be_taken_away_though_a_rule_wants_it() -> None:
    rules = {"content_warnings": (("hall", "halls"),)}
    assert render(POST, context(None, **rules)).drafts[0].spoiler_text == "halls"
    assert render(POST, context(Overlay(spoiler=""), **rules)).drafts[0].spoiler_text == ""


def test_what_was_for_a_few_is_never_made_public_by_an_edit() -> None:
    few = replace(POST, audience=Audience.CIRCLE)
    drafts = render(few, context(Overlay(visibility=Visibility.PUBLIC))).drafts
    assert [draft.visibility for draft in drafts] == [Visibility.PRIVATE]


def test_links_to_own_posts_lead_to_their_statuses_where_they_are_still_said() -> None:
    url = "https://twitter.com/museum/status/9"
    text = f"See {url}"
    span = Span(start=4, end=len(text), kind=SpanKind.LINK, target=url, post_id="9")
    linking = replace(POST, text=text, spans=(span,))
    nine = StatusRef(post_id="9")

    def rendered(new: str) -> tuple[OwnLink, ...]:
        wanted = msgspec.structs.replace(linking)
        made = replace(context(Overlay(text=new)), own=lambda _: nine)
        return render(wanted, made).drafts[0].own_links

    moved = f"Look again: {url}"
    assert rendered(moved) == (OwnLink(start=12, end=len(moved), to=nine),)
    assert rendered("Look again") == ()


def test_a_changed_source_asks_a_person() -> None:
    said = Overlay(text="A new wing", base="A new hall")
    assert render(POST, context(said)).hold is None
    found = render(replace(POST, text="A new hall, after all"), context(said))
    assert found.hold == "edit_conflict"
    assert [warning.code for warning in found.warnings] == ["EDIT_CONFLICT"]
    assert found.drafts[0].text == "A new wing"
    assert render(replace(POST, text="x"), context(Overlay(spoiler="s", base="A new hall"))).hold is None


@given(st.text(alphabet=st.sampled_from("@＠ab.c:/\u2060 \n")))
def test_no_edit_mentions_anybody(text: str) -> None:
    for draft in render(POST, context(Overlay(text=text + " @museum @museum@example.social"))).drafts:
        assert list(mention_matches(draft.text)) == []


def test_the_text_to_be_edited_is_the_one_that_is_sent() -> None:
    assert wording(POST, context(None)) == "A new hall"
    edited = context(Overlay(text="Hello @someone"))
    once = wording(POST, edited)
    assert render(POST, edited).drafts[0].text == once
    assert wording(POST, context(Overlay(text=once))) == once, "editing again changes nothing"
