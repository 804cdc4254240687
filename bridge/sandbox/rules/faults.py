"""Faults that can be switched on, and when they strike (reference: fediverse-rules §10.3).

A fault is a value; whether it strikes depends only on the requests seen and a seed, so a campaign can be
run again. How a fault is carried out on the wire is `bridge.sandbox.exchange`'s business.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from enum import StrEnum

from bridge.sandbox.rules.ids import noise


class FaultKind(StrEnum):
    # Nothing is stored.
    CUT_BEFORE = "cut_before"  # the connection ends before anything is done
    CUT_REQUEST = "cut_request"  # it ends while the request is still being sent, after `bytes` of its body
    ERROR_503 = "error_503"
    ERROR_502 = "error_502"  # HTML, as a proxy says it
    ERROR_500 = "error_500"
    ERROR_422 = "error_422"
    HTML_429 = "html_429"  # a proxy's, with Retry-After: `seconds`
    HTML_200 = "html_200"  # a maintenance page instead of the answer
    MOVED_301 = "moved_301"  # to the same path with a slash: clients repeat it as GET
    REDIRECT = "redirect"  # 307 to another host: `to`
    UNAUTHORIZED = "unauthorized"  # 401, whoever asks
    FORBIDDEN = "forbidden"
    GHOST = "ghost"  # 200 with a status that is never stored
    # The request is carried out, the answer goes astray.
    COMMIT_DROP = "commit_drop"  # the connection ends without a byte
    CUT_ANSWER = "cut_answer"  # it ends after `bytes` of the answer (default: half of it)
    COMMIT_504 = "commit_504"  # after `seconds`, HTML
    COMMIT_500 = "commit_500"
    COMMIT_HTML = "commit_html"  # 200 with a page
    COMMIT_GARBAGE = "commit_garbage"  # 200 with cut JSON, its length right
    BAD_RESET = "bad_reset"  # X-RateLimit-Reset that nobody can read
    SLOW_COMMIT = "slow_commit"  # `seconds` pass between the checks and the commit
    SLOW_ANSWER = "slow_answer"  # `seconds` pass after the commit
    CLOSE_AFTER = "close_after"  # the connection ends after its answer, without saying so
    # The answer arrives, the server misbehaves.
    DROP_MEDIA = "drop_media"
    DROP_REPLY = "drop_reply"
    WIDER = "wider"  # the status comes out public
    NARROWER = "narrower"
    OWNER_DELETES = "owner_deletes"  # right after the answer
    MEDIA_FAILED = "media_failed"  # the upload turns out unusable
    MEDIA_LOST = "media_lost"  # the upload is gone the next moment
    REPLAY_500 = "replay_500"
    KEY_IGNORED = "key_ignored"
    KEY_REFUSED = "key_refused"
    KEY_BURNT = "key_burnt"  # the first answer is repeated for the key, whatever it was
    CLOCK_SKEW = "clock_skew"  # Date and every other time is `seconds` off


MEDDLING = frozenset({
    FaultKind.GHOST, FaultKind.DROP_MEDIA, FaultKind.DROP_REPLY, FaultKind.WIDER, FaultKind.NARROWER,
    FaultKind.MEDIA_FAILED, FaultKind.REPLAY_500, FaultKind.KEY_IGNORED, FaultKind.KEY_REFUSED,
    FaultKind.KEY_BURNT,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`kind` strikes requests that match `on` ("POST /api/v1/statuses", `*` allowed).

    Exactly the `nth` of them (from 1), or each with `probability`; at most `times` times (None: for ever).
    """

    kind: FaultKind
    on: str = "POST /api/v1/statuses"
    nth: int | None = None
    probability: float = 1.0
    times: int | None = None
    seconds: float = 0.0
    bytes: int | None = None
    to: str = "http://elsewhere.invalid"
    reset: bool = False  #: end connections with a TCP reset instead of an orderly close


class Faults:
    """The faults that are switched on. Not thread-safe: the server asks under its own lock."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._next = 0
        self._armed: dict[int, Fault] = {}
        self._seen: dict[int, int] = {}
        self._struck: dict[int, int] = {}
        self.history: list[tuple[FaultKind, str]] = []  #: what struck, and which request

    def add(self, fault: Fault) -> int:
        """Switches a fault on; the number is for `remove`."""
        self._next += 1
        self._armed[self._next] = fault
        self._seen[self._next] = self._struck[self._next] = 0
        return self._next

    def remove(self, number: int) -> None:
        self._armed.pop(number, None)

    def clear(self) -> None:
        self._armed.clear()

    def __len__(self) -> int:
        return len(self._armed)

    def strike(self, method: str, path: str) -> tuple[Fault, ...]:
        """The faults that strike this request, in the order they were switched on."""
        struck = []
        asked = f"{method} {path}"
        for number, fault in list(self._armed.items()):
            if not fnmatch.fnmatchcase(asked, fault.on):
                continue
            self._seen[number] += 1
            if self._strikes(number, fault):
                self._struck[number] += 1
                self.history.append((fault.kind, asked))
                struck.append(fault)
        return tuple(struck)

    def _strikes(self, number: int, fault: Fault) -> bool:
        if fault.times is not None and self._struck[number] >= fault.times:
            return False
        if fault.nth is not None:
            return self._seen[number] == fault.nth
        if fault.probability >= 1:
            return True
        return noise("fault", self.seed, number, self._seen[number]) % 10_000 < fault.probability * 10_000
