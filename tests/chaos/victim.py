"""The program itself, with a hand on the switch: `python -m tests.chaos.victim publish --yes ...`.

It runs the same command line as `python -m bridge`. Between the steps of every exchange with the server and
around every commit of the ledger it counts; at the one that `CHAOS` names it ends itself, by SIGKILL, with no
handler run and nothing tidied up. None of this is in the program.

| boundary | the moment |
|---|---|
| `commit.before`, `commit.after` | around a commit of the ledger that writes |
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
import sqlite3
import struct
import sys
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import urllib3.connection
import urllib3.response
from sqlalchemy.engine.default import DefaultDialect

from bridge.cli.timelapse import TimeLapse

AFTERWARDS = "after-power-loss"
_FRAME_HEAD = 24
_WAL_HEAD = 32


class Switch:
    """Counts boundaries; ends the process at the one that was asked for."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.cut: dict[str, Any] = spec.get("cut") or {}
        self.trace = spec.get("trace")
        self.seen = 0
        self.named: dict[str, int] = {}
        self.ledger: sqlite3.Connection | None = None

    def boundary(self, name: str) -> None:
        if self.passes(name):
            self.end()

    def passes(self, name: str) -> bool:
        """Counts; True when this is the one."""
        self.seen += 1
        self.named[name] = self.named.get(name, 0) + 1
        if self.trace:
            with Path(self.trace).open("a") as trace:
                trace.write(f"{name}\n")
        if "at" in self.cut:
            return bool(self.seen == self.cut["at"])
        return bool(name == self.cut.get("name") and self.named[name] == self.cut["nth"])

    def end(self) -> None:
        how = self.cut.get("how", "kill")
        if how == "power" and self.ledger is not None:
            lose_power(self.ledger, random.Random(self.cut.get("seed", 0)))
        os.kill(os.getpid(), signal.SIGSTOP if how == "stop" else signal.SIGKILL)


def lose_power(ledger: sqlite3.Connection, dice: random.Random) -> None:
    """Copies what a disk would hold: all that SQLite has synced, and of the rest nothing, a part, or rubbish.

    In WAL mode with synchronous=FULL every commit syncs the log before it returns; with NORMAL or OFF nothing
    since the last checkpoint is safe (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """
    path = Path(ledger.execute("PRAGMA database_list").fetchone()[2])
    full = ledger.execute("PRAGMA synchronous").fetchone()[0] >= 2
    target = path.parent / AFTERWARDS
    target.mkdir(exist_ok=True)
    shutil.copy(path, target / path.name)
    log = path.with_name(path.name + "-wal")
    content = log.read_bytes() if log.exists() else b""
    safe = synced(content) if full else 0
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
        do_commit(self, connection)
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

    def watched_request(self: Any, method: str, url: str, *rest: Any, **more: Any) -> None:
        kind[0] = "read" if method == "GET" else "media" if "/media" in url else "status"
        request(self, method, url, *rest, **more)
        switch.boundary(f"{kind[0]}.sent")

    def watched_send(self: Any, data: Any) -> None:
        switch.boundary(f"{kind[0]}.send")
        if isinstance(data, bytes | bytearray) and switch.passes(f"{kind[0]}.half"):
            send(self, bytes(data)[: len(data) // 2])
            switch.end()
        send(self, data)

    def watched_getresponse(self: Any) -> Any:
        if self.sock is not None and switch.cut:
            select.select([self.sock], [], [], 2.0)
        switch.boundary(f"{kind[0]}.answered")
        response = getresponse(self)
        switch.boundary(f"{kind[0]}.head")
        return response

    def watched_read1(self: Any, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        if switch.passes(f"{kind[0]}.part"):
            read1(self, 1, decode_content)
            switch.end()
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


def main() -> int:
    spec = json.loads(os.environ["CHAOS"])
    switch = Switch(spec)
    watch_line(switch)
    watch_ledger(switch)
    if spec.get("host"):
        become_another_machine(spec["host"])
    for name in spec.get("sabotage", ()):
        from tests.chaos import sabotage

        getattr(sabotage, name)()
    from bridge.cli.main import run

    clock = TimeLapse(spec.get("start", time.time()), speed=spec.get("speed", 1.0))
    code = run(sys.argv[1:], clock=clock)
    if spec.get("counted"):
        Path(spec["counted"]).write_text(str(switch.seen))
    return code


if __name__ == "__main__":
    sys.exit(main())
