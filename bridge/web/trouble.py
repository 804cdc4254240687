"""What the desk itself has to say when something does not work, in the language of the page."""

from __future__ import annotations

from bridge.errors import BridgeError, PlanStale


class Trouble(BridgeError):
    """Its message is the `key` of a sentence, and of its hint, in the table `told` of each language."""

    @property
    def key(self) -> str:
        return self.message


class Overtaken(PlanStale):
    """As `Trouble`, where somebody was quicker."""

    @property
    def key(self) -> str:
        return self.message
