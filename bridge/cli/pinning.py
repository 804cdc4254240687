"""`pin`: posts of years ago that are to come back on their day, and what the next days bring."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.log import Posts, find_post
from bridge.cli.options import command
from bridge.cli.output import Output, Usage, timestamp
from bridge.cli.tables import safe
from bridge.errors import counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.memories import Remembering
    from bridge.ledger.pins import Pin

_BY = "command line"
_AHEAD = 30  # days that are looked ahead
_EXCERPT = 60


def declare(app: typer.Typer) -> None:
    command(app)(pin)


def pin(
    output: Output,
    posts: Posts = None,
    off: Annotated[bool, typer.Option("--off", help="They are not to come back any more.")] = False,
    listing: Annotated[
        bool, typer.Option("--list", help="Show what is pinned, and what the next days bring.")
    ] = False,
) -> None:
    """Have posts of years ago come back on their day, as `watch` goes on (settings: `on_this_day`)."""
    from bridge.app import open_app, utcnow

    if not posts and not listing:
        raise Usage("Which post?", hint="Pass its id or address, or --list.")
    if listing and off:
        raise Usage("--list changes nothing, --off does.", hint="Pass one of them.")
    with open_app(output.home, output.config) as app:
        data: dict[str, Any] = {}
        if posts:
            data |= _change(app, output, [find_post(app, each) for each in posts], off=off, now=utcnow())
        if listing:
            data |= _list(app, output, utcnow())
    output.data(data)


def _change(
    app: App, output: Output, named: list[tuple[str, str]], *, off: bool, now: datetime
) -> dict[str, Any]:
    pins, done = app.ledger.pins, []
    for source in dict.fromkeys(source for source, _ in named):
        ids = [post_id for of, post_id in named if of == source]
        done += pins.unpin(source, ids) if off else pins.pin(source, ids, by=_BY, now=now)
    word = "unpinned" if off else "pinned"
    as_before = len(set(named)) - len(done)
    rest = (
        f"; {counted(as_before, 'post')} {'was' if as_before == 1 else 'were'} so before" if as_before else ""
    )
    output.show(f"{counted(len(done), 'post')} {word}{rest}.")
    if done and not off:
        _warn_if_off(app, output)
    return {word: done}


def _list(app: App, output: Output, now: datetime) -> dict[str, Any]:
    sources = app.ledger.posts.sources() if app.has_ledger else []
    found = [each for row in sources for each in app.ledger.pins.pinned(row.account).values()]
    texts = {each.post_id: _text(app, each.source, each.post_id) for each in found}
    if not found:
        output.show("Nothing is pinned.")
    for each in found:
        output.show(
            f"{each.created_at:%Y-%m-%d}  {each.post_id}  {texts[each.post_id]}  ({safe(each.author)})"
        )
    coming = list(upcoming(app, now, days=_AHEAD)) if app.has_ledger else []
    if coming:
        output.show(f"In the next {_AHEAD} days:")
    for each_day in coming:
        text = _text(app, each_day["source"], each_day["id"])
        how = "boosted" if each_day["how"] == "boost" else "published"
        output.show(f"{each_day['date']}  {each_day['account']}  {how}: {each_day['id']}  {text}")
    if found:
        _warn_if_off(app, output)
    return {"pins": [_document(each, texts[each.post_id]) for each in found], "coming": coming}


def upcoming(app: App, now: datetime, *, days: int) -> Iterator[dict[str, Any]]:
    """What comes back in so many days, of all mirrors that have something come back."""
    for name in app.settings.mirrors:
        for day, made in _of_mirror(app, name, now, days):
            yield {"date": day.isoformat(), "mirror": name} | made


def _of_mirror(app: App, name: str, now: datetime, days: int) -> Iterator[tuple[date, dict[str, Any]]]:
    from bridge.statuses import Limits

    for remembering in _remembering(app, name):
        row = app.ledger.queue.destination(remembering.destination)
        wish = app.wish(name, (row.limits if row else None) or Limits(boosts=True))
        for day, chosen in remembering.upcoming(wish, now=now, days=days):
            yield (
                day,
                {
                    "account": remembering.destination,
                    "source": remembering.source,
                    "id": chosen.post_id,
                    "how": "boost" if chosen.boost else "publish",
                    "pinned": chosen.pinned,
                },
            )


def _remembering(app: App, name: str) -> Iterator[Remembering]:
    """Of the sources that the mirror was begun with; of all, if it never ran."""
    from bridge.config.values import memories
    from bridge.engine.beginning import begun
    from bridge.engine.memories import Remembering

    wanted = memories(app.loaded.on_this_day(name), app.loaded.render(name))
    if wanted is None:
        return
    destination = app.settings.destinations[app.settings.mirrors[name].destination].account
    sources = [row.account for row in app.ledger.posts.sources()]
    known = [each for each in sources if begun(app.ledger, each, destination) is not None]
    for source in known or sources:
        yield Remembering(ledger=app.ledger, source=source, destination=destination, memories=wanted)


def _warn_if_off(app: App, output: Output) -> None:
    if not any(app.loaded.on_this_day(name).enabled for name in app.settings.mirrors):
        output.warn(
            "ON_THIS_DAY_OFF", "No mirror has `on_this_day` enabled in the settings: nothing comes back yet."
        )


def _text(app: App, source: str, post_id: str) -> str:
    post = app.ledger.posts.load(source, [post_id]).get(post_id)
    said = " ".join(post.text.split()) if post else ""
    return safe(said if len(said) <= _EXCERPT else said[: _EXCERPT - 1] + "…")


def _document(each: Pin, text: str) -> dict[str, Any]:
    return {
        "id": each.post_id,
        "source": each.source,
        "written_at": timestamp(each.created_at),
        "by": each.author,
        "pinned_at": timestamp(each.at),
        "text": text,
    }
