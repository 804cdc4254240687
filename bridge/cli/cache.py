"""`cache show` and `cache prune`: files that were made to fit, and may be made again."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.cli.options import command
from bridge.cli.output import Output

HELP = "Files that were made to fit a server. All of it may go: it is made again when it is needed."


def declare(app: typer.Typer) -> None:
    command(app)(show)
    command(app)(prune)


def show(output: Output) -> None:
    """Tell where the cache is, how many files it holds, and how much room it takes and may take."""
    from bridge.app import open_app
    from bridge.errors import counted
    from bridge.preview.words import size

    app = open_app(output.home, output.config)
    usage, limit = app.cache.usage(), app.settings.media.cache_mb * 1_000_000
    place = str(app.cache.folder)
    output.data({"folder": place, "files": usage.files, "bytes": usage.bytes, "limit": limit})
    output.show(f"{place}: {counted(usage.files, 'file')}, {size(usage.bytes)} of {size(limit)}")


def prune(
    output: Output,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Remove everything, whatever there is room for.")
    ] = False,
) -> None:
    """Remove what was not used for longest, until the rest is within `media.cache_mb`."""
    from bridge.app import open_app
    from bridge.errors import counted
    from bridge.preview.words import size

    app = open_app(output.home, output.config)
    gone = app.cache.clear() if everything else app.cache.prune()
    left = app.cache.usage()
    output.data({"removed": gone.files, "freed": gone.bytes, "files": left.files, "bytes": left.bytes})
    output.show(f"Removed {counted(gone.files, 'file')} ({size(gone.bytes)}); {size(left.bytes)} are left.")
