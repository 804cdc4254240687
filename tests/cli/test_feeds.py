"""Feeds at the command line: previewed, imported, and one with what an archive has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.ledger import open_ledger
from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli
from tests.publishers.wires import Wire, wire
from tests.sources import archives as made
from tests.sources import feeds
from tests.sources.archives import HANDLE, OWNER_ID, day
from tests.sources.feeds import Entry, Front

MUSEUM = f"/{HANDLE}/rss"
GOOD = feeds.nitter(Entry(id=day(2), body="post 2"), Entry(id=day(3), body="post 3"))


@pytest.fixture
def front() -> Front:
    front = Front()
    front.pages[MUSEUM] = (GOOD, feeds.RSS)
    return front


@pytest.fixture
def server(front: Front) -> Iterator[Wire]:
    with wire(front) as running:
        yield running


def archive(tmp_path: Path) -> Path:
    tweets = [made.y_tweet(day(n), f"post {n}") for n in (1, 2)]
    return made.write_zip(tmp_path / "archive.zip", made.y2(tweets))


def test_a_feed_is_previewed_and_imported_and_then_asked_for_news_only(
    cli: Cli, front: Front, server: Wire
) -> None:
    address = server.url + MUSEUM
    assert cli("preview", address, "--json").data["source"]["posts"] == 2
    found = cli("import", address, "--json").data
    assert (found["source"], found["era"], found["new"]) == (f"twitter:@{HANDLE}", "feed", 2)
    again = cli("import", address, "--json").data
    assert (again["new"], again["changed"], again["posts"], front.unchanged) == (0, 0, 2, 1)
    front.pages[MUSEUM] = (feeds.nitter(Entry(id=day(4), body="post 4")), feeds.RSS)
    assert cli("import", address, "--json").data["new"] == 1


@pytest.mark.parametrize("first", ["archive", "feed"])
def test_a_post_in_archive_and_feed_is_published_once(
    cli: Cli, server: Wire, tmp_path: Path, first: str
) -> None:
    both = [str(archive(tmp_path)), server.url + MUSEUM]
    with Sandbox(limits=False, username="museum") as mastodon:
        cli("login", mastodon.base_url, "--with-token", stdin=mastodon.token + "\n")
        done = [
            cli("publish", named, "--yes", "--json").data["published"]
            for named in (both if first == "archive" else both[::-1])
        ]
    assert done == [2, 1]


def test_a_feed_does_not_hide_from_the_next_archive_what_was_deleted(
    cli: Cli, home: Path, server: Wire, tmp_path: Path
) -> None:
    old = made.y2([made.y_tweet(day(n), "x") for n in (1, 2)], made="2015-02-05T10:00:00.000Z")
    new = made.y2([made.y_tweet(day(2), "x")], made="2016-02-05T10:00:00.000Z")
    cli("import", str(made.write_zip(tmp_path / "old.zip", old)))
    cli("import", server.url + MUSEUM)
    cli("import", str(made.write_zip(tmp_path / "new.zip", new)))
    with open_ledger(f"sqlite:///{home / 'ledger.db'}") as ledger:
        gone = {header.id for header in ledger.posts.headers(f"twitter:{OWNER_ID}") if header.gone}
    assert gone == {day(1)}  # and not the third, which only the feed had


def test_a_named_feed_has_fall_backs_and_tells_of_those_that_failed(
    cli: Cli, home: Path, front: Front, server: Wire
) -> None:
    front.pages["/down/rss"] = (b"<html>down</html>", "text/html")
    home.mkdir()
    (home / "config.toml").write_text(
        f'[sources.live]\ntype = "feed"\naccount = "@{HANDLE}"\n'
        f'urls = ["{server.url}/down/rss", "{server.url}{MUSEUM}"]\n',
        "utf-8",
    )
    found = cli("import", "live", "--json")
    assert found.data["new"] == 2
    assert [w["code"] for w in found.document["warnings"]] == ["FEED_FAILED"]


def test_what_does_not_go_together_is_said(cli: Cli, home: Path, server: Wire, tmp_path: Path) -> None:
    mixed = cli("import", str(archive(tmp_path)), server.url + MUSEUM, "--json")
    assert (mixed.code, "Import the files first" in mixed.document["error"]["hint"]) == (2, True)
    home.mkdir(exist_ok=True)
    for text in ('type = "feed"\npaths = ["a.zip"]', 'urls = ["https://a.example/rss"]', 'type = "feed"'):
        (home / "config.toml").write_text(f"[sources.live]\n{text}\n", "utf-8")
        found = cli("config", "check", "--json")
        assert found.code == 2
        assert "sources.live" in found.document["error"]["message"]


def test_a_feed_that_is_down_says_when_to_come_back(cli: Cli, front: Front, server: Wire) -> None:
    front.failures[MUSEUM] = (429, {"Retry-After": "60"})
    found = cli("import", server.url + MUSEUM, "--json")
    assert (found.code, found.document["error"]["code"]) == (5, "BUSY")
    front.failures[MUSEUM] = (404, {})
    assert cli("import", server.url + MUSEUM, "--json").code == 1
