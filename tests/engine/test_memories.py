"""On this day: once a year and post, on its day or not at all, whoever dies in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.engine.collect import collect
from bridge.engine.deliver import pump
from bridge.engine.memories import Remembering
from bridge.engine.propose import Wish, actions_of, propose
from bridge.engine.tend import Route
from bridge.engine.terms import Terms
from bridge.engine.undo import undo
from bridge.engine.verify import verify
from bridge.ledger import Ledger, open_ledger
from bridge.pacing import Blackout, Pace
from bridge.pacing.anniversary import Memories
from bridge.pacing.polling import Cadence
from bridge.posts import Post
from bridge.publications import State
from bridge.publishers.memory import Fault
from bridge.selection import Rules
from bridge.statuses import Visibility, Window
from tests.changes import replace
from tests.engine.stage import SOURCE
from tests.engine.test_practice import rehearsal
from tests.engine.village import LIMITS, START, Home, Village

PARIS = ZoneInfo("Europe/Paris")
AT_TEN = Memories(at=time(10), tz=PARIS)
BOOSTS = replace(LIMITS, boosts=True)
DAY, HOURS = 86_400.0, 3 * 3600.0


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


def years_ago(years: int, *, days: int = 0, hour: int = 15) -> datetime:
    """On the day of the year on which the village begins, or so many days later."""
    return (START + timedelta(days=days)).replace(year=START.year - years, hour=hour)


class Museum:
    """A museum with a past, of which some is carried; nothing of it is new."""

    def __init__(self, ledger: Ledger, *, carried: bool = True, memories: Memories = AT_TEN) -> None:
        cadence = Cadence(least=1800, most=3600, gap=0, look=1200)
        self.ledger, self.village = ledger, Village(ledger, "museum", cadence=cadence, longest=900)
        self.source, self.home = self.village.accounts["museum"], self.village.home("museum")
        self.home.server._limits = BOOSTS
        self.home.wanted = Wish(rules=Rules() if carried else Rules(since=START))
        (route,) = self.home.routes
        self.route: Route = replace(route, memories=memories)
        self.home.routes = [self.route]
        self.source.shows = 50

    def write(self, *when: datetime) -> list[Post]:
        """It begins after those, which are carried as far as they are wanted."""
        posts = [self.source.write(f"post {n}", at=each) for n, each in enumerate(when)]
        collect(self.ledger, self.source, now=START)
        self.ledger.queue.open_destination(self.home.account, now=START)
        wish = replace(self.home.wanted, limits=BOOSTS)
        found = propose(self.ledger, self.source.account, wish, destination=self.home.account)
        self.ledger.queue.apply(
            actions_of(found), destination=self.home.account, source=self.source.account, now=START
        )
        self.village.time.moment = START - timedelta(days=20)
        self.village.begin(START)
        self.village.run(self.village.worker(), seconds=60)
        self.village.time.moment = START
        return posts

    def pin(self, *posts: Post) -> None:
        ids = [post.id for post in posts]
        self.ledger.pins.pin(self.source.account, ids, by="Ada", now=self.village.time.now())

    def run(self, seconds: float) -> None:
        """A new process."""
        worker = self.village.worker()
        self.village.run(worker, seconds=seconds)
        worker.release()

    @property
    def boosts(self) -> list[tuple[str, datetime]]:
        texts = {each.remote_id: (each.text or "").partition("\n")[0] for each in self.home.server.statuses}
        return [
            (texts[each.reblog_of or ""], each.created_at.astimezone(PARIS))
            for each in self.home.server.statuses
            if each.reblog
        ]

    def upcoming(self, days: int, home: Home | None = None) -> list[tuple[date, str, bool]]:
        remembering = Remembering(
            ledger=self.ledger,
            source=self.source.account,
            destination=(home or self.home).account,
            memories=self.route.memories or AT_TEN,
        )
        wish = replace(self.home.wanted, limits=BOOSTS)
        found = remembering.upcoming(wish, now=self.village.time.now(), days=days)
        return [(day, each.post_id, each.boost) for day, each in found]


def take_back(museum: Museum) -> None:
    ports, home = museum.home.ports(museum.home.server), museum.home
    hold = museum.ledger.queue.hold(home.account, owner=ports.owner, now=START, seconds=600)
    undo(ports, home.terms(), museum.ledger.queue.placed(home.account), hold)
    museum.ledger.queue.release(hold)


def test_a_pinned_post_is_boosted_on_its_day_at_its_time_and_once(ledger: Ledger) -> None:
    museum = Museum(ledger)
    pinned, _ = museum.write(years_ago(5), years_ago(4))
    museum.pin(pinned)
    today = START.astimezone(PARIS).date()
    assert museum.upcoming(3) == [(today, pinned.id, True)]
    museum.run(600)
    assert museum.boosts == []
    for _ in range(3):
        museum.run(3600)
    ((text, at),) = museum.boosts
    assert (text, at.date()) == ("post 0", today)
    assert timedelta(0) <= at - at.replace(hour=10, minute=0) < timedelta(seconds=10)
    assert museum.upcoming(3) == []
    museum.run(3 * DAY)
    assert len(museum.boosts) == 1


def test_next_year_it_is_boosted_anew(ledger: Ledger) -> None:
    museum = Museum(ledger)
    (pinned,) = museum.write(years_ago(5))
    museum.pin(pinned)
    museum.run(HOURS)
    museum.village.time.moment = START.replace(year=START.year + 1)
    museum.run(HOURS)
    assert [at.year for _, at in museum.boosts] == [START.year + 1]  # that of the year before is taken back
    rows = ledger.queue.deliveries(museum.source.account, pinned.id)
    assert {row.part: row.state for row in rows} == {
        1: State.PUBLISHED,
        -START.year: State.WITHDRAWN,
        -START.year - 1: State.PUBLISHED,
    }


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.NOT_SENT])
def test_a_lost_answer_makes_no_second_one(ledger: Ledger, fault: Fault) -> None:
    museum = Museum(ledger)
    museum.pin(*museum.write(years_ago(5)))
    museum.home.server.faults.append(fault)
    museum.run(HOURS)
    assert len(museum.boosts) == 1


def test_a_process_that_dies_between_choosing_and_planning_goes_on_with_the_same(ledger: Ledger) -> None:
    museum = Museum(ledger)
    first, second = museum.write(years_ago(5), years_ago(4))
    museum.pin(first)
    museum.village.time.moment += timedelta(hours=2)
    remembering = Remembering(
        ledger=ledger, source=museum.source.account, destination=museum.home.account, memories=AT_TEN
    )
    wish, now = replace(museum.home.wanted, limits=BOOSTS), museum.village.time.now()
    remembering.plan(wish, now=now)
    remembering._save(replace(remembering._done(), planned=False))
    museum.pin(second)
    museum.run(HOURS)
    assert [text for text, _ in museum.boosts] == ["post 0"]


def test_of_two_processes_one_brings_it(ledger: Ledger) -> None:
    museum = Museum(ledger)
    museum.pin(*museum.write(years_ago(5)))
    first, second = museum.village.worker(), museum.village.worker()
    for _ in range(6):
        museum.village.run(first, seconds=1200)
        museum.village.run(second, seconds=1200)
    assert len(museum.boosts) == 1
    assert len([holds for holds in (first.holds, second.holds) if holds]) == 1


def test_what_was_never_carried_is_published_with_its_date(ledger: Ledger) -> None:
    museum = Museum(ledger, carried=False, memories=replace(AT_TEN, visibility=Visibility.PUBLIC))
    pinned, _ = museum.write(years_ago(5), years_ago(5, days=1))
    assert museum.home.texts == []
    museum.pin(pinned)
    assert [boost for *_, boost in museum.upcoming(1)] == [False]
    museum.run(2 * DAY)
    assert museum.home.texts == ["post 0"]
    (status,) = museum.home.server.statuses
    assert "2021" in (status.text or "")
    assert status.visibility == Visibility.PUBLIC
    museum.village.time.moment = START.replace(year=START.year + 1)
    museum.run(HOURS)
    assert [text for text, _ in museum.boosts] == ["post 0"]  # from then on it stands


def test_what_waits_in_line_comes_forward(ledger: Ledger) -> None:
    museum = Museum(ledger)
    museum.home.wanted = Wish(pace=Pace(per_day=1))
    posts = museum.write(*(years_ago(9 - n, days=2 * (n == 5)) for n in range(6)))
    museum.village.time.moment = START + timedelta(days=2)
    museum.pin(posts[5])
    museum.run(3 * 3600)
    assert museum.home.texts[:3] == ["post 0", "post 1", "post 5"]


def test_a_day_brings_no_more_than_it_may_and_the_oldest_pins_first(ledger: Ledger) -> None:
    museum = Museum(ledger, memories=replace(AT_TEN, most=2))
    posts = museum.write(*(years_ago(years) for years in (3, 9, 6)))
    museum.pin(*posts)
    museum.run(HOURS)
    assert [text for text, _ in museum.boosts] == ["post 1", "post 2"]


def test_by_rule_those_that_were_liked_most(ledger: Ledger) -> None:
    museum = Museum(ledger, memories=replace(AT_TEN, most=2, least_likes=10))
    museum.write(years_ago(3), years_ago(4), years_ago(5), years_ago(5, days=9))
    likes = (9, 10, 30, 99)
    museum.source.posts = [
        replace(post, likes=each) for post, each in zip(museum.source.posts, likes, strict=True)
    ]
    museum.source.version += 1
    collect(ledger, museum.source, now=START)
    museum.run(HOURS)
    assert [text for text, _ in museum.boosts] == ["post 2", "post 1"]


def test_a_day_that_is_over_brings_nothing_any_more(ledger: Ledger) -> None:
    museum = Museum(ledger)
    (pinned,) = museum.write(years_ago(5))
    museum.pin(pinned)
    museum.home.server._limits = replace(
        BOOSTS, windows=(Window(name="statuses", limit=1, seconds=2_592_000),)
    )
    museum.source.write("news")
    museum.run(DAY)
    museum.home.server._limits = BOOSTS
    museum.run(HOURS)
    assert museum.boosts == []
    rows = {row.part: row for row in ledger.queue.deliveries(museum.source.account, pinned.id)}
    assert (rows[-START.year].state, rows[-START.year].reason) == (State.SKIPPED, "its day was over")


def test_what_a_person_has_excluded_stays_away(ledger: Ledger) -> None:
    museum = Museum(ledger)
    museum.home.wanted = Wish(pace=Pace(per_day=1))
    _, pinned = museum.write(years_ago(9), years_ago(5))
    museum.pin(pinned)
    named = [(museum.source.account, pinned.id)]
    assert ledger.queue.skip(museum.home.account, named, reason="not this one", now=START) == 1
    museum.run(2 * DAY)
    assert museum.home.texts == ["post 0"]


def test_days_of_silence_bring_nothing(ledger: Ledger) -> None:
    museum = Museum(ledger)
    museum.pin(*museum.write(years_ago(5)))
    museum.home.wanted = Wish(pace=Pace(blackout=(Blackout.parse(f"{START:%m-%d}"),), live_waits=False))
    assert museum.upcoming(3) == []
    museum.run(3 * DAY)
    assert museum.boosts == []


@pytest.mark.parametrize("why", ["private", "withdrawn", "off", "gone", "no boosts"])
def test_what_does_not_come_back(ledger: Ledger, why: str) -> None:
    museum = Museum(ledger)
    if why == "private":
        options = replace(museum.home.wanted.options, visibility=Visibility.PRIVATE)
        museum.home.wanted = replace(museum.home.wanted, options=options)
    (pinned,) = museum.write(years_ago(5))
    museum.pin(pinned)
    if why == "withdrawn":
        take_back(museum)
    elif why == "off":
        assert ledger.pins.unpin(museum.source.account, [pinned.id, "9"]) == [pinned.id]
    elif why == "gone":
        museum.source.delete(pinned)
        ledger.posts.tombstone(museum.source.account, [pinned.id], now=START)
    elif why == "no boosts":
        museum.home.server._limits = LIMITS
    museum.run(HOURS)
    assert museum.boosts == []
    assert len(museum.home.server.statuses) == (0 if why == "withdrawn" else 1)


def test_under_review_only_what_a_person_wants_comes_back(ledger: Ledger) -> None:
    museum = Museum(ledger, memories=replace(AT_TEN, least_likes=0, most=5))
    posts = museum.write(years_ago(5), years_ago(4))
    museum.home.wanted = replace(museum.home.wanted, approve=False)
    museum.pin(posts[1])
    museum.run(HOURS)
    assert [text for text, _ in museum.boosts] == ["post 1"]


@pytest.mark.parametrize(
    ("written", "today", "back"),
    [
        ("2020-02-29T12:00", date(2026, 1, 1), date(2026, 2, 28)),
        ("2020-02-29T12:00", date(2027, 3, 1), date(2028, 2, 29)),
        ("2020-02-28T12:00", date(2028, 2, 29), date(2029, 2, 28)),
        ("2019-12-31T23:30", date(2026, 1, 1), date(2026, 1, 1)),  # in Paris it was the new year already
        ("2026-05-04T12:00", date(2026, 5, 4), date(2027, 5, 4)),
    ],
)
def test_the_day_is_that_of_the_time_zone(written: str, today: date, back: date) -> None:
    at = datetime.fromisoformat(written).replace(tzinfo=UTC)
    assert AT_TEN.next_return(at, today) == back
    assert AT_TEN.returns(at, back)
    spans = list(AT_TEN.spans(back, 2010))
    assert sum(since <= at < until for since, until in spans) == 1
    assert not any(since <= at < until for since, until in AT_TEN.spans(back + timedelta(days=1), 2010))


@pytest.mark.parametrize(("profile", "stand"), [("mastodon", 1), ("gotosocial", 2)])
def test_the_practice_server_sees_it_once_and_anew_a_year_later(
    ledger: Ledger, profile: str, stand: int
) -> None:
    """Mastodon lets one boost of a status stand, GoToSocial one of each year."""
    with rehearsal(ledger, profile, "4.5.0" if profile == "mastodon" else None) as play:
        play.plan(2)
        play.run()
        (first, _) = ledger.queue.placed(play.publisher.account)
        written = ledger.posts.load(SOURCE, [first.post_id])[first.post_id].created_at
        ledger.pins.pin(SOURCE, [first.post_id], by="Ada", now=written)
        clock = play.ports().clock
        of = {"ledger": ledger, "source": SOURCE, "destination": play.publisher.account}
        remembering = Remembering(memories=Memories(at=time(0)), **of)
        for year in (2027, 2028):
            clock.sleep((written.replace(year=year) - clock.now()).total_seconds())
            for _ in range(2):
                remembering.plan(Wish(limits=play.publisher.limits()), now=clock.now())
                assert pump(play.ports(), Terms()).failed == 0
            rows = play.sandbox.application.world.statuses.values()
            years = [each.created_at.year for each in rows if each.reblog_of_id]
            assert years == [2027, 2028][: year - 2026][-stand:]
        found = verify(play.ports(), Terms())
        assert (found.findings, found.foreign) == ((), 0)
