"""A post with a picture that is too much, from the preview to the account, by the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.media.films import can_work
from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli, Result
from tests.media.films import film
from tests.media.generate import jpeg, moving
from tests.sources import archives as made
from tests.sources.archives import day

SHORT = "https://t.co/mmmmmmmmmm"
TEXT = f"look {SHORT}"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Three posts with a picture each: an ordinary one, a large GIF that moves, and one that is damaged."""
    contents = {"a.jpg": jpeg(), "b.gif": moving("GIF", 1400, 800, frames=2), "c.jpg": jpeg()[:-300]}
    tweets = [
        made.y_tweet(day(at), TEXT, media=[made.photo(day(at), TEXT, SHORT, name=name)])
        for at, name in enumerate(contents, 1)
    ]
    files = {
        f"data/tweets_media/{day(at)}-{name}": content
        for at, (name, content) in enumerate(contents.items(), 1)
    }
    return made.write_zip(tmp_path / "a.zip", {**made.y2(tweets), **files})


@pytest.fixture
def server(cli: Cli) -> Iterator[Sandbox]:
    with Sandbox(limits=False, username="museum") as running:
        assert cli("login", running.base_url, "--with-token", stdin=running.token + "\n").code == 0
        yield running


def codes(data: dict[str, list[dict[str, str]]]) -> set[str]:
    return {warning["code"] for warning in data["warnings"]} - {"ALT_MISSING"}


def test_the_preview_tells_by_sizes_and_with_fit_all_of_it(
    cli: Cli, archive: Path, server: Sandbox, tmp_path: Path
) -> None:
    lines = tmp_path / "plan.jsonl"
    plain = cli("preview", str(archive), "--json").data
    assert codes(plain) == {"MEDIA_FITTED"}
    assert plain["fit"]["media"] == 1
    assert plain["fit"]["after"] is None
    known = cli("preview", str(archive), "--json", "--fit", "--jsonl", str(lines)).data
    assert codes(known) == {"MEDIA_FITTED", "MEDIA_TOO_BIG"}
    assert known["hold"] == {"posts": 1}
    assert known["fit"]["after"] > 0
    assert known["fit"]["before"] == plain["fit"]["before"]
    rows = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    changes = [row["statuses"][0]["media"][0].get("change") for row in rows]
    assert [change and change["what"] for change in changes] == [None, "picture", "none"]
    assert [row["decision"] for row in rows] == ["publish", "publish", "hold"]
    assert changes[1]["after"] == known["fit"]["after"]


def test_it_arrives_and_what_cannot_waits_for_a_person(cli: Cli, archive: Path, server: Sandbox) -> None:
    done = cli("publish", str(archive), "--yes", "--json")
    assert (done.code, done.data["published"], done.data["failed"]) == (3, 2, 1)
    assert "damaged" in done.err
    kept = cli("cache", "show", "--json").data
    assert (kept["files"], kept["limit"]) == (1, 2_000_000_000)
    uploads = [
        path for method, path, _ in server.state.requests if path.endswith("/media") and method == "POST"
    ]
    assert len(uploads) == 2
    again = cli("publish", "--yes", "--json")
    assert (again.code, again.data["published"]) == (3, 0)
    gone = cli("cache", "prune", "--all", "--json").data
    assert (gone["removed"], gone["freed"], gone["files"]) == (1, kept["bytes"], 0)


@pytest.mark.parametrize(("policy", "linked"), [("skip", False), ("link", True)])
def test_the_policy_decides(
    cli: Cli, archive: Path, server: Sandbox, monkeypatch: pytest.MonkeyPatch, policy: str, linked: bool
) -> None:
    monkeypatch.setenv("PASSERELLE_MEDIA__TOO_BIG", policy)
    done = cli("publish", str(archive), "--yes", "--json")
    assert (done.code, done.data["published"], done.data["failed"]) == (0, 3, 0)
    texts = [status.text for status in server.application.world.statuses.values()]
    assert [f"status/{day(at)}" in text for at, text in enumerate(texts, 1)] == [False, linked, linked]
    assert cli("verify").code == 0
    assert nothing_differs(cli("preview", "--changed", "--json", "--exit-code"))


def nothing_differs(changes: Result) -> bool:
    return (changes.code, changes.data["left"]) == (0, [])


@pytest.mark.parametrize(
    ("then", "now", "changed"),
    [("link", "skip", 0), ("link", "hold", 0), ("skip", "hold", 0), ("skip", "link", 1)],
)
def test_another_policy_takes_no_link_away_and_adds_one_where_the_plan_had_left_a_file_out(
    cli: Cli,
    archive: Path,
    server: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    then: str,
    now: str,
    changed: int,
) -> None:
    monkeypatch.setenv("PASSERELLE_MEDIA__TOO_BIG", then)
    assert cli("publish", str(archive), "--yes").code == 0
    monkeypatch.setenv("PASSERELLE_MEDIA__TOO_BIG", now)
    seen = cli("preview", "--changed", "--json")
    assert (seen.data["change"]["statuses"], seen.data["left"]) == (changed, [])
    assert cli("publish", "--update", "--yes", "--json").data["edited"] == changed
    assert nothing_differs(cli("preview", "--changed", "--json", "--exit-code"))
    assert cli("verify").code == 0


def test_what_would_go_up_today_is_told_as_what_no_edit_can_add(
    cli: Cli, archive: Path, server: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_MEDIA__TOO_BIG", "skip")
    assert cli("publish", str(archive), "--yes").code == 0
    monkeypatch.setenv("PASSERELLE_MEDIA__TOO_BIG", "fit")
    left = cli("preview", "--changed", "--json").data["left"]
    assert [(each["reason"], each["posts"]) for each in left] == [("media", 1)]


def test_pruning_keeps_to_the_limit(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("cache", "show").code == 0
    assert not home.exists()
    monkeypatch.setenv("PASSERELLE_MEDIA__CACHE_MB", "0")
    folder = home / "cache" / "media"
    folder.mkdir(parents=True)
    (folder / "ab-cd.jpg").write_bytes(b"image")
    assert cli("cache", "prune", "--json").data["removed"] == 1
    assert list(folder.iterdir()) == []


def test_a_post_that_goes_without_a_missing_picture_says_so_in_its_history(
    cli: Cli, server: Sandbox, tmp_path: Path
) -> None:
    tweet = made.y_tweet(day(1), TEXT, media=[made.photo(day(1), TEXT, SHORT, name="gone.jpg")])
    lacking = made.write_zip(tmp_path / "lacking.zip", made.y2([tweet]))
    plan = cli("preview", str(lacking), "--json").data
    assert (codes(plan), plan["missing"]) == ({"MEDIA_MISSING"}, {"media": 1, "fetchable": 1})
    assert "missing\tfetchable\t1\n" in cli("preview", str(lacking)).out
    assert cli("publish", str(lacking), "--yes").code == 0
    assert len(server.state.statuses) == 1
    history = cli("log", str(day(1))).out
    assert "without 1 of 1 media; not in the archive: https://pbs.twimg.com/media/" in history


@pytest.fixture(scope="module")
def reels() -> dict[str, bytes]:
    return {
        "calm": film(seconds=0.5),
        "fast": film(rate=150, seconds=0.5),
        "large": film(320, 180, seconds=3, noise=0.5, bitrate=2_000_000),
    }


@pytest.fixture
def without_the_extra(monkeypatch: pytest.MonkeyPatch, reels: dict[str, bytes]) -> Iterator[None]:
    """As if PyAV had never been installed; it has made the films before."""
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "av", None)
        can_work.cache_clear()
        yield
    can_work.cache_clear()


@pytest.mark.usefixtures("without_the_extra")
def test_a_film_beyond_the_limits_names_the_extra(
    cli: Cli, server: Sandbox, tmp_path: Path, reels: dict[str, bytes]
) -> None:
    """The ordinary film goes up by itself; 150 pictures a second are more than Mastodon takes."""
    contents = {"calm.mp4": reels["calm"], "fast.mp4": reels["fast"]}
    items = [made.film(day(at), TEXT, SHORT) for at in (1, 2)]
    tweets = [made.y_tweet(day(at), TEXT, media=[item]) for at, item in enumerate(items, 1)]
    files = {
        f"data/tweets_media/{day(at)}-{name}": content
        for at, (name, content) in enumerate(contents.items(), 1)
    }
    films = made.write_zip(tmp_path / "films.zip", {**made.y2(tweets), **files})
    lines = tmp_path / "plan.jsonl"
    known = cli("preview", str(films), "--json", "--fit", "--jsonl", str(lines)).data
    assert known["hold"] == {"posts": 1}
    rows = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert "pip install 'passerelle[video]'" in rows[1]["statuses"][0]["media"][0]["change"]["detail"]
    done = cli("publish", str(films), "--yes", "--json")
    assert (done.code, done.data["published"], done.data["failed"]) == (3, 1, 1)
    assert "pip install 'passerelle[video]'" in cli("log", day(2)).out


@pytest.fixture
def small_server(cli: Cli) -> Iterator[Sandbox]:
    """It takes films of half a megabyte."""
    with Sandbox(limits=False, username="museum") as running:
        running.application.profile = replace(running.profile, video_bytes=500_000)
        assert cli("login", running.base_url, "--with-token", stdin=running.token + "\n").code == 0
        yield running


@pytest.mark.usefixtures("without_the_extra")
def test_a_smaller_version_of_a_film_goes_in_its_place(
    cli: Cli, small_server: Sandbox, tmp_path: Path, home: Path, reels: dict[str, bytes]
) -> None:
    tweet = made.y_tweet(day(1), TEXT, media=[made.film(day(1), TEXT, SHORT)])
    files = {f"data/tweets_media/{day(1)}-best.mp4": reels["large"]}
    archive = made.write_zip(tmp_path / "films.zip", {**made.y2([tweet]), **files})
    assert cli("import", str(archive)).code == 0
    assert cli("preview", "--json").data["hold"] == {"posts": 1}
    smaller = reels["calm"]
    (home / "cache" / "fetched").mkdir(parents=True)
    (home / "cache" / "fetched" / f"{day(1)}-low.mp4").write_bytes(smaller)  # as --fetch-missing leaves it
    lines = tmp_path / "plan.jsonl"
    assert codes(cli("preview", "--json", "--jsonl", str(lines)).data) == {"MEDIA_FITTED"}
    row = json.loads(lines.read_text("utf-8"))
    assert row["statuses"][0]["media"][0]["change"]["what"] == "smaller"
    done = cli("publish", "--yes", "--json")
    assert (done.code, done.data["published"]) == (0, 1)
    assert [medium.size for medium in small_server.state.media] == [len(smaller)]
    assert cli("preview", "--changed", "--json").data["change"]["statuses"] == 0
    assert cli("verify").code == 0
