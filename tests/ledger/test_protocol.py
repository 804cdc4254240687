"""Claim, send, settle, recover, under everything that can happen in between: each status once, and in order.

`deliver` is the least that a deliverer must do; what it must not leave out is shown by leaving it out.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bridge.errors import LedgerError, Locked
from bridge.ledger import Ledger, open_ledger
from bridge.ledger.adoptions import Adoptee, Adoption, Fate
from bridge.ledger.owner import this_process
from bridge.ledger.rows import Hold
from bridge.ledger.tables import events, metadata, posts, publications
from bridge.publications import ADOPTED, TRANSITIONS, Publication, State
from bridge.statuses import StatusRef
from tests.ledger.builders import ACCOUNT, OTHER, SOURCE, T0, dead, draft, hold, plan, publish, receipt
from tests.ledger.rough_server import MODES, Crash, Deferred, Refused, Server, Unknown

GRACE = timedelta(seconds=150)
SKEW = timedelta(minutes=5)


@dataclass
class Deliverer:
    """One process that works on an account. `without`: the part of the protocol that it leaves out."""

    ledger: Ledger
    server: Server
    hold: Hold
    without: str = ""

    def step(self) -> bool:
        """Do the next thing that is due; False when nothing is."""
        queue, now = self.ledger.queue, self.server.now
        if (row := queue.abandoned(self.hold, now=now)) is not None:
            self._recover(row)
        elif (row := queue.claim(self.hold, now=now)) is not None:
            self._attempt(row)
        else:
            return False
        return True

    def _attempt(self, row: Publication) -> None:
        queue, now = self.ledger.queue, self.server.now
        try:
            remote_id = self.server.publish(row.draft.text, queue.reply_target(row))
        except Refused:
            queue.settle(row, State.FAILED, now=now, error="422")
        except Deferred:
            queue.settle(row, State.APPROVED, now=now, not_before=now + timedelta(minutes=5))
        except Unknown:
            if self.without == "doubt":
                queue.settle(row, State.APPROVED, now=now)
            else:
                queue.mark_unknown(row, now=now, look_again_at=now)
        else:
            queue.settle(row, State.PUBLISHED, now=now, receipt=receipt(remote_id, now))

    def _recover(self, row: Publication) -> None:
        queue, now = self.ledger.queue, self.server.now
        assert row.attempted_at is not None
        found = self.server.find(row.draft.text, queue.reply_target(row), row.attempted_at - SKEW)
        owned = set() if self.without == "exclusion" else queue.known_remote_ids(ACCOUNT, found)
        ours = [] if self.without == "look" else [remote_id for remote_id in found if remote_id not in owned]
        if ours:
            queue.settle(row, State.PUBLISHED, now=now, receipt=receipt(ours[0], now))
        elif now < (row.unknown_since or row.attempted_at) + GRACE and self.without != "grace":
            queue.mark_unknown(row, now=row.unknown_since or row.attempted_at, look_again_at=now)
        elif (again := queue.reclaim(row, now=now)) is not None:
            self._attempt(again)


class Protocol(RuleBasedStateMachine):
    """Bound to a ledger, and to what is left out, by `protocol`."""

    ledger: Ledger
    without: str

    @initialize()
    def start(self) -> None:
        empty(self.ledger)
        self.server = Server()
        self.planned = 0
        self.parents: dict[str, StatusRef | None] = {}
        self.lives = 0
        self.deleted = 0
        self.carried: set[str] = set()
        self.ledger.queue.open_destination(ACCOUNT, now=T0)
        self.deliverer = self._new_process()

    @rule(text=st.sampled_from(["gm", "gm", "hello"]), reply=st.booleans())
    def add(self, text: str, reply: bool) -> None:
        self.planned += 1
        post_id = str(self.planned)
        self.parents[post_id] = (
            StatusRef(post_id=str(self.planned - 1)) if reply and self.planned > 1 else None
        )
        plan(self.ledger, publish(post_id, text=text, reply_to=self.parents[post_id]), now=self.server.now)

    @rule(data=st.data())
    def revise(self, data: st.DataObject) -> None:
        if self.planned:
            chosen = str(data.draw(st.integers(1, self.planned)))
            again = publish(chosen, text="gm, revised", reply_to=self.parents[chosen])
            plan(self.ledger, again, now=self.server.now)

    @rule(mode=st.sampled_from(MODES))
    def deliver(self, mode: str) -> None:
        self.server.mode = mode
        try:
            self.deliverer.step()
        except Crash:
            self.deliverer = self._new_process()
        self.server.mode = "ok"

    @rule(data=st.data())
    def adopt(self, data: st.DataObject) -> None:
        """Another tool carries a post, and we are told."""
        waiting = [row for row in self._rows() if row.state in {State.APPROVED, State.FAILED}]
        if waiting:
            row = data.draw(st.sampled_from(waiting))
            remote_id = self.server.carry(row.text)
            adoptee = Adoptee(draft=draft(row.source_id), sort_key="", remote_id=remote_id)
            adoption = Adoption(post_id=row.source_id, parts=(adoptee,), reason=ADOPTED + "carried by a tool")
            [done] = self.ledger.queue.adopt(
                [adoption], destination=ACCOUNT, source=SOURCE, now=self.server.now
            )
            assert done.fate is Fate.ADOPTED
            self.carried.add(remote_id)

    @rule(number=st.integers(0, 30))
    def delete(self, number: int) -> None:
        if self.server.statuses:
            self.server.delete(number)
            self.deleted += 1

    @rule()
    def repair(self) -> None:
        """What is in the ledger and not on the account goes back in line."""
        there = {status[1] for status in self.server.statuses}
        gone = [row.remote_id for row in self._rows() if row.remote_id and row.remote_id not in there]
        again = self.ledger.queue.send_again(ACCOUNT, gone, now=self.server.now)
        assert again.remote_ids == set(gone)

    @rule(seconds=st.sampled_from([1, 60, 200, 700, 36_000]))
    def wait(self, seconds: int) -> None:
        self.server.wait(seconds)

    @invariant()
    def never_twice(self) -> None:
        if hasattr(self, "server"):
            written = Counter(row.text for row in self._rows())
            sent = Counter(text for _, _, text, _ in self.server.statuses)
            assert not sent - written, "published more often than planned"

    @invariant()
    def one_at_a_time(self) -> None:
        if hasattr(self, "server"):
            assert self.ledger.queue.counts(ACCOUNT)[State.PUBLISHING] <= 1

    @invariant()
    def history_is_a_path(self) -> None:
        if not hasattr(self, "server"):
            return
        stands: dict[int, str] = {}
        with self.ledger._database.read() as connection:
            for event in connection.execute(sa.select(events).order_by(events.c.id)):
                assert stands.get(event.publication_id) == event.before
                steps = (
                    {*TRANSITIONS[State(event.before)], State(event.before)} if event.before else set(State)
                )
                assert event.after in steps
                stands[event.publication_id] = event.after
        assert stands == {row.id: row.state for row in self._rows()}

    def teardown(self) -> None:
        if not hasattr(self, "server"):
            return
        self.server.mode = "ok"
        for _ in range(2):  # what is found on the way may be missing, too
            self.come_to_an_end()
            self.repair()
        self.come_to_an_end()
        self.check()

    def come_to_an_end(self) -> None:
        for _ in range(4 * self.planned + 4):
            self.server.wait(400)
            self.deliverer.step()

    def check(self) -> None:
        rows = {row.id: row for row in self._rows()}
        published = [row for row in rows.values() if row.state == State.PUBLISHED]
        for row in rows.values():
            assert row.state in {State.PUBLISHED, State.FAILED} or self._is_held_back(row, rows), row
        ours, there = [row.remote_id for row in published], [status[1] for status in self.server.statuses]
        assert sorted(ours) == sorted(there)
        assert ours == there or self.deleted or self.carried, "only what is sent again comes later"
        parents = {status[1]: status[3] for status in self.server.statuses}
        for row in published:
            if row.remote_id in self.carried:
                assert parents[row.remote_id] is None
            elif row.reply_to_id and (parents[row.remote_id] in there or not self.deleted):
                assert parents[row.remote_id] == rows[row.reply_to_id].remote_id

    def _is_held_back(self, row: Any, rows: dict[int, Any]) -> bool:
        parent = rows.get(row.reply_to_id)
        return parent is not None and (parent.state == State.FAILED or self._is_held_back(parent, rows))

    def _new_process(self) -> Deliverer:
        """Each life looks dead to the next, whose start time differs."""
        self.lives += 1
        held = hold(self.ledger, owner=dead(f"life {self.lives}"), now=self.server.now)
        return Deliverer(self.ledger, self.server, held, self.without)

    def _rows(self) -> list[Any]:
        p = publications.c
        text = (
            sa.func.json_extract(p.draft, "$.text")
            if self.ledger._database.is_sqlite
            else sa.cast(p.draft, sa.JSON)["text"].as_string()
        )
        columns = (p.id, p.state, p.remote_id, p.reply_to_id, posts.c.source_id, text.label("text"))
        rows = sa.select(*columns).join(posts, posts.c.id == p.post_id).order_by(p.sort_key)
        with self.ledger._database.read() as connection:
            return list(connection.execute(rows))


def protocol(opened: Ledger, left_out: str = "") -> type[Protocol]:
    class Bound(Protocol):
        ledger = opened
        without = left_out

    return Bound


def empty(ledger: Ledger) -> None:
    with ledger._database.write() as connection:
        connection.execute(sa.update(publications).values(reply_to_id=None))
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))


def limits(examples: int, **more: Any) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )


def test_each_status_once_and_in_order(ledger: Ledger) -> None:
    examples = 12 if ledger._database.is_sqlite else 6
    run_state_machine_as_test(protocol(ledger), settings=limits(examples))


@pytest.mark.parametrize("left_out", ["look", "grace", "doubt", "exclusion"])
def test_no_part_of_the_protocol_is_idle(left_out: str) -> None:
    """The same test fails as soon as one of them is missing."""
    with open_ledger("sqlite://") as ledger, pytest.raises((AssertionError, LedgerError, BaseExceptionGroup)):
        run_state_machine_as_test(
            protocol(ledger, left_out), settings=limits(400, phases=[Phase.generate], derandomize=True)
        )


def test_a_living_process_is_never_replaced_for_its_request_may_be_under_way(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    first = hold(ledger, owner=this_process())
    assert ledger.queue.claim(first, now=T0) is not None
    with pytest.raises(Locked):
        hold(ledger, owner=dead(), now=T0 + timedelta(days=1))


def test_without_that_there_would_be_two(ledger: Ledger) -> None:
    """Were the living taken for dead, both would send; so the lock of the account is no ornament."""
    plan(ledger, publish("1"))
    server = Server()
    first = ledger.queue.claim(hold(ledger, owner=dead("really alive")), now=T0)
    assert first is not None
    second = Deliverer(ledger, server, hold(ledger, owner=this_process()), without="grace")
    assert second.step()  # not there yet, so it is sent
    server.publish(first.draft.text, None)  # and so it is by the first
    assert len(server.statuses) == 2
    assert not ledger.queue.settle(first, State.PUBLISHED, now=T0, receipt=receipt("2")), (
        "but the fence holds"
    )


def test_without_the_exclusion_of_our_own_statuses_one_would_stand_for_two(ledger: Ledger) -> None:
    plan(ledger, publish("1", text="gm"), publish("2", text="gm"))
    server = Server()
    deliverer = Deliverer(ledger, server, hold(ledger), without="exclusion")
    deliverer.step()
    server.mode = "unknown before"
    deliverer.step()
    with pytest.raises(LedgerError, match="the status 1 of another post"):
        deliverer.step()
    assert ledger.queue.counts(ACCOUNT)[State.PUBLISHING] == 1, (
        "and a constraint keeps it from being believed"
    )


@pytest.mark.parametrize("mode", MODES[1:7])
def test_equal_texts_stay_apart(ledger: Ledger, mode: str) -> None:
    plan(ledger, publish("1", text="gm"), publish("2", text="gm"))
    server = Server()
    deliverer = Deliverer(ledger, server, hold(ledger, owner=dead("first")))
    deliverer.step()
    server.mode = mode
    try:
        deliverer.step()
    except Crash:
        deliverer = Deliverer(ledger, server, hold(ledger, owner=dead("second")))
    for _ in range(4):
        server.wait(200)
        deliverer.step()
    assert ledger.queue.counts(ACCOUNT)[State.PUBLISHED] == 2
    assert len(server.statuses) == 2


def test_eight_workers_send_each_status_once_and_in_order(ledger_url: str) -> None:
    accounts = (ACCOUNT, OTHER)
    with open_ledger(ledger_url) as ledger:
        for account in accounts:
            plan(ledger, *(publish(str(n), reply_to=_parent(n)) for n in range(1, 21)), destination=account)
        sent: dict[str, list[str]] = {account: [] for account in accounts}
        crowd: Counter[str] = Counter()
        worst: list[int] = []

        def send(row: Publication) -> None:
            crowd[row.destination] += 1
            worst.append(crowd[row.destination])
            sent[row.destination].append(row.post_id)
            crowd[row.destination] -= 1

        _in_threads(8, lambda: _work(ledger, accounts, send))
        assert sent == {account: [str(n) for n in range(1, 21)] for account in accounts}
        assert max(worst) == 1


def _parent(number: int) -> StatusRef | None:
    return StatusRef(post_id=str(number - 1)) if number % 4 == 0 else None


def _work(ledger: Ledger, accounts: tuple[str, ...], send: Callable[[Publication], None]) -> None:
    while any(ledger.queue.counts(account)[State.APPROVED] for account in accounts):
        for account in accounts:
            try:
                held = ledger.queue.hold(account, owner=this_process(), now=T0, seconds=60)
            except Locked:
                continue
            for _ in range(3):
                if (row := ledger.queue.claim(held, now=T0)) is not None:
                    send(row)
                    key = receipt(f"{row.destination} {row.post_id}")
                    assert ledger.queue.settle(row, State.PUBLISHED, now=T0, receipt=key)
            ledger.queue.release(held)


def _in_threads(count: int, work: Callable[[], None]) -> None:
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
