"""`pin`: what comes back on its day, told before it does; and a wrong word in the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.app import open_app
from tests.cli.conftest import Cli
from tests.sources import archives as made
from tests.sources.archives import day

SETTINGS = """
[sources.live]
type = "feed"
urls = ["https://feed.example/museum"]
[destinations.museum]
account = "@museum@home.example"
[mirrors.museum]
sources = ["live"]
destination = "museum"
[render]
timezone = "UTC"
[on_this_day]
enabled = true
at = "09:30"
"""


@pytest.fixture
def ids(cli: Cli, home: Path, tmp_path: Path) -> list[str]:
    """An archive is imported; of nothing else anybody knows."""
    tweets = [made.y_tweet(day(at), f"post {at}") for at in (1, 2)]
    assert cli("import", str(made.write_zip(tmp_path / "a.zip", made.y2(tweets)))).code == 0
    return [tweet["id_str"] for tweet in tweets]


def test_posts_are_pinned_listed_and_unpinned(cli: Cli, home: Path, ids: list[str]) -> None:
    (home / "config.toml").write_text(SETTINGS, "utf-8")
    first, second = ids
    assert cli("pin", *ids, "--json").data == {"pinned": ids}
    again = cli("pin", f"https://twitter.com/museum/status/{first}")
    assert (again.code, again.out) == (0, "0 posts pinned; 1 post was so before.\n")
    assert cli("pin", second, "--off", "--json").data == {"unpinned": [second]}
    listed = cli("pin", "--list", "--json")
    assert listed.document["warnings"] == []
    (pin,) = listed.data["pins"]
    assert (pin["id"], pin["by"], pin["text"]) == (first, "command line", "post 1")
    assert "post 1" in cli("pin", "--list").out


def test_what_the_next_days_bring_is_foretold(
    cli: Cli, home: Path, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "config.toml").write_text(SETTINGS, "utf-8")
    with open_app(home) as app:
        (written,) = app.ledger.posts.load(app.ledger.posts.sources()[0].account, [ids[0]]).values()
        app.ledger.queue.open_destination("@museum@home.example", now=written.created_at)
    today = datetime(2031, written.created_at.month, written.created_at.day, 8, tzinfo=UTC)
    monkeypatch.setattr("bridge.app.utcnow", lambda: today)
    cli("pin", ids[0])
    coming = cli("pin", "--list", "--json").data["coming"]
    assert [(each["date"], each["mirror"], each["id"], each["how"]) for each in coming] == [
        (today.date().isoformat(), "museum", ids[0], "publish")
    ]
    (mirror,) = cli("status", "--json").data["mirrors"]
    assert mirror["on_this_day"] == coming[0]
    assert f"On this day: post {ids[0]} is published on {today:%Y-%m-%d}" in cli("status").err


def test_pinning_says_when_nothing_would_come_back(cli: Cli, ids: list[str]) -> None:
    assert "on_this_day" in cli("pin", ids[0]).err
    assert cli("pin").code == 2
    assert cli("pin", "--off", "--list").code == 2
    assert "No post 99 has been imported." in cli("pin", "99").err


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ('[pace]\nblackout = ["2026-02-30"]', "pace.blackout: '2026-02-30' is not a day such as"),
        ('[pace]\nblackout = ["01-01..12-31"]', "pace.blackout: no day of the year is left"),
        ("[pace]\nper_day = 0", "pace.per_day"),
        ('[on_this_day]\nat = "ten"', "on_this_day.at: 'ten' is not a time of day such as 10:00"),
        ("[on_this_day]\nat = 10:00:00\n[pace]\nblackout = [2026-12-24]", None),
    ],
)
def test_wrong_days_and_times_are_named(cli: Cli, home: Path, table: str, why: str | None) -> None:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(table, "utf-8")
    checked = cli("config", "check")
    assert checked.code == (2 if why else 0)
    assert (why or "") in checked.err
