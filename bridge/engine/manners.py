"""How servers that nobody here chose are asked: two questions at a time, with pauses, and rest on demand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from bridge.errors import NetworkError
from bridge.sources.web import Reply

WORKERS = 8  #: questions at a time, of all servers together
_PER_HOST = 2
_PAUSE = 0.2  # seconds after each question to a server


R = TypeVar("R", bound=Reply)


class RestingError(NetworkError):
    """A server that wants to be left alone, by its own word: nothing is known of what was asked."""


class Manners(Generic[R]):
    """Wraps what asks; may be used by several threads."""

    def __init__(self, ask: Callable[..., R], sleep: Callable[[float], None]) -> None:
        self._ask, self._sleep = ask, sleep
        self._slots: dict[str, threading.Semaphore] = {}
        self._resting: set[str] = set()

    def __call__(self, url: str, **how: Any) -> R:
        """Raises `RestingError`, and NetworkError when there is no answer."""
        host = host_of(url)
        with self._slots.setdefault(host, threading.Semaphore(_PER_HOST)):
            if host in self._resting:
                raise RestingError(f"{host} wants to be left alone.")
            reply = self._ask(url, **how)
            self._sleep(_PAUSE)
        if reply.status == 429:
            self._resting.add(host)
            raise RestingError(f"{host} wants to be left alone.")
        return reply


def host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
