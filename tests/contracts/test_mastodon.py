"""The real publisher over real sockets, against every profile of the practice server."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest

from bridge.media.fetch import Fetcher
from bridge.publishers.mastodon import connect
from bridge.publishers.servers import detect
from bridge.sandbox.clock import ManualClock
from bridge.sandbox.server import Sandbox
from bridge.statuses import Limits
from tests.contracts.suite import PublisherContract, Stage

PROFILES = [
    ("mastodon", "4.5.0"),
    ("mastodon", "4.6.5"),  # the release line that answers 500 to a repeated key
    ("mastodon", "4.6.8"),
    ("gotosocial", None),
    ("akkoma", None),
    ("pixelfed", None),
    ("sharkey", None),
    ("iceshrimp", None),
    ("takahe", None),
    ("hollo", None),
    ("snac", None),
]


@functools.cache
def limits_of(profile: str, version: str | None) -> Limits:
    """As they are detected; once for each profile, since all its servers say the same."""
    with (
        Sandbox(profile=profile, version=version) as sandbox,
        Fetcher(allow_hosts=["127.0.0.1"]) as fetcher,
    ):
        return detect(sandbox.base_url, fetcher).limits


class TestMastodon(PublisherContract):
    @pytest.fixture(params=PROFILES, ids=lambda pair: "-".join(filter(None, pair)))
    def stage(self, request: pytest.FixtureRequest) -> Iterator[Stage]:
        profile, version = request.param
        clock = ManualClock()
        limits = limits_of(profile, version)
        with Sandbox(profile=profile, version=version, clock=clock, limits=False) as sandbox:
            publisher = connect(sandbox.base_url, sandbox.token, timeout=10, limits=limits, now=clock.now)
            stranger = connect(sandbox.base_url, "wrong", timeout=10, limits=limits, now=clock.now)
            yield Stage(publisher=publisher, now=clock.now, advance=clock.advance, stranger=stranger)
            publisher.close()
            stranger.close()
