"""What people are told of: once each, by one process, and never what has passed by itself."""

from __future__ import annotations

from datetime import timedelta

from bridge.ledger import Ledger
from bridge.ledger.incidents import Incident
from tests.conftest import Clock

KINDS = ["login", "source"]


def begin(ledger: Ledger, clock: Clock, kind: str = "login", subject: str = "@a@b", **rest: float) -> None:
    now = clock.now()
    due = now + timedelta(**rest)
    ledger.incidents.begin(kind, subject, detail="It broke.", since=now, due=due)


def claim(ledger: Ledger, clock: Clock) -> list[Incident]:
    return ledger.incidents.claim(KINDS, now=clock.now())


def test_an_incident_is_told_once_and_its_end_once(ledger: Ledger, clock: Clock) -> None:
    begin(ledger, clock)
    begin(ledger, clock)
    (first,) = claim(ledger, clock)
    assert (first.kind, first.subject, first.detail, first.over) == ("login", "@a@b", "It broke.", False)
    assert claim(ledger, clock) == []  # somebody is at it
    ledger.incidents.told(first, now=clock.now())
    assert [each.told_at for each in ledger.incidents.standing()] == [clock.now()]
    clock.advance(days=30)
    begin(ledger, clock)
    assert claim(ledger, clock) == []
    ledger.incidents.end("login", "@a@b", now=clock.now())
    assert ledger.incidents.standing() == []
    (last,) = claim(ledger, clock)
    assert (last.over, last.ended_at) == (True, clock.now())
    ledger.incidents.told(last, now=clock.now())
    clock.advance(days=30)
    assert claim(ledger, clock) == []
    begin(ledger, clock)
    assert len(claim(ledger, clock)) == 1  # another one


def test_what_passes_by_itself_is_never_told(ledger: Ledger, clock: Clock) -> None:
    begin(ledger, clock, "source", "live", hours=6)
    clock.advance(hours=5)
    assert claim(ledger, clock) == []
    ledger.incidents.end("source", "live", now=clock.now())
    clock.advance(hours=5)
    assert claim(ledger, clock) == []
    assert ledger.incidents.last("source") is None
    begin(ledger, clock, "source", "live", hours=6)
    clock.advance(hours=6)
    assert len(claim(ledger, clock)) == 1


def test_it_is_due_by_its_beginning_whoever_looks(ledger: Ledger, clock: Clock) -> None:
    begin(ledger, clock, "source", "live", hours=6)
    clock.advance(hours=4)
    begin(ledger, clock, "source", "live", hours=6)  # by a process that was started since
    clock.advance(hours=2)
    assert [each.since for each in claim(ledger, clock)] == [clock.now() - timedelta(hours=6)]


def test_kinds_that_nobody_wants_to_hear_of_stay_untold(ledger: Ledger, clock: Clock) -> None:
    begin(ledger, clock, "failures")
    assert claim(ledger, clock) == []
    assert ledger.incidents.standing(KINDS) == []
    assert [each.kind for each in ledger.incidents.standing()] == ["failures"]


def test_whoever_dies_over_it_leaves_it_to_others(ledger: Ledger, clock: Clock) -> None:
    begin(ledger, clock)
    claim(ledger, clock)
    clock.advance(minutes=4)
    assert claim(ledger, clock) == []
    clock.advance(minutes=2)
    assert len(claim(ledger, clock)) == 1


def test_what_could_not_be_told_is_tried_again_and_given_up_in_the_end(ledger: Ledger, clock: Clock) -> None:
    begin(ledger, clock)
    tries, start = 0, clock.now()
    while found := claim(ledger, clock):
        tries += 1
        again = ledger.incidents.untold(found[0], now=clock.now())
        assert claim(ledger, clock) == []
        assert again == (tries < 8)
        clock.advance(hours=12)
    assert tries == 8
    ledger.incidents.end("login", "@a@b", now=clock.now())
    assert len(claim(ledger, clock)) == 1  # its end may get through
    assert ledger.incidents.last("login").since == start  # type: ignore[union-attr]


def test_an_end_while_it_is_being_told_is_told_after_it(ledger: Ledger, clock: Clock) -> None:
    begin(ledger, clock)
    (first,) = claim(ledger, clock)
    ledger.incidents.end("login", "@a@b", now=clock.now())
    assert claim(ledger, clock) == []
    ledger.incidents.told(first, now=clock.now())
    assert [each.over for each in claim(ledger, clock)] == [True]
