"""A month of mirroring: ten accounts, three thousand posts, and everything that can go wrong on the way.

PASSERELLE_MONTH=1000 makes it a thousand.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bridge.engine.follow import Follow
from bridge.errors import Busy, NetworkError, SourceError
from bridge.ledger import Ledger, open_ledger
from bridge.pacing.polling import Cadence
from bridge.posts import Post
from bridge.publications import State
from bridge.publishers.base import Addressed, Receipt
from bridge.publishers.memory import Fault, MemoryPublisher
from bridge.statuses import StatusDraft, Window
from bridge.worker import Worker
from tests.changes import replace
from tests.engine.stage import Crash
from tests.engine.village import LIMITS, START, Account, Home, Village

DAYS, ACCOUNTS = 30, 10
POSTS = int(os.environ.get("PASSERELLE_MONTH", "3000"))
_STEP = 6 * 3600.0 * 3000 / POSTS  # between two times at which an account may write
_PASSING = [Fault.NOT_SENT, Fault.DEFERRED, Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.LATE]


class Mortal(MemoryPublisher):
    """The process that asks may die, before or after the status is made."""

    crash: str | None = None

    def publish(self, draft: StatusDraft, addressed: Addressed, *, key: str) -> Receipt:
        crash, self.crash = self.crash, None
        if crash == "before":
            raise Crash
        receipt = super().publish(draft, addressed, key=key)
        if crash == "after":
            raise Crash
        return receipt


class Month:
    def __init__(self, ledger: Ledger, seed: int) -> None:
        self.chance = random.Random(seed)
        names = [f"museum{n}" for n in range(ACCOUNTS)]
        cadence = Cadence(least=7200, most=14_400, gap=0, look=21_600, seed=str(seed))
        self.village = Village(ledger, *names, cadence=cadence, longest=600)
        windows = (Window(name="statuses", limit=300, seconds=10_800),)
        for account in self.village.accounts.values():
            account.shows = 60  # as many as are written while a source is down
        for home in self.village.homes.values():
            follow = Follow(deletions="delete", most=1000)
            home.routes = [replace(home.routes[0], follow=follow)]
            limits = replace(LIMITS, windows=windows)
            home.server = Mortal(account=home.account, limits=limits, now=self.village.time.now)
        self.village.begin()
        self.worker: Worker = self.village.worker()
        self.kills = self.restarts = self.edits = self.deletions = 0

    @property
    def written(self) -> int:
        return sum(len(account.posts) + len(account.gone) for account in self.village.accounts.values())

    def pass_(self) -> None:
        while self.written < POSTS:
            self.step()

    def step(self) -> None:
        for account in self.village.accounts.values():
            self._write(account)
            self._weather(account)
        for home in self.village.homes.values():
            self._trouble(home)
        self._lives()
        self._work(_STEP)

    def calm(self) -> None:
        """Everybody is well, and there is time."""
        for account in self.village.accounts.values():
            account.problem = None
        for home in self.village.homes.values():
            home.server.faults.clear()
            home.unauthorized = False
        self._work(2 * 86_400)

    def _write(self, account: Account) -> None:
        roll = self.chance.random()
        for n in range(0 if roll < 0.3 else self.chance.choice((1, 2, 3, 4, 6))):
            above = account.posts[-1] if account.posts and self.chance.random() < 0.2 else None
            account.write(f"{account.name} says {len(account.posts)} {n} {roll}", answers=above)
            self.village.time.sleep(3)
        if len(account.posts) > 5 and self.chance.random() < 0.06:
            self.edits += 1
            account.edit(self._any(account), f"{account.name} corrects {roll}")
        if len(account.posts) > 5 and self.chance.random() < 0.03:
            self.deletions += 1
            account.delete(self._any(account))

    def _any(self, account: Account) -> Post:
        return self.chance.choice(account.posts[-15:])  # which the feed still shows

    def _weather(self, account: Account) -> None:
        if account.problem is None and self.chance.random() < 0.05:
            until = self.village.time.now() + timedelta(hours=3)
            account.problem = self.chance.choice(
                [NetworkError("down"), SourceError("a web page"), Busy("later", until=until)]
            )
        elif self.chance.random() < 0.4:
            account.problem = None

    def _trouble(self, home: Home) -> None:
        if self.chance.random() < 0.15:
            home.server.faults.append(self.chance.choice(_PASSING))
        if self.chance.random() < 0.01:
            home.server.faults.extend([Fault.NOT_SENT] * 12)
        home.unauthorized = self.chance.random() < (0.5 if home.unauthorized else 0.01)

    def _lives(self) -> None:
        if self.chance.random() < 0.15:
            self.restarts += 1
            self.worker.release()
            self.worker = self.village.worker()
        if self.chance.random() < 0.2:
            server = self.chance.choice(list(self.village.homes.values())).server
            assert isinstance(server, Mortal)
            server.crash = self.chance.choice(["before", "after"])

    def _work(self, seconds: float) -> None:
        try:
            self.village.run(self.worker, seconds=seconds)
        except Crash:
            self.kills += 1
            self.worker = self.village.worker()  # its predecessor's holds have to run out


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


def test_after_a_month_the_accounts_are_what_their_sources_are(ledger: Ledger) -> None:
    month = Month(ledger, seed=5)
    month.pass_()
    month.calm()
    assert month.written >= POSTS
    assert month.village.time.now() - START > timedelta(days=DAYS)
    assert min(month.kills, month.restarts, month.edits, month.deletions) >= 3
    for account, home in zip(month.village.accounts.values(), month.village.homes.values(), strict=True):
        assert home.texts == [post.text for post in account.posts]  # each once, in order, as it reads now
        counts = ledger.queue.counts(home.account)
        assert counts[State.PUBLISHED] == len(account.posts)
        assert counts[State.APPROVED] == counts[State.PUBLISHING] == counts[State.FAILED] == 0
        ids = {
            post.text: each.remote_id for post, each in zip(account.posts, home.server.statuses, strict=True)
        }
        texts = {post.id: post.text for post in account.posts}
        for post, status in zip(account.posts, home.server.statuses, strict=True):
            above = post.reply_to.id if post.reply_to else None
            if above in texts:
                assert status.in_reply_to_id == ids[texts[above or ""]]
