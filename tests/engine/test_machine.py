"""Whatever happens in whatever order, each status is on the account once, in order, or failed with a reason.

The machine plays a server with its own clock, crashes before and after the write, lost and late answers,
refusals and deferrals, for every way in which servers treat a repeated key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bridge.engine import recover
from bridge.engine.terms import Terms
from bridge.engine.verify import verify
from bridge.errors import LedgerError, Locked
from bridge.ledger import Ledger, claims, destinations, open_ledger
from bridge.ledger.deliveries import Deliveries
from bridge.ledger.tables import metadata
from bridge.pacing import Pace
from bridge.publications import State
from bridge.publishers.memory import Fault
from bridge.statuses import Idempotency, Window
from tests.changes import replace
from tests.conftest import DATABASES
from tests.engine.stage import ACCOUNT, FREE, Crash, Stage, post
from tests.postgresql import clear

COMMON = st.sampled_from(
    [
        None,
        None,
        Fault.LOST_BEFORE,
        Fault.LOST_AFTER,
        Fault.LATE,
        Fault.NOT_SENT,
        Fault.DEFERRED,
        Fault.REFUSED,
    ]
)
CRASHES = st.sampled_from([None, None, "before", "after"])


class Delivery(RuleBasedStateMachine):
    url = "sqlite://"  # a crash here is an exception: memory outlives it
    twins_only: bool | None = None  #: of a machine that is to fail: on a server that ignores keys, too

    @initialize(idempotency=st.sampled_from(Idempotency), windows=st.booleans(), twins=st.booleans())
    def open(self, idempotency: Idempotency, windows: bool, twins: bool) -> None:
        if self.twins_only is not None:
            idempotency, twins = Idempotency.IGNORED, self.twins_only
        self.ledger = open_ledger(self.url)
        limits = replace(FREE, idempotency=idempotency)
        if windows:
            limits = replace(limits, windows=(Window(name="statuses", limit=3, seconds=600),))
        self.stage = Stage(self.ledger, limits)
        self.twins = twins
        self.count = 0
        self.deleted: set[str] = set()

    def text(self, number: int) -> str:
        return "Good morning" if self.twins else f"Post {number}"

    @rule(thread=st.booleans(), count=st.integers(1, 3))
    def plan(self, thread: bool, count: int) -> None:
        posts = []
        for _ in range(count):
            self.count += 1
            answers = self.count - 1 if thread and posts else None
            posts.append(replace(post(self.count, answers=answers), text=self.text(self.count)))
        self.stage.plan(posts)

    @rule(faults=st.lists(COMMON, max_size=3), crashes=st.lists(CRASHES, max_size=3), two=st.booleans())
    def run(self, faults: list[Fault | None], crashes: list[str | None], two: bool) -> None:
        """`two`: another process has its try while the first one's request is under way."""
        server, terms = self.stage.server, Terms(pace=Pace(max_posts=4))
        server.faults.extend(faults)
        server.crashes = list(crashes)
        if two:
            server.meanwhile = lambda: self.stage.run_beside(terms)
        try:
            self.stage.run(terms)
        except Crash:
            self.stage.restart()
        server.meanwhile = None
        server.crashes.clear()  # they are of this run, not of the owner who deletes one

    @rule()
    def wait(self) -> None:
        self.stage.time.sleep(300)

    @rule()
    def retry(self) -> None:
        self.ledger.queue.retry(ACCOUNT, now=self.stage.time.now())

    @rule(number=st.integers(0, 30))
    def delete(self, number: int) -> None:
        """The owner takes one back."""
        rows = list(self.ledger.queue.published(ACCOUNT))
        if rows:
            gone = rows[number % len(rows)].remote_id or ""
            self.stage.server.withdraw(gone)
            self.deleted.add(gone)

    @rule()
    def repair(self) -> None:
        try:
            found = verify(self.stage.ports(), Terms(), repair=True)
        except Locked:
            self.stage.restart()
            return
        missing = [each.remote_id for each in found.of("missing")]
        assert set(missing) <= self.deleted
        self.ledger.queue.send_again(ACCOUNT, missing, now=self.stage.time.now())

    @invariant()
    def nothing_is_there_twice(self) -> None:
        if not hasattr(self, "stage"):
            return
        texts = [receipt.text for receipt in self.stage.server._standing()]
        if self.twins:
            assert len(texts) <= self.count
        else:
            assert len(texts) == len(set(texts)), texts

    def teardown(self) -> None:
        if not hasattr(self, "stage"):
            return
        try:
            self.come_to_an_end()
        finally:
            self.ledger.close()

    def come_to_an_end(self) -> None:
        stage = self.stage
        stage.server.faults.clear()
        stage.server.crashes.clear()
        stage.time.sleep(3600)
        for _ in range(4):
            self.repair()
            self.ledger.queue.retry(ACCOUNT, now=stage.time.now())
            stage.run_to_the_end()
        self.nothing_is_there_twice()
        counts = self.ledger.queue.counts(ACCOUNT)
        assert counts[State.PUBLISHED] == self.count, counts
        assert len(stage.server.statuses) == self.count
        remote = {row.remote_id: row for row in self.ledger.queue.published(ACCOUNT)}
        assert set(remote) == {receipt.remote_id for receipt in stage.server.statuses}
        for receipt in stage.server.statuses:
            above = receipt.in_reply_to_id
            assert above in self.deleted or above == self.ledger.queue.reply_target(remote[receipt.remote_id])


QUICK = settings(
    max_examples=20,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),  # nobody waits for a smaller example of what is meant to fail
)


@pytest.fixture(params=DATABASES)
def machine(request: pytest.FixtureRequest) -> Iterator[type[Delivery]]:
    """On either database, which is emptied after each example."""
    if request.param == "sqlite":
        yield Delivery
        return
    with request.getfixturevalue("postgresql_server").database() as url:
        open_ledger(url).close()
        tables = [table.name for table in reversed(metadata.sorted_tables)]

        class OnPostgreSQL(Delivery):
            def teardown(self) -> None:
                try:
                    super().teardown()
                finally:
                    clear(url, tables)

        OnPostgreSQL.url = url
        yield OnPostgreSQL


def examples(machine: type[Delivery]) -> settings:
    return QUICK if machine is Delivery else settings(QUICK, max_examples=5)


def test_every_status_is_there_once(machine: type[Delivery]) -> None:
    run_state_machine_as_test(machine, settings=examples(machine))


def no_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is ever found on the account."""
    monkeypatch.setattr(recover, "look", lambda *_: None)


def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes may work on the account, beside whoever does."""
    monkeypatch.setattr(destinations, "check_free", lambda *_, **__: None)
    for module in (claims, destinations):
        monkeypatch.setattr(module, "extend", lambda *_, **__: None)


def no_exclusion(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the ledger owns already may be found once more: it refuses to own a status twice."""
    monkeypatch.setattr(Deliveries, "known_remote_ids", lambda *_: set())


@pytest.mark.parametrize(
    ("sabotage", "noticed", "twins"),
    [
        (no_look, AssertionError, False),
        (no_lock, AssertionError, False),
        (no_exclusion, LedgerError, True),
    ],
    ids=["look", "lock", "exclusion"],
)
def test_the_machine_can_fail(
    machine: type[Delivery],
    monkeypatch: pytest.MonkeyPatch,
    sabotage: Callable[[pytest.MonkeyPatch], None],
    noticed: type[Exception],
    twins: bool,
) -> None:
    """What keeps the promise, taken out piece by piece, where nothing but the program stands in the way."""
    sabotage(monkeypatch)
    monkeypatch.setattr(machine, "twins_only", twins)
    with pytest.raises((noticed, ExceptionGroup)) as caught:
        run_state_machine_as_test(machine, settings=QUICK)
    assert caught.errisinstance(noticed) or caught.group_contains(noticed)


def test_the_grace_is_needed(ledger: Ledger) -> None:
    """Sending again as soon as nothing is found makes a duplicate of a late arrival."""
    stage = Stage(ledger)
    stage.plan([post(1)])
    stage.server.faults.append(Fault.LATE)
    stage.run(Terms(grace=0))
    stage.time.sleep(600)
    assert len(stage.server._standing()) == 2
