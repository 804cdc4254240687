from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge.publishers.memory import MemoryPublisher
from bridge.statuses import Idempotency, Limits
from tests.contracts.suite import PublisherContract, Stage

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LIMITS = {
    "replays": Limits(software="memory", idempotency=Idempotency.REPLAYS, edits=True, boosts=True),
    "breaks": Limits(software="memory", idempotency=Idempotency.BREAKS),
    "burns": Limits(software="memory", idempotency=Idempotency.BURNS, keeps_replies=False),
    "backdates": Limits(software="gotosocial", backdates=True, max_characters=5000),
}


class TestMemory(PublisherContract):
    @pytest.fixture(params=sorted(LIMITS))
    def stage(self, request: pytest.FixtureRequest) -> Stage:
        stranger = MemoryPublisher(now=lambda: NOW)
        stranger.unauthorized = True
        publisher = MemoryPublisher(limits=LIMITS[request.param], now=lambda: NOW)
        return Stage(publisher=publisher, now=lambda: NOW, stranger=stranger)
