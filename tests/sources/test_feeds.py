"""Feeds of every front end give the posts that were written, whatever the front end made of them."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from bridge.media.fetch import Fetcher
from bridge.posts import Kind, MediaType, Post
from bridge.sources.base import Page
from bridge.sources.feed import Feed, open_feed
from tests.publishers.wires import Wire
from tests.sources import feeds
from tests.sources.archives import HANDLE, day
from tests.sources.feeds import Entry, Front

FIRST, SECOND, THIRD = day(1), day(2), day(3)
NOW = feeds.moment(2015, 2, 1)
MUSEUM = f"/{HANDLE}/rss"
PICTURE = "https://pbs.twimg.com/media/FzAbc_x-Z.jpg"


def page_of(feed: Feed, cursor: str | None = None) -> Page:
    [page] = feed.pages(cursor)
    return page


class Reader:
    """Serves one document and reads it."""

    def __init__(self, front: Front, server: Wire, fetcher: Fetcher) -> None:
        self._front, self._server, self._fetcher = front, server, fetcher

    def __call__(self, body: bytes, kind: str = feeds.RSS) -> list[Post]:
        self._front.pages[MUSEUM] = (body, kind)
        page = page_of(open_feed([self._server.url + MUSEUM], self._fetcher, now=lambda: NOW))
        assert not page.rejects
        return list(page.posts)

    def one(self, body: bytes, kind: str = feeds.RSS) -> Post:
        [post] = self(body, kind)
        return post


@pytest.fixture
def read(front: Front, server: Wire, fetcher: Fetcher) -> Reader:
    return Reader(front, server, fetcher)


def spans(post: Post) -> list[tuple[str, str, str]]:
    return [(s.kind.value, post.text[s.start : s.end], s.target) for s in post.spans]


# --- what all have in common

BODY = '<p>Un café &amp; un thé<br>à la gare <a href="https://museum.example/hall?a=1&amp;b=2">museum.example/ha…</a></p>'
SHAPES = [
    pytest.param(feeds.nitter, feeds.RSS, id="nitter"),
    pytest.param(feeds.rsshub, feeds.RSS, id="rsshub"),
    pytest.param(feeds.bridge, feeds.ATOM, id="rss-bridge"),
    pytest.param(feeds.json_feed, feeds.JSON, id="rss.app"),
    pytest.param(feeds.fetchrss, feeds.RSS, id="fetchrss"),
    pytest.param(feeds.nitter, "text/xml; charset=utf-8", id="text/xml"),
    pytest.param(feeds.nitter, "text/html", id="a feed that says it is a page"),
]


@pytest.mark.parametrize(("shape", "kind"), SHAPES)
def test_every_front_end_tells_the_same_post(read: Reader, shape: feeds.Shape, kind: str) -> None:
    post = read.one(shape(Entry(id=FIRST, body=BODY)), kind)
    assert post.text == "Un café & un thé\nà la gare museum.example/ha…"
    assert spans(post) == [("link", "museum.example/ha…", "https://museum.example/hall?a=1&b=2")]
    assert (post.id, post.kind, post.author.handle) == (FIRST, Kind.ORIGINAL, HANDLE)
    assert str(post.created_at)[:10] == "2015-01-02"  # of the id: the feed's date is the original's
    assert post.source == f"twitter:@{HANDLE}"


@pytest.mark.parametrize(("shape", "kind"), SHAPES)
def test_names_and_tags_are_known_in_every_front_end(read: Reader, shape: feeds.Shape, kind: str) -> None:
    body = (
        '<p>With <a href="https://nitter.example/ann">@ann</a> at'
        ' <a href="https://nitter.example/search?q=%23hall">#hall</a> and #night</p>'
    )
    post = read.one(shape(Entry(id=FIRST, body=body)), kind)
    assert post.text == "With @ann at #hall and #night"
    assert [(k, t) for k, _, t in spans(post)] == [
        ("mention", "ann"),
        ("hashtag", "hall"),
        ("hashtag", "night"),
    ]


@pytest.mark.parametrize(("shape", "kind"), SHAPES)
def test_a_post_by_somebody_else_in_the_feed_was_passed_on(
    read: Reader, shape: feeds.Shape, kind: str
) -> None:
    posts = read(shape(Entry(id=FIRST), Entry(id="4999999999999999", user="ann", title="RT by @x: a")), kind)
    assert [post.kind for post in posts] == [Kind.ORIGINAL, Kind.RETWEET]
    original = posts[1].retweet_of
    assert original is not None
    assert (original.id, original.handle) == ("4999999999999999", "ann")


def test_plain_text_without_tags_keeps_its_lines(read: Reader) -> None:
    said = {"content_html": None, "content_text": "a &amp; b\n\nI <3 b"}
    assert read.one(feeds.json_feed(Entry(id=FIRST, more=said)), feeds.JSON).text == said["content_text"]
    assert read.one(feeds.rsshub(Entry(id=FIRST, body="a &amp; b\n\nc"))).text == "a & b\n\nc"


def test_a_title_stands_in_for_a_body_that_is_missing(read: Reader) -> None:
    assert read.one(feeds.nitter(Entry(id=FIRST, body="", title="R to @ann: so it is"))).text == "so it is"


# --- Nitter


@pytest.mark.parametrize(
    ("title", "kind", "to"),
    [
        ("Hello", Kind.ORIGINAL, None),
        ("Pinned: Hello", Kind.ORIGINAL, None),
        ("R to @ann: Hello", Kind.REPLY, "ann"),
        (f"R to @{HANDLE}: Hello", Kind.THREAD, HANDLE),
        ("Pinned: R to @ann: Hello", Kind.REPLY, "ann"),
        (f"RT by @{HANDLE}: Hello", Kind.RETWEET, None),
    ],
)
def test_nitter_tells_by_the_title_what_a_post_is(
    read: Reader, title: str, kind: Kind, to: str | None
) -> None:
    user = "ann" if kind is Kind.RETWEET else HANDLE
    post = read.one(feeds.nitter(Entry(id=FIRST, title=title, user=user)))
    assert (post.kind, post.text) == (kind, "Hello")
    assert (post.reply_to.handle if post.reply_to else None) == to


@pytest.mark.parametrize("user", [HANDLE, HANDLE.upper()])
def test_handles_are_the_same_in_any_case(read: Reader, user: str) -> None:
    assert read.one(feeds.nitter(Entry(id=FIRST, user=user))).kind is Kind.ORIGINAL


def encoded(path: str) -> str:
    return base64.urlsafe_b64encode(path.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "address",
    [
        "https://nitter.example/pic/" + quote("media/FzAbc_x-Z.jpg", safe=""),
        "https://nitter.example/pic/orig/" + quote("media/FzAbc_x-Z.jpg?name=small", safe=""),
        "https://nitter.example/pic/" + quote("https://pbs.twimg.com/media/FzAbc_x-Z.jpg", safe=""),
        "https://nitter.example/pic/enc/" + encoded("media/FzAbc_x-Z.jpg"),
        "https://nitter.example/pic/orig/enc/" + encoded("media/FzAbc_x-Z.jpg"),
        "https://pbs.twimg.com/media/FzAbc_x-Z?format=jpg&amp;name=orig",
        "https://pbs.twimg.com/media/FzAbc_x-Z.jpg:large",
    ],
)
def test_pictures_lead_to_the_original(read: Reader, address: str) -> None:
    post = read.one(feeds.nitter(Entry(id=FIRST, title="Image", body=f'<img src="{address}" style="">')))
    assert [(m.type, m.url) for m in post.media] == [(MediaType.IMAGE, PICTURE)]
    assert post.text == ""


def test_a_picture_that_is_shown_and_attached_counts_once(read: Reader) -> None:
    entry = Entry(
        id=FIRST,
        body='<p>Hi</p><img src="https://pbs.twimg.com/media/FzAbc_x-Z?format=jpg&amp;name=small">',
        extra=f'<media:content url="{PICTURE}" medium="image"/>',
    )
    assert [m.url for m in read.one(feeds.fetchrss(entry)).media] == [PICTURE]


def test_films_and_moving_pictures(read: Reader) -> None:
    film = "https://video.twimg.com/ext_tw_video/1/pu/vid/best.mp4"
    pic, poster = "https://nitter.example/pic/", "https://pbs.twimg.com/ext_tw_video_thumb/1/pu/img/a.jpg"
    wrapped = "https://nitter.example/video/ABC123/" + quote(film, safe="")
    still = f'<a href="#"><br>Video<br><img src="{pic}amplify_video_thumb%2F1%2Fimg%2Fa.jpg"></a>'
    whole = f'<video poster="{poster}"><source src="{wrapped}"></video>'
    moving = f'<img src="{pic}tweet_video_thumb%2FGif1.jpg">'
    found = read(
        feeds.nitter(Entry(id=FIRST, body=still), Entry(id=SECOND, body=whole), Entry(id=THIRD, body=moving))
    )
    assert [(m.type.value, m.url) for post in found for m in post.media] == [
        ("video", "https://pbs.twimg.com/amplify_video_thumb/1/img/a.jpg"),
        ("video", film),
        ("gifv", "https://video.twimg.com/tweet_video/Gif1.mp4"),
    ]


def test_what_stands_below_the_rule_is_no_text_but_may_be_a_quote_or_a_poll(read: Reader) -> None:
    quoted = (
        "<p>Mine</p><hr/><blockquote><b>Ann (@ann)</b><p>theirs</p>"
        f'<cite><a href="https://nitter.example/ann/status/{SECOND}#m">link</a></cite></blockquote>'
    )
    poll = "<p>Which?</p><hr/><b>Poll</b><br>60% — Tea<br>40% — Coffee<br>10 votes"
    card = "<p>Read</p><hr/><b>Link</b><br>An article<br><img src='https://pbs.twimg.com/card_img/1/a.jpg'>"
    note = "<p>So</p><hr/><p><b>Community note:</b> not so</p>"
    posts = read(
        feeds.nitter(*(Entry(id=day(n), body=body) for n, body in enumerate((quoted, poll, card, note), 10)))
    )
    assert posts[0].text == f"Mine https://x.com/ann/status/{SECOND}"
    assert posts[0].quote is not None
    assert (posts[0].kind, posts[0].quote.id, posts[0].quote.handle) == (Kind.QUOTE, SECOND, "ann")
    assert posts[1].poll is not None
    assert (posts[1].text, posts[1].poll.options) == ("Which?", ("Tea", "Coffee"))
    assert [post.text for post in posts[2:]] == ["Read", "So"]
    assert not any(post.media for post in posts)


def test_links_to_posts_lead_to_the_network(read: Reader) -> None:
    body = (
        f'<p>See <a href="https://nitter.example/ann/status/{SECOND}#m">nitter.example/ann/stat…</a> now</p>'
    )
    assert (
        spans(read.one(feeds.nitter(Entry(id=FIRST, body=body))))[0][2]
        == f"https://x.com/ann/status/{SECOND}"
    )


# --- the others


@pytest.mark.parametrize(
    ("title", "body", "kind", "text"),
    [
        ("RT Ann: so it is", "RT Ann: so it is", Kind.RETWEET, "so it is"),
        ("🔁 so it is", "so it is", Kind.RETWEET, "so it is"),
        ("Re @ann so it is", "Re @ann so it is", Kind.REPLY, "@ann so it is"),
        ("Re so it is", "Re so it is", Kind.THREAD, "so it is"),
        ("↩️ so it is", "↩️ so it is", Kind.THREAD, "so it is"),
        ("RT @ann: by hand", "RT @ann: by hand", Kind.ORIGINAL, "RT @ann: by hand"),
    ],
)
def test_rsshub_has_words_for_retweets_and_answers(
    read: Reader, title: str, body: str, kind: Kind, text: str
) -> None:
    post = read.one(feeds.rsshub(Entry(id=FIRST, title=title, body=body)))
    assert (post.kind, post.text) == (kind, text)


def test_rsshub_quotes_apart_and_in_its_json(read: Reader) -> None:
    link = f'<a href="https://x.com/ann/status/{SECOND}">x</a>'
    body = f'Mine<br><div class="rsshub-quote">Ann: <div>theirs</div>{link}</div>'
    post = read.one(feeds.rsshub(Entry(id=FIRST, body=body)))
    assert (post.kind, post.text) == (Kind.QUOTE, f"Mine https://x.com/ann/status/{SECOND}")
    links = {"_extra": {"links": [{"url": f"https://x.com/ann/status/{SECOND}", "type": "repost"}]}}
    passed_on = read.one(feeds.json_feed(Entry(id=FIRST, more=links)), feeds.JSON)
    assert passed_on.retweet_of is not None
    assert (passed_on.kind, passed_on.id, passed_on.retweet_of.id) == (Kind.RETWEET, FIRST, SECOND)


def test_rss_bridge_names_whom_it_passes_on_and_shows_a_face(read: Reader) -> None:
    face = '<img src="https://pbs.twimg.com/profile_images/1/face.jpg">'
    body = f'{face}<p>so it is</p><img src="{PICTURE}?name=orig">'
    post = read.one(feeds.bridge(Entry(id=FIRST, body=body), author="RT: Ann (@ann)"), feeds.ATOM)
    assert post.retweet_of is not None
    assert (post.kind, post.retweet_of.handle, post.text) == (Kind.RETWEET, "ann", "so it is")
    assert [medium.url for medium in post.media] == [PICTURE]


def test_fetchrss_signs_nothing(read: Reader) -> None:
    assert read.one(feeds.fetchrss(Entry(id=FIRST, body="Hello"))).text == "Hello"
