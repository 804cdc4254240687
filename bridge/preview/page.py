"""`preview --html`: one file that works from disk, offline, on paper and without JavaScript.

Everything that others wrote is escaped; a strict content security policy allows this page's own style and
nothing else, so that a post that contains HTML stays text.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from bridge.engine.propose import Decision, Proposed
from bridge.errors import counted
from bridge.preview.plan import Preview
from bridge.preview.words import RULES, clock, duration, printable, size
from bridge.statuses import Limits, StatusDraft

_LINK = re.compile(r"https?://[^\s<>\"]+")
_TRAILING = ".,;:!?)'»”"


@dataclass(frozen=True, slots=True)
class Card:
    proposed: Proposed
    status: StatusDraft
    continues: bool  #: the same thread as the card before


class PreviewPage:
    """A sink for the first `limit` statuses; `write` makes the file once the preview is complete."""

    def __init__(self, limits: Limits, *, limit: int = 500) -> None:
        self._limits = limits
        self._limit = limit
        self._cards: list[Card] = []
        self._left_out = 0

    def __call__(self, proposed: Proposed) -> None:
        if proposed.decision is Decision.SKIP or proposed.rendering is None:
            return
        for draft in proposed.rendering.drafts:
            if len(self._cards) < self._limit:
                self._cards.append(Card(proposed, draft, draft.in_reply_to is not None))
            else:
                self._left_out += 1

    def write(self, path: Path, preview: Preview) -> None:
        path.write_text(self.html(preview), encoding="utf-8")

    def html(self, preview: Preview) -> str:
        style = resource("page.css")
        template = environment().from_string(resource("page.html.j2"))
        return template.render(
            style=Markup(style),  # noqa: S704 -- our own file
            policy=policy(style),
            preview=preview,
            data=preview.data,
            cards=self._cards,
            left_out=self._left_out,
            max_characters=self._limits.max_characters,
            rule=RULES.get(preview.schedule.rule, RULES["statuses"]),
        )


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


def environment() -> Environment:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        linked=linked, printable=printable, size=size, duration=duration, clock=clock, count=counted
    )
    return environment


def policy(style: str) -> str:
    checksum = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{checksum}'; base-uri 'none'; form-action 'none'"


def resource(name: str) -> str:
    return files("bridge.preview").joinpath("templates", name).read_text(encoding="utf-8")
