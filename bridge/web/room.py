"""What every page works with: the desk, the words, and who is there."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bridge.engine.review import Desk
from bridge.ledger.reviews import Ruling
from bridge.ledger.rows import Moved
from bridge.preview.languages import LANGUAGES, Words, words
from bridge.preview.markup import environment
from bridge.publications import State
from bridge.web.publishing import Publishing
from bridge.web.sessions import Sessions

_KEPT = 50  # decisions that can be taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A decision that may be taken back: what it moved, and where it was made."""

    moved: tuple[Moved, ...]
    back: str


@dataclass(kw_only=True)
class Room:
    """`by`: the name of whoever came in by the link. `required`: nothing is published unapproved."""

    desk: Desk
    sessions: Sessions
    publishing: Publishing
    by: str
    language: str = "en"
    required: bool = False
    owner: Mapping[str, str] = field(default_factory=dict)
    face: bytes | None = None  #: of the account, as JPEG
    _taken: OrderedDict[str, Taken] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def words(self, request: Request) -> Words:
        chosen = request.query_params.get("lang") or request.cookies.get("lang")
        return words(chosen if chosen in LANGUAGES else self.language)

    def ruling(self, request: Request, after: State, reason: str | None = None) -> Ruling:
        return Ruling(after=after, by=request.state.name, now=self.desk.now(), reason=reason)

    def remember(self, moved: Sequence[Moved], back: str) -> str:
        """A token by which this decision is taken back."""
        token = secrets.token_urlsafe(8)
        with self._lock:
            self._taken[token] = Taken(moved=tuple(moved), back=back)
            while len(self._taken) > _KEPT:
                self._taken.popitem(last=False)
        return token

    def forget(self, token: str) -> Taken | None:
        with self._lock:
            return self._taken.pop(token, None)

    def page(self, request: Request, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
        said = self.words(request)
        common = {
            "w": said,
            "by": self.owner,
            "account": self.desk.account,
            "name": getattr(request.state, "name", None),
            "here": request.url.path,
            "languages": LANGUAGES,
            "required": self.required,
            "behind": self.desk.behind,
            "max_characters": self.desk.wish.limits.max_characters,
        }
        made = self._templates.get_template(template).render(**{**common, **facts})
        return HTMLResponse(made, status_code=status)

    @cached_property
    def _templates(self) -> Environment:
        return environment("bridge.web")


def is_partial(request: Request) -> bool:
    """Asked for by the page's own script, which puts the answer in the place of what it shows."""
    return "hx-request" in request.headers


def within(address: str) -> str:
    """An address of this desk; anything else leads to the desk itself."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not address.startswith("/") or address.startswith(("//", "/\\")):
        return "/desk"
    return address
