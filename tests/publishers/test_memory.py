from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import Deferred, PublishError, Refused, Unauthorized, Unknown
from bridge.publishers.base import Addressed
from bridge.publishers.memory import Fault, MemoryPublisher
from bridge.statuses import Idempotency, Limits, StatusDraft

DRAFT = StatusDraft(post_id="1", part=1, parts=1, text="hello", length=5)
SAID = Addressed(text="hello")
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Clock:
    at = START

    def __call__(self) -> datetime:
        return self.at


@pytest.mark.parametrize(
    ("fault", "kind", "there"),
    [
        (Fault.REFUSED, Refused, 0),
        (Fault.DEFERRED, Deferred, 0),
        (Fault.UNAUTHORIZED, Unauthorized, 0),
        (Fault.NOT_SENT, Deferred, 0),
        (Fault.LOST_BEFORE, Unknown, 0),
        (Fault.LOST_AFTER, Unknown, 1),
        (Fault.LATE, Unknown, 0),
    ],
)
def test_each_fault_strikes_once(fault: Fault, kind: type[PublishError], there: int) -> None:
    clock = Clock()
    publisher = MemoryPublisher(now=clock, faults=[fault, None])
    with pytest.raises(kind):
        publisher.publish(DRAFT, SAID, key="k")
    assert len(publisher.find(DRAFT, SAID, since=START)) == there
    publisher.publish(DRAFT, SAID, key="l")
    assert len(publisher.own()) == there + 1


def test_a_late_request_arrives_in_its_time() -> None:
    clock = Clock()
    publisher = MemoryPublisher(now=clock, faults=[Fault.LATE], delay=timedelta(seconds=90))
    with pytest.raises(Unknown):
        publisher.publish(DRAFT, SAID, key="k")
    clock.at += timedelta(seconds=89)
    assert publisher.find(DRAFT, SAID, since=START) == ()
    clock.at += timedelta(seconds=1)
    assert len(publisher.find(DRAFT, SAID, since=START)) == 1


def test_a_burnt_key_repeats_its_error() -> None:
    limits = Limits(idempotency=Idempotency.BURNS, max_characters=3)
    publisher = MemoryPublisher(limits=limits)
    with pytest.raises(Refused):
        publisher.publish(DRAFT, SAID, key="k")
    short = StatusDraft(post_id="1", part=1, parts=1, text="hi", length=2)
    with pytest.raises(Refused):
        publisher.publish(short, Addressed(text="hi"), key="k")
    publisher.publish(short, Addressed(text="hi"), key="fresh")
    assert [receipt.text for receipt in publisher.own()] == ["hi"]


def test_a_key_is_forgotten_after_an_hour() -> None:
    clock = Clock()
    publisher = MemoryPublisher(limits=Limits(idempotency=Idempotency.REPLAYS), now=clock)
    first = publisher.publish(DRAFT, SAID, key="k")
    clock.at += timedelta(minutes=59)
    assert publisher.publish(DRAFT, SAID, key="k") == first
    clock.at += timedelta(minutes=1)
    assert publisher.publish(DRAFT, SAID, key="k") != first
