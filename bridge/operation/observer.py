"""Who is told by the loop what came of each question to a source, and of each visit to an account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Observer(Protocol):
    """Called by the loop, one thread; must neither raise nor take long.

    `outcome`: as a job gave it, or the exception that ended it.
    """

    def read(self, source: str, outcome: object) -> None:
        """`News`; None where there is nothing to be read yet."""
        ...

    def tended(self, account: str, outcome: object) -> None:
        """`Tended`."""
        ...


class Unobserved:
    def read(self, source: str, outcome: object) -> None: ...
    def tended(self, account: str, outcome: object) -> None: ...


class Several:
    """Tells each of them, in order."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers

    def read(self, source: str, outcome: object) -> None:
        for each in self._observers:
            each.read(source, outcome)

    def tended(self, account: str, outcome: object) -> None:
        for each in self._observers:
            each.tended(account, outcome)
