"""What live posts become, over real sockets: polls with the time that is left, corrections, quotes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bridge.engine.beginning import Beginning
from bridge.engine.corrections import plan_corrections
from bridge.engine.live import Mirror, plan_live
from bridge.engine.propose import Wish
from bridge.engine.terms import Terms
from bridge.engine.verify import verify
from bridge.ledger import Ledger, open_ledger
from bridge.posts import Author, Kind, Poll, Post, Reference, Span, SpanKind
from bridge.publications import State
from bridge.publishers.base import Addressed
from bridge.publishers.mastodon import connect
from bridge.sandbox.rules.faults import Fault, FaultKind
from bridge.sandbox.rules.state import Status
from bridge.sources.base import Page, Summary
from tests.changes import replace
from tests.engine.stage import SOURCE, post
from tests.engine.test_practice import Rehearsal, rehearsal


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


class Live(Rehearsal):
    """A mirror that has just begun."""

    def __init__(self, play: Rehearsal) -> None:
        self.__dict__.update(play.__dict__)
        now = self.time.now()
        self.mirror = Mirror(
            source=SOURCE,
            destination=self.publisher.account,
            begun=Beginning(since=now - timedelta(minutes=1), at=now),
            fresh=timedelta(days=1),
        )

    @property
    def wish(self) -> Wish:
        return Wish(limits=self.publisher.limits())

    @property
    def statuses(self) -> list[Status]:
        return list(self.sandbox.application.world.statuses.values())

    def written(self, number: int, **changes: object) -> Post:
        return replace(post(number), created_at=self.time.now(), **changes)

    def quoting(self, number: int, quoted: Post) -> Post:
        url = f"https://twitter.com/{quoted.author.handle}/status/{quoted.id}"
        span = Span(start=5, end=5 + len(url), kind=SpanKind.LINK, target=url, post_id=quoted.id)
        reference = Reference(id=quoted.id, author_id=quoted.author.id, handle=quoted.author.handle)
        return self.written(number, text=f"Look {url}", spans=(span,), kind=Kind.QUOTE, quote=reference)

    def read(self, *posts: Post) -> None:
        self.stage.time.moment = self.time.now()
        self.stage.record(posts)
        ids = [each.id for each in posts]
        plan_live(self.ledger, self.mirror, self.wish, ids, now=self.time.now())
        plan_corrections(self.ledger, self.mirror, self.wish, ids, now=self.time.now())


@contextmanager
def live(ledger: Ledger, profile: str = "mastodon", version: str | None = "4.5.0") -> Iterator[Live]:
    with rehearsal(ledger, profile, version) as play:
        yield Live(play)


def question(play: Live, minutes: int = 240) -> Post:
    return play.written(1, text="Which?", poll=Poll(options=("Tea", "Coffee"), minutes=minutes, votes=(3, 1)))


@pytest.mark.parametrize(("profile", "version"), [("mastodon", "4.5.0"), ("gotosocial", None)])
def test_a_poll_goes_on_for_as_long_as_the_original_does(
    ledger: Ledger, profile: str, version: str | None
) -> None:
    with live(ledger, profile, version) as play:
        asked = question(play)
        play.time.sleep(3600)
        play.read(asked)
        assert play.run().published == 1
        (status,) = play.statuses
        assert status.poll is not None
        left = status.poll.expires_at - asked.created_at
        assert abs(left - timedelta(hours=4)) < timedelta(seconds=5)


def test_a_poll_that_was_over_before_it_left_is_written_out(ledger: Ledger) -> None:
    with live(ledger) as play:
        play.read(question(play))
        play.time.sleep(4 * 3600 - 60)
        play.sandbox.faults.add(Fault(kind=FaultKind.COMMIT_DROP, nth=1))
        assert play.run().published == 1
        assert [(each.text, each.poll) for each in play.statuses] == [("Which?\n\n○ Tea\n○ Coffee", None)]
        assert verify(play.ports(), Terms()).findings == ()


def test_a_poll_that_was_read_late_has_its_results(ledger: Ledger) -> None:
    with live(ledger) as play:
        asked = question(play, minutes=60)
        play.time.sleep(7200)
        play.read(asked)
        play.run()
        assert [each.text for each in play.statuses] == ["Which?\n\n○ Tea · 75\u00a0%\n○ Coffee · 25\u00a0%"]


@pytest.mark.parametrize("kind", [FaultKind.COMMIT_DROP, FaultKind.ERROR_500])
def test_a_correction_is_an_answer_that_comes_once(ledger: Ledger, kind: FaultKind) -> None:
    with live(ledger) as play:
        first = play.written(1)
        play.read(first)
        play.run()
        play.time.sleep(60)
        play.sandbox.faults.add(Fault(kind=kind, nth=1))
        play.read(replace(first, text="Post one"))
        assert play.run().published == 1
        said, told = play.statuses
        assert (told.text, told.in_reply_to_id, told.visibility) == (
            "Correction: Post one",
            said.id,
            said.visibility,
        )
        play.read(replace(first, text="Post one", likes=2))
        assert play.run().published == 0
        found = verify(play.ports(), Terms())
        assert (found.present, found.findings) == (2, ())


@pytest.mark.parametrize("queued", ["published", "queued", "together"])
def test_a_quote_of_ones_own_is_one_there(ledger: Ledger, queued: str) -> None:
    with live(ledger) as play:
        first = play.written(1)
        quote = play.quoting(2, first)
        if queued == "together":
            play.read(first, quote)
        else:
            play.read(first)
            if queued == "published":
                play.run()
            play.read(quote)
        play.run()
        said, told = play.statuses
        assert (told.text, told.quote_of_id) == ("Look", said.id)


def test_a_server_without_quotes_is_given_the_link(ledger: Ledger) -> None:
    with live(ledger, "gotosocial", None) as play:
        first = play.written(1)
        play.read(first)
        play.run()
        play.read(play.quoting(2, first))
        play.run()
        said, told = play.statuses
        assert (told.text.rpartition("/")[2], told.quote_of_id) == (said.id, None)


HER = Author(id="2", handle="library")


def somebody(play: Live, *, server: str | None = None) -> Post:
    """Another account of the ledger, whose only post stands at the same server, or at that one."""
    ledger, now = play.ledger, play.time.now()
    account = play.publisher.account.replace("practice", "visitor") if server is None else f"@her@{server}"
    said = replace(play.written(7, text="New books"), source="twitter:2", author=HER)
    ledger.queue.open_destination(account, now=now)
    ledger.posts.save_summary("twitter:2", Summary(name="library", owner=HER, era="feed"), now=now)
    page = Page(posts=(said,))
    ledger.posts.record(page, source="twitter:2", run=None, now=now, merge=lambda _, new: new)
    mirror = replace(play.mirror, source="twitter:2", destination=account)
    plan_live(ledger, mirror, play.wish, [said.id], now=now)
    hold = ledger.queue.hold(account, owner=play.stage.owner(), now=now, seconds=60)
    row = ledger.queue.claim(hold, now=now)
    assert row is not None
    publisher = connect(play.sandbox.base_url, play.sandbox.accounts[1].access_token, timeout=5)
    receipt = publisher.publish(row.draft, Addressed(text=row.draft.text), key="hers")
    publisher.close()
    ledger.queue.settle(row, State.PUBLISHED, now=now, receipt=receipt)
    ledger.queue.release(hold)
    return said


def test_a_quote_of_another_mirrored_account_is_one_at_the_same_server(ledger: Ledger) -> None:
    with live(ledger) as play:
        said = somebody(play)
        play.read(play.quoting(2, said))
        play.sandbox.faults.add(Fault(kind=FaultKind.COMMIT_DROP, nth=1))
        assert play.run().published == 1
        hers, told = play.statuses
        assert (told.text, told.quote_of_id) == ("Look", hers.id)
        assert verify(play.ports(), Terms()).findings == ()


def test_what_cannot_be_quoted_is_linked(ledger: Ledger) -> None:
    with live(ledger) as play:
        said = somebody(play)
        play.read(play.quoting(2, said))
        world = play.sandbox.application.world
        hers = play.statuses[0]
        world.drop_status(hers)
        assert play.run().published == 1
        (told,) = play.statuses
        assert told.quote_of_id is None
        assert told.text.startswith("Look\n\nhttp")
        assert told.text.endswith(f"/{hers.id}")
        assert verify(play.ports(), Terms()).findings == ()


def test_at_another_server_the_link_stays(ledger: Ledger) -> None:
    with live(ledger) as play:
        said = somebody(play, server="other.example")
        play.read(play.quoting(2, said))
        play.run()
        assert play.statuses[1].text == f"Look https://twitter.com/library/status/{said.id}"
