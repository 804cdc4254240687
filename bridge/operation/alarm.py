"""What the loop sees that is worth a person's while: written into the ledger as it begins and ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias

from bridge.engine.bench import said
from bridge.engine.tend import News, Tended
from bridge.errors import Barred, BridgeError, Locked, NetworkError, Spent, Unauthorized
from bridge.ledger import Ledger

LOGIN, BUDGET, SOURCE, SERVER, FAILURES, STOPPED, DIGEST = (
    "login", "budget", "source", "server", "failures", "stopped", "digest",
)  # fmt: skip
_Note: TypeAlias = Callable[[Ledger], None]

_AT_ONCE = timedelta()
_MAY_PASS = timedelta(minutes=30)  # a database that is locked, a disk that is full for a moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """`dead`: how long a source or a server may be silent; `failures`: statuses refused in a row."""

    dead: timedelta = timedelta(hours=6)
    failures: int = 5


class Alarm:
    """Implements `Observer`. What the loop tells is only noted here; `look`, which may be called in another
    thread, writes it down: a ledger that is out of reach holds up no loop, and nothing is lost meanwhile."""

    def __init__(
        self, ledger: Ledger, now: Callable[[], datetime], patience: Patience, complain: Callable[[str], None]
    ) -> None:
        self._ledger, self._now, self._patience, self._complain = ledger, now, patience, complain
        self._standing: set[tuple[str, str]] = set()  # a loop in which all is well has nothing to write
        self._notes: deque[_Note] = deque()
        self._complained = False
        self.look()

    def inherit(self, before: Alarm) -> None:
        """What that one has not written down."""
        self._notes.extend(before._notes)

    def look(self) -> None:
        """Write down what is noted, and see what stands: another process may have begun it or ended it."""
        try:
            while self._notes:
                self._notes[0](self._ledger)
                self._notes.popleft()
            standing = {(each.kind, each.subject) for each in self._ledger.incidents.standing()}
        except BridgeError as error:
            if not self._complained:
                self._complain(f"It could not be noted what people are to be told of: {error}")
            self._complained = True
            return
        self._complained = False
        if not self._notes:
            self._standing = standing

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
            now = self._now()
            self._notes.append(lambda ledger: self._count(ledger, account, now))
        elif done.published:
            self._end(account, FAILURES)

    def _count(self, ledger: Ledger, account: str, now: datetime) -> None:
        failed = ledger.figures.failed_in_a_row(account)
        if failed >= self._patience.failures:
            why = f"{failed} statuses were refused in a row. See `passerelle log`."
            ledger.incidents.begin(FAILURES, account, detail=why, since=now, due=now)
        elif failed == 0:
            ledger.incidents.end(FAILURES, account, now=now)

    def _begin(self, kind: str, subject: str, error: BridgeError, rest: timedelta) -> None:
        if (kind, subject) in self._standing:
            return
        self._standing.add((kind, subject))
        now, why = self._now(), str(error)
        self._notes.append(
            lambda ledger: ledger.incidents.begin(kind, subject, detail=why, since=now, due=now + rest)
        )

    def _end(self, subject: str, *kinds: str) -> None:
        now = self._now()
        for kind in kinds:
            if (kind, subject) in self._standing:
                self._standing.discard((kind, subject))
                self._notes.append(partial(_ended, kind, subject, now))


def _ended(kind: str, subject: str, now: datetime, ledger: Ledger) -> None:
    ledger.incidents.end(kind, subject, now=now)
