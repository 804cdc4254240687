"""Stored text becomes what the reader saw, and its spans say what they cover."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.posts import SpanKind
from bridge.sources.twitter_archive import text as texts
from bridge.sources.twitter_archive.links import status_link
from bridge.sources.twitter_archive.wire import Entities, MediaWire, Mention, Tag, Url

WORDS = st.sampled_from(
    [
        *(
            "a",
            " ",
            "&amp;",
            "&lt;b&gt;",
            "&",
            "@ann",
            "#tag",
            "＃日本",
            "$ABC",
            "https://t.co/abc",
            "http://t.c",
        ),
        *(
            "…",
            "\r\n",
            "\n",
            "\x1d",
            "\ud83d",
            "👩\u200d👩\u200d👧",
            "é",
            "e\u0301",
            "日本語",
            "ht ...",
            "@ann@x.org",
        ),
        "http://example.org/a_(b)?c=1&amp;d=2.",
    ]
)
RAW = st.one_of(st.lists(WORDS, max_size=14).map("".join), st.text(alphabet=st.characters(), max_size=60))
INDICES = st.one_of(st.lists(st.integers(-3, 70), max_size=3), st.just([]))
SAID = st.one_of(
    st.none(), st.sampled_from(["ann", "tag", "日本", "ABC", "https://t.co/abc"]), st.text(max_size=6)
)
ENTITIES = st.builds(
    Entities,
    urls=st.lists(st.builds(Url, url=SAID, expanded_url=SAID, indices=INDICES), max_size=3),
    user_mentions=st.lists(st.builds(Mention, screen_name=SAID, id_str=SAID, indices=INDICES), max_size=3),
    hashtags=st.lists(st.builds(Tag, text=SAID, indices=INDICES), max_size=3),
    symbols=st.lists(st.builds(Tag, text=SAID, indices=INDICES), max_size=2),
)
MEDIA = st.lists(st.builds(MediaWire, url=SAID, expanded_url=SAID, indices=INDICES), max_size=2)
CLEAN = st.sampled_from([texts.plain, texts.unescaped, texts.unescaped_as_of_old])


def settled(raw: str, entities: Entities, media=(), clean=texts.unescaped):
    marks = texts.entity_marks(raw, entities, media)
    return texts.settle(raw, texts.disjoint(marks + texts.loose_marks(raw, marks)), clean)


@given(RAW, ENTITIES, MEDIA, CLEAN)
def test_any_text_and_any_entities(raw, entities, media, clean) -> None:
    text, spans = settled(raw, entities, media, clean)
    text.encode()
    assert "\r" not in text
    at = 0
    for span in spans:
        said = text[span.start : span.end]
        assert at <= span.start < span.end <= len(text)
        at = span.end
        if span.kind is SpanKind.MENTION:
            assert said[0] in "@＠"
            assert said[1:].casefold() == span.target.casefold()
        elif span.kind is SpanKind.HASHTAG:
            assert said[0] in "#＃"
        elif span.kind in (SpanKind.LINK, SpanKind.MEDIA):
            assert said[:4].lower() == "http"
            assert span.target


@given(st.lists(WORDS, max_size=10))
def test_true_entities_are_all_kept(words) -> None:
    raw = ""
    entities = Entities(urls=[], hashtags=[])
    for n, word in enumerate(words):
        raw += word + " "
        short = f"https://t.co/{n:010}"
        entities.urls.append(
            Url(url=short, expanded_url=f"https://e.org/{n}", indices=[len(raw), len(raw) + len(short)])
        )
        raw += short + " "
    text, spans = settled(raw, entities)
    links = [span for span in spans if span.target.startswith("https://e.org/")]
    assert [span.target for span in links] == [f"https://e.org/{n}" for n in range(len(words))]
    assert [text[span.start : span.end] for span in links] == [
        f"https://t.co/{n:010}" for n in range(len(words))
    ]


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("&amp;lt;", "&lt;"),
        ("a &amp;amp; b", "a &amp; b"),
        ("x?a=1&copy=2", "x?a=1&copy=2"),
        ("&quot;hi&quot;", "&quot;hi&quot;"),
        ("\r\n\x0b", "\n"),
    ],
)
def test_escapes_are_undone_once(raw: str, seen: str) -> None:
    assert texts.unescaped(raw) == seen


def test_references_of_old_need_their_semicolon() -> None:
    assert (
        texts.unescaped_as_of_old("&#8217;&quot;&times;&eacute; &copy=2 &nosuch; &amp;lt;")
        == '’"×é &copy=2 &nosuch; &lt;'
    )
    assert texts.unescaped_as_of_old("&#0;&#xD800;&#99999999;") == "&#0;&#99999999;"


@pytest.mark.parametrize(
    ("raw", "links"),
    [
        ("see http://example.org/a.", ["http://example.org/a"]),
        ("(http://example.org/a_(b))", ["http://example.org/a_(b)"]),
        ("http://e.org/?a=1&amp;b=2&gt; x", ["http://e.org/?a=1&amp;b=2"]),
        ("http://t.c", []),
        ("http://t.co", []),
        ("cut http://t.co/abc…", []),
        ("http://… ht ...", []),
        ("https://t.co/abc日本", ["https://t.co/abc"]),
        ("http://日本.jp/x", []),
    ],
)
def test_bare_links(raw: str, links: list[str]) -> None:
    assert [raw[mark.start : mark.end] for mark in texts.loose_marks(raw, ())] == links


@pytest.mark.parametrize(
    ("raw", "handles"),
    [
        (".@ann hi", ["ann"]),
        ("mail a@b.org", []),
        ("@ann@social.org", []),
        ("via @Ann_1, ＠bob", ["Ann_1", "bob"]),
        ("日本@ann", ["ann"]),
    ],
)
def test_bare_handles(raw: str, handles: list[str]) -> None:
    assert [mark.target for mark in texts.loose_marks(raw, ())] == handles


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://twitter.com/ann/status/12?s=20&t=x", ("12", "ann", True)),
        ("https://mobile.twitter.com/ann/statuses/12", ("12", "ann", True)),
        ("https://twitter.com/i/web/status/12", ("12", None, True)),
        ("https://x.com/i/status/12", ("12", None, True)),
        ("http://twitter.com/#!/ann/status/12", ("12", "ann", True)),
        ("https://x.com/ann/status/12/photo/1", ("12", "ann", False)),
        ("https://twitter.com/ann", None),
        ("https://evil.com/twitter.com/ann/status/12", None),
        ("https://nottwitter.com/ann/status/12", None),
    ],
)
def test_links_to_tweets(url: str, found: object) -> None:
    assert status_link(url) == found


@pytest.mark.parametrize(
    ("raw", "links"),
    [
        ("say &quot;http://ex.org/a&quot; now", ["http://ex.org/a"]),
        ("http://ex.org/a&#8221;, http://ex.org/b&hellip;", ["http://ex.org/a", "http://ex.org/b"]),
        ("http://ex.org/a&quot;http://ex.org/b", ["http://ex.org/a", "http://ex.org/b"]),
        ("http://ex.org/?a=1&amp;b=2;c", ["http://ex.org/?a=1&b=2;c"]),
        ("http://ex.org/?a=1&b;c=2", ["http://ex.org/?a=1&b;c=2"]),
        ("http://ex.org/caf&eacute;s", ["http://ex.org/cafés"]),
    ],
)
def test_old_references_end_a_link_but_for_letters(raw: str, links: list[str]) -> None:
    text, spans = settled(raw, Entities(), clean=texts.unescaped_as_of_old)
    assert [span.target for span in spans] == links
    assert all(text[span.start : span.end] == span.target for span in spans)
