"""`config show` and `config check`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from bridge.cli.options import command
from bridge.cli.output import Output, dumps

HELP = "What is set, and where it was set."


def declare(app: typer.Typer) -> None:
    command(app)(show)
    command(app)(check)


def show(
    output: Output,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value comes from.")] = False,
) -> None:
    """Print every setting in force."""
    from bridge.app import open_app

    loaded = open_app(output.home, output.config).loaded
    settings = _hidden(loaded.settings.model_dump(mode="json"))
    leaves = dict(_leaves(settings))
    origins = {path: loaded.origin(path) for path in leaves}
    output.data({"settings": settings, **({"origin": origins} if origin else {})})
    width = max(map(len, leaves))
    for path, value in leaves.items():
        said = dumps(value) if value is not None else "(not set)"
        output.show(f"{path:<{width}}  {said}" + (f"   # {origins[path]}" if origin else ""))


def check(output: Output) -> None:
    """Read the settings and list every problem at once (exit 2)."""
    from bridge.app import open_app

    loaded = open_app(output.home, output.config).loaded
    there = loaded.home.config.exists()
    output.data({"config": str(loaded.home.config), "exists": there})
    output.show(f"{loaded.home.config}: {'in order' if there else 'not there; the defaults hold'}")


def _leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{path}{key}.")
        else:
            yield path + key, value


def _hidden(settings: dict[str, Any]) -> dict[str, Any]:
    """A database URL may hold a password."""
    from bridge.operation.redacting import redact

    url = settings["ledger"]["url"]
    settings["ledger"]["url"] = redact(url) if url else url
    return settings
