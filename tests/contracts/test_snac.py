"""The contract against snac2, a real server that nobody here wrote; skipped where it cannot be had."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.media.fetch import Fetcher
from bridge.publishers import oauth
from bridge.publishers.loopback import LoopbackListener
from bridge.publishers.mastodon import connect
from bridge.publishers.servers import Detected, detect
from tests.contracts.suite import PublisherContract, Stage
from tests.e2e import snac

#: Of 2.75, which is Debian 13's.
QUIRKS = frozenset(
    {
        "unlisted is public",
        "no deletion",
        "uploads are not shown",
        "other ids of media",
        "old dates come late",
    }
)


@pytest.fixture(scope="module")
def binary() -> Path:
    try:
        return snac.obtain()
    except snac.Unavailable as reason:
        pytest.skip(str(reason))


def token_of(server: snac.Snac, found: Detected, fetcher: Fetcher) -> str:
    """By the ordinary login, the browser played by the fixture."""
    with LoopbackListener() as listener:
        app = oauth.register(found.base_url, fetcher, limits=found.limits, redirect_uri=listener.redirect_uri)
        attempt = oauth.authorization(app)
        browser = threading.Thread(target=server.log_in, args=(attempt.url,))
        browser.start()
        code = listener.wait(attempt.state, seconds=20)
        browser.join()
        return oauth.exchange(app, attempt, code, fetcher).access_token


@pytest.fixture(scope="module")
def account(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One account for all: this server takes three seconds to stop."""
    with snac.serving(binary, tmp_path_factory.mktemp("snac") / "base") as server:
        with Fetcher(allow_hosts=["127.0.0.1"]) as fetcher:
            found = detect(server.url, fetcher)
            token = token_of(server, found, fetcher)
        publisher = connect(found.base_url, token, timeout=10, limits=found.limits)
        stranger = connect(found.base_url, "wrong", timeout=10, limits=found.limits)
        quirks = QUIRKS if found.limits.version.startswith("2.75") else frozenset({"other ids of media"})
        yield Stage(publisher=publisher, now=lambda: datetime.now(UTC), stranger=stranger, quirks=quirks)
        publisher.close()
        stranger.close()


@pytest.mark.snac
class TestSnac(PublisherContract):
    @pytest.fixture
    def stage(self, account: Stage) -> Stage:
        return account
