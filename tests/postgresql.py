"""A PostgreSQL server of the suite's own, from the binaries of the system, on a free port of loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

_ACCOUNTS = ("postgres", "nobody")  # the server refuses to run as root
_SECONDS = 60
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "lc_messages": "C",
}


class Unavailable(Exception):
    """Says why there is no server."""


@dataclass(frozen=True, slots=True)
class Server:
    port: int

    @contextmanager
    def database(self) -> Iterator[str]:
        """A new database, dropped afterwards; its URL."""
        name = f"t{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(SQL(statement))


def clear(url: str, tables: Iterable[str]) -> None:
    """Empty the tables, in that order: in a hundredth of the time that a new database takes."""
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL lock_timeout = '10s'")
        for table in tables:
            connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))


@contextmanager
def server() -> Iterator[Server]:
    """Raises Unavailable, with the reason, where no server can be had."""
    binaries = _binaries()
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="passerelle-postgresql-"))
    try:
        if account:
            os.chown(folder, account["user"], account["group"])
        initdb = [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        done = subprocess.run(
            [*initdb, "--no-sync", "--locale=C.UTF-8"], capture_output=True, text=True, check=False, **account
        )
        if done.returncode:
            raise Unavailable(f"initdb failed: {(done.stderr or done.stdout).strip()[-300:]}")
        with _started(binaries / "postgres", folder, account) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(program: Path, folder: Path, account: dict[str, Any]) -> Iterator[Server]:
    port = _free_port()
    options = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-D", folder / "data", "-p", str(port), *options], stdout=log, stderr=log, **account
        )
    try:
        running = Server(port)
        _await(running, process, folder / "log")
        yield running
    finally:
        process.send_signal(signal.SIGINT)  # its "fast" shutdown
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(running: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            psycopg.connect(running.url("postgres")).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    raise Unavailable(f"the server did not start: {log.read_text(errors='replace').strip()[-300:]}")


def _binaries() -> Path:
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name, reverse=True
    )
    found = shutil.which("initdb")
    for folder in (*folders, *([Path(found).resolve().parent] if found else [])):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Unavailable("PostgreSQL's initdb and postgres are not installed")


def _account() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": ()}
    raise Unavailable("we are root, and there is no other user to run PostgreSQL as")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
