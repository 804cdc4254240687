"""The maps that are tables: CSV in any dress, and the databases of moa and mastodon-twitter-poster.

Those databases are not ours: they are opened for reading only, by the driver alone, and nothing is written.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from bridge.adoption.told import Gathering, Told, post_id_of
from bridge.errors import SourceError

_POST = ("tweet_id", "twitter_id", "tweet", "tweet_id_str", "source_id", "post_id")
_STATUS = ("status_id", "masto_id", "mastodon_id", "toot_id", "remote_id", "status", "toot")
_URL = ("status_url", "mastodon_url", "remote_url", "toot_url", "url")
_PART = ("part",)
_DELIMITERS = ",;\t|"

#: Table, post and status. One row for each pair, of all users of the instance.
_TABLES = {
    ("mapping", "twitter_id", "mastodon_id"): "moa",
    ("statuses", "tweet_id", "masto_id"): "mastodon-twitter-poster",
    ("statuses", "tweet_id", "mastodon_id"): "mastodon-twitter-poster",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where in a row each fact stands."""

    post: int
    status: int | None
    url: int | None = None
    part: int | None = None


def columns_of(names: Iterable[object]) -> Columns | None:
    """By the names in a header; None when it does not say both what was carried and what it became."""
    plain = [str(name).strip().strip('"').lower().replace(" ", "_").replace("-", "_") for name in names]

    def at(known: Sequence[str]) -> int | None:
        return next((plain.index(name) for name in known if name in plain), None)

    post, status, url = at(_POST), at(_STATUS), at(_URL)
    if post is None or (status is None and url is None):
        return None
    return Columns(post=post, status=status, url=url, part=at(_PART))


def add_row(gathering: Gathering, columns: Columns, row: Sequence[object]) -> None:
    def cell(at: int | None) -> object:
        return row[at] if at is not None and at < len(row) else None

    gathering.add(cell(columns.post), cell(columns.status), url=cell(columns.url))


def from_csv(path: Path, text: str) -> Told | None:
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    if delimiter not in head:
        return None
    try:
        rows = [
            row
            for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise SourceError(f"{path} cannot be read as a table: {error}.") from error
    columns = columns_of(rows[0])
    if columns is not None:
        rows = rows[1:]
    elif post_id_of(rows[0][0]) is None:
        return None
    else:
        columns = _bare(rows[0])
    gathering = Gathering()
    for row in _in_order(rows, columns):
        add_row(gathering, columns, row)
    return gathering.told("a table of tweet ids and status ids")


def _bare(row: Sequence[str]) -> Columns:
    """Without a header: the post, its status, and perhaps the address or the part."""
    third = row[2].strip() if len(row) > 2 else ""
    return Columns(
        post=0,
        status=1,
        url=2 if "://" in third else None,
        part=2 if third.isdigit() and len(third) < 4 else None,
    )


def _in_order(rows: list[list[str]], columns: Columns) -> list[list[str]]:
    at = columns.part
    if at is None:
        return rows
    return sorted(rows, key=lambda row: int(row[at]) if at < len(row) and row[at].strip().isdigit() else 0)


def from_sqlite(path: Path) -> Told | None:
    """A live database may have its newest rows in a log beside it, which a mere look leaves out."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            return _from_tables(path, connection)
    except sqlite3.Error as error:
        raise SourceError(f"{path} is a database that cannot be read: {error}.") from error


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """Of a table; a view could be a program of somebody's."""
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if connection.execute(known, (table,)).fetchone() is None:
        return set()
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


def _from_tables(path: Path, connection: sqlite3.Connection) -> Told | None:
    for (table, post, status), tool in _TABLES.items():
        there = _columns(connection, table)
        if not {post, status} <= there:
            continue
        gathering = Gathering()
        order = "id" if "id" in there else "rowid"
        query = f"SELECT {post}, {status} FROM {table} ORDER BY {order}"  # noqa: S608 - names of our own
        for row in connection.execute(query):
            gathering.add(*row)
        log = path.with_name(path.name + "-wal")
        beside = f"{log.name} beside it was not read: stop the other tool first, or export the table."
        return gathering.told(tool, notes=[beside] if log.exists() and log.stat().st_size else [])
    return None
