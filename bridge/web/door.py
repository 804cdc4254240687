"""The way in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bridge.preview.languages import LANGUAGES
from bridge.web.room import Room, within
from bridge.web.sessions import COOKIE
from bridge.web.views import Form, back_to

_LONGEST = 60  # characters of a name
_YEAR = 31_536_000  # seconds


def enter(room: Room, request: Request) -> Response:
    """By the link; whoever is in already just goes on."""
    if room.sessions.who(request.headers.get("cookie", "")) is not None:
        return back_to("/")
    by_password = room.sessions.password is not None
    key = request.query_params.get("key")
    if key is None:
        return room.page(
            request, "enter.html.j2", 200 if by_password else 403, by_password=by_password, wrong=""
        )
    # Programs that only look where a link leads (HEAD) have not come in, and do not use it up.
    token = room.sessions.enter_by_key(key, room.by) if request.method == "GET" else None
    if token is None:
        return room.page(request, "enter.html.j2", 403, by_password=by_password, wrong="link")
    return _let_in(room.page(request, "entered.html.j2"), token)


def enter_by_password(room: Room, request: Request, form: Form) -> Response:
    name = " ".join(form("name").split())[:_LONGEST]
    token = room.sessions.enter_by_password(form("password"), name) if name else None
    if token is None:
        return room.page(request, "enter.html.j2", 403, by_password=True, wrong="password")
    return _let_in(room.page(request, "entered.html.j2"), token)


def _let_in(answer: Response, token: str) -> Response:
    """A page that leads on, not a redirect: one that began elsewhere would come without the new cookie."""
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/")
    return answer


def language(room: Room, request: Request, form: Form) -> Response:  # noqa: ARG001
    """Remembers the language of the pages, for this browser."""
    answer = back_to(within(form("back") or "/"))
    if form("lang") in LANGUAGES:
        answer.set_cookie("lang", form("lang"), httponly=True, samesite="strict", path="/", max_age=_YEAR)
    return answer
