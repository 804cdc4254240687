"""What detection and login need of a fetcher: whole answers, guarded and capped by whoever provides it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Reply(Protocol):
    """Any status is an answer; `url` is where it came from, after redirects."""

    @property
    def status(self) -> int: ...

    @property
    def url(self) -> str: ...

    @property
    def body(self) -> bytes: ...

    @property
    def ok(self) -> bool: ...

    def json(self) -> object:
        """Raises NetworkError when the answer is no JSON."""
        ...


class Web(Protocol):
    """Raises NetworkError when there is no answer. `get` follows redirects, `post` does not."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Reply: ...

    def post(self, url: str, *, form: Mapping[str, str] | None = None) -> Reply: ...
