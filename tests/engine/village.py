"""Accounts that write, servers that are mirrored to, and a worker between them: all of it in no time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.engine.beginning import Beginning, begin
from bridge.engine.bench import InTurn
from bridge.engine.profiles import Sitter
from bridge.engine.propose import Wish
from bridge.engine.tend import Desk, Route
from bridge.engine.terms import Ports, Terms
from bridge.errors import BridgeError, Unauthorized
from bridge.ledger import Ledger
from bridge.ledger.owner import Owner
from bridge.pacing.polling import Cadence
from bridge.posts import Author, Kind, Post, Reference
from bridge.publishers.base import Publisher
from bridge.publishers.memory import MemoryPublisher
from bridge.sources.base import Notice, Page, Summary
from bridge.statuses import Limits
from bridge.worker import Worker
from tests.changes import replace
from tests.engine.stage import Files, Notes, Time

START = datetime.fromisoformat("2026-03-01T08:00:00+00:00")
SNOWFLAKES = 1_288_834_974_657  # milliseconds: when ids of tweets began to tell the time
LIMITS = Limits(software="memory", edits=True, windows=())


class Account:
    """Somebody who writes, and the feed of what was written last; it implements `Source`."""

    def __init__(self, name: str, time: Time, *, shows: int = 20) -> None:
        self.name, self.time, self.shows = name, time, shows
        self.posts: list[Post] = []
        self.gone: list[str] = []
        self.asked: list[datetime] = []
        self.problem: BridgeError | None = None
        self.notices: tuple[Notice, ...] = ()
        self.version = 0  #: of what there is to be read
        self.owner = Author(id=f"@{name}", handle=name)
        self.account = f"twitter:@{name}"
        self.stream = "feed"

    def write(self, text: str, *, answers: Post | None = None, at: datetime | None = None) -> Post:
        written = at or self.time.now()
        post = Post(
            source=self.account,
            id=str((int(written.timestamp() * 1000) - SNOWFLAKES << 22) + len(self.posts)),
            author=self.owner,
            created_at=written,
            text=text,
            kind=Kind.ORIGINAL if answers is None else Kind.THREAD,
            reply_to=None if answers is None else Reference(id=answers.id, author_id=self.owner.id),
            language="en",
        )
        self.posts.append(post)
        self.version += 1
        return post

    def edit(self, post: Post, text: str) -> None:
        self.version += 1
        self.posts = [replace(each, text=text) if each.id == post.id else each for each in self.posts]

    def delete(self, post: Post) -> None:
        self.version += 1
        self.posts = [each for each in self.posts if each.id != post.id]
        self.gone.append(post.id)

    def summary(self) -> Summary:
        return Summary(name=self.name, owner=self.owner, era="feed")

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        self.asked.append(self.time.now())
        if self.problem is not None:
            raise self.problem
        shown, seen = tuple(reversed(self.posts[-self.shows :])), str(self.version)
        if cursor == seen:  # as a server that says: not modified
            yield Page(notices=self.notices, stream=self.stream, cursor=seen)
        else:
            gone, notices = tuple(self.gone), self.notices
            yield Page(posts=shown, tombstones=gone, notices=notices, stream=self.stream, cursor=seen)

    def merge(self, known: Post, new: Post) -> Post:
        return new


@dataclass
class Home:
    """An account at a server; it implements `Desk`."""

    ledger: Ledger
    time: Time
    account: str
    routes: Sequence[Route]
    limits: Limits = LIMITS
    wanted: Wish = field(default_factory=Wish)
    notes: Notes = field(default_factory=Notes)
    stopped: bool = False
    rests: int = 0
    unauthorized: bool = False
    sitting: Sitter | None = None
    server: MemoryPublisher = field(init=False)

    def __post_init__(self) -> None:
        self.server = MemoryPublisher(account=self.account, limits=self.limits, now=self.time.now)

    @property
    def texts(self) -> list[str]:
        return [(each.text or "").partition("\n")[0] for each in self.server.statuses]

    def meet(self) -> Publisher:
        if self.unauthorized:
            raise Unauthorized("Nobody is logged in.")
        return self.server

    def wish(self, route: Route, limits: Limits) -> Wish:
        return replace(self.wanted, limits=limits)

    def ports(self, publisher: Publisher) -> Ports:
        return Ports(
            ledger=self.ledger,
            publisher=publisher,
            media=Files(),
            clock=self.time,
            owner=Owner(host="here", boot="b", pid=1, started="1"),
            chance=lambda: 0.5,
            watcher=self.notes,
            stop=lambda: self.stopped,
        )

    def terms(self) -> Terms:
        return Terms(pace=self.wanted.pace)

    def rest(self) -> None:
        self.rests += 1

    def sitter(self, route: Route) -> Sitter | None:
        return self.sitting

    def fetch(self, route: Route, source: str, ids: Collection[str]) -> None:
        """Nothing is missing here."""


class Village:
    """It implements `House`; each account has its home at a server of its own."""

    def __init__(
        self, ledger: Ledger, *names: str, cadence: Cadence | None = None, longest: float = 30
    ) -> None:
        self.ledger, self.longest = ledger, longest
        self.time = Time(START)
        self.cadence = cadence or Cadence(least=60, most=600, gap=0, look=300)
        self.accounts = {name: Account(name, self.time) for name in names}
        self.homes = {self.address(name): self._home(name) for name in names}
        self.said: list[str] = []
        self.lives = 0

    @property
    def desks(self) -> dict[str, Desk]:
        return {**self.homes}

    def cadence_of(self, name: str) -> Cadence:
        return self.cadence

    def source(self, name: str) -> Account:
        return self.accounts[name]

    def host(self, name: str) -> str:
        return "feeds.example"

    def home(self, name: str) -> Home:
        return self.homes[self.address(name)]

    def address(self, name: str) -> str:
        return f"@{name}@memory.example"

    def begin(self, since: datetime | None = None) -> None:
        for home in self.homes.values():
            for route in home.routes:
                for source in route.accounts:
                    now = self.time.now()
                    beginning = Beginning(since=since or now, at=now)
                    begin(self.ledger, source, home.account, beginning)

    def worker(self) -> Worker:
        """A process of another machine, for what others can tell."""
        self.lives += 1
        owner = Owner(host="elsewhere", boot="b", pid=100 + self.lives, started=str(self.lives))
        return Worker(self, self.time, InTurn(self.time, longest=self.longest), owner=owner, voice=self._say)

    def run(self, worker: Worker, *, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        end = self.time.now() + timedelta(seconds=seconds)
        worker.run(lambda: until() or self.time.now() >= end)

    def _home(self, name: str) -> Home:
        account = self.address(name)
        route = Route(
            mirror=name,
            destination=account,
            sources=(name,),
            accounts=(f"twitter:@{name}",),
            fresh=timedelta(days=1),
        )
        return Home(ledger=self.ledger, time=self.time, account=account, routes=[route])

    def _say(self, text: str, *, level: str = "info", **facts: object) -> None:
        self.said.append(f"{level}: {text}")
