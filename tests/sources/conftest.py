"""A front end on a socket, and what reads it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.media.fetch import Fetcher
from tests.publishers.wires import Wire, wire
from tests.sources.feeds import Front


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
