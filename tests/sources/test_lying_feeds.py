"""A feed that lies changes nothing; feeds of one account stand in for each other."""

from __future__ import annotations

import pytest

from bridge.errors import Busy, NetworkError, SourceError
from bridge.media.fetch import Caps, Fetcher
from bridge.posts import Post
from bridge.sources.base import Page
from bridge.sources.feed import Feed, open_feed
from tests.publishers.wires import Wire
from tests.sources import feeds
from tests.sources.archives import HANDLE, day
from tests.sources.feeds import Entry, Front

NOW = feeds.moment(2015, 2, 1)
MUSEUM, OTHER = f"/{HANDLE}/rss", "/other.xml"
GOOD = feeds.nitter(Entry(id=day(1), body="one"), Entry(id=day(2), body="two"))


def feed_of(server: Wire, fetcher: Fetcher, *paths: str, account: str | None = HANDLE) -> Feed:
    urls = [server.url + path for path in paths or (MUSEUM,)]
    return open_feed(urls, fetcher, now=lambda: NOW, account=account)


def page_of(feed: Feed, cursor: str | None = None) -> Page:
    [page] = feed.pages(cursor)
    return page


LIES = [
    pytest.param(b"<!DOCTYPE html><html><body>Down</body></html>", "text/html", "a web page", id="page"),
    pytest.param(b"<html><body>Rate limited</body></html>", feeds.RSS, "a web page", id="page as a feed"),
    pytest.param(feeds.nitter(), feeds.RSS, "is empty", id="empty"),
    pytest.param(feeds.json_feed(), feeds.JSON, "is empty", id="empty JSON"),
    pytest.param(b'{"error": "quota"}', feeds.JSON, "JSON that is no feed", id="JSON"),
    pytest.param(b"Too many requests", "text/plain", "is no feed", id="text"),
    pytest.param(GOOD[: GOOD.rindex(b"<item")], feeds.RSS, "breaks off", id="cut"),
    pytest.param(b"", feeds.RSS, "is no feed", id="nothing"),
    pytest.param(
        feeds.nitter(Entry(id=day(3), user="ann"), owner="ann"),
        feeds.RSS,
        f"posts of @ann, not of @{HANDLE}",
        id="somebody else",
    ),
    pytest.param(
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"/>',
        feeds.RSS,
        "XML entities",
        id="entities",
    ),
]


@pytest.mark.parametrize(("body", "kind", "said"), LIES)
def test_a_lie_is_told_and_changes_nothing(
    front: Front, server: Wire, fetcher: Fetcher, body: bytes, kind: str, said: str
) -> None:
    front.pages[MUSEUM] = (body, kind)
    with pytest.raises(SourceError, match=said):
        page_of(feed_of(server, fetcher))


@pytest.mark.parametrize(("body", "kind", "said"), LIES)
def test_another_feed_stands_in_for_one_that_lies(
    front: Front, server: Wire, fetcher: Fetcher, body: bytes, kind: str, said: str
) -> None:
    front.pages = {MUSEUM: (body, kind), OTHER: (GOOD, feeds.RSS)}
    page = page_of(feed_of(server, fetcher, MUSEUM, OTHER))
    assert [post.id for post in page.posts] == [day(1), day(2)]
    assert [notice.code for notice in page.notices] == ["FEED_FAILED"]
    assert said in page.notices[0].message
    assert MUSEUM not in (page.cursor or "")  # its ETag would make the lie last


def test_the_first_feed_that_is_well_is_enough(front: Front, server: Wire, fetcher: Fetcher) -> None:
    front.pages = {MUSEUM: (GOOD, feeds.RSS), OTHER: (GOOD, feeds.RSS)}
    page_of(feed_of(server, fetcher, MUSEUM, OTHER))
    assert front.asked == [MUSEUM]


def test_a_post_occurs_once_however_often_it_is_shown(front: Front, server: Wire, fetcher: Fetcher) -> None:
    twice = feeds.nitter(Entry(id=day(1), title="Pinned: one"), Entry(id=day(2)), Entry(id=day(1)))
    front.pages[MUSEUM] = (twice, feeds.RSS)
    assert [post.id for post in page_of(feed_of(server, fetcher)).posts] == [day(1), day(2)]


def test_what_names_no_post_or_comes_from_the_future_is_rejected(
    front: Front, server: Wire, fetcher: Fetcher
) -> None:
    odd = GOOD.replace(
        b"</channel>", b"<item><title>Ad</title><link>https://ads.example/</link></item></channel>"
    )
    future = feeds.nitter(Entry(id=day(500))).split(b"<item>")[1].split(b"</channel>")[0]
    front.pages[MUSEUM] = (odd.replace(b"</channel>", b"<item>" + future + b"</channel>"), feeds.RSS)
    page = page_of(feed_of(server, fetcher))
    assert [post.id for post in page.posts] == [day(1), day(2)]
    assert [reject.reason for reject in page.rejects] == [
        "it names no post",
        "it has no time that can be true",
    ]
    assert all(server.url + MUSEUM in reject.place for reject in page.rejects)


# --- asking again


def test_what_has_not_changed_is_not_sent_again(front: Front, server: Wire, fetcher: Fetcher) -> None:
    front.pages[MUSEUM] = (GOOD, feeds.RSS)
    first = page_of(feed_of(server, fetcher))
    again = page_of(feed_of(server, fetcher), first.cursor)
    assert (len(first.posts), len(again.posts), again.cursor) == (2, 0, first.cursor)
    assert front.unchanged == 1
    front.pages[MUSEUM] = (feeds.nitter(Entry(id=day(3))), feeds.RSS)
    assert [post.id for post in page_of(feed_of(server, fetcher), again.cursor).posts] == [day(3)]


def test_a_lie_leaves_the_conditions_of_the_next_question(
    front: Front, server: Wire, fetcher: Fetcher
) -> None:
    front.pages[MUSEUM] = (GOOD, feeds.RSS)
    before = page_of(feed_of(server, fetcher)).cursor
    front.pages[MUSEUM] = (feeds.nitter(), feeds.RSS)
    with pytest.raises(SourceError):
        page_of(feed_of(server, fetcher), before)
    front.pages[MUSEUM] = (GOOD, feeds.RSS)
    assert page_of(feed_of(server, fetcher), before).posts == ()
    assert front.unchanged == 1


@pytest.mark.parametrize(
    ("status", "headers", "until"),
    [
        (429, {"Retry-After": "600"}, feeds.moment(2015, 2, 1, 0, 10)),
        (503, {"Retry-After": "Sun, 01 Feb 2015 02:00:00 GMT"}, feeds.moment(2015, 2, 1, 2)),
        (429, {"Retry-After": "soon"}, None),
        (502, {}, None),
    ],
)
def test_not_now_is_said_with_its_time(
    front: Front, server: Wire, fetcher: Fetcher, status: int, headers: dict[str, str], until: object
) -> None:
    front.failures[MUSEUM] = (status, headers)
    with pytest.raises(Busy) as caught:
        page_of(feed_of(server, fetcher))
    assert (caught.value.until, caught.value.exit_code) == (until, 5)


def test_an_account_that_is_gone_is_no_passing_trouble(front: Front, server: Wire, fetcher: Fetcher) -> None:
    front.failures[MUSEUM] = (404, {})
    with pytest.raises(SourceError, match=r"answered 404.*suspended") as caught:
        page_of(feed_of(server, fetcher))
    assert not isinstance(caught.value, NetworkError)


def test_of_several_failures_the_one_that_may_pass_is_told(
    front: Front, server: Wire, fetcher: Fetcher
) -> None:
    front.failures = {MUSEUM: (503, {}), OTHER: (404, {})}
    with pytest.raises(Busy):
        page_of(feed_of(server, fetcher, MUSEUM, OTHER))


def test_a_feed_is_fetched_like_everything_else_that_nobody_here_chose(front: Front, server: Wire) -> None:
    front.pages[MUSEUM] = (GOOD, feeds.RSS)
    with Fetcher(sleep=lambda _: None) as guarded, pytest.raises(NetworkError, match="no public address"):
        page_of(feed_of(server, guarded))
    assert front.asked == []
    front.pages[MUSEUM] = (GOOD + b" " * 5000, feeds.RSS)
    small = Fetcher(allow_hosts=["127.0.0.1"], caps=Caps(size=2000), sleep=lambda _: None)
    with small, pytest.raises(NetworkError, match="larger than"):
        page_of(feed_of(server, small))


# --- whose it is


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("https://nitter.example/museum/rss", "museum"),
        ("https://nitter.example/museum/with_replies/rss", "museum"),
        ("https://rsshub.example/twitter/user/museum", "museum"),
        ("https://rsshub.example/twitter/user/museum?format=json", "museum"),
        ("https://bridge.example/?action=display&bridge=TwitterBridge&u=museum&format=Atom", "museum"),
    ],
)
def test_the_address_tells_whose_it_is(fetcher: Fetcher, url: str, owner: str) -> None:
    feed = open_feed([url], fetcher, now=lambda: NOW)
    assert (feed.owner.handle, feed.account) == (owner, f"twitter:@{owner}")


def test_where_the_address_does_not_tell_the_posts_do_and_are_fetched_once(
    front: Front, server: Wire, fetcher: Fetcher
) -> None:
    front.pages["/feeds/abc.xml"] = (GOOD, feeds.RSS)
    feed = feed_of(server, fetcher, "/feeds/abc.xml", account=None)
    assert feed.owner.handle == HANDLE
    assert len(page_of(feed).posts) == 2
    assert front.asked == ["/feeds/abc.xml"]


def test_where_nothing_tells_the_way_out_is_said(front: Front, server: Wire, fetcher: Fetcher) -> None:
    front.pages["/feeds/abc.xml"] = (feeds.nitter(), feeds.RSS)
    with pytest.raises(SourceError, match="tells whose it is") as caught:
        feed_of(server, fetcher, "/feeds/abc.xml", account=None)
    assert "account =" in (caught.value.hint or "")


# --- the same post again


def one(front: Front, server: Wire, fetcher: Fetcher, path: str, body: str) -> tuple[Feed, Post]:
    front.pages[path] = (feeds.nitter(Entry(id=day(1), body=body, title=body)), feeds.RSS)
    feed = feed_of(server, fetcher, path)
    return feed, page_of(feed).posts[0]


def test_a_feed_corrects_its_own_words_and_nobody_elses(front: Front, server: Wire, fetcher: Fetcher) -> None:
    feed, known = one(front, server, fetcher, MUSEUM, "frist")
    _, edited = one(front, server, fetcher, MUSEUM, "first")
    other_feed, otherwise = one(front, server, fetcher, OTHER, "first …")
    _, lost = one(front, server, fetcher, MUSEUM, "")
    assert feed.merge(known, edited).text == "first"
    assert other_feed.merge(edited, otherwise) == edited
    assert feed.merge(edited, lost).text == "first"
