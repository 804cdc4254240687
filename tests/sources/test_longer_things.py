"""Notes are joined with their tweets, versions of an edited tweet become one post."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.posts import Kind, SpanKind
from bridge.sources.twitter_archive.notes import Notes
from bridge.sources.twitter_archive.wire import Note, NoteCore
from tests.sources import archives as made
from tests.sources.archives import day, snowflake
from tests.sources.reading import read_files

LONG = "A long story about the lighthouse & its keeper. " * 9
WHEN = made.at(2023, 5, 1, 12)
TWEET = snowflake(WHEN)


def note(text: str, *, milliseconds_before: int = 20, **core: Any) -> dict[str, Any]:
    number = snowflake(WHEN - timedelta(milliseconds=milliseconds_before), 7)
    return {
        "noteTweet": {
            "noteTweetId": number,
            "createdAt": "2023-05-01T12:00:00.000Z",
            "core": {"text": text, **core},
        }
    }


def shown(text: str, tail: str = "…") -> str:
    return text[:270].replace("&", "&amp;") + tail


def archive(tweet: made.Tweet, *notes: dict[str, Any]) -> made.Files:
    others = [made.y_tweet(snowflake(WHEN + timedelta(minutes=n)), f"other {n}") for n in (-2, -1, 1, 2)]
    return made.y2([*others[:2], tweet, *others[2:]], note_tweet=made.ytd("note_tweet", notes))


def test_note_takes_the_place_of_the_cut_text(tmp_path: Path) -> None:
    text = LONG + "🕯️ #light @ann https://t.co/nnnnnnnnnn"

    def spot(said: str) -> dict[str, str]:
        return {"fromIndex": str(text.index(said)), "toIndex": str(text.index(said) + len(said))}

    core = {
        "urls": [
            {
                "shortUrl": "https://t.co/nnnnnnnnnn",
                "expandedUrl": "https://e.org/x",
                **spot("https://t.co/nnnnnnnnnn"),
            }
        ],
        "hashtags": [{"text": "light", **spot("#light")}],
        "mentions": [{"screenName": "ann", **spot("@ann")}],
        "styletags": [{"styleTypes": [{"value": "0", "name": "Bold"}], "fromIndex": "0", "toIndex": "900"}],
    }
    outcome = read_files(tmp_path, archive(made.y_tweet(TWEET, shown(text)), note(text, **core)))
    post = outcome.by_id(TWEET)
    assert post.note
    assert post.text == text
    assert {span.kind: post.text[span.start : span.end] for span in post.spans} == {
        SpanKind.HASHTAG: "#light",
        SpanKind.MENTION: "@ann",
        SpanKind.LINK: "https://t.co/nnnnnnnnnn",
    }
    assert sum(post.note for post in outcome.posts) == 1
    assert "NOTE_UNMATCHED" not in outcome.codes


def test_note_keeps_leading_mentions_and_quote_link(tmp_path: Path) -> None:
    text = "@ann @bob " + shown(LONG, "… https://t.co/q")
    tweet = made.y_tweet(
        TWEET,
        text,
        entities=made.entities(
            text,
            mentions={"ann": "77", "bob": "78"},
            urls={"https://t.co/q": "https://twitter.com/c/status/9"},
        ),
        in_reply_to_status_id_str="5",
        in_reply_to_user_id_str="77",
        in_reply_to_screen_name="ann",
    )
    post = read_files(tmp_path, archive(tweet, note(LONG))).by_id(TWEET)
    assert post.text == f"@ann @bob {LONG.strip()} https://t.co/q"
    assert post.kind is Kind.REPLY
    assert post.quote is not None
    assert [post.text[span.start : span.end] for span in post.spans] == ["@ann", "@bob", "https://t.co/q"]


def test_note_that_begins_otherwise_or_is_too_far_stays_alone(tmp_path: Path) -> None:
    wrong = read_files(tmp_path, archive(made.y_tweet(TWEET, shown(LONG)), note("Something else " * 30)))
    assert not any(post.note for post in wrong.posts)
    assert "NOTE_UNMATCHED" in wrong.codes
    far = read_files(
        tmp_path, archive(made.y_tweet(TWEET, shown(LONG)), note(LONG, milliseconds_before=9000))
    )
    assert not any(post.note for post in far.posts)


@given(st.sets(st.integers(0, 60), max_size=12), st.sets(st.integers(0, 60), max_size=12), st.randoms())
def test_each_note_gets_the_smallest_id_above(note_ids, tweet_ids, random) -> None:
    scale = 1 << 22
    with closing(Notes()) as notes:
        for number in note_ids:
            notes.add(Note(note_tweet_id=str(number * scale), core=NoteCore(text=str(number))))
        notes.ready()
        order = list(tweet_ids)
        random.shuffle(order)
        notes.see_all(number * scale + 1 for number in order)
        for tweet in tweet_ids:
            fits = [n for n in note_ids if n <= tweet and not any(n <= t < tweet for t in tweet_ids)]
            core = notes.core_for(tweet * scale + 1)
            assert (core.text if core else None) == (str(max(fits)) if fits else None)


def test_versions_become_one_post(tmp_path: Path) -> None:
    ids = [snowflake(WHEN + timedelta(minutes=n)) for n in range(3)]
    tweets = [
        made.y_tweet(each, f"version {n}", **made.edited(*ids, version=n)) for n, each in enumerate(ids)
    ]
    reply = made.y_tweet(day(300), "after", **made.answering(ids[1]))
    outcome = read_files(tmp_path, made.y2([tweets[2], reply, tweets[0], tweets[1]]))
    assert len(outcome.posts) == 2
    post = outcome.by_id(ids[0])
    assert post.text == "version 2"
    assert post.created_at == WHEN
    assert post.edit_ids == tuple(ids)
    assert post.url == f"https://twitter.com/museum_demo/status/{ids[0]}"


def test_lost_version_is_no_obstacle(tmp_path: Path) -> None:
    ids = [snowflake(WHEN + timedelta(minutes=n)) for n in range(3)]
    tweets = [made.y_tweet(ids[n], f"version {n}", **made.edited(*ids, version=n)) for n in (1, 2)]
    [post] = read_files(tmp_path, made.y2(tweets)).posts
    assert (post.id, post.text, post.created_at) == (ids[0], "version 2", WHEN)


ARTICLE = {"article": {"id": "1", "title": "Bridges", "content": [{"text": "Long ago"}]}}


@pytest.mark.parametrize("name", ["article", "twitter_article", "article_metadata"])
def test_articles_are_counted_and_told_never_guessed(tmp_path: Path, name: str) -> None:
    text = "https://t.co/aaaaaaaaaa"
    link = "https://x.com/i/article/1790000000000000001"
    announced = made.y_tweet(day(1), text, entities=made.entities(text, urls={text: link}))
    files = made.y2([announced], **{name: made.ytd(name, [ARTICLE, ARTICLE])})
    outcome = read_files(tmp_path, files)
    [told] = [notice for notice in outcome.notices if notice.code == "ARTICLES_LEFT"]
    assert "2 long articles" in told.message
    assert told.hint
    assert [span.target for span in outcome.by_id(day(1)).spans] == [link]
    assert not outcome.rejects


def test_no_articles_are_nothing_to_tell(tmp_path: Path) -> None:
    files = made.y2([made.y_tweet(day(1), "a")], article=made.ytd("article", []))
    assert "ARTICLES_LEFT" not in read_files(tmp_path, files).codes
