"""One run at one account: the hold, the budget, and the waiting. Everything that lasts is in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bridge.engine.terms import Ports, Terms
from bridge.errors import BridgeError, Deferred, LedgerError
from bridge.ledger.rows import Hold
from bridge.pacing import LIVE, STATUS, Budget, Keeping, Need
from bridge.planning import Lane
from bridge.publications import Publication, State
from bridge.publishers.base import Addressed, MediaFile, Receipt
from bridge.statuses import Limits, MediaRef, StatusDraft

REFUSAL = Need(statuses=0, calls=1)  # an answered no is no status, but it was a call
_FIRST_BACKOFF = 5.0
_LONGEST_BACKOFF = 300.0
_LONGEST_WINDOW = timedelta(days=1)  # no server's is longer: a later `reset` comes from a wrong clock
_IN_VAIN = 30
_SILENT = 20  # answers in a row without a word about windows
_FILES = 4096
_AFRESH = 1800.0  # seconds after which more statuses are near enough for their media to be uploaded
_AHEAD = 64  # statuses whose media are made to fit while earlier ones are sent
_UNSAVED = 10  # reads between two notes of what was spent: so many a crash may forget, and no more


class Stop(Exception):
    """The run ends here, on purpose; `problem` is a sentence for a person."""

    def __init__(self, reason: str, problem: str | None = None, at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.problem = problem
        self.at = at  #: when going on makes sense


class Round:
    def __init__(self, ports: Ports, terms: Terms, hold: Hold) -> None:
        self.ports = ports
        self.terms = terms
        self.hold = hold
        self.queue = ports.ledger.queue
        self.account = hold.account
        self.limits: Limits = ports.publisher.limits()
        self.keeping = Keeping.of(self.limits)
        self.published = 0
        self.failed = 0
        self.started = self.now()
        row = self.queue.destination(self.account)
        self.budget = Budget.from_dict(row.budget if row else None, self.limits.windows, terms.pace)
        self.paused = row.paused_reason if row else None
        self.unquotable: set[str] = set()  #: own statuses that are gone, as a refused quote has shown
        self.unboostable: set[str] = set()  #: statuses that the server did not let us pass on
        self.resolved: dict[str, str | None] = {}  #: addresses elsewhere -> ids at this server
        self._unsaved = 0
        self._in_debt = False  # the ledger has been told that requests are under way
        self._silent = 0
        self._lifted = bool(row and row.budget and row.budget.get("silent"))
        self._calls = ports.publisher.calls
        self.deferrals = terms.deferrals
        self._renewed = self.started
        self._turns_in_vain = 0
        self._files: dict[tuple[str | None, str | None], MediaFile] = {}
        self._looked_ahead = 0
        self._upcoming: tuple[tuple[int, int], list[Publication]] | None = None

    def now(self) -> datetime:
        return self.ports.clock.now()

    # -- what was spent

    def spend(self, need: Need, *, asked: Need | None = None) -> None:
        """After every request that may have reached the server: what it spent; what it had `asked` for.

        What else was asked on the way is counted with it, such as the sources of look-alikes.
        """
        now, calls = self.now(), self.ports.publisher.calls
        need, self._calls = replace(need, calls=max(need.calls, calls - self._calls)), calls
        self.budget = self.budget.spend(now, need)
        if (quota := self.ports.publisher.quota) is not None:
            self.budget = self.budget.observe(quota, now, asked or need)
        self._believe_silence(told=quota is not None)
        self._unsaved += 1
        if self._unsaved >= _UNSAVED:
            self.save()

    def _believe_silence(self, *, told: bool) -> None:
        """Software that tells its windows and is silent has none: its administrator lifted them."""
        self._silent = 0 if told else self._silent + 1
        self._lifted = self._lifted and not told
        if self._silent >= _SILENT and self.limits.tells_quota and self.budget.windows:
            self.budget, self._lifted = replace(self.budget, windows=()), True

    def _saved(self, budget: Budget) -> dict[str, Any]:
        """`silent`: its windows were lifted, as far as its answers have shown."""
        return budget.as_dict() | ({"silent": True} if self._lifted else {})

    def need(self, row: Publication) -> Need:
        """What sending it spends."""
        return LIVE if row.sort_key.startswith(Lane.LIVE) else STATUS

    def count_the_day(self, row: Publication) -> None:
        """Where the pace has a limit for a day, the ledger knows how much of the day is left."""
        if not self.need(row).live:
            self.budget = self.budget.counted(self.now(), partial(self.queue.sent_since, self.account))

    def owing(self, need: Need) -> dict[str, Any]:
        """For the ledger, before a request that counts: should this process die, it is taken to be made."""
        self._unsaved, self._in_debt = 0, True
        return self._saved(self.budget.spend(self.now(), need)) | {"due": self.budget.due}

    def owe(self, need: Need) -> None:
        """Have it written that such a request is about to be made."""
        self.queue.save_budget(self.account, self.owing(need))

    def save(self) -> None:
        """Nothing is under way, and all that was spent is known."""
        if self._unsaved or self._in_debt:
            self.queue.save_budget(self.account, self._saved(self.budget))
            self._unsaved, self._in_debt = 0, False

    # -- media

    def describe(self, ref: MediaRef) -> MediaFile:
        """Reading and hashing a file once is enough."""
        key = (ref.container, ref.file)
        if key not in self._files:
            if len(self._files) > _FILES:
                self._files.clear()
            while not self.ports.media.ready(ref, seconds=1.0):
                self.check_signal()
                self.keep()
            self._files[key] = self.ports.media.describe(ref)
        return self._files[key]

    def media(self, row: Publication) -> tuple[MediaRef, ...]:
        """Of a status. An archive that was imported again from elsewhere has moved since the plan."""
        if not row.draft.media:
            return ()
        post = self.ports.ledger.posts.load(row.source, [row.post_id]).get(row.post_id)
        lies = {each.file: each.container for each in post.media} if post else {}
        return tuple(replace(ref, container=lies.get(ref.file, ref.container)) for ref in row.draft.media)

    def look_ahead(self) -> None:
        """Have the next media worked on beside the network; asked anew when half of them are through."""
        if self.published >= self._looked_ahead:
            self._looked_ahead = self.published + _AHEAD // 2
            rows = self.queue.upcoming(self.account, limit=_AHEAD)
            self.ports.media.expect(ref for row in rows for ref in self.media(row))

    def is_ready(self, row: Publication) -> bool:
        """Whether the media of a status could be uploaded at once."""
        return all(self.ports.media.ready(ref, seconds=0.0) for ref in self.media(row))

    def upcoming(self) -> Iterator[Publication]:
        """Statuses with media that are so near that the server will still have what is uploaded now."""
        now, most = self.now(), self.terms.pace.max_posts
        seen = (self.published, int(now.timestamp() // _AFRESH))
        if self._upcoming is None or self._upcoming[0] != seen:
            count = self.budget.ahead(now, self.keeping)
            count = count if most is None else min(count, most - self.published)
            rows = self.queue.upcoming(self.account, limit=count)
            self._upcoming = (seen, [row for row in rows if row.draft.boost is None])  # boosts need no media
        rows = self._upcoming[1]
        while rows:
            yield rows[0]
            rows.pop(0)  # the caller came back for more: nothing is missing here

    def give_up_early(self) -> None:
        """The medium at hand cannot be uploaded now: that is said when its status has its turn."""
        if self._upcoming is not None and self._upcoming[1]:
            self._upcoming[1].pop(0)

    def nothing_early(self) -> None:
        """The server does not take uploads just now: for a while, or until a status has come through."""
        if self._upcoming is not None:
            self._upcoming[1].clear()

    # -- outcomes

    def settle_published(
        self,
        row: Publication,
        receipt: Receipt,
        sent: Addressed,
        *,
        lost: Collection[int] = (),
        reason: str | None = None,
    ) -> None:
        """`sent`: with what was filled in at that moment; `lost`: positions of the media it went without;
        `reason`: why it stands, where that is not our doing."""
        settled = self.queue.settle(
            row,
            State.PUBLISHED,
            now=self.now(),
            receipt=receipt,
            text=None if receipt.reblog else sent.text,
            draft=_as_it_went(row.draft, lost),
            media=sent.media,
            detail=_without(row, sent),
            reason=reason,
            run=self.ports.run,
        )
        if settled:
            self.published += 1
            self.ports.watcher.published(row, receipt)
        self.answered()

    def answered(self) -> None:
        """The server is well: the next back-off begins anew."""
        self.deferrals = 0
        self._turns_in_vain = 0

    def settle_failed(self, row: Publication, reason: str, *, rotate_key: bool = False) -> None:
        if self.queue.settle(row, State.FAILED, now=self.now(), error=reason, rotate_key=rotate_key):
            self.failed += 1
            self.ports.watcher.failed(row, reason)

    def put_back(
        self,
        row: Publication,
        why: str,
        *,
        not_before: datetime | None = None,
        rotate_key: bool = False,
        attempted: bool = True,
    ) -> None:
        self.queue.settle(
            row,
            State.APPROVED,
            now=self.now(),
            not_before=not_before,
            error=why,
            rotate_key=rotate_key,
            attempted=attempted,
        )

    # -- waiting

    def wait(self, until: datetime, reason: str) -> None:
        """Sleep until then, holding on to the account. Raises `Stop` for a signal or a limit that was set."""
        deadline = self._deadline()
        if deadline is not None and until > deadline:
            raise Stop("max_duration", at=until)
        if until > self.now():
            self.save()
        while (now := self.now()) < until:
            self.check_signal(until)
            self.keep()
            self.ports.watcher.waiting(until, reason)
            self.ports.clock.sleep(min((until - now).total_seconds(), self.terms.lease / 4))

    def wait_for_room(self, need: Need) -> None:
        """Until the windows have room for it. Raises as `wait`, and `Locked` when the hold is lost."""
        until, rule = self.budget.wait(self.now(), need)
        if rule is not None:
            self.wait(until, rule)
        self.check_signal()
        self.keep()

    def check_signal(self, at: datetime | None = None) -> None:
        if self.ports.stop():
            raise Stop("signal", at=at)

    def check_limits(self) -> None:
        self.check_signal()
        pace = self.terms.pace
        if pace.max_posts is not None and self.published >= pace.max_posts:
            raise Stop("max_posts")
        deadline = self._deadline()
        if deadline is not None and self.now() >= deadline:
            raise Stop("max_duration")

    def keep(self) -> None:
        """Renew the hold in good time. Raises `Locked` when it is lost."""
        now = self.now()
        if (now - self._renewed).total_seconds() >= self.terms.lease / 4:
            self.queue.renew(self.hold, now=now)
            self._renewed = now

    def claimed(self) -> None:
        """A claim renews the hold."""
        self._renewed = self.now()

    def idle(self) -> None:
        """The ledger says that something is due, and gives nothing: once is a race, for ever is a bug."""
        self._turns_in_vain += 1
        if self._turns_in_vain > _IN_VAIN:
            raise LedgerError(
                f"The ledger has something due for {self.account}, but does not hand it out.",
                hint="Run `passerelle doctor --report` and report this.",
            )
        self.wait(self.now() + timedelta(seconds=1), "retry")

    def pause_for(self, error: Deferred | BridgeError) -> datetime:
        """When to try again after this; raises `Stop` when the server has been out of reach for too long."""
        until = error.until if isinstance(error, Deferred) else None
        self.deferrals += 1
        if until is not None and until > self.now() and self.deferrals <= 10 * self.terms.patience:
            return min(until, self.now() + _LONGEST_WINDOW)
        if self.deferrals > self.terms.patience:
            raise Stop("temporary", error.message, at=self.now() + timedelta(seconds=_LONGEST_BACKOFF))
        longest = min(_FIRST_BACKOFF * 2 ** (self.deferrals - 1), _LONGEST_BACKOFF)
        return self.now() + timedelta(seconds=longest * (0.5 + self.ports.chance() / 2))

    def _deadline(self) -> datetime | None:
        seconds = self.terms.pace.max_seconds
        return None if seconds is None else self.started + timedelta(seconds=seconds)


def _as_it_went(draft: StatusDraft, lost: Collection[int]) -> StatusDraft:
    """From now on it tells what stands, as it is compared with; its digest is the same."""
    media = tuple(replace(ref, lost=ref.file is not None and ref.position in lost) for ref in draft.media)
    return draft if media == draft.media else replace(draft, media=media)


def _without(row: Publication, sent: Addressed) -> str | None:
    """For the history of a post that was passed on, or went with fewer media than it had."""
    wanted = row.draft.media
    if sent.boost is not None:
        return "passed on"
    if len(sent.media) >= len(wanted):
        return None
    missing = ", ".join(ref.url or f"medium {ref.position + 1}" for ref in wanted if ref.file is None)
    lost = f"without {len(wanted) - len(sent.media)} of {len(wanted)} media"
    return f"{lost}; not in the archive: {missing}" if missing else lost
