"""What the archive lacks comes from the old network: once, the best version first, and never in the way."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bridge.engine.missing import Fetched, Fetching
from bridge.fitting import smaller_versions
from bridge.ledger import Ledger, open_ledger
from bridge.media.fetch import Caps, Fetcher, Reply
from bridge.media.remote import addresses, file_name
from bridge.posts import Author, Kind, Media, MediaType, Post, Variant
from bridge.selection import OWN_KINDS
from bridge.sources.base import Page
from bridge.sources.twitter_archive.merge import merge
from bridge.statuses import Limits

SOURCE = "twitter:7"
T0 = datetime(2024, 5, 1, 12, tzinfo=UTC)
PICTURE = b"\xff\xd8\xff picture"


class Hurried:
    """Every wait passes at once, and is counted."""

    def __init__(self) -> None:
        self.at = T0

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def image(name: str) -> Media:
    return Media(type=MediaType.IMAGE, url=f"https://pbs.twimg.com/media/{name}.jpg")


FILM = Media(
    type=MediaType.VIDEO,
    url="https://pbs.twimg.com/ext_tw_video_thumb/1/pu/img/x.jpg",
    variants=(
        Variant(url="https://video.twimg.com/a/low.mp4?tag=10", content_type="video/mp4", bitrate=256_000),
        Variant(url="https://video.twimg.com/a/pl/x.m3u8", content_type="application/x-mpegURL"),
        Variant(url="https://video.twimg.com/a/720/high.mp4", content_type="video/mp4", bitrate=2_176_000),
    ),
)


def post(number: int, *media: Media, kind: Kind = Kind.ORIGINAL) -> Post:
    return Post(
        source=SOURCE, id=str(number), author=Author(id="7", handle="m"), created_at=T0, text="x", kind=kind,
        media=media,
    )  # fmt: skip


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


class OldNetwork:
    """Its two hosts, on a socket of this machine."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.asked: list[str] = []
        self.answers: dict[str, list[Response]] = {}
        server.expect_request("/", method="GET").respond_with_data("")
        server.expect_request(re.compile("/.+")).respond_with_handler(self._answer)
        self.fetcher = Fetcher(allow_hosts=["localhost"], caps=Caps(size=1000, attempts=1))

    def _answer(self, request: Request) -> Response:
        self.asked.append(request.full_path.rstrip("?"))
        waiting = self.answers.get(self.asked[-1], [])
        return waiting.pop(0) if waiting else Response("gone", status=404)

    def has(self, path: str, *answers: Response) -> None:
        self.answers[path] = list(answers)

    def get(self, url: str) -> Reply:
        parts = urlsplit(url)
        assert parts.scheme == "https"
        assert parts.hostname in {"pbs.twimg.com", "video.twimg.com"}
        query = f"?{parts.query}" if parts.query else ""
        return self.fetcher.get(f"{self.server.url_for(parts.path)}{query}")


@pytest.fixture
def network(httpserver: HTTPServer) -> Iterator[OldNetwork]:
    made = OldNetwork(httpserver)
    with made.fetcher:
        yield made


def jpeg(body: bytes = PICTURE) -> Response:
    return Response(body, content_type="image/jpeg")


def fetch(ledger: Ledger, network: OldNetwork, folder: Path) -> Fetched:
    return Fetching(folder, network.get, Hurried()).run(ledger, SOURCE, OWN_KINDS)


def stored(ledger: Ledger, *posts: Post) -> None:
    ledger.posts.record(Page(posts=posts, cursor="c"), source=SOURCE, run=None, now=T0, merge=merge)


def media_of(ledger: Ledger, number: int) -> tuple[Media, ...]:
    return ledger.posts.load(SOURCE, [str(number)])[str(number)].media


def test_the_original_comes_first_and_only_once(ledger: Ledger, network: OldNetwork, tmp_path: Path) -> None:
    stored(ledger, post(1, image("A")))
    network.has("/media/A?format=jpg&name=orig", jpeg())
    done = fetch(ledger, network, tmp_path)
    assert (done.missing, done.fetched, done.bytes) == (1, 1, len(PICTURE))
    (medium,) = media_of(ledger, 1)
    assert (medium.file, medium.container, medium.size) == ("1-A.jpg", str(tmp_path), len(PICTURE))
    assert (tmp_path / "1-A.jpg").read_bytes() == PICTURE
    assert ledger.posts.cursor(SOURCE) == "c"
    assert fetch(ledger, network, tmp_path).missing == 0
    assert network.asked == ["/media/A?format=jpg&name=orig"]


def test_a_new_ledger_takes_what_was_fetched_before(
    ledger: Ledger, network: OldNetwork, tmp_path: Path
) -> None:
    stored(ledger, post(1, image("A")))
    (tmp_path / "1-A.jpg").write_bytes(PICTURE)
    done = fetch(ledger, network, tmp_path)
    assert (done.there, done.fetched, network.asked) == (1, 0, [])
    assert media_of(ledger, 1)[0].file == "1-A.jpg"


def test_a_smaller_version_is_better_than_none(ledger: Ledger, network: OldNetwork, tmp_path: Path) -> None:
    stored(ledger, post(1, image("A"), FILM))
    network.has("/media/A?format=jpg&name=large", jpeg())
    network.has("/a/720/high.mp4", Response(b"x" * 5000, content_type="video/mp4"))  # over the cap
    network.has("/a/low.mp4", Response(b"film", content_type="video/mp4"))
    assert fetch(ledger, network, tmp_path).fetched == 2
    assert [medium.size for medium in media_of(ledger, 1)] == [len(PICTURE), 4]


def test_what_is_gone_is_told_and_not_asked_for_again(
    ledger: Ledger, network: OldNetwork, tmp_path: Path
) -> None:
    stored(ledger, post(1, image("A")))
    assert fetch(ledger, network, tmp_path).gone == 1
    asked = len(network.asked)
    assert asked == 3
    assert fetch(ledger, network, tmp_path).gone == 1
    assert len(network.asked) == asked
    assert media_of(ledger, 1)[0].file is None


@pytest.mark.parametrize(
    "answer",
    [Response("<html>log in</html>", content_type="text/html"), Response("", 500), jpeg(b"")],
    ids=["page", "error", "nothing"],
)
def test_what_is_no_picture_is_not_taken_for_one(
    ledger: Ledger, network: OldNetwork, tmp_path: Path, answer: Response
) -> None:
    stored(ledger, post(1, image("A")))
    network.has("/media/A?format=jpg&name=orig", answer)
    done = fetch(ledger, network, tmp_path)
    assert (done.fetched, done.failed, done.gone) == (0, 1, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_wants_rest_gets_it(ledger: Ledger, network: OldNetwork, tmp_path: Path) -> None:
    stored(ledger, post(1, image("A")))
    rest = Response("", 429, headers={"Retry-After": "120"})
    network.has("/media/A?format=jpg&name=orig", rest, jpeg())
    clock = Hurried()
    done = Fetching(tmp_path, network.get, clock).run(ledger, SOURCE, OWN_KINDS)
    assert done.fetched == 1
    assert clock.at - T0 >= timedelta(seconds=120)


def test_no_network_leaves_the_rest_for_later(ledger: Ledger, tmp_path: Path) -> None:
    stored(ledger, *(post(number, image(f"P{number}")) for number in range(1, 9)))
    asked = []
    with socket.socket() as unused:  # bound, and nobody listens
        unused.bind(("127.0.0.1", 0))
        with Fetcher(allow_hosts=["127.0.0.1"], caps=Caps(attempts=1)) as fetcher:

            def get(url: str) -> Reply:
                asked.append(url)
                return fetcher.get(f"http://127.0.0.1:{unused.getsockname()[1]}/")

            done = Fetching(tmp_path, get, Hurried()).run(ledger, SOURCE, OWN_KINDS)
    assert done.problem
    assert (len(asked), done.missing) == (5, 2)


def test_others_posts_and_other_hosts_are_left_alone(
    ledger: Ledger, network: OldNetwork, tmp_path: Path
) -> None:
    elsewhere = Media(type=MediaType.IMAGE, url="https://evil.example/media/A.jpg")
    stored(ledger, post(1, elsewhere), post(2, image("B"), kind=Kind.RETWEET))
    assert fetch(ledger, network, tmp_path) == Fetched()
    assert network.asked == []


@pytest.mark.parametrize(
    ("url", "first", "name"),
    [
        ("http://pbs.twimg.com/media/Ab-_.png", "/media/Ab-_?format=png&name=orig", "1-Ab-_.png"),
        (
            "https://pbs.twimg.com/media/Ab?format=webp&name=small",
            "/media/Ab?format=webp&name=orig",
            "1-Ab.webp",
        ),
        ("https://pbs.twimg.com/media/Ab.jpg:large", "/media/Ab?format=jpg&name=orig", "1-Ab.jpg"),
        ("https://pbs.twimg.com/tweet_video_thumb/Ab.jpg", "/tweet_video_thumb/Ab.jpg", "1-Ab.jpg"),
    ],
)
def test_the_forms_in_which_a_picture_is_named(url: str, first: str, name: str) -> None:
    found = addresses(Media(type=MediaType.IMAGE, url=url))
    assert found[0] == f"https://pbs.twimg.com{first}"
    assert file_name("1", found[0]) == name


def test_of_a_film_that_is_too_large_the_best_version_that_the_server_takes(
    ledger: Ledger, network: OldNetwork, tmp_path: Path
) -> None:
    """The post, and the film of its archive, stay as they are for servers that take more."""
    hosted = [
        Variant(url=f"https://video.twimg.com/vid/{size}/{name}.mp4", content_type="video/mp4", bitrate=rate)
        for size, name, rate in (
            ("320x180", "c", 300_000),
            ("1280x720", "a", 2_000_000),
            ("640x360", "b", 800_000),
        )
    ]
    known = Media(
        type=MediaType.VIDEO, file="m/1-a.mp4", container="x.zip", duration_ms=10_000, variants=tuple(hosted)
    )
    stored(ledger, post(1, known), post(2, known), post(3, image("A")))
    limits = Limits(video_bytes=1_500_000, video_pixels=640 * 360)
    wanted = [version.url[-5] for version in smaller_versions(known, limits)]
    assert wanted == ["b", "c"]
    network.has("/vid/320x180/c.mp4", Response(b"film", content_type="video/mp4"))
    fetching = Fetching(tmp_path, network.get, Hurried())

    def versions(medium: Media) -> Sequence[Variant]:
        return smaller_versions(medium, limits)

    done = fetching.run_smaller(ledger, SOURCE, OWN_KINDS, versions)
    assert network.asked == [
        "/vid/640x360/b.mp4", "/vid/320x180/c.mp4", "/vid/640x360/b.mp4", "/vid/320x180/c.mp4",
    ]  # fmt: skip
    assert (done.missing, done.fetched, (tmp_path / "1-c.mp4").read_bytes()) == (2, 1, b"film")
    assert media_of(ledger, 1) == (known,)
    network.asked.clear()
    assert fetching.run_smaller(ledger, SOURCE, OWN_KINDS, versions).there == 1
    assert network.asked == []


def test_a_film_that_lasts_too_long_has_no_smaller_version() -> None:
    long = Media(type=MediaType.VIDEO, file="1-a.mp4", duration_ms=90_000, variants=FILM.variants)
    assert smaller_versions(long, Limits(video_seconds=60)) == ()
    assert [each.bitrate for each in smaller_versions(long, Limits())] == [256_000]
