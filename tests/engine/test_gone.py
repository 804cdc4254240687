"""Posts deleted between two archives are known as such, in whatever order the archives come, and nothing is
called deleted on weak grounds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.engine.collect import collect
from bridge.ledger import Ledger, open_ledger
from bridge.posts import Author, Kind, Post, Provenance, Reference
from bridge.sources.base import Page, Summary
from bridge.sources.twitter_archive import open_archives
from bridge.sources.twitter_archive.times import snowflake_time
from tests.engine.stage import NOW
from tests.sources import archives as made
from tests.sources.archives import Files, Tweet, day, stringly

SOURCE = f"twitter:{made.OWNER_ID}"


def tweets(*days: int) -> list[Tweet]:
    return [made.y_tweet(day(n), f"post {n}") for n in days]


def year(number: int) -> str:
    return f"{number}-01-05T10:00:00.000Z"


def bring(ledger: Ledger, *paths: Path) -> int:
    """One `import` of these archives; how many posts it found to be deleted."""
    archive = open_archives(paths)
    try:
        return collect(ledger, archive, now=NOW).recorded.gone
    finally:
        archive.close()


def gone(ledger: Ledger) -> set[str]:
    return {header.id for header in ledger.posts.headers(SOURCE) if header.gone}


def after(tmp_path: Path, *imports: Files | Sequence[Files]) -> set[str]:
    """What is gone after these imports, each of one archive or of several."""
    with open_ledger("sqlite://") as ledger:
        for number, files in enumerate(imports):
            several = [files] if isinstance(files, dict) else files
            bring(
                ledger,
                *(made.write_zip(tmp_path / f"{number}-{at}.zip", each) for at, each in enumerate(several)),
            )
        return gone(ledger)


OLD = made.y2(tweets(0, 1, 2, 3), made=year(2018))
MIDDLE = made.y2(tweets(0, 1, 2, 5), made=year(2020))
NEW = made.y2(
    tweets(0, 2, 6),
    made=year(2023),
    deleted_tweet_headers=made.ytd("deleted_tweet_headers", [{"tweet": {"tweet_id": day(7)}}]),
)


@pytest.mark.parametrize("order", list(itertools.permutations([OLD, MIDDLE, NEW])))
def test_the_order_of_the_archives_does_not_matter(tmp_path: Path, order: Sequence[Files]) -> None:
    one, two, three = order
    lacking = {day(1), day(3), day(5)}
    assert after(tmp_path, one, two, three) == lacking
    assert after(tmp_path, [one, two], three) == lacking
    assert after(tmp_path, one, [two, three]) == lacking
    assert after(tmp_path, [one, two, three]) == lacking


def test_the_second_time_nothing_changes(ledger: Ledger, tmp_path: Path) -> None:
    old, new = made.write_zip(tmp_path / "old.zip", OLD), made.write_zip(tmp_path / "new.zip", NEW)
    assert (bring(ledger, old), bring(ledger, new)) == (0, 2)
    assert gone(ledger) == {day(1), day(3)}
    before = ledger.posts.revision(SOURCE)
    for again in (old, new):
        assert bring(ledger, again) == 0
    assert ledger.posts.revision(SOURCE) == before


def short() -> Files:
    files = made.y2(tweets(0), made=year(2023))
    files["data/manifest.js"] = made.manifest({"tweets": ("data/tweets.js", 4)}, made=year(2023))
    return files


def undated() -> Files:
    files = made.y2(tweets(0))
    del files["data/manifest.js"]
    return files


def uncounted() -> Files:
    files = made.y2(tweets(0))
    files["data/manifest.js"] = made.manifest({}, made=year(2023))
    return files


def cut() -> Files:
    files = made.y2(tweets(0, 1), made=year(2023))
    text = str(files["data/tweets.js"])
    return {**files, "data/tweets.js": text[: text.index("post 1")]}


def unreadable() -> Files:
    files = made.y2(tweets(0), made=year(2023))
    items = [*made.wrapped(tweets(0)), {"tweet": stringly({"full_text": "no id"})}]
    return {**files, "data/tweets.js": made.ytd("tweets", items)}


def partial() -> Files:
    files = made.y2(tweets(0), made=year(2023))
    manifest = str(files["data/manifest.js"])
    return {
        **files,
        "data/manifest.js": manifest.replace('"isPartialArchive" : false', '"isPartialArchive" : true'),
    }


def picked() -> Files:
    """Cut down by hand, its list of headers left as it was."""
    counts = {"tweets": ("data/tweets.js", 1), "tweetHeaders": ("data/tweet-headers.js", 4)}
    headers = [{"tweet": {"tweet_id": day(n)}} for n in range(4)]
    files = made.y2(tweets(0), made=year(2023), tweet_headers=made.ytd("tweet_headers", headers))
    return {**files, "data/manifest.js": made.manifest(counts, made=year(2023))}


def same_export() -> Files:
    return made.y2(tweets(9), made="2018-01-05T13:00:00.000Z")


@pytest.mark.parametrize(
    "weak",
    [short, undated, uncounted, cut, unreadable, partial, picked, same_export],
    ids=lambda each: each.__name__,
)
def test_nothing_is_called_gone_on_weak_grounds(tmp_path: Path, weak) -> None:
    assert after(tmp_path, OLD, weak()) == set()
    assert after(tmp_path, weak(), OLD) == set()
    assert after(tmp_path, [OLD, weak()]) == set()


def test_what_is_in_a_partial_archive_newer_than_the_whole_one_stays(tmp_path: Path) -> None:
    found_later = made.y2(tweets(4), made=year(2024))
    assert after(tmp_path, OLD, partial_of(found_later)) == set()


def partial_of(files: Files) -> Files:
    manifest = str(files["data/manifest.js"])
    return {
        **files,
        "data/manifest.js": manifest.replace('"isPartialArchive" : false', '"isPartialArchive" : true'),
    }


def test_only_what_everybody_could_read_is_judged(tmp_path: Path) -> None:
    """Circles were closed, and their file with them: that deleted nobody's words."""
    circle = made.ytd("twitter_circle_tweet", made.wrapped(tweets(8)))
    older = made.y2(tweets(0, 1), made=year(2018), twitter_circle_tweet=circle)
    assert after(tmp_path, older, NEW) == {day(1)}


@dataclass
class _Shown:
    """A feed that shows this post."""

    post: Post
    stream = "feed"
    account = SOURCE
    owner = Author(id=made.OWNER_ID, handle=made.HANDLE)

    def summary(self) -> Summary:
        return Summary(name="feed", owner=self.owner, era="feed")

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        yield Page(posts=(self.post,), stream=self.stream, cursor="1")

    def merge(self, known: Post, new: Post) -> Post:
        return known


def shown(number: int, kind: Kind = Kind.ORIGINAL, **more: Any) -> _Shown:
    stamp = Provenance(archive="http://nitter.example/rss", era="feed", member="", rank=5)
    when = snowflake_time(int(day(number)))
    assert when is not None
    return _Shown(
        Post(
            source=SOURCE, id=day(number), author=_Shown.owner, created_at=when, text="shown",
            kind=kind, provenance=(stamp,), **more,
        )
    )  # fmt: skip


@pytest.mark.parametrize(("seen", "lacking"), [(2019, True), (2024, False)])
def test_what_a_feed_has_shown_is_gone_when_a_later_archive_lacks_it(
    ledger: Ledger, tmp_path: Path, seen: int, lacking: bool
) -> None:
    moment = datetime(seen, 1, 5, tzinfo=UTC)
    original = Reference(id="9", handle="ferry")
    for each in (shown(0), shown(8), shown(9, kind=Kind.RETWEET, retweet_of=original)):
        collect(ledger, each, now=moment)
    revision = ledger.posts.revision(SOURCE)
    collect(ledger, shown(8), now=moment + timedelta(hours=1))
    assert ledger.posts.revision(SOURCE) == revision  # seen again, it is what it was
    bring(ledger, made.write_zip(tmp_path / "new.zip", NEW))
    assert gone(ledger) == ({day(8)} if lacking else set())
