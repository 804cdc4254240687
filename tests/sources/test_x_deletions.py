"""What X does not tell by a timeline: which posts were deleted."""

from __future__ import annotations

from datetime import datetime

import pytest

from bridge.sources.twitter_api.timeline import Following, Timeline
from tests.sources.archives import OWNER_ID
from tests.sources.x_api import NOW, FakeX, Opened, Purse, tweet


def followed(
    opened: Opened, ids: list[str], purse: Purse | None = None, days: list[datetime] | None = None
) -> Timeline:
    timeline = opened(now=lambda: days[0]) if days else opened()
    timeline.follow(Following(lambda: ids, opened(purse=purse)._api))
    return timeline


def gone(timeline: Timeline, cursor: str | None = None) -> tuple[list[str], list[str], str | None]:
    ids, notices = [], []
    for page in timeline.pages(cursor):
        ids += page.tombstones
        notices += [notice.code for notice in page.notices]
        cursor = page.cursor
    return ids, notices, cursor


def test_what_is_not_there_any_more_is_deleted_and_what_is_hidden_is_not(x: FakeX, opened: Opened) -> None:
    x.tweets, x.hidden = [tweet(n) for n in range(10, 15)], {"12"}
    purse = Purse()
    assert gone(followed(opened, ["14", "12", "9", "8"], purse))[:2] == (["9", "8"], [])
    assert purse.costs == [1_000]  # one was shown
    assert len(x.paths) == 2  # since one is there, so is the account


def test_many_are_asked_after_a_hundred_at_a_time_and_once_a_day(x: FakeX, opened: Opened) -> None:
    x.tweets = [tweet(n) for n in range(1000, 1220)]
    ids, days = [str(n) for n in range(1000, 1221)], [NOW]
    timeline = followed(opened, ids, days=days)
    found, _, cursor = gone(timeline)
    assert (found, [len(each) for each in x.looked_up]) == (["1220"], [100, 100, 21])
    assert gone(timeline, cursor)[0] == []
    assert len(x.looked_up) == 3
    days[0] = NOW.replace(day=27)
    assert gone(timeline, cursor)[0] == ["1220"]


@pytest.mark.parametrize("suspended", [True, False])
def test_an_account_that_is_gone_has_deleted_nothing(x: FakeX, opened: Opened, suspended: bool) -> None:
    x.tweets = [tweet(20)]
    timeline = followed(opened, ["12", "11"])
    cursor = gone(opened())[2]
    x.tweets, x.suspended = [], suspended
    x.paths.clear()
    found, notices, _ = gone(timeline, cursor)
    assert (found, notices) == (([], ["DELETIONS_NOT_TOLD"]) if suspended else (["12", "11"], []))
    assert x.paths[-1] == f"/2/users/{OWNER_ID}"


def test_news_come_before_deletions_where_money_is_short(x: FakeX, opened: Opened) -> None:
    x.tweets = [tweet(20)]
    assert gone(followed(opened, ["20", "12", "11"], Purse(room=2_500)))[0] == ["12"]  # the newest
    x.tweets += [tweet(n) for n in range(100, 200)]
    many = [str(n) for n in range(199, 90, -1)]
    assert gone(followed(opened, many, Purse(room=100_999)))[0] == []  # what was asked for counts
    found, notices, cursor = gone(followed(opened, ["12"], Purse(room=500)))
    assert (found, notices) == ([], ["DELETIONS_NOT_ASKED"])
    assert gone(followed(opened, ["12"], Purse(room=500)), cursor)[1] == []  # and not at every poll
