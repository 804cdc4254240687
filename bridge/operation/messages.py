"""The words in which people are told of an incident, and the document that a program is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridge.ledger.incidents import Incident
from bridge.operation.alarm import BUDGET, DIGEST, FAILURES, LOGIN, SERVER, SOURCE, STOPPED
from bridge.operation.redacting import redact

SCHEMA = 1

_BEGUN = {
    LOGIN: "{subject}: the login is lost",
    BUDGET: "{subject} is not read any more: the budget of the month is spent",
    SOURCE: "{subject} has not answered for {span}",
    SERVER: "{subject}: its server has not answered for {span}",
    FAILURES: "{subject}: posts fail again and again",
    STOPPED: "{subject} is stopped",
    DIGEST: "The week of the mirrors",
    "test": "A test message",
}
_OVER = {
    LOGIN: "{subject}: logged in again",
    BUDGET: "{subject} is read again",
    SOURCE: "{subject} answers again",
    SERVER: "{subject}: its server answers again",
    FAILURES: "{subject}: posts get through again",
    STOPPED: "{subject} goes on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`state`: began | over; of what has no end, such as a digest: began."""

    event: str
    state: str
    subject: str
    title: str
    text: str
    since: datetime
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """For a program: JSON, times in RFC 3339."""
        return {
            "schema": SCHEMA,
            "event": self.event,
            "state": self.state,
            "subject": self.subject,
            "title": self.title,
            "text": self.text,
            "since": _rfc3339(self.since),
            "at": _rfc3339(self.at),
            **({"data": dict(self.facts)} if self.facts else {}),
        }


def message_of(incident: Incident, *, now: datetime, facts: Mapping[str, Any] | None = None) -> Message:
    """What is to be said of it, with no secret in it."""
    over = incident.over
    end = incident.ended_at or now
    words = (_OVER if over else _BEGUN).get(incident.kind, "{subject}")
    span = _span((end - incident.since).total_seconds())
    text = f"It lasted {span}. It had begun with: {incident.detail}" if over else incident.detail
    return Message(
        event=incident.kind,
        state="over" if over else "began",
        subject=incident.subject,
        title=redact(words.format(subject=incident.subject, span=span)),
        text=redact(text),
        since=incident.since,
        at=now,
        facts=facts or {},
    )


def _span(seconds: float) -> str:
    for size, one in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {one}" + ("s" if count > 1 else "")
    return "less than a minute"


def _rfc3339(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
