"""What a run of the deliverer is given: its ports, its terms, and who is told about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol

from bridge.engine.clock import Clock
from bridge.fitting import TooBig
from bridge.ledger import Ledger
from bridge.ledger.owner import Owner
from bridge.pacing import Pace
from bridge.publications import Publication
from bridge.publishers.base import MediaFile, Publisher, Receipt
from bridge.statuses import MediaRef


class MediaFiles(Protocol):
    """Where the files of media references lie, made to fit.

    Raises `MediaError` or `SourceError` for a missing one, `Unfit` for one that the server would not take.
    """

    def describe(self, ref: MediaRef) -> MediaFile: ...
    def open(self, ref: MediaRef) -> BinaryIO: ...
    def expect(self, refs: Iterable[MediaRef]) -> None:
        """These come next, in this order: work on them may begin."""
        ...

    def ready(self, ref: MediaRef, *, seconds: float) -> bool:
        """Whether `describe` answers at once; for so long it is waited for."""
        ...


class Watcher(Protocol):
    """Is told what happens; must not raise."""

    def published(self, row: Publication, receipt: Receipt) -> None: ...
    def failed(self, row: Publication, reason: str) -> None: ...
    def withdrawn(self, row: Publication) -> None: ...
    def waiting(self, until: datetime, reason: str) -> None:
        """Nothing can be done before `until`; called again whenever the sleep is interrupted."""
        ...

    def note(self, code: str, message: str) -> None:
        """Something came out otherwise than asked; `code` is stable."""
        ...


class Unwatched:
    def published(self, row: Publication, receipt: Receipt) -> None: ...
    def failed(self, row: Publication, reason: str) -> None: ...
    def withdrawn(self, row: Publication) -> None: ...
    def waiting(self, until: datetime, reason: str) -> None: ...
    def note(self, code: str, message: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    ledger: Ledger
    publisher: Publisher
    media: MediaFiles
    clock: Clock
    owner: Owner
    chance: Callable[[], float]  #: uniform in [0, 1): spreads the retries of many clients
    watcher: Watcher = field(default_factory=Unwatched)
    stop: Callable[[], bool] = lambda: False
    run: int | None = None  #: of the ledger; noted with what it publishes and withdraws


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Seconds throughout. The lease is longer than a request and the server's time after it (rules §2)."""

    pace: Pace = field(default_factory=Pace)
    grace: float = 150.0  #: how long an unanswered request may still arrive before "not there" is believed
    timeout: float = 120.0  #: of a request
    lease: float = 600.0
    patience: int = 8  #: deferrals in a row, without the server saying until when, before a run gives up
    attempts: int = 10  #: of one status at a server that takes others
    media_wait: float = 900.0  #: how long a server may work on an upload
    deferrals: int = 0  #: of those, how many the run before this one ended with
    too_big: TooBig = "fit"  #: what becomes of a post whose media cannot go up


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What a run did, in statuses."""

    published: int = 0
    failed: int = 0
    unknown: int = 0
    remaining: int = 0
    next_attempt: datetime | None = None
    stopped: str | None = (
        None  #: signal | max_posts | max_duration | auth | temporary; None: nothing left to do
    )
    problem: str | None = None  #: a sentence, for auth and temporary
    deferrals: int = 0  #: in a row, at its end
    seconds: float = 0.0
