"""The maps of other tools, each told by what is in it: the files here all have the same name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.adoption import Carried, Standing, Told, read_map
from bridge.errors import SourceError

Read = Callable[[Any], Told]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a text, bytes, or a document as JSON."""

    def call(content: Any) -> Told:
        path = tmp_path / "map"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return read_map(path)

    return call


def pairs(told: Told) -> dict[str, list[str]]:
    return {each.post_id: [status.remote_id for status in each.statuses] for each in told.carried}


def test_pleroma_bot_keeps_a_map_for_each_server(read: Read) -> None:
    document = {
        "https://pleroma.example": {"1001": "AbC9xYz", "1002": ""},
        "https://other.example:8080": {"1001": "55"},
    }
    told = read(json.dumps(document, indent=4) + '": "77"}}')  # rewritten in place, without cutting it
    assert told.tool == "pleroma-bot"
    assert told.carried == (
        Carried(post_id="1001", statuses=(Standing(remote_id="AbC9xYz"),), place="pleroma.example"),
        Carried(post_id="1001", statuses=(Standing(remote_id="55"),), place="other.example"),
    )
    assert "left over from an older version" in told.notes[0]
    assert told.notes[1].startswith("1 post of it has no status")


@pytest.mark.parametrize(
    "document",
    [
        {"version": "0.2", "posts": {"1": {"mastodon": ["7", "8"]}, "2": {"bluesky": [{"cid": "x"}]}}},
        {"version": "0.1", "someone": {"1": {"mastodon": ["7", "8"]}, "2": {"mastodon": []}}},
    ],
)
def test_touitomamout_lists_the_parts(read: Read, document: Any) -> None:
    told = read(document)
    assert (told.tool, pairs(told)) == ("touitomamout", {"1": ["7", "8"]})


def test_touitomamout_once_had_a_single_id(read: Read) -> None:
    assert pairs(read({"version": "0.1", "someone": {"1": {"mastodon": "7"}}})) == {"1": ["7"]}


def test_a_map_in_both_directions(read: Read) -> None:
    told = read({"t2m": {"1": "7"}, "m2t": {"7": "1", "8": ["2", "3"]}})
    assert pairs(told) == {"1": ["7"], "2": ["8"], "3": ["8"]}


@pytest.mark.parametrize(
    "document",
    [
        {"1": "7", "2": 8, "3": ["9", "10"], "4": None, "5": {"id": "11"}},
        [{"tweet_id": "1", "toot_id": 7}, {"tweet_id": 2, "toot_id": 8}, {"tweet_id": 3, "toot_id": 9},
         {"toot_id": 10, "tweet_id": 3}, {"tweet_id": "5", "toot_id": "11"}],
    ],
)  # fmt: skip
def test_plain_json(read: Read, document: Any) -> None:
    assert pairs(read(document)) == {"1": ["7"], "2": ["8"], "3": ["9", "10"], "5": ["11"]}


def test_tweets_mapping_tells_where_the_posts_went(read: Read) -> None:
    uri = "at://did:plc:x/app.bsky.feed.post/3abc"
    told = read([
        {"tweet": {"id": "1"}, "bsky": {"uri": uri, "cid": "c"}},
        {"tweet": {"id": "2"}},
        {"tweet": {"id": "3"}, "toot": {"id": "7", "url": "https://a.example/@me/7"}},
    ])  # fmt: skip
    bluesky, ours = told.carried
    assert (bluesky.post_id, bluesky.place) == ("1", "Bluesky")
    assert ours == Carried(
        post_id="3", statuses=(Standing(remote_id="7", url="https://a.example/@me/7"),), place="a.example"
    )


def test_a_cache_of_texts_has_no_ids(read: Read) -> None:
    told = read(["Good morning", "Read this https://example.org", "Good morning", ""])
    assert (told.tool, told.carried) == ("mastodon-twitter-sync", ())
    assert told.texts == ("Good morning", "Read this https://example.org")


def test_a_cache_of_dates_is_told_from_a_map(read: Read) -> None:
    with pytest.raises(SourceError, match="maps dates to ids") as error:
        read({"2023-01-02T10:00:00Z": 7})
    assert "post_cache.json" in str(error.value.hint)


@pytest.mark.parametrize(
    "text",
    [
        "tweet_id,status_id\n1,7\n2,8\n",
        "1,7\n2,8",
        "\ufeff1;7\r\n2;8\r\n",
        "masto_id\tid\ttweet_id\n7\t1\t1\n8\t2\t2\n\\N\t3\t3\n",
        '"Tweet ID","Status URL"\n"1","https://a.example/@me/7"\n"2","https://a.example/@me/8/"\n',
        "https://twitter.com/me/status/1,https://a.example/users/me/statuses/7\n2,https://a.example/notice/8\n",
        "tweet_id,status_id,text\n1,7,\"several\nlines, and a comma\"\n2,8,\n",
    ],
)  # fmt: skip
def test_tables_in_every_dress(read: Read, text: str) -> None:
    assert pairs(read(text)) == {"1": ["7"], "2": ["8"]}


def test_a_table_in_utf_16(read: Read) -> None:
    assert pairs(read("tweet_id;status_id\r\n1;7\r\n".encode("utf-16"))) == {"1": ["7"]}


def test_parts_are_put_in_order(read: Read) -> None:
    assert pairs(read("tweet_id,part,status_id\n1,2,8\n1,1,7\n1,10,9\n")) == {"1": ["7", "8", "9"]}
    assert pairs(read("1,8,2\n1,7,1\n")) == {"1": ["7", "8"]}


def test_ids_that_a_spreadsheet_has_rounded_are_left_out_and_named(read: Read) -> None:
    told = read("tweet_id,status_id\n1.23E+17,7\n2,1.1E+17\n3,9\n")
    assert pairs(told) == {"3": ["9"]}
    assert told.notes == ("2 entries are no ids and left out, the first: '1.23E+17'.",)


def database(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def test_the_database_of_moa(tmp_path: Path) -> None:
    path = database(
        tmp_path / "any",
        "CREATE TABLE mapping (id INTEGER, mastodon_id BIGINT, twitter_id BIGINT, created TEXT)",
        "INSERT INTO mapping VALUES (1, 7, 1, ''), (2, 8, 1, ''), (3, 0, 2, '')",
        "INSERT INTO mapping VALUES (4, 9, 3, ''), (5, 9, 4, '')",
    )
    before = path.read_bytes()
    told = read_map(path)
    assert (told.tool, pairs(told)) == ("moa", {"1": ["7", "8"], "3": ["9"], "4": ["9"]})
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["any"]


@pytest.mark.parametrize("column", ["masto_id", "mastodon_id"])
def test_the_table_of_mastodon_twitter_poster(tmp_path: Path, column: str) -> None:
    path = database(
        tmp_path / "any",
        f"CREATE TABLE statuses (id INTEGER, mastodon_client_id INTEGER, {column} TEXT, tweet_id BIGINT)",
        "INSERT INTO statuses VALUES (1, 1, '7', 1), (2, 2, NULL, 2)",
    )
    told = read_map(path)
    assert (told.tool, pairs(told)) == ("mastodon-twitter-poster", {"1": ["7"]})
    (tmp_path / "any-wal").write_bytes(b"more")
    assert "any-wal beside it was not read" in read_map(path).notes[0]


@pytest.mark.parametrize(
    "content",
    [
        "Dear diary", "{}", "[]", "[1, 2]", '{"a": "b"}', '{"version": "0.2", "posts": {}}',
        b"PK\x03\x04\0\0\xff",
        "name,colour\nred,blue\n", '[{"a": 1}]', '{"https://a.example": 3}', "[[1, 2]]", '["x", 1]',
        b"\xff\xfe\0",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_sentence(read: Read, content: Any) -> None:
    with pytest.raises(SourceError, match="is no map of carried posts that is known here") as error:
        read(content)
    for tool in ("pleroma-bot", "moa", "mastodon-twitter-poster", "mastodon-twitter-sync", "touitomamout"):
        assert tool in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        ('{"1": "7"', "looks like JSON"),
        ("[" * 100_000, "looks like JSON"),
        (b"SQLite format 3\0and then nothing", "is a database that cannot be read"),
        ('{"https://a.example": {"1": ""}}', "names no post that was carried"),
    ],
)
def test_what_is_wrong_is_said(read: Read, content: Any, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read(content)


def test_an_unknown_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no map"):
        read_map(database(tmp_path / "any", "CREATE TABLE mapping (a, b)"))
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x twitter_id, x mastodon_id"
    )
    with pytest.raises(SourceError, match="is no map"):
        read_map(database(tmp_path / "view", f"CREATE VIEW mapping AS {endless} FROM n"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_map(tmp_path / "absent")
    with pytest.raises(SourceError, match="is a folder"):
        read_map(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["1", "tweet", "id", "version", "posts", "t2m", "https://a.example", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(content=st.one_of(JSON.map(lambda each: json.dumps(each).encode()), st.binary(max_size=200)))
def test_no_file_takes_it_by_surprise(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "surprise"
    path.write_bytes(content)
    try:
        told = read_map(path)
    except SourceError:
        return
    assert told.carried or told.texts
