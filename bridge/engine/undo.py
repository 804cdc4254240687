"""Delete from the account what we published there: looked at first, one by one, and never anything else.

A deletion may be asked for twice without harm, so a lost answer is simply looked into and asked for again;
only by whom a status was deleted depends on the intent that the ledger keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from bridge.engine.attempt import draft_is_hidden, linked
from bridge.engine.choice import TAKE_BACK
from bridge.engine.round import Round, Stop
from bridge.engine.terms import Ports, Terms
from bridge.errors import Deferred, NetworkError, Refused, Unauthorized, Unknown
from bridge.ledger.rows import Hold, Placed
from bridge.pacing import DELETE, READ, Need
from bridge.publications import Publication
from bridge.publishers.base import Addressed, Receipt
from bridge.publishers.match import says

_SENDS = 5  # of a deletion whose answer is lost each time, before its turn is over
_IN_VAIN = 5  # statuses in a row: it is the server then, and not the status
_NEAR = timedelta(days=1)  # clocks differ; an id that is given out anew comes much later
_GONE = "somebody had deleted it already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A status that should have gone, and stands."""

    row: Publication
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What a run did, in statuses. `gone`: somebody had deleted them already; `kept` failed."""

    withdrawn: int = 0
    gone: int = 0
    kept: tuple[Kept, ...] = ()
    remaining: int = 0
    next_attempt: datetime | None = None
    stopped: str | None = None  #: signal | max_posts | max_duration | auth | temporary | refused; None: done
    problem: str | None = None
    seconds: float = 0.0


def undo(ports: Ports, terms: Terms, rows: Sequence[Placed], hold: Hold) -> Undone:
    """Delete these, in this order, until a limit, a signal or the server says stop.

    Raises `Locked` when the hold is lost. Called again with what is left, it goes on.
    """
    work = _Undo(Round(ports, terms, hold), rows)
    stop: Stop | None = None
    try:
        work.all()
    except Stop as stopped:
        stop = stopped
    finally:
        work.run.save()
    return work.summary(stop)


class _Undo:
    def __init__(self, run: Round, rows: Sequence[Placed]) -> None:
        self.run = run
        self.rows = rows
        self.publisher = run.ports.publisher
        known = run.queue.destination(run.account)
        self.me = known.remote_account_id if known else None
        self.withdrawn = 0
        self.gone = 0
        self.kept: list[Kept] = []
        self.done = 0
        self.in_vain = 0

    def all(self) -> None:
        for placed in self.rows:
            self._check_limits()
            row = self.run.queue.still_published(placed.id)
            if row is not None:  # else it was taken back since it was chosen
                self._take_back(row)
            self.done += 1

    def summary(self, stop: Stop | None) -> Undone:
        run = self.run
        remaining = len(self.rows) - self.done
        at = run.budget.earliest(run.now(), TAKE_BACK)
        return Undone(
            withdrawn=self.withdrawn,
            gone=self.gone,
            kept=tuple(self.kept),
            remaining=remaining,
            next_attempt=max(at, stop.at if stop and stop.at else at) if remaining else None,
            stopped=stop.reason if stop else None,
            problem=stop.problem if stop else None,
            seconds=(run.now() - run.started).total_seconds(),
        )

    def _check_limits(self) -> None:
        self.run.check_limits()
        most = self.run.terms.pace.max_posts
        if most is not None and self.withdrawn + self.gone >= most:
            raise Stop("max_posts")

    def _take_back(self, row: Publication) -> None:
        """Until it is certain what became of it."""
        for lost in count(1):
            try:
                self._attempt(row)
            except Unknown as error:
                if lost == _SENDS:
                    self._keep(row, error.message, in_vain="temporary")
                    return
                self.run.wait(self.run.pause_for(error), error.message)
            else:
                return

    def _attempt(self, row: Publication) -> None:
        """As soon as the server lets us. `Unknown`: the next attempt will see whether it did it."""
        while True:
            self.run.wait_for_room(TAKE_BACK)
            try:
                self._look_and_delete(row)
            except Unauthorized as error:
                raise Stop("auth", error.message) from error
            except (Deferred, NetworkError) as error:
                self.run.wait(self.run.pause_for(error), error.message)
            else:
                return

    def _look_and_delete(self, row: Publication) -> None:
        receipt = None
        if not draft_is_hidden(row.draft, self.run):  # nobody can look: the server itself guards others'
            receipt = self._look(row)
            if receipt is None:
                self._settle_absent(row)
                return
            if (reason := self._not_ours(row, receipt)) is not None:
                self._keep(row, reason)
                return
        if not self.run.queue.withdrawal_begun(row):
            self.run.queue.begin_withdrawal(self.run.hold, row, now=self._now, run=self.run.ports.run)
        try:
            self._delete(row, receipt)
        except Refused as error:
            self._keep(row, error.message, in_vain="refused")
        else:
            self._settle(row)

    def _look(self, row: Publication) -> Receipt | None:
        try:
            receipt = self.publisher.get(row.remote_id or "")
        except Deferred as error:
            self._closed("calls", READ, error)
            raise
        self.run.spend(READ)
        return receipt

    def _not_ours(self, row: Publication, receipt: Receipt) -> str | None:
        where = receipt.url or receipt.remote_id
        if receipt.reblog and not row.is_boost:
            return f"{where} passes on somebody else's post: left alone."
        if self.me is not None and receipt.author_id not in (None, self.me):
            return f"{where} is by another account: left alone."
        if _fits(row, receipt, backdates=self.run.limits.backdates) or _says(self.run, row, receipt):
            return None
        return f"{where} is not what was published: it has another text and another date. Left alone."

    def _delete(self, row: Publication, receipt: Receipt | None) -> None:
        self.run.owe(DELETE)
        try:
            if receipt is not None and receipt.reblog_of is not None:
                self.publisher.unboost(receipt.reblog_of)
            else:
                self.publisher.withdraw(row.remote_id or "")
        except Deferred as error:
            self._closed("deletes", DELETE, error)
            raise
        except (Unknown, Refused):
            self.run.spend(DELETE)
            raise
        self.run.spend(DELETE)

    def _closed(self, window: str, need: Need, error: Deferred) -> None:
        if error.sent:
            self.run.spend(need)
        if error.until is not None:
            self.run.budget = self.run.budget.exhausted(window, error.until)

    def _settle_absent(self, row: Publication) -> None:
        if self.run.queue.withdrawal_begun(row):  # by us, and the answer was lost, or the process died
            self._settle(row)
            return
        run = self.run
        if run.queue.withdraw(run.hold, row, now=self._now, run=run.ports.run, detail=_GONE):
            self.gone += 1
            self._went(row)

    def _settle(self, row: Publication) -> None:
        run = self.run
        if run.queue.withdraw(run.hold, row, now=self._now, run=run.ports.run):
            self.withdrawn += 1
            self._went(row)

    def _went(self, row: Publication) -> None:
        self.in_vain = 0
        self.run.answered()
        self.run.ports.watcher.withdrawn(row)

    def _keep(self, row: Publication, reason: str, *, in_vain: str | None = None) -> None:
        """It stands. `in_vain`: what to call it when the server goes on like that."""
        run = self.run
        note = run.queue.doubt_withdrawal if in_vain == "temporary" else run.queue.leave_standing
        note(run.hold, row, reason, now=self._now, run=run.ports.run)
        run.answered()
        run.ports.watcher.failed(row, reason)
        self.kept.append(Kept(row=row, reason=reason))
        self.in_vain += in_vain is not None
        if in_vain is not None and self.in_vain >= _IN_VAIN:
            self.done += 1
            raise Stop(in_vain, reason)

    @property
    def _now(self) -> datetime:
        return self.run.now()


def _fits(row: Publication, receipt: Receipt, *, backdates: bool) -> bool:
    """Whether it came to be when the row was published; its owner may have changed the words since."""
    if backdates and row.draft.backdate is not None:
        return abs(receipt.created_at - row.draft.backdate) <= _NEAR
    first, last = row.attempted_at, row.published_at
    return (first is None or receipt.created_at >= first - _NEAR) and (
        last is None or receipt.created_at <= last + _NEAR
    )


def _says(run: Round, row: Publication, receipt: Receipt) -> bool:
    return says(row.draft, Addressed(text=linked(run.queue, row)), receipt)
