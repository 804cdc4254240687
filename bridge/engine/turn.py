"""Reading what is billed, one process at a time, from where the last one stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bridge.ledger import Ledger
from bridge.ledger.owner import Owner
from bridge.ledger.rows import Hold

_SECONDS = 600.0  # that one page may take; longer than any answer
_RENEWED = timedelta(minutes=2)  # so long a hold is as good as new


class LedgerTurn:
    """Implements the `Turn` of a source by a hold in the ledger."""

    def __init__(
        self, ledger: Ledger, account: str, stream: str, *, owner: Owner, now: Callable[[], datetime]
    ) -> None:
        self._ledger, self._account, self._stream = ledger, account, stream
        self._owner, self._now = owner, now
        self._hold: Hold | None = None
        self._renewed = now()

    def begin(self, _cursor: str | None, /) -> str | None:
        self.end()  # what was not read to its end is not read any more
        self._renewed = self._now()
        self._hold = self._ledger.streams.hold(
            self._account, self._stream, owner=self._owner, now=self._renewed, seconds=_SECONDS
        )
        return self._ledger.posts.cursor(self._account, self._stream)

    def renew(self) -> None:
        now = self._now()
        if self._hold is not None and now - self._renewed >= _RENEWED:
            self._ledger.streams.renew(self._hold, now=now)
            self._renewed = now

    def end(self) -> None:
        if self._hold is not None:
            self._ledger.streams.release(self._hold)
            self._hold = None
