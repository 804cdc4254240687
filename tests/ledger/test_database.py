"""What can be wrong with a database, and the one sentence that is said about it."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from bridge.errors import BridgeError, LedgerError, Locked
from bridge.ledger import Ledger, backup, open_ledger, scratch_ledger
from bridge.ledger.database import connect
from bridge.ledger.tables import runs
from tests.ledger.builders import ACCOUNT, T0, plan, post, publish, record


def said(url: str) -> BridgeError:
    with pytest.raises(LedgerError) as caught:
        open_ledger(url).close()
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_file_is_nobody_elses_business(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_ledger(f"sqlite:///{path}") as ledger:
        record(ledger, post("1"))
        modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == {0o600}


def test_what_was_committed_outlasts_a_power_cut(tmp_path: Path) -> None:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger, ledger._database.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_text("Dear diary, today I was not a database." * 99)
    assert (
        str(said(f"sqlite:///{path}"))
        == f"The ledger {path} is not a ledger. Move that file away, or restore it from a backup."
    )


def test_another_programs_database(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE diary (day TEXT)")
    other.close()
    assert "holds other tables and is no ledger" in str(said(f"sqlite:///{path}"))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be opened" in str(said(f"sqlite:///{tmp_path}/no/ledger.db"))


def test_a_ledger_that_another_program_writes(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    open_ledger(f"sqlite:///{path}").close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with (
        open_ledger(f"sqlite:///{path}?timeout=0") as ledger,
        pytest.raises(Locked, match="in use by another program"),
    ):
        record(ledger, post("1"))
    other.close()


def test_a_full_disk(tmp_path: Path) -> None:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        with ledger._database.file() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 4}")
        with pytest.raises(LedgerError, match=r"The ledger .* cannot grow, its disk is full\.") as caught:
            record(ledger, *(post(str(n)) for n in range(1000)))
        assert caught.value.hint == "Free some space, then run this again."
        assert list(ledger.posts.headers("twitter:1")) == [], "and nothing is half done"


def test_a_ledger_that_cannot_be_written(tmp_path: Path) -> None:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        with ledger._database.file() as connection:
            connection.execute("PRAGMA query_only = ON")
        with pytest.raises(LedgerError, match="cannot be written"):
            record(ledger, post("1"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "is not the URL of a database"),
        ("mysql://x/y", "cannot be kept in mysql"),
        ("postgresql://me:hunter2@127.0.0.1:1/x", "The ledger x on 127.0.0.1"),
    ],
)
def test_urls(url: str, words: str) -> None:
    message = str(said(url))
    assert words in message
    assert "hunter2" not in message


def test_a_scratch_ledger_is_a_whole_ledger() -> None:
    for opened in (scratch_ledger(), open_ledger("sqlite://")):
        with opened as ledger:
            plan(ledger, publish("1"))
            assert ledger.queue.peek(ACCOUNT, now=T0) is not None


def test_a_backup_is_a_ledger(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with open_ledger(url) as ledger:
        plan(ledger, publish("1"))
        copy = backup(url, tmp_path / "copy.db")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with open_ledger(f"sqlite:///{copy}") as ledger:
        assert ledger.queue.peek(ACCOUNT, now=T0) is not None
    with pytest.raises(LedgerError, match="exists already"):
        backup(url, copy)
    with pytest.raises(LedgerError, match="does not exist"):
        backup(url, tmp_path / "no" / "copy.db")


def test_times_are_aware_and_sort(ledger: Ledger) -> None:
    east = timezone(timedelta(hours=9))
    times = [
        datetime(2026, 1, 1, 0, 30, tzinfo=east),
        datetime(2026, 1, 1, tzinfo=UTC),
        T0,
        T0 + timedelta(microseconds=1),
    ]
    for time in reversed(times):
        ledger.runs.start("x", version="1", config_digest=None, now=time)
    with ledger._database.read() as connection:
        kept = list(connection.scalars(sa.select(runs.c.started_at).order_by(runs.c.started_at)))
    assert kept == times
    assert {time.utcoffset() for time in kept} == {timedelta()}
    with pytest.raises(sa.exc.StatementError):
        ledger.runs.start("x", version="1", config_digest=None, now=datetime(2026, 1, 1))


@pytest.mark.parametrize("time", [datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=9))), T0])
def test_rows_past_sqlalchemy_hold_the_same_times(ledger: Ledger, time: datetime) -> None:
    record(ledger, post("1", created_at=time))
    assert next(iter(ledger.posts.headers("twitter:1"))).created_at == time
    run = ledger.runs.start("x", version="1", config_digest=None, now=time)
    with ledger._database.read() as connection:
        same = sa.text(
            "SELECT count(*) FROM runs JOIN posts ON posts.created_at = runs.started_at WHERE runs.id = :run"
        )
        assert connection.scalar(same, {"run": run}) == 1


def test_postgresql_by_any_of_its_names(ledger_url: str) -> None:
    if not ledger_url.startswith("postgresql"):
        pytest.skip("only PostgreSQL has several")
    for name in ("postgres", "postgresql", "postgresql+psycopg"):
        database = connect(ledger_url.replace("postgresql", name, 1))
        with database.read() as connection:
            assert connection.scalar(sa.select(1)) == 1
        database.close()
