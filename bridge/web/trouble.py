"""What the desk itself has to say when something does not work, in the language of the page."""

from __future__ import annotations

from bridge.errors import BridgeError, PlanStale


class Trouble(BridgeError):
    """`key`: of its sentence in the table `told` of a language."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The desk says: {key}.")
        self.key = key


class Overtaken(PlanStale):
    """As `Trouble`, where somebody was quicker."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The desk says: {key}.")
        self.key = key
