"""From a request to a page and back: what all pages do alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bridge.errors import BridgeError, PlanStale
from bridge.web.room import Room

Shown = Callable[[Room, Request], Response]
Posted = Callable[[Room, Request, "Form"], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


class Form:
    """The fields of a form, as text; browsers send line ends as `\\r\\n`."""

    def __init__(self, fields: FormData) -> None:
        self._fields = fields

    def __call__(self, name: str) -> str:
        value = self._fields.get(name, "")
        return value.replace("\r\n", "\n") if isinstance(value, str) else ""

    def all(self, name: str) -> list[str]:
        return [value for value in self._fields.getlist(name) if isinstance(value, str)]

    def number(self, name: str) -> int:
        said = self(name)
        return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0

    def having(self, prefix: str) -> Mapping[str, str]:
        """The fields whose names begin so, without that."""
        return {name.removeprefix(prefix): self(name) for name in self._fields if name.startswith(prefix)}


def shown(room: Room, view: Shown) -> Endpoint:
    """A page, with everything that has happened since the last look."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(_guarded, room, request, lambda: view(room, request))

    return endpoint


def posted(room: Room, view: Posted) -> Endpoint:
    """An answer to a form."""

    async def endpoint(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=2000) as fields:
            form = Form(fields)
        return await run_in_threadpool(_guarded, room, request, lambda: view(room, request, form))

    return endpoint


def _guarded(room: Room, request: Request, answer: Callable[[], Response]) -> Response:
    try:
        if getattr(request.state, "name", None) is not None:
            room.refresh()
        return answer()
    except PlanStale as error:
        return room.page(request, "trouble.html.j2", 409, error=error)
    except BridgeError as error:
        return room.page(request, "trouble.html.j2", 400, error=error)


def back_to(address: str) -> Response:
    """After a form: reloading shows the page again, and sends nothing twice."""
    return RedirectResponse(address, status_code=303)
