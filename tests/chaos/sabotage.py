"""What holds the promise together, taken out piece by piece: the oracle has to notice each."""

from __future__ import annotations

from typing import Any

from bridge.engine import recover
from bridge.errors import Deferred, Unknown
from bridge.ledger import claims, database, deliveries, destinations


def no_look() -> None:
    """An answer that was lost is taken for a post that is not there."""
    recover.look = lambda *_: None  # type: ignore[assignment]


def no_exclusion() -> None:
    """What the ledger owns already may be found once more, for a twin."""
    deliveries.Deliveries.known_remote_ids = lambda *_: set()  # type: ignore[method-assign,assignment]


def no_lock() -> None:
    """Whoever comes may work on the account, beside whoever does."""

    def extend(*_: Any, **__: Any) -> None:
        return None

    destinations.check_free = lambda *_, **__: None  # type: ignore[assignment]
    claims.extend = extend
    destinations.extend = extend


def no_patience() -> None:
    """A lost answer counts as a refusal that may be tried again."""

    def resend(publish: Any) -> Any:
        def sent(self: Any, *rest: Any, **more: Any) -> Any:
            try:
                return publish(self, *rest, **more)
            except Unknown as error:
                raise Deferred(error.message) from error

        return sent

    from bridge.publishers.mastodon import MastodonPublisher

    MastodonPublisher.publish = resend(MastodonPublisher.publish)  # type: ignore[method-assign]


def no_sync() -> None:
    """The ledger's commits are not on the disk when they return."""
    database._LASTING = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")
