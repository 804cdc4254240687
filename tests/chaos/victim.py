"""The program itself, with a hand on the switch: `python -m tests.chaos.victim publish --yes ...`.

It runs the same command line as `python -m bridge`, with the conductor's clock. Between the steps of every
exchange with the server and around every commit of the ledger it counts; at the one that `CHAOS` names it
ends itself, by SIGKILL, with no handler run and nothing tidied up, or stands still until it is told to go on.
None of this is in the program.

| boundary | the moment |
|---|---|
| `commit.before`, `commit.after` | around a commit of the ledger that writes |
| `commit.torn` | within it: with the power lost, a part of what it writes is on the disk |
| `connect` | before a connection is made |
| `send`, `half` | before a piece of the request is sent; with half of it sent |
| `sent` | all of it is sent |
| `answered` | the answer has reached this machine, not a byte of it is read |
| `head`, `part`, `read` | its head, a byte of its body, all of it is read |

Those of an exchange carry its kind in front: `status.sent`, `media.half`, `read.head`.
"""

from __future__ import annotations

import json
import os
import platform
import random
import select
import shutil
import signal
import socket
import sqlite3
import struct
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import urllib3.connection
import urllib3.response
from sqlalchemy.engine.default import DefaultDialect

from tests.chaos.conductor import TIMEOUT, Clock

AFTERWARDS = "after-power-loss"
_FRAME_HEAD = 24
_WAL_HEAD = 32


class Switch:
    """Counts boundaries; ends the process at the one that was asked for."""

    def __init__(self, spec: dict[str, Any], clock: Clock) -> None:
        self.cut: dict[str, Any] = spec.get("cut") or {}
        self.clock = clock
        self.seen = 0
        self.named: dict[str, int] = {}
        self.ledger: sqlite3.Connection | None = None
        self.safe: int | None = None  #: bytes of the log that were synced before the commit under way

    def boundary(self, name: str) -> None:
        if self.passes(name):
            self.end()

    def passes(self, name: str) -> bool:
        """Counts; True when this is the one."""
        self.seen += 1
        self.named[name] = self.named.get(name, 0) + 1
        if "at" in self.cut:
            return bool(self.seen == self.cut["at"])
        return bool(name == self.cut.get("name") and self.named[name] == self.cut["nth"])

    def end(self) -> None:
        how = self.cut.get("how", "kill")
        if how == "pause":
            self.clock.tell("pause")
            self.clock.hear()
            return
        if how == "power" and self.ledger is not None:
            lose_power(self.ledger, random.Random(self.cut.get("seed", 0)), self.safe)
        os.kill(os.getpid(), signal.SIGKILL)


def lose_power(ledger: sqlite3.Connection, dice: random.Random, within: int | None = None) -> None:
    """Copies what a disk would hold: all that SQLite has synced, and of the rest nothing, a part, or rubbish.

    In WAL mode with synchronous=FULL every commit syncs the log before it returns; with NORMAL or OFF nothing
    since the last checkpoint is safe (https://www.sqlite.org/pragma.html#pragma_synchronous). `within` a
    commit only what was synced before it is.
    """
    path = Path(ledger.execute("PRAGMA database_list").fetchone()[2])
    full = ledger.execute("PRAGMA synchronous").fetchone()[0] >= 2
    target = path.parent / AFTERWARDS
    target.mkdir(exist_ok=True)
    shutil.copy(path, target / path.name)
    log = path.with_name(path.name + "-wal")
    content = log.read_bytes() if log.exists() else b""
    safe = synced(content) if full else 0
    safe = safe if within is None else min(safe, within)
    unsafe = content[safe:]
    match dice.randrange(3):
        case 0:
            unsafe = b""
        case 1:
            unsafe = unsafe[: dice.randrange(len(unsafe) + 1)]
        case _:
            unsafe = dice.randbytes(len(unsafe))
    (target / log.name).write_bytes(content[:safe] + unsafe)


def synced(log: bytes) -> int:
    """Where the last committed frame of a write-ahead log ends (https://www.sqlite.org/fileformat2.html)."""
    if len(log) < _WAL_HEAD:
        return 0
    page = struct.unpack(">I", log[8:12])[0]
    salts, end = log[16:24], 0
    for start in range(_WAL_HEAD, len(log) - page - _FRAME_HEAD + 1, page + _FRAME_HEAD):
        if log[start + 8 : start + 16] != salts:
            break
        if struct.unpack(">I", log[start + 4 : start + 8])[0]:
            end = start + _FRAME_HEAD + page
    return end


def _synced_so_far(ledger: sqlite3.Connection | None) -> int | None:
    if ledger is None:
        return None
    log = Path(ledger.execute("PRAGMA database_list").fetchone()[2] + "-wal")
    return synced(log.read_bytes()) if log.exists() else 0


def watch_ledger(switch: Switch) -> None:
    writing: set[int] = set()
    do_commit = DefaultDialect.do_commit

    def commit(self: DefaultDialect, connection: Any) -> None:
        ours = id(connection.driver_connection if hasattr(connection, "driver_connection") else connection)
        if ours not in writing:
            do_commit(self, connection)
            return
        writing.discard(ours)
        switch.boundary("commit.before")
        if switch.cut.get("how") == "power":
            switch.safe = _synced_so_far(switch.ledger)
        do_commit(self, connection)
        switch.boundary("commit.torn")
        switch.safe = None
        switch.boundary("commit.after")

    @sa.event.listens_for(sa.Engine, "begin")
    def begin(connection: sa.Connection) -> None:
        if not connection.get_execution_options().get("immediate"):
            return
        driver = connection.connection.driver_connection
        writing.add(id(driver))
        if isinstance(driver, sqlite3.Connection):
            switch.ledger = driver

    DefaultDialect.do_commit = commit  # type: ignore[method-assign]


def watch_line(switch: Switch) -> None:
    line = urllib3.connection.HTTPConnection
    connect, request, send, getresponse = line.connect, line.request, line.send, line.getresponse
    read1 = urllib3.response.HTTPResponse.read1
    kind = ["read"]

    def watched_connect(self: Any) -> None:
        switch.boundary(f"{kind[0]}.connect")
        connect(self)
        switch.clock.tell(f"port {self.sock.getsockname()[1]}")

    def watched_request(self: Any, method: str, url: str, *rest: Any, **more: Any) -> None:
        kind[0] = "read" if method == "GET" else "media" if "/media" in url else "status"
        request(self, method, url, *rest, **more)
        switch.boundary(f"{kind[0]}.sent")

    def watched_send(self: Any, data: Any) -> None:
        switch.boundary(f"{kind[0]}.send")
        if isinstance(data, bytes | bytearray) and switch.passes(f"{kind[0]}.half"):
            half = len(data) // 2
            send(self, bytes(data)[:half])
            switch.end()
            data = bytes(data)[half:]
        send(self, data)

    def watched_getresponse(self: Any) -> Any:
        if self.sock is not None and _times_out(self.sock, switch.clock.line):
            raise TimeoutError("timed out")
        switch.boundary(f"{kind[0]}.answered")
        response = getresponse(self)
        switch.boundary(f"{kind[0]}.head")
        return response

    def watched_read1(self: Any, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        if switch.passes(f"{kind[0]}.part"):
            piece = read1(self, 1, decode_content)
            switch.end()
            return piece
        piece = read1(self, amt, decode_content)
        if not piece:
            switch.boundary(f"{kind[0]}.read")
        return piece

    line.connect, line.request, line.send = watched_connect, watched_request, watched_send  # type: ignore[method-assign]
    line.getresponse = watched_getresponse  # type: ignore[method-assign]
    urllib3.response.HTTPResponse.read1 = watched_read1  # type: ignore[method-assign]


def become_another_machine(name: str) -> None:
    """Another host name, hence another owner: nobody there can ask whether a process here lives."""
    platform.node = lambda: name


def _times_out(answer: socket.socket, line: socket.socket) -> bool:
    """Waits for the answer, or until the conductor says that it has taken too long."""
    ready, _, _ = select.select([answer, line], [], [])
    return answer not in ready and line.recv(1) == TIMEOUT


def run(spec: dict[str, Any], line: socket.socket, words: list[str]) -> int:
    """What the program does with these words, as its exit code."""
    clock = Clock(Path(spec["time"]), line)
    switch = Switch(spec, clock)
    watch_line(switch)
    watch_ledger(switch)
    random.seed(spec.get("seed", 0))  # by which the program spreads its retries
    if spec.get("host"):
        become_another_machine(spec["host"])
    for name in spec.get("sabotage", ()):
        from tests.chaos import sabotage

        getattr(sabotage, name)()
    from bridge.cli import main

    return main.run(words, clock=clock)


if __name__ == "__main__":
    asked = json.loads(os.environ["CHAOS"])
    sys.exit(run(asked, socket.socket(fileno=asked["line"]), sys.argv[1:]))
