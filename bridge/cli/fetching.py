"""`--fetch-missing`: what the archive lacks, from the old network's own hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.output import Output
from bridge.cli.progress import live
from bridge.errors import counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.clock import Clock
    from bridge.engine.missing import Fetched, Fetching
    from bridge.engine.propose import Wish
    from bridge.ledger import Ledger

Fetch = Annotated[
    bool | None,
    typer.Option(
        "--fetch-missing",
        help="Ask the old network for pictures and films that the archive lacks; they are kept.",
        show_default=False,
    ),
]


def layer_of(fetch: bool | None) -> dict[str, dict[str, bool]]:
    """As the strongest layer of the settings."""
    return {} if fetch is None else {"media": {"fetch_missing": fetch}}


def fetch_missing(
    app: App, output: Output, ledger: Ledger, source: str, wish: Wish | None = None
) -> dict[str, int] | None:
    """Does what `media.fetch_missing` says, and tells what came of it; None: nobody wants it.

    `wish`: what the server takes is known, so that smaller versions of films are asked for as well.
    """
    if not app.settings.media.fetch_missing:
        return None
    from bridge.cli.meeting import clock_of
    from bridge.config.values import rules
    from bridge.media.remote import FILMS, PICTURES

    clock = clock_of(output)
    with live(output) as show, fetching_of(app, clock, lambda so_far: show(_progress(so_far))) as fetching:
        output.remark(f"Missing files are asked of {PICTURES} and {FILMS}.")
        kinds = rules(app.loaded.select(None)).kinds
        fetched = fetching.run(ledger, source, kinds)
        if wish is not None and fetched.problem is None:
            versions = app.prospects(wish.limits).wants_smaller
            fetched += fetching.run_smaller(ledger, source, kinds, versions)
    _tell(output, fetched)
    return {
        "missing": fetched.missing, "fetched": fetched.fetched, "there": fetched.there,
        "gone": fetched.gone, "failed": fetched.failed, "bytes": fetched.bytes,
    }  # fmt: skip


@contextmanager
def fetching_of(
    app: App, clock: Clock, show: Callable[[Fetched], None] = lambda _: None
) -> Iterator[Fetching]:
    """For files of the old network, into the folder of the home that is for them."""
    from bridge.config.proxies import proxy_for
    from bridge.engine.missing import Fetching
    from bridge.media.fetch import Caps, Fetcher

    app.home.create()
    caps = Caps(seconds=600.0, step=30.0, size=app.settings.media.fetch_mb * 1_000_000)
    with Fetcher(caps=caps, proxy_for=proxy_for) as fetcher:
        yield Fetching(folder=app.fetched, get=fetcher.get, clock=clock, show=show)


def _progress(so_far: Fetched) -> str:
    return f"asked for {counted(so_far.missing, 'missing file')}, {so_far.fetched} came"


def _tell(output: Output, fetched: Fetched) -> None:
    if fetched.fetched or fetched.there:
        output.say(
            f"Of {counted(fetched.missing, 'missing file')}, {fetched.fetched} came from the old network,"
            f" {fetched.there} had come before."
        )
    if fetched.gone:
        output.warn(
            "MEDIA_GONE", f"Not on the old network any more: {counted(fetched.gone, 'file')}.",
            hint="Those posts go without; they are not asked for again.",
        )  # fmt: skip
    if fetched.failed or fetched.problem:
        output.warn(
            "MEDIA_NOT_FETCHED",
            f"{counted(fetched.failed, 'file')} could not be fetched. {fetched.problem or ''}".strip(),
            hint="Run the same command again later: what has come is kept.",
        )
