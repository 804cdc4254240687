"""The mirrors of the settings as the worker wants them: each account with its server, opened when needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from bridge.cli.fetching import fetching_of
from bridge.cli.folders import Files, files
from bridge.cli.meeting import meet, ports, terms
from bridge.cli.tables import safe
from bridge.config.values import memories
from bridge.engine.beginning import begun
from bridge.engine.follow import Follow
from bridge.engine.tend import Desk, Route
from bridge.errors import ConfigError, Unauthorized
from bridge.pacing.polling import Cadence
from bridge.publications import State

if TYPE_CHECKING:
    from bridge.app import Account, App
    from bridge.config.x_reading import XReading
    from bridge.engine.clock import Clock
    from bridge.engine.files import FittedFiles
    from bridge.engine.profiles import Sitter
    from bridge.engine.propose import Wish
    from bridge.engine.terms import Ports, Terms
    from bridge.ledger import Ledger
    from bridge.profile import Profile
    from bridge.publications import Publication
    from bridge.publishers.base import Publisher, Receipt
    from bridge.publishers.mastodon import MastodonPublisher
    from bridge.sources.base import Source
    from bridge.statuses import Limits
    from bridge.worker import Voice

_MET = timedelta(days=1)  # until a server is asked anew what it can do


@dataclass(slots=True, kw_only=True)
class Mirrors:
    """Implements `House`."""

    app: App
    clock: Clock
    voice: Voice
    stop: Callable[[], bool]
    heard: Callable[[str, int | None], None] = lambda _whom, _status: None  #: of each request, its answer
    run: int | None = None
    desks: dict[str, Desk] = field(default_factory=dict)
    profiles: dict[str, tuple[datetime, Profile]] = field(default_factory=dict)  #: as X told them, by source
    _sources: dict[str, Source] = field(default_factory=dict)
    _x_reading: XReading | None = None

    def __post_init__(self) -> None:
        self.app.heard = partial(self.heard, "sources")

    @property
    def ledger(self) -> Ledger:
        return self.app.ledger

    @property
    def cadence(self) -> Cadence:
        asked = self.app.settings.watch
        most = max(asked.interval, asked.longest_interval)
        return Cadence(least=asked.interval, most=most, gap=asked.host_gap, seed=str(self.app.home.path))

    def cadence_of(self, name: str) -> Cadence:
        """A look at a folder costs nothing: it is looked at as often as may be."""
        asked = self.cadence
        return replace(asked, most=asked.least) if self._is_files(name) else asked

    def source(self, name: str) -> Source | None:
        known = self._sources.get(name)
        if self._is_files(name):
            found: Source | None = files(
                self.app, name, known.inner if isinstance(known, Files) else None, self.clock.now()
            )
            if found is None:
                return None
        elif known is None:
            found = self._opened(name)
        else:
            return known
        if known is None:  # so that the next source of the same person joins it, however little was read
            self.ledger.posts.introduce(found.account, found.owner)
        self._sources[name] = found
        return found

    @property
    def x_reading(self) -> XReading:
        """One for all: each has connections of its own."""
        if self._x_reading is None:
            self._x_reading = self.app.x_reading(self.ledger)
        return self._x_reading

    def _opened(self, name: str) -> Source:
        """What is billed is read from where its mirrors begin, and asked for deletions where that matters."""
        if not self.app.is_billed([name]):
            return self.app.source([name], self.ledger)
        reading = self.x_reading
        timeline = reading.timeline(*self.app.named_accounts([name]))
        settings = self.app.settings
        mirrors = {each: m.destination for each, m in settings.mirrors.items() if name in m.sources}
        if any(self.app.loaded.watch(each).deletions != "ignore" for each in mirrors):
            reading.follow(timeline)

        def since() -> datetime | None:
            accounts = (settings.destinations[each].account for each in mirrors.values())
            begins = (begun(self.ledger, timeline.account, account) for account in accounts)
            return min((each.since for each in begins if each is not None), default=None)

        timeline.begin(since)
        return timeline

    def _is_files(self, name: str) -> bool:
        return bool(self.app.settings.sources[name].paths)

    def host(self, name: str) -> str:
        table = self.app.settings.sources[name]
        return next((urlsplit(url).hostname or "" for url in table.urls), table.type)

    def open(self, named: Sequence[str]) -> None:
        """Set a desk up for each account of these mirrors, or of all. ConfigError: one is not there."""
        mirrors = self.app.settings.mirrors
        for name in named or mirrors:
            if name not in mirrors:
                known = ", ".join(mirrors) or "none"
                raise ConfigError(f"There is no [mirrors.{name}].", hint=f"In the settings: {known}.")
            route = self._route(name)
            desk = self.desks.setdefault(route.destination, _Desk(mirrors=self, account=route.destination))
            assert isinstance(desk, _Desk)
            desk.routes.append(route)
        if not self.desks:
            raise ConfigError(
                "There is nothing to watch: the settings have no [mirrors.NAME].",
                hint="See config.example.toml for what a mirror looks like.",
            )

    def _account_of(self, source: str) -> str | None:
        """Of files that are not there yet nobody knows it, unless they join a feed."""
        found = self.source(source)
        return None if found is None else found.account

    def _stream_of(self, source: str) -> str | None:
        return None if self._is_files(source) or (found := self.source(source)) is None else found.stream

    def _route(self, name: str) -> Route:
        mirror, asked = self.app.settings.mirrors[name], self.app.loaded.watch(name)
        return Route(
            mirror=name,
            destination=self.app.settings.destinations[mirror.destination].account,
            sources=mirror.sources,
            accounts=tuple(dict.fromkeys(filter(None, map(self._account_of, mirror.sources)))),
            streams=tuple(dict.fromkeys(filter(None, map(self._stream_of, mirror.sources)))),
            fresh=timedelta(seconds=asked.fresh),
            follow=Follow(
                edits=asked.edits,
                deletions=asked.deletions,
                most=asked.max_deletes_per_day,
                mark=asked.mark,
            ),
            profile=asked.profile,
            memories=memories(self.app.loaded.on_this_day(name), self.app.loaded.render(name)),
        )


class _Known(NamedTuple):
    """What is wanted of a mirror, as long as its server and `mark` are the same."""

    limits: Limits
    mark: tuple[str, int | None]
    wish: Wish


def _written(path: Path) -> int | None:
    """When, in nanoseconds; None: there is no such file."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


@dataclass(slots=True, kw_only=True)
class _Desk:
    """Implements `Desk`, and `Watcher`: says what becomes of each post."""

    mirrors: Mirrors
    account: str
    routes: list[Route] = field(default_factory=list)
    _publisher: MastodonPublisher | None = None
    _files: FittedFiles | None = None
    _limits: Limits | None = None
    _terms: Terms | None = None
    _met_at: datetime | None = None
    _wishes: dict[str, _Known] = field(default_factory=dict)

    @property
    def app(self) -> App:
        return self.mirrors.app

    def meet(self) -> Publisher:
        """Once a day, and again while the account is stopped: somebody may have logged in anew."""
        now, queue = self.mirrors.clock.now(), self.app.ledger.queue
        stale = self._met_at is None or now - self._met_at >= _MET
        if self._limits is None or stale or queue.paused(self.account) is not None:
            self.rest()
            self._publisher = meet(self.app, self._who(), self.mirrors.clock)
            self._limits, self._met_at = self._publisher.limits(), now
        elif self._publisher is None:
            self._publisher = self.app.publisher(self._who(), self._limits, self.mirrors.clock.now)
        self._publisher.tell(partial(self.mirrors.heard, "servers"))
        return self._publisher

    def rest(self) -> None:
        """A thousand accounts that are silent keep neither connections nor threads."""
        if self._publisher is not None:
            self._publisher.close()
        if self._files is not None:
            self.app.give_back(self._files)
        self._publisher = self._files = None

    def wish(self, route: Route, limits: Limits) -> Wish:
        """As the settings say, with what `links check` and `handles` have found out meanwhile."""
        known, name = self._wishes.get(route.mirror), route.mirror
        mark = (self.app.ledger.links.mark(), _written(self.app.handles_file(name)))
        if known is None or (known.limits, known.mark) != (limits, mark):
            try:
                wish = self._live(name, self.app.wish(name, limits))
            except ConfigError as error:
                if known is None:
                    raise
                self.note("HANDLES_NOT_READ", f"Handles of before are used: {error}")
                wish = replace(known.wish, limits=limits)
            known = self._wishes[name] = _Known(limits, mark, wish)
        return known.wish

    def ports(self, publisher: Publisher) -> Ports:
        mirrors = self.mirrors
        if self._files is None:
            self._files = self.app.files(publisher.limits())
        return ports(
            self.app,
            publisher,
            mirrors.clock,
            watcher=self,
            stop=mirrors.stop,
            run=mirrors.run,
            files=self._files,
        )

    def terms(self) -> Terms:
        if self._terms is None:
            try:
                self._terms = terms(self.app, self.app.account(self.account))
            except Unauthorized:
                self._who()  # somebody may have logged in since
                raise
        return self._terms

    def fetch(self, route: Route, source: str, ids: Collection[str]) -> None:
        if not self.app.loaded.watch(route.mirror).fetch_media:
            return
        from bridge.engine.missing import lacks

        found = self.app.ledger.posts.load(source, ids).values()
        if wanted := [post for post in found if lacks(post)]:
            with fetching_of(self.app, self.mirrors.clock) as fetching:
                fetched = fetching.complete(self.app.ledger, source, wanted)
            if fetched.problem or fetched.failed:
                why = fetched.problem or f"{fetched.failed} could not be fetched."
                self.note("MEDIA_NOT_FETCHED", f"Media of the old network: {why}")

    def sitter(self, route: Route) -> Sitter | None:
        from bridge.cli.sitting import sitting

        return sitting(self.mirrors, route, self._server, self._say)

    def _server(self) -> MastodonPublisher:
        self.meet()
        assert self._publisher is not None
        return self._publisher

    # -- what is told

    def published(self, row: Publication, receipt: Receipt) -> None:
        where = receipt.url or receipt.remote_id
        part = f" ({row.draft.part}/{row.draft.parts})" if row.draft.parts > 1 else ""
        sent = "boosted" if receipt.reblog else "published"
        done = "edited" if row.state is State.PUBLISHED else sent
        self._say(f"{done} {where}, post {row.post_id}{part}", post=row.post_id)

    def failed(self, row: Publication, reason: str) -> None:
        self._say(f"failed: post {row.post_id}: {safe(reason)}", level="error", post=row.post_id)

    def withdrawn(self, row: Publication) -> None:
        self._say(f"deleted {row.remote_url or row.remote_id}, post {row.post_id}", post=row.post_id)

    def waiting(self, until: datetime, reason: str) -> None:
        """Nobody sits there to be told."""

    def note(self, code: str, message: str) -> None:
        self._say(safe(message), level="warning", code=code)

    def _say(self, text: str, *, level: str = "info", **facts: object) -> None:
        self.mirrors.voice(f"{self.account}: {text}", level=level, account=self.account, **facts)

    def _live(self, mirror: str, wish: Wish) -> Wish:
        from bridge.statuses import Visibility

        asked = self.app.loaded.watch(mirror)
        if asked.visibility is None:
            return wish
        return replace(wish, options=replace(wish.options, visibility=Visibility(asked.visibility)))

    def _who(self) -> Account:
        """With the token of today."""
        self.app.__dict__.pop("credentials", None)
        return self.app.account(self.account)
