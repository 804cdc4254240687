"""Lengths and links, held against Mastodon.py's counter and against the page's own text."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mastodon import Mastodon

from bridge.sandbox.rules.counting import Measure, measure, urls
from bridge.sandbox.rules.formatting import Site, hashtags, mentioned, to_html

SITE = Site(
    base_url="http://127.0.0.1:1",
    domain="127.0.0.1:1",
    account_of=lambda name: "7" if name.lower() == "visitor" else None,
)
PIECES = st.sampled_from([
    "a", "é", "日本", "👨‍👩‍👧", "🇫🇷", "\n", " ", "https://example.org/abc?x=1#y",
    "http://a.fr", "@name", "@name@host.example",
    "#tag", "(", ")", ".", ",", "e\u0301", "&", "<", "'", '"',
])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("héllo", 5),
        ("e\u0301", 1),
        ("👨‍👩‍👧🇫🇷", 2),
        ("\r\n", 1),
        ("https://example.org/" + "x" * 300, 23),
        ("see https://example.org/a.", 28),
        ("(https://fr.wikipedia.org/wiki/Pont_(Paris))", 25),
        ("example.org", 11),
        ("http://localhost/abc", 20),
        ("https://x.notatld/abc", 21),
        ("@name@example.social", 5),
        ("@name@" + "x" * 254 + ".fr", 263),
        ("mail me@example.org", 19),
        ("http://127.0.0.1:8000/@practice/1", 23),
    ],
)
def test_mastodons_measure(text: str, length: int) -> None:
    assert measure(text, "", Measure.MASTODON) == length


def test_the_other_measures() -> None:
    text = "e\u0301 https://example.org/abc "
    assert measure(text, "cw", Measure.CODE_POINTS) == len(text) + 2
    assert measure(text, "cw", Measure.GRAPHEMES) == len(text) - 2 + 2
    assert measure(text, "cw", Measure.NONE) == 0


@given(st.lists(PIECES, max_size=25).map(" ".join))
def test_mastodon_py_counts_the_same(text: str) -> None:
    client = Mastodon(api_base_url="http://127.0.0.1:9", access_token="x", version_check_mode="none")
    assert measure(text, "", Measure.MASTODON) == client.get_status_length(text)


def plain(markup: str) -> str:
    """What a reader sees: the recipe of fediverse-rules §8."""
    text = markup.replace("</p><p>", "\n\n").replace("<br />", "\n")
    return html.unescape(re.sub(r"<[^>]+>", "", text))


@given(st.lists(PIECES, max_size=25).map("".join))
def test_nothing_is_lost_on_the_way_to_html_and_back(text: str) -> None:
    said = re.sub(r"\n{3,}", "\n\n", text.strip("\n"))
    assert plain(to_html(text, SITE)) == said


@given(st.text(max_size=200))
def test_no_text_makes_a_tag_of_its_own(text: str) -> None:
    markup = to_html(text, SITE)
    assert set(re.findall(r"<(/?[a-z]+)", markup)) <= {"p", "/p", "br", "a", "/a", "span", "/span"}
    assert markup.count("<") == markup.count(">")


def test_paragraphs_links_tags_and_people() -> None:
    assert to_html("a\nb\n\nc", SITE) == "<p>a<br />b</p><p>c</p>"
    assert 'rel="tag">#<span>Écluse</span></a>' in to_html("#Écluse", SITE)
    assert "@<span>visitor</span></a></span>" in to_html("@visitor", SITE)
    assert to_html("@stranger", SITE) == "<p>@stranger</p>"
    link = to_html("https://www.example.org/" + "x" * 40, SITE)
    assert '<span class="invisible">https://www.</span><span class="ellipsis">example.org/' in link


def test_tags_need_a_letter_and_urls_hide_what_is_in_them() -> None:
    assert hashtags("#2024 #a1 x#y https://example.org/#no #Été2014") == ("a1", "Été2014")
    assert mentioned("https://example.org/@visitor @visitor @a@b.example", SITE) == (("7",), ("a@b.example",))
    assert urls("no scheme: example.org") == []
