"""What tests and harnesses may look at: the server's world as values and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.sandbox.rules.documents import moment
from bridge.sandbox.rules.state import Account, Medium, Notice, Status

if TYPE_CHECKING:
    from bridge.sandbox.exchange import Exchange


class State:
    """A look into the server; everything given is a copy of the moment."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Of all accounts, in the order in which they arrived."""
        with self._exchange.lock:
            rows = tuple(self._exchange.application.world.statuses.values())
        return tuple(sorted(rows, key=lambda row: row.number))

    @property
    def account(self) -> Account:
        """The first one, whose token is given out."""
        with self._exchange.lock:
            return next(iter(self._exchange.application.world.accounts.values()))

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(row.text for row in self.statuses)

    @property
    def media(self) -> tuple[Medium, ...]:
        with self._exchange.lock:
            return tuple(self._exchange.application.world.media.values())

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Local people who were disturbed by a mention."""
        return tuple(row for row in self._notes() if row.kind == "mention")

    @property
    def lookups(self) -> tuple[str, ...]:
        """Remote handles that the server would have asked other servers for, in order."""
        return tuple(row.whom for row in self._notes() if row.kind == "lookup")

    def _notes(self) -> tuple[Notice, ...]:
        with self._exchange.lock:
            return tuple(self._exchange.application.world.notices.values())

    @property
    def requests(self) -> tuple[tuple[str, str, int], ...]:
        """(method, path, status) of the last ten thousand; status 0: no answer."""
        with self._exchange.lock:
            return tuple(self._exchange.log.last)

    @property
    def request_count(self) -> int:
        return self._exchange.log.total

    @property
    def waiting(self) -> int:
        """Requests that are held up right now, by a slow fault or by another one with the same key."""
        return self._exchange.waiting

    def count(self, request: str) -> int:
        """How many there were of e.g. "POST /api/v1/statuses" or "GET /api/v1/media/:id"."""
        with self._exchange.lock:
            return self._exchange.log.by_request[request]

    def document(self, *, since: int = 0) -> dict[str, object]:
        """All of it as JSON; `since` leaves out statuses that arrived before that number."""
        exchange = self._exchange
        return {
            "now": moment(exchange.clock.now()),
            "profile": exchange.application.profile.name,
            "version": exchange.application.profile.version,
            "statuses": [_status(row) for row in self.statuses if row.number > since],
            "media": [_medium(row) for row in self.media],
            "notices": [
                {"kind": row.kind, "whom": row.whom, "status_id": row.status_id} for row in self.notices
            ],
            "lookups": list(self.lookups),
            "scheduled": len(exchange.application.world.scheduled),
            "requests": {
                "total": exchange.log.total,
                "by_request": dict(exchange.log.by_request),
                "by_answer": {str(status): n for status, n in exchange.log.by_answer.items()},
            },
            "waiting": exchange.waiting,
            "faults": [{"kind": kind, "on": on} for kind, on in exchange.faults.history],
        }


def _status(row: Status) -> dict[str, object]:
    return {
        "id": row.id,
        "number": row.number,
        "account_id": row.account_id,
        "created_at": moment(row.created_at),
        "arrived_at": moment(row.arrived_at),
        "text": row.text,
        "spoiler_text": row.spoiler_text,
        "sensitive": row.sensitive,
        "visibility": row.visibility,
        "language": row.language,
        "in_reply_to_id": row.in_reply_to_id,
        "reblog_of_id": row.reblog_of_id,
        "quote_id": row.quote_of_id,
        "media_ids": list(row.media_ids),
        "edited_at": moment(row.edited_at) if row.edited_at else None,
        "key": row.key,
    }


def _medium(row: Medium) -> dict[str, object]:
    return {
        "id": row.id,
        "type": row.type,
        "mime": row.mime,
        "size": row.size,
        "description": row.description,
        "status_id": row.status_id,
        "created_at": moment(row.created_at),
    }
