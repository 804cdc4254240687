"""See to one account of a running mirror: plan what is new, deliver for a moment, say when to come back.

The same planning and the same deliverer as those of `publish`. Nothing waits here for longer than a moment:
what has to wait for a window, an hour of the day or a server is for the caller to come back to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from bridge.engine.awaited import Awaited
from bridge.engine.beginning import begun
from bridge.engine.collect import Collected, collect
from bridge.engine.corrections import plan_corrections
from bridge.engine.deliver import pump
from bridge.engine.follow import Follow, Followed, Follower
from bridge.engine.live import Mirror, plan_live
from bridge.engine.memories import Remembering
from bridge.engine.profiles import Following, Sitter
from bridge.engine.propose import Wish
from bridge.engine.round import Round
from bridge.engine.terms import Delivered, Ports, Terms
from bridge.ledger import Ledger
from bridge.ledger.rows import Hold
from bridge.pacing.anniversary import Memories
from bridge.posts import Author, Post
from bridge.publishers.base import Publisher
from bridge.sources.base import Page, Source, Summary
from bridge.statuses import Limits

_REST = timedelta(minutes=1)
_ENDED = ("auth", "temporary", "signal")
MOMENT = 3.0  #: seconds of delivery before others have their turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One mirror: from which source accounts, under which of its settings' names, how fresh is fresh."""

    mirror: str
    destination: str
    sources: tuple[str, ...]  #: names of the settings
    accounts: tuple[str, ...]  #: whose posts they have
    fresh: timedelta
    follow: Follow = field(default_factory=Follow)
    memories: Memories | None = None  #: None: nothing comes back on its day
    profile: bool = False  #: how the account shows itself follows its source
    streams: tuple[str, ...] = ()  #: those of the sources that are asked again and again


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What reading a source brought: posts that are new or changed, between two revisions of the ledger."""

    source: str
    ids: frozenset[str]
    before: int
    after: int
    newest: datetime | None
    collected: Collected
    gone: bool = False  #: some of them, or others, were deleted

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def with_later(self, later: News) -> News:
        """Both together; where somebody else has written in between, nobody knows which posts are new."""
        before = self.before if self.after == later.before else -1
        return replace(later, ids=self.ids | later.ids, before=before, gone=self.gone or later.gone)


class Desk(Protocol):
    """One account of the settings, with all that the work at it needs."""

    @property
    def routes(self) -> Sequence[Route]: ...
    def meet(self) -> Publisher:
        """Raises Unauthorized, NetworkError, ConfigError."""
        ...

    def wish(self, route: Route, limits: Limits) -> Wish: ...
    def ports(self, publisher: Publisher) -> Ports: ...
    def terms(self) -> Terms: ...
    def rest(self) -> None:
        """There is nothing to do for a while."""
        ...

    def sitter(self, route: Route) -> Sitter | None:
        """None: nobody tells how the account is to show itself."""
        ...

    def fetch(self, route: Route, source: str, ids: Collection[str]) -> None:
        """Media that posts have at their network only, before they are planned."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What is known when an account is seen to. `planned`: as in `Tended`."""

    now: datetime
    news: Mapping[str, News] = field(default_factory=dict)  #: by source account
    planned: Mapping[str, int] = field(default_factory=dict)
    again: datetime | None = None  #: as in `Tended`
    deferrals: int = 0  #: as in `Terms`
    run: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """`planned`: the revision of each source up to which all is planned; `again`: when the edits and
    deletions that were left are to be gone on with."""

    planned: Mapping[str, int]
    added: int = 0
    edited: int = 0
    withdrawn: int = 0
    delivered: Delivered | None = None
    wake: datetime | None = None
    again: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look at the whole ledger shows."""

    at_work: Collection[str]  #: accounts with something in line or in flight
    revisions: Mapping[str, int]  #: of the sources
    lost: Collection[str]  #: accounts whose hold somebody else has taken over


@dataclass(slots=True)
class _Noted:
    """A source whose pages are looked at as they pass."""

    source: Source
    ids: set[str] = field(default_factory=set)
    newest: datetime | None = None
    gone: bool = False

    @property
    def stream(self) -> str | None:
        return self.source.stream

    @property
    def owner(self) -> Author:
        return self.source.owner

    @property
    def account(self) -> str:
        return self.source.account

    def summary(self) -> Summary:
        return self.source.summary()

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        for page in self.source.pages(cursor):
            self.ids.update(post.id for post in page.posts)
            self.ids.update(page.tombstones)
            self.gone = self.gone or bool(page.tombstones)
            self.newest = max((self.newest, *(p.created_at for p in page.posts)), key=_instant)
            yield page

    def merge(self, known: Post, new: Post) -> Post:
        return self.source.merge(known, new)


def read(ledger: Ledger, source: Source, *, now: datetime, run: int | None = None) -> News:
    """Record what a source has to say now. Raises SourceError, NetworkError (`Busy`: until when)."""
    noted, before = _Noted(source), ledger.posts.revision(source.account)
    streams = (source.stream,) if source.stream else ()
    gap = ledger.streams.gap(source.account, streams) if streams else None
    collected = collect(ledger, noted, now=now, run=run)
    closed = gap is not None and ledger.streams.gap(source.account, streams) != gap
    silent = not (noted.ids or closed or collected.recorded.gone)
    if closed or collected.recorded.gone:
        before = -1  # nobody says which those are: what is gone, and what waited for the gap to be closed
    return News(
        source=source.account,
        ids=frozenset(ledger.posts.changed_since(source.account, now, noted.ids)),
        before=before,
        after=before if silent else ledger.posts.revision(source.account),
        newest=noted.newest,
        collected=collected,
        gone=noted.gone or collected.recorded.gone > 0,
    )


def look(ledger: Ledger, holds: Collection[Hold], *, now: datetime) -> Seen:
    """Renew these holds, and see what others have done meanwhile: one question for any number of accounts."""
    lost = ledger.queue.renew_all(holds, now=now) if holds else set()
    return Seen(at_work=ledger.queue.at_work(), revisions=ledger.posts.revisions(), lost=lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What is new for one mirror."""

    route: Route
    mirror: Mirror
    ids: Collection[str]
    gone: bool


def tend(ledger: Ledger, desk: Desk, hold: Hold, visit: Visit) -> Tended:
    """A moment's work at an account, under its hold; every error of `pump` and of `desk` comes through."""
    known = {source: ledger.posts.revision(source) for route in desk.routes for source in route.accounts}
    planned = {} if visit.again is not None and visit.again <= visit.now else visit.planned
    tasks = [
        _task(ledger, route, mirror, visit.news.get(mirror.source), planned)
        for route in desk.routes
        for mirror in _mirrors(ledger, route, [s for s in route.accounts if known[s] != planned.get(s)])
    ]
    tasks = [each for each in tasks if each.ids or each.gone]
    days = list(_remembering(ledger, desk))
    due = [(route, day) for route, day in days if day.is_due(visit.now)]
    faces = list(_faces(ledger, desk))
    memory = _sooner(*(day.next_time(visit.now) for _, day in days), *(f.due(visit.now) for f in faces))
    wake = _sooner(ledger.queue.next_wake(hold.account, now=visit.now), memory)
    if not tasks and not due and (wake is None or wake > visit.now):
        again = visit.again if planned else None
        return Tended(planned=known, wake=_sooner(wake, again), again=again)
    limits = (publisher := desk.meet()).limits()
    wishes = {each.route.mirror: desk.wish(each.route, limits) for each in tasks}
    added, waiting = _plan(ledger, desk, visit, tasks, wishes)
    added += sum(day.plan(desk.wish(route, limits), now=visit.now, run=visit.run) for route, day in due)
    ports, terms = desk.ports(publisher), _for_a_moment(desk.terms(), visit.deferrals)
    delivered = pump(ports, terms, hold)
    again, edited, withdrawn = _sooner(visit.again if planned else None, waiting), 0, 0
    if tasks and delivered.stopped in _ENDED:
        again, tasks = visit.now, []
    for each in tasks:
        follower = Follower(each.mirror, each.route.follow, wishes[each.route.mirror], ports, terms, hold)
        for done in _followed(follower, each):
            edited, withdrawn = edited + done.edited, withdrawn + done.withdrawn
            again = _sooner(again, done.again)
    if delivered.stopped not in _ENDED:
        _look_at(faces, Round(ports, terms, hold), visit.now)
    memory = _sooner(*(day.next_time(visit.now) for _, day in days), *(f.due(visit.now) for f in faces))
    wake = _sooner(delivered.next_attempt, again, memory)
    if wake is None or wake > visit.now + _REST:
        desk.rest()
    return Tended(
        planned=known,
        added=added,
        edited=edited,
        withdrawn=withdrawn,
        delivered=delivered,
        wake=wake,
        again=again,
    )


def _plan(
    ledger: Ledger, desk: Desk, visit: Visit, tasks: Collection[_Task], wishes: Mapping[str, Wish]
) -> tuple[int, datetime | None]:
    """How many statuses have come in line, and when to look again at what waits for what it refers to."""
    awaited, added = Awaited(ledger, now=visit.now), 0
    for each in tasks:
        desk.fetch(each.route, each.mirror.source, each.ids)
        wish = replace(wishes[each.route.mirror], awaited=awaited)
        added += plan_live(ledger, each.mirror, wish, each.ids, now=visit.now, run=visit.run).added
        if each.route.follow.answers(wish.limits):
            added += plan_corrections(ledger, each.mirror, wish, each.ids, now=visit.now, run=visit.run).added
    return added, awaited.again


def _sooner(*moments: datetime | None) -> datetime | None:
    return min(filter(None, moments), default=None)


def _followed(follower: Follower, task: _Task) -> Iterator[Followed]:
    yield follower.edits(task.ids)
    if task.gone:
        yield follower.deletions()


def _for_a_moment(terms: Terms, deferrals: int) -> Terms:
    pace = replace(terms.pace, max_posts=None, max_seconds=MOMENT)
    return replace(terms, pace=pace, deferrals=deferrals)


def _mirrors(ledger: Ledger, route: Route, sources: Iterable[str]) -> Iterator[Mirror]:
    for source in sources:
        since = begun(ledger, source, route.destination)
        if since is not None:
            yield Mirror(source=source, destination=route.destination, begun=since, fresh=route.fresh)


def _remembering(ledger: Ledger, desk: Desk) -> Iterator[tuple[Route, Remembering]]:
    for route in desk.routes:
        for source in route.accounts:
            if route.memories is not None:
                of = {"source": source, "destination": route.destination}
                yield route, Remembering(ledger=ledger, memories=route.memories, **of)


def _faces(ledger: Ledger, desk: Desk) -> Iterator[Following]:
    for route in desk.routes:
        if route.profile and (sitter := desk.sitter(route)) is not None:
            yield Following(ledger, sitter, route.destination)


def _look_at(faces: Iterable[Following], run: Round, now: datetime) -> None:
    for each in faces:
        if each.due(now) <= now:
            each.look(run)


def _task(
    ledger: Ledger, route: Route, mirror: Mirror, news: News | None, planned: Mapping[str, int]
) -> _Task:
    """What was read, when nothing else has changed since the last plan; otherwise all since the beginning."""
    revision = ledger.posts.revision(mirror.source)
    if news is not None and news.after == revision and planned.get(mirror.source) == news.before:
        ids = ledger.posts.written_since(mirror.source, mirror.begun.since, news.ids)
        gone = news.gone
    else:
        ids = ledger.queue.unsettled(mirror.destination, mirror.source, mirror.begun.since)
        gone = bool(ledger.queue.outlived(mirror.destination, mirror.source))
    return _Task(route=route, mirror=mirror, ids=_below_gap(ledger, route, mirror, ids), gone=gone)


def _below_gap(ledger: Ledger, route: Route, mirror: Mirror, ids: Collection[str]) -> Collection[str]:
    """What comes after posts that are not read yet waits for them: else it would be there before they are."""
    gap = ledger.streams.gap(mirror.source, route.streams) if ids and route.streams else None
    if gap is None or gap.until <= mirror.begun.since:
        return ids
    if gap.since is None or gap.since < mirror.begun.since:
        return ()
    return ledger.posts.written_until(mirror.source, gap.since, ids)


def _instant(moment: datetime | None) -> float:
    return float("-inf") if moment is None else moment.timestamp()
