"""People are told once of what needs them, and once that it is over, whatever becomes of the process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bridge.errors import Barred, BridgeError, NetworkError, SourceError, Spent
from bridge.ledger import Ledger, open_ledger
from bridge.publishers.memory import Fault
from tests.engine.village import Village
from tests.operation.office import Box, Office


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


@pytest.fixture
def village(ledger: Ledger) -> Village:
    village = Village(ledger, "museum", "library", longest=300)
    village.begin()
    return village


def test_while_all_is_well_nobody_is_told_anything(ledger: Ledger, village: Village) -> None:
    box = Box()
    office = Office(ledger, village, box)
    village.accounts["museum"].write("hello")
    office.run(hours=8)
    assert village.home("museum").texts == ["hello"]
    assert (box.messages, office.said, ledger.incidents.standing()) == ([], [], [])


def test_a_lost_login_is_told_once_and_so_is_the_new_one(ledger: Ledger, village: Village) -> None:
    box = Box()
    office = Office(ledger, village, box)
    office.run(hours=0.5)
    village.home("museum").unauthorized = True
    village.accounts["museum"].write("hello")
    office.run(hours=5)
    assert box.titles == ["@museum@memory.example: the login is lost"]
    again = Office(ledger, village, box)  # a new process takes over
    office.worker.release()
    again.run(hours=5)
    assert len(box.messages) == 1
    village.home("museum").unauthorized = False
    again.run(hours=1)
    assert box.titles[1:] == ["@museum@memory.example: logged in again"]
    first, last = box.messages
    assert (first.event, first.state, first.text) == ("login", "began", "Nobody is logged in.")
    assert (last.state, last.since) == ("over", first.since)
    assert "9 hours" in last.text
    again.run(hours=5)
    assert len(box.messages) == 2


def test_a_source_that_is_silent_for_hours_is_told_and_one_that_comes_back_is_not(
    ledger: Ledger, village: Village
) -> None:
    box = Box()
    office = Office(ledger, village, box)
    office.run(hours=0.5)
    village.accounts["museum"].problem = NetworkError("feeds.example does not answer.")
    office.run(hours=2)
    village.accounts["museum"].problem = None
    office.run(hours=9)
    assert box.messages == []
    village.accounts["museum"].problem = SourceError("It answers with a web page.")
    office.run(hours=4)
    office.worker.release()
    office = Office(ledger, village, box)  # the hours before a restart count
    office.run(hours=4)
    assert box.titles == ["museum has not answered for 6 hours"]
    assert box.messages[0].text == "It answers with a web page."
    village.accounts["museum"].problem = None
    office.run(hours=7)
    assert box.titles[1:] == ["museum answers again"]


def test_a_source_that_shuts_us_out_needs_a_login(ledger: Ledger, village: Village) -> None:
    box = Box()
    office = Office(ledger, village, box)
    village.accounts["library"].problem = Barred("The token is not valid.", hint="Run `passerelle login x`.")
    office.run(hours=12)
    assert box.titles == ["library: the login is lost"]
    assert "passerelle login x" in box.messages[0].text


def test_a_month_that_may_cost_no_more(ledger: Ledger, village: Village) -> None:
    box = Box()
    office = Office(ledger, village, box)
    until = village.time.now() + timedelta(hours=8)
    village.accounts["library"].problem = Spent("Reading X has cost $5.00 of the $5.00.", until=until)
    office.run(hours=7)
    village.accounts["library"].problem = None
    office.run(hours=2)
    assert box.titles == [
        "library is not read any more: the budget of the month is spent",
        "library is read again",
    ]


def test_a_server_that_is_down_for_hours(ledger: Ledger, village: Village) -> None:
    box = Box()
    office = Office(ledger, village, box)
    office.run(hours=0.5)
    home = village.home("museum")
    home.server.faults.extend([Fault.NOT_SENT] * 100_000)
    village.accounts["museum"].write("hello")
    office.run(hours=9)
    assert box.titles == ["@museum@memory.example: its server has not answered for 6 hours"]
    home.server.faults.clear()
    office.run(hours=2)
    assert home.texts == ["hello"]
    assert box.titles[1:] == ["@museum@memory.example: its server answers again"]


def test_statuses_that_are_refused_again_and_again(ledger: Ledger, village: Village) -> None:
    box = Box()
    office = Office(ledger, village, box, failures=3)
    office.run(hours=0.5)
    museum, home = village.accounts["museum"], village.home("museum")
    home.server.faults.extend([Fault.REFUSED] * 2)
    museum.write("one")
    museum.write("two")
    office.run(hours=1)
    assert box.messages == []
    home.server.faults.append(Fault.REFUSED)
    museum.write("three")
    office.run(hours=1)
    assert box.titles == ["@museum@memory.example: posts fail again and again"]
    assert "3 statuses" in box.messages[0].text
    museum.write("four")
    office.run(hours=1)
    assert home.texts == ["four"]
    assert box.titles[1:] == ["@museum@memory.example: posts get through again"]


def test_an_account_that_cannot_go_on(
    ledger: Ledger, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box()
    office = Office(ledger, village, box)
    office.run(hours=0.5)

    def broken() -> object:
        raise BridgeError("The token belongs to somebody else.")

    monkeypatch.setattr(village.home("museum"), "meet", broken)
    village.accounts["museum"].write("hello")
    office.run(hours=3)
    assert box.titles == ["@museum@memory.example is stopped"]
    monkeypatch.undo()
    office.run(hours=1)
    assert box.titles[1:] == ["@museum@memory.example goes on"]


def test_of_two_processes_one_tells(ledger: Ledger, village: Village) -> None:
    box = Box()
    first, second = Office(ledger, village, box), Office(ledger, village, box)
    first.run(hours=0.5)
    village.home("museum").unauthorized = True
    village.accounts["museum"].write("hello")
    for _ in range(6):
        first.run(hours=0.5)
        second.run(hours=0.5)  # it stands by: whose accounts these are is no incident
    assert box.titles == ["@museum@memory.example: the login is lost"]


def test_a_way_that_fails_is_said_and_disturbs_nobody(ledger: Ledger, village: Village) -> None:
    full, box = Box(broken=True), Box()
    office = Office(ledger, village, full, box)
    office.run(hours=0.5)
    village.home("museum").unauthorized = True
    for account in village.accounts.values():
        account.write("hello")
    office.run(hours=2)
    assert village.home("library").texts == ["hello"]
    assert (full.tries, len(box.messages)) == (1, 1)  # one of them has heard it
    assert "warning: A message did not get through: box is full." in office.said


def test_when_no_way_works_it_is_tried_again_but_not_for_ever(ledger: Ledger, village: Village) -> None:
    box = Box(broken=True)
    office = Office(ledger, village, box)
    village.home("museum").unauthorized = True
    village.accounts["museum"].write("hello")
    office.run(hours=1)
    assert box.tries == 4
    box.broken = False
    office.run(hours=3)
    assert box.tries == 5
    assert box.titles == ["@museum@memory.example: the login is lost"]
    box.broken = True
    village.home("museum").unauthorized = False
    office.run(hours=13)
    assert box.tries == 5 + 8
    assert any("Given up" in line for line in office.said)


def test_without_a_way_it_is_remembered_for_the_day_there_is_one(ledger: Ledger, village: Village) -> None:
    office = Office(ledger, village)
    village.home("museum").unauthorized = True
    village.accounts["museum"].write("hello")
    office.run(hours=2)
    office.worker.release()
    box = Box()
    Office(ledger, village, box).run(hours=1)
    assert box.titles == ["@museum@memory.example: the login is lost"]


def test_a_ledger_that_cannot_be_written_is_said_once(
    ledger: Ledger, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box()
    office = Office(ledger, village, box)

    def locked(*_: object, **__: object) -> None:
        raise BridgeError("The ledger is locked.")

    monkeypatch.setattr(ledger.incidents, "begin", locked)
    village.accounts["museum"].problem = NetworkError("down")
    office.run(hours=8)
    assert [line for line in office.said if "locked" in line] == office.said
    assert len(office.said) == 1
    monkeypatch.undo()
    office.tick()  # what was noted meanwhile is not lost, nor when it began
    assert box.titles == ["museum has not answered for 8 hours"]
