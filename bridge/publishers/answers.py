"""What an answer means: the server's words and status, turned into what happens next (architecture §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.errors import (
    BridgeError,
    Deferred,
    MediaError,
    NetworkError,
    PublishError,
    Refused,
    Unauthorized,
    Unknown,
)
from bridge.publishers.line import Answer
from bridge.publishers.wire import as_map, retry_at, text_of, words_of
from bridge.statuses import Limits

_MISSKEY = frozenset({"sharkey", "iceshrimp", "firefish"})  # any error may come as 401; the code tells (§1.3)
_CREDENTIALS = re.compile(r"AUTHENTICATION|CREDENTIAL|PERMISSION|SUSPENDED|TOKEN")  # in its codes
_ABSENT = re.compile(r"^NO_SUCH_|NOT_FOUND$")
_REFUSED_403 = re.compile(
    r"backfill|backdat|mentioning|can't be replied|cannot reply|not permitted to reply", re.I
)
_LATER = re.compile(r"not finished processing|still (?:being )?process", re.I)
_REPEATED_KEY = re.compile(r"duplicate idempotency", re.I)
_WORDS = 400  #: characters of a server's own words that are kept

#: The first pattern in the server's words decides the sentence; `{0}` is the server.
_DOORS = (
    (
        re.compile(r"scope", re.I),
        "The token for {0} may not do this.",
        "Log in again, and allow what is asked.",
    ),
    (
        re.compile(r"moved", re.I),
        "The account at {0} has moved away and cannot post.",
        "Publish to its new home.",
    ),
    (
        re.compile(r"disabled|suspend", re.I),
        "The account at {0} cannot post: it is suspended, disabled, or has moved away.",
        "Look at the account in a browser.",
    ),
    (re.compile(r"confirm", re.I), "The account at {0} has not confirmed its e-mail address yet.", None),
    (re.compile(r"pending|approv", re.I), "The account at {0} waits for the server's approval.", None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An answer in its place: which server gave it, what that server is like, when it came."""

    answer: Answer
    where: str
    limits: Limits
    now: datetime

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def words(self) -> str | None:
        """What the server says is wrong, in one line; None for a web page or nothing."""
        found = words_of(self.answer.body)
        return (
            " ".join("".join(c if c.isprintable() else " " for c in found).split())[:_WORDS]
            if found
            else None
        )

    @property
    def said(self) -> str:
        return self.words or f"status {self.status}"

    @property
    def code(self) -> str | None:
        """The error code of Misskey's family."""
        document = as_map(self.answer.document) or {}
        inner = as_map(document.get("error")) or document
        return text_of(inner.get("code"))


def publish_error(reading: Reading) -> PublishError:
    """Of a request that would have made, changed or removed a status."""
    status = reading.status
    if status == 401 and reading.limits.software in _MISSKEY:
        return _misskey_error(reading)
    if status == 429:
        return _deferred(reading)
    if status in {401, 403}:
        return _forbidden(reading)
    if 400 <= status < 500 and status not in {408, 409, 425}:
        return _denied(reading)
    return Unknown(
        f"{reading.where} answered {_kind(reading)}: nobody can tell whether it did it.", status=status
    )


def upload_error(reading: Reading) -> BridgeError:
    """Of an upload, which may be sent again at will: what is lost is swept away by the server."""
    found = publish_error(reading)
    if isinstance(found, Unknown):
        return Deferred(f"{reading.where} answered an upload with {_kind(reading)}.", status=reading.status)
    if isinstance(found, Refused):
        return MediaError(f"{reading.where} does not take this file: {reading.said}.")
    return found


def read_error(reading: Reading) -> BridgeError:
    """Of a request that changes nothing."""
    if reading.status in {400, 422} and reading.limits.software in {"snac", "takahe"}:
        reading = replace(reading, answer=replace(reading.answer, status=401))  # their word for a bad token
    found = publish_error(reading)
    if isinstance(found, Unauthorized) or (isinstance(found, Deferred) and found.status == 429):
        return found
    return NetworkError(f"{reading.where} answered {_kind(reading)} where its own data was asked for.")


def is_absent(reading: Reading) -> bool:
    """Whether the answer says that there is no such thing; a web page only counts where 404s are pages."""
    if reading.status in {404, 410}:
        return reading.answer.document is not None or reading.limits.software in {"snac", "takahe"}
    return reading.status >= 400 and _ABSENT.search(reading.code or "") is not None


def silence(where: str, *, left: bool, reason: str) -> PublishError:
    """No answer. Nothing left this machine: it can be sent again; else nobody can tell."""
    if left:
        return Unknown(f"{where} did not answer ({reason}): nobody can tell whether it did it.")
    return Deferred(f"{where} cannot be reached ({reason}).", sent=False)


def _deferred(reading: Reading) -> Deferred:
    return Deferred(
        f"{reading.where} asks for patience: {reading.said}.",
        until=retry_at(reading.answer.headers, now=reading.now),
        status=429,  # some servers have one number for every error
    )


def _forbidden(reading: Reading) -> PublishError:
    words = reading.words or ""
    if reading.status == 403 and _REFUSED_403.search(words):
        return Refused(f"{reading.where} refused it: {words}", status=403)
    for pattern, sentence, hint in _DOORS:
        if pattern.search(words):
            return Unauthorized(sentence.format(reading.where), hint=hint, status=reading.status)
    if reading.status == 401:
        return Unauthorized(
            f"{reading.where} does not accept the token any more.",
            hint="Log in again with `passerelle login`.",
            status=401,
        )
    if reading.words is None:
        return Unauthorized(
            f"{reading.where}, or a firewall in front of it, refuses this computer.",
            hint="Ask the people who run the server.",
            status=403,
        )
    return Unauthorized(f"{reading.where} does not allow it: {words}.", status=403)


def _denied(reading: Reading) -> PublishError:
    words = reading.words or ""
    if _REPEATED_KEY.search(words):  # Pixelfed: an earlier request with this key may have done it
        return Unknown(f"{reading.where} has seen this request before.", status=reading.status)
    if _LATER.search(words):
        return Deferred(f"{reading.where} is still working on the media.", status=reading.status)
    if reading.status in {404, 405, 410} and reading.answer.document is None and _is_page(reading):
        return Deferred(
            f"{reading.where} answered with a web page instead of its API.",
            hint="Check the server's address.",
            status=reading.status,
        )
    return Refused(f"{reading.where} refused it: {reading.said}", status=reading.status)


def _misskey_error(reading: Reading) -> PublishError:
    code = reading.code
    if code == "RATE_LIMIT_EXCEEDED":
        return _deferred(reading)
    if code is None or code == "INTERNAL_ERROR":
        return Unknown(f"{reading.where} answered 401 without saying why.", status=401)
    if _CREDENTIALS.search(code):
        return _forbidden(reading)
    return Refused(f"{reading.where} refused it: {reading.said}", status=401)


def _is_page(reading: Reading) -> bool:
    return "html" in reading.answer.headers.get("content-type", "")


def _kind(reading: Reading) -> str:
    if reading.answer.ok:
        return "something that is no answer of its API"
    if 300 <= reading.status < 400:
        return "with a redirect elsewhere"
    return f"with status {reading.status}"
