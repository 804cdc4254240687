"""Any live server, by PASSERELLE_TEST_SERVER and PASSERELLE_TEST_TOKEN: it gets real posts, unlisted ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from bridge.media.fetch import Fetcher
from bridge.publishers.mastodon import connect
from bridge.publishers.servers import detect
from tests.contracts.suite import PublisherContract, Stage

SERVER = os.environ.get("PASSERELLE_TEST_SERVER", "")
TOKEN = os.environ.get("PASSERELLE_TEST_TOKEN", "")


@pytest.mark.skipif(not (SERVER and TOKEN), reason="PASSERELLE_TEST_SERVER and _TOKEN name no live server")
class TestLive(PublisherContract):
    @pytest.fixture
    def stage(self) -> Iterator[Stage]:
        with Fetcher(allow_hosts=[urlsplit(SERVER).hostname or ""]) as fetcher:
            found = detect(SERVER, fetcher)
        publisher = connect(found.base_url, TOKEN, timeout=30, limits=found.limits)
        yield Stage(publisher=publisher, now=lambda: datetime.now(UTC), stranger=None)
        publisher.close()
