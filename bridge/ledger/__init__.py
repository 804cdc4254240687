"""The ledger: posts, the queue of publications and their history, in one database.

It is the only thing that the stages share, and the only package that speaks SQL. Every method is one
transaction or several, and none of them outlasts the call.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from bridge.ledger import copying, migrate
from bridge.ledger.acts import Acts
from bridge.ledger.database import Database, connect
from bridge.ledger.descriptions import Descriptions
from bridge.ledger.figures import Figures
from bridge.ledger.incidents import Incidents
from bridge.ledger.links import Links
from bridge.ledger.pins import Pins
from bridge.ledger.posts import Posts
from bridge.ledger.queue import Queue
from bridge.ledger.reviews import Reviews
from bridge.ledger.runs import Runs
from bridge.ledger.spending import Spending
from bridge.ledger.streams import Streams

__all__ = ["Ledger", "backup", "head_version", "open_ledger", "schema_version", "scratch_ledger", "upgrade"]


class Ledger:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.posts = Posts(database)
        self.queue = Queue(database)
        self.runs = Runs(database)
        self.spending = Spending(database)
        self.streams = Streams(database)
        self.links = Links(database)
        self.descriptions = Descriptions(database)
        self.reviews = Reviews(database)
        self.incidents = Incidents(database)
        self.figures = Figures(database)
        self.acts = Acts(database)
        self.pins = Pins(database)

    def copy_into(self, other: Ledger) -> None:
        """Everything that a plan depends on, into a ledger that is empty yet."""
        copying.copy(self._database, other._database)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def open_ledger(url: str, *, upgrade: bool | None = None) -> Ledger:
    """The ledger at `sqlite:///PATH` or `postgresql://...`; `sqlite://` is a scratch one.

    An empty database becomes a ledger. An older one in SQLite is upgraded after a copy, one in
    PostgreSQL only with `upgrade`; `upgrade` False never. Raises SchemaOutdated (for a newer one too),
    Locked, LedgerError.
    """
    if url == "sqlite://":
        return scratch_ledger()
    database = connect(url)
    try:
        migrate.ensure(database, upgrade=upgrade)
    except BaseException:
        database.close()
        raise
    return Ledger(database)


def scratch_ledger() -> Ledger:
    """A ledger for one process and one purpose, on disk where it outgrows memory, gone when it is closed."""
    database = connect("sqlite://")
    migrate.create(database)
    return Ledger(database)


def upgrade(url: str) -> None:
    """Bring the schema to the present version, after a copy of a ledger in SQLite."""
    open_ledger(url, upgrade=True).close()


def schema_version(url: str) -> str | None:
    """The revision of the schema; None when there is no ledger yet. Nothing is created or changed."""
    database = connect(url)
    try:
        return migrate.version(database)
    finally:
        database.close()


def head_version() -> str:
    """The revision that this program writes."""
    return migrate.HEAD


def backup(url: str, path: Path) -> Path:
    """A whole copy of a ledger in SQLite, taken while others may use it."""
    database = connect(url)
    try:
        return migrate.copy(database, path)
    finally:
        database.close()
