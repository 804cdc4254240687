"""Which file belongs to which attachment, wherever it lies."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from bridge.posts import Kind, MediaType
from bridge.sources.twitter_archive import open_member
from tests.sources import archives as made
from tests.sources.archives import Files, day
from tests.sources.reading import read, read_files

SHORT = "https://t.co/mmmmmmmmmm"
TEXT = f"look {SHORT}"


def tweet(*names: str) -> made.Tweet:
    return made.y_tweet(day(1), TEXT, media=[made.photo(day(1), TEXT, SHORT, name=name) for name in names])


def with_media(*files: str, names: tuple[str, ...] = ("a.jpg",), folder: str = "data/tweets_media") -> Files:
    return {**made.y2([tweet(*names)]), **{f"{folder}/{file}": file for file in files}}


def test_exact_names_in_order(tmp_path: Path) -> None:
    names = ("b.jpg", "a.png", "c.jpg", "d.jpg")
    outcome = read_files(tmp_path, with_media(*(f"{day(1)}-{name}" for name in sorted(names)), names=names))
    [post] = outcome.posts
    assert [medium.file for medium in post.media] == [f"data/tweets_media/{day(1)}-{name}" for name in names]
    with open_member(post.media[1].container or "", post.media[1].file or "") as stream:
        assert stream.read() == f"{day(1)}-a.png".encode()


def test_by_prefix_but_never_anothers(tmp_path: Path) -> None:
    files = (f"{day(1)}-a.jpg", f"{day(1)}-other.jpg", f"{day(1)}-film.mp4", f"{day(1)}5-z.jpg")
    [post] = read_files(tmp_path, with_media(*files, names=("a.jpg", "lost.jpg", "gone.jpg"))).posts
    assert [medium.file and medium.file.rpartition("-")[2] for medium in post.media] == [
        "a.jpg",
        "other.jpg",
        None,
    ]
    assert post.media[2].url == "https://pbs.twimg.com/media/gone.jpg"


def test_film_is_the_best_mp4(tmp_path: Path) -> None:
    item = made.film(day(1), TEXT, SHORT)
    files = {
        **made.y2([made.y_tweet(day(1), TEXT, media=[item])]),
        f"data/tweets_media/{day(1)}-best.mp4": "film",
    }
    [post] = read_files(tmp_path, files).posts
    [medium] = post.media
    assert medium.type is MediaType.VIDEO
    assert medium.file == f"data/tweets_media/{day(1)}-best.mp4"
    assert medium.url == "https://video.twimg.com/best.mp4?tag=12"
    assert medium.duration_ms == 12000
    assert len(medium.variants) == 3


def test_gif(tmp_path: Path) -> None:
    item = made.film(day(1), TEXT, SHORT, kind="animated_gif")
    [post] = read_files(tmp_path, made.y2([made.y_tweet(day(1), TEXT, media=[item])])).posts
    assert post.media[0].type is MediaType.GIFV


def test_zip_inside_the_media_folder(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(f"tweet_media/{day(1)}-a.jpg", "inside")
    files: Files = {**made.y0([tweet("a.jpg")]), "tweet_media/part1.zip": inner.getvalue()}
    zipped = made.write_zip(tmp_path / "x.zip", files)
    folder = made.write_folder(tmp_path / "folder", files)
    for path in (zipped, folder):
        [post] = read(path).posts
        assert post.media[0].file == f"tweet_media/part1.zip!/tweet_media/{day(1)}-a.jpg"
        with open_member(post.media[0].container or "", post.media[0].file) as stream:
            assert stream.read() == b"inside"


def test_media_of_one_account_in_another_archive(tmp_path: Path) -> None:
    old = made.write_zip(
        tmp_path / "old.zip", {**made.y1([tweet("a.jpg")]), f"data/tweet_media/{day(1)}-a.jpg": "x"}
    )
    new = made.write_zip(tmp_path / "new.zip", made.y2([tweet("a.jpg")]))
    files = {post.media[0].file for post in read(old, new).posts}
    assert files == {f"data/tweet_media/{day(1)}-a.jpg"}


DRAWN = "FzAbc_xYz123456.jpg"


@pytest.mark.parametrize(("post", "file"), [(1, 2), (2, 1)], ids=["of a retweet", "of what it repeats"])
def test_a_copy_under_another_id(tmp_path: Path, post: int, file: int) -> None:
    """An account that passes its own post on has the picture twice; one of the two may be lost."""
    passed_on = f"RT @{made.HANDLE}: {TEXT}"
    tweets = [
        made.y_tweet(day(1), TEXT, media=[made.photo(day(1), TEXT, SHORT, name=DRAWN)]),
        made.y_tweet(day(2), passed_on, media=[made.photo(day(2), passed_on, SHORT, name=DRAWN)]),
    ]
    lies = f"data/tweets_media/{day(file)}-{DRAWN}"
    posts = {each.id: each for each in read_files(tmp_path, {**made.y2(tweets), lies: "x"}).posts}
    assert posts[day(post)].media[0].file == lies


def test_a_retweet_has_its_own_copy(tmp_path: Path) -> None:
    text = f"RT @ann: {TEXT}"
    named = made.entities(text, mentions={"ann": "9"})
    tweet = made.y_tweet(
        day(2), text, entities=named, favorite_count=0, media=[made.photo(day(2), text, SHORT, name=DRAWN)]
    )
    own, other = (f"data/tweets_media/{number}-{DRAWN}" for number in (day(2), day(1)))
    [post] = read_files(tmp_path, {**made.y2([tweet]), own: "own", other: "other"}).posts
    assert (post.kind, post.media[0].file) == (Kind.RETWEET, own)


def test_a_short_name_under_another_id_is_another_picture(tmp_path: Path) -> None:
    files: Files = {**made.y2([tweet("a.jpg")]), f"data/tweets_media/{day(2)}-a.jpg": "x"}
    [post] = read_files(tmp_path, files).posts
    assert post.media[0].file is None


def test_by_prefix_in_a_zip_within_another_archive(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr(f"{day(1)}-renamed.jpg", "inside")
    files: Files = {**made.y0([]), "tweet_media/part1.zip": inner.getvalue()}
    old = made.write_zip(tmp_path / "old.zip", {**files, **made.y1([made.y_tweet(day(9), "later")])})
    new = made.write_zip(tmp_path / "new.zip", made.y2([tweet("a.jpg")]))
    [post] = [each for each in read(old, new).posts if each.id == day(1)]
    assert post.media[0].file == f"tweet_media/part1.zip!/{day(1)}-renamed.jpg"
    with open_member(post.media[0].container or "", post.media[0].file) as stream:
        assert stream.read() == b"inside"
