"""`preview`: the dry run. Writes to no server nor to the ledger; needs no account, settings or network."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

from bridge.cli.importing import read_sources
from bridge.cli.options import Pace, Rendering, Selection, Sources, To, command, layer, words
from bridge.cli.output import Output, Usage
from bridge.cli.progress import live
from bridge.errors import ConfigError

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.propose import Wish
    from bridge.ledger import Ledger
    from bridge.preview.page import Pictures, PreviewPage, Setting
    from bridge.preview.plan import Preview, Sink
    from bridge.statuses import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Where the preview goes, besides the summary."""

    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as one web page.", show_default=False)
    ] = None
    thumbnails: Annotated[
        Literal["none", "inline", "files"],
        typer.Option(help="Small pictures: none, within the page, or in a folder beside it."),
    ] = "inline"
    language: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Of the page: en or fr (the account's if nothing is said).",
            show_default=False,
        ),
    ] = None
    jsonl: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write a line per post; - for standard output.", show_default=False
        ),
    ] = None
    fit: Annotated[
        bool, typer.Option("--fit", help="Look into every file and make it fit, to know all sizes.")
    ] = False
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 10 when there is something to publish.")
    ] = False


@dataclass(frozen=True, slots=True)
class Showing:
    """Where a preview goes, and what it was asked for with, as it would be typed again."""

    outlet: Outlet
    passed: Sequence[str]
    sources: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """Whether it is about what is published already."""

    changed: Annotated[
        bool, typer.Option("--changed", help="Show what would read otherwise today of what is published.")
    ] = False
    adopted: Annotated[
        bool, typer.Option("--adopted", help="With --changed: also what another tool has published.")
    ] = False


def declare(app: typer.Typer) -> None:
    command(app)(preview)


def named(sources: Sequence[str], to: str | None) -> list[str]:
    """The sources and the destination, as they would be typed again."""
    return [*map(shlex.quote, sources), *([f"--to {shlex.quote(to)}"] if to else [])]


def preview(
    output: Output,
    *,
    selection: Selection,
    rendering: Rendering,
    pace: Pace,
    outlet: Outlet,
    changing: Changing,
    sources: Sources = None,
    to: To = None,
) -> int:
    """Show what would be published, as what text, what is skipped and why, and how long it will take."""
    from bridge.app import open_app
    from bridge.cli.changing import show_changes

    if changing.adopted and not changing.changed:
        raise Usage("--adopted is about what is published already.", hint="Add --changed.")
    showing = Showing(outlet, [*named(sources or (), to), *words(selection, rendering, pace)], sources or ())
    with open_app(output.home, output.config, layer(selection, rendering, pace)) as app:
        if changing.changed:
            return show_changes(app, output, sources or (), to=to, outlet=outlet, adopted=changing.adopted)
        return show_preview(app, output, sources or (), to=to, showing=showing)


def show_preview(
    app: App, output: Output, sources: Sequence[str], *, to: str | None, showing: Showing
) -> int:
    """The whole command; `publish --dry-run` comes here too."""
    outlet = showing.outlet
    if output.json and outlet.jsonl == "-":
        raise Usage("--json and --jsonl - both want standard output.", hint="Name a file for --jsonl.")
    account = _account(app, to)
    with posts_of(app, output, sources, account) as (ledger, source):
        limits = limits_of(app, output, account)
        made = _made(app, output, (ledger, source), account=account, limits=limits, showing=showing)
    output.data(made.data)
    if outlet.jsonl != "-" and not output.json:
        from bridge.preview.summary import show

        show(made, output.console())
        if made.tally.statuses:
            output.say("Do it with `passerelle publish`; it asks before the first post.")
    return 10 if outlet.exit_code and made.tally.statuses else 0


def one_source(ledger: Ledger, known: Sequence[str]) -> str:
    """The imported account that is meant when nobody says which."""
    if not known:
        raise ConfigError("Nothing is imported yet.", hint="Name the archive: a zip file or a folder.")
    if len(known) > 1:
        named = ", ".join(
            f"{row.account} (@{row.owner.handle if row.owner else '?'})" for row in ledger.posts.sources()
        )
        raise ConfigError(f"Several accounts are imported: {named}.", hint="Name one, or its archive.")
    return known[0]


def _account(app: App, to: str | None) -> str | None:
    """A preview can do without: then Mastodon's usual limits are taken."""
    accounts = app.known_accounts()
    return app.resolve(to) if to is not None or len(accounts) == 1 else None


@contextmanager
def posts_of(
    app: App, output: Output, sources: Sequence[str], account: str | None
) -> Iterator[tuple[Ledger, str]]:
    """The ledger that holds the posts, and their source. An archive goes into a scratch ledger; what was paid
    for is kept."""
    imported = [row.account for row in app.ledger.posts.sources()] if app.has_ledger else []
    chosen = [name for name in sources if name in imported]
    if chosen:
        yield app.ledger, one_source(app.ledger, chosen)
        return
    mirror = app.settings.mirrors.get(app.mirror(destination_of(app, account)) or "")
    named = sources or (mirror.sources if mirror and not imported else ())
    if not named:
        yield app.ledger if imported else _nothing(), one_source(app.ledger, imported)
        return
    if app.is_billed(named):
        yield app.ledger, read_sources(app, app.ledger, output, named).account
        return
    with _scratch(app, account) as ledger:
        yield ledger, read_sources(app, ledger, output, named).account


def wished(app: App, output: Output, to: str | None) -> tuple[str | None, Wish]:
    """The destination, if there is one yet, and what is wanted for it."""
    account = _account(app, to)
    limits = limits_of(app, output, account)
    return account, app.wish(app.mirror(destination_of(app, account)), limits)


def _nothing() -> Ledger:
    raise ConfigError("Nothing is imported yet.", hint="Name the archive: a zip file or a folder.")


def destination_of(app: App, account: str | None) -> str | None:
    return next((n for n, d in app.settings.destinations.items() if d.account == account), None)


@contextmanager
def _scratch(app: App, account: str | None) -> Iterator[Ledger]:
    """A ledger to throw away. It begins as a copy once something was published, which is not due again."""
    from bridge import ledger

    begun = account is not None and app.has_ledger and app.ledger.queue.destination(account) is not None
    if not begun or not app.ledger_url.startswith("sqlite"):
        with ledger.open_ledger("sqlite://") as scratch:
            if begun:
                app.ledger.copy_into(scratch)
            yield scratch
        return
    with tempfile.TemporaryDirectory(prefix="passerelle-preview-") as folder:
        copy = ledger.backup(app.ledger_url, Path(folder) / "ledger.db")
        with ledger.open_ledger(f"sqlite:///{copy}") as scratch:
            yield scratch


def _made(
    app: App,
    output: Output,
    posts: tuple[Ledger, str],
    *,
    account: str | None,
    limits: Limits,
    showing: Showing,
) -> Preview:
    from bridge.app import utcnow
    from bridge.preview.plan import preview_plan

    ledger, source = posts
    wish = app.wish(app.mirror(destination_of(app, account)), limits)
    outlet = showing.outlet
    if outlet.fit:
        wish = _fitted(app, output, wish, ledger=ledger, source=source, account=account)
    with ExitStack() as files:
        setting = _setting(wish, showing, (ledger, source))
        page, sinks = _sinks(setting, outlet, files)
        made = preview_plan(ledger, source, wish, now=utcnow(), destination=account, sinks=sinks)
    if page is not None and outlet.html is not None:
        with private_file(outlet.html) as stream:
            stream.write(page.html(made))
    return made


def _fitted(
    app: App, output: Output, wish: Wish, *, ledger: Ledger, source: str, account: str | None
) -> Wish:
    """The same wish, knowing what every file comes to."""
    from bridge.engine.prospects import fit_all

    fitted = {}
    with live(output) as show:
        for place, outcome in fit_all(ledger, source, wish, app.files(wish.limits), destination=account):
            fitted[place] = outcome
            show(f"looked into {len(fitted):,} files · Ctrl-C is safe")
    return replace(wish, fate=app.prospects(wish.limits, fitted))


def limits_of(app: App, output: Output, account: str | None) -> Limits:
    from bridge.publishers.servers import profile

    row = app.ledger.queue.destination(account) if account and app.has_ledger else None
    if row is not None and row.limits is not None:
        return row.limits
    output.warn(
        "LIMITS_ASSUMED",
        "Nobody is logged in, so the limits of an ordinary Mastodon server are taken."
        if account is None
        else f"{account} was never asked for its limits, so those of an ordinary Mastodon server are taken.",
        hint="`passerelle login SERVER` asks the server.",
    )
    return profile("mastodon", _USUAL)


_USUAL = "4.5.0"


def _setting(wish: Wish, showing: Showing, posts: tuple[Ledger, str]) -> Setting | None:
    """What the page is made with, if one is asked for."""
    from bridge.engine.originals import original
    from bridge.engine.portrait import portrait
    from bridge.preview import pictures
    from bridge.preview.languages import LANGUAGES, closest
    from bridge.preview.page import Setting

    outlet = showing.outlet
    if outlet.html is None:
        return None
    if outlet.language not in (None, *LANGUAGES):
        raise Usage(f"--language {outlet.language}: the page speaks {' and '.join(LANGUAGES)}.")
    small: dict[str, Callable[[], Pictures]] = {
        "none": lambda: lambda _: None,
        "inline": lambda: pictures.inline(original),
        "files": lambda: pictures.beside(Path(outlet.html or ""), original),
    }
    ledger, source = posts
    face = portrait(ledger, source, showing.sources) if outlet.thumbnails != "none" else None
    return Setting(
        wish=wish,
        language=outlet.language or closest(wish.options.locale or ledger.posts.language(source)),
        options=showing.passed,
        pictures=small[outlet.thumbnails](),
        face=pictures.within(face) if face else None,
    )


def _sinks(
    setting: Setting | None, outlet: Outlet, files: ExitStack
) -> tuple[PreviewPage | None, list[Sink]]:
    from bridge.preview.jsonl import JsonLines
    from bridge.preview.page import PreviewPage

    sinks: list[Sink] = []
    page = PreviewPage(setting) if setting else None
    if page:
        sinks.append(page)
    if outlet.jsonl == "-":
        sinks.append(JsonLines(sys.stdout))
    elif outlet.jsonl:
        sinks.append(JsonLines(files.enter_context(private_file(Path(outlet.jsonl)))))
    return page, sinks


@contextmanager
def private_file(path: Path, *, encoding: str = "utf-8", newline: str | None = None) -> Iterator[TextIO]:
    """A file for its owner's eyes: it holds what is not published yet."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding=encoding, newline=newline) as stream:
        yield stream
