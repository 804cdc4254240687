"""`profile apply`, from the archive to what the practice server shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli
from tests.media.generate import jpeg
from tests.sources import archives as made
from tests.sources.archives import Files, day
from tests.sources.test_profile import AVATAR, HEADER, details


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """With an avatar; its banner lies on the old network only."""
    profile = details(avatarMediaUrl=AVATAR, headerMediaUrl=HEADER)
    files: Files = made.y2([made.y_tweet(day(1), "hello")], profile=profile)
    return made.write_zip(tmp_path / "a.zip", files | {"data/profile_media/4242-Ji1fCu8r.jpg": jpeg()})


@pytest.fixture
def server(cli: Cli) -> Iterator[Sandbox]:
    with Sandbox(limits=False, username="museum") as running:
        assert cli("login", running.base_url, "--with-token", stdin=running.token + "\n").code == 0
        yield running


def fields(data: dict[str, Any], *, applied: bool) -> list[str]:
    return [change["field"] for change in data["changes"] if change["applied"] is applied]


def test_a_dry_run_changes_nothing(cli: Cli, server: Sandbox, archive: Path) -> None:
    before = server.state.account
    shown = cli("profile", "apply", str(archive), "--dry-run")
    assert "Old things" in shown.out
    assert "not in the archive" in shown.err
    assert server.state.account == before


def test_what_is_empty_is_filled_and_the_rest_is_kept(cli: Cli, server: Sandbox, archive: Path) -> None:
    name = server.state.account.display_name
    done = cli("profile", "apply", str(archive), "--yes", "--json", "--website", "https://museum.example")
    assert fields(done.data, applied=True) == ["bio", "website", "avatar"]
    assert fields(done.data, applied=False) == ["name", "header"]
    account = server.state.account
    assert (account.display_name, account.note) == (name, "Old things")
    assert account.fields == (("Website", "https://museum.example"),)
    assert account.avatar is not None
    assert account.header is None
    again = cli("profile", "apply", str(archive), "--yes", "--json", "--website", "https://museum.example")
    assert fields(again.data, applied=True) == []
    assert server.state.account == account


def test_what_is_there_is_replaced_only_when_asked(cli: Cli, server: Sandbox, archive: Path) -> None:
    done = cli("profile", "apply", str(archive), "--yes", "--overwrite", "--only", "name", "--json")
    assert fields(done.data, applied=True) == ["name"]
    account = server.state.account
    assert (account.display_name, account.note) == (made.NAME, "")


def test_rows_that_are_there_stay(cli: Cli, server: Sandbox, archive: Path) -> None:
    assert cli("profile", "apply", str(archive), "--yes", "--only", "website").code == 0
    tweets = [made.y_tweet(day(1), "hello")]
    other = made.write_zip(archive.with_name("b.zip"), made.y2(tweets, profile=details("Lyon")))
    assert cli("profile", "apply", str(other), "--yes", "--only", "location", "--locale", "fr").code == 0
    assert server.state.account.fields == (("Website", "https://t.co/abc"), ("Lieu", "Lyon"))


def test_a_post_is_pinned_once_it_is_published(cli: Cli, server: Sandbox, archive: Path) -> None:
    cli("import", str(archive))
    early = cli("profile", "apply", str(archive), "--yes", "--pin", day(1))
    assert (early.code, "Publish it first" in early.err) == (1, True)
    assert cli("publish", "--yes").code == 0
    for expected in (True, False):
        done = cli("profile", "apply", str(archive), "--yes", "--pin", day(1), "--json").data
        assert (done["pinned"] is not None) is expected
    assert len(server.state.account.pinned) == 1


def test_a_picture_that_is_none_stops_nothing_else(cli: Cli, server: Sandbox, tmp_path: Path) -> None:
    files: Files = made.y2([made.y_tweet(day(1), "hello")], profile=details(avatarMediaUrl=AVATAR))
    path = made.write_zip(tmp_path / "a.zip", files | {"data/profile_media/4242-Ji1fCu8r.jpg": "text"})
    done = cli("profile", "apply", str(path), "--yes", "--json")
    assert fields(done.data, applied=True) == ["bio", "website"]
    assert "MEDIA_UNUSABLE" in {warning["code"] for warning in done.document["warnings"]}


def test_off_a_terminal_it_wants_a_yes(cli: Cli, server: Sandbox, archive: Path) -> None:
    refused = cli("profile", "apply", str(archive))
    assert (refused.code, "--yes" in refused.err) == (2, True)


def test_without_a_source(cli: Cli, server: Sandbox) -> None:
    refused = cli("profile", "apply", "--yes")
    assert (refused.code, "Name the archive" in refused.err) == (2, True)
