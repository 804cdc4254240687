"""A status of the ledger is passed on: once, as a row like any other, and taken back as one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bridge.engine.deliver import pump
from bridge.engine.propose import Wish, actions_of, propose
from bridge.engine.terms import Terms
from bridge.engine.undo import undo
from bridge.engine.verify import verify
from bridge.ledger import Ledger, open_ledger
from bridge.planning import Publish
from bridge.posts import Author, Kind, Post, Reference
from bridge.publications import State
from bridge.publishers.memory import Fault, MemoryPublisher
from bridge.sandbox.rules.faults import Fault as ServerFault
from bridge.sandbox.rules.faults import FaultKind
from bridge.selection import OWN_KINDS, Rules
from bridge.statuses import Boost, StatusDraft, Visibility
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FREE, SOURCE, Stage, post
from tests.engine.test_practice import Rehearsal, rehearsal
from tests.engine.village import START, Village

AGAIN = -2026  # as a later year's boost of a post is numbered
BOOSTS = replace(FREE, boosts=True)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


def boost_of(number: int, *, text: str = "", part: int = AGAIN) -> StatusDraft:
    of = Boost(source=SOURCE, post_id=str(1000 + number))
    return StatusDraft(post_id=of.post_id, part=part, parts=1, text=text, length=len(text), boost=of)


def plan(ledger: Ledger, account: str, draft: StatusDraft, stage: Stage) -> None:
    action = Publish(draft=draft, source=SOURCE, sort_key="!later")
    ledger.queue.apply([action], destination=account, source=SOURCE, now=stage.time.now())


def stage_of(ledger: Ledger) -> Stage:
    """Two posts stand, and the first is to be passed on."""
    stage = Stage(ledger, BOOSTS)
    stage.plan([post(1), post(2)])
    stage.run_to_the_end()
    plan(ledger, ACCOUNT, boost_of(1), stage)
    return stage


def boosts(stage: Stage) -> list[str | None]:
    return [each.reblog_of for each in stage.server.statuses if each.reblog]


def test_it_is_passed_on_once_and_planned_no_more(ledger: Ledger) -> None:
    stage = stage_of(ledger)
    done = stage.run_to_the_end()
    assert (done.published, boosts(stage)) == (1, [stage.server.statuses[0].remote_id])
    plan(ledger, ACCOUNT, boost_of(1), stage)
    stage.plan()
    assert stage.run_to_the_end().published == 0
    row = next(iter(ledger.queue.published(ACCOUNT)))
    assert (row.is_boost, row.draft.part, row.remote_url) == (True, AGAIN, stage.server.statuses[0].url)
    assert ledger.queue.remote(ACCOUNT, SOURCE, "1001") == (
        stage.server.statuses[0].remote_id,
        stage.server.statuses[0].url,
    )
    assert [each.part for each in ledger.queue.known(ACCOUNT, SOURCE, ["1001"])["1001"]] == [1]
    assert [each.row.draft.part for each in ledger.queue.standing(ACCOUNT, SOURCE, ["1001"])["1001"]] == [1]


@pytest.mark.parametrize("fault", [None, Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.NOT_SENT])
def test_what_was_passed_on_before_is_passed_on_anew(ledger: Ledger, fault: Fault | None) -> None:
    stage = stage_of(ledger)
    stage.run_to_the_end()
    old = next(each for each in stage.server.statuses if each.reblog)
    stage.server.deletion_faults.append(fault)
    plan(ledger, ACCOUNT, boost_of(1, part=AGAIN - 1), stage)
    assert stage.run_to_the_end().failed == 0
    new = [each for each in stage.server.statuses if each.reblog]
    assert (len(new), new[0] != old) == (1, True)
    placed = {each.part: each.state for each in ledger.queue.placed(ACCOUNT) if each.post_id == "1001"}
    assert placed[AGAIN - 1] is State.PUBLISHED
    if fault is not Fault.LOST_AFTER:  # then the next look of `verify --repair` writes it down
        assert placed[AGAIN] is State.WITHDRAWN
    assert verify(stage.ports(), Terms(), repair=True).findings == ()
    assert verify(stage.ports(), Terms()).present == 3


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.LATE, Fault.DEFERRED])
def test_an_answer_that_is_lost_makes_no_second_one(ledger: Ledger, fault: Fault) -> None:
    stage = stage_of(ledger)
    stage.server.faults.append(fault)
    stage.run_to_the_end()
    assert len(boosts(stage)) == 1
    assert ledger.queue.counts(ACCOUNT)[State.PUBLISHED] == 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_that_dies_makes_no_second_one(ledger: Ledger, when: str) -> None:
    stage = stage_of(ledger)
    stage.server.crashes = [when]
    stage.run_to_the_end()
    assert len(boosts(stage)) == 1
    assert ledger.queue.counts(ACCOUNT)[State.PUBLISHED] == 3


def test_it_is_seen_by_verify_and_taken_back_by_undo(ledger: Ledger) -> None:
    stage = stage_of(ledger)
    stage.run_to_the_end()
    found = verify(stage.ports(), Terms())
    assert (found.present, found.findings, found.foreign) == (3, (), 0)
    placed = [each for each in ledger.queue.placed(ACCOUNT) if each.part == AGAIN]
    hold = ledger.queue.hold(ACCOUNT, owner=stage.owner(), now=stage.time.now(), seconds=600)
    stage.server.deletion_faults.append(Fault.LOST_AFTER)
    assert undo(stage.ports(), Terms(), placed, hold).withdrawn == 1
    ledger.queue.release(hold)
    assert (boosts(stage), stage.texts) == ([], ["Post 1", "Post 2"])
    found = verify(stage.ports(), Terms())
    assert (found.present, found.findings) == (2, ())


def test_one_that_is_missing_is_reported(ledger: Ledger) -> None:
    stage = stage_of(ledger)
    stage.run_to_the_end()
    stage.server.unboost(boosts(stage)[0] or "")
    found = verify(stage.ports(), Terms())
    assert [(each.kind, each.part) for each in found.findings] == [("missing", AGAIN)]


def test_what_cannot_be_passed_on_is_said_in_words_or_fails(ledger: Ledger) -> None:
    stage = stage_of(ledger)
    stage.server.withdraw(stage.server.statuses[0].remote_id)
    plan(ledger, ACCOUNT, boost_of(1, text="RT of the first", part=-2027), stage)
    done = stage.run_to_the_end()
    assert (done.published, done.failed) == (1, 1)
    assert stage.texts == ["Post 2", "RT of the first"]
    assert "deleted" in stage.notes.failures[0][1]


def test_followers_only_posts_are_passed_on_by_nobody(ledger: Ledger) -> None:
    stage = Stage(ledger, BOOSTS)
    options = replace(Wish().options, visibility=Visibility.PRIVATE)
    stage.plan([post(1)], Wish(limits=BOOSTS, options=options))
    stage.run_to_the_end()
    plan(ledger, ACCOUNT, boost_of(1), stage)
    assert stage.run_to_the_end().failed == 1


def test_a_server_elsewhere_is_asked_for_its_address(ledger: Ledger) -> None:
    stage = stage_of(ledger)
    stage.run_to_the_end()
    there, other = stage.server.statuses[0], "@her@other.example"
    second = Stage(ledger, BOOSTS)
    second.server._account = other
    ledger.queue.open_destination(other, now=second.time.now())
    plan(ledger, other, boost_of(1, part=1), second)
    second.server.elsewhere[there.url or ""] = "77"
    assert second.run_to_the_end().published == 1
    assert boosts(second) == ["77"]


def planned_at_practice(ledger: Ledger, play: Rehearsal) -> None:
    account = play.publisher.account
    play.plan(2)
    play.run()
    plan(ledger, account, boost_of(1), play.stage)


@pytest.mark.parametrize("profile", ["mastodon", "gotosocial", "akkoma"])
@pytest.mark.parametrize("kind", [FaultKind.COMMIT_DROP, FaultKind.ERROR_500, FaultKind.COMMIT_HTML])
def test_a_fault_of_a_server_leaves_no_second_one(ledger: Ledger, profile: str, kind: FaultKind) -> None:
    with rehearsal(ledger, profile, "4.5.0" if profile == "mastodon" else None) as play:
        planned_at_practice(ledger, play)
        play.sandbox.faults.add(ServerFault(kind=kind, on="POST /api/v1/statuses/*/reblog", nth=1))
        done = play.run()
        assert (done.published, done.failed, done.stopped) == (1, 0, None)
        found = verify(play.ports(), Terms())
        assert (found.present, found.findings, found.foreign) == (3, (), 0)
        me = play.publisher.identity().id
        rows = play.sandbox.application.world.statuses.values()
        assert [each.account_id for each in rows if each.reblog_of_id] == [me]


def test_a_boost_counts_in_the_window_of_statuses(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0", limits=True) as play:
        planned_at_practice(ledger, play)
        play.run()
        quota = play.publisher.boost(next(iter(play.sandbox.application.world.statuses)), boost_of(1))
        assert quota.reblog
        counters = play.sandbox.application.world.counters
        assert [each.count for name, each in counters.items() if "statuses" in name] == [3]
        row = ledger.queue.destination(play.publisher.account)
        assert row is not None
        assert "statuses" in str(row.budget)


def test_an_account_elsewhere_passes_on_what_its_server_fetches(ledger: Ledger) -> None:
    stage = stage_of(ledger)
    stage.run_to_the_end()
    url = stage.server.statuses[0].url or ""
    with rehearsal(ledger, "mastodon", "4.5.0") as play:
        plan(ledger, play.publisher.account, boost_of(1, part=1, text="RT"), stage)
        heard = play.sandbox.hear_of(url, "Post 1", by="me@memory.example")
        assert pump(play.ports(), Terms()).published == 1
        row = next(iter(ledger.queue.published(play.publisher.account)))
        assert (row.is_boost, row.remote_url) == (True, url)
        assert play.publisher.get(row.remote_id or "").reblog_of == heard  # type: ignore[union-attr]


def test_retweets_of_an_archive_read_as_before_without_a_boost(ledger: Ledger) -> None:
    stage = Stage(ledger, BOOSTS)
    stage.record([post(1)])
    actions = list(actions_of(propose(ledger, SOURCE, Wish(limits=BOOSTS), destination=ACCOUNT)))
    assert [a.draft.boost for a in actions if isinstance(a, Publish)] == [None]


# --- retweets of somebody who is mirrored


class Towns(Village):
    """Each account has a server of its own."""

    def address(self, name: str) -> str:
        return f"@{name}@{name}.example"


@pytest.fixture
def village(ledger: Ledger) -> Village:
    """The museum retweets the library; both are mirrored, each to a server of its own."""
    made = Towns(ledger, "museum", "library")
    for home in made.homes.values():
        home.limits = replace(home.limits, boosts=True)
        home.server = MemoryPublisher(account=home.account, limits=home.limits, now=made.time.now)
        home.wanted = Wish(rules=Rules(kinds=OWN_KINDS | {Kind.RETWEET}))
    made.begin()
    return made


def retweet(village: Village, of: Post, *, by: str = "museum") -> Post:
    account = village.accounts[by]
    original = Reference(id=of.id, author_id=of.author.id, handle=of.author.handle)
    made = account.write(of.text)
    account.posts[-1] = replace(made, kind=Kind.RETWEET, retweet_of=original)
    return account.posts[-1]


def shown(village: Village, name: str) -> list[str]:
    """Boosts by what they pass on, everything else by its first line."""
    statuses = village.home(name).server.statuses
    return [f"boost {each.url}" if each.reblog else (each.text or "").partition("\n")[0] for each in statuses]


def known_everywhere(village: Village) -> str:
    """The museum's server finds the library's only status."""
    url = village.home("library").server.statuses[0].url or ""
    village.home("museum").server.elsewhere[url] = "99"
    return url


def test_a_retweet_of_a_mirrored_account_becomes_a_boost(village: Village) -> None:
    worker = village.worker()
    said = village.accounts["library"].write("New books")
    village.run(worker, seconds=900)
    url = known_everywhere(village)
    retweet(village, said)
    village.run(worker, seconds=7200)
    assert shown(village, "museum") == [f"boost {url}"]
    village.run(worker, seconds=7200)
    assert shown(village, "museum") == [f"boost {url}"]


def test_it_waits_for_its_post_while_others_pass(village: Village) -> None:
    library, museum = village.home("library"), village.home("museum")
    library.unauthorized = True
    said = village.accounts["library"].write("New books")
    retweet(village, said)
    worker = village.worker()
    village.run(worker, seconds=300)
    village.accounts["museum"].write("Open today")
    village.run(worker, seconds=400)
    assert shown(village, "museum") == ["Open today"]
    row = village.ledger.queue.known(
        museum.account, "twitter:@museum", [village.accounts["museum"].posts[0].id]
    )
    assert [each.reason for each in next(iter(row.values()))] == ["boost"]
    library.unauthorized = False
    museum.server.elsewhere["https://memory.example/@me/1"] = "99"
    village.run(worker, seconds=900)
    assert shown(village, "library") == ["New books"]
    assert shown(village, "museum") == ["Open today", "boost https://memory.example/@me/1"]


def test_it_waits_for_half_an_hour_and_then_goes_as_ever(village: Village) -> None:
    village.home("library").unauthorized = True
    said = village.accounts["library"].write("New books")
    retweet(village, said)
    worker = village.worker()
    village.run(worker, seconds=1700)
    assert shown(village, "museum") == []
    village.run(worker, seconds=900)
    assert [line.partition(":")[0] for line in shown(village, "museum")] == ["RT @library@twitter.com"]


def test_a_server_that_does_not_find_it_gets_the_words(village: Village) -> None:
    worker = village.worker()
    said = village.accounts["library"].write("New books")
    village.run(worker, seconds=900)
    retweet(village, said)
    village.run(worker, seconds=7200)
    assert shown(village, "museum") == ["RT @library@twitter.com: New books"]
    assert "BOOST_LOST" in village.home("museum").notes.codes


def test_strangers_and_posts_of_before_are_not_waited_for(village: Village) -> None:
    worker = village.worker()
    old = village.accounts["library"].write("Long ago", at=START - timedelta(days=30))
    village.accounts["library"].posts.clear()
    unknown = replace(old, id=old.id + "1", author=Author(id="@nobody", handle="nobody"))
    retweet(village, unknown)
    village.run(worker, seconds=900)
    assert shown(village, "museum") == ["RT @nobody@twitter.com: Long ago"]


def test_retweets_are_left_out_unless_they_are_asked_for(village: Village) -> None:
    village.home("museum").wanted = Wish()
    worker = village.worker()
    said = village.accounts["library"].write("New books")
    village.run(worker, seconds=900)
    retweet(village, said)
    village.run(worker, seconds=7200)
    assert shown(village, "museum") == []


def test_a_retweet_that_was_taken_back_is_passed_on_no_longer(village: Village) -> None:
    worker = village.worker()
    said = village.accounts["library"].write("New books")
    village.run(worker, seconds=900)
    known_everywhere(village)
    made = retweet(village, said)
    village.run(worker, seconds=3600)
    assert len(village.home("museum").server.statuses) == 1
    village.accounts["museum"].delete(made)
    village.run(worker, seconds=7200)
    assert shown(village, "museum") == []


def test_a_retweet_of_oneself_is_a_boost_of_ones_own(village: Village) -> None:
    worker = village.worker()
    said = village.accounts["museum"].write("Open today")
    village.run(worker, seconds=900)
    retweet(village, said)
    village.run(worker, seconds=7200)
    assert shown(village, "museum") == ["Open today", "boost https://memory.example/@me/1"]


def test_what_a_person_has_boosted_by_hand_is_theirs(ledger: Ledger) -> None:
    stage = stage_of(ledger)
    first = stage.server.statuses[0]
    by_hand = stage.server.boost(first.remote_id, boost_of(1))
    stage.time.sleep(3600)
    assert stage.run_to_the_end().published == 1
    (row,) = (each for each in ledger.queue.published(ACCOUNT) if each.is_boost)
    assert (row.remote_id, row.is_adopted) == (by_hand.remote_id, True)
    assert boosts(stage) == [first.remote_id]
