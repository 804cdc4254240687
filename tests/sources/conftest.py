"""A front end and an X on sockets, and what reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from bridge.media.fetch import Fetcher
from bridge.posts import Author
from bridge.sources.twitter_api.asking import Api
from bridge.sources.twitter_api.timeline import Timeline, introduced
from tests.publishers.wires import Wire, wire
from tests.sources.feeds import Front
from tests.sources.x_api import NOW, OWNER, PRICES, FakeX, Key, Opened, Purse


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def server(front: Front) -> Iterator[Wire]:
    with wire(front) as running:
        yield running


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(allow_hosts=["127.0.0.1"], sleep=lambda _: None) as opened:
        yield opened


@pytest.fixture
def x() -> FakeX:
    return FakeX()


@pytest.fixture
def x_server(x: FakeX) -> Iterator[Wire]:
    with wire(x) as running:
        yield running


@pytest.fixture
def opened(x_server: Wire, fetcher: Fetcher) -> Opened:
    def make(
        key: Key | None = None, purse: Purse | None = None, owner: Author = OWNER,
        now: Callable[[], datetime] = lambda: NOW,
    ) -> Timeline:  # fmt: skip
        api = Api(
            x_server.url, fetcher, key=key or Key("good"), purse=purse or Purse(), prices=PRICES,
            now=lambda: NOW,
        )  # fmt: skip
        return Timeline(introduced(owner, api), api, now=now)

    return make
