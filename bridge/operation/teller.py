"""Tells people what the ledger has for them: each incident once, in every way that there is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from bridge.ledger import Ledger
from bridge.ledger.incidents import Incident
from bridge.operation.alarm import DIGEST
from bridge.operation.digest import Digest
from bridge.operation.messages import Message, message_of
from bridge.operation.ways import NotTold, Way


class Voice(Protocol):
    def __call__(self, text: str, *, level: str = "info", **facts: object) -> None: ...


class Teller:
    """`kinds` of incidents that people want to hear of."""

    def __init__(
        self, ledger: Ledger, ways: Sequence[Way], *, kinds: Collection[str], digest: Digest, voice: Voice
    ) -> None:
        self._ledger, self._ways, self._kinds = ledger, ways, kinds
        self._digest, self._voice = digest, voice

    def tick(self, now: Callable[[], datetime]) -> None:
        """Whatever is due. LedgerError: it could not be read or noted."""
        if not self._ways:
            return
        if DIGEST in self._kinds:
            self._digest.write_when_due(now())
        for incident in self._ledger.incidents.claim(self._kinds, now=now()):
            self._settle(incident, now)

    def _settle(self, incident: Incident, now: Callable[[], datetime]) -> None:
        facts = self._digest.figures(now()) if incident.kind == DIGEST else None
        message = message_of(incident, now=now(), facts=facts)
        if tell(message, self._ways, self._voice):
            self._ledger.incidents.told(incident, now=now())
        elif not self._ledger.incidents.untold(incident, now=now()):
            self._voice(f"Given up: nobody was told: {message.title}", level="error", about=message.event)


def tell(message: Message, ways: Sequence[Way], voice: Voice) -> bool:
    """In every way; whether one of them has worked."""
    told = 0
    for way in ways:
        try:
            way.tell(message)
            told += 1
        except NotTold as error:
            voice(f"A message did not get through: {error}", level="warning", about=message.event)
    if told:
        voice(f"People were told: {message.title}", about=message.event)
    return told > 0
