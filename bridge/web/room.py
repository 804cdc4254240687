"""What every page works with: the desk, the words, and who is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bridge.config.handles import load_handles
from bridge.engine.review import Desk
from bridge.ledger.reviews import Ruling
from bridge.preview.languages import LANGUAGES, Words, words
from bridge.preview.markup import environment
from bridge.publications import State
from bridge.web.publishing import Publishing
from bridge.web.sessions import Sessions


@dataclass(kw_only=True)
class Room:
    """`by`: the name of whoever came in by the link. `required`: nothing is published unapproved."""

    desk: Desk
    sessions: Sessions
    publishing: Publishing
    by: str
    handles: Path  #: where it is written down who is who
    language: str = "en"
    required: bool = False
    owner: Mapping[str, str] = field(default_factory=dict)
    face: bytes | None = None  #: of the account, as JPEG
    _seen: tuple[int, int] | None = None  #: what that file was when it was last read

    def words(self, request: Request) -> Words:
        chosen = request.query_params.get("lang") or request.cookies.get("lang")
        return words(chosen if chosen in LANGUAGES else self.language)

    def ruling(self, request: Request, after: State, reason: str | None = None) -> Ruling:
        return Ruling(after=after, by=request.state.name, now=self.desk.now(), reason=reason)

    def refresh(self) -> None:
        """Take in what others have decided and written down since the last look."""
        there = self.handles.stat() if self.handles.exists() else None
        seen = (there.st_mtime_ns, there.st_size) if there else None
        if seen != self._seen:
            self.desk.know(load_handles(self.handles) if seen else {})
            self._seen = seen
        self.desk.refresh()

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
