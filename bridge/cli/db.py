"""`db upgrade`, `db current` and `db backup`: the ledger's schema. SQLite upgrades itself, after a backup."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.options import command
from bridge.cli.output import Output
from bridge.errors import ConfigError, SchemaOutdated

HELP = "The ledger's schema and its backup."


def declare(app: typer.Typer) -> None:
    command(app)(upgrade)
    command(app)(current)
    command(app)(backup)


def upgrade(output: Output) -> None:
    """Bring the ledger to this program's schema."""
    from bridge import ledger
    from bridge.app import open_app

    app = open_app(output.home, output.config)
    app.home.create()
    before = ledger.schema_version(app.ledger_url)
    ledger.upgrade(app.ledger_url)
    after = ledger.schema_version(app.ledger_url)
    output.data({"before": before, "after": after})
    output.show(
        f"The ledger is at {after}" + ("." if before == after else f"; it was at {before or 'nothing'}.")
    )


def current(output: Output) -> None:
    """Print the ledger's schema, and whether it is this program's (else exit 9)."""
    from bridge import ledger
    from bridge.app import open_app

    app = open_app(output.home, output.config)
    at = ledger.schema_version(app.ledger_url) if app.has_ledger else None
    head = ledger.head_version()
    if at is not None and at != head:
        raise SchemaOutdated(
            f"The ledger is at {at}, this program is at {head}.",
            hint="Run `passerelle db upgrade`; if that does not know it, upgrade passerelle.",
        )
    output.data({"current": at, "head": head})
    output.show(at or "There is no ledger yet.")


def backup(
    output: Output,
    file: Annotated[Path | None, typer.Argument(help="Where to; default: in the home folder.")] = None,
) -> None:
    """Copy the ledger to a file, while it may be in use."""
    from bridge import ledger
    from bridge.app import open_app

    app = open_app(output.home, output.config)
    if not app.has_ledger:
        raise ConfigError("There is no ledger to back up yet.", hint="`passerelle import` makes one.")
    target = file or app.home.path / f"ledger-{datetime.now(UTC):%Y%m%d-%H%M%S}.backup.db"
    if target.exists():
        raise ConfigError(f"{target} is already there.", hint="Name another file.")
    ledger.backup(app.ledger_url, target)
    output.data({"file": str(target), "bytes": target.stat().st_size})
    output.show(str(target))
