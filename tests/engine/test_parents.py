"""Answers of a thread wait for what they answer, whichever is read first and whatever becomes of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.ledger import open_ledger
from bridge.publishers.memory import Fault
from tests.engine.village import Village


@pytest.fixture
def village() -> Iterator[Village]:
    with open_ledger("sqlite://") as opened:
        made = Village(opened, "museum")
        made.begin()
        yield made


def test_an_answer_waits_for_what_it_answers_across_polls(village: Village) -> None:
    """A feed shows the answer; what it answers comes later, by another page or another feed."""
    museum, home, worker = village.accounts["museum"], village.home("museum"), village.worker()
    first = museum.write("first")
    village.time.sleep(1)
    second = museum.write("second", answers=first)
    village.time.sleep(1)
    museum.write("third", answers=second)
    museum.posts.remove(first)
    village.run(worker, seconds=300)
    museum.write("something else")
    village.run(worker, seconds=300)
    assert home.texts == ["something else"]
    museum.posts.insert(0, first)
    museum.version += 1
    village.run(worker, seconds=900)
    assert home.texts == ["something else", "first", "second", "third"]
    ids = {each.text: each for each in home.server.statuses}
    assert ids["third"].in_reply_to_id == ids["second"].remote_id
    assert ids["second"].in_reply_to_id == ids["first"].remote_id


def test_an_answer_goes_alone_when_what_it_answers_never_comes(village: Village) -> None:
    museum, home, worker = village.accounts["museum"], village.home("museum"), village.worker()
    first = museum.write("first")
    museum.write("second", answers=first)
    museum.posts.remove(first)
    village.run(worker, seconds=1500)
    assert home.texts == []
    village.run(worker, seconds=1500)
    assert [(each.text, each.in_reply_to_id) for each in home.server.statuses] == [("second", None)]


def test_an_answer_to_what_failed_waits_until_a_person_has_decided(village: Village) -> None:
    museum, home, worker = village.accounts["museum"], village.home("museum"), village.worker()
    home.server.faults.append(Fault.REFUSED)
    first = museum.write("first")
    village.run(worker, seconds=300)
    museum.write("second", answers=first)
    village.run(worker, seconds=3600)
    assert home.texts == []
    assert village.ledger.queue.retry(home.account, now=village.time.now()) == 1
    village.run(worker, seconds=900)
    assert home.texts == ["first", "second"]
    assert home.server.statuses[1].in_reply_to_id == home.server.statuses[0].remote_id
