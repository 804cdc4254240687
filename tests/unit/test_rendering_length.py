"""Lengths as the servers count them, held against Mastodon.py's counter where that has one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mastodon import Mastodon

from bridge.rendering.entities import Entity, entities, mention_matches, urls
from bridge.rendering.length import graphemes, measure
from bridge.rendering.tlds import TLDS
from bridge.statuses import Counting, Limits, OwnLink, StatusRef
from tests.strategies import WORDS

MASTODON = Limits(counting=Counting.MASTODON, max_characters=500)
GRAPHEMES = Limits(counting=Counting.GRAPHEMES)
CODE_POINTS = Limits(counting=Counting.CODE_POINTS)

AS_23 = (
    "https://example.org",
    "http://example.org/",
    "HTTPS://EXAMPLE.ORG/A",
    "https://example.org/a/very/long/path/indeed/with/many/parts/and?a=query&of=many&words=too#and-a-fragment",
    "https://fr.wikipedia.org/wiki/Louvre_(musée)",
    "https://en.wikipedia.org/wiki/A_(b_(c))",
    "https://example.org:8080/",
    "https://example.org?query=only",
    "https://sub_domain.example.co.uk/x",
    "https://例え.jp/道",
    "https://пример.рф/путь",
    "https://xn--r8jz45g.jp/",
    "https://twitter.com/a/status/1",
    "https://medium.com/@who/x",
    "https://example.museum/",
)


@pytest.mark.parametrize("url", AS_23)
@pytest.mark.parametrize("around", ["{}", "see {} there", "({})", "\n{}\n", '"{}"', "日本 {} 。"])
def test_a_link_counts_as_23_on_mastodon(url: str, around: str) -> None:
    text = around.format(url)
    assert measure(text, "", MASTODON) == len(around) - 2 + 23
    assert measure(text, "", CODE_POINTS) == len(text)
    assert measure(text, "", GRAPHEMES) == graphemes(text)


IN_FULL = (
    "http://localhost",
    "http://localhost:3000/path",
    "https://192.168.1.1/",
    "https://example.invalid/x",
    "https://example.notatld",
    "example.org/without/scheme",
    "www.example.org",
    "ftp://example.org/x",
    "http://foo_bar.org/",  # no underscore next to the top-level domain
    "mehttps://example.org/",
    "https://" + "a" * 64 + ".org/",  # no label is longer than 63
    "https://example.org/" + "a" * 4100,  # longer than any URL that Mastodon links
    "https://t.co/" + "a" * 41,
)


@pytest.mark.parametrize("text", IN_FULL)
def test_what_mastodon_does_not_link_counts_in_full(text: str) -> None:
    assert measure(text, "", MASTODON) == len(text)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://example.org/a.", "https://example.org/a"),
        ("https://example.org/a, b", "https://example.org/a"),
        ("https://example.org/a!?", "https://example.org/a"),
        ("(https://example.org/a)", "https://example.org/a"),
        ('"https://example.org/a"', "https://example.org/a"),
        ("https://example.org/a_(b", "https://example.org/a_"),
        ("https://example.org/«a»", "https://example.org/«a»"),
        ("https://example.org/a…", "https://example.org/a…"),
        ("https://example.org/a。", "https://example.org/a。"),
        ("“https://example.org/a”", "https://example.org/a”"),
        ("https://example.orgさん", "https://example.org"),
        ("https://example.org/さん", "https://example.org/さん"),
        ("https://t.co/abcさん", "https://t.co/abc"),
        ("https://t.co/abc/d", "https://t.co/abc"),
        ("https://example.org?a=b.", "https://example.org?a=b"),
        ("https://example.org.", "https://example.org"),
    ],
)
def test_where_a_link_ends(text: str, link: str) -> None:
    (found,) = urls(text)
    assert text[found.start : found.end] == link


def test_a_link_within_a_link_without_scheme_is_none() -> None:
    text = "web.archive.org/web/2012/http://example.org/page"
    assert list(urls(text)) == []
    assert measure(text, "", MASTODON) == len(text)
    assert len(list(urls("https://web.archive.org/web/2012/http://example.org/page"))) == 1


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("@me@example.org", "@me"),
        ("hello @me@example.org!", "hello @me!"),
        ("@a.b-c@example.org", "@a.b-c"),
        ("@me@" + "a" * 254, "@me@" + "a" * 254),  # a domain of more than 253 characters
        ("@me@" + "a" * 253, "@me"),
        ("@me", "@me"),
        ("a@example.org", "a@example.org"),
        ("/@me@example.org", "/@me@example.org"),
        ("=@me@example.org", "=@me@example.org"),
        ("@me@example.org@x", "@me@example.org@x"),  # followed by what no mention is followed by
        ("@\u2060me@example.org", "@\u2060me@example.org"),
    ],
)
def test_a_mention_counts_as_its_local_part_on_mastodon(text: str, counted: str) -> None:
    assert measure(text, "", MASTODON) == len(counted)
    assert measure(text, "", CODE_POINTS) == len(text)


def test_of_two_that_overlap_the_earlier_one_stands() -> None:
    assert entities("https://example.org/(@me@example.com)") == [Entity(0, 37)]
    assert [match[0] for match in mention_matches("https://example.org/(@me) @you")] == ["@you"]


@pytest.mark.parametrize("emoji", ["👩‍👩‍👧‍👦", "🇫🇷", "👍🏽", "❤️", "🏳️‍🌈", "1️⃣", "é", "ก็", "\r\n"])
def test_what_a_reader_takes_for_one_counts_once(emoji: str) -> None:
    assert measure(emoji * 3, "", MASTODON) == measure(emoji * 3, "", GRAPHEMES) == 3
    assert measure(emoji * 3, "", CODE_POINTS) == 3 * len(emoji)


def test_the_warning_counts_as_it_is_where_it_counts() -> None:
    assert measure("text", "https://example.org/x", MASTODON) == 4 + 21
    assert measure("text", "warning", Limits(spoiler_counts=False)) == 4


def test_an_own_link_is_given_the_room_its_status_may_need() -> None:
    url = "https://twitter.com/a/status/1"
    link = OwnLink(start=4, end=4 + len(url), to=StatusRef(post_id="1"))
    wide = Limits(counting=Counting.CODE_POINTS, own_url_length=90)
    assert measure(f"see {url}", "", wide, (link,)) == 4 + 90
    assert measure(f"see {url}", "", MASTODON, (link,)) == 4 + 23


def test_the_list_of_domains_is_the_root_zone() -> None:
    assert {"org", "museum", "paris", "bzh", "рф", "みんな"} <= TLDS
    assert not {"localhost", "invalid", "test", "local"} & TLDS


TYPED = st.lists(
    st.sampled_from(
        (
            *WORDS,
            *AS_23[:8],
            "@me@example.org",
            "@me",
            "a@b.org",
            "http://localhost/x",
            "(",
            ")",
            ".",
            ",",
            "#tag",
        )
    ),
    max_size=25,
).map(" ".join)


@settings(max_examples=80, deadline=None)
@given(TYPED)
def test_mastodon_py_counts_the_same(text: str) -> None:
    assert measure(text, "", MASTODON) == Mastodon.get_status_length(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_counting_never_fails_and_links_are_disjoint(text: str) -> None:
    found = entities(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert 0 <= measure(text, "", MASTODON) <= measure(text, "", CODE_POINTS) + 23 * len(found)
