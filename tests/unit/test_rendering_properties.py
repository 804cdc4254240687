"""What holds for every post at every destination."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.posts import Kind, MediaType, Post, SpanKind
from bridge.rendering import Context, RenderOptions, measure, render
from bridge.rendering.entities import mention_matches
from bridge.rendering.length import grapheme_ends
from bridge.statuses import Counting, Limits, OwnLink, StatusRef
from tests.changes import replace
from tests.strategies import NAMES, OWNER, limits, posts

FIXED = datetime(2014, 3, 12, 10, 30, tzinfo=UTC)
OWN_KINDS = (Kind.ORIGINAL, Kind.THREAD, Kind.QUOTE, Kind.REPLY)
SLOWLY = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HANDLES = {"7000": "@ami@piaille.fr", "@nasa": "@nasa@social.beachcom.org"}


def options() -> st.SearchStrategy[RenderOptions]:
    return st.builds(
        RenderOptions,
        date_stamp=st.sampled_from(("auto", "none", "prefix", "suffix")),
        locale=st.sampled_from((None, "fr", "ja", "tlh")),
        numbering=st.sampled_from(("auto", "none")),
        too_long=st.sampled_from(("thread", "note", "skip")),
        mentions=st.sampled_from(("handle", "link", "plain")),
        content_warnings=st.sampled_from(((), (("musée", "art"), ("été", "weather")))),
    )


def contexts() -> st.SearchStrategy[Context]:
    return st.builds(
        Context,
        limits=limits(),
        options=options(),
        handles=st.sampled_from(({}, HANDLES)),
        live=st.booleans(),
    )


def ink(text: str) -> str:
    """All that can be seen of a text."""
    return re.sub(r"[\s\u2060]", "", text)


def said(post: Post) -> str:
    """What a post says, worked out anew: links resolved, the media link gone, mentions as handles."""
    pieces, at = [], 0
    for span in post.spans:
        written = post.text[span.start : span.end]
        pieces.append(post.text[at : span.start])
        if span.kind is SpanKind.LINK:
            pieces.append(span.target)
        elif span.kind is SpanKind.MENTION:
            pieces.append(f"@{written[1:]}@twitter.com")
        elif span.kind is not SpanKind.MEDIA:
            pieces.append(written)
        at = span.end
    return "".join([*pieces, post.text[at:]])


PLAIN = RenderOptions(date_stamp="none", numbering="none")


@SLOWLY
@given(posts(OWN_KINDS), limits())
def test_every_visible_character_is_in_the_parts_in_order_once(post: Post, limits: Limits) -> None:
    rendering = render(post, Context(limits=limits, options=PLAIN))
    if rendering.skip:
        assert not ink(said(post))
        assert not post.poll
        return
    text = ink("".join(draft.text for draft in rendering.drafts))
    choices = ink("".join(f"○ {option}" for option in post.poll.options)) if post.poll else ""
    assert text == ink(said(post)) + choices


@SLOWLY
@given(posts(), contexts())
def test_no_part_is_longer_than_the_destination_allows(post: Post, context: Context) -> None:
    for draft in render(post, context).drafts:
        assert draft.length <= context.limits.max_characters
        assert measure(draft.text, draft.spoiler_text, context.limits, draft.own_links) == draft.length
        assert draft.text == draft.text.strip()
        assert draft.text or any(ref.file for ref in draft.media) or draft.quote
        assert sum(1 for ref in draft.media if ref.file) <= context.limits.max_media
        if not context.limits.mixes_media:
            kinds = [ref.type for ref in draft.media if ref.file]
            assert kinds.count(MediaType.IMAGE) == len(kinds) or len(kinds) == 1


@SLOWLY
@given(posts(OWN_KINDS), limits())
def test_no_link_mention_or_tag_is_broken(post: Post, limits: Limits) -> None:
    drafts = render(post, Context(limits=limits, options=PLAIN)).drafts
    whole = [
        span.target if span.kind is SpanKind.LINK else post.text[span.start : span.end]
        for span in post.spans
        if span.kind in {SpanKind.LINK, SpanKind.HASHTAG, SpanKind.CASHTAG}
    ]
    for piece in whole:
        if len(piece) <= limits.max_characters // 2 and drafts:  # a warning may take the other half
            assert sum(d.text.count(piece) for d in drafts) >= whole.count(piece)
    handles = [s for s in post.spans if s.kind is SpanKind.MENTION]
    if drafts:
        assert sum(d.text.count("@twitter.com") for d in drafts) == len(handles)


@SLOWLY
@given(posts(OWN_KINDS), limits())
def test_no_grapheme_is_cut(post: Post, limits: Limits) -> None:
    whole = Limits(max_characters=1_000_000, max_media=100, mixes_media=True, backdates=limits.backdates)
    uncut = render(post, Context(limits=whole, options=PLAIN)).drafts
    cut = render(post, Context(limits=limits, options=PLAIN)).drafts
    if not cut or not uncut:
        return
    ends, at = set(grapheme_ends(uncut[0].text)), 0
    for draft in cut:
        at = uncut[0].text.find(draft.text, at) + len(draft.text)
        assert at in ends or not draft.text


@SLOWLY
@given(posts(), contexts())
def test_rendering_is_deterministic(post: Post, context: Context) -> None:
    assert render(post, context) == render(post, context)


def assert_nobody_is_called(text: str, *, hosts: frozenset[str]) -> None:
    for match in mention_matches(text):
        assert match[2] in hosts, f"{match[0]!r} in {text!r}"


@SLOWLY
@given(posts(), contexts())
def test_a_back_catalogue_mentions_nobody(post: Post, context: Context) -> None:
    hosts = {"twitter.com"} if not context.limits.backdates else set()
    if context.live and not context.limits.backdates:
        hosts |= {"piaille.fr", "social.beachcom.org"}
    for draft in render(post, context).drafts:
        assert_nobody_is_called(draft.text, hosts=frozenset(hosts))


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        st.sampled_from("@@@ab1_.-/=:#$ é日\n()＠!？?\u2060") | st.characters(codec="utf-8"), max_size=90
    ),
    st.sampled_from(("handle", "link", "plain")),
    st.sampled_from((40, 500)),
    st.booleans(),
)
def test_whatever_was_typed_calls_nobody(text: str, mentions: str, size: int, backdates: bool) -> None:
    post = Post(source="twitter:1", id="20", author=OWNER, created_at=FIXED, text=text, kind=Kind.ORIGINAL)
    limits = Limits(max_characters=size, counting=Counting.MASTODON, backdates=backdates)
    context = Context(limits=limits, options=RenderOptions(mentions=mentions, date_stamp="none"))
    hosts = frozenset() if backdates else frozenset({"twitter.com"})
    for draft in render(post, context).drafts:
        assert_nobody_is_called(draft.text, hosts=hosts)
        assert draft.length <= size


@SLOWLY
@given(posts(OWN_KINDS), limits())
def test_own_links_stand_for_the_url_they_replace(post: Post, limits: Limits) -> None:
    links = [s for s in post.spans if s.kind is SpanKind.LINK]
    targets = {id(s): f"https://twitter.com/{OWNER.handle}/status/{n}" for n, s in enumerate(links)}
    spans = tuple(
        type(s)(start=s.start, end=s.end, kind=s.kind, target=targets[id(s)], post_id=str(links.index(s)))
        if id(s) in targets
        else s
        for s in post.spans
    )
    linked = replace(post, spans=spans, quote=None)
    context = Context(limits=limits, own=lambda post_id: StatusRef(post_id=post_id))
    found: list[OwnLink] = []
    for draft in render(linked, context).drafts:
        for link in draft.own_links:
            assert draft.text[link.start : link.end].endswith(f"/status/{link.to.post_id}")
            assert regex.match(r"https://twitter\.com/", draft.text[link.start : link.end])
        found += draft.own_links
    if render(linked, context).drafts and limits.max_characters >= 300:
        assert len(found) == len(links)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_strategies_are_handles(name: str) -> None:
    assert re.fullmatch(r"\w{1,15}", name)
