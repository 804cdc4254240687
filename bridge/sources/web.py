"""What sources need of a fetcher: whole answers, guarded and capped by whoever provides it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit


class Reply(Protocol):
    """Any status is an answer; `url` is where it came from, after redirects; header names are lower case."""

    @property
    def status(self) -> int: ...

    @property
    def url(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


class Web(Protocol):
    """Raises NetworkError when there is no answer, or it is too large, too slow or from a private address."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Reply: ...


def place(url: str) -> str:
    """A URL as it may be shown: neither its query nor a password in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "this address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
