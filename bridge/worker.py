"""The loop of `watch`: asks sources that are due, sees to accounts that have something to do, and sleeps.

One process works on an account at a time: it holds the account for as long as it lives, and another one
stands by until the hold is free. Sources are asked and accounts seen to beside one another, so that one that
is slow or down delays no other. All that lasts is in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bridge.engine.bench import LOOKING, READING, TENDING, Bench, Outcome, said
from bridge.engine.clock import Clock
from bridge.engine.tend import Desk, News, Seen, Tended, Visit, look, read, tend
from bridge.errors import Barred, BridgeError, Busy, Locked, NetworkError, Unauthorized
from bridge.ledger import Ledger
from bridge.ledger.owner import Owner
from bridge.ledger.rows import Hold
from bridge.operation.observer import Observer, Unobserved
from bridge.pacing.polling import Cadence, Hosts, Poll, answered, failed
from bridge.sources.base import Notice, Source

_STAND_BY = timedelta(seconds=20)  # between two tries to take over an account
_AGAIN = timedelta(seconds=60)  # until a server that does not answer is tried again, at the earliest
_NEVER = datetime.max.replace(tzinfo=UTC)
_NEEDS_A_PERSON = timedelta(minutes=15)  # until an account that does not let us in is tried again
_LONGEST_SLEEP = 3600.0


class Voice(Protocol):
    def __call__(self, text: str, *, level: str = "info", **facts: object) -> None: ...


class House(Protocol):
    """What the settings come to."""

    @property
    def ledger(self) -> Ledger: ...
    @property
    def desks(self) -> Mapping[str, Desk]:
        """By account."""
        ...

    @property
    def cadence(self) -> Cadence: ...
    def cadence_of(self, name: str) -> Cadence:
        """Of one source."""
        ...

    def source(self, name: str) -> Source | None:
        """None: there is nothing to be read yet."""
        ...

    def host(self, name: str) -> str:
        """Who is asked: sources of one host are not asked together."""
        ...


@dataclass(slots=True, kw_only=True)
class _Account:
    """What the loop knows of one account. `news`: read, and not yet planned."""

    desk: Desk
    due: datetime
    hold: Hold | None = None
    lost: Hold | None = None  #: that was ours, and perhaps still is
    busy: bool = False
    planned: Mapping[str, int] = field(default_factory=dict)
    news: dict[str, News] = field(default_factory=dict)
    taken: dict[str, News] = field(default_factory=dict)  #: by the job under way
    again: datetime | None = None
    deferrals: int = 0
    problem: str | None = None


@dataclass(slots=True, kw_only=True)
class Counted:
    """What a process has done since it began."""

    read: int = 0
    published: int = 0
    edited: int = 0
    withdrawn: int = 0
    failed: int = 0
    problems: dict[str, BridgeError] = field(default_factory=dict)  #: by source or account: not over yet


class Worker:
    def __init__(
        self, house: House, clock: Clock, bench: Bench, *, owner: Owner, voice: Voice, run: int | None = None
    ) -> None:
        self.house = house
        self.counted = Counted()
        self.observer: Observer = Unobserved()
        self._clock, self._bench, self._owner, self._voice, self._run = clock, bench, owner, voice, run
        now = clock.now()
        self._accounts = {name: _Account(desk=desk, due=now) for name, desk in house.desks.items()}
        names = {each: None for desk in house.desks.values() for r in desk.routes for each in r.sources}
        self._polls = {name: Poll(name=name, due=now) for name in names}
        self._reading: set[str] = set()
        self._hosts = Hosts()
        self._told: dict[str, tuple[Notice, ...]] = {}  # by source: what it has said of itself
        self._looking, self._look_due = False, now
        self._renew_due = now

    @property
    def holds(self) -> dict[str, Hold]:
        return {name: each.hold for name, each in self._accounts.items() if each.hold is not None}

    @property
    def busy(self) -> bool:
        return bool(self._reading) or any(each.busy for each in self._accounts.values())

    def take_over(self, holds: Mapping[str, Hold]) -> None:
        """From the worker that this one follows; what it does not need is given back."""
        for name, hold in holds.items():
            if name in self._accounts:
                self._accounts[name].hold = hold
            else:
                self.house.ledger.queue.release(hold)

    def run(self, until: Callable[[], bool], beat: Callable[[], None] = lambda: None) -> None:
        """Work until told otherwise; what is under way is finished."""
        wake = self._clock.now()
        while not until():
            beat()
            if self._settle() or self._clock.now() >= wake:
                seconds = self._start_what_is_due()
                wake = self._clock.now() + timedelta(seconds=seconds)
            self._bench.wait(max(0.0, (wake - self._clock.now()).total_seconds()))
        self.finish(beat)

    def once(self, until: Callable[[], bool]) -> None:
        """Ask every source and see to every account, once; what has to wait is left for the next time."""
        self._each(self._accounts, self._tend, until)
        self._each(self._awake(), self._read, until)
        self._each(self._accounts, self._tend, until)
        while not until() and (more := [n for n, a in self._accounts.items() if self._has_more(a)]):
            self._each(more, self._tend, until)
        self.finish()

    def finish(self, beat: Callable[[], None] = lambda: None) -> None:
        """Wait for the requests in hand. Sources only read: they are left to themselves."""
        while any(each.busy for each in self._accounts.values()):
            beat()
            self._bench.wait(1.0)
            self._settle()

    def release(self) -> None:
        for hold in self.holds.values():
            self.house.ledger.queue.release(hold)

    # -- what is due

    def _start_what_is_due(self) -> float:
        """Seconds until there is something to do."""
        now = self._clock.now()
        if not self._looking and self._look_due <= now:
            self._look(now)
        waits = [self._look_due, *self._start_tending(now), *self._start_reading(now)]
        seconds = (min(waits) - now).total_seconds()
        return min(max(seconds, 0.0), _LONGEST_SLEEP)

    def _start_tending(self, now: datetime) -> Iterator[datetime]:
        """Gives when the others are due."""
        for name, account in self._accounts.items():
            if not account.busy and account.due <= now:
                self._tend(name)
            if not account.busy:
                yield account.due

    def _start_reading(self, now: datetime) -> Iterator[datetime]:
        for name in self._awake():
            if name in self._reading:
                continue
            if (due := self._earliest(name)) <= now:
                self._read(name)
            else:
                yield due

    def _awake(self) -> list[str]:
        """Sources of the accounts that are ours: whoever stands by asks nobody."""
        held = [account for account in self._accounts.values() if account.hold is not None]
        return list(dict.fromkeys(n for each in held for r in each.desk.routes for n in r.sources))

    def _earliest(self, name: str) -> datetime:
        return self._hosts.earliest(self.house.host(name), self._polls[name].due)

    def _has_more(self, account: _Account) -> bool:
        return account.problem is None and account.due <= self._clock.now()

    def _each(
        self,
        names: Iterable[str],
        start: Callable[[str], None],
        until: Callable[[], bool],
    ) -> None:
        for name in names:
            if not until():
                start(name)
        while self.busy:
            self._bench.wait(1.0)
            self._settle()

    # -- jobs

    def _look(self, now: datetime) -> None:
        self._looking = True
        self._look_due = now + timedelta(seconds=self.house.cadence.look)
        holds = list(self.holds.values())
        renew = bool(holds) and self._renew_due <= now
        if renew:
            self._renew_due = now + timedelta(seconds=min(hold.seconds for hold in holds) / 4)
        self._bench.start(LOOKING, "", lambda: look(self.house.ledger, holds if renew else (), now=now))

    def _read(self, name: str) -> None:
        now = self._clock.now()
        self._reading.add(name)
        self._hosts = self._hosts.asked(self.house.host(name), now, self.house.cadence.gap)
        self._bench.start(READING, name, lambda: self._news(name, now))

    def _news(self, name: str, now: datetime) -> News | None:
        source = self.house.source(name)
        return None if source is None else read(self.house.ledger, source, now=now, run=self._run)

    def _tend(self, name: str) -> None:
        account, now = self._accounts[name], self._clock.now()
        account.busy = True
        account.taken, account.news = account.news, {}
        self._bench.start(TENDING, name, lambda: self._tended(name, account, now))

    def _tended(self, name: str, account: _Account, now: datetime) -> Tended:
        if account.hold is None:
            account.hold = self._hold(name, account, now)
        visit = Visit(
            now=now,
            news=account.taken,
            planned=account.planned,
            again=account.again,
            deferrals=account.deferrals,
            run=self._run,
        )
        return tend(self.house.ledger, account.desk, account.hold, visit)

    def _hold(self, name: str, account: _Account, now: datetime) -> Hold:
        queue = self.house.ledger.queue
        if account.lost is not None:
            queue.release(account.lost)
            account.lost = None
        queue.open_destination(name, now=now)
        return queue.hold(name, owner=self._owner, now=now, seconds=account.desk.terms().lease)

    # -- what came of them

    def _settle(self) -> bool:
        """Whether there was something."""
        finished = self._bench.finished()
        for kind, name, outcome in finished:
            if kind == READING:
                self._reading.discard(name)
                self._was_read(name, outcome)
                self.observer.read(name, outcome)
            elif kind == TENDING:
                self._accounts[name].busy = False
                self._was_tended(name, self._accounts[name], outcome)
                self.observer.tended(name, outcome)
            else:
                self._looking = False
                self._has_looked(outcome)
        return bool(finished)

    def _has_looked(self, outcome: Outcome) -> None:
        """What somebody else has put in line or imported, and which accounts somebody else has taken over."""
        now = self._clock.now()
        if not isinstance(outcome, Seen):
            self._voice(f"The ledger: {said(outcome)}", level="error")
            return
        for name, account in self._accounts.items():
            if name in outcome.lost and account.hold is not None:
                account.hold, account.due = None, now
            news = any(outcome.revisions.get(source) != at for source, at in account.planned.items())
            if account.problem is None and (name in outcome.at_work or news):
                account.due = min(account.due, now)

    def _was_read(self, name: str, outcome: Outcome) -> None:
        now, cadence, poll = self._clock.now(), self.house.cadence_of(name), self._polls[name]
        if outcome is None:
            self._polls[name] = answered(poll, now, cadence, newest=None)
        elif isinstance(outcome, News):
            self._brought(name, outcome)
        else:
            error = said(outcome)
            until = error.until if isinstance(error, Busy) else None
            rest = failed(poll, now, cadence, until=until)
            self._polls[name] = replace(rest, due=_NEVER) if isinstance(error, Barred) else rest
            if self.counted.problems.get(name) is None or poll.failures % 10 == 0:
                self._voice(f"{name}: {error}", level="warning", source=name, code=error.code)
            self.counted.problems[name] = error

    def _brought(self, name: str, outcome: News) -> None:
        now, poll = self._clock.now(), self._polls[name]
        newest = outcome.newest
        if newest is None and poll.newest is None:
            newest = self.house.ledger.posts.newest(outcome.source)
        self._polls[name] = answered(poll, now, self.house.cadence_of(name), newest=newest)
        if self.counted.problems.pop(name, None) is not None:
            self._voice(f"{name}: answers again.", source=name)
        recorded = outcome.collected.recorded
        self.counted.read += recorded.new
        if recorded.new or recorded.changed or outcome.gone:
            told = f"{recorded.new} new, {recorded.changed} changed"
            told += ", some deleted" if outcome.gone else ""
            self._voice(f"{name}: {told}", source=name, new=recorded.new, changed=recorded.changed)
        told_before, self._told[name] = self._told.get(name, ()), outcome.collected.notices
        for notice in outcome.collected.notices:
            if notice not in told_before:  # a feed that stands in for another may do so for weeks
                facts = {"source": name, "code": notice.code}
                self._voice(f"{name}: {notice.message}", level="warning", **facts)
        if outcome.changed:
            self._tell(outcome, now)

    def _tell(self, news: News, now: datetime) -> None:
        """The accounts that carry those posts: at once, unless they were told to wait."""
        for account in self._accounts.values():
            if any(news.source in route.accounts for route in account.desk.routes):
                before = account.news.get(news.source)
                account.news[news.source] = before.with_later(news) if before else news
                account.due = min(account.due, now) if account.problem is None else account.due

    def _was_tended(self, name: str, account: _Account, outcome: Outcome) -> None:
        now = self._clock.now()
        if not isinstance(outcome, Tended):
            self._keep_news(account)
            self._went_wrong(name, account, said(outcome), now)
            return
        account.planned, account.taken, account.again = outcome.planned, {}, outcome.again
        self.counted.edited += outcome.edited
        self.counted.withdrawn += outcome.withdrawn
        delivered = outcome.delivered
        if delivered is not None:
            account.deferrals = delivered.deferrals
            self.counted.published += delivered.published
            self.counted.failed += delivered.failed
            if delivered.stopped in ("auth", "temporary"):
                kind = Unauthorized if delivered.stopped == "auth" else NetworkError
                error = kind(delivered.problem or f"{name} does not answer.")
                if isinstance(error, Unauthorized):
                    self.house.ledger.queue.pause(name, error.message)
                self._went_wrong(name, account, error, now, wake=delivered.next_attempt)
                return
        self._is_well(name, account)
        account.due = now if account.news else outcome.wake or _NEVER

    def _keep_news(self, account: _Account) -> None:
        """What was read and could not be planned."""
        for source, news in account.taken.items():
            later = account.news.get(source)
            account.news[source] = news.with_later(later) if later else news
        account.taken = {}

    def _is_well(self, name: str, account: _Account) -> None:
        if account.problem is not None:
            self._voice(f"{name}: goes on.", account=name)
        account.problem = None
        self.counted.problems.pop(name, None)

    def _went_wrong(
        self, name: str, account: _Account, error: BridgeError, now: datetime, wake: datetime | None = None
    ) -> None:
        locked = isinstance(error, Locked)
        if account.problem != error.message:
            told = f"standing by. {error.message}" if locked else str(error)
            level = "info" if locked else "error"
            self._voice(f"{name}: {told}", level=level, account=name, code=error.code)
        account.problem = error.message
        self.counted.problems[name] = error
        if locked:
            account.lost, account.hold = account.hold, None
            account.due = now + _STAND_BY
        elif isinstance(error, NetworkError):
            account.due = max(wake or now, now + _AGAIN)
        else:
            account.due = now + _NEEDS_A_PERSON
