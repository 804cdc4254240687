"""Connections, transactions, and the sentence for each way in which a database can fail.

Writers on SQLite begin with the write lock (`BEGIN IMMEDIATE`), so that what they read stays true until they
commit; on PostgreSQL they lock the row that matters. No transaction spans a network call.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import msgspec
import sqlalchemy as sa
from sqlalchemy.pool import QueuePool, StaticPool

from bridge.errors import LedgerError, Locked

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

Row: TypeAlias = "sa.Row[*tuple[Any, ...]]"
Select: TypeAlias = "sa.Select[*tuple[Any, ...]]"
Values: TypeAlias = tuple[object, ...]
Id = TypeVar("Id", int, str)

#: Rows per statement where ids are listed: far below the limit of parameters of both databases.
BATCH = 1000

_json = msgspec.json.Encoder().encode
_NO_FRACTION = ".000000"
_WAIT = 10.0  # seconds for which a writer waits for another one
# Pages of twice the usual size, since a post takes a quarter of a usual one; only a new file heeds it.
_SETUP = (
    "PRAGMA page_size = 8192",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16384",
    "PRAGMA trusted_schema = OFF",
)
_SCRATCH = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA locking_mode = EXCLUSIVE")
# FULL: an intent to publish that a power cut forgets would become a duplicate.
_LASTING = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")

_SENTENCES = (
    (
        "database or disk is full",
        "{place} cannot grow, its disk is full.",
        "Free some space, then run this again.",
    ),
    (
        "No space left on device",
        "{place} cannot grow, its disk is full.",
        "Free some space, then run this again.",
    ),
    (
        "readonly database",
        "{place} cannot be written.",
        "Make the file and its folder writable, or use another --home.",
    ),
    (
        "unable to open database file",
        "{place} cannot be opened.",
        "Its folder must exist, and be writable by you; or use another --home.",
    ),
    (
        "file is not a database",
        "{place} is not a ledger.",
        "Move that file away, or restore it from a backup.",
    ),
    ("malformed", "{place} is damaged.", "Restore it from a backup."),
    (
        "disk I/O error",
        "{place} cannot be read or written, its disk fails.",
        "Check the disk and its free space.",
    ),
)
_BUSY = ("database is locked", "database table is locked", "lock timeout", "deadlock detected")


class Database:
    """One database. Private to this package, as everything that speaks SQL."""

    def __init__(self, engine: sa.Engine, place: str) -> None:
        self.engine = engine
        self.place = place  #: for messages; carries no password
        self._writer = engine.execution_options(immediate=True)
        self._asker = engine.execution_options(begin=False)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        with self._said(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def ask(self) -> Iterator[sa.Connection]:
        """As `read`, for a single question: SQLite need not be told where it begins and ends."""
        with self._said(), self._asker.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        with self._said(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def write_soon(self) -> Iterator[sa.Connection]:
        """As `write`, for what may be forgotten by a power cut, though not by a crash: SQLite does not wait
        for the disk, which takes longer than the work."""
        if not self.is_sqlite:
            with self.write() as connection:
                yield connection
            return
        with self._said(), self._writer.connect() as connection:
            driver = cast(sqlite3.Connection, connection.connection.driver_connection)
            (usual,) = driver.execute("PRAGMA synchronous").fetchone()
            driver.execute("PRAGMA synchronous = NORMAL")
            try:
                with connection.begin():
                    yield connection
            finally:
                driver.execute(f"PRAGMA synchronous = {usual}")

    @contextmanager
    def file(self) -> Iterator[sqlite3.Connection]:
        """The driver's own connection to SQLite, outside any transaction."""
        with self._said(), self.engine.connect() as connection:
            yield cast(sqlite3.Connection, connection.connection.driver_connection)

    @contextmanager
    def migrate(self) -> Iterator[sa.Connection]:
        """As `write`, but a table of SQLite that others refer to may be dropped and built anew."""
        with self._said(), self._writer.connect() as connection:
            switch = connection.connection.driver_connection if self.is_sqlite else None
            if switch is not None:  # has no effect inside a transaction
                switch.execute("PRAGMA foreign_keys = OFF")
            try:
                with connection.begin():
                    yield connection
            finally:
                if switch is not None:
                    switch.execute("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        self.engine.dispose()

    def among(self, column: sa.Column[Any], values: Sequence[Id]) -> sa.ColumnElement[bool]:
        """`column IN (values)` as one parameter: lists of any length share one prepared statement."""
        if self.is_sqlite:
            listed = sa.func.json_each(json.dumps(values)).table_valued("value")
            return column.in_(sa.select(listed.c.value))
        return column == sa.any_(sa.cast(list(values), sa.ARRAY(column.type)))

    def instant(self, value: datetime) -> datetime | str:
        """A time as the driver wants it, where rows go past SQLAlchemy: the text that it would write."""
        if not self.is_sqlite:
            return value
        text = _json(value.astimezone(UTC)).decode()  # quoted, with a `T` and a `Z`; the quickest way by far
        return f"{text[1:11]} {text[12:20]}{text[20:-2] or _NO_FRACTION}"

    def insert(
        self, connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[Values]
    ) -> None:
        """Many rows, straight to the driver: to convert them would take half the time of an import."""
        if not rows:
            return
        names = ", ".join(map(self.engine.dialect.identifier_preparer.quote, columns))
        marks = ", ".join(["?" if self.is_sqlite else "%s"] * len(columns))
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own
        connection.exec_driver_sql(statement, list(rows))

    def update(
        self, connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[Values]
    ) -> None:
        """Many rows, straight to the driver; each ends with the id of the row that it is for."""
        if not rows:
            return
        mark = "?" if self.is_sqlite else "%s"
        names = map(self.engine.dialect.identifier_preparer.quote, columns)
        assignments = ", ".join(f"{name} = {mark}" for name in names)
        statement = f"UPDATE {table.name} SET {assignments} WHERE id = {mark}"  # noqa: S608 - names of our own
        connection.exec_driver_sql(statement, list(rows))

    def reserve(self, connection: sa.Connection, table: sa.Table, count: int) -> Sequence[int]:
        """Ids for rows to come, so that they can refer to one another; ascending."""
        if self.is_sqlite:  # the write lock is ours, and rows are never deleted
            last = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))) or 0
            return range(last + 1, last + 1 + count)
        sequence = sa.func.pg_get_serial_sequence(table.name, "id")
        numbers = sa.func.generate_series(1, count).table_valued("n")
        rows = connection.scalars(sa.select(sa.func.nextval(sequence)).select_from(numbers))
        return sorted(rows)

    def upsert(
        self,
        connection: sa.Connection,
        table: sa.Table,
        rows: Sequence[dict[str, object]],
        *,
        update: bool = True,
    ) -> None:
        """Insert, or put in the place of the row with that primary key; `update` False: leave that one."""
        if not rows:
            return
        keys = [column.name for column in table.primary_key]
        insert = self.insert_into(table)
        others = {name: insert.excluded[name] for name in rows[0] if name not in keys}
        if update and others:
            statement = insert.on_conflict_do_update(index_elements=keys, set_=others)
        else:
            statement = insert.on_conflict_do_nothing(index_elements=keys)
        connection.execute(statement, list(rows))

    def insert_into(self, table: sa.Table) -> SqliteInsert | PostgresqlInsert:
        """Of the dialects the one that is needed: each takes its time to import."""
        if self.is_sqlite:
            from sqlalchemy.dialects import sqlite

            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise said(error.orig, self.place) from error
        except sqlite3.Error as error:  # from the set-up of a connection
            raise said(error, self.place) from error


class Store:
    """A set of questions to one database."""

    def __init__(self, database: Database) -> None:
        self._database = database


def batches(ids: Iterable[Id]) -> Iterator[list[Id]]:
    """Each once, in portions that fit into one statement."""
    some = list(dict.fromkeys(ids))
    return (some[start : start + BATCH] for start in range(0, len(some), BATCH))


def said(error: BaseException | None, place: str) -> LedgerError:
    """The sentence for an error of a driver: its first line at most, never SQL, parameters or a password."""
    text = str(error).strip()
    if any(mark in text for mark in _BUSY):
        return Locked(
            f"{place} is in use by another program.",
            hint="Wait until that has finished, then run this again.",
        )
    for mark, message, hint in _SENTENCES:
        if mark in text:
            return LedgerError(message.format(place=place), hint=hint)
    return LedgerError(f"{place} failed: {text.splitlines()[0] if text else type(error).__name__}")


def connect(url: str) -> Database:
    """The database of a URL: `sqlite:///PATH`, `postgresql://...`, or `sqlite://`: gone when it is closed."""
    try:
        parsed = sa.engine.make_url(url)
    except sa.exc.ArgumentError:
        raise LedgerError(
            "ledger.url is not the URL of a database.",
            hint="It looks like sqlite:///PATH or postgresql://USER@HOST/NAME.",
        ) from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        return _postgresql(parsed)
    raise LedgerError(
        f"A ledger cannot be kept in {parsed.get_backend_name()}.",
        hint="SQLite and PostgreSQL are supported.",
    )


def _sqlite(url: sa.URL) -> Database:
    scratch = url.database in {None, "", ":memory:"}
    path = "" if scratch else str(url.database)  # "": a private file that goes when it is closed
    timeout = float(str(url.query.get("timeout", _WAIT)))

    def open_file() -> sqlite3.Connection:
        if not scratch:
            _create_private(Path(path))
        connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
        for pragma in (*_SETUP, *(_SCRATCH if scratch else _LASTING)):
            connection.execute(pragma)
        return connection

    # Named, since the default for a URL without a path closes connections that other threads are using.
    pool = StaticPool if scratch else QueuePool
    engine = sa.create_engine("sqlite://", creator=open_file, hide_parameters=True, poolclass=pool)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("begin", True):
            return
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("immediate") else "BEGIN")

    return Database(engine, "The scratch ledger" if scratch else f"The ledger {path}")


def _create_private(path: Path) -> None:
    """What the ledger holds is nobody else's business; its WAL takes the mode of the file."""
    if not path.exists() and path.parent.is_dir():
        try:
            path.touch(mode=0o600)
        except OSError as error:
            raise sqlite3.OperationalError(f"unable to open database file: {error.strerror}") from error


def _postgresql(url: sa.URL) -> Database:
    address = url.set(drivername="postgresql+psycopg")
    try:
        engine = sa.create_engine(address, hide_parameters=True, pool_size=10, pool_pre_ping=True)
    except ModuleNotFoundError:
        raise LedgerError(
            "A ledger in PostgreSQL needs the driver psycopg.", hint="pip install 'passerelle[postgresql]'"
        ) from None

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '30s'")
            cursor.execute("SET TIME ZONE 'UTC'")
        connection.commit()

    return Database(engine, f"The ledger {url.database} on {url.host or 'this machine'}")
