"""What was found out while `watch` runs is used by it: links, and who is where."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from bridge.app import open_app
from bridge.cli.mirroring import Mirrors
from bridge.engine.clock import SystemClock
from bridge.ledger.links import LinkRow, LinkState
from bridge.statuses import Limits

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SHORT = "https://t.co/abcdefghij"


def test_links_and_handles_are_taken_anew_when_they_have_changed(home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text(
        '[sources.live]\ntype = "feed"\nurls = ["https://nitter.example.org/museum/rss"]\n'
        '[destinations.d]\naccount = "@museum@example.social"\n'
        '[mirrors.museum]\nsources = ["live"]\ndestination = "d"\n',
        "utf-8",
    )
    said: list[str] = []

    def voice(text: str, *, level: str = "info", **_: object) -> None:
        said.append(f"{level}: {text}")

    with open_app(home, None) as app:
        clock = SystemClock()
        mirrors = Mirrors(app=app, clock=clock, voice=voice, stop=lambda: False)
        mirrors.open(())
        [desk] = mirrors.desks.values()
        [route] = desk.routes
        first = desk.wish(route, Limits())
        assert desk.wish(route, Limits()) is first
        app.ledger.links.save(
            [LinkRow(url=SHORT, state=LinkState.FOUND, final="https://museum.example", checked_at=NOW)]
        )
        assert desk.wish(route, Limits()).links.final == {SHORT: "https://museum.example"}
        file = app.handles_file()
        file.write_text("twitter,fediverse\nferry,@ferry@example.social\n", "utf-8")
        known = desk.wish(route, Limits())
        assert known.handles == {"@ferry": "@ferry@example.social"}
        file.write_text("twitter,fediverse\n!!,nobody\n", "utf-8")
        os.utime(file, ns=(1, 1))
        assert desk.wish(route, Limits()).handles == known.handles
        assert desk.wish(route, Limits()).handles == known.handles
        assert [line.partition(" (")[0].split(": ")[0] for line in said] == ["warning"]  # once
