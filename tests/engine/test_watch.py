"""The loop of `watch` on a clock that jumps: new posts come over, and nobody waits for anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from bridge.engine import live
from bridge.engine.beginning import Beginning, after_last, begun
from bridge.engine.collect import collect
from bridge.engine.propose import Wish, actions_of, propose
from bridge.errors import Busy, NetworkError, SourceError
from bridge.ledger import Ledger, open_ledger
from bridge.pacing.polling import Cadence
from bridge.publications import State
from bridge.publishers.memory import Fault
from bridge.rendering.options import RenderOptions
from bridge.sources.base import Notice
from bridge.statuses import Window
from tests.changes import replace
from tests.engine.village import LIMITS, START, Village


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


def test_what_is_written_now_is_mirrored_and_nothing_of_before(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    village.accounts["museum"].write("of old", at=START - timedelta(days=9))
    village.begin()
    worker = village.worker()
    village.run(worker, seconds=1)
    village.accounts["museum"].write("first")
    village.accounts["museum"].write("second", answers=village.accounts["museum"].posts[-1])
    village.run(worker, seconds=3600)
    home = village.home("museum")
    assert home.texts == ["first", "second"]
    assert home.server.statuses[1].in_reply_to_id == home.server.statuses[0].remote_id
    assert "2026" not in (home.server.statuses[0].text or "")  # a new post bears no date
    village.run(worker, seconds=86_400)
    assert len(home.texts) == 2


def test_what_a_source_says_of_itself_is_said_when_it_is_new(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    village.begin()
    worker, museum = village.worker(), village.accounts["museum"]
    for notices in ((Notice(code="FEED_FAILED", message="one is down"),), ()) * 2:
        museum.notices = notices
        museum.write("new")
        village.run(worker, seconds=3600)
    assert village.said.count("warning: museum: one is down") == 2


def test_a_post_is_sent_in_the_moment_in_which_it_was_read(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    village.begin()
    worker = village.worker()
    village.run(worker, seconds=1)
    village.accounts["museum"].write("now")
    village.run(worker, seconds=1200)
    (status,) = village.home("museum").server.statuses
    read = next(at for at in village.accounts["museum"].asked if at > START)
    assert status.created_at - read <= timedelta(seconds=2)


def test_it_goes_on_behind_the_newest_post_that_is_known(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    museum, home = village.accounts["museum"], village.home("museum")
    for day in range(9, 0, -1):
        museum.write(f"{day} days ago", at=START - timedelta(days=day))
    worker = village.worker()
    ledger.queue.open_destination(home.account, now=START)
    late, museum.posts = museum.posts[6:], museum.posts[:6]
    collect(ledger, museum, now=START)
    museum.posts += late
    museum.version += 1
    assert begun(ledger, museum.account, home.account) is None
    village.begin(after_last(ledger, museum.account, START))
    village.run(worker, seconds=60)
    assert home.texts == ["3 days ago", "2 days ago", "1 days ago"]
    assert "2026" in (home.server.statuses[0].text or "")  # read late: it says when it was written


def test_new_posts_go_before_the_back_catalogue_and_answers_after_what_they_answer(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    museum, home = village.accounts["museum"], village.home("museum")
    home.server._limits = replace(LIMITS, windows=(Window(name="statuses", limit=2, seconds=600),))
    old = [museum.write(f"old {n}", at=START - timedelta(days=90 - n)) for n in range(8)]
    museum.shows = 50
    collect(ledger, museum, now=START)
    ledger.queue.open_destination(home.account, now=START)
    planned = actions_of(propose(ledger, museum.account, Wish(limits=LIMITS), destination=home.account))
    ledger.queue.apply(planned, destination=home.account, source=museum.account, now=START)
    village.begin()
    worker = village.worker()
    village.run(worker, seconds=30)
    museum.write("answer to an old one", answers=old[6])
    museum.write("new")
    village.run(worker, seconds=86_400)
    assert home.texts[:4] == ["old 0", "old 1", "old 2", "old 3"]  # before the feed was asked again
    assert home.texts[4:7] == ["old 6", "answer to an old one", "new"]
    stamped = ["Originally" in (each.text or "") for each in home.server.statuses]
    assert stamped == [not text.startswith(("answer", "new")) for text in home.texts]
    assert sorted(home.texts) == sorted([*(f"old {n}" for n in range(8)), "new", "answer to an old one"])


def test_a_source_that_fails_or_hangs_back_delays_no_other(ledger: Ledger) -> None:
    village = Village(ledger, "down", "well")
    village.begin()
    village.accounts["down"].problem = NetworkError("nobody there")
    worker = village.worker()
    village.run(worker, seconds=1)
    village.accounts["well"].write("hello")
    village.accounts["down"].write("hello, too")
    village.run(worker, seconds=3600)
    assert village.home("well").texts == ["hello"]
    asked = village.accounts["down"].asked
    assert len(asked) < 10  # ever more seldom
    assert village.said.count("warning: down: nobody there") == 1
    village.accounts["down"].problem = None
    village.run(worker, seconds=86_400)
    assert village.home("down").texts == ["hello, too"]
    assert "info: down: answers again." in village.said


def test_a_source_is_not_asked_before_the_time_it_names(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    village.begin()
    village.accounts["museum"].problem = Busy("later", until=START + timedelta(hours=5))
    village.run(village.worker(), seconds=4 * 3600)
    assert len(village.accounts["museum"].asked) == 1


def test_a_source_that_cannot_be_read_loses_nothing(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    museum = village.accounts["museum"]
    village.begin()
    worker = village.worker()
    museum.write("one")
    village.run(worker, seconds=60)
    museum.problem = SourceError("a web page")
    museum.write("two")
    village.run(worker, seconds=3600)
    museum.problem = None
    village.run(worker, seconds=86_400)
    assert village.home("museum").texts == ["one", "two"]


def test_a_full_server_delays_no_other_account(ledger: Ledger) -> None:
    village = Village(ledger, "many", "few")
    home = village.home("many")
    home.server._limits = replace(LIMITS, windows=(Window(name="statuses", limit=5, seconds=10_800),))
    village.begin()
    worker = village.worker()
    village.run(worker, seconds=1)
    for n in range(15):
        village.accounts["many"].write(f"post {n}")
    village.run(worker, seconds=900)
    village.accounts["few"].write("short")
    written = village.time.now()
    village.run(worker, seconds=1200)
    assert len(home.texts) == 5
    (status,) = village.home("few").server.statuses
    assert status.created_at - written < timedelta(minutes=13)  # its source was quiet: asked that seldom
    village.run(worker, seconds=86_400)
    assert home.texts == [f"post {n}" for n in range(15)]


def test_a_server_that_puts_us_off_is_asked_ever_more_seldom(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    village.begin()
    worker = village.worker()
    home = village.home("museum")
    home.server.faults.extend([Fault.NOT_SENT] * 14)
    village.accounts["museum"].write("patience")
    village.run(worker, seconds=600)
    assert home.texts == []
    assert 14 - len(home.server.faults) == 8  # after four seconds, eight, fifteen ... and then minutes
    village.run(worker, seconds=7200)
    assert home.texts == ["patience"]
    assert any("goes on" in line for line in village.said)


def test_a_lost_login_stops_one_account_until_somebody_has_logged_in(ledger: Ledger) -> None:
    village = Village(ledger, "locked", "open")
    village.begin()
    worker = village.worker()
    village.home("locked").unauthorized = True
    for account in village.accounts.values():
        account.write("hello")
    village.run(worker, seconds=3600)
    assert (village.home("locked").texts, village.home("open").texts) == ([], ["hello"])
    village.home("locked").unauthorized = False
    village.run(worker, seconds=3600)
    assert village.home("locked").texts == ["hello"]


def test_a_second_process_stands_by_and_takes_over(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    village.begin()
    first, second = village.worker(), village.worker()
    village.run(first, seconds=30)
    asked = len(village.accounts["museum"].asked)
    village.run(second, seconds=120)
    assert second.holds == {}
    assert len(village.accounts["museum"].asked) == asked  # whoever stands by asks nobody
    first.release()
    village.accounts["museum"].write("after the change")
    village.run(second, seconds=60)
    assert village.home("museum").texts == ["after the change"]
    village.run(first, seconds=3600)
    assert village.home("museum").texts == ["after the change"]


def test_a_process_that_has_lost_its_hold_leaves_the_account_alone(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    village.begin()
    first, second = village.worker(), village.worker()
    village.run(first, seconds=30)
    village.time.sleep(3600)  # as a machine that was asleep
    village.run(second, seconds=30)
    village.accounts["museum"].write("hello")
    village.run(first, seconds=30)
    assert first.holds == {}
    village.run(second, seconds=1200)
    assert village.home("museum").texts == ["hello"]


def test_one_round_is_enough_for_cron(ledger: Ledger) -> None:
    village = Village(ledger, "museum", "library")
    village.begin()
    for account in village.accounts.values():
        account.write("one")
        account.write("two")
    for _ in range(2):
        worker = village.worker()
        worker.once(lambda: False)
        worker.release()
        assert worker.counted.problems == {}
    assert [village.home(name).texts for name in village.accounts] == [["one", "two"]] * 2
    assert [len(account.asked) for account in village.accounts.values()] == [2, 2]


def test_one_round_does_not_wait_for_a_window(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    home = village.home("museum")
    home.server._limits = replace(LIMITS, windows=(Window(name="statuses", limit=2, seconds=10_800),))
    village.begin()
    for n in range(3):
        village.accounts["museum"].write(f"post {n}")
    village.worker().once(lambda: False)
    assert home.texts == ["post 0", "post 1"]
    assert ledger.queue.counts(home.account)[State.APPROVED] == 1
    assert village.time.now() - START < timedelta(minutes=2)


def test_what_others_import_meanwhile_is_seen_too(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    village.begin()
    worker = village.worker()
    village.run(worker, seconds=30)
    museum = village.accounts["museum"]
    museum.write("imported by hand")
    collect(ledger, museum, now=village.time.now())
    museum.problem = NetworkError("down ever since")
    village.run(worker, seconds=700)
    assert village.home("museum").texts == ["imported by hand"]


def test_a_stop_ends_it_after_the_request_in_hand(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    village.begin()
    home = village.home("museum")
    for n in range(5):
        village.accounts["museum"].write(f"post {n}")

    def stop() -> bool:
        home.stopped = len(home.texts) == 2
        return home.stopped

    home_ports = home.ports

    def ports(publisher: object) -> object:
        return replace(home_ports(home.server), stop=stop)

    home.ports = ports  # type: ignore[method-assign,assignment]
    village.run(village.worker(), seconds=3600, until=stop)
    assert home.texts == ["post 0", "post 1"]


def test_hosts_are_left_in_peace_between_two_questions(ledger: Ledger) -> None:
    village = Village(ledger, "a", "b", "c", cadence=Cadence(least=60, most=600, gap=5, look=600))
    village.begin()
    village.run(village.worker(), seconds=3600)
    asked = sorted(at for account in village.accounts.values() for at in account.asked)
    assert all(b - a >= timedelta(seconds=5) for a, b in pairwise(asked))
    assert len(asked) > 10


def test_a_live_post_keeps_its_place_and_its_words_however_long_it_waits(ledger: Ledger) -> None:
    village = Village(ledger, "museum")
    village.begin()
    home = village.home("museum")
    home.unauthorized = True
    worker = village.worker()
    village.run(worker, seconds=1)
    home.unauthorized = False
    museum = village.accounts["museum"]
    home.server.faults.extend([Fault.DEFERRED])
    museum.write("waits")
    village.run(worker, seconds=1000)
    mirror = live.Mirror(
        source=museum.account,
        destination=home.account,
        begun=Beginning(since=START, at=START),
        fresh=timedelta(days=1),
    )
    wish = Wish(limits=LIMITS, options=RenderOptions())
    again = live.plan_live(ledger, mirror, wish, [museum.posts[0].id], now=START + timedelta(days=5))
    assert (again.added, again.updated) == (0, 0)
