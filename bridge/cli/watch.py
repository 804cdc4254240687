"""`watch`: mirror what is written from now on, day and night, and drain the back catalogue in between."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.meeting import clock_of
from bridge.cli.options import command
from bridge.cli.output import Output, Usage
from bridge.cli.stopping import StopSignal, interrupted, stopping
from bridge.cli.systemd import PRIORITIES, in_journal
from bridge.cli.tables import local, number, statuses
from bridge.errors import BridgeError, counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.cli.mirroring import Mirrors
    from bridge.engine.bench import Bench, Threads
    from bridge.engine.clock import Clock
    from bridge.worker import Voice, Worker

_READERS, _TENDERS = 8, 6  # threads: so many sources and accounts may be slow at once

Named = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="MIRROR",
        help="Names of [mirrors.NAME] in the settings; all of them when none is given.",
        show_default=False,
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="now|last|DATE",
        help="Where a mirror begins that never ran: with what is written from now on, after the newest post"
        " that is known, or at a date. Remembered.",
        show_default=False,
    ),
]


def declare(app: typer.Typer) -> None:
    command(app)(watch)


def watch(
    output: Output,
    mirrors: Named = None,
    begin: From = None,
    once: Annotated[
        bool, typer.Option("--once", help="One round of everything, then end: for cron.")
    ] = False,
    metrics_addr: Annotated[
        str | None,
        typer.Option(
            "--metrics-addr",
            metavar="HOST:PORT",
            help="Serve /metrics (Prometheus), /healthz, /readyz there; a port alone: to this machine only.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Mirror new posts as they are written; any number of mirrors, one process. Ctrl-C is safe."""
    from bridge.app import open_app

    with stopping(output) as stop:
        options = {"watch": {"metrics_addr": metrics_addr}} if metrics_addr else {}
        app = open_app(output.home, output.config, options)
        return _Watch(output, app, stop, mirrors or (), options).work(_beginning(begin), once=once)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """`--from`: a word, or an instant."""

    word: str
    at: datetime | None = None


def _beginning(text: str | None) -> _Beginning | None:
    if text is None or text in ("now", "last"):
        return _Beginning(text) if text else None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Usage(f"--from {text}: it is now, last, or a date such as 2024-01-31.") from None
    return _Beginning(text, at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))


class _Watch:
    """From the settings to the exit code; again from the settings when SIGHUP says so."""

    def __init__(
        self, output: Output, app: App, stop: StopSignal, named: Sequence[str], options: Mapping[str, Any]
    ) -> None:
        from bridge.cli.operating import Operation

        self.output, self.app, self.stop, self.named, self.options = output, app, stop, named, options
        self.clock: Clock = clock_of(output)
        self.bench = _bench()
        self.voice: Voice = _Lines(output, self.clock)
        self.operation = Operation(self.clock, self.voice)
        self.reload = False
        self.begin: _Beginning | None = None

    def work(self, begin: _Beginning | None, *, once: bool) -> int:
        from bridge import __version__

        self.begin = begin
        try:
            mirrors = self._mirrors(self.app)
            begin_all(self.output, mirrors, begin, self.clock.now())
            self.operation.adopt(self.operation.prepare(mirrors, serve=not once))
            runs = self.app.ledger.runs
            run = runs.start("watch", version=__version__, config_digest=None, now=self.clock.now())
            mirrors.run = run
            try:
                return self._once(mirrors) if once else self._for_good(mirrors)
            finally:
                self.operation.finish()
                self.app.ledger.runs.finish(run, now=self.clock.now(), outcome=self._outcome())
        finally:
            self.app.close()

    def _mirrors(self, app: App) -> Mirrors:
        from bridge.cli.mirroring import Mirrors

        heard = self.operation.pulse.heard
        mirrors = Mirrors(app=app, clock=self.clock, voice=self.voice, stop=self.stop, heard=heard)
        mirrors.open(self.named)
        return mirrors

    def _worker(self, mirrors: Mirrors, bench: Bench) -> Worker:
        from bridge.ledger.owner import this_process
        from bridge.worker import Worker

        owner = this_process()
        worker = Worker(mirrors, self.clock, bench, owner=owner, voice=self.voice, run=mirrors.run)
        worker.observer = self.operation.observer()
        return worker

    def _once(self, mirrors: Mirrors) -> int:
        worker = self._worker(mirrors, self.bench)
        try:
            worker.once(self.stop)
        finally:
            worker.release()
        if self.stop():
            return self._stopped()
        return self._end(mirrors, worker)

    def _for_good(self, mirrors: Mirrors) -> int:
        worker = self._worker(mirrors, self.bench)
        many = sum(len(desk.routes) for desk in mirrors.desks.values())
        self.voice(f"Watching: {counted(many, 'mirror')}.", level="info")
        self.operation.notifier.tell("READY=1", f"STATUS=Watching: {counted(many, 'mirror')}")
        with self._hangups():
            while not self.stop():
                worker.run(lambda: self.stop() or self.reload, self.operation.beat)
                if self.reload and not self.stop():
                    worker = self._reloaded(worker)
        self.operation.notifier.tell("STOPPING=1")
        worker.release()
        return self._stopped()

    def _reloaded(self, worker: Worker) -> Worker:
        """With the settings as they are now; with those of before when these do not hold."""
        from bridge.app import open_app

        self.reload = False
        self.operation.notifier.reloading()
        fresh: App | None = None
        try:
            fresh = open_app(self.output.home, self.output.config, self.options)
            mirrors = self._mirrors(fresh)
            begin_all(self.output, mirrors, self.begin, self.clock.now())
            ready = self.operation.prepare(mirrors)
        except BridgeError as error:
            if fresh is not None:
                fresh.close()
            self.operation.refused()
            self.voice(f"The settings were not taken over, those of before hold on: {error}", level="error")
        else:
            assert isinstance(worker.house, type(mirrors))
            mirrors.run = worker.house.run
            self.operation.adopt(ready)
            bench = _bench()
            following = self._worker(mirrors, bench)
            following.take_over(worker.holds)
            self.bench.close()
            self.app.close()
            self.app, self.bench, worker = fresh, bench, following
            self.voice("The settings were read anew.", level="info")
        self.operation.notifier.tell("READY=1")
        return worker

    @contextmanager
    def _hangups(self) -> Iterator[None]:
        if not hasattr(signal, "SIGHUP"):  # nobody can hang up here
            yield
            return

        def heard(_number: int, _frame: object) -> None:
            self.reload = True

        before = signal.signal(signal.SIGHUP, heard)
        try:
            yield
        finally:
            signal.signal(signal.SIGHUP, before)

    def _outcome(self) -> str:
        return "signal" if self.stop() else "done"

    def _stopped(self) -> int:
        if self.output.json:
            return self.output.fail(interrupted(self.stop.exit_code))
        return self.stop.exit_code

    def _end(self, mirrors: Mirrors, worker: Worker) -> int:
        """Of one round: the gravest of what went wrong says how it ends."""
        from bridge.publications import State

        counted_, queue = worker.counted, mirrors.ledger.queue
        counts = [queue.counts(account) for account in mirrors.desks]
        document: dict[str, Any] = {
            "run": str(mirrors.run),
            "read": counted_.read,
            "published": counted_.published,
            "edited": counted_.edited,
            "withdrawn": counted_.withdrawn,
            "failed": sum(each[State.FAILED] for each in counts),
            "unknown": sum(queue.unknown_count(account) for account in mirrors.desks),
            "remaining": sum(each[State.APPROVED] for each in counts),
            "problems": {
                name: {"code": e.code, "message": e.message} for name, e in counted_.problems.items()
            },
        }
        self.output.data(document)
        self.output.show(
            f"Read {counted(counted_.read, 'new post')}; published {statuses(counted_.published)};"
            f" {number(document['remaining'])} left."
        )
        codes = [error.exit_code for error in counted_.problems.values()]
        if document["failed"] or document["unknown"]:
            codes.append(3)
        return min(codes, key=_GRAVEST.index, default=0)


_GRAVEST = [2, 4, 9, 3, 6, 7, 1, 8, 5]


class _Lines:
    """A line for each event, with its time, on standard error."""

    def __init__(self, output: Output, clock: Clock) -> None:
        self._output, self._clock = output, clock
        self._journal = output.log_format == "text" and in_journal()
        self._stamped = output.log_format == "text" and not self._journal

    def __call__(self, text: str, *, level: str = "info", **facts: object) -> None:
        if self._output.quiet and level == "info":
            return
        head = f"{self._clock.now().astimezone():%Y-%m-%d %H:%M:%S} " if self._stamped else ""
        head = f"<{PRIORITIES[level]}>" if self._journal else head
        mark = f"{level}: " if level != "info" and self._output.log_format == "text" else ""
        self._output.remark(f"{head}{mark}{text}", level=level, **facts)


def begin_all(output: Output, mirrors: Mirrors, begin: _Beginning | None, now: datetime) -> None:
    """Each mirror begins somewhere, once; asks where, or names the option that says so."""
    from bridge.engine import beginning

    for desk in mirrors.desks.values():
        for route in desk.routes:
            for source in route.accounts:
                if beginning.begun(mirrors.ledger, source, route.destination) is None:
                    said = begin or _asked(output, route.mirror)
                    last = beginning.after_last(mirrors.ledger, source, now)
                    since = said.at or (last if said.word == "last" else now)
                    started = beginning.Beginning(since=since, at=now)
                    beginning.begin(mirrors.ledger, source, route.destination, started)
                    output.say(f"{route.mirror}: mirrors what is written from {local(since)} on.")


def _asked(output: Output, mirror: str) -> _Beginning:
    question = f"Where shall the mirror {mirror} begin: now, last (after the newest known post) or a date"
    found = _beginning(output.ask(question, option="--from", default="now"))
    return found or _Beginning("now")


def _bench() -> Threads:
    from bridge.engine.bench import LOOKING, READING, TENDING, Threads

    return Threads({READING: _READERS, TENDING: _TENDERS, LOOKING: 1})
