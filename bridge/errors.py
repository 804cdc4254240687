"""The error tree: each class is named for what happens next, and knows its exit code.

BridgeError                   1
├── ConfigError               2   the user can fix it: a sentence and a place
├── SourceError               1   this source cannot be read
│   └── Barred                4   it does not let us: not asked again before a person has acted
├── PublishError              5
│   ├── Refused               3   answered no: the row fails, a person decides
│   ├── Wider                 3   a post came out wider than asked: nothing more is sent, a person decides
│   ├── Deferred(until)       5   answered not now, or not sent: tried again, not before `until`
│   ├── Unauthorized          4   answered who are you: this account stops, its rows stay
│   └── Unknown               5   no answer: the row stays `publishing`, recovery looks first
├── MediaError                1   this file cannot be used
│   └── Unfit                 1   nor made to fit: what `media.too_big` says happens
├── NetworkError              5   a request that changes nothing could not be made
│   └── Busy(until)           5   answered not now: asked again, not before `until`
│       └── Spent(until)      8   it costs more than the settings allow: not asked before `until`
├── PlanStale                 6   the plan is not the one that was previewed
└── LedgerError               1
    ├── Locked                7   another run works on this account or ledger
    ├── SchemaOutdated        9   older than this program and not upgradable by itself, or newer
    └── IllegalTransition     1   a bug
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 post`, `1,234 posts`, for sentences that count; `many` where more changes than an s at the end."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


class BridgeError(Exception):
    """An expected failure: `message` says what and where, `hint` the way out."""

    code: ClassVar[str] = "FAILED"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class ConfigError(BridgeError):
    code, exit_code = "CONFIG", 2


class SourceError(BridgeError):
    code = "SOURCE_UNREADABLE"


class Barred(SourceError):
    code, exit_code = "SOURCE_BARRED", 4


class PublishError(BridgeError):
    """What a destination's answer, or its silence, means for the publication in hand."""

    code, exit_code = "PUBLISH", 5

    def __init__(self, message: str, *, hint: str | None = None, status: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status  #: HTTP status, when there was an answer


class Refused(PublishError):
    code, exit_code = "REFUSED", 3


class Wider(PublishError):
    code, exit_code = "WIDER", 3


class Deferred(PublishError):
    """`until` None: the caller backs off; `sent` False: the request never left, nothing was spent."""

    code = "DEFERRED"

    def __init__(
        self,
        message: str,
        *,
        until: datetime | None = None,
        sent: bool = True,
        hint: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, status=status)
        self.until = until
        self.sent = sent


class Unauthorized(PublishError):
    code, exit_code = "AUTH_EXPIRED", 4


class Unknown(PublishError):
    code = "OUTCOME_UNKNOWN"


class MediaError(BridgeError):
    code = "MEDIA_UNUSABLE"


class Unfit(MediaError):
    code = "MEDIA_UNFIT"


class NetworkError(BridgeError):
    code, exit_code = "NETWORK", 5


class Busy(NetworkError):
    code = "BUSY"

    def __init__(self, message: str, *, until: datetime | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.until = until  #: None: nobody said


class Spent(Busy):
    code, exit_code = "BUDGET_SPENT", 8


class PlanStale(BridgeError):
    code, exit_code = "PLAN_STALE", 6


class LedgerError(BridgeError):
    code = "LEDGER"


class Locked(LedgerError):
    code, exit_code = "LOCKED", 7


class SchemaOutdated(LedgerError):
    code, exit_code = "SCHEMA", 9


class IllegalTransition(LedgerError):
    code = "ILLEGAL_TRANSITION"
