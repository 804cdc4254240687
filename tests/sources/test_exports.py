"""What other tools have saved of an account is read as posts, each tool by its own habits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import SourceError
from bridge.posts import Audience, Author, Kind, MediaType, SpanKind
from bridge.sources.exports import is_export, open_exports
from tests.sources import exported as saved
from tests.sources.archives import HANDLE, OWNER_ID, answering, day, entities, photo
from tests.sources.export_reading import (
    FIRST,
    PAGE,
    PICTURE,
    SECOND,
    SHORT,
    SOURCE,
    THIRD,
    lines,
    one,
    read,
    spans,
)

# --- every tool tells the same post

PLAIN = "Un café à la gare & <thé>"
ESCAPED = "Un café à la gare &amp; &lt;thé&gt;"
SAME = [
    pytest.param(saved.v1(FIRST, ESCAPED), "twarc", id="twarc"),
    pytest.param(saved.page(saved.v2(FIRST, ESCAPED)), "twarc2", id="twarc2"),
    pytest.param(saved.v2(FIRST, ESCAPED, author=saved.OWNER_V2), "twarc2", id="twarc2-flat"),
    pytest.param(saved.graphql(FIRST, ESCAPED), "graphql", id="graphql"),
    pytest.param(saved.sns(FIRST, ESCAPED), "snscrape", id="snscrape"),
    pytest.param(saved.twint(FIRST, PLAIN), "twint", id="twint"),
    pytest.param(saved.gallery(FIRST, PLAIN), "gallery-dl", id="gallery-dl"),
    pytest.param(
        saved.exporter(FIRST, ESCAPED, user_id=OWNER_ID), "twitter-web-exporter", id="twitter-web-exporter"
    ),
]


@pytest.mark.parametrize(("record", "era"), SAME)
@pytest.mark.parametrize("form", ["lines", "list", "flat list", "object"])
def test_every_tool_tells_the_same_post(tmp_path: Path, record: Any, era: str, form: str) -> None:
    path = tmp_path / "saved.json"
    if form == "lines":
        saved.write_lines(path, [record])
    elif form == "object":
        path.write_text(json.dumps(record, indent=1), "utf-8")
    else:
        saved.write_list(path, [record], indent=2 if form == "list" else None)
    assert is_export(path)
    found = read(path)
    assert found.source.summary().era == era
    [post] = found.posts.values()
    assert (post.id, post.text, post.kind) == (FIRST, PLAIN, Kind.ORIGINAL)
    assert (post.source, post.author.handle, post.created_at.isoformat()[:10]) == (
        SOURCE,
        HANDLE,
        "2015-01-02",
    )
    assert post.provenance[0].era == era


def test_a_byte_order_mark_and_empty_lines_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    line = json.dumps(saved.v1(FIRST, "a"))
    path.write_bytes(b"\xef\xbb\xbf" + line.encode() + b"\r\n\r\n\n")
    assert list(read(path).posts) == [FIRST]


# --- twarc 1


def test_twarc_keeps_links_media_and_what_was_streamed(tmp_path: Path) -> None:
    text = f"See {SHORT} https://t.co/media12345 #hall @ann"
    marks = entities(text, urls={SHORT: PAGE}, mentions={"ann": "77"}, tags=["hall"])
    picture = photo(FIRST, text, "https://t.co/media12345", ext_alt_text="A hall")
    tweet = saved.v1(
        FIRST,
        "See https://t.co/abc…",
        truncated=True,
        extended_tweet={
            "full_text": text,
            "entities": marks | {"media": [picture]},
            "extended_entities": {"media": [picture]},
        },
    )
    tweet["text"] = tweet.pop("full_text")
    post = one(tmp_path, tweet)
    assert spans(post) == [
        ("link", SHORT, PAGE),
        ("media", "https://t.co/media12345", f"https://twitter.com/{HANDLE}/status/{FIRST}/photo/1"),
        ("hashtag", "#hall", "hall"),
        ("mention", "@ann", "ann"),
    ]
    assert (post.media[0].alt, post.media[0].type, post.truncated) == ("A hall", MediaType.IMAGE, False)
    assert (post.likes, post.retweets, post.client) == (5, 2, "Demo Client")


def test_twarc_knows_threads_answers_and_retweets(tmp_path: Path) -> None:
    found = lines(
        tmp_path,
        saved.v1(FIRST, "one"),
        saved.v1(SECOND, "two", **answering(FIRST)),
        saved.v1(THIRD, "@ann no", **answering("5", "77", "ann")),
        saved.v1(
            day(4), "RT @ann: cut…", retweeted_status=saved.v1("4999", "whole, and longer", user=saved.ANN)
        ),
    ).posts
    assert [found[day(n)].kind.value for n in (1, 2, 3, 4)] == ["original", "thread", "reply", "retweet"]
    passed_on = found[day(4)]
    assert passed_on.text == "RT @ann: whole, and longer"
    assert passed_on.retweet_of is not None
    assert (passed_on.retweet_of.id, passed_on.retweet_of.handle) == ("4999", "ann")


def test_graphql_has_long_texts_edits_and_tombstones(tmp_path: Path) -> None:
    long = "word " * 90 + "end"
    entity = {"urls": [], "user_mentions": [], "hashtags": [], "symbols": []}
    note = {"note_tweet_results": {"result": {"text": long, "entity_set": entity}}}
    control = {"edit_tweet_ids": [FIRST, SECOND]}
    inner = saved.graphql(FIRST, "word " * 55 + "…", note_tweet=note, edit_control=control)
    found = lines(
        tmp_path,
        {"__typename": "TweetWithVisibilityResults", "tweet": inner},
        saved.graphql(SECOND, "the later version", edit_control={"edit_control_initial": control}),
        {"__typename": "TweetTombstone", "tombstone": {}},
    )
    [post] = found.posts.values()
    assert (post.id, post.text, post.edit_ids) == (FIRST, "the later version", (FIRST, SECOND))
    assert [each.reason for each in found.rejects] == ["it is not to be seen any more"]
    alone = one(tmp_path, inner)
    assert (alone.text, alone.note, alone.truncated) == (long, True, False)


# --- X API v2, as twarc 2 keeps it


def test_v2_joins_what_a_page_includes(tmp_path: Path) -> None:
    text = f"Look {SHORT} https://t.co/media12345"
    url = {"start": 5, "end": 28, "url": SHORT, "expanded_url": "https://buff.ly/x", "unwound_url": PAGE}
    medium = {
        "start": 29,
        "end": 52,
        "url": "https://t.co/media12345",
        "media_key": "3_900",
        "expanded_url": f"https://x.com/{HANDLE}/status/{FIRST}/photo/1",
    }
    variants = [
        {"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/a.m3u8"},
        {"bit_rate": 832000, "content_type": "video/mp4", "url": "https://video.twimg.com/best.mp4?tag=1"},
        {"bit_rate": 256000, "content_type": "video/mp4", "url": "https://video.twimg.com/low.mp4"},
    ]
    post = one(
        tmp_path,
        saved.page(
            saved.v2(
                FIRST,
                text,
                entities={"urls": [url, medium]},
                attachments={"media_keys": ["3_900", "7_901"], "poll_ids": ["8"]},
                public_metrics={"like_count": 4, "repost_count": 3},
            ),
            media=[
                {
                    "media_key": "3_900",
                    "type": "photo",
                    "url": "https://pbs.twimg.com/media/F.jpg",
                    "alt_text": "Hall",
                },
                {"media_key": "7_901", "type": "video", "duration_ms": 900, "variants": variants},
            ],
            polls=[
                {
                    "id": "8",
                    "options": [{"position": 2, "label": "No"}, {"position": 1, "label": "Yes"}],
                    "duration_minutes": 60,
                    "end_datetime": "2015-01-08T10:00:00.000Z",
                }
            ],
        ),
    )
    assert (post.spans[0].kind, post.spans[0].target) == (SpanKind.LINK, PAGE)
    assert post.spans[1].kind is SpanKind.MEDIA
    assert [(m.id, m.alt, m.url) for m in post.media] == [
        ("900", "Hall", PICTURE),
        ("901", None, "https://video.twimg.com/best.mp4?tag=1"),
    ]
    assert post.poll is not None
    assert (post.poll.options, post.poll.minutes) == (("Yes", "No"), 60)
    assert (post.likes, post.retweets) == (4, 3)


def test_v2_tells_by_references_what_a_post_is(tmp_path: Path) -> None:
    def ref(kind: str, number: str) -> dict[str, str]:
        return {"type": kind, "id": number}

    whole = {"id": "4999", "text": "all of it, which is long", "author_id": "77"}
    found = lines(
        tmp_path,
        saved.page(
            saved.v2(FIRST, "one"),
            saved.v2(
                SECOND, "two", referenced_tweets=[ref("replied_to", FIRST)], in_reply_to_user_id=OWNER_ID
            ),
            saved.v2(THIRD, "@ann no", referenced_posts=[ref("replied_to", "5")], in_reply_to_user_id="77"),
            saved.v2(day(4), "RT @ann: all of…", referenced_tweets=[ref("retweeted", "4999")]),
            saved.v2(
                day(5),
                f"mine {SHORT}",
                referenced_tweets=[ref("quoted", "4999")],
                entities={"urls": [{"url": SHORT, "expanded_url": "https://x.com/ann/status/4999"}]},
            ),
            saved.v2(day(6), "RT @gone: protected…", referenced_tweets=[ref("retweeted", "6")]),
            saved.v2(day(7), "for members", community_id="12"),
            tweets=[whole],
        ),
    ).posts
    kinds = [found[day(n)].kind.value for n in range(1, 7)]
    assert kinds == ["original", "thread", "reply", "retweet", "quote", "retweet"]
    assert found[day(4)].text == "RT @ann: all of it, which is long"
    assert found[day(6)].text == "RT @gone: protected…"
    quote = found[day(5)].quote
    assert quote is not None
    assert (quote.id, quote.handle, quote.author_id) == ("4999", "ann", "77")
    assert found[day(7)].audience is Audience.COMMUNITY


@pytest.mark.parametrize("name", ["note_tweet", "note_post"])
def test_v2_long_posts_have_their_own_entities(tmp_path: Path, name: str) -> None:
    long = "x" * 300 + " #hall"
    note = {"text": long, "entities": {"hashtags": [{"start": 301, "end": 306, "tag": "hall"}]}}
    post = one(tmp_path, saved.page(saved.v2(FIRST, "x" * 279 + "…", **{name: note})))
    assert (post.text, post.note, post.truncated) == (long, True, False)
    assert spans(post) == [("hashtag", "#hall", "hall")]
    assert one(tmp_path, saved.page(saved.v2(FIRST, "x" * 279 + "…"))).truncated


def test_v2_indices_in_other_units_still_find_their_place(tmp_path: Path) -> None:
    text = f"🏛️🏛️🏛️ {SHORT} @ann @ann"
    utf16 = {
        "urls": [{"start": 10, "end": 33, "url": SHORT, "expanded_url": PAGE}],
        "mentions": [{"start": 34, "end": 38, "username": "ann", "id": "77"}],
    }
    post = one(tmp_path, saved.page(saved.v2(FIRST, text, entities=utf16)))
    assert spans(post)[0] == ("link", SHORT, PAGE)
    assert [s.kind.value for s in post.spans] == ["link", "mention", "mention"]


def test_v2_edits_are_one_post_with_the_last_words(tmp_path: Path) -> None:
    history = [FIRST, SECOND]
    found = lines(
        tmp_path,
        saved.page(saved.v2(SECOND, "second try", edit_history_tweet_ids=history)),
        saved.page(saved.v2(FIRST, "frist try", edit_history_tweet_ids=history)),
    )
    [post] = found.posts.values()
    assert (post.id, post.text, post.edit_ids) == (FIRST, "second try", tuple(history))


def test_a_page_of_v2_loses_only_what_cannot_be_read(tmp_path: Path) -> None:
    found = lines(
        tmp_path, saved.page({"id": "nonsense", "text": "a", "author_id": OWNER_ID}, saved.v2(FIRST, "b"))
    )
    assert list(found.posts) == [FIRST]
    assert [(r.place, r.reason) for r in found.rejects] == [("saved.jsonl, line 1", "it has no id")]


# --- whose they are, and what is wrong with them


def test_posts_of_others_stay_out_and_are_told(tmp_path: Path) -> None:
    found = lines(tmp_path, saved.v1(FIRST, "a"), saved.v1(SECOND, "b", user=saved.ANN), saved.v1(THIRD, "c"))
    assert list(found.posts) == [FIRST, THIRD]
    assert [(n.code, "@ann" in n.message) for n in found.notices] == [("OTHERS_LEFT_OUT", True)]


def test_a_search_result_has_to_be_told_whose(tmp_path: Path) -> None:
    people = [{"id_str": str(n), "screen_name": f"p{n}"} for n in range(5)]
    path = saved.write_lines(
        tmp_path / "a.jsonl", [saved.v1(day(n), "x", user=user) for n, user in enumerate(people)]
    )
    with pytest.raises(SourceError, match="posts of 5 accounts") as caught:
        open_exports([path])
    assert "account =" in (caught.value.hint or "")
    found = read(path, whose=(Author(id="@P3", handle="P3"),))
    assert (list(found.posts), found.source.account) == ([day(3)], "twitter:3")


def test_what_cannot_be_read_is_a_reject_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps(saved.v1(FIRST, "good"))
    broken = [
        '{"id_str": "1", "full_te',
        json.dumps(saved.v1(SECOND, "x") | {"id_str": None, "id": 1.5e18}),
        json.dumps({"weather": "fine"}),
        "[1, 2]",
        json.dumps(saved.v1(THIRD, "x") | {"entities": "none"}),
    ]
    path.write_text("\n".join([good, *broken]), "utf-8")
    found = read(path)
    assert list(found.posts) == [FIRST, THIRD]
    assert [r.place for r in found.rejects] == ["a.jsonl, line 2", "a.jsonl, line 3"]
    assert [n.code for n in found.notices] == ["RECORDS_UNKNOWN"]


def test_a_list_that_is_cut_short_gives_what_it_has(tmp_path: Path) -> None:
    path = saved.write_list(tmp_path / "a.json", [saved.v1(FIRST, "a"), saved.v1(SECOND, "b")])
    path.write_text(path.read_text("utf-8")[:-60], "utf-8")
    found = read(path)
    assert list(found.posts) == [FIRST]
    assert found.rejects


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"a": 1}', "not json at all", '{"a": '])
def test_a_file_without_posts_is_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content, "utf-8")
    with pytest.raises(SourceError, match="holds no posts"):
        open_exports([path])
