"""`export`: what was published where, as a table and as JSON lines."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from bridge.cli.options import To, command
from bridge.cli.output import Output, dumps, timestamp
from bridge.cli.preview import private_file
from bridge.errors import ConfigError, counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.mapping import Mapped

_COLUMNS = (
    "tweet_id", "tweet_url", "tweet_time", "in_reply_to", "part", "parts", "media", "account", "state",
    "status_id", "status_url", "status_time", "reason",
)  # fmt: skip
_STDOUT = Path("-")
Sink = Callable[["Mapped"], None]


def declare(app: typer.Typer) -> None:
    command(app)(export)


def export(
    output: Output,
    *,
    mapping: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The table, CSV; - for standard output.", show_default="-"),
    ] = None,
    jsonl: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A line per post, with its text; -: as above.", show_default=False),
    ] = None,
    to: To = None,
) -> None:
    """Write down what was published where: each post with its statuses, their addresses, times and states."""
    from bridge.app import open_app
    from bridge.engine.mapping import mapping as mapped

    table = mapping or (_STDOUT if jsonl is None and not output.json else None)
    if table == _STDOUT and jsonl == _STDOUT:
        raise ConfigError("Only one of them can go to standard output.", hint="Name a file for the other.")
    posts = statuses = 0
    with open_app(output.home, output.config) as app, ExitStack() as files:
        account = _account(app, to)
        sinks = list(_sinks(files, table, jsonl))
        for each in mapped(app.ledger, account):
            posts, statuses = posts + 1, statuses + len(each.statuses)
            for sink in sinks:
                sink(each)
    written = [str(path) for path in (table, jsonl) if path is not None]
    output.data({"account": account, "posts": posts, "statuses": statuses, "files": written})
    output.say(f"{counted(posts, 'post')}, {counted(statuses, 'status', 'statuses')} of {account}.")


def _account(app: App, to: str | None) -> str:
    account = app.resolve(to) if app.has_ledger else None
    if account is None or app.ledger.queue.destination(account) is None:
        raise ConfigError(
            "Nothing was planned for any account yet."
            if to is None
            else f"Nothing was planned for {to} yet.",
            hint="Publish first; `passerelle preview --jsonl FILE` tells what would be.",
        )
    return account


def _sinks(files: ExitStack, table: Path | None, jsonl: Path | None) -> Iterator[Sink]:
    def opened(path: Path, **how: Any) -> TextIO:
        return sys.stdout if path == _STDOUT else files.enter_context(private_file(path, **how))

    if table is not None:
        rows = csv.DictWriter(opened(table, newline=""), _COLUMNS, lineterminator="\n")
        rows.writeheader()
        yield lambda each: rows.writerows(_rows(each))
    if jsonl is not None:
        lines = opened(jsonl)
        yield lambda each: print(dumps(_document(each)), file=lines)


def _rows(each: Mapped) -> Iterator[dict[str, Any]]:
    post = each.post
    for row in each.statuses:
        yield {
            "tweet_id": post.id,
            "tweet_url": each.url,
            "tweet_time": timestamp(post.created_at),
            "in_reply_to": post.reply_to.id if post.reply_to else None,
            "part": row.part,
            "parts": sum(1 for other in each.statuses if other.part > 0),
            "media": len(post.media),
            "account": row.destination,
            "state": row.state.value,
            "status_id": row.remote_id,
            "status_url": row.remote_url,
            "status_time": row.published_at and timestamp(row.published_at),
            "reason": row.error or row.reason,
        }


def _document(each: Mapped) -> dict[str, Any]:
    post = each.post
    return {
        "id": post.id,
        "url": each.url,
        "created_at": post.created_at,
        "kind": post.kind,
        "text": post.text,
        "in_reply_to": post.reply_to.id if post.reply_to else None,
        "media": [{"type": m.type, "file": m.file, "url": m.url, "description": m.alt} for m in post.media],
        "statuses": [
            {
                "part": row.part,
                "kind": row.kind,
                "state": row.state,
                "remote_id": row.remote_id,
                "remote_url": row.remote_url,
                "sent_at": row.published_at,
                "reason": row.error or row.reason,
            }
            for row in each.statuses
        ],
    }
