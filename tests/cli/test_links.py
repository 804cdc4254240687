"""`links check` at the command line, and what its findings change."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bridge.ledger import open_ledger
from bridge.ledger.links import LinkRow, LinkState
from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli
from tests.publishers.wires import answer, wire
from tests.sources import archives as made
from tests.sources.archives import day

SHORT = "https://t.co/abcdefghij"
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def archive(tmp_path: Path, text: str, urls: dict[str, str] | None = None) -> str:
    tweets = [made.y_tweet(day(1), text, entities=made.entities(text, urls=urls))]
    return str(made.write_zip(tmp_path / "archive.zip", made.y2(tweets)))


def test_what_was_found_is_shown_as_a_change_and_published(cli: Cli, home: Path, tmp_path: Path) -> None:
    named = archive(tmp_path, f"See {SHORT}")
    with Sandbox(limits=False, username="museum") as mastodon:
        cli("login", mastodon.base_url, "--with-token", stdin=mastodon.token + "\n")
        assert cli("publish", named, "--yes", "--json").data["published"] == 1
        with open_ledger(f"sqlite:///{home / 'ledger.db'}") as ledger:
            row = LinkRow(
                url=SHORT, state=LinkState.FOUND, checked_at=NOW,
                final="https://museum.example/hall",
            )  # fmt: skip
            ledger.links.save([row])
        found = cli("links", "check", "--json").data
        assert (found["links"], found["checked"], found["resolved"]) == (1, 0, 1)
        changed = cli("preview", "--changed", "--jsonl", "-")
        assert "https://museum.example/hall" in changed.out
        assert cli("publish", "--update", "--yes", "--json").data["edited"] == 1


def test_nobody_inside_is_asked(cli: Cli, tmp_path: Path) -> None:
    with wire(answer(b"secret")) as inside:
        cli("import", archive(tmp_path, f"See {SHORT}", {SHORT: f"{inside.url}/admin"}))
        found = cli("links", "check", "--all", "--json").data
        assert (found["links"], found["failed"], found["dead"]) == (1, 1, 0)
        assert inside.requests == []
        assert "1 link gave no answer" in cli("links", "check", "--all").err


def test_dead_links_are_listed(cli: Cli, home: Path, tmp_path: Path) -> None:
    cli("import", archive(tmp_path, "See http://museum.example/hall"))
    with open_ledger(f"sqlite:///{home / 'ledger.db'}") as ledger:
        row = LinkRow(
            url="http://museum.example/hall", state=LinkState.GONE, checked_at=datetime.now(UTC),
            gone_since=NOW.replace(year=2020),
        )  # fmt: skip
        ledger.links.save([row])
    found = cli("links", "check", "--all")
    assert "1 are dead" in found.out
    assert "museum.example/hall" in found.out
    assert [each["url"] for each in cli("links", "check", "--all", "--json").data["dead_links"]] == [row.url]


def test_without_posts_there_is_nothing_to_check(cli: Cli) -> None:
    assert cli("links", "check").code == 2
