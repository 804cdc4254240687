"""Pins, and what the ledger has seen of a day, on both databases."""

from __future__ import annotations

from datetime import timedelta

from bridge.ledger import Ledger
from bridge.ledger.pins import ACTOR, OVER
from bridge.planning import Lane
from bridge.publications import State
from bridge.statuses import Boost
from tests.changes import replace
from tests.ledger.builders import ACCOUNT, SOURCE, T0, hold, plan, post, publish, receipt, record

LATER = T0 + timedelta(days=1)


def send(ledger: Ledger, count: int) -> None:
    held = hold(ledger)
    for _ in range(count):
        row = ledger.queue.claim(held, now=T0)
        assert row is not None
        ledger.queue.settle(row, State.PUBLISHED, now=T0, receipt=receipt(f"s{row.post_id}"))
    ledger.queue.release(held)


def test_a_post_is_pinned_once_and_by_somebody(ledger: Ledger) -> None:
    record(ledger, post("1"), post("2"))
    pins = ledger.pins
    before = pins.stamp(SOURCE)
    assert pins.pin(SOURCE, ["1", "2", "1"], by="Ada", now=T0) == ["1", "2"]
    assert pins.pin(SOURCE, ["2"], by="Bea", now=LATER) == []
    assert [(each.post_id, each.author, each.at) for each in pins.pinned(SOURCE).values()] == [
        ("1", "Ada", T0), ("2", "Ada", T0),
    ]  # fmt: skip
    assert pins.unpin(SOURCE, ["2", "3"]) == ["2"]
    assert list(pins.pinned(SOURCE)) == ["1"]
    assert pins.stamp(SOURCE) != before
    ledger.posts.tombstone(SOURCE, ["1"], now=T0)
    assert pins.pinned(SOURCE) == {}  # its author has deleted it


def test_posts_are_found_by_their_days(ledger: Ledger) -> None:
    record(ledger, post("1"), post("2"))
    first = ledger.posts.load(SOURCE, ["1"])["1"].created_at
    assert ledger.pins.years(SOURCE) == first.year
    assert ledger.pins.years("twitter:nobody") is None
    assert "1" in ledger.pins.written(SOURCE, [(first, first + timedelta(seconds=1))])
    assert ledger.pins.written(SOURCE, [(first - timedelta(days=9), first)]) == []
    assert ledger.pins.written(SOURCE, []) == []


def test_the_day_counts_what_is_old_and_was_published(ledger: Ledger) -> None:
    plan(ledger, publish("1"), publish("2"), replace(publish("3"), sort_key=f"{Lane.LIVE}3"))
    assert ledger.queue.live_waiting(ACCOUNT) == 1
    send(ledger, 2)
    assert ledger.queue.live_waiting(ACCOUNT) == 0
    assert ledger.queue.sent_since(ACCOUNT, T0) == 1
    assert ledger.queue.sent_since(ACCOUNT, LATER) == 0
    assert ledger.queue.sent_since("@else@where.example", T0) == 0


def test_a_boost_whose_day_is_over_is_given_up(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    send(ledger, 1)
    draft = replace(
        publish("1").draft, part=-2026, text="", length=0, boost=Boost(source=SOURCE, post_id="1")
    )
    plan(ledger, replace(publish("1"), draft=draft))
    assert ledger.pins.remembered(ACCOUNT, SOURCE, ["1", "2"], 2026) == {"1"}
    assert ledger.pins.remembered(ACCOUNT, SOURCE, ["1"], 2027) == set()
    assert ledger.pins.lapse(ACCOUNT, before=T0, now=LATER) == 0
    assert ledger.pins.lapse(ACCOUNT, before=LATER, now=LATER) == 1
    assert ledger.pins.lapse(ACCOUNT, before=LATER, now=LATER) == 0
    rows = {row.part: row for row in ledger.queue.deliveries(SOURCE, "1")}
    assert (rows[-2026].state, rows[-2026].reason) == (State.SKIPPED, OVER)
    assert rows[1].state is State.PUBLISHED
    last = ledger.queue.events(SOURCE, "1")[-1]
    assert (last.after, last.actor, last.detail) == (State.SKIPPED, ACTOR, OVER)
