"""Front ends put their own addresses in the place of the network's: here that is undone.

Nitter: `/pic/<encoded>`, `/pic/orig/<encoded>`, `/pic/enc/<base64>`, `/video/<signature>/<encoded>` (its
src/formatters.nim and src/routes/media.nim). Links to posts lead to whatever host the front end has.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import SplitResult, unquote, urlsplit

_PIC = re.compile(r"/pic/(?:orig/)?(?P<enc>enc/)?(?P<rest>[^?#]+)")
_VIDEO = re.compile(r"/video/(?P<enc>enc/)?[A-Za-z0-9]+/(?P<rest>[^?#]+)")
_STATUS = re.compile(
    r"/(?P<user>[A-Za-z0-9_]{1,20})/status(?:es)?/(?P<id>\d{1,20})(?P<rest>/(?:photo|video)/\d+)?/?\Z"
)
_NITTER = re.compile(
    r"(?:^|\.)nitter\.|(?:^|\.)xcancel\.com$|(?:^|\.)(?:fx|vx|fixup|fixv)?(?:twitter|x)\.com$"
)
_NAME = re.compile(r"(?P<name>/media/[A-Za-z0-9_-]+)(?:\.(?P<suffix>\w+))?(?::\w+)?\Z")
_GIF = re.compile(r"/tweet_video_thumb/(?P<name>[A-Za-z0-9_-]+)\.\w+")


def original_media(url: str) -> str:
    """The network's own address of a picture or film, in one form whatever size was asked for."""
    for pattern in (_PIC, _VIDEO):
        found = pattern.search(url)
        if found and (inner := _decoded(found["rest"], encoded=bool(found["enc"]))):
            url = inner
    parts = _split(url)
    if parts is None or parts.hostname != "pbs.twimg.com":
        return url
    name = _NAME.match(parts.path)
    if name is None:
        return f"https://pbs.twimg.com{parts.path}"
    form = re.search(r"(?:^|&)format=(\w+)", parts.query)
    suffix = name["suffix"] or (form[1] if form else "jpg")
    return f"https://pbs.twimg.com{name['name']}.{suffix}"


def film_of_poster(url: str) -> str | None:
    """A GIF's film has the name of its still."""
    found = _GIF.search(url)
    return f"https://video.twimg.com/tweet_video/{found['name']}.mp4" if found else None


def original_link(url: str, hosts: frozenset[str]) -> str:
    """A link to a post, on the network's own host. `hosts`: those of the front end at hand."""
    parts = _split(url)
    if parts is None or not parts.hostname:
        return url
    found = _STATUS.match(parts.path)
    ours = parts.hostname in hosts or _NITTER.search(parts.hostname)
    if not found or not ours:
        return url
    return f"https://x.com/{found['user']}/status/{found['id']}{found['rest'] or ''}"


def host_of(url: str) -> str:
    parts = _split(url)
    return (parts.hostname or "") if parts else ""


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _decoded(rest: str, *, encoded: bool) -> str | None:
    if encoded:
        try:
            padded = rest + "=" * (-len(rest) % 4)
            inner = base64.urlsafe_b64decode(padded).decode()
        except (binascii.Error, ValueError):
            return None
    else:
        inner = unquote(rest)
    if inner.startswith(("http://", "https://")):
        return inner
    if inner.startswith(("pbs.twimg.com/", "video.twimg.com/")):
        return f"https://{inner}"
    return f"https://pbs.twimg.com/{inner.lstrip('/')}"
