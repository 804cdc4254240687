"""Who may come in: by a link that works once, or by a password where the desk is open to other machines."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import deque
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

COOKIE = "passerelle_desk"
_TRIES, _SECONDS = 10, 60.0  # wrong passwords in so many seconds, from whomever


class Sessions:
    """Kept in memory: when the desk is closed, everybody is out. `password` None: only the link leads in."""

    def __init__(self, password: str | None = None, *, clock: Callable[[], float]) -> None:
        self.password = password
        self._clock = clock
        self._lock = threading.Lock()
        self._key: str | None = secrets.token_urlsafe(32)
        self._people: dict[str, str] = {}
        self._failures: deque[float] = deque()

    @property
    def key(self) -> str | None:
        """What the one-time link carries; None once it was used."""
        return self._key

    def enter_by_key(self, key: str, name: str) -> str | None:
        """The value of the cookie; None: the link was used already, or is none of ours."""
        with self._lock:
            if self._key is None or not hmac.compare_digest(key.encode(), self._key.encode()):
                return None
            self._key = None
            return self._admit(name)

    def enter_by_password(self, password: str, name: str) -> str | None:
        with self._lock:
            if self.password is None or self._is_tired():
                return None
            if not hmac.compare_digest(password.encode(), self.password.encode()):
                self._failures.append(self._clock())
                return None
            return self._admit(name)

    def who(self, cookies: str) -> str | None:
        """The name of whoever sends these cookies; None: nobody who has come in."""
        try:
            found = SimpleCookie(cookies).get(COOKIE)
        except CookieError:
            return None
        return self._people.get(found.value) if found else None

    def _admit(self, name: str) -> str:
        token = secrets.token_urlsafe(32)
        self._people[token] = name
        return token

    def _is_tired(self) -> bool:
        """Guessing is slow: nobody gets in for a while after many wrong tries."""
        while self._failures and self._failures[0] < self._clock() - _SECONDS:
            self._failures.popleft()
        return len(self._failures) >= _TRIES
