"""The schema of the ledger: created, checked and upgraded.

A ledger of the present version is recognised by a query, and a new one is made as the tables are declared,
which a test holds equal to all migrations in a row; Alembic, slow to import, is only asked to upgrade.
SQLite upgrades itself, after a copy beside it; PostgreSQL is for an administrator.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bridge.errors import LedgerError, SchemaOutdated
from bridge.ledger.database import Database
from bridge.ledger.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0014"

# As Alembic makes it.
_VERSION = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
_UPGRADE_LOCK = 0x70617373  # any number that only upgrades of a ledger use


def migrations_dir() -> Path:
    """Inside the package where that was installed from a wheel, else at the top of the checkout."""
    packaged = Path(str(files("bridge") / "_migrations"))
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "migrations"


def version(database: Database) -> str | None:
    """The revision of the schema; None when the database is empty."""
    with database.read() as connection:
        names = set(sa.inspect(connection).get_table_names())
        if _VERSION.name in names:
            return connection.scalar(sa.select(_VERSION.c.version_num))
    if names:
        raise LedgerError(
            f"{database.place} holds other tables and is no ledger.",
            hint="Give the ledger a database of its own.",
        )
    return None


def ensure(database: Database, *, upgrade: bool | None = None) -> None:
    """Leave the schema as this program needs it, or raise SchemaOutdated. None: where that is ours to do."""
    present = version(database)
    if present == HEAD:
        return
    if present is None:
        create(database)
        return
    _check_known(present, database)
    if not (database.is_sqlite if upgrade is None else upgrade):
        raise SchemaOutdated(
            f"{database.place} has the schema of an older version.", hint="Run `passerelle db upgrade`."
        )
    run(database)


def create(database: Database) -> None:
    """The schema at once, as of today; nothing, where another process was quicker."""
    with database.write() as connection:
        _lock(database, connection)
        if _VERSION.name not in sa.inspect(connection).get_table_names():
            metadata.create_all(connection)
            _VERSION.create(connection)
            connection.execute(sa.insert(_VERSION).values(version_num=HEAD))


def run(database: Database, target: str = "head") -> None:
    """Upgrade in one transaction; a ledger in SQLite that holds anything is copied beside itself before."""
    if database.is_sqlite and (before := version(database)) is not None:
        copy(database, _backup_name(Path(_file(database)), before))
    _migrate(database, target)


def copy(database: Database, path: Path) -> Path:
    """A whole copy of a ledger in SQLite, whether in use or not; an existing file is never replaced."""
    if not database.is_sqlite:
        raise LedgerError(f"{database.place} is backed up with pg_dump.")
    if path.exists():
        raise LedgerError(f"The backup {path} exists already.", hint="Name another file.")
    if not path.parent.is_dir():
        raise LedgerError(
            f"The folder {path.parent} does not exist.", hint="Create it, or name another file."
        )
    path.touch(mode=0o600)
    with database.file() as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    return path


def _migrate(database: Database, target: str, *, down: bool = False) -> None:
    from alembic import command

    configuration = _configuration()
    with database.migrate() as connection:
        _lock(database, connection)
        configuration.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(configuration, target)


def _lock(database: Database, connection: sa.Connection) -> None:
    if not database.is_sqlite:  # where the transaction has it already
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))


def _configuration() -> Config:
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(migrations_dir()).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def _check_known(present: str, database: Database) -> None:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_configuration())
    if present not in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaOutdated(
            f"{database.place} was written by a newer version of passerelle.",
            hint="Install that version or a later one.",
        )


def _file(database: Database) -> str:
    with database.file() as connection:
        return str(connection.execute("PRAGMA database_list").fetchone()[2])


def _backup_name(path: Path, revision: str) -> Path:
    first = path.with_name(f"{path.name}.{revision}.backup")
    others = (path.with_name(f"{path.name}.{revision}.{number}.backup") for number in range(2, 1000))
    return next(candidate for candidate in (first, *others) if not candidate.exists())
