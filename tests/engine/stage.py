"""A ledger, an account in memory and a clock that jumps: all that the engine is given, in one place."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from bridge.engine.deliver import pump
from bridge.engine.propose import Wish, actions_of, propose
from bridge.engine.terms import Delivered, Ports, Terms
from bridge.errors import Locked, MediaError, Unfit
from bridge.ledger import Ledger
from bridge.ledger.owner import Owner
from bridge.posts import Author, Kind, Media, MediaType, Post, Reference
from bridge.publications import Publication
from bridge.publishers.base import Addressed, MediaFile, Receipt
from bridge.publishers.memory import MemoryPublisher
from bridge.sources.base import Page
from bridge.statuses import Limits, MediaRef, StatusDraft

SOURCE = "twitter:1"
ACCOUNT = "@me@memory.example"
FIRST = datetime(2012, 3, 4, 12, 0, tzinfo=UTC)
NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
FREE = Limits(software="memory", windows=())
AUTHOR = Author(id="1", handle="museum", name="A museum")


class Crash(BaseException):
    """The process dies here: nothing of ours may catch it."""


class Time:
    """Jumps as far as it is told to sleep."""

    def __init__(self, now: datetime = NOW) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Server(MemoryPublisher):
    """Dies on request: `crashes` says of each coming request whether "before" or "after" it is done."""

    def __init__(self, time: Time, limits: Limits = FREE, *, seconds: float = 0.0) -> None:
        super().__init__(account=ACCOUNT, limits=limits, now=time.now)
        self.crashes: list[str | None] = []
        self.time = time
        self.seconds = seconds
        self.requests = 0
        self.sent_at: list[datetime] = []
        self.withdrawn_at: list[datetime] = []
        self.widen = False
        self.meanwhile: Callable[[], object] | None = None  #: done once, before the next status is made

    def publish(self, draft: StatusDraft, addressed: Addressed, *, key: str) -> Receipt:
        crash = self._asked()
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        receipt = super().publish(draft, addressed, key=key)
        if crash == "after":
            raise Crash
        self.sent_at.append(self.time.now())
        return receipt

    def boost(self, remote_id: str, draft: StatusDraft) -> Receipt:
        crash = self._asked()
        receipt = super().boost(remote_id, draft)
        if crash == "after":
            raise Crash
        return receipt

    def withdraw(self, remote_id: str) -> None:
        crash = self._asked()
        super().withdraw(remote_id)
        if crash == "after":
            raise Crash
        self.withdrawn_at.append(self.time.now())

    def revise(self, remote_id: str, draft: StatusDraft, addressed: Addressed) -> Receipt:
        crash = self._asked()
        receipt = super().revise(remote_id, draft, addressed)
        if crash == "after":
            raise Crash
        return receipt

    def _asked(self) -> str | None:
        self.requests += 1
        self.time.sleep(self.seconds)
        crash = self.crashes.pop(0) if self.crashes else None
        if crash == "before":
            raise Crash
        return crash


@dataclass
class Files:
    """Any file is there, unless it is among the missing."""

    missing: set[str] = field(default_factory=set)
    unfit: set[str] = field(default_factory=set)
    opened: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def describe(self, ref: MediaRef) -> MediaFile:
        if ref.file is None or ref.file in self.missing:
            raise MediaError("the file is missing")
        if ref.file in self.unfit:
            raise Unfit(f"{ref.file} is too much for the server.")
        content = ref.file.encode()
        checksum = hashlib.sha256(content).hexdigest()
        return MediaFile(name=ref.file, mime_type="image/png", size=len(content), sha256=checksum)

    def expect(self, refs: Iterable[MediaRef]) -> None:
        self.expected.extend(ref.file or "" for ref in refs)

    def ready(self, ref: MediaRef, *, seconds: float) -> bool:
        return True

    def open(self, ref: MediaRef) -> BinaryIO:
        self.opened.append(ref.container or "")
        return io.BytesIO((ref.file or "").encode())


@dataclass
class Notes:
    """A watcher that remembers."""

    published_ids: list[str] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    withdrawn_ids: list[str] = field(default_factory=list)
    waits: list[tuple[datetime, str]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def published(self, row: Publication, receipt: Receipt) -> None:
        self.published_ids.append(row.post_id)

    def failed(self, row: Publication, reason: str) -> None:
        self.failures.append((row.post_id, reason))

    def withdrawn(self, row: Publication) -> None:
        self.withdrawn_ids.append(row.post_id)

    def waiting(self, until: datetime, reason: str) -> None:
        self.waits.append((until, reason))

    def note(self, code: str, message: str) -> None:
        self.codes.append(code)


class Stage:
    """Plays posts into a ledger and lets the deliverer run, as often as it takes."""

    def __init__(self, ledger: Ledger, limits: Limits = FREE, *, seconds: float = 0.0) -> None:
        self.ledger = ledger
        self.time = Time()
        self.server = Server(self.time, limits, seconds=seconds)
        self.files = Files()
        self.notes = Notes()
        self.lives = 0
        ledger.queue.open_destination(ACCOUNT, now=self.time.now())

    @property
    def texts(self) -> list[str]:
        return [(receipt.text or "").partition("\n")[0] for receipt in self.server.statuses]

    def record(self, posts: Sequence[Post]) -> None:
        page = Page(posts=tuple(posts))
        self.ledger.posts.record(page, source=SOURCE, run=None, now=self.time.now(), merge=lambda _, new: new)

    def plan(self, posts: Sequence[Post] = (), wish: Wish | None = None) -> None:
        if posts:
            self.record(posts)
        wish = wish or Wish(limits=self.server.limits())
        actions = actions_of(propose(self.ledger, SOURCE, wish, destination=ACCOUNT))
        self.ledger.queue.apply(actions, destination=ACCOUNT, source=SOURCE, now=self.time.now())

    def ports(self, stop: Callable[[], bool] = lambda: False) -> Ports:
        return Ports(
            ledger=self.ledger,
            publisher=self.server,
            media=self.files,
            clock=self.time,
            owner=self.owner(),
            chance=lambda: 0.5,
            watcher=self.notes,
            stop=stop,
        )

    def owner(self) -> Owner:
        """A process of another machine, whose life nobody can check: its hold has to run out."""
        return Owner(host="elsewhere", boot="b", pid=100 + self.lives, started=str(self.lives))

    def run(self, terms: Terms | None = None, stop: Callable[[], bool] = lambda: False) -> Delivered:
        return pump(self.ports(stop), terms or Terms())

    def run_beside(self, terms: Terms | None = None) -> None:
        """Another process has its try, and is told to wait."""
        first, self.lives = self.lives, self.lives + 1000
        with suppress(Locked):
            self.run(terms)
        self.lives = first

    def restart(self) -> None:
        """A new process, after the old one's hold has run out."""
        self.lives += 1
        self.time.sleep(3600)

    def run_to_the_end(self, terms: Terms | None = None, *, tries: int = 30) -> Delivered:
        for _ in range(tries):
            try:
                done = self.run(terms)
            except Crash:
                self.restart()
                continue
            if done.stopped is None:
                return done
            self.time.sleep(600)
        raise AssertionError("It never came to an end.")


def post(number: int, *, text: str | None = None, answers: int | None = None, media: int = 0) -> Post:
    """The `number`-th post of the museum, a minute after the one before."""
    pictures = tuple(
        Media(
            type=MediaType.IMAGE,
            id=f"{number}{i}",
            file=f"m/{number}-{i}.png",
            container="a.zip",
            alt="A hall",
        )
        for i in range(media)
    )
    return Post(
        source=SOURCE,
        id=str(1000 + number),
        author=AUTHOR,
        created_at=FIRST + timedelta(minutes=number),
        text=text if text is not None else f"Post {number}",
        kind=Kind.ORIGINAL if answers is None else Kind.THREAD,
        reply_to=None if answers is None else Reference(id=str(1000 + answers), author_id="1"),
        media=pictures,
        language="en",
    )
