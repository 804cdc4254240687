"""A profile that changes at its source, carried to the practice server once; processes die in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bridge.engine.profiles import Following
from bridge.engine.round import Round
from bridge.engine.terms import Terms
from bridge.errors import Deferred, MediaError, NetworkError, SourceError, Unknown
from bridge.ledger import Ledger, open_ledger
from bridge.pacing.budget import Budget
from bridge.profile import Picture, Profile, Shown
from bridge.publishers.mastodon import MastodonPublisher, connect
from bridge.publishers.presence import Dress
from bridge.sandbox.server import Sandbox
from bridge.statuses import Window
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FREE, SOURCE, Crash, Stage
from tests.engine.village import Village
from tests.media.generate import jpeg

FIRST = Profile(name="Museum", bio="Old things", avatar=Picture(url="a1"), header=Picture(url="h1"))


class Sitting:
    """Implements `Sitter`; `faults`: what happens "before" or "after" the next changes."""

    source, locale = SOURCE, "en"

    def __init__(self, publisher: MastodonPublisher) -> None:
        self.publisher, self.profile, self.teller = publisher, FIRST, "x-api"
        self.faults: list[tuple[str, BaseException]] = []
        self.problem: Exception | None = None
        self.lost: set[str] = set()
        self.may = True
        self.asked = self.dressed = 0
        self.said: list[str] = []

    def told(self) -> Profile:
        self.asked += 1
        if self.problem is not None:
            raise self.problem
        return self.profile

    def picture(self, picture: Picture) -> bytes:
        if picture.url in self.lost:
            raise MediaError("It is gone.")
        return jpeg()

    def may_change(self) -> bool:
        return self.may

    def shown(self) -> Shown:
        return self.publisher.shown()

    def dress(self, dress: Dress) -> Shown:
        when, fault = self.faults.pop(0) if self.faults else ("never", Crash())
        if when == "before":
            raise fault
        self.dressed += 1
        shown = self.publisher.dress(dress)
        if when == "after":
            raise fault
        return shown

    def say(self, text: str) -> None:
        self.said.append(text)


class Mirror:
    def __init__(self, ledger: Ledger, running: Sandbox) -> None:
        self.running, self.stage = running, Stage(ledger, FREE)
        self.publisher = connect(running.base_url, running.token, timeout=20, limits=FREE, account=ACCOUNT)
        self.sitting = Sitting(self.publisher)

    def look(self, *, after: timedelta = timedelta(days=1)) -> None:
        """In a process of its own."""
        self.stage.time.sleep(after.total_seconds())
        now, ports = self.stage.time.now(), self.stage.ports()
        following = Following(ports.ledger, self.sitting, ACCOUNT)
        if following.due(now) > now:
            return
        hold = ports.ledger.queue.hold(ACCOUNT, owner=ports.owner, now=now, seconds=600)
        try:
            following.look(Round(ports, Terms(), hold))
        finally:
            ports.ledger.queue.release(hold)

    def change(self, **changes: object) -> None:
        self.sitting.profile = replace(self.sitting.profile, **changes)

    def by_hand(self, **changes: str) -> None:
        self.publisher.dress(Dress(**changes))  # type: ignore[arg-type]

    @property
    def notes(self) -> list[str]:
        return self.stage.notes.codes


@pytest.fixture
def mirror(ledger: Ledger) -> Iterator[Mirror]:
    with Sandbox(limits=False, username="me") as running:
        made = Mirror(ledger, running)
        yield made
        made.publisher.close()


def test_a_change_is_carried_once_and_the_first_sight_changes_nothing(mirror: Mirror) -> None:
    before = mirror.running.state.account
    mirror.look()
    mirror.look()
    assert mirror.running.state.account == before
    mirror.change(name="The Museum", bio="New, with @keeper", website="https://new.example")
    for _ in range(3):
        mirror.look()
    account = mirror.running.state.account
    assert (account.display_name, account.note) == ("The Museum", "New, with @\u2060keeper")
    assert account.fields == (("Website", "https://new.example"),)
    assert mirror.sitting.dressed == 1
    assert mirror.sitting.said == ["profile: display name and biography and link changed"]
    assert mirror.notes == []


def test_it_is_asked_once_a_day(mirror: Mirror) -> None:
    for _ in range(48):
        mirror.look(after=timedelta(hours=1))
    assert mirror.sitting.asked == 2


def test_pictures_are_carried_and_what_is_changed_by_hand_is_left(mirror: Mirror) -> None:
    mirror.look()
    mirror.change(avatar=Picture(url="a2"), header=Picture(url="h2"))
    mirror.look()
    account = mirror.running.state.account
    assert None not in (account.avatar, account.header)
    mirror.by_hand(name="Ours", bio="By hand")
    mirror.change(name="Theirs", bio="Theirs", avatar=Picture(url="a3"))
    mirror.look()
    mirror.look()
    later = mirror.running.state.account
    assert (later.display_name, later.note) == ("Ours", "By hand")
    assert later.avatar != account.avatar
    assert later.header == account.header
    assert mirror.notes == ["PROFILE_LEFT"] * 2
    assert mirror.sitting.dressed == 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", [Crash(), Unknown("no answer"), Deferred("later")])
def test_what_is_cut_off_is_done_once(mirror: Mirror, when: str, fault: BaseException) -> None:
    mirror.look()
    mirror.change(name="The Museum", avatar=Picture(url="a2"))
    mirror.sitting.faults = [(when, fault)]
    try:
        mirror.look()
    except Crash:
        mirror.stage.restart()
    mirror.look(after=timedelta(hours=1))
    mirror.look()
    assert mirror.running.state.account.display_name == "The Museum"
    assert mirror.running.state.account.avatar is not None
    assert mirror.sitting.dressed == 1
    mirror.change(avatar=Picture(url="a3"))
    mirror.look()
    assert (mirror.sitting.dressed, mirror.notes) == (2, [])


@pytest.mark.parametrize("can_tell", [True, False])
def test_the_right_that_lacks_is_told_once_and_used_when_it_is_there(
    mirror: Mirror, *, can_tell: bool
) -> None:
    mirror.sitting.may = not can_tell
    running, full = mirror.running, mirror.sitting.publisher
    token = running.new_token("profile", "read:statuses", "write:statuses")
    poor = connect(running.base_url, token, timeout=20, limits=FREE, account=ACCOUNT)
    mirror.sitting.publisher = poor
    mirror.look()
    mirror.change(name="The Museum")
    mirror.look()
    mirror.look()
    poor.close()
    assert (mirror.notes, mirror.sitting.said) == (["PROFILE_NOT_ALLOWED"], [])
    mirror.sitting.publisher = full  # somebody has logged in anew
    mirror.look()
    assert running.state.account.display_name == "The Museum"


def test_a_picture_that_cannot_be_had_is_told_once_and_tried_again(mirror: Mirror) -> None:
    mirror.look()
    mirror.sitting.lost = {"a2"}
    mirror.change(name="The Museum", avatar=Picture(url="a2"))
    mirror.look()
    mirror.look()
    assert (mirror.running.state.account.display_name, mirror.notes) == ("The Museum", ["MEDIA_UNUSABLE"])
    mirror.sitting.lost = set()
    mirror.look()
    assert mirror.running.state.account.avatar is not None


@pytest.mark.parametrize("problem", [SourceError("no zip"), NetworkError("down")])
def test_a_source_that_tells_nothing_changes_nothing(mirror: Mirror, problem: Exception) -> None:
    mirror.look()
    mirror.sitting.problem = problem
    mirror.look()
    mirror.look()
    assert mirror.notes == ["PROFILE_NOT_READ"]
    mirror.sitting.problem = None
    mirror.change(name="The Museum")
    mirror.look()
    assert mirror.running.state.account.display_name == "The Museum"


def test_another_teller_is_seen_for_the_first_time(mirror: Mirror) -> None:
    mirror.look()
    mirror.sitting.teller = "twitter-archive"
    mirror.change(name="As the archive has it")
    mirror.look()
    assert mirror.sitting.dressed == 0


def test_it_waits_for_the_windows_of_the_server(mirror: Mirror, ledger: Ledger) -> None:
    window = Window(name="calls", limit=4, seconds=300_000)
    limits = replace(FREE, windows=(window,))
    mirror.stage.server.limits = lambda: limits  # type: ignore[method-assign]
    now = mirror.stage.time.now() + timedelta(days=1)
    spent = Budget.from_dict(None, (window,), Terms().pace)
    for _ in range(4):
        spent = spent.spend(now)
    ledger.queue.save_budget(ACCOUNT, spent.as_dict())
    mirror.look()
    assert mirror.sitting.asked == 0
    mirror.look(after=timedelta(days=4))
    assert mirror.sitting.asked == 1


class Still:
    """Implements `Sitter` without a server: it only counts."""

    teller, source, locale = "x-api", "twitter:@museum", None

    def __init__(self) -> None:
        self.asked = 0

    def told(self) -> Profile:
        self.asked += 1
        return FIRST

    def may_change(self) -> bool:
        return True

    def shown(self) -> Shown:
        return Shown()

    def picture(self, picture: Picture) -> bytes:
        raise AssertionError("nothing has changed")

    def dress(self, dress: Dress) -> Shown:
        raise AssertionError("nothing has changed")

    def say(self, text: str) -> None:
        raise AssertionError("nothing has changed")


@pytest.mark.parametrize("wanted", [True, False])
def test_the_loop_looks_once_a_day_where_it_is_wanted(*, wanted: bool) -> None:
    with open_ledger("sqlite://") as ledger:
        village, still = Village(ledger, "museum"), Still()
        home = village.home("museum")
        home.sitting, home.routes = still, [replace(each, profile=wanted) for each in home.routes]
        village.begin()
        worker = village.worker()
        village.run(worker, seconds=3.5 * 86_400)
        assert still.asked == (4 if wanted else 0)
        village.accounts["museum"].write("new")
        village.run(worker, seconds=3600)
        assert home.texts == ["new"]
