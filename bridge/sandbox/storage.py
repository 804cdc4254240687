"""Where a practice server keeps its world: in memory, or in one SQLite file that survives a restart."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from bridge.errors import ConfigError
from bridge.sandbox.rules.state import ROWS, World

SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
  number INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, document BLOB NOT NULL,
  UNIQUE (kind, key)
);
CREATE TABLE IF NOT EXISTS blobs (name TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Storage(Protocol):
    def load(self) -> World: ...

    def save(self, changes: Mapping[tuple[str, str], object], blobs: Mapping[str, bytes]) -> None: ...

    def blob(self, name: str) -> bytes | None: ...

    def about(self, name: str) -> str | None: ...

    def note(self, name: str, value: str) -> None: ...

    def close(self) -> None: ...


class MemoryStorage:
    """Rows live in the world itself; uploaded files in a temporary folder that `close` removes."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="practice-"))
        self._about: dict[str, str] = {}

    def load(self) -> World:
        return World()

    def save(self, changes: Mapping[tuple[str, str], object], blobs: Mapping[str, bytes]) -> None:  # noqa: ARG002
        for name, content in blobs.items():
            (self._folder / name).write_bytes(content)

    def blob(self, name: str) -> bytes | None:
        file = self._folder / Path(name).name
        return file.read_bytes() if file.is_file() else None

    def about(self, name: str) -> str | None:
        return self._about.get(name)

    def note(self, name: str, value: str) -> None:
        self._about[name] = value

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class FileStorage:
    """A transaction per request. Whoever calls holds the server's lock."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            # A rehearsal has to survive a restart, not a power cut.
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise ConfigError(
                f"{path} cannot be used for the practice server: {error}.", hint="Name another --data file."
            ) from error

    def load(self) -> World:
        world = World()
        for kind, key, document in self._db.execute("SELECT kind, key, document FROM rows ORDER BY number"):
            getattr(world, kind)[key] = msgspec.json.decode(document, type=ROWS[kind])
        world.take_changes()
        world.reindex()
        return world

    def save(self, changes: Mapping[tuple[str, str], object], blobs: Mapping[str, bytes]) -> None:
        gone = [key for key, row in changes.items() if row is None]
        kept = [(*key, msgspec.json.encode(row)) for key, row in changes.items() if row is not None]
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("DELETE FROM rows WHERE kind = ? AND key = ?", gone)
        self._db.executemany(
            "INSERT INTO rows (kind, key, document) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET document = excluded.document",
            kept,
        )
        self._db.executemany("INSERT OR REPLACE INTO blobs VALUES (?, ?)", list(blobs.items()))
        self._db.execute("COMMIT")

    def blob(self, name: str) -> bytes | None:
        row = self._db.execute("SELECT content FROM blobs WHERE name = ?", (name,)).fetchone()
        return bytes(row[0]) if row else None

    def about(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def note(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    def close(self) -> None:
        self._db.close()
