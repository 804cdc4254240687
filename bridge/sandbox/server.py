"""The practice server: a Mastodon-compatible server on loopback, with real sockets and the real rules.

`Sandbox` runs one in threads of this process (tests, `demo`); `serve` runs one until it is told to stop.
"""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from bridge.errors import ConfigError
from bridge.sandbox.clock import Clock, SystemClock
from bridge.sandbox.exchange import Exchange
from bridge.sandbox.inspection import State
from bridge.sandbox.pages import Pages
from bridge.sandbox.rules import oauth, posting, softwares
from bridge.sandbox.rules.application import Application
from bridge.sandbox.rules.calls import Call, Context
from bridge.sandbox.rules.faults import Fault, FaultKind, Faults
from bridge.sandbox.rules.profiles import Profile
from bridge.sandbox.rules.state import Account, App, Status, World
from bridge.sandbox.storage import FileStorage, MemoryStorage, Storage
from bridge.sandbox.wire import Connection

__all__ = ["Fault", "FaultKind", "PracticeAccount", "Sandbox", "ready_line", "serve"]

LOOPBACK = "127.0.0.1"
SCOPES = ("read", "write", "follow", "push", "profile")
FIRST_ACCOUNT = 109_000_000_000_000_001


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeAccount:
    """Somebody with an account here, and a token that may do everything."""

    username: str
    id: str
    access_token: str


class Listener(ThreadingHTTPServer):
    """Accepts connections on loopback; knows the open ones, so that stopping ends them."""

    daemon_threads = True
    request_queue_size = 256
    exchange: Exchange

    def __init__(self, port: int) -> None:
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((LOOPBACK, port), Connection)

    def server_bind(self) -> None:
        # The base class looks its own name up, which can take seconds on a machine without a resolver.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])

    def connected(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.add(connection)

    def disconnected(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.discard(connection)

    def hang_up(self) -> None:
        with self._guard:
            for connection in list(self._open):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    @property
    def connections(self) -> int:
        return len(self._open)


class Sandbox:
    """A practice server. Entered as a context it runs; `stop` ends every connection.

    `limits=False` is a server without rate limits; `latency` (seconds) delays every answer; `data` names
    a file that keeps everything over a restart. Raises `ConfigError` for an unknown profile.
    """

    def __init__(  # noqa: PLR0913 -- the switches of the server, all by name
        self,
        *,
        profile: str = "mastodon",
        version: str | None = None,
        clock: Clock | None = None,
        limits: bool = True,
        latency: float = 0.0,
        data: Path | str | None = None,
        port: int = 0,
        username: str = "practice",
        seed: int = 0,
        max_characters: int | None = None,
    ) -> None:
        self.profile = find_profile(profile, version, max_characters)
        self.clock: Clock = clock or SystemClock()
        self.faults = Faults(seed)
        self.storage: Storage = FileStorage(Path(data)) if data is not None else MemoryStorage()
        self._check_data(data)
        self._listener = self._listen(port)
        self.base_url = f"http://{LOOPBACK}:{self._listener.server_port}"
        world = self.storage.load()
        self.application = Application(world, self.profile, self.base_url, limits=limits)
        self.exchange = Exchange(self.application, self.storage, self.clock, self.faults)
        self.exchange.latency = latency
        self.exchange.pages = Pages(self.exchange)
        self._listener.exchange = self.exchange
        self._app = self._first_app(world)
        self.accounts = tuple(self._settle(name) for name in (username, "visitor"))
        self.state = State(self.exchange)
        self._thread: threading.Thread | None = None

    @property
    def token(self) -> str:
        """That of the first account."""
        return self.accounts[0].access_token

    @property
    def port(self) -> int:
        return self._listener.server_port

    def start(self) -> Self:
        # Polling twice a second is what stopping waits for: a tenth of that is soon enough.
        run: Callable[[], None] = lambda: self._listener.serve_forever(0.05)  # noqa: E731
        self._thread = threading.Thread(target=run, name="practice server", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends every connection, and waits for what is being committed."""
        if self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
            self._thread = None
        self.exchange.release()
        self._listener.hang_up()
        self._listener.server_close()
        with self.exchange.lock:
            self.storage.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def release(self) -> None:
        """Lets everything go on that a slow fault holds up."""
        self.exchange.release()

    def new_token(self, *scopes: str, username: str | None = None) -> str:
        """Another token, with these scopes only."""
        with self.exchange.lock:
            ctx = self._context()
            account = ctx.world.indexes.names[(username or self.accounts[0].username).lower()]
            return oauth.issue(ctx, self._app, account, scopes or SCOPES).token

    def hear_of(self, url: str, text: str, *, by: str) -> str:
        """The id of a status of an account elsewhere (`museum@example.social`), as if it had been fetched."""
        with self.exchange.lock:
            ctx, now = self._context(), self.clock.now()
            name = self.application.world.indexes.names.get(by.lower())
            account_id = name or str(FIRST_ACCOUNT + len(ctx.world.accounts))
            if name is None:
                ctx.world.add_account(Account(id=account_id, username=by, created_at=now))
            row = Status(
                id=posting.new_status_id(ctx, now),
                account_id=account_id,
                number=ctx.world.next_number("arrival"),
                created_at=now,
                arrived_at=now,
                text=text,
                origin=url,
            )
            ctx.world.add_status(row)
            self.storage.save(ctx.world.take_changes(), {})
            return row.id

    def _context(self) -> Context:
        return self.application.context(Call(method="POST", path="/practice"), self.clock.now())

    def _first_app(self, world: World) -> App:
        app = App(
            id="0",
            name="Practice",
            website=None,
            redirect_uris=(oauth.OUT_OF_BAND,),
            scopes=SCOPES,
            client_id="practice",
            client_secret="practice",  # noqa: S106 -- opens nothing
        )
        world.apps.setdefault(app.id, app)
        return app

    def _settle(self, username: str) -> PracticeAccount:
        """An account of that name, made on the first start."""
        ctx = self._context()
        known = ctx.world.indexes.names.get(username.lower())
        account_id = known or str(FIRST_ACCOUNT + len(ctx.world.accounts))
        if known is None:
            ctx.world.add_account(
                Account(
                    id=account_id,
                    username=username,
                    display_name=username.title(),
                    created_at=self.clock.now(),
                    default_visibility=self.profile.default_visibility,
                )
            )
        token = oauth.issue(ctx, self._app, account_id, SCOPES)
        self.storage.save(ctx.world.take_changes(), {})
        return PracticeAccount(username=username, id=account_id, access_token=token.token)

    def _check_data(self, data: Path | str | None) -> None:
        """A file belongs to one profile: ids of another would not fit among its own."""
        before = self.storage.about("profile")
        if before is not None and before != self.profile.name:
            self.storage.close()
            raise ConfigError(
                f"{data} is the practice server of a {before} profile, not {self.profile.name}.",
                hint=f"Pass --profile {before}, or another --data file.",
            )
        self.storage.note("profile", self.profile.name)

    def _listen(self, port: int) -> Listener:
        """The port asked for; without one that of the last time, so that links of a rehearsal stay good."""
        usual = int(self.storage.about("port") or 0)
        try:
            listener = Listener(port or usual)
        except OSError as error:
            if port:
                self.storage.close()
                raise ConfigError(
                    f"Port {port} cannot be used: {error.strerror}.", hint="Name another --port."
                ) from error
            listener = Listener(0)
        self.storage.note("port", str(listener.server_port))
        return listener


def find_profile(name: str, version: str | None, max_characters: int | None) -> Profile:
    if name not in softwares.PROFILES:
        known = ", ".join(sorted(softwares.PROFILES))
        raise ConfigError(f"There is no practice server called {name}.", hint=f"There are: {known}.")
    found = softwares.find(name, version)
    return replace(found, max_characters=max_characters) if max_characters else found


def ready_line(sandbox: Sandbox) -> dict[str, object]:
    """What `passerelle sandbox` prints when it is ready."""
    accounts = [
        {"username": a.username, "id": a.id, "access_token": a.access_token} for a in sandbox.accounts
    ]
    return {"base_url": sandbox.base_url, "accounts": accounts}


def serve(sandbox: Sandbox, *, say: Callable[[str], None]) -> None:
    """Runs until SIGINT or SIGTERM; `say` gets one line of JSON once connections are accepted."""
    done = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        done.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with sandbox:
            say(json.dumps(ready_line(sandbox)))
            done.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
