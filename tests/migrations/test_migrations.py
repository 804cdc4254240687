"""The migrations make what the tables say, on both databases, and whoever meets another version is told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from bridge.errors import SchemaOutdated
from bridge.ledger import head_version, migrate, open_ledger, schema_version, upgrade
from bridge.ledger.database import Database, connect
from bridge.ledger.documents import encode
from bridge.ledger.tables import (
    aliases,
    cursors,
    destinations,
    events,
    media,
    metadata,
    posts,
    publications,
    rejects,
    runs,
    sources,
    tombstones,
    uploads,
)
from bridge.statuses import OwnLink, StatusRef, draft_digest
from tests.changes import replace
from tests.ledger.builders import ACCOUNT, SOURCE, T0, draft, plan, publish

_SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' AND sql IS NOT NULL"
_POSTGRESQL = (
    "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default,"
    " collation_name, is_identity, identity_generation FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name NOT LIKE 'alembic%'",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%'",
    "SELECT tablename, indexname, indexdef FROM pg_indexes"
    " WHERE schemaname = 'public' AND tablename NOT LIKE 'alembic%'",
)


def shape(database: Database) -> set[tuple[str, ...]]:
    """Everything that the database says of its tables, constraints and indexes, in its own words."""
    queries = (_SQLITE,) if database.is_sqlite else _POSTGRESQL
    with database.read() as connection:
        rows = [row for query in queries for row in connection.execute(sa.text(query))]
    return {tuple(" ".join(str(value).split()) for value in row) for row in rows}


def set_version(url: str, version: str) -> None:
    database = connect(url)
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    database.close()


def test_the_migrations_make_what_the_tables_say(empty_url: str) -> None:
    database = connect(empty_url)
    migrate.run(database)
    migrated = shape(database)
    with database.write() as connection:
        metadata.drop_all(connection)
        connection.execute(sa.text("DROP TABLE alembic_version"))
    assert shape(database) == set()
    migrate.create(database)
    created = shape(database)
    database.close()
    assert {_words(row) for row in migrated} == {_words(row) for row in created}


def _words(row: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a definition in a fixed order, since that of constraints within a table is free."""
    inner = row[-1].replace("\t", " ").removesuffix(")")
    return (*row[:-1], *sorted(part.strip() for part in inner.split(", ")))


def test_there_is_one_head_and_the_program_knows_it() -> None:
    scripts = ScriptDirectory.from_config(migrate._configuration())
    assert scripts.get_heads() == [head_version()]


def test_an_empty_database_becomes_a_ledger_and_stays_one(empty_url: str) -> None:
    assert schema_version(empty_url) is None
    for _ in range(2):
        with open_ledger(empty_url) as ledger:
            plan(ledger, publish("1"))
            assert ledger.queue.peek(ACCOUNT, now=T0) is not None
    assert schema_version(empty_url) == head_version()


def test_whoever_comes_second_to_an_empty_database_leaves_it_as_it_is(empty_url: str) -> None:
    database = connect(empty_url)
    migrate.create(database)
    made = shape(database)
    migrate.create(database)
    assert shape(database) == made
    assert migrate.version(database) == head_version()
    database.close()


def test_the_last_migration_can_be_taken_back(empty_url: str) -> None:
    database = connect(empty_url)
    migrate.run(database)
    newest = shape(database)
    migrate._migrate(database, "-1", down=True)
    older = shape(database)
    assert older != newest
    assert {row[:2] for row in older} <= {row[:2] for row in newest}, "a migration only adds"
    scripts = ScriptDirectory.from_config(migrate._configuration())
    assert migrate.version(database) == scripts.get_revision(head_version()).down_revision
    migrate.run(database)
    assert shape(database) == newest
    migrate._migrate(database, "base", down=True)
    assert shape(database) == set()
    migrate.run(database)
    assert migrate.version(database) == head_version()
    database.close()


def test_a_ledger_of_the_first_version_keeps_what_it_holds(empty_url: str) -> None:
    database = connect(empty_url)
    migrate.run(database, "0001")
    database.close()
    with open_ledger(empty_url, upgrade=True) as ledger:
        plan(ledger, publish("1"))
        assert ledger.queue.peek(ACCOUNT, now=T0) is not None
        assert ledger.queue.editing(ACCOUNT) is None
    assert schema_version(empty_url) == head_version()


_FIRST = (
    sources, posts, aliases, media, tombstones, runs, rejects, cursors, destinations, publications, uploads,
    events,
)  # fmt: skip


def fill(database: Database) -> None:
    """A row or more in every table of the first version, as that version wrote them."""
    one = draft("1")
    text = "After https://twitter.com/i/status/1 again"
    two = replace(draft("2", text=text), own_links=(OwnLink(start=6, end=36, to=StatusRef(post_id="1")),))
    later = T0 + timedelta(minutes=1)
    account = {"destination": ACCOUNT}
    sent = {**account, "part": 1, "state": "published", "created_at": T0}
    seen = {"source": SOURCE, "kind": "original", "audience": "public", "first_seen_at": T0, "changed_at": T0}
    rows: list[tuple[sa.Table, list[dict[str, object]]]] = [
        (sources, [{"account": SOURCE}]),
        (posts, [
            {**seen, "id": n, "source_id": str(n), "created_at": T0, "document": "{}", "seen": ""}
            for n in (1, 2)
        ]),
        (aliases, [{"source": SOURCE, "alias_id": "11", "post_id": 1}]),
        (media, [{"post_id": 1, "position": 0, "type": "image", "alt": "A hall"}]),
        (tombstones, [{"source": SOURCE, "source_id": "9", "at": T0}]),
        (runs, [{"id": 1, "command": "publish", "version": "0", "started_at": T0}]),
        (rejects, [{"source": SOURCE, "place": "tweets.js 3", "reason": "no id", "excerpt": "{}", "run": 1}]),
        (cursors, [{"source": SOURCE, "cursor": "c", "at": T0}]),
        (destinations, [{"account": ACCOUNT, "opened_at": T0}]),
        (publications, [
            {**sent, "id": n, "post_id": n, "draft": encode(each), "draft_digest": draft_digest(each),
             "sort_key": str(n), "idempotency_key": f"k{n}", "remote_id": f"r{n}",
             "remote_url": f"https://memory.example/r{n}", "attempted_at": at, "published_at": at}
            for n, each, at in ((1, one, T0), (2, two, later))
        ]),
        (uploads, [
            {**account, "sha256": "s", "alt_digest": "a", "remote_id": "m", "ready": True, "uploaded_at": T0}
        ]),
        (events, [
            {"publication_id": 1, "at": T0, "before": "publishing", "after": "published", "actor": "delivery"}
        ]),
    ]  # fmt: skip
    assert [table for table, _ in rows] == list(_FIRST)
    with database.write() as connection:
        for table, values in rows:
            connection.execute(sa.insert(table), values)


Columns = dict[str, list[sa.Column[Any]]]


def held(database: Database, of: Columns) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as connection:
        return {
            name: [tuple(row) for row in connection.execute(sa.select(*all_))] for name, all_ in of.items()
        }


def test_every_table_of_the_first_version_keeps_its_rows(empty_url: str) -> None:
    """And what a status said with an address in it is written down, as far as it can be worked out."""
    database = connect(empty_url)
    migrate.run(database, "0001")
    with database.read() as connection:
        inspected = sa.inspect(connection)
        names = set(inspected.get_table_names())
        first = {
            table.name: [table.c[column["name"]] for column in inspected.get_columns(table.name)]
            for table in _FIRST
        }
    assert names == {*first, "alembic_version"}
    fill(database)
    before = held(database, first)
    assert all(before.values())
    migrate.run(database)
    assert held(database, first) == before
    database.close()
    with open_ledger(empty_url) as ledger:
        found = ledger.queue.standing(ACCOUNT, SOURCE, ["1", "2"])
        assert [found[post_id][0].sent for post_id in ("1", "2")] == [
            None, "After https://memory.example/r1 again",
        ]  # fmt: skip


def test_a_newer_ledger_is_left_alone(ledger_url: str) -> None:
    set_version(ledger_url, "9999")
    for again in (lambda: open_ledger(ledger_url), lambda: upgrade(ledger_url)):
        with pytest.raises(SchemaOutdated, match="written by a newer version") as caught:
            again()
        assert caught.value.exit_code == 9
    set_version(ledger_url, head_version())


def test_only_what_is_ours_is_upgraded_unasked(ledger_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older version that there is: the present one, seen by a program that is one further."""
    head = head_version()
    monkeypatch.setattr(migrate, "HEAD", "9999")
    with pytest.raises(SchemaOutdated, match=r"older version.*db upgrade"):
        open_ledger(ledger_url, upgrade=False)
    if ledger_url.startswith("postgresql"):
        with pytest.raises(SchemaOutdated):
            open_ledger(ledger_url)
    else:
        open_ledger(ledger_url).close()
        folder = Path(ledger_url.removeprefix("sqlite:///")).parent
        assert [path.name for path in folder.glob("*.backup")] == [f"ledger.db.{head}.backup"]


def test_a_backup_never_takes_the_place_of_another(tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path / 'ledger.db'}")
    for _ in range(3):
        migrate.run(database)
    database.close()
    assert len(list(tmp_path.glob("*.backup"))) == 2


def test_the_migrations_are_where_they_are_looked_for() -> None:
    assert (migrate.migrations_dir() / "env.py").is_file()
