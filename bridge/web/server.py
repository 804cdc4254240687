"""The desk as a server: its addresses, and the loop that answers them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bridge.errors import ConfigError
from bridge.preview.markup import resource
from bridge.web import cards, describing, door, editing, figures, people, running
from bridge.web.guard import Guard, Place
from bridge.web.room import Room
from bridge.web.views import posted, shown

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def application(room: Room, place: Place) -> ASGIApp:
    """All of it, with the guard before it."""
    pages = {
        "/": figures.overview,
        "/desk": cards.desk,
        "/threads/{post}": cards.thread,
        "/posts/{post}/edit": editing.edit,
        "/alt": describing.alt,
        "/media/{post}/{position}": describing.media,
        "/face": describing.face,
        "/history": figures.history,
        "/results": figures.failures,
        "/schedule": figures.schedule,
        "/handles": people.people,
        "/publish": running.publish,
        "/enter": door.enter,
    }
    forms = {
        "/decide": cards.decide,
        "/pin": cards.pin,
        "/bulk": cards.bulk,
        "/undo": cards.undo,
        "/posts/{post}/edit": editing.save,
        "/posts/{post}/try": editing.attempt,
        "/alt": describing.save,
        "/results": figures.retry,
        "/handles": people.save,
        "/publish/start": running.start,
        "/publish/stop": running.stop,
        "/enter": door.enter_by_password,
        "/language": door.language,
    }
    routes = [Route(path, shown(room, view), methods=["GET"]) for path, view in pages.items()]
    routes += [Route(path, posted(room, view), methods=["POST"]) for path, view in forms.items()]
    routes += [
        Route("/publish/events", running.events(room), methods=["GET"]),
        Route("/static/{name}", _static, methods=["GET"]),
    ]
    handlers = {404: _nowhere, Exception: _bug}
    return Guard(Starlette(routes=routes, exception_handlers=handlers), place, room.sessions)


async def _nowhere(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return PlainTextResponse("There is no such page. / Cette page n’existe pas.\n", status_code=404)


async def _bug(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """The last resort: a bug ends in a sentence here, too."""
    text = f"An unexpected error ({type(error).__name__}); what was done is saved. Please report it.\n"
    return PlainTextResponse(text, status_code=500)


def _static(request: Request) -> Response:
    """Our own files, and no others."""
    found = _STATIC.get(request.path_params["name"])
    if found is None:
        return PlainTextResponse("There is no such file.\n", status_code=404)
    text, kind = found
    return Response(text, media_type=kind)


def _own(name: str) -> str:
    return files("bridge.web").joinpath("static", name).read_text(encoding="utf-8")


def _files() -> dict[str, tuple[str, str]]:
    shared = resource("templates", "page.css") + resource("templates", "preview.css")
    texts = {
        "desk.css": shared + _own("desk.css"),
        "desk.js": _own("desk.js"),
        "htmx.min.js": _own("htmx.min.js"),
        "icon.svg": _own("icon.svg"),
    }
    return {name: (text, _TYPES[name.rpartition(".")[2]]) for name, text in texts.items()}


_STATIC = _files()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """A socket that is bound already: its port is known before the first request."""

    socket: socket.socket
    address: str

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    @property
    def base_url(self) -> str:
        """Of this machine: an address that stands for all of them (0.0.0.0) is none to go to."""
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.address, self.address)  # noqa: S104
        shown = f"[{here}]" if ":" in here else here
        return f"http://{shown}:{self.port}"


def listen(address: str, port: int) -> Listening:
    """Raises ConfigError where the address is none of this machine's, or the port is taken."""
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.create_server((address, port), family=family)
    except OSError as error:
        raise ConfigError(
            f"The desk cannot be opened at {address}, port {port}: {error.strerror}.",
            hint="Choose another --port, or leave it out.",
        ) from error
    return Listening(socket=made, address=address)


def serve(app: ASGIApp, listening: Listening, *, ready: Callable[[], None], debug: bool = False) -> None:
    """Until it is told to stop by Ctrl-C or SIGTERM. `debug`: with the traces of bugs."""
    config = uvicorn.Config(
        app,
        log_level="error" if debug else "critical",
        access_log=False,
        server_header=False,
        date_header=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=1,
        proxy_headers=False,
    )
    server = _Server(config, ready)
    asyncio.run(server.serve(sockets=[listening.socket]))


class _Server(uvicorn.Server):
    """Says when it can be asked."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()
