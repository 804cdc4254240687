"""`links check`: where the links of posts lead, found out before anything is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import command
from bridge.cli.output import Output
from bridge.cli.progress import live
from bridge.cli.stopping import interrupted, stopping
from bridge.cli.tables import safe
from bridge.errors import ConfigError, counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.links import Checked
    from bridge.ledger.links import LinkRow

HELP = "Links of posts: where short ones lead, and which lead nowhere any more."

_SHOWN = 10


def declare(app: typer.Typer) -> None:
    command(app)(check)


def check(
    output: Output,
    every: Annotated[
        bool, typer.Option("--all", help="Every link, not only those of t.co and other shorteners.")
    ] = False,
) -> None:
    """Ask each server where a link leads and whether it is there; what is found is used from then on."""
    from dataclasses import asdict

    from bridge.app import open_app
    from bridge.config.values import rules
    from bridge.engine.links import links_of

    with open_app(output.home, output.config) as app:
        known = app.ledger.posts.sources() if app.has_ledger else []
        if not known:
            raise ConfigError("Nothing is imported yet.", hint="`passerelle import ARCHIVE` first.")
        posts = (post for row in known for post in app.ledger.posts.iterate(row.account))
        wanted = links_of(posts, rules(app.loaded.select(None)).kinds, every=every)
        found = _checked(app, output, wanted)
        dead = [row for row in app.ledger.links.known(wanted).values() if row.dead]
    output.data({**asdict(found), "dead_links": [_said(row) for row in dead]})
    _show(output, found, dead)


def _checked(app: App, output: Output, wanted: Mapping[str, datetime]) -> Checked:
    import time

    from bridge.app import utcnow
    from bridge.config.proxies import proxy_for
    from bridge.engine.links import Checking
    from bridge.media.fetch import Caps, Fetcher

    caps = Caps(seconds=20.0, step=10.0)
    with Fetcher(caps=caps, proxy_for=proxy_for) as fetcher, live(output) as show, stopping(output) as stop:
        checking = Checking(
            hop=fetcher.hop,
            now=utcnow,
            sleep=time.sleep,
            get=fetcher.get if app.settings.render.dead_links == "archive" else None,
            stop=stop,
            show=lambda so_far: show(f"asked for {counted(so_far.checked, 'link')} · Ctrl-C is safe"),
        )
        found = checking.run(app.ledger, wanted)
    if stop():
        raise interrupted(stop.exit_code)
    return found


def _said(row: LinkRow) -> dict[str, object]:
    return {"url": row.url, "final": row.final, "since": row.gone_since, "copy": row.copy}


def _show(output: Output, found: Checked, dead: list[LinkRow]) -> None:
    output.show(
        f"{counted(found.links, 'link')}, {found.checked:,} asked for now; it is known of {found.resolved:,}"
        f" where they lead, {found.dead:,} are dead."
    )
    for row in dead[:_SHOWN]:
        copy = f" (copy: {row.copy})" if row.copy else ""
        output.show(f"  {safe(row.final or row.url)}{safe(copy)}")
    if len(dead) > _SHOWN:
        output.show(f"  and {len(dead) - _SHOWN:,} more: `passerelle links check --json` has them all.")
    if found.waiting:
        output.say(f"{counted(found.waiting, 'link')} may be dead: run this again in a day to be sure.")
    if found.failed or found.left:
        output.say(f"{counted(found.failed + found.left, 'link')} gave no answer; run this again later.")
    output.say("`passerelle preview --changed` shows what would read otherwise now.")
