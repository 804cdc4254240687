"""What the pages share: their environment, and the policy that lets nothing run but our own files.

Everything that others wrote is escaped; the content security policy names our own style and script by their
digests, so that a post that contains HTML stays text.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from importlib.resources import files
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bridge.errors import counted
from bridge.preview.languages import Words
from bridge.preview.words import clock, duration, printable, size

_LINK = re.compile(r"https?://[^\s<>\"]+")
_TRAILING = ".,;:!?)'»”"


def linked(text: str) -> Markup:
    """Text with its web links live; nothing else in it is markup."""
    pieces: list[str | Markup] = []
    end = 0
    text = printable(text)
    for match in _LINK.finditer(text):
        url = match[0].rstrip(_TRAILING)
        pieces.append(escape(text[end : match.start()]))
        pieces.append(_anchor(url))
        end = match.start() + len(url)
    pieces.append(escape(text[end:]))
    return Markup("").join(pieces)


def _anchor(url: str) -> Markup:
    try:
        usable = bool(urlsplit(url).hostname)
    except ValueError:
        usable = False
    if not usable:
        return escape(url)
    return Markup('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>').format(url)


def ticks(text: str) -> Markup:
    """What stands between backquotes, as code."""
    pieces = text.split("`")
    shown = (
        Markup("<code>{}</code>").format(each) if at % 2 else escape(each) for at, each in enumerate(pieces)
    )
    return Markup("").join(shown)


def environment(*packages: str) -> Environment:
    """Jinja2 with escaping on; templates are looked for in `packages`, then among those of the pages."""
    loaders = [PackageLoader(name) for name in (*packages, "bridge.preview")]
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=ChoiceLoader(loaders),
    )
    environment.filters.update(
        linked=linked, printable=printable, size=size, duration=duration, clock=clock, count=counted,
        ticks=ticks, instant=_instant, day=_day, web=_is_web,
    )  # fmt: skip
    return environment


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _day(seconds: int, said: Words) -> str:
    return said.day(datetime.fromtimestamp(seconds, UTC))


def _is_web(address: str | None) -> bool:
    return bool(address) and str(address).startswith(("https://", "http://"))


def policy(style: str, script: str | None = None, *, pictures: str | None = None) -> str:
    """`pictures`: where they may come from (`data:`)."""
    parts = ["default-src 'none'", f"style-src '{_digest(style)}'"]
    if script is not None:
        parts.append(f"script-src '{_digest(script)}'")
    if pictures is not None:
        parts.append(f"img-src {pictures}")
    return "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def resource(*name: str) -> str:
    return files("bridge.preview").joinpath(*name).read_text(encoding="utf-8")
