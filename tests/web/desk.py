"""A desk on a small ledger, and a visitor who fills in its forms."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from bridge.engine.propose import Wish
from bridge.engine.review import Desk
from bridge.ledger import Ledger
from bridge.posts import Post
from bridge.web.guard import Place
from bridge.web.publishing import Publishing
from bridge.web.room import Room
from bridge.web.server import application
from bridge.web.sessions import Sessions
from tests.engine.stage import ACCOUNT, FREE, SOURCE, Stage

with warnings.catch_warnings():  # it would rather have the successor of httpx, which nothing else here needs
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

BASE = "http://127.0.0.1:8000"
REQUIRED = Wish(limits=FREE, approve=False)


@dataclass
class Seconds:
    """A clock of seconds that stands still."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Opened:
    """Everything that a test wants to look at."""

    room: Room
    stage: Stage
    seconds: Seconds
    place: Place
    visitors: list[TestClient] = field(default_factory=list)

    def stranger(self) -> TestClient:
        app = application(self.room, self.place)
        made = TestClient(app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False)
        made.headers.update({"sec-fetch-site": "same-origin"})
        self.visitors.append(made)
        return made

    def visitor(self, name: str = "Ada") -> TestClient:
        """Somebody who has come in."""
        made = self.stranger()
        token = self.room.sessions._admit(name)
        made.cookies.set("passerelle_desk", token)
        return made


def opened(
    ledger: Ledger,
    posts: Sequence[Post],
    wish: Wish = REQUIRED,
    *,
    password: str | None = None,
    loopback: bool = True,
    handles: Path = Path("nobody", "handles.csv"),
) -> Opened:
    stage = Stage(ledger)
    stage.record(posts)
    desk = Desk(ledger, SOURCE, ACCOUNT, wish, now=stage.time.now)
    desk.refresh()
    seconds = Seconds()
    room = Room(
        desk=desk,
        sessions=Sessions(password, clock=seconds),
        publishing=Publishing(["version"]),
        by="Ada",
        handles=handles,
        required=not wish.approve,
        owner={"name": "A museum", "handle": "museum", "initial": "A", "face": "/face"},
    )
    names = frozenset({"localhost"} if loopback else {"desk.museum.example"})
    return Opened(room, stage, seconds, Place(port=8000, loopback=loopback, names=names))


def fields(page: str, action: str, *, near: str = "") -> dict[str, str]:
    """The hidden fields of the first form with that action, after `near`."""
    start = page.index(near) if near else 0
    form = page[page.index(f'action="{action}"', start) :].partition("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {unescape(name): unescape(value) for name, value in hidden}
