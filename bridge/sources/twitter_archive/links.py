"""Which links lead to a tweet, whatever host and path they were written with."""

from __future__ import annotations

import re

_STATUS = re.compile(
    r"https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/(?:(?:#|%23)!/)?"
    r"(?:(?P<handle>(?!i/)[A-Za-z0-9_]{1,20})/status(?:es)?|i/(?:web/)?status|statuses)/(?P<id>\d{1,20})(?P<rest>[/?#].*)?\Z",
    re.IGNORECASE | re.DOTALL,
)


def status_link(url: str) -> tuple[str, str | None, bool] | None:
    """(id, handle, whether it leads to the tweet itself and not to a picture in it) of a tweet's URL."""
    if "/status" not in url:
        return None
    found = _STATUS.match(url)
    if found is None:
        return None
    rest = found["rest"] or ""
    return found["id"], found["handle"], not rest.lower().startswith(("/photo/", "/video/"))


def status_url(handle: str | None, post_id: str) -> str:
    return f"https://twitter.com/{handle or 'i/web'}/status/{post_id}"
