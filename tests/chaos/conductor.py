"""Time for one run: it passes when everybody waits for it, and never otherwise.

The processes and the practice server share a clock that stands still while anyone works. A process that
sleeps says until when; a request that the server holds up (a slow commit) says for how long. When all of them
wait, the clock jumps to whatever comes first, and whoever it was goes on. So hours pass in milliseconds, the
order of events does not depend on the machine, and nothing is ever late because the machine is busy.
"""

from __future__ import annotations

import contextlib
import mmap
import socket
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bridge.sandbox.server import Sandbox
from bridge.sandbox.wire import Connection, Reply

TICK = 0.2  # seconds that a request takes
PATIENCE = 120.0  # real seconds, after which something is taken to hang
GO, TIMEOUT = b"g", b"t"  # what the conductor says
_MOMENT = struct.Struct("d")


class Stuck(AssertionError):
    """Somebody neither works nor waits."""


class Moment:
    """Seconds since the epoch, in a file that several processes map."""

    def __init__(self, path: Path, start: float | None = None) -> None:
        if start is not None:
            path.write_bytes(_MOMENT.pack(start))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _MOMENT.size)

    def get(self) -> float:
        return float(_MOMENT.unpack_from(self._map)[0])

    def set(self, moment: float) -> None:
        _MOMENT.pack_into(self._map, 0, moment)


@dataclass(eq=False, slots=True)
class Player:
    """A process, as far as time is concerned. `line` is the conductor's end of the line to it."""

    line: socket.socket
    wake: float | None = None  #: asleep until then
    paused: bool = False  #: stands at a boundary until it is told to go on
    ended: bool = False
    ports: set[int] = field(default_factory=set)  #: of its connections, open and past

    def say(self, word: bytes) -> None:
        with contextlib.suppress(OSError):  # it has ended meanwhile
            self.line.sendall(word)


@dataclass(eq=False, slots=True)
class _Hold:
    """A request that the server holds up: of the connection from that port, from then until then."""

    port: int
    since: float
    until: float
    given_up: bool = False  #: nobody waits for its answer any more
    over: bool = False


class Conductor:
    """The clock of a practice server and of the processes that speak to it."""

    def __init__(self, path: Path, start: float, *, timeout: float) -> None:
        self.path = path
        self.timeout = timeout  #: of the processes' requests
        self._moment = Moment(path, start)
        self._guard = threading.Condition()
        self._players: list[Player] = []
        self._holds: list[_Hold] = []
        self._accepted: set[int] = set()
        self._served: dict[int, int] = {}  # by thread: the port of the client whose connection it serves

    # -- the clock, as the practice server sees it

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._moment.get(), UTC)

    def advance(self, seconds: float) -> None:
        """With nobody at work: what the server holds up is carried out meanwhile."""
        with self._guard:
            until = self._moment.get() + seconds
            while (hold := self._first_hold()) is not None and hold.until <= until:
                self._finish(hold)
            self._moment.set(until)

    # -- the server

    def attend(self, server: Sandbox) -> None:
        """Know its connections, let each request take a moment, and decide how long one is held up."""
        listener, exchange = server._listener, server.exchange
        serve, answer = listener.process_request_thread, exchange.answer

        def served(request: Any, client: Any) -> None:
            thread = threading.get_ident()
            with self._guard:
                self._accepted.add(client[1])
                self._served[thread] = client[1]
                self._guard.notify_all()
            try:
                serve(request, client)
            finally:
                with self._guard:
                    del self._served[thread]
                    self._guard.notify_all()

        def answered(connection: Connection) -> Reply:
            self.advance(TICK)
            return answer(connection)

        listener.process_request_thread = served  # type: ignore[method-assign]
        exchange.answer = answered  # type: ignore[method-assign]
        exchange.pause = self.hold_up
        exchange.lock_seconds = 0.05  # for two requests with one key: whoever waits for the other is told so

    def hold_up(self, seconds: float) -> None:
        """In the thread that carries out a request: until its time has come."""
        with self._guard:
            now = self._moment.get()
            hold = _Hold(port=self._served[threading.get_ident()], since=now, until=now + seconds)
            self._holds.append(hold)
            self._turn()
            self._await(lambda: hold.over)

    # -- the processes

    def admit(self, line: socket.socket) -> Player:
        player = Player(line=line)
        with self._guard:
            self._players.append(player)
        threading.Thread(target=self._listen, args=(player,), daemon=True).start()
        return player

    def is_paused(self, player: Player) -> bool:
        """Waits until the process stands at its boundary, or has ended."""
        with self._guard:
            self._await(lambda: player.paused or player.ended)
            return player.paused

    def first_ended(self, players: Sequence[Player]) -> int:
        """Waits for one of them: time stands still until it has left."""
        with self._guard:
            self._await(lambda: any(player.ended for player in players))
            return next(number for number, player in enumerate(players) if player.ended)

    def resume(self, player: Player) -> None:
        with self._guard:
            player.paused = False
            player.say(GO)

    def leave(self, player: Player) -> None:
        """After its end: until the server has done what it was still asked for, or holds it up."""
        with self._guard:
            self._await(lambda: player.ended)
            self._await(lambda: player.ports <= self._accepted)
            held = lambda: {hold.port for hold in self._holds}  # noqa: E731
            self._await(lambda: not player.ports & set(self._served.values()) - held())
            self._players.remove(player)
            player.line.close()
            self._turn()

    def _listen(self, player: Player) -> None:
        with contextlib.suppress(OSError), player.line.makefile() as words:
            for word in words:
                with self._guard:
                    self._heard(player, *word.split())
        with self._guard:
            player.ended = True
            self._guard.notify_all()

    def _heard(self, player: Player, word: str, value: str = "") -> None:
        match word:
            case "sleep":
                player.wake = self._moment.get() + float(value)
            case "port":
                player.ports.add(int(value))
            case "pause":
                player.paused = True
        self._turn()
        self._guard.notify_all()

    # -- whose turn it is

    def _turn(self) -> None:
        """While everybody waits: the first whose time comes goes on."""
        while self._players and all(map(self._waits, self._players)):
            hold = self._first_hold()
            sleeper = min((p for p in self._players if p.wake is not None), key=_wake, default=None)
            if hold is not None and (sleeper is None or self._next(hold) <= _wake(sleeper)):
                self._finish(hold) if self._next(hold) == hold.until else self._give_up(hold)
            elif sleeper is not None:
                self._moment.set(max(self._moment.get(), _wake(sleeper)))
                sleeper.wake = None
                sleeper.say(GO)
            else:
                return  # all stand at a boundary: it is for the run to say who goes on

    def _waits(self, player: Player) -> bool:
        held = any(hold.port in player.ports and not hold.given_up for hold in self._holds)
        return not player.ended and (player.wake is not None or player.paused or held)

    def _first_hold(self) -> _Hold | None:
        return min(self._holds, key=self._next, default=None)

    def _next(self, hold: _Hold) -> float:
        """When something happens to it: it is carried out, or its client will wait no longer."""
        owned = any(hold.port in player.ports for player in self._players)
        return hold.until if hold.given_up or not owned else min(hold.until, hold.since + self.timeout)

    def _give_up(self, hold: _Hold) -> None:
        self._moment.set(max(self._moment.get(), hold.since + self.timeout))
        hold.given_up = True
        for player in self._players:
            if hold.port in player.ports:
                player.say(TIMEOUT)

    def _finish(self, hold: _Hold) -> None:
        """And wait until it is carried out, unless there is a process that waits for that by itself."""
        self._moment.set(max(self._moment.get(), hold.until))
        self._holds.remove(hold)
        hold.over = True
        self._guard.notify_all()
        ours = self._served.get(threading.get_ident()) == hold.port
        owned = not hold.given_up and any(hold.port in player.ports for player in self._players)
        if not ours and not owned:
            later = lambda: any(other.port == hold.port for other in self._holds)  # noqa: E731
            self._await(lambda: hold.port not in self._served.values() or later())

    def _await(self, true: Callable[[], bool]) -> None:
        if not self._guard.wait_for(true, PATIENCE):
            raise Stuck("Neither the process nor the server goes on.")


def _wake(player: Player) -> float:
    assert player.wake is not None
    return player.wake


class Clock:
    """The conductor's time as a process sees it; the engine sleeps by it."""

    def __init__(self, path: Path, line: socket.socket) -> None:
        self._moment = Moment(path)
        self.line = line

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._moment.get(), UTC)

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.tell(f"sleep {seconds!r}")
            self.hear()

    def tell(self, words: str) -> None:
        self.line.sendall(f"{words}\n".encode())

    def hear(self) -> bytes:
        """GO or TIMEOUT; without a conductor nothing is left to live for."""
        return self.line.recv(1) or sys.exit(1)
