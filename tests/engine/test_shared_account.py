"""Another client spends from the same windows: at most one 429 of ours in each, and all of it is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from bridge.errors import Deferred
from bridge.ledger import Ledger, open_ledger
from tests.engine.test_practice import Rehearsal, rehearsal

WINDOW = 10_800  # seconds, in which Mastodon takes 300 statuses


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


class Neighbour:
    """Posts `burst` statuses after every `after` of ours. `refused`: when we were told to come later."""

    def __init__(self, play: Rehearsal, *, after: int, burst: int) -> None:
        self.play, self.after, self.burst = play, after, burst
        self.posted = 0
        self.refused: list[datetime] = []
        self._publish, self._ours = play.publisher.publish, 0
        play.publisher.publish = self.publish  # type: ignore[method-assign]

    def publish(self, *rest: Any, **more: Any) -> Any:
        try:
            receipt = self._publish(*rest, **more)
        except Deferred as error:
            if error.status == 429:
                self.refused.append(self.play.time.now())
            raise
        self._ours += 1
        if self._ours % self.after == 0:
            self._post()
        return receipt

    def _post(self) -> None:
        server = self.play.sandbox
        headers = {"Authorization": f"Bearer {server.new_token('write:statuses')}"}
        for _ in range(self.burst):
            by_hand = f"status=By+hand,+{self.posted}".encode()
            with suppress(HTTPError):  # it is told to come later, too
                urlopen(
                    Request(f"{server.base_url}/api/v1/statuses", by_hand, headers, method="POST")
                ).close()
                self.posted += 1

    @property
    def most(self) -> int:
        """Of our refusals, in one window."""
        windows = Counter(at.timestamp() // WINDOW for at in self.refused)
        return max(windows.values(), default=0)


@pytest.mark.parametrize(
    ("after", "burst"),
    [
        pytest.param(3, 1, id="now and then"),
        pytest.param(50, 60, id="in bursts"),  # takes what we were told is left
    ],
)
def test_at_most_one_429_in_a_window(ledger: Ledger, after: int, burst: int) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0", limits=True) as play:
        play.plan(350)
        other = Neighbour(play, after=after, burst=burst)
        start = play.time.now()
        done = play.run()
        assert (done.published, done.failed, done.unknown) == (350, 0, 0)
        assert other.posted > 100
        assert other.most == 1, other.refused
        windows = (350 + other.posted) // 300 + 1
        assert (play.time.now() - start).total_seconds() < windows * WINDOW
        assert {row.post_id for row in ledger.queue.published(play.publisher.account)} == {
            str(1000 + n) for n in range(1, 351)
        }
