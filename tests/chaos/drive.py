"""One run: a practice server, a ledger, and the program, started again until it is done."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bridge.config.credentials import Credential, save_credentials
from bridge.sandbox.rules.faults import FaultKind
from bridge.sandbox.rules.profiles import Profile
from bridge.sandbox.server import Sandbox
from tests import postgresql
from tests.chaos.archives import Invented, invent
from tests.chaos.conductor import Conductor, Player
from tests.chaos.oracle import Evidence, Verdict, judge, read_rows
from tests.chaos.scenarios import MEDIA, POST, Cut, Mode, Scenario
from tests.chaos.starting import Ended, Started, environment, run
from tests.chaos.victim import AFTERWARDS

STARTS = 40  # of the program, until a run counts as never ending
START = 1_770_000_000.0  # epoch seconds: when each run begins, be it where it may in the server's windows
GRACE, TIMEOUT, LEASE = 150.0, 120.0, 600.0  # the program's own
HOSTS = ("north", "south")
_GOES_ON = frozenset({5, 7})  # the server was out of reach; somebody else is at work
_NO_WORD = 255  # what multiprocessing says when nobody told it how a process has ended
_AGAIN = 2
PAUSE = 200.0  # until whoever was told to come back does
_FRESH = 8  # one start of so many is a new interpreter's
_SENT = frozenset({"status.answered", "status.head", "status.part", "status.read"})
SECRETIVE = frozenset({"takahe", "snac"})  # do not show followers-only posts to programs (rules §8)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of a scenario, in figures and sentences."""

    scenario: Scenario
    verdict: Verdict = field(default_factory=Verdict)
    faults: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    statuses: int = 0
    excluded: int = 0  #: a second process that was told to wait
    seconds: float = 0.0
    said: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return self.verdict.good

    def __str__(self) -> str:
        return "\n".join((str(self.scenario), *self.verdict.faults, *self.said[-12:]))


class Untold(Exception):
    """How a process has ended is not known: that says nothing of the program."""


class Trap:
    """Another host: whoever connects has been led astray, token and all."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.caught = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.caught += 1
            connection.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # ends the wait for a connection
        self._socket.close()


class Campaign:
    """What the runs have in common: archives, ledgers that have read them, a database server. Thread-safe."""

    def __init__(self, folder: Path, database: postgresql.Server | None = None) -> None:
        self.folder = folder
        self.database = database
        self._archives: dict[str, tuple[Invented, Path]] = {}
        self._templates: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._guard = threading.RLock()

    def archive(self, scenario: Scenario) -> tuple[Invented, Path]:
        """It, and a ledger that has read it."""
        only_media = scenario.profile == "pixelfed"
        name = f"{scenario.archive}{'_album' if only_media else ''}"
        with self._guard:
            if name not in self._archives:
                made = invent(scenario.archive, self.folder, only_media=only_media)
                home = self.folder / f"home-{name}"
                home.mkdir()
                _import(made.path, home, {})
                self._archives[name] = made, home / "ledger.db"
            return self._archives[name]

    @contextmanager
    def postgresql(self, made: Invented) -> Iterator[str]:
        """A database that has read the archive."""
        assert self.database is not None
        archive = made.path.stem.replace("-", "_")
        with self._guard:
            if archive not in self._templates:
                name = f"template_{archive}_{os.getpid()}"
                self.database.run(f"CREATE DATABASE {name} TEMPLATE template0")
                self._templates[archive] = name
                _import(made.path, self.folder, {"PASSERELLE_LEDGER__URL": self.database.url(name)})
            name = f"run_{os.getpid()}_{next(self._numbers)}"
            self.database.run(f"CREATE DATABASE {name} TEMPLATE {self._templates[archive]}")
        try:
            yield self.database.url(name)
        finally:
            self.database.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, scenario: Scenario) -> Outcome:
        """Anew, where a process could not even be started."""
        for _ in range(_AGAIN):
            try:
                return self._run(scenario)
            except Untold:
                continue
        return self._run(scenario)

    def _run(self, scenario: Scenario) -> Outcome:
        if scenario.postgresql and self.database is None:
            scenario = replace(scenario, postgresql=False)
            if scenario.mode is Mode.MACHINES:
                scenario = replace(scenario, mode=Mode.TWO)
        made, ledger = self.archive(scenario)
        home = self.folder / f"run-{next(self._numbers)}"
        home.mkdir()
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, home, ignore_errors=True)
            if scenario.postgresql:
                url = stack.enter_context(self.postgresql(made))
            else:
                shutil.copy(ledger, home / "ledger.db")
                url = f"sqlite:///{home / 'ledger.db'}"
            trap = Trap()
            stack.callback(trap.close)
            conductor = Conductor(home / "time", START + 997.0 * scenario.seed, timeout=TIMEOUT)
            server = Sandbox(
                profile=scenario.profile, version=scenario.version, clock=conductor, seed=scenario.seed
            )
            if scenario.mode is Mode.LIMITS:
                server.application.profile = tight(server.profile)
            conductor.attend(server)
            stack.enter_context(server)
            return _Run(scenario, made, server, trap, home, url, conductor).work()


def tight(profile: Profile) -> Profile:
    """Windows of a fiftieth: the server allows less than the program believes, and says so with 429."""
    less = tuple(replace(each, limit=max(each.limit // 50, 4)) for each in profile.throttles)
    family = profile.statuses
    few = replace(family, limit=max(family.limit // 50, 4)) if family is not None else None
    return replace(profile, throttles=less, statuses=few)


@dataclass(slots=True, kw_only=True)
class _Process:
    started: Started
    player: Player
    cut: Cut | None


class _Run:
    def __init__(
        self,
        scenario: Scenario,
        made: Invented,
        server: Sandbox,
        trap: Trap,
        home: Path,
        url: str,
        conductor: Conductor,
    ) -> None:
        self.scenario, self.made, self.server, self.trap = scenario, made, server, trap
        self.home, self.url, self.conductor = home, url, conductor
        self.dice = random.Random(f"run {scenario.seed}")
        self.outcome = Outcome(scenario=scenario)
        self.wrong: list[str] = []
        account = f"@practice@{server.base_url.removeprefix('http://')}"
        credential = Credential(account=account, server=server.base_url, token=server.token)
        save_credentials(home / "credentials.toml", {account: credential})

    def work(self) -> Outcome:
        began = time.monotonic()
        for fault in self.scenario.faults:
            self.server.faults.add(replace(fault, to=self.trap.url))
        if self.scenario.mode in {Mode.ALONE, Mode.LIMITS}:
            self._alone()
        else:
            self._together()
        self.conductor.advance(TIMEOUT + GRACE)  # whatever is still under way arrives
        self._judge()
        self.outcome.seconds = time.monotonic() - began
        return self.outcome

    # -- the ways in which the program is started

    def _alone(self) -> None:
        cuts = list(self.scenario.cuts)
        for number in range(STARTS):
            if number == 1 or (number == 0 and not cuts):
                self._delete_some()
            if self._ended(self._start(cuts.pop(0) if cuts else None)):
                return
        self.wrong.append(f"it is not done after {STARTS} starts")

    def _together(self) -> None:
        """Two at a time, until one of them, alone again, finds everything done."""
        cuts = list(self.scenario.cuts)
        hosts = HOSTS if self.scenario.mode is Mode.MACHINES else (None, None)
        for number in range(STARTS // 2):
            if number == 1:
                self._delete_some()
            if self.scenario.mode is Mode.RACE:
                pair = [self._start(cuts.pop(0) if cuts else None, host=host) for host in hosts]
                done = []
                while pair:
                    first = self.conductor.first_ended([process.player for process in pair])
                    done.append(self._ended(pair.pop(first)))
            else:
                done = self._beside(cuts[0] if cuts else None, *hosts)
                if cuts and (len(done) > 1 or any(done)) and cuts.pop(0).dies:
                    hosts = hosts[::-1]  # the other one goes on; it has to wait for the lease of the dead
            if any(done) and not cuts and self._ended(self._start(None, host=hosts[0])):
                return
        self.wrong.append(f"two processes are not done after {STARTS // 2} rounds")

    def _beside(self, cut: Cut | None, one: str | None, other: str | None) -> list[bool]:
        """The first stands still while the second has its try; then it is killed, or goes on."""
        first = self._start(cut, host=one, how="pause")
        if not self.conductor.is_paused(first.player):
            return [self._ended(first)]
        assert cut is not None
        if self.scenario.mode is Mode.MACHINES and cut.name in _SENT and self.dice.random() < 0.5:
            self.conductor.advance(LEASE + 1)  # a machine that slept: its place is another's by now
        done = self._ended(self._start(None, host=other))
        if cut.dies:
            first.started.kill()
        else:
            self.conductor.resume(first.player)
        return [done, self._ended(first)]

    def _start(self, cut: Cut | None, *, host: str | None = None, how: str = "kill") -> _Process:
        self.outcome.starts += 1
        spec: dict[str, Any] = {"time": str(self.conductor.path), "host": host, "seed": self.scenario.seed}
        if cut is not None:
            how = "power" if cut.power else how
            spec["cut"] = cut.spec | {"how": how, "seed": self.dice.randrange(10**6)}
        spec["sabotage"] = self.scenario.sabotage
        spec["words"] = self._options()
        folder = self.home / f"start-{self.outcome.starts}"
        folder.mkdir()
        fresh = self.dice.randrange(_FRESH) == 0
        started = Started(spec, self._environment(), folder, fresh=fresh)
        return _Process(started=started, player=self.conductor.admit(started.line), cut=cut)

    def _environment(self) -> dict[str, str]:
        grace = self.scenario.grace
        return environment(self.home, self.url) | {
            "PASSERELLE_PUBLISH__GRACE": str(round(GRACE if grace is None else grace)),
            "PASSERELLE_RENDER__VISIBILITY": self.scenario.visibility,
            "PASSERELLE_RENDER__DATE_STAMP": "auto" if self.scenario.dated else "none",
        }

    def _ended(self, process: _Process) -> bool:
        """Waits for it; True when nothing is left to be done."""
        ended = process.started.end()
        self.conductor.leave(process.player)
        return self._understood(ended, process.cut)

    def _understood(self, ended: Ended, cut: Cut | None) -> bool:
        code, out, err = ended.code, ended.out, ended.err
        if code == _NO_WORD:
            raise Untold
        self.outcome.said.append(f"exit {code} {out.strip()[-300:]}")
        if code == -signal.SIGKILL:
            assert cut is not None
            self._cut_down(cut)
            return False
        if code == 7:
            self.outcome.excluded += 1
        if code in _GOES_ON or (code in self._also_goes_on()) or '"code": "WIDER"' in out:
            self.conductor.advance(PAUSE)
            return False
        if code not in {0, 3}:
            self.wrong.append(f"exit {code}: {out.strip()[-400:]} {err.strip()[-400:]}")
            return True
        data = json.loads(out)["data"]
        if code == 0 and (data["failed"] or data["unknown"] or data["remaining"]):
            self.wrong.append(f"exit 0, but {data}")
        if data["unknown"]:
            self.wrong.append(f"it ended with an unknown outcome: {data}")
        return True

    def _also_goes_on(self) -> set[int]:
        kinds = self.scenario.kinds
        codes = set()
        if kinds & {FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN}:
            codes.add(4)
        return codes

    def _options(self) -> list[str]:
        """Somebody looked after a post that came out wider, and goes on."""
        return ["--try-again"] if FaultKind.WIDER in self.scenario.kinds else []

    def _cut_down(self, cut: Cut) -> None:
        where = cut.name or "a boundary by number"
        self.outcome.kills[where] += 1
        copied = self.home / AFTERWARDS
        if cut.power and copied.exists():
            self.outcome.kills["power loss"] += 1
            self.outcome.kills[where] -= 1
            for left in self.home.glob("ledger.db*"):
                left.unlink()
            for file in copied.iterdir():
                shutil.move(file, self.home / file.name)
            copied.rmdir()

    def _delete_some(self) -> None:
        """The owner deletes some of what is there already."""
        there = list(self.server.state.statuses)
        for status in self.dice.sample(there, min(self.scenario.deletions, len(there))):
            self._delete(status.id)

    def _delete(self, status_id: str) -> None:
        from bridge.sandbox.rules import statuses

        exchange = self.server.exchange
        with exchange.lock:
            world = exchange.application.world
            if status_id in world.statuses:
                statuses.remove(self.server._context(), world.statuses[status_id])
                exchange.storage.save(world.take_changes(), {})
        self.outcome.faults["deleted by its owner"] += 1

    # -- what came of it

    def _judge(self) -> None:
        history = self.server.faults.history
        self.outcome.faults.update(kind.value for kind, _ in history)
        rows = read_rows(self.url)
        statuses = self.server.state.statuses
        there = {status.id for status in statuses}
        gone = frozenset(row.remote_id for row in rows if row.remote_id and row.remote_id not in there)
        struck = Counter(kind for kind, on in history if on == POST)
        # What is missing must have been deleted, or never stored: as many, and not one more.
        deletions = self.outcome.faults["deleted by its owner"] + struck[FaultKind.OWNER_DELETES]
        excused = gone if len(gone) <= deletions + struck[FaultKind.GHOST] else frozenset()
        verdict = judge(
            Evidence(
                carried=self.made.carried,
                rows=rows,
                statuses=statuses,
                gone=excused,
                struck=struck,
                on_media=Counter(kind for kind, on in history if on.startswith(MEDIA[:8]) and "/media" in on),
                notices=len(self.server.state.notices),
                hides_private=self.server.profile.name in SECRETIVE,
                needs_media=self.server.profile.needs_media,
                visibility=self.scenario.visibility,
            )
        )
        if self.trap.caught:
            self.wrong.append(f"{self.trap.caught} connections went to another host")
        self.outcome.statuses = len(statuses)
        self.outcome.verdict = replace(verdict, faults=(*verdict.faults, *self.wrong))


def _import(path: Path, home: Path, more: dict[str, str]) -> None:
    run(["import", str(path)], environment(home, "") | more)
