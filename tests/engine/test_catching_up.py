"""A timeline comes newest first and may be cut anywhere: what is mirrored keeps its order all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bridge.engine.purse import MonthlyPurse, month_of
from bridge.engine.turn import LedgerTurn
from bridge.errors import Busy, Locked
from bridge.ledger import Ledger, open_ledger
from bridge.ledger.owner import Owner, this_process
from bridge.media.fetch import Fetcher
from bridge.posts import Author, Post
from bridge.sources.base import Page, Summary
from bridge.sources.twitter_api.asking import Api
from bridge.sources.twitter_api.timeline import STREAM, Following, Timeline
from tests.changes import replace
from tests.engine.stage import Crash
from tests.engine.village import START, Village
from tests.publishers.wires import Wire, wire
from tests.sources.x_api import OWNER, PRICES, FakeX, Key, number, tweet

ACCOUNT = "twitter:@museum"
ELSEWHERE = Owner(host="elsewhere", boot="b", pid=7, started="1")


class Cut:
    """A source that breaks off after so many pages, once."""

    def __init__(self, inner: Timeline) -> None:
        self.inner = inner
        self.pages_left: int | None = None
        self.error: BaseException = Busy("cut")

    stream = STREAM
    account = ACCOUNT

    @property
    def owner(self) -> Author:
        return self.inner.owner

    def summary(self) -> Summary:
        return self.inner.summary()

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        pages = self.inner.pages(cursor)
        for count in range(1000):
            if count == self.pages_left:
                self.pages_left = None
                raise self.error
            if (page := next(pages, None)) is None:
                return
            yield page

    def merge(self, known: Post, new: Post) -> Post:
        return self.inner.merge(known, new)


class Street:
    """One house of the village, whose owner writes at X."""

    def __init__(self, ledger: Ledger, server: Wire, fetcher: Fetcher, x: FakeX) -> None:
        self.ledger, self.server, self.fetcher, self.x = ledger, server, fetcher, x
        self.village = Village(ledger, "museum")
        self.home = self.village.home("museum")
        self.home.routes = [replace(self.home.routes[0], streams=(STREAM,))]
        self.source = self.opened()
        self.village.accounts["museum"] = self.source  # type: ignore[assignment]
        self.texts: list[str] = []
        self.village.begin()

    def opened(self, owner: Owner | None = None, *, dollars: float = 1000) -> Cut:
        now, ledger = self.village.time.now, self.ledger
        turn = LedgerTurn(ledger, ACCOUNT, STREAM, owner=owner or this_process(), now=now)
        api = self.api(ACCOUNT, dollars)
        return Cut(Timeline(OWNER, api, now=now, account=ACCOUNT, turn=turn))

    def api(self, payer: str, dollars: float = 1000) -> Api:
        now = self.village.time.now
        purse = MonthlyPurse(self.ledger.spending, limit=int(dollars * 1e6), payer=payer, now=now)
        return Api(self.server.url, self.fetcher, key=Key("good"), purse=purse, prices=PRICES, now=now)

    def write(self, many: int, *, first: int = 0) -> None:
        for n in range(first, first + many):
            self.village.time.sleep(5)
            self.x.tweets.append(tweet(number(self.village.time.now()), f"post {n}"))
            self.texts.append(f"post {n}")

    def pass_(self, minutes: float) -> None:
        worker = self.village.worker()
        self.village.run(worker, seconds=60 * minutes)
        worker.release()


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


@pytest.fixture
def street(ledger: Ledger) -> Iterator[Street]:
    x = FakeX(page=3)
    with wire(x) as server, Fetcher(allow_hosts=["127.0.0.1"], sleep=lambda _: None) as fetcher:
        street = Street(ledger, server, fetcher, x)
        street.write(2)
        street.pass_(15)
        assert street.home.texts == street.texts
        yield street


@pytest.mark.parametrize("pages", [0, 1, 4])
def test_a_catch_up_that_is_cut_is_mirrored_in_order_and_paid_once(street: Street, pages: int) -> None:
    street.write(14, first=2)
    street.source.pages_left = pages
    street.source.error = Busy("wait", until=street.village.time.now() + timedelta(minutes=20))
    street.pass_(15)
    assert street.home.texts == street.texts[:2]  # nothing of it, before all of it is here
    street.write(3, first=16)
    street.pass_(40)
    assert street.home.texts == street.texts
    assert set(street.x.served.values()) == {1}
    spent = street.ledger.spending.spent(month_of(street.village.time.now()))
    assert spent == len(street.texts) * PRICES.own_post


@pytest.mark.parametrize("pages", [1, 3])
def test_so_it_is_after_a_crash(street: Street, pages: int) -> None:
    street.write(14, first=2)
    street.source.pages_left, street.source.error = pages, Crash()
    with pytest.raises(Crash):
        street.pass_(15)
    street.source.inner.pages().close()  # type: ignore[attr-defined]
    street.pass_(30)
    assert street.home.texts == street.texts
    assert set(street.x.served.values()) == {1}


def test_so_it_is_when_the_budget_ends(street: Street) -> None:
    street.write(14, first=2)
    street.village.accounts["museum"] = street.opened(dollars=0.062)  # type: ignore[assignment]
    street.pass_(15)
    assert street.home.texts == street.texts[:2]
    assert len(street.x.served) > 5
    street.village.accounts["museum"] = street.source  # type: ignore[assignment]
    street.pass_(15)
    assert street.home.texts == street.texts
    assert set(street.x.served.values()) == {1}


def test_what_was_written_before_a_mirror_began_keeps_nobody_waiting(street: Street) -> None:
    street.ledger.posts.save_cursor(ACCOUNT, STREAM, "")
    street.x.tweets = [tweet(number(START) - (1 + n << 32), "of old") for n in range(9)] + street.x.tweets
    street.source.pages_left = 2
    street.write(1, first=2)
    street.pass_(15)
    assert street.home.texts == street.texts


def test_what_was_written_before_is_left_to_an_import(street: Street) -> None:
    x = street.x
    x.tweets = [tweet(number(START) - (1 + n << 32), "of old") for n in range(9)] + x.tweets
    street.ledger.posts.save_cursor(ACCOUNT, STREAM, "")
    street.source.inner.begin(lambda: START)
    street.write(7, first=2)
    street.pass_(15)
    assert street.home.texts == street.texts
    assert len(x.served) == 2 + 7  # nobody pays for the past
    before = street.ledger.posts.revision(ACCOUNT)
    street.pass_(15)
    assert street.ledger.posts.revision(ACCOUNT) == before
    street.source.inner.begin(lambda: None)
    street.pass_(15)
    assert street.home.texts == street.texts
    assert len(x.served) == 2 + 7 + 9


# --- alone


def test_two_processes_never_ask_at_once(street: Street) -> None:
    street.write(5, first=2)
    other = street.opened(ELSEWHERE)
    pages = street.source.pages(street.ledger.posts.cursor(ACCOUNT, STREAM))
    next(pages)
    asked = len(street.x.asked)
    with pytest.raises(Locked, match="is working on the reading of") as caught:
        list(other.pages())
    assert (caught.value.exit_code, len(street.x.asked)) == (7, asked)
    list(pages)
    assert all(not page.posts for page in other.pages()) is False  # nothing was recorded of it


def test_whoever_comes_after_goes_on_from_what_is_recorded(street: Street) -> None:
    before = street.ledger.posts.cursor(ACCOUNT, STREAM)
    street.write(5, first=2)
    street.pass_(15)
    late = street.opened(ELSEWHERE)
    assert [page.posts for page in late.pages(before)] == [()]
    assert set(street.x.served.values()) == {1}


# --- deletions


def test_what_x_has_no_more_is_marked(street: Street) -> None:
    posts, now = street.ledger.posts, street.village.time.now
    street.write(3, first=2)
    street.pass_(15)
    street.source.inner.follow(
        Following(lambda: posts.standing(ACCOUNT, now() - timedelta(days=3)), street.api("deletions"))
    )
    deleted = street.x.tweets.pop(3)
    street.village.time.sleep(86_400)
    street.pass_(30)
    assert street.x.looked_up[0][0] == street.x.tweets[-1]["id"]
    marked = [s.text for s in street.home.server.statuses if s.spoiler_text]
    assert marked == [deleted["text"]]
    asked = len(street.x.looked_up)
    street.pass_(30)
    assert len(street.x.looked_up) == asked
