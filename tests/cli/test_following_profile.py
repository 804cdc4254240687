"""`watch.profile`: from an archive or X's API to what the practice server shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.ledger import open_ledger
from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli
from tests.media.generate import jpeg
from tests.publishers.wires import wire
from tests.sources import archives as made
from tests.sources.archives import OWNER_ID, Files, day
from tests.sources.test_profile import AVATAR, details
from tests.sources.x_api import FakeX

SOURCE = f"twitter:{OWNER_ID}"


@pytest.fixture
def server(cli: Cli) -> Iterator[Sandbox]:
    with Sandbox(limits=False, username="museum") as running:
        assert cli("login", running.base_url, "--with-token", stdin=running.token + "\n").code == 0
        yield running


def mirror(cli: Cli, home: Path, source: str, follow: str = "true") -> str:
    """Gives the account."""
    (account,) = (each["account"] for each in cli("accounts", "--json").data["accounts"])
    (home / "config.toml").write_text(
        f'[sources.s]\n{source}\n[destinations.d]\naccount = "{account}"\n'
        f'[mirrors.museum]\nsources = ["s"]\ndestination = "d"\nwatch = {{ profile = {follow} }}\n',
        "utf-8",
    )
    return str(account)


def a_day_later(home: Path, account: str) -> None:
    with open_ledger(f"sqlite:///{home / 'ledger.db'}") as ledger:
        note = json.loads(ledger.posts.cursor(SOURCE, f"profile {account}") or "{}")
        assert note.pop("again")
        ledger.posts.save_cursor(SOURCE, f"profile {account}", json.dumps(note))


def test_a_new_archive_tells_of_a_changed_profile(
    cli: Cli, home: Path, server: Sandbox, tmp_path: Path
) -> None:
    folder = tmp_path / "archives"
    folder.mkdir()
    first: Files = made.y2([made.y_tweet(day(1), "hello")], profile=details("Lyon"))
    made.write_zip(folder / "a.zip", first)
    account = mirror(cli, home, f'paths = ["{folder}"]')
    before = server.state.account
    assert cli("watch", "--once", "--from", "now").code == 0
    later = details("Paris", avatarMediaUrl=AVATAR).replace("Old things", "New things, @keeper")
    second: Files = made.y2([made.y_tweet(day(1), "hello")], made="2024-01-05T10:00:00.000Z", profile=later)
    made.write_zip(folder / "b.zip", second | {"data/profile_media/4242-Ji1fCu8r.jpg": jpeg()})
    assert cli("watch", "--once").code == 0
    assert server.state.account == before  # once a day
    a_day_later(home, account)
    told = cli("watch", "--once").err
    assert f"{account}: profile: biography and place and picture changed" in told
    account_then = server.state.account
    assert account_then.note == "New things, @\u2060keeper"
    assert account_then.fields == (("Location", "Paris"),)
    assert account_then.avatar is not None
    a_day_later(home, account)
    assert "profile" not in cli("watch", "--once").err
    assert server.state.account == account_then


def test_x_is_asked_once_and_only_where_it_is_wanted(
    cli: Cli, home: Path, server: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = FakeX()
    monkeypatch.setenv("PASSERELLE_X_TOKEN", "good")
    with wire(x) as running:
        source = f'type = "x-api"\naccount = "{OWNER_ID}"\n[x_api]\nserver = "{running.url}"'
        mirror(cli, home, source, "false")
        assert cli("watch", "--once", "--from", "now").code == 0
        introduced = x.paths.count(f"/2/users/{OWNER_ID}")
        account = mirror(cli, home, source)
        assert cli("watch", "--once").code == 0
        assert cli("watch", "--once").code == 0
        assert x.paths.count(f"/2/users/{OWNER_ID}") == introduced + 1
        x.shows = {
            "description": "See t1 now",
            "url": "t2",
            "entities": {
                "description": {"urls": [{"url": "t1", "expanded_url": "https://a.example"}]},
                "url": {"urls": [{"url": "t2", "expanded_url": "https://b.example"}]},
            },
        }
        a_day_later(home, account)
        assert "biography and link changed" in cli("watch", "--once").err
        assert server.state.account.note == "See https://a.example now"
        assert server.state.account.fields == (("Website", "https://b.example"),)
        assert x.paths.count(f"/2/users/{OWNER_ID}") == introduced + 2
        spent = cli("status", "--json").data["spending"]["usd"]
        assert round(spent, 6) == 0.010 * (introduced + 2)
