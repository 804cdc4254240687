"""One run of a command that changes what stands on an account: from the account to how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from bridge.cli.meeting import clock_of, ports, terms
from bridge.cli.output import Output
from bridge.cli.stopping import interrupted, stopping
from bridge.cli.watching import watching
from bridge.errors import NetworkError, Unauthorized

if TYPE_CHECKING:
    from bridge.app import Account, App
    from bridge.engine.terms import Ports, Terms
    from bridge.ledger.rows import Hold
    from bridge.publishers.mastodon import MastodonPublisher


class Ended(Protocol):
    """What became of it, as far as all commands have it in common."""

    @property
    def stopped(self) -> str | None: ...
    @property
    def problem(self) -> str | None: ...


E = TypeVar("E", bound=Ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How the work is told while it goes on, as `watching` wants it."""

    doing: str
    left: int
    finish: Callable[[int], datetime | None]


class Work:
    def __init__(self, app: App, output: Output, to: str | None) -> None:
        self.app = app
        self.output = output
        self.clock = clock_of(output)
        self.now = self.clock.now
        self.account: Account = app.account(to)
        self.queue = app.ledger.queue

    def carried_out(
        self,
        command: str,
        publisher: MastodonPublisher,
        shown: Shown,
        do: Callable[[Ports, Terms, Hold], E],
    ) -> tuple[int, E, int]:
        """(number of the run, what became of it, exit code of the signal that ended it, if one did)."""
        from bridge import __version__

        runs, outcome = self.app.ledger.runs, "failed"
        run = runs.start(command, version=__version__, config_digest=None, now=self.now())
        try:
            done, code = self._done(publisher, shown, run, do)
            outcome = done.stopped or "done"
        finally:
            runs.finish(run, now=self.now(), outcome=outcome)
        return run, done, code

    def _done(
        self, publisher: MastodonPublisher, shown: Shown, run: int, do: Callable[[Ports, Terms, Hold], E]
    ) -> tuple[E, int]:
        agreed = terms(self.app, self.account)
        with (
            self.held(agreed) as hold,
            stopping(self.output) as stop,
            watching(self.output, doing=shown.doing, left=shown.left, finish=shown.finish) as watcher,
        ):
            given = ports(self.app, publisher, self.clock, watcher=watcher, stop=stop, run=run)
            return do(given, agreed, hold), stop.exit_code

    @contextmanager
    def held(self, agreed: Terms) -> Iterator[Hold]:
        """Nobody publishes there meanwhile."""
        from bridge.ledger.owner import this_process

        hold = self.queue.hold(self.account.id, owner=this_process(), now=self.now(), seconds=agreed.lease)
        try:
            yield hold
        finally:
            self.queue.release(hold)

    def check(self, done: Ended, *, again: str, left: str) -> None:
        """Raises what ends the command: Unauthorized, or NetworkError with what is `left`."""
        if done.stopped == "auth":
            self.queue.pause(self.account.id, done.problem)
            raise Unauthorized(
                done.problem or f"{self.account.id} is not accepted any more.",
                hint=f"Run `passerelle login {self.account.credential.server}`, then {again}.",
            )
        if done.stopped == "temporary":
            raise NetworkError(
                done.problem or "The server cannot be reached.", hint=f"{left}; run the same command later."
            )

    def stopped_by_signal(self, code: int, remark: str) -> int:
        self.output.remark(remark)
        return self.output.fail(interrupted(code)) if self.output.json else code
