"""One archive of each era, end to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.posts import Audience, Kind, MediaType, Precision, SpanKind
from tests.sources import archives as made
from tests.sources.archives import day
from tests.sources.reading import read, read_files


def test_y2_post_in_full(tmp_path: Path) -> None:
    number = day(1)
    text = "Fish &amp; chips &lt;3 @curator #Opening https://t.co/aaaaaaaaaa https://t.co/mmmmmmmmmm"
    entities = made.entities(
        text,
        urls={"https://t.co/aaaaaaaaaa": "https://example.org/a"},
        mentions={"curator": "77"},
        tags=["Opening"],
    )
    tweet = made.y_tweet(
        number,
        text,
        entities=entities,
        media=[made.photo(number, text, "https://t.co/mmmmmmmmmm")],
        possibly_sensitive=True,
        lang="in",
    )
    outcome = read_files(tmp_path, {**made.y2([tweet]), f"data/tweets_media/{number}-Fabc.jpg": b"jpeg"})
    [post] = outcome.posts

    assert outcome.archive.account == "twitter:4242"
    assert outcome.archive.summary().era == "Y2"
    assert post.text == "Fish & chips <3 @curator #Opening https://t.co/aaaaaaaaaa https://t.co/mmmmmmmmmm"
    spoken = {span.kind: (post.text[span.start : span.end], span.target) for span in post.spans}
    assert spoken[SpanKind.MENTION] == ("@curator", "curator")
    assert spoken[SpanKind.HASHTAG] == ("#Opening", "Opening")
    assert spoken[SpanKind.LINK] == ("https://t.co/aaaaaaaaaa", "https://example.org/a")
    assert spoken[SpanKind.MEDIA][0] == "https://t.co/mmmmmmmmmm"
    assert post.kind is Kind.ORIGINAL
    assert post.sensitive
    assert post.language == "id"
    assert (post.likes, post.retweets, post.client) == (3, 1, "Demo Client")
    assert post.precision is Precision.MILLISECOND
    assert post.url == f"https://twitter.com/museum_demo/status/{number}"
    [medium] = post.media
    assert medium.type is MediaType.IMAGE
    assert medium.file == f"data/tweets_media/{number}-Fabc.jpg"
    assert medium.size == 4
    assert (medium.width, medium.height) == (1200, 800)
    [stamp] = post.provenance
    assert (stamp.archive, stamp.era, stamp.member, stamp.rank) == ("archive.zip", "Y2", "data/tweets.js", 60)


@pytest.mark.parametrize(("era", "build"), [("Y2", made.y2), ("Y1", made.y1), ("Y0", made.y0)])
def test_y_eras_are_told_apart_and_read_alike(tmp_path: Path, era: str, build) -> None:
    tweets = [made.y_tweet(day(n), f"post {n}") for n in range(5)]
    outcome = read_files(tmp_path, build(tweets))
    assert outcome.archive.summary().era == era
    assert sorted(post.text for post in outcome.posts) == [f"post {n}" for n in range(5)]
    assert {post.author.handle for post in outcome.posts} == {"museum_demo"}


def test_parts_are_read_in_numeric_order_and_none_is_needed_before_the_next(tmp_path: Path) -> None:
    files = made.y2([made.y_tweet(day(0), "p0")])
    for part in (10, 2, 9):
        files[f"data/tweets-part{part}.js"] = made.ytd(
            "tweets", made.wrapped([made.y_tweet(day(part), f"p{part}")]), part
        )
    assert [post.text for post in read_files(tmp_path, files).posts] == ["p0", "p2", "p9", "p10"]


def test_g2_midnights_before_snowflake_are_days(tmp_path: Path) -> None:
    old = made.g_tweet("1234567", "early bird", "2008-06-18 00:00:00 +0000")
    young = made.g_tweet(day(3), "A \U0001f426 &amp; co", "2015-01-04 12:00:00 +0000")
    outcome = read_files(tmp_path, made.grailbird({"2008_06": [old], "2015_01": [young]}))
    assert outcome.archive.summary().era == "G2"
    assert outcome.by_id("1234567").precision is Precision.DAY
    assert outcome.by_id(day(3)).text == "A \U0001f426 & co"
    assert outcome.by_id(day(3)).precision is Precision.MILLISECOND
    assert outcome.by_id("1234567").provenance[0].rank == 50


def test_g1_keeps_times(tmp_path: Path) -> None:
    tweet = made.g_tweet("1234567", "AT&T &lt;3 &#8217;", "Sat Dec 23 06:51:52 +0000 2006", source="web")
    outcome = read_files(tmp_path, made.grailbird({"2006_12": [tweet]}))
    [post] = outcome.posts
    assert outcome.archive.summary().era == "G1"
    assert post.created_at == made.at(2006, 12, 23, 6, 51, 52)
    assert post.precision is Precision.SECOND
    assert post.text == "AT&T <3 ’"
    assert post.client == "web"


def test_g_retweet_has_the_whole_original(tmp_path: Path) -> None:
    original = made.g_tweet(
        day(1),
        "Long words & #more of it",
        "2015-01-02 00:00:00 +0000",
        user={"id_str": "9", "screen_name": "other", "name": "Other"},
        entities=made.entities("Long words & #more of it", tags=["more"]),
    )
    tweet = made.g_tweet(
        day(2), "RT @other: Long wor…", "2015-01-03 12:00:00 +0000", retweeted_status=original
    )
    [post] = read_files(tmp_path, made.grailbird({"2015_01": [tweet]})).posts
    assert post.kind is Kind.RETWEET
    assert post.text == "RT @other: Long words & #more of it"
    assert post.retweet_of is not None
    assert (post.retweet_of.id, post.retweet_of.handle, post.retweet_of.author_id) == (day(1), "other", "9")
    assert [post.text[span.start : span.end] for span in post.spans] == ["@other", "#more"]


def test_g_media_have_alt_texts(tmp_path: Path) -> None:
    text = "Look https://t.co/mmmmmmmmmm"
    medium = made.photo(
        day(1), text, "https://t.co/mmmmmmmmmm", media_alt="A blue door", sizes=[{"w": 10, "h": 5}]
    )
    del medium["type"]
    tweet = made.g_tweet(day(1), text, "2015-01-02 12:00:00 +0000", entities={"media": [medium]})
    [post] = read_files(tmp_path, made.grailbird({"2015_01": [tweet]})).posts
    assert post.media[0].alt == "A blue door"
    assert post.media[0].width == 10
    assert post.media[0].file is None
    assert post.media[0].url == "https://pbs.twimg.com/media/Fabc.jpg"


def test_gu_duplicates_stubs_and_foreign_tweets(tmp_path: Path) -> None:
    stub = "Cut here… https://t.co/ssssssssss"
    own = f"https://twitter.com/i/web/status/{day(2)}"
    api = {"lang": "en", "truncated": True}
    months = {
        "2015_01": [
            made.g_tweet(day(1), "official", "2015-01-02 12:00:00 +0000"),
            made.g_tweet(
                day(1),
                "official",
                "Fri Jan 02 12:00:00 +0000 2015",
                full_text="official",
                lang="en",
                favorite_count=7,
            ),
            made.g_tweet(
                day(2),
                stub,
                "Sat Jan 03 12:00:00 +0000 2015",
                entities=made.entities(stub, urls={"https://t.co/ssssssssss": own}),
                **api,
            ),
            made.g_tweet(
                day(3),
                "not mine",
                "Sun Jan 04 12:00:00 +0000 2015",
                user={"id_str": "9", "screen_name": "other"},
                retweeted=True,
            ),
        ]
    }
    outcome = read_files(tmp_path, made.grailbird(months))
    assert outcome.archive.summary().era in ("GU", "G2")
    assert len(outcome.posts) == 3
    assert outcome.by_id(day(1)).likes == 7
    assert outcome.by_id(day(2)).text == "Cut here…"
    assert outcome.by_id(day(2)).truncated
    assert outcome.by_id(day(2)).provenance[0].rank == 30
    foreign = outcome.by_id(day(3))
    assert foreign.kind is Kind.RETWEET
    assert foreign.text == "RT @other: not mine"
    assert foreign.author.id == "4242"


def test_gu_answers_to_oneself_begin_where_the_site_showed_them(tmp_path: Path) -> None:
    """`@museum_demo @ann` was hidden, `@ben` was typed. Of an answer to others all is kept."""
    text = "@museum_demo @ann @ben asked &amp; we answer"
    api = {
        "full_text": text,
        "lang": "en",
        "entities": made.entities(text, mentions={"museum_demo": "4242", "ann": "7", "ben": "8"}),
        "display_text_range": [18, len(text)],
    }
    months = {
        "2018_01": [
            made.g_tweet(day(2), text, "Sat Jan 03 12:00:00 +0000 2015", **api, **made.answering(day(1))),
            made.g_tweet(
                day(3), text, "Sat Jan 03 12:00:00 +0000 2015", **api, **made.answering(day(1), "7", "ann")
            ),
            made.g_tweet(
                day(4),
                text,
                "Sat Jan 03 12:00:00 +0000 2015",
                **{**api, "display_text_range": [20, len(text)]},  # half a name: believe nothing
                **made.answering(day(1)),
            ),
        ]
    }
    outcome = read_files(tmp_path, made.grailbird(months))
    shown = outcome.by_id(day(2))
    assert (shown.kind, shown.text) == (Kind.THREAD, "@ben asked & we answer")
    assert [shown.text[span.start : span.end] for span in shown.spans] == ["@ben"]
    whole = "@museum_demo @ann @ben asked & we answer"
    assert (outcome.by_id(day(3)).kind, outcome.by_id(day(3)).text) == (Kind.REPLY, whole)
    assert outcome.by_id(day(4)).text == whole


def test_table_is_the_last_resort(tmp_path: Path) -> None:
    table = (
        '"tweet_id","in_reply_to_status_id","in_reply_to_user_id","timestamp","source","text",'
        '"retweeted_status_id","retweeted_status_user_id","retweeted_status_timestamp","expanded_urls"\n'
        f'"{day(1)}","","","2015-01-02 12:00:00 +0000","","from the table","","","",""\n'
        f'"{day(2)}","","","2015-01-03 12:00:00 +0000","web","only ""here"" http://t.co/xx\nand on","","","","http://example.org/a"\n'
    )
    files = made.grailbird(
        {"2015_01": [made.g_tweet(day(1), "from js", "2015-01-02 12:00:00 +0000")]}, csv=table
    )
    outcome = read_files(tmp_path, files)
    assert outcome.by_id(day(1)).text == "from js"
    late = outcome.by_id(day(2))
    assert late.text == 'only "here" http://t.co/xx\nand on'
    assert [span.target for span in late.spans] == ["http://example.org/a"]
    assert late.provenance[0].rank == 20
    assert "TABLE_USED" in outcome.codes


def test_a_table_names_the_targets_of_links_in_their_order(tmp_path: Path) -> None:
    """And a target may have commas: `12,3` is part of a path, `,http` begins another target."""
    names = (
        "tweet_id,in_reply_to_status_id,in_reply_to_user_id,timestamp,source,text,"
        "retweeted_status_id,retweeted_status_user_id,retweeted_status_timestamp,expanded_urls"
    )
    row = '"{}","","","2015-01-03 12:00:00 +0000","web","{}","","","","{}"\n'
    one, two, photo = (
        "http://a.example/x,12,3.html",
        "https://b.example/,y",
        f"https://twitter.com/museum_demo/status/{day(3)}/photo/1",
    )
    table = f"{names}\n" + "".join(
        [
            row.format(day(1), "see http://t.co/aaaa", one),
            row.format(day(2), "see http://t.co/aaaa and http://t.co/bbbb", f"{one},{two},{one},{two}"),
            row.format(day(3), "see http://t.co/aaaa http://t.co/cccc", f"{two},{photo}"),
            row.format(day(4), "see http://t.co/aaaa http://t.co/bbbb http://t.co/cccc", f"{one},{two}"),
        ]
    )
    outcome = read_files(tmp_path, made.grailbird({}, csv=table))
    targets = {post.id: [span.target for span in post.spans] for post in outcome.posts}
    assert targets == {
        day(1): [one],
        day(2): [one, two],
        day(3): [two, "http://t.co/cccc"],
        day(4): ["http://t.co/aaaa", "http://t.co/bbbb", "http://t.co/cccc"],
    }


def test_first_tables_alone_have_a_field_for_each_url(tmp_path: Path) -> None:
    table = (
        '"tweet_id","in_reply_to_status_id","in_reply_to_user_id","retweeted_status_id",'
        '"retweeted_status_user_id","timestamp","source","text","expanded_urls"\n'
        '"1000","","","","","2008-02-01 04:45:51 +0000","web","caf? http://a.example/1","http://a.example/1","http://b.example"\n'
    )
    [post] = read_files(
        tmp_path,
        {
            "data/csv/2008_02.csv": table,
            "data/js/user_details.js": made.script(
                "var user_details", {"id": "4242", "screen_name": "museum_demo"}
            ),
        },
    ).posts
    assert post.text == "caf? http://a.example/1"
    assert post.provenance[0].rank == 10
    assert post.precision is Precision.SECOND


@pytest.mark.parametrize("prefix", ["", "twitter-2023/", "a/b/c/docs/"])
def test_any_nesting(tmp_path: Path, prefix: str) -> None:
    files = made.y2([made.y_tweet(day(1), "deep")])
    zipped = made.write_zip(tmp_path / "x.zip", files, prefix=prefix)
    folder = made.write_folder(tmp_path / "unzipped" / (prefix or "."), files)
    assert [post.text for post in read(zipped).posts] == ["deep"]
    assert [post.text for post in read(tmp_path / "unzipped").posts] == ["deep"]
    assert [post.text for post in read(folder / "data" / "tweets.js").posts] == ["deep"]


def test_backslash_names(tmp_path: Path) -> None:
    files = {name.replace("/", "\\"): text for name, text in made.y2([made.y_tweet(day(1), "w")]).items()}
    assert [post.text for post in read_files(tmp_path, files).posts] == ["w"]


def test_small_files_have_their_audience_and_tombstones(tmp_path: Path) -> None:
    both = made.y_tweet(day(2), "to the circle")
    files = made.y2(
        [made.y_tweet(day(1), "open"), both],
        twitter_circle_tweet=made.ytd("twitter_circle_tweet", made.wrapped([both])),
        community_tweet=made.ytd(
            "community_tweet", made.wrapped([made.y_tweet(day(3), "we", community_id_str="1")])
        ),
        deleted_tweets=made.ytd(
            "deleted_tweets", made.wrapped([made.y_tweet(day(4), "oops", deleted_at="x")])
        ),
        deleted_tweet_headers=made.ytd(
            "deleted_tweet_headers", [{"tweet": {"tweet_id": "5", "user_id": "4242"}}]
        ),
    )
    outcome = read_files(tmp_path, files)
    assert {post.id: post.audience for post in outcome.posts} == {
        day(1): Audience.PUBLIC,
        day(2): Audience.CIRCLE,
        day(3): Audience.COMMUNITY,
        day(4): Audience.DELETED,
    }
    assert outcome.tombstones == {day(4), "5"}


def test_the_data_folder_by_itself_is_no_loss(tmp_path: Path) -> None:
    folder = made.write_folder(tmp_path / "archive", made.y2([made.y_tweet(day(1), "x")]))
    for path in (folder, folder / "data", folder / "data" / "tweets.js"):
        outcome = read(path)
        assert [post.text for post in outcome.posts] == ["x"]
        assert outcome.codes == set()
