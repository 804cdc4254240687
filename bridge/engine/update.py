"""Edit what stands at one account, one status after the other, within its windows.

A status is looked at before it is edited: what its owner has changed there is left alone, and so is what is
not there any more. An edit is an intent first; when its answer is lost, nothing else is asked of the server
until a look has shown what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bridge.engine.attempt import draft_is_hidden
from bridge.engine.changes import Changed
from bridge.engine.round import REFUSAL, Round, Stop
from bridge.engine.seen import Seen, judge, reads_as
from bridge.engine.terms import Ports, Terms
from bridge.engine.wording import as_sent
from bridge.errors import Deferred, NetworkError, Refused, Unauthorized, Unknown
from bridge.ledger.rows import Hold
from bridge.pacing import LIVE, STATUS, Need
from bridge.planning import Revise, Said
from bridge.publications import Edit, Publication
from bridge.publishers.base import Addressed, Receipt

EDIT = Need(statuses=1, calls=2, live=True)  #: of a status that is looked at and edited
_GET = Need(statuses=0, calls=1)
_FIRST_LOOK = timedelta(seconds=5)
_LOOKS = timedelta(seconds=15)  # between looks, as long as the grace lasts
_SENDS = 6  # of an edit that never shows, before a later run tries again

_WORDS: dict[Seen, str] = {
    Seen.EDITED_BY_HAND: "somebody has changed it there since it was published",
    Seen.MEDIA_DIFFER: "it has other media there than were published",
    Seen.MISSING: "it is not on the account any more",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A status that was not edited after all. `code`: one of `Seen`, or HIDDEN, or REFUSED."""

    row: Publication
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """What a run did, in statuses. `found`: they read as wanted already, which was only noted."""

    edited: int = 0
    found: int = 0
    left: tuple[Left, ...] = ()
    unknown: int = 0  #: edits whose answer is still missing: one at most
    next_attempt: datetime | None = None
    stopped: str | None = None  #: as in `Delivered`
    problem: str | None = None
    seconds: float = 0.0

    @property
    def done(self) -> int:
        return self.edited + self.found + len(self.left)


def update(ports: Ports, terms: Terms, changes: Iterable[Changed], hold: Hold) -> Updated:
    """Work until no change is left, or a limit, a signal or the server says stop. Raises `Locked`."""
    run = Round(ports, terms, hold)
    work = _Work(run)
    try:
        stop = work.run_through(changes)
    finally:
        run.save()
    return work.summary(stop)


@dataclass(slots=True)
class _Work:
    run: Round
    found: int = 0
    left: list[Left] = field(default_factory=list)

    def run_through(self, changes: Iterable[Changed]) -> Stop | None:
        """None: nothing is left that could be done."""
        try:
            self._finish_what_is_lost()
            for changed in changes:
                for row, revise in changed.edits:
                    self._see_to(row, revise)
        except Unauthorized as error:
            return Stop("auth", error.message)
        except Stop as stop:
            return stop
        return None

    def summary(self, stop: Stop | None) -> Updated:
        run = self.run
        return Updated(
            edited=run.published,
            found=self.found,
            left=tuple(self.left),
            unknown=int(run.queue.editing(run.account) is not None),
            next_attempt=stop.at if stop else None,
            stopped=stop.reason if stop else None,
            problem=stop.problem if stop else None,
            seconds=(run.now() - run.started).total_seconds(),
        )

    def _finish_what_is_lost(self) -> None:
        run = self.run
        lost = run.queue.editing(run.account)
        if lost is None:
            return
        of_post = run.queue.standing(run.account, lost.row.source, [lost.row.post_id], corrections=True)
        standing = next(s for s in of_post[lost.row.post_id] if s.row.id == lost.row.id)
        self._recover(lost, as_sent(run.ports.ledger, standing, run.limits))

    def _see_to(self, row: Publication, revise: Revise) -> None:
        """One status, until it is edited or certainly not to be."""
        if self.left and self.left[0].row.id == row.id:  # the one whose answer was lost
            return
        if draft_is_hidden(row.draft, self.run):
            self._leave(row, "HIDDEN", "this server shows followers-only posts to no program")
            return
        while not self._tried(row, revise):
            pass

    def _tried(self, row: Publication, revise: Revise) -> bool:
        """False: the server asks for patience, so that all that was seen of the status is old."""
        run, after = self.run, revise.after
        run.wait_for_room(EDIT)
        run.check_limits()
        seen, receipt = self._seen(row, revise.before, after)
        if receipt is None or seen not in (Seen.AS_BEFORE, Seen.AS_WANTED):
            self._leave(row, seen, _WORDS[seen])
            return True
        edit = run.queue.begin_edit(run.hold, row, after.draft, after.text or "", now=run.now())
        if edit is None:
            return True
        if seen is Seen.AS_WANTED:
            self._settle(edit, receipt, "reads as wanted")
            self.found += 1
            return True
        return self._send(edit, revise.before, receipt.media_ids)

    def _send(self, edit: Edit, before: Said, media: tuple[str, ...], *, times: int = 1) -> bool:
        """The request itself, its intent being committed. False: not done; look at the status anew."""
        run = self.run
        addressed = Addressed(text=edit.text, media=media)
        run.owe(LIVE)
        try:
            receipt = run.ports.publisher.revise(edit.row.remote_id or "", edit.draft, addressed)
        except Unknown as error:
            run.spend(LIVE)
            run.ports.watcher.note("OUTCOME_UNKNOWN", f"Post {edit.row.post_id}: {error.message}")
            return self._recover(edit, before, times=times)
        except Deferred as error:
            self._defer(edit, error)
            return False
        except Unauthorized as error:
            run.queue.drop_edit(run.hold, edit, now=run.now(), detail=error.message)
            raise
        except Refused as error:
            run.spend(REFUSAL, asked=STATUS)
            run.answered()
            self._give_up(edit, "REFUSED", error.message)
        else:
            run.spend(LIVE)
            self._done(edit, receipt)
        return True

    def _recover(self, edit: Edit, before: Said, *, times: int = 1) -> bool:
        """Settle it if the status reads as wanted; ask again if it certainly does not. False: as `_send`."""
        run = self.run
        since = _last_known(run, edit)
        run.queue.doubt_edit(run.hold, edit, now=run.now(), since=since)
        over = since + timedelta(seconds=run.terms.grace)
        pause = _FIRST_LOOK
        after = Said(draft=edit.draft, text=edit.text)
        while True:
            asked_at = run.now()
            seen, receipt = self._seen(edit.row, before, after)
            if seen is not Seen.AS_BEFORE or asked_at >= over:
                break
            run.wait(min(asked_at + pause, over), "retry")
            pause = _LOOKS
        if receipt is not None and seen is Seen.AS_BEFORE:
            return self._send_again(edit, before, receipt.media_ids, times)
        if receipt is not None and seen is Seen.AS_WANTED:
            self._settle(edit, receipt, "edited; the answer was lost")
            run.published += 1
        else:
            self._give_up(edit, seen, _WORDS[seen])
        return True

    def _send_again(self, edit: Edit, before: Said, media: tuple[str, ...], times: int) -> bool:
        run = self.run
        if times >= _SENDS:  # more likely the server than this one status: a later run tries again
            run.queue.drop_edit(run.hold, edit, now=run.now(), detail="no answer")
            raise Stop(
                "temporary", f"The server does not answer: {edit.row.remote_url} was edited {times} times."
            )
        run.wait_for_room(EDIT)
        now = run.now()
        run.queue.resume_edit(run.hold, edit, now=now)
        again = replace(edit, attempted_at=now, unknown_since=None)
        return self._send(again, before, media, times=times + 1)

    def _seen(self, row: Publication, before: Said, after: Said) -> tuple[Seen, Receipt | None]:
        """How it reads now."""
        run = self.run
        while True:
            run.wait_for_room(_GET)
            try:
                receipt = run.ports.publisher.get(row.remote_id or "")
                seen = Seen.MISSING
                if receipt is not None:
                    seen = judge(run.ports.publisher, receipt, before, after)
            except (NetworkError, Deferred, Unknown) as error:
                run.wait(run.pause_for(error), error.message)
                continue
            run.spend(_GET)
            run.answered()
            return seen, receipt

    def _defer(self, edit: Edit, error: Deferred) -> None:
        """It certainly was not done."""
        run = self.run
        if error.sent:
            run.spend(REFUSAL, asked=STATUS)
        if error.until is not None:
            run.budget = run.budget.exhausted("statuses", error.until)
        run.queue.drop_edit(run.hold, edit, now=run.now())
        run.wait(run.pause_for(error), error.message)

    def _done(self, edit: Edit, receipt: Receipt) -> None:
        if not reads_as(receipt, edit.draft, edit.text):
            where = receipt.url or receipt.remote_id
            self.run.ports.watcher.note("EDIT_DIFFERS", f"{where} does not read as it was asked to.")
        self._settle(edit, receipt, "edited")
        self.run.published += 1

    def _settle(self, edit: Edit, receipt: Receipt, detail: str) -> None:
        run = self.run
        if run.queue.settle_edit(run.hold, edit, now=run.now(), detail=detail):
            run.ports.watcher.published(edit.row, receipt)
        run.answered()

    def _give_up(self, edit: Edit, code: str, why: str) -> None:
        self.run.queue.drop_edit(self.run.hold, edit, now=self.run.now(), detail=f"not edited: {why}")
        self._leave(edit.row, code, why)

    def _leave(self, row: Publication, code: str, why: str) -> None:
        self.left.append(Left(row=row, code=str(code), detail=why))
        self.run.ports.watcher.note(str(code), f"Post {row.post_id} was not edited: {why}.")


def _last_known(run: Round, edit: Edit) -> datetime:
    """When the request was last known to be under way: we saw that no answer came, or its process died."""
    if edit.unknown_since is not None:
        return edit.unknown_since
    return min(run.now(), edit.attempted_at + timedelta(seconds=run.terms.timeout))
