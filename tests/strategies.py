"""Hypothesis: posts, threads, rules and limits as they occur, and a little worse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bridge.posts import (
    Audience,
    Author,
    Kind,
    Media,
    MediaType,
    Poll,
    Post,
    Precision,
    Provenance,
    Reference,
    Span,
    SpanKind,
    Thread,
)
from bridge.selection import OPEN_AUDIENCES, OWN_KINDS, Rules
from bridge.statuses import Counting, Limits

OWNER = Author(id="1001", handle="musee_fictif", name="Musée fictif")
SOURCE = "twitter:1001"
FIRST = datetime(2010, 11, 5, tzinfo=UTC)
LAST = datetime(2024, 6, 1, tzinfo=UTC)

#: Words of many scripts, emoji of several code points, and what typing people do.
WORDS = (
    "musée", "a", "I", "exposition", "l’été", "Don't.", "Vraiment?", "Oui!", "fin.", "…", "—", "(voir)", "»",
    "日本語の文章。", "東京", "こんにちは", "한국어", "العربية", "עברית", "ไทย", "हिन्दी", "été", "naïve", "Ω",
    "👩‍👩‍👧‍👦", "🇫🇷🇩🇪", "👍🏽", "❤️", "🏳️‍🌈", "1️⃣", "e\u0301", "\u00a0", "&amp;", "<b>", "C#", "50%", "$5",
    "x" * 30, "w" * 130,
)  # fmt: skip
SPACES = (" ", " ", " ", " ", "\n", "\n\n", "  ", "\t")
NAMES = ("ami", "Louvre", "BnF_", "nasa", "x", "a_b_c", "Twitter", "jean2012")
TARGETS = (
    "https://example.org/",
    "https://www.example.com/2014/03/12/un-article-assez-long.html",
    "https://fr.wikipedia.org/wiki/Mus%C3%A9e_(institution)",
    "https://example.org/chercher?q=a+b&page=2#bas",
    "http://example.museum",
    "https://medium.com/@quelqu_un/histoire-1a2b",
    "https://例え.jp/道",
    "http://localhost:8080/page",
    "https://example.org/" + "p/" * 40,
    "https://t.co/AbCdEfGhIj",
)


def snowflake(at: datetime, sequence: int = 0) -> str:
    """The id that Twitter gave to a post of that instant."""
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return str(((milliseconds - 1_288_834_974_657) << 22) + sequence)


def instants() -> st.SearchStrategy[datetime]:
    milliseconds = st.integers(0, (LAST - FIRST) // timedelta(milliseconds=1))
    return milliseconds.map(lambda ms: FIRST + timedelta(milliseconds=ms))


@st.composite
def texts(draw: Callable[..., object], pieces: int = 40) -> tuple[str, tuple[Span, ...]]:
    """A text with its spans, put together from words, links, mentions and tags."""
    text, spans = "", []
    kinds = ("word", "word", "word", "link", "mention", "tag", "cash")
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=pieces)):
        start = len(text)
        if kind == "word":
            text += draw(st.sampled_from(WORDS))
        elif kind == "link":
            text += f"https://t.co/{start:010d}"
            spans.append(_span(start, text, SpanKind.LINK, draw(st.sampled_from(TARGETS))))
        elif kind == "mention":
            name = draw(st.sampled_from(NAMES))
            text += draw(st.sampled_from("@@@＠")) + name
            user = draw(st.sampled_from((None, str(7000 + NAMES.index(name)))))
            spans.append(_span(start, text, SpanKind.MENTION, name, user_id=user))
        else:
            sign, word = ("#", "Musée") if kind == "tag" else ("$", "TWTR")
            text += sign + word
            span_kind = SpanKind.HASHTAG if kind == "tag" else SpanKind.CASHTAG
            spans.append(_span(start, text, span_kind, word))
        text += draw(st.sampled_from(SPACES))
    return text, tuple(spans)


def _span(start: int, text: str, kind: SpanKind, target: str, user_id: str | None = None) -> Span:
    return Span(start=start, end=len(text), kind=kind, target=target, user_id=user_id)


def media() -> st.SearchStrategy[Media]:
    return st.builds(
        Media,
        type=st.sampled_from(MediaType),
        id=st.integers(1, 10**18).map(str),
        url=st.sampled_from(("https://pbs.twimg.com/media/FzAbc_xYz.jpg", None)),
        file=st.sampled_from(("data/tweets_media/1-a.jpg", "data/tweets_media/2-b.mp4", None)),
        container=st.just("archive.zip"),
        size=st.sampled_from((None, 10, 1_000_000, 300_000_000)),
        alt=st.sampled_from((None, "", "Une statue", "mot " * 600)),
        width=st.just(640),
        height=st.just(480),
    )


@st.composite
def posts(draw: Callable[..., object], kinds: tuple[Kind, ...] = tuple(Kind), pieces: int = 40) -> Post:
    """Any post that a source may yield; those of `kinds`."""
    text, spans = draw(texts(pieces))
    attached = tuple(draw(st.lists(media(), max_size=6)))
    if attached:
        start = len(text)
        text += "https://t.co/media0000"
        spans = (*spans, _span(start, text, SpanKind.MEDIA, "https://pbs.twimg.com/media/FzAbc_xYz.jpg"))
    at, kind = draw(instants()), draw(st.sampled_from(kinds))
    other = Reference(id="20", author_id="12", handle="jack", url="https://twitter.com/jack/status/20?s=20")
    return Post(
        source=SOURCE,
        id=snowflake(at, draw(st.integers(0, 4095))),
        author=OWNER,
        created_at=at.replace(microsecond=0),
        text=text,
        kind=kind,
        precision=Precision.SECOND,
        audience=draw(st.sampled_from(Audience)),
        spans=spans,
        reply_to=other if kind is Kind.REPLY else None,
        quote=other if kind is Kind.QUOTE else None,
        retweet_of=other if kind is Kind.RETWEET else None,
        media=attached,
        language=draw(st.sampled_from((None, "fr", "en", "ja", "pt-BR", "und", "in", "zh-tw"))),
        sensitive=draw(st.booleans()),
        spoiler=draw(st.sampled_from((None, None, "", "Attention", "long " * 100))),
        poll=draw(st.sampled_from((None, None, Poll(options=("oui", "non"), minutes=60)))),
        truncated=draw(st.booleans()),
        likes=draw(st.integers(0, 1000)),
        url=draw(st.sampled_from((None, "https://twitter.com/musee_fictif/status/1"))),
        provenance=(Provenance(archive="a.zip", era="Y2", member="data/tweets.js", rank=9),),
    )


@st.composite
def threads(draw: Callable[..., object], size: int = 6, pieces: int = 12) -> Thread:
    """Posts of the owner that answer one another, oldest first."""
    found: dict[str, Post] = {}
    for post in draw(st.lists(posts((Kind.THREAD,), pieces), min_size=1, max_size=size)):
        found.setdefault(post.id, post)
    ordered = sorted(found.values(), key=lambda post: int(post.id))
    parents = [draw(st.integers(0, at - 1)) if at else None for at in range(len(ordered))]
    return Thread(posts=tuple(ordered), parents=tuple(parents))


def rules() -> st.SearchStrategy[Rules]:
    return st.builds(
        Rules,
        since=st.none() | instants(),
        until=st.none() | instants(),
        kinds=st.just(OWN_KINDS) | st.frozensets(st.sampled_from(Kind), min_size=1),
        audiences=st.just(OPEN_AUDIENCES) | st.frozensets(st.sampled_from(Audience), min_size=1),
        languages=st.sampled_from((frozenset(), frozenset({"fr"}), frozenset({"en", "ja"}))),
        grep=st.sampled_from((None, "musée", "^$")),
        hashtags=st.sampled_from((frozenset(), frozenset({"#musée"}))),
        has=st.sampled_from((frozenset(), frozenset({"image"}), frozenset({"link", "video"}))),
        min_likes=st.none() | st.integers(0, 500),
        limit=st.none() | st.integers(1, 10),
        gone=st.booleans(),
    )


def limits() -> st.SearchStrategy[Limits]:
    """Destinations of every counting, from a narrow one upwards."""
    return st.builds(
        Limits,
        software=st.just("invented"),
        max_characters=st.sampled_from((140, 300, 500, 5000)),
        counting=st.sampled_from(Counting),
        spoiler_counts=st.booleans(),
        max_media=st.integers(1, 6),
        mixes_media=st.booleans(),
        description_length=st.sampled_from((100, 420, 1500)),
        max_spoiler=st.sampled_from((None, 140)),
        backdates=st.booleans(),
        quotes=st.booleans(),
        language_tags=st.sampled_from(("any", "iso639", "bcp47")),
    )
