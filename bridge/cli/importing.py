"""`import`: read posts into the ledger, and what another tool has carried of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.adopting import adopt_map
from bridge.cli.fetching import Fetch, fetch_missing, layer_of
from bridge.cli.options import To, command
from bridge.cli.output import Output, Usage
from bridge.cli.progress import live
from bridge.cli.tables import number, safe
from bridge.errors import ConfigError, counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.collect import Collected
    from bridge.ledger import Ledger
    from bridge.ledger.rows import Counts
    from bridge.sources.base import Reject

Named = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SOURCE",
        help="Archives (zip or folder, any era) and exports of other tools (JSON, JSON lines) of one account,"
        " a feed (https://…), or a source named in the settings.",
        show_default=False,
    ),
]
Map = Annotated[
    Path | None,
    typer.Option(
        "--adopt",
        metavar="FILE",
        help="What another tool has noted of the posts that it carried: they are marked as published.",
        show_default=False,
    ),
]
Check = Annotated[
    bool,
    typer.Option("--check", help="With --adopt: ask the account for each status, and adopt what is there."),
]
_SINGULARS = {"community": "community post", "circle": "Circle post", "deleted": "deleted post"}
_PLURALS = {
    "reply": "replies",
    "community": "community posts",
    "circle": "Circle posts",
    "deleted": "deleted posts",
}


def declare(app: typer.Typer) -> None:
    command(app, "import")(import_)


def import_(
    output: Output,
    sources: Named = None,
    adopt: Map = None,
    to: To = None,
    check: Check = False,
    fetch: Fetch = None,
) -> int:
    """Read posts into the ledger; a second time changes nothing."""
    from bridge.app import open_app

    if not sources and adopt is None and not fetch:
        raise Usage("Import what?", hint="Name an archive: a zip file or a folder.")
    if adopt is None and (to is not None or check):
        raise Usage("--to and --check belong to --adopt.", hint="Add --adopt FILE, or leave them out.")
    with open_app(output.home, output.config, layer_of(fetch)) as app:
        document, read = _imported(app, output, sources) if sources else ({}, _known(app))
        for each in read:
            if (fetched := fetch_missing(app, output, app.ledger, each)) is not None:
                document["fetched"] = fetched
        code = 0
        if adopt is not None:
            document["adopted"], code = adopt_map(app, output, adopt, to=to, sources=read, check=check)
    output.data(document)
    return code


def _known(app: App) -> list[str]:
    known = [row.account for row in app.ledger.posts.sources()] if app.has_ledger else []
    if not known:
        raise ConfigError("Nothing is imported yet.", hint="Name the archive as well.")
    return known


def _imported(app: App, output: Output, sources: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    collected = read_sources(app, app.ledger, output, sources)
    rejects = app.ledger.posts.rejects(collected.account)
    counts = app.ledger.posts.counts(collected.account)
    _show(output, collected, counts, rejects)
    return _document(collected, counts, rejects), [collected.account]


def _show(output: Output, collected: Collected, counts: Counts, rejects: list[Reject]) -> None:
    recorded, owner = collected.recorded, collected.summary.owner
    figures = {"new": recorded.new, "changed": recorded.changed, "unchanged": recorded.unchanged}
    output.show(", ".join(f"{number(count)} {word}" for word, count in figures.items()) + ".")
    whose = f" of @{owner.handle}" if owner.handle else ""
    output.show(
        f"The ledger holds {counted(counts.posts, 'post')}{whose}{_range(counts.first, counts.last)}:"
    )
    output.show("  " + kinds(counts.by_kind))
    if rejects:
        output.say(f"{counted(len(rejects), 'record')} could not be read:")
        for reject in rejects[:10]:
            output.say(f"  {safe(reject.place)}: {safe(reject.reason)}")


def _document(collected: Collected, counts: Counts, rejects: list[Reject]) -> dict[str, Any]:
    recorded = collected.recorded
    return {
        "source": collected.account,
        "owner": collected.summary.owner.handle,
        "era": collected.summary.era,
        "parts": collected.summary.parts,
        "new": recorded.new,
        "changed": recorded.changed,
        "unchanged": recorded.unchanged,
        "rejected": recorded.rejected,
        "posts": counts.posts,
        "first": counts.first,
        "last": counts.last,
        "by_kind": dict(counts.by_kind),
        "gone": counts.gone,
        "rejects": [{"place": r.place, "reason": r.reason, "id": r.record} for r in rejects],
    }


def read_sources(app: App, ledger: Ledger, output: Output, sources: Sequence[str]) -> Collected:
    """Collects SOURCE arguments into a ledger, and says aloud what the source has to say."""
    from bridge import __version__
    from bridge.app import utcnow
    from bridge.engine.collect import collect

    source = app.source(sources, ledger)
    run = ledger.runs.start("import", version=__version__, config_digest=None, now=utcnow())
    outcome = "failed"
    try:
        with live(output) as show:
            collected = collect(
                ledger,
                source,
                now=utcnow(),
                run=run,
                progress=lambda so_far: show(f"reading the archive: {counted(so_far.read, 'post')}"),
            )
        outcome = "done"
    finally:
        ledger.runs.finish(run, now=utcnow(), outcome=outcome)
    for notice in (*collected.summary.notices, *collected.notices):
        output.warn(notice.code, notice.message, hint=notice.hint)
    if gone := collected.recorded.gone:
        output.warn(
            "DELETED_SINCE",
            f"Deleted between two archives, it seems, and not carried: {counted(gone, 'post')}.",
            hint="`--include gone` carries what was deleted in between.",
        )
    if collected.rejects:
        first = collected.rejects[0]
        output.warn(
            "RECORDS_UNREADABLE",
            f"{counted(collected.recorded.rejected, 'record')} could not be read and stayed out, the first:"
            f" {safe(first.place)}: {safe(first.reason)}.",
            hint="`passerelle import ARCHIVE --json` lists them all; the rest is carried.",
        )
    return collected


def kinds(by_kind: Mapping[str, Any]) -> str:
    """`120 original, 30 replies`: most first."""
    ordered = sorted(by_kind.items(), key=lambda item: -item[1])
    return (
        ", ".join(f"{number(count)} {_plural(kind, count)}" for kind, count in ordered if count) or "no posts"
    )


def _plural(kind: str, count: int) -> str:
    if count == 1:
        return _SINGULARS.get(kind, kind)
    return _PLURALS.get(kind, kind if kind == "original" else kind + "s")


def _range(first: Any, last: Any) -> str:
    return f" of {first:%d %b %Y} to {last:%d %b %Y}" if first and last else ""
