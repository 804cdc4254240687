"""The timeline of X API v2: every post once, whole, in either dialect, whatever interrupts the reading."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bridge.errors import Barred, BridgeError, Busy, NetworkError, SourceError, Spent
from bridge.media.fetch import Fetcher
from bridge.posts import Author, Kind, Post
from bridge.sources.base import Page
from bridge.sources.twitter_api.asking import Api
from bridge.sources.twitter_api.timeline import Timeline
from tests.publishers.wires import wire
from tests.sources.archives import HANDLE, OWNER_ID, day
from tests.sources.x_api import NOW, OWNER, PRICES, FakeX, Key, Opened, Purse, number, problem, spoken, tweet

FIRST, SECOND, THIRD = day(1), day(2), day(3)


def read(timeline: Timeline, cursor: str | None = None) -> tuple[list[Post], str | None]:
    posts: list[Post] = []
    for page in timeline.pages(cursor):
        assert not page.rejects
        posts += page.posts
        cursor = page.cursor
    return posts, cursor


# --- once, and all of it


def test_a_timeline_is_read_to_its_end_and_then_only_what_is_new(x: FakeX, opened: Opened) -> None:
    x.tweets, x.page = [tweet(n) for n in range(100, 125)], 10
    posts, cursor = read(opened())
    assert [post.id for post in posts] == [str(n) for n in range(124, 99, -1)]
    assert posts[0].source == f"twitter:{OWNER_ID}"
    assert read(opened(), cursor) == ([], cursor)
    x.tweets += [tweet(n) for n in (130, 131)]
    assert [post.id for post in read(opened(), cursor)[0]] == ["131", "130"]
    assert set(x.served.values()) == {1}
    assert "since_id" not in x.asked[0]
    assert x.asked[-1]["since_id"] == "124"


def test_nothing_yet_is_no_page_of_posts(opened: Opened) -> None:
    posts, cursor = read(opened())
    assert posts == []
    assert read(opened(), cursor)[0] == []


Steps = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.booleans()), max_size=8)


@given(steps=Steps, size=st.integers(1, 6), repeats=st.booleans(), forgets=st.booleans())
def test_whatever_comes_and_wherever_reading_stops_nothing_is_missed_or_read_twice(
    steps: list[tuple[int, int, bool]], size: int, repeats: bool, forgets: bool
) -> None:
    """Each step: so many posts are written, then so many pages are read before the power fails; now and then
    only what was written since some day is asked for."""
    since = NOW + timedelta(days=3)
    x = FakeX(page=size, repeats=repeats, forgets=forgets)
    taken: list[str] = []
    cursor: str | None = None
    with wire(x) as running, Fetcher(allow_hosts=["127.0.0.1"], sleep=lambda _: None) as fetcher:
        api = Api(running.url, fetcher, key=Key("good"), purse=Purse(), prices=PRICES, now=lambda: NOW)
        days = [NOW]
        timeline = Timeline(OWNER, api, now=lambda: days[-1])
        for step, (written, pages, late) in enumerate([*steps, (0, 1000, True), (0, 1000, False)]):
            x.tweets += [tweet(number(days[-1]) + n) for n in range(written)]
            days.append(NOW + timedelta(days=step + 1))
            timeline.begin(lambda late=late: since if late else None)  # type: ignore[misc]
            for _, page in zip(range(pages), timeline.pages(cursor), strict=False):
                assert not (late and any(post.created_at < since for post in page.posts))
                taken += [post.id for post in page.posts]
                cursor = page.cursor
    assert sorted(taken) == sorted(each["id"] for each in x.tweets)
    if not repeats:
        assert all(count == 1 for count in x.served.values())


def test_a_day_to_come_is_waited_for_at_no_cost(x: FakeX, opened: Opened) -> None:
    days, cursor = [NOW], None
    timeline = opened(now=lambda: days[-1])
    timeline.begin(lambda: NOW + timedelta(days=3))
    for day_ in range(6):
        x.tweets.append(tweet(number(NOW + timedelta(days=day_))))
        days.append(NOW + timedelta(days=day_, hours=1))
        _, cursor = read(timeline, cursor)
    assert len(x.served) == 3
    assert (cursor or "").count("until") == 1


# --- what a post is made of


def test_the_current_dialect_is_tried_where_the_legacy_one_brings_nothing(x: FakeX, opened: Opened) -> None:
    long = {"text": ("A long one. " * 40).strip(), "entities": {}}
    x.tweets, x.dialect = [tweet(n, "A long…", note_tweet=long) for n in range(10, 20)], "post"
    posts, cursor = read(opened())
    assert spoken(x.asked) == ["tweet", "post", "post"]
    assert {(post.text, post.note) for post in posts} == {(long["text"], True)}
    assert [post.id for post in posts] == [str(n) for n in range(19, 9, -1)]
    assert posts[0].author == OWNER  # which this dialect tells for money only
    read(opened(), cursor)
    assert spoken(x.asked)[3:] == ["post"]


@pytest.mark.parametrize("dialect", ["tweet", "post"])
def test_what_is_passed_on_quoted_and_answered(x: FakeX, opened: Opened, dialect: str) -> None:
    x.dialect = dialect
    whole = "All of it, and not only as much as fits into the words of somebody who passes it on. " * 2
    x.included = {
        "tweets": [
            {"id": "11", "text": whole, "author_id": "77", "attachments": {"media_keys": ["3_5"]}},
            {"id": "12", "text": "quoted", "author_id": "78"},
        ],
        "media": [{"media_key": "3_5", "type": "photo", "url": "https://pbs.twimg.com/media/a.jpg"}],
    }
    quote = {
        "start": 5,
        "end": 28,
        "url": "https://t.co/abcdefghij",
        "expanded_url": "https://x.com/bob/status/12",
    }
    x.tweets = [
        tweet(
            FIRST, f"RT @ann: {whole[:100]}…",
            entities={"mentions": [{"start": 3, "end": 7, "username": "ann", "id": "77"}]},
            referenced_tweets=[{"type": "retweeted", "id": "11"}],
        ),
        tweet(
            SECOND, "Look https://t.co/abcdefghij", entities={"urls": [quote]},
            referenced_tweets=[{"type": "quoted", "id": "12"}],
        ),
        tweet(
            THIRD, "@cy yes", in_reply_to_user_id="79",
            entities={"mentions": [{"start": 0, "end": 3, "username": "cy", "id": "79"}]},
            referenced_tweets=[{"type": "replied_to", "id": "13"}],
        ),
    ]  # fmt: skip
    purse = Purse()
    answered, quoted, passed_on = read(opened(purse=purse))[0]
    assert passed_on.text.rstrip() == f"RT @ann: {whole}".rstrip()
    assert passed_on.retweet_of is not None
    assert (passed_on.kind, passed_on.retweet_of.handle, len(passed_on.media)) == (Kind.RETWEET, "ann", 1)
    assert quoted.quote is not None
    assert (quoted.kind, quoted.quote.id, quoted.quote.handle) == (Kind.QUOTE, "12", "bob")
    assert answered.reply_to is not None
    assert (answered.kind, answered.reply_to.id, answered.reply_to.handle) == (Kind.REPLY, "13", "cy")
    assert purse.costs[-1] == 3 * 1_000 + 2 * 5_000  # and no user


def test_pictures_films_and_polls_come_whole(x: FakeX, opened: Opened) -> None:
    x.tweets = [
        tweet(FIRST, "See", attachments={"media_keys": ["3_1", "7_2"]}),
        tweet(SECOND, "Which?", attachments={"poll_ids": ["9"]}),
    ]
    low = {"bit_rate": 256000, "content_type": "video/mp4", "url": "https://video.twimg.com/low.mp4"}
    high = {**low, "bit_rate": 2176000, "url": "https://video.twimg.com/high.mp4"}
    x.included = {
        "media": [
            {"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/media/a.jpg",
             "alt_text": "A hall"},
            {"media_key": "7_2", "type": "video", "duration_ms": 9000, "variants": [low, high],
             "preview_image_url": "https://pbs.twimg.com/a.jpg"},
        ],
        "polls": [
            {"id": "9", "voting_status": "open", "duration_minutes": 60,
             "end_datetime": "2015-01-07T11:00:00.000Z",
             "options": [{"position": 2, "label": "B"}, {"position": 1, "label": "A"}]},
        ],
    }  # fmt: skip
    asked, shown = read(opened())[0]
    assert [(m.alt, m.url) for m in shown.media] == [
        ("A hall", "https://pbs.twimg.com/media/a.jpg"),
        (None, "https://video.twimg.com/high.mp4"),
    ]
    assert asked.poll is not None
    assert (asked.poll.options, asked.poll.minutes) == (("A", "B"), 60)


def test_an_edit_goes_on_under_the_first_id_and_its_words_win(x: FakeX, opened: Opened) -> None:
    x.tweets = [tweet(FIRST, "Helo")]
    timeline = opened()
    [before], cursor = read(timeline)
    x.tweets = [tweet(SECOND, "Hello", edit_history_tweet_ids=[FIRST, SECOND])]
    [after], _ = read(timeline, cursor)
    assert (after.id, after.edit_ids) == (FIRST, (FIRST, SECOND))
    assert timeline.merge(before, after).text == timeline.merge(after, before).text == "Hello"
    saved = tuple(replace(stamp, rank=65, era="Y2") for stamp in before.provenance)  # an archive of before
    assert timeline.merge(replace(before, provenance=saved), after).text == "Hello"


def test_what_is_missing_is_told_once_and_what_is_no_post_is_set_aside(x: FakeX, opened: Opened) -> None:
    x.page = 1
    x.tweets = [tweet(FIRST), tweet(SECOND, author_id="99"), {**tweet(THIRD), "text": None}]
    gone = problem("resource-not-found", detail="Could not find tweet", resource_id="11")
    x.errors = [gone, problem("not-authorized-for-resource", resource_id="12")]
    timeline = opened()
    pages: list[Page] = list(timeline.pages())
    assert [notice.code for page in pages for notice in page.notices] == ["REFERENCES_MISSING"]
    assert "2 things" in pages[-1].notices[0].message
    x.errors, x.tweets = [], [*x.tweets, tweet(day(9))]
    assert [page.notices for page in timeline.pages(pages[-1].cursor)] == [()]  # and not at every poll
    assert [(r.record, r.reason) for page in pages for r in page.rejects] == [
        (THIRD, "it has no text"),
        (SECOND, "it is by somebody else"),
    ]


# --- who it is


def test_a_name_is_asked_for_once_and_a_stranger_is_told(x: FakeX, opened: Opened) -> None:
    purse = Purse()
    timeline = opened(purse=purse, owner=Author(id=f"@{HANDLE.lower()}", handle=HANDLE))
    assert (timeline.owner.id, timeline.owner.handle) == (OWNER_ID, HANDLE)
    assert purse.costs == [10_000]
    with pytest.raises(SourceError, match="does not have this account: Could not find user"):
        opened(owner=Author(id="@nobody", handle="nobody"))
    assert opened(owner=Author(id=OWNER_ID)).owner.handle == HANDLE


def test_a_protected_account_is_told_in_plain_words(x: FakeX, opened: Opened) -> None:
    x.protected = True
    with pytest.raises(Barred, match="protected"):
        read(opened())


# --- refusals

CAPPED = problem("usage-capped", detail="Usage cap exceeded: Monthly product cap")
RESET = {"x-rate-limit-reset": "1795694400"}  # 2026-11-26 12:00 UTC


@pytest.mark.parametrize(
    ("status", "said", "headers", "error", "words"),
    [
        (401, problem("", detail="Unauthorized"), {}, Barred, "does not accept the token"),
        (402, problem("", title="CreditsDepleted"), {}, Barred, "no credits left.*CreditsDepleted"),
        (403, problem("client-forbidden", detail="Appropriate project required"), {}, Barred, "its plan"),
        (404, problem("resource-not-found"), {}, SourceError, "does not have this account"),
        (400, {"errors": [{"code": 1, "message": "No such field"}]}, {}, SourceError, "400.*No such field"),
        (429, problem("rate-limit-exceeded", detail="Too Many Requests"), RESET, Busy, "wants us to wait"),
        (429, problem("rate-limit-exceeded"), {"x-rate-limit-reset": "9999999999"}, Busy, "wants us to wait"),
        (429, CAPPED, {}, Busy, "cycle of billing"),
        (500, b"<html>", {}, Busy, "answered 500"),
        (200, b"<html>", {}, NetworkError, "not its own JSON"),
        (200, b"[1]", {}, NetworkError, "not its own JSON"),
    ],
)
def test_every_refusal_says_what_to_do(
    x: FakeX,
    opened: Opened,
    status: int,
    said: Any,
    headers: dict[str, str],
    error: type[BridgeError],
    words: str,
) -> None:
    x.tweets, x.faults = [tweet(FIRST)], [(status, said, headers)]
    purse = Purse()
    with pytest.raises(error, match=words) as caught:
        read(opened(purse=purse))
    assert type(caught.value) is error
    assert len(x.paths) == 1  # none of them is tried again at once
    if isinstance(caught.value, Busy) and status == 429:
        assert caught.value.until == (NOW if headers is RESET else NOW.replace(day=27))
    assert sum(purse.costs) == 0
    assert "good" not in str(caught.value)


def test_a_refused_token_is_renewed_once(x: FakeX, opened: Opened) -> None:
    x.tweets = [tweet(FIRST)]
    assert len(read(opened(key=Key("old", "good")))[0]) == 1
    with pytest.raises(Barred):
        read(opened(key=Key("old", "older")))


# --- money


def test_a_question_is_as_large_as_what_is_left_allows(x: FakeX, opened: Opened) -> None:
    x.tweets = [tweet(n) for n in range(100, 160)]
    purse = Purse(room=11_000 * 10)
    with pytest.raises(Spent):
        read(opened(purse=purse))
    sizes = [int(query["max_results"]) for query in x.asked]
    assert sizes[0] == 5  # to learn the dialect
    assert sizes[1] == 9
    assert sizes == [5, *sorted(sizes[1:], reverse=True)]
    assert sum(purse.costs) <= 11_000 * 10
    taken = sum(x.served.values())
    assert sum(purse.costs) == taken * 1_000


def test_without_a_token_nothing_is_spent(opened: Opened) -> None:
    class Lost(Key):
        def token(self) -> str:
            raise Barred("gone")

    purse = Purse()
    with pytest.raises(Barred):
        read(opened(key=Lost("x"), purse=purse))
    assert (purse.held, sum(purse.costs)) == (0, 0)


def test_money_is_set_aside_before_the_question_is_asked(x: FakeX, opened: Opened) -> None:
    purse = Purse()
    timeline = opened(purse=purse)
    x.faults = [(200, b"cut", {})]
    with pytest.raises(NetworkError):
        read(timeline)
    assert purse.held == 5 * 11_000  # an answer that nobody could read may be billed
