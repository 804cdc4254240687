"""`where` and `version`."""

from __future__ import annotations

import typer

from bridge import __version__
from bridge.cli.options import command
from bridge.cli.output import Output


def declare(app: typer.Typer) -> None:
    command(app)(where)
    command(app)(version)


def where(output: Output) -> None:
    """Print the folder that holds everything, and what lies in it."""
    from bridge.config import find_home

    home = find_home(output.home, output.config)
    places = {
        "home": home.path,
        "config": home.config,
        "credentials": home.credentials,
        "ledger": home.ledger,
        "cache": home.cache,
        "reports": home.reports,
    }
    output.data({**{name: str(path) for name, path in places.items()}})
    output.show(str(home.path))
    if output.verbose:
        for name, path in places.items():
            output.remark(f"{name:<12} {path}{'' if path.exists() else '  (not there yet)'}")


def version(output: Output) -> None:
    """Print the version."""
    output.data({"version": __version__})
    output.show(f"passerelle {__version__}")
