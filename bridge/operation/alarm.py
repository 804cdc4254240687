"""What the loop sees that is worth a person's while: written into the ledger as it begins and ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.engine.bench import said
from bridge.engine.tend import News, Tended
from bridge.errors import Barred, BridgeError, Locked, NetworkError, Spent, Unauthorized
from bridge.ledger import Ledger

LOGIN, BUDGET, SOURCE, SERVER, FAILURES, STOPPED, DIGEST = (
    "login", "budget", "source", "server", "failures", "stopped", "digest",
)  # fmt: skip
_AT_ONCE = timedelta()
_MAY_PASS = timedelta(minutes=30)  # a database that is locked, a disk that is full for a moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """`dead`: how long a source or a server may be silent; `failures`: statuses refused in a row."""

    dead: timedelta = timedelta(hours=6)
    failures: int = 5


class Alarm:
    """Implements `Observer`. Knows which incidents stand: a loop in which all is well writes nothing."""

    def __init__(
        self, ledger: Ledger, now: Callable[[], datetime], patience: Patience, complain: Callable[[str], None]
    ) -> None:
        self._ledger, self._now, self._patience, self._complain = ledger, now, patience, complain
        self._standing: set[tuple[str, str]] = set()
        self._complained = False
        self.look()

    def look(self) -> None:
        """What stands in the ledger now: another process may have begun it or ended it."""
        self._guarded(self._look)

    def read(self, source: str, outcome: object) -> None:
        if outcome is None or isinstance(outcome, News):
            self._end(source, LOGIN, BUDGET, SOURCE)
        elif isinstance(outcome, Barred):
            self._begin(LOGIN, source, outcome, _AT_ONCE)
        elif isinstance(outcome, Spent):
            self._begin(BUDGET, source, outcome, _AT_ONCE)
        else:
            self._begin(SOURCE, source, said(outcome), self._patience.dead)

    def tended(self, account: str, outcome: object) -> None:
        if isinstance(outcome, Tended):
            self._worked(account, outcome)
        elif isinstance(outcome, Unauthorized):
            self._begin(LOGIN, account, outcome, _AT_ONCE)
        elif isinstance(outcome, NetworkError):
            self._begin(SERVER, account, outcome, self._patience.dead)
        elif not isinstance(outcome, Locked):  # another process has the account, and sees to it
            self._begin(STOPPED, account, said(outcome), _MAY_PASS)

    def _worked(self, account: str, tended: Tended) -> None:
        self._end(account, STOPPED)
        done = tended.delivered
        if done is None:  # nobody was asked: that says nothing of the server
            return
        problem = BridgeError(done.problem or f"{account} does not answer.")
        if done.stopped == "auth":
            self._begin(LOGIN, account, problem, _AT_ONCE)
        elif done.stopped == "temporary":
            self._begin(SERVER, account, problem, self._patience.dead)
        else:
            self._end(account, LOGIN, SERVER)
        if done.failed:
            self._guarded(lambda: self._count(account))
        elif done.published:
            self._end(account, FAILURES)

    def _count(self, account: str) -> None:
        failed = self._ledger.figures.failed_in_a_row(account)
        if failed >= self._patience.failures:
            why = BridgeError(f"{failed} statuses were refused in a row.", hint="See `passerelle log`.")
            self._begin(FAILURES, account, why, _AT_ONCE)
        elif failed == 0:
            self._end(account, FAILURES)

    def _begin(self, kind: str, subject: str, error: BridgeError, rest: timedelta) -> None:
        if (kind, subject) in self._standing:
            return
        now = self._now()

        def write() -> None:
            self._ledger.incidents.begin(kind, subject, detail=str(error), since=now, due=now + rest)
            self._standing.add((kind, subject))

        self._guarded(write)

    def _end(self, subject: str, *kinds: str) -> None:
        for kind in kinds:
            if (kind, subject) in self._standing:
                self._guarded(lambda kind=kind: self._ended(kind, subject))  # type: ignore[misc]

    def _ended(self, kind: str, subject: str) -> None:
        self._ledger.incidents.end(kind, subject, now=self._now())
        self._standing.discard((kind, subject))

    def _look(self) -> None:
        self._standing = {(each.kind, each.subject) for each in self._ledger.incidents.standing()}

    def _guarded(self, write: Callable[[], None]) -> None:
        """The mirror goes on, whatever becomes of this."""
        try:
            write()
            self._complained = False
        except BridgeError as error:
            if not self._complained:
                self._complain(f"It could not be noted what people are to be told of: {error}")
            self._complained = True
