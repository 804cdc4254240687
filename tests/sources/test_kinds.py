"""Which tweets are what: retweets, answers, threads, quotes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.posts import Audience, Kind
from tests.sources import archives as made
from tests.sources.archives import Tweet, day
from tests.sources.reading import read_files

OTHER = {"in_reply_to_user_id_str": "77", "in_reply_to_screen_name": "ann"}


def retweet(text: str = "RT @ann: hello wor…", number: str = day(9), **more: object) -> Tweet:
    entities = made.entities(text, mentions={"ann": "77"})
    return made.y_tweet(number, text, **({"entities": entities, "favorite_count": 0} | more))


def quoting(text: str, **urls: str) -> Tweet:
    return made.y_tweet(
        day(9), text, entities=made.entities(text, urls={f"https://t.co/{k}": v for k, v in urls.items()})
    )


STATUS = "https://twitter.com/ann/status/123?s=20"
CASES = [
    (made.y_tweet(day(9), "plain"), Kind.ORIGINAL),
    (retweet(), Kind.RETWEET),
    (retweet(favorite_count=2), Kind.ORIGINAL),
    (retweet("RT @ann hello"), Kind.ORIGINAL),
    (retweet("RT @ann: hi", "5000000000", created_at="Wed Oct 14 13:08:45 +0000 2009"), Kind.ORIGINAL),
    (retweet(entities=made.entities("x")), Kind.ORIGINAL),
    (made.y_tweet(day(9), "so true RT @ann: hello"), Kind.ORIGINAL),
    (made.y_tweet(day(9), "@ann yes", in_reply_to_status_id_str="5", **OTHER), Kind.REPLY),
    (made.y_tweet(day(9), "@ann yes", **OTHER), Kind.REPLY),
    (made.y_tweet(day(9), "@ann hello there"), Kind.REPLY),
    (made.y_tweet(day(9), "@ann@social.example hello"), Kind.ORIGINAL),
    (made.y_tweet(day(9), ".@ann hello"), Kind.ORIGINAL),
    (made.y_tweet(day(9), "@museum_demo to myself"), Kind.ORIGINAL),
    (made.y_tweet(day(9), "more", **made.answering(day(1))), Kind.THREAD),
    (made.y_tweet(day(9), "gone parent", **made.answering(day(400))), Kind.THREAD),
    (made.y_tweet(day(9), "no author", in_reply_to_status_id_str=day(1)), Kind.THREAD),
    (made.y_tweet(day(9), "no author", in_reply_to_status_id_str="5"), Kind.REPLY),
    (quoting("look https://t.co/q", q=STATUS), Kind.QUOTE),
    (quoting("https://t.co/q", q="https://x.com/i/status/123"), Kind.QUOTE),
    (quoting("https://t.co/q and on", q=STATUS), Kind.ORIGINAL),
    (quoting("https://t.co/q https://t.co/z", q=STATUS, z="https://e.org"), Kind.ORIGINAL),
    (quoting("https://t.co/q", q="https://twitter.com/ann/status/123/photo/1"), Kind.ORIGINAL),
]


@pytest.mark.parametrize(("tweet", "kind"), CASES)
def test_kind(tmp_path: Path, tweet: Tweet, kind: Kind) -> None:
    outcome = read_files(tmp_path, made.y2([tweet, made.y_tweet(day(1), "first")]))
    assert outcome.by_id(tweet["id_str"]).kind is kind
    assert not outcome.rejects


def test_retweet_knows_its_author_and_with_media_its_original(tmp_path: Path) -> None:
    text = "RT @ann: hi https://t.co/mmmmmmmmmm"
    entities = made.entities(text, mentions={"ann": "77"})
    medium = made.photo(day(9), text, "https://t.co/mmmmmmmmmm", source_status_id_str="123")
    tweet = made.y_tweet(day(9), text, entities=entities, favorite_count=0, media=[medium])
    [post] = read_files(tmp_path, made.y2([tweet])).posts
    assert post.retweet_of is not None
    assert (post.retweet_of.handle, post.retweet_of.author_id, post.retweet_of.id) == ("ann", "77", "123")
    assert post.retweet_of.url == "https://twitter.com/ann/status/123"


def test_quote_before_a_media_link_and_in_a_thread(tmp_path: Path) -> None:
    text = "see https://t.co/q https://t.co/mmmmmmmmmm"
    tweet = made.y_tweet(
        day(9),
        text,
        entities=made.entities(text, urls={"https://t.co/q": STATUS}),
        media=[made.photo(day(9), text, "https://t.co/mmmmmmmmmm")],
        **made.answering(day(1)),
    )
    post = read_files(tmp_path, made.y2([tweet, made.y_tweet(day(1), "x")])).by_id(day(9))
    assert post.kind is Kind.THREAD
    assert post.quote is not None
    assert (post.quote.id, post.quote.handle, post.quote.url) == ("123", "ann", STATUS)
    assert post.reply_to is not None
    assert post.reply_to.id == day(1)
    assert [span.post_id for span in post.spans] == ["123", None]


def test_community_by_its_field(tmp_path: Path) -> None:
    [post] = read_files(tmp_path, made.y2([made.y_tweet(day(1), "we", community_id_str="9")])).posts
    assert post.audience is Audience.COMMUNITY


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("fr", "fr"),
        ("in", "id"),
        ("iw", "he"),
        ("und", None),
        ("zxx", None),
        ("qme", None),
        ("art", None),
        ("zh-TW", "zh-TW"),
        ("<x>", None),
    ],
)
def test_language(tmp_path: Path, code: str, tag: str | None) -> None:
    [post] = read_files(tmp_path, made.y2([made.y_tweet(day(1), "x", lang=code)])).posts
    assert post.language == tag
