"""What is not read yet, and who reads: on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.errors import Locked
from bridge.ledger import Ledger
from bridge.publications import State
from bridge.sources.base import Gap, Page
from tests.ledger.builders import SOURCE, T0, elsewhere, hold, plan, post, publish, receipt

LATER = T0 + timedelta(hours=1)


def read(ledger: Ledger, gap: Gap | None, name: str = "x-api") -> None:
    page = Page(stream=name, cursor="here", gap=gap)
    ledger.posts.record(page, source=SOURCE, run=None, now=T0, merge=lambda _, new: new)


def test_a_gap_is_kept_until_it_is_closed_which_is_news(ledger: Ledger) -> None:
    assert ledger.streams.gap(SOURCE, ["x-api"]) is None
    read(ledger, Gap(since=T0, until=LATER))
    before = ledger.posts.revision(SOURCE)
    assert ledger.streams.gap(SOURCE, ["x-api", "feed"]) == Gap(since=T0, until=LATER)
    assert ledger.streams.gap(SOURCE, ["feed"]) is None
    read(ledger, Gap(since=None, until=T0), "other")
    assert ledger.streams.gap(SOURCE, ["x-api", "other"]) == Gap(since=None, until=LATER)
    assert ledger.posts.revision(SOURCE) == before
    read(ledger, None)
    assert ledger.streams.gap(SOURCE, ["x-api"]) is None
    assert ledger.posts.revision(SOURCE) == before + 1


def test_one_process_reads_at_a_time(ledger: Ledger) -> None:
    first = ledger.streams.hold(SOURCE, "x-api", owner=elsewhere(), now=T0, seconds=600)
    with pytest.raises(Locked):
        ledger.streams.hold(SOURCE, "x-api", owner=elsewhere(), now=T0, seconds=600)
    ledger.streams.hold(SOURCE, "other", owner=elsewhere(), now=T0, seconds=600)
    ledger.streams.renew(first, now=LATER)
    late = LATER + timedelta(minutes=11)
    second = ledger.streams.hold(SOURCE, "x-api", owner=elsewhere(), now=late, seconds=600)
    ledger.streams.release(first)  # which is not its own any more
    with pytest.raises(Locked):
        ledger.streams.renew(first, now=late)
    ledger.streams.renew(second, now=late)
    ledger.posts.save_cursor(SOURCE, "x-api", "here")
    ledger.streams.release(second)
    assert ledger.posts.cursor(SOURCE, "x-api") == "here"
    ledger.streams.hold(SOURCE, "x-api", owner=elsewhere(), now=late, seconds=600)


def test_what_stands_is_known_by_its_newest_id(ledger: Ledger) -> None:
    plan(ledger, publish("1"), publish("2"))
    own = hold(ledger)
    row = ledger.queue.claim(own, now=T0)
    assert row is not None
    ledger.queue.settle(row, State.PUBLISHED, now=T0, receipt=receipt("r1"))
    long_ago = post("1").created_at
    assert ledger.posts.standing(SOURCE, long_ago) == ["1"]
    assert ledger.posts.standing(SOURCE, long_ago + timedelta(days=1)) == []
    assert set(ledger.posts.written_until(SOURCE, long_ago, ["1", "2", "9"])) >= {"1"}
    ledger.posts.tombstone(SOURCE, ["1"], now=LATER)
    assert ledger.posts.standing(SOURCE, long_ago) == []
