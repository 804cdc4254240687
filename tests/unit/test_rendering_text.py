"""What becomes of links, mentions, quotes and retweets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge.posts import Author, Kind, Post, Reference, Span, SpanKind
from bridge.rendering import Context, RenderOptions, render
from bridge.rendering.entities import mention_matches
from bridge.rendering.links import without_query, without_tracking
from bridge.statuses import Counting, Limits, OwnLink, StatusDraft, StatusRef
from tests.changes import replace

J = "\u2060"
MASTODON = Limits(software="mastodon", counting=Counting.MASTODON)
BARE = RenderOptions(date_stamp="none")
OWNER = Author(id="1001", handle="musee_fictif")


def post(text: str, *spans: Span, **more: object) -> Post:
    at = datetime(2014, 3, 12, 10, 30, tzinfo=UTC)
    base = Post(
        source="twitter:1001", id="443700000000000000", author=OWNER, created_at=at, text=text,
        kind=Kind.ORIGINAL, spans=spans, language="fr",
    )  # fmt: skip
    return replace(base, **more)


def span(text: str, part: str, kind: SpanKind, target: str = "", **more: str) -> Span:
    start = text.index(part)
    return Span(start=start, end=start + len(part), kind=kind, target=target, **more)


def only(rendered: Post, **more: object) -> StatusDraft:
    context = Context(**{"limits": MASTODON, "options": BARE, **more})
    (draft,) = render(rendered, context).drafts
    return draft


def with_link(target: str, text: str = "Voir https://t.co/abc ici", **more: str) -> Post:
    return post(text, span(text, "https://t.co/abc", SpanKind.LINK, target, **more))


def with_mention(text: str, written: str = "@ami", **more: str) -> Post:
    return post(text, span(text, written, SpanKind.MENTION, written[1:], **more))


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://ex.org/a?utm_source=x&utm_medium=y", "https://ex.org/a"),
        ("https://ex.org/a?id=2&utm_source=x#part", "https://ex.org/a?id=2#part"),
        ("https://ex.org/a?b=%C3%A9&UTM_Source=x&a=+1&&c", "https://ex.org/a?b=%C3%A9&a=+1&&c"),
        ("https://ex.org/a?fbclid=1&gclid=2&mc_cid=3&mc_eid=4&igshid=5", "https://ex.org/a"),
        ("https://ex.org/a?s=20&t=abc", "https://ex.org/a?s=20&t=abc"),
        ("https://twitter.com/a/status/1?s=20&t=abc", "https://twitter.com/a/status/1"),
        ("https://x.com/search?q=museum&s=20", "https://x.com/search?q=museum"),
        ("https://mobile.twitter.com/a?ref_src=twsrc%5Etfw", "https://mobile.twitter.com/a"),
        ("https://www.youtube.com/watch?v=abc&t=42&si=xyz", "https://www.youtube.com/watch?v=abc&t=42"),
        ("https://ex.org/#/a?utm_source=x", "https://ex.org/#/a?utm_source=x"),
        ("https://ex.org/a?next=https%3A%2F%2Fb.org%3Futm_source%3Dx", None),
        ("https://ex.org/a?my_utm_source=x", None),
        ("https://notx.com/a?s=20", None),
        ("https://ex.org/a?", None),
        ("https://ex.org/plan?xtor=CS1-31&pk_campaign=x&mtm_kwd=y&at_medium=z", "https://ex.org/plan"),
        ("https://ex.org/a?id=2;utm_source=x", "https://ex.org/a?id=2"),
        ("https://ex.org/a?utm_source=x;utm_medium=y;id=2&p=3", "https://ex.org/a?id=2&p=3"),
        ("https://ex.org/a?id=2&amp;utm_source=x&amp;p=3", "https://ex.org/a?id=2&amp;p=3"),
        ("https://ex.org/a?utm_content=a;b&id=2", "https://ex.org/a?id=2"),
        ("https://ex.org/a?q=b;c;d&id=2", None),
    ],
)
def test_tracking_is_left_behind_and_nothing_else(url: str, clean: str | None) -> None:
    assert without_tracking(url) == (clean or url)


def test_a_link_to_a_post_needs_no_query() -> None:
    assert without_query("https://x.com/a/status/1?s=20&x=1#m") == "https://x.com/a/status/1"
    assert without_query("https://ex.org/a?x=1#m") == "https://ex.org/a?x=1#m"


def test_a_link_says_where_it_leads() -> None:
    assert only(with_link("https://ex.org/a?utm_source=t")).text == "Voir https://ex.org/a ici"


@pytest.mark.parametrize("target", ["", "ex.org/a", "https://ex.org/a b"])
def test_a_target_that_is_no_url_leaves_the_link_as_written(target: str) -> None:
    assert only(with_link(target)).text == "Voir https://t.co/abc ici"


def test_an_unresolved_link_stays_and_is_told() -> None:
    rendering = render(with_link("https://t.co/abc"), Context(limits=MASTODON, options=BARE))
    assert rendering.drafts[0].text == "Voir https://t.co/abc ici"
    assert [w.code for w in rendering.warnings] == ["LINK_UNRESOLVED"]


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("https://t.co/abcさん", "https://ex.org/a さん"),
        ("https://t.co/abc…", "https://ex.org/a …"),
        ("https://t.co/abc.", "https://ex.org/a."),
        ("(https://t.co/abc)", "(https://ex.org/a)"),
        ("https://t.co/abc, b", "https://ex.org/a, b"),
    ],
)
def test_a_longer_link_takes_in_nothing_that_follows(text: str, becomes: str) -> None:
    assert only(with_link("https://ex.org/a", text)).text == becomes


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("Salut @ami!", "Salut @ami@twitter.com!"),
        ("Salut ＠ami", "Salut @ami@twitter.com"),
        (".@ami écoute", ".@ami@twitter.com écoute"),
        ("@amiさん", f"@ami@twitter.com{J}さん"),
        ("@ami-like", f"@ami@twitter.com{J}-like"),
        ("@ami's", "@ami@twitter.com's"),
        ("@ami.", "@ami@twitter.com."),
    ],
)
def test_a_stranger_is_named_by_the_handle_on_twitter(text: str, becomes: str) -> None:
    assert only(with_mention(text, "＠ami" if "＠" in text else "@ami")).text == becomes


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("hi @who", "hi @who@twitter.com"),
        ("hi @foo.bar", f"hi @foo@twitter.com{J}.bar"),
        ("me@ex.org", "me@ex.org"),
        ("https://medium.com/@who", "https://medium.com/@who"),
        ("https://ex.org/(@who)", "https://ex.org/(@who)"),
        ("@me@ex.org", f"@{J}me@ex.org"),
        ("at @ home", "at @ home"),
        ("日本@who", "日本@who"),
        ("@" + "a" * 30, f"@{J}" + "a" * 30),
        ("@日本", "@日本"),
        ("@Hélène merci", f"@{J}Hélène merci"),
    ],
)
def test_what_only_looks_like_a_mention_calls_nobody_either(text: str, becomes: str) -> None:
    assert only(post(text)).text == becomes


@pytest.mark.parametrize("text", ["PK @@figures @figures", "@@@ami", "x @@ami."])
def test_an_at_sign_too_many_is_no_way_out(text: str) -> None:
    for mentions in ("handle", "link", "plain"):
        draft = only(post(text), options=replace(BARE, mentions=mentions))
        assert all(match[2] == "twitter.com" for match in mention_matches(draft.text)), draft.text


def test_half_a_link_calls_nobody() -> None:
    tight = Limits(software="tight", counting=Counting.CODE_POINTS, max_characters=40)
    long = "https://example.org/" + "a" * 30 + "/(x)@figures and more"
    rendered = post(long, Span(start=0, end=62, kind=SpanKind.LINK, target=long[:62]))
    drafts = render(rendered, Context(limits=tight, options=BARE)).drafts
    assert len(drafts) > 1
    assert not any(match[2] is None for draft in drafts for match in mention_matches(draft.text))


def test_mentions_may_be_links_or_plain_names() -> None:
    links, plain = replace(BARE, mentions="link"), replace(BARE, mentions="plain")
    said = with_mention("Merci @ami!")
    assert only(said, options=links).text == "Merci https://twitter.com/ami!"
    assert only(said, options=plain).text == "Merci ami!"
    assert only(with_mention("@ami's"), options=links).text == "https://twitter.com/ami 's"
    assert only(post("@ami's"), options=links).text == "https://twitter.com/ami 's"


@pytest.mark.parametrize(
    "handles", [{"7": "@ami@piaille.fr"}, {"7": "ami@piaille.fr"}, {"@ami": "@ami@piaille.fr"}]
)
def test_a_mapped_person_is_named_but_called_only_live(handles: dict[str, str]) -> None:
    said = with_mention("Merci @Ami!", "@Ami", user_id="7")
    rendering = render(said, Context(limits=MASTODON, options=BARE, handles=handles))
    assert rendering.drafts[0].text == f"Merci @{J}ami@piaille.fr!"
    assert rendering.warnings == ()
    calling = replace(BARE, notify=True)
    assert only(said, handles=handles, options=calling).text == f"Merci @{J}ami@piaille.fr!"
    assert only(said, handles=handles, live=True).text == f"Merci @{J}ami@piaille.fr!"
    assert only(said, handles=handles, options=calling, live=True).text == "Merci @ami@piaille.fr!"


def test_an_id_that_is_not_mapped_is_not_replaced_by_another() -> None:
    assert (
        only(with_mention("@ami", user_id="8"), handles={"7": "@ami@piaille.fr"}).text == "@ami@twitter.com"
    )
    both = {"7": "@ami@piaille.fr", "@ami": "@ami@piaille.fr"}  # a name that was given to somebody else
    assert only(with_mention("@ami", user_id="8"), handles=both).text == "@ami@twitter.com"
    assert only(with_mention("@ami"), handles=both).text == f"@{J}ami@piaille.fr"


def test_backdating_forbids_every_mention() -> None:
    gotosocial = Limits(software="gotosocial", backdates=True, max_characters=5000)
    said = with_mention("Merci @ami et @me@ex.org et @qui", user_id="7")
    assert (
        only(said, limits=gotosocial).text
        == f"Merci @{J}ami@twitter.com et @{J}me@ex.org et @{J}qui@twitter.com"
    )


def test_unmapped_people_are_told_once_in_order() -> None:
    rendering = render(post("@b @a @b"), Context(limits=MASTODON, options=BARE))
    assert [(w.code, w.detail) for w in rendering.warnings] == [("MENTION_UNMAPPED", "@b @a")]


def test_an_answer_to_oneself_does_not_begin_with_ones_own_name() -> None:
    text = "@musee_fictif @ami et puis"
    spans = (
        span(text, "@musee_fictif", SpanKind.MENTION, "musee_fictif", user_id="1001"),
        span(text, "@ami", SpanKind.MENTION, "ami"),
    )
    assert only(post(text, *spans, kind=Kind.THREAD)).text == "@ami@twitter.com et puis"
    assert only(post(text, *spans)).text == "@musee_fictif@twitter.com @ami@twitter.com et puis"


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("Belle photo https://t.co/m", "Belle photo"),
        ("https://t.co/m Belle photo", "Belle photo"),
        ("avant https://t.co/m après", "avant après"),
        ("avant\nhttps://t.co/m", "avant"),
        ("“cité https://t.co/m”", "“cité”"),
    ],
)
def test_the_media_link_is_no_part_of_what_was_said(text: str, becomes: str) -> None:
    assert only(post(text, span(text, "https://t.co/m", SpanKind.MEDIA))).text == becomes


OWN_URL = "https://twitter.com/musee_fictif/status/42"


def own(post_id: str) -> StatusRef | None:
    return StatusRef(post_id="42") if post_id == "42" else None


def test_a_link_to_an_own_post_leads_to_its_status() -> None:
    draft = only(with_link(OWN_URL + "?s=20", "@a voir https://t.co/abc ici", post_id="42"), own=own)
    assert draft.text == f"@a@twitter.com voir {OWN_URL} ici"
    (link,) = draft.own_links
    assert draft.text[link.start : link.end] == OWN_URL
    assert link.to == StatusRef(post_id="42")
    assert only(with_link(OWN_URL, post_id="43"), own=own).own_links == ()


def test_an_own_post_is_quoted_natively_where_the_server_can() -> None:
    text = "Encore: https://t.co/abc https://t.co/m"
    spans = (
        span(text, "https://t.co/abc", SpanKind.LINK, OWN_URL, post_id="42"),
        span(text, "https://t.co/m", SpanKind.MEDIA),
    )
    said = post(text, *spans, kind=Kind.QUOTE, quote=Reference(id="42", url=OWN_URL))
    quoting = replace(MASTODON, quotes=True)
    draft = only(said, own=own, limits=quoting)
    assert (draft.text, draft.quote, draft.own_links) == ("Encore:", StatusRef(post_id="42"), ())
    linked = only(said, own=own)
    assert (linked.text, linked.quote) == (f"Encore: {OWN_URL}", None)
    assert linked.own_links == (OwnLink(start=8, end=8 + len(OWN_URL), to=StatusRef(post_id="42")),)


def test_a_quote_of_somebody_else_keeps_its_link() -> None:
    said = with_link("https://x.com/jack/status/20?s=20&t=q", "Ha! https://t.co/abc", post_id="20")
    said = replace(said, kind=Kind.QUOTE, quote=Reference(id="20", handle="jack"))
    rendering = render(said, Context(limits=replace(MASTODON, quotes=True), options=BARE, own=own))
    assert rendering.drafts[0].text == "Ha! https://x.com/jack/status/20"
    assert [w.code for w in rendering.warnings] == ["QUOTE_FOREIGN"]


def test_the_link_of_a_cut_text_to_itself_is_dropped() -> None:
    said = with_link("https://twitter.com/i/web/status/443700000000000000", "Coupé… https://t.co/abc", post_id="443700000000000000")  # fmt: skip  # noqa: E501
    rendering = render(replace(said, truncated=True), Context(limits=MASTODON, options=BARE))
    assert rendering.drafts[0].text == "Coupé…"
    assert [w.code for w in rendering.warnings] == ["TRUNCATED"]


def test_a_retweet_says_whose_words_it_carries() -> None:
    jack = Reference(id="20", handle="jack", url="https://twitter.com/jack/status/20?s=20")
    whole = post("just setting up", kind=Kind.RETWEET, retweet_of=jack)
    below = "\n\nhttps://twitter.com/jack/status/20"
    assert only(whole).text == "RT @jack@twitter.com: just setting up" + below
    text = "RT @jack: just setting up"
    prefixed = post(text, span(text, "@jack", SpanKind.MENTION, "jack"), kind=Kind.RETWEET, retweet_of=jack)
    assert only(prefixed).text == "RT @jack@twitter.com: just setting up" + below
    unknown = replace(prefixed, retweet_of=Reference(handle="jack"))
    own = "\n\nhttps://twitter.com/musee_fictif/status/443700000000000000"  # which leads on to it
    assert only(unknown).text == "RT @jack@twitter.com: just setting up" + own
