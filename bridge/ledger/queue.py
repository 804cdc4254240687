"""The queue of publications, as the engine sees it: every method of its parts under one name.

SIGNATURES ARE FINAL; bodies are being written in destinations.py, claims.py, plans.py, deliveries.py, uploads.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from bridge.ledger.owner import Owner
from bridge.ledger.rows import Applied, Delivery, DestinationRow, EventRow, Hold, UploadRow
from bridge.planning import Action, Known
from bridge.publications import Publication, State
from bridge.publishers.base import Receipt
from bridge.statuses import Limits


class Queue:
    # destinations.py
    def open_destination(self, account: str, *, now: datetime, remote_account_id: str | None = None) -> None:
        """Make sure the account has its row; idempotent."""
    def destination(self, account: str) -> DestinationRow | None: ...
    def destinations(self) -> list[DestinationRow]: ...
    def save_limits(self, account: str, limits: Limits) -> None: ...
    def save_budget(self, account: str, budget: Mapping[str, object]) -> None: ...
    def pause(self, account: str, reason: str | None) -> None:
        """None: go on."""
    def proposed(self, destination: str, source: str) -> str | None: ...
    def save_proposed(self, destination: str, source: str, stamp: str | None) -> None: ...
    def hold(self, account: str, *, owner: Owner, now: datetime, seconds: float) -> Hold:
        """Raises Locked."""
    def renew(self, hold: Hold, *, now: datetime) -> None:
        """Raises Locked when the hold is lost."""
    def release(self, hold: Hold) -> None: ...

    # claims.py
    def claim(self, hold: Hold, *, now: datetime) -> Publication | None:
        """Commits the intent. Raises Locked when the hold is lost."""
    def peek(self, account: str, *, now: datetime) -> Publication | None:
        """What `claim` would return; no lock, nothing written."""
    def abandoned(self, hold: Hold, *, now: datetime) -> Publication | None:
        """Takes over the publishing row of a dead holder, or of ours that is due to be looked for again."""
    def mark_unknown(self, publication: Publication, *, now: datetime, look_again_at: datetime) -> bool: ...
    def settle(
        self,
        publication: Publication,
        state: State,
        *,
        now: datetime,
        receipt: Receipt | None = None,
        not_before: datetime | None = None,
        error: str | None = None,
        rotate_key: bool = False,
    ) -> bool:
        """False when the lease was lost. PUBLISHED needs a receipt, APPROVED may have not_before."""
    def next_wake(self, destination: str, *, now: datetime) -> datetime | None:
        """When there is something to do: now or later; None when nothing is left."""
    def reply_target(self, publication: Publication) -> str | None:
        """Remote id of the nearest published ancestor in `reply_to_id` (skipped ones are stepped over)."""

    # plans.py
    def apply(
        self,
        actions: Iterable[Action],
        *,
        destination: str,
        source: str,
        now: datetime,
        run: int | None = None,
        actor: str = "plan",
    ) -> Applied: ...
    def known(
        self, destination: str, source: str, post_ids: Collection[str]
    ) -> dict[str, list[Known]]:
        """Posts without publications are absent; parts ascending."""

    # deliveries.py
    def known_remote_ids(self, destination: str, candidates: Collection[str]) -> set[str]: ...
    def remote(self, destination: str, source: str, post_id: str, part: int = 1) -> tuple[str, str | None] | None: ...
    def counts(self, destination: str) -> dict[State, int]:
        """Every state is a key."""
    def unknown_count(self, destination: str) -> int:
        """Publishing rows that nobody is working on, or whose answer is missing."""
    def deliveries(self, source: str, post_id: str) -> list[Delivery]: ...
    def events(self, source: str, post_id: str) -> list[EventRow]: ...
    def failed(self, destination: str, *, limit: int | None = None) -> list[Delivery]: ...
    def retry(
        self, destination: str, *, now: datetime, posts: Collection[tuple[str, str]] | None = None,
        run: int | None = None,
    ) -> int:
        """failed -> approved; posts are (source, post id), None: all failed."""
    def skip(
        self, destination: str, posts: Collection[tuple[str, str]], *, reason: str, now: datetime,
        run: int | None = None,
    ) -> int:
        """pending, approved, failed -> skipped, for good: no plan brings them back."""
    def approve(
        self, destination: str, posts: Collection[tuple[str, str]], *, now: datetime, run: int | None = None
    ) -> int:
        """pending -> approved, by a person."""
    def published(self, destination: str) -> Iterator[Publication]: ...

    # uploads.py
    def save_upload(
        self, destination: str, *, sha256: str, description: str | None, remote_id: str, ready: bool,
        now: datetime, expires_at: datetime | None = None,
    ) -> None: ...
    def upload_of(
        self, destination: str, sha256: str, description: str | None, *, now: datetime | None = None
    ) -> UploadRow | None:
        """With `now`, only one that has not expired."""
    def forget_uploads(self, destination: str, remote_ids: Collection[str]) -> int:
        """After they were attached, or are gone."""
