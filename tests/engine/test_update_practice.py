"""Edits over real sockets: Mastodon.py and the practice server, whatever goes wrong there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest

from bridge.engine.changes import Changes
from bridge.engine.propose import Wish, actions_of, propose
from bridge.engine.terms import Terms
from bridge.engine.update import Updated, update
from bridge.engine.verify import verify
from bridge.ledger import Ledger, open_ledger
from bridge.posts import Media, Poll, Post
from bridge.publishers.mastodon import MastodonPublisher
from bridge.rendering import RenderOptions
from bridge.sandbox.rules.faults import Fault, FaultKind
from bridge.sandbox.rules.state import Status
from tests.changes import replace
from tests.engine.desk import linking, mentioning
from tests.engine.stage import SOURCE, post
from tests.engine.test_practice import Rehearsal, rehearsal

K = FaultKind
PUT = "PUT /api/v1/statuses/*"
NOT_DONE = [K.CUT_BEFORE, K.ERROR_503, K.ERROR_502, K.ERROR_500, K.HTML_429, K.HTML_200, K.MOVED_301]
DONE = [K.COMMIT_DROP, K.CUT_ANSWER, K.COMMIT_504, K.COMMIT_500, K.COMMIT_HTML, K.COMMIT_GARBAGE]
SERVERS = [
    ("mastodon", "4.5.0"), ("mastodon", "4.6.5"), ("gotosocial", None), ("akkoma", None), ("hollo", None),
    ("sharkey", None),
]  # fmt: skip
MAPPED = {"@curator": "@curator@museum.example"}


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


class Edited:
    """A rehearsal whose posts are on the account, and what is wanted of them today."""

    def __init__(self, play: Rehearsal) -> None:
        self.play = play
        self.publisher: MastodonPublisher = play.publisher
        self.wish = Wish(limits=play.publisher.limits(), options=RenderOptions(date_stamp="none"), handles={})

    def publish(self, *posts: Post) -> None:
        play = self.play
        play.stage.record(posts)
        account = self.publisher.account
        actions = actions_of(propose(play.ledger, SOURCE, self.wish, destination=account))
        play.ledger.queue.apply(actions, destination=account, source=SOURCE, now=play.time.now())
        assert play.run().failed == 0
        play.time.sleep(60)

    def changes(self) -> Changes:
        return Changes(self.play.ledger, SOURCE, self.wish, self.publisher.account)

    def update(self, *, mapped: bool = True) -> Updated:
        if mapped:
            self.wish = replace(self.wish, handles=MAPPED)
        ports, queue = self.play.ports(), self.play.ledger.queue
        hold = queue.hold(self.publisher.account, owner=ports.owner, now=ports.clock.now(), seconds=600)
        done = update(ports, Terms(), self.changes(), hold)
        queue.release(hold)
        return done

    @property
    def statuses(self) -> tuple[Status, ...]:
        return self.play.sandbox.state.statuses

    def puts(self) -> int:
        return self.play.sandbox.state.count("PUT /api/v1/statuses/:id")

    def by_hand(self, found: Status, method: str = "PUT", **fields: object) -> None:
        """What the owner does in a browser."""
        sandbox = self.play.sandbox
        request = Request(
            f"{sandbox.base_url}/api/v1/statuses/{found.id}",
            method=method,
            data=json.dumps(fields).encode(),
            headers={"Authorization": f"Bearer {sandbox.token}", "Content-Type": "application/json"},
        )
        urlopen(request).close()

    def agrees(self, count: int) -> bool:
        found = verify(self.play.ports(), Terms())
        return (found.present, found.findings, found.foreign) == (count, (), 0)


@pytest.mark.parametrize(("profile", "version"), SERVERS)
def test_a_handle_a_description_and_a_warning_are_edited(
    ledger: Ledger, profile: str, version: str | None
) -> None:
    with rehearsal(ledger, profile, version) as play:
        desk = Edited(play)
        desk.publish(post(1), replace(mentioning(2), media=post(2, media=2).media), post(3, answers=1))
        before = desk.statuses
        better = [replace(each, alt="A hall, seen from the river") for each in post(2, media=2).media]
        play.stage.record([replace(mentioning(2), media=tuple[Media, ...](better), spoiler="Height")])
        done = desk.update()
        assert (done.edited, done.left, done.stopped) == (1, (), None)
        one, three, two = desk.statuses
        assert (one, three) == before[:2]
        assert two.edited_at is not None
        assert "museum.example" in two.text
        assert (two.spoiler_text, two.sensitive) == ("Height", True)
        assert (two.media_ids, two.visibility, two.created_at) == (
            before[2].media_ids, before[2].visibility, before[2].created_at,
        )  # fmt: skip
        texts = {medium.description for medium in play.sandbox.state.media}
        assert texts == {"A hall, seen from the river"}
        assert list(desk.changes()) == []
        assert desk.update().edited == 0
        assert desk.agrees(3)


def test_an_own_link_is_filled_in_later(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0") as play:
        desk = Edited(play)
        play.sandbox.faults.add(Fault(kind=K.ERROR_422, nth=1))
        play.stage.record([post(1), linking(2, 1)])
        play_all(desk)
        assert len(desk.statuses) == 1
        play.time.sleep(60)
        play.ledger.queue.retry(desk.publisher.account, now=play.time.now())
        assert play.run().published == 1
        assert "twitter.com" in desk.statuses[0].text
        assert desk.update().edited == 1
        assert desk.statuses[1].id in desk.statuses[0].text
        assert "twitter.com" not in desk.statuses[0].text
        assert desk.agrees(2)


def play_all(desk: Edited) -> None:
    play, account = desk.play, desk.publisher.account
    actions = actions_of(propose(play.ledger, SOURCE, desk.wish, destination=account))
    play.ledger.queue.apply(actions, destination=account, source=SOURCE, now=play.time.now())
    play.run()


def test_what_its_owner_has_changed_or_deleted_is_left_alone(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0") as play:
        desk = Edited(play)
        desk.publish(*(mentioning(number) for number in range(1, 5)))
        first, second, third, _ = desk.statuses
        desk.by_hand(first, status="My own words", sensitive=False)
        desk.by_hand(second, status=second.text, sensitive=True, spoiler_text="")
        desk.by_hand(third, "DELETE")
        done = desk.update()
        assert [(left.row.post_id, left.code) for left in done.left] == [
            ("1001", "EDITED_BY_HAND"), ("1002", "EDITED_BY_HAND"), ("1003", "MISSING"),
        ]  # fmt: skip
        assert done.edited == 1
        assert [status.text for status in desk.statuses[:2]] == ["My own words", second.text]
        assert "museum.example" in desk.statuses[2].text


@pytest.mark.parametrize("kind", NOT_DONE)
def test_a_request_that_was_not_carried_out_is_made_again(ledger: Ledger, kind: FaultKind) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0") as play:
        desk = Edited(play)
        desk.publish(mentioning(1), mentioning(2))
        play.sandbox.faults.add(Fault(kind=kind, on=PUT, nth=1, seconds=1))
        done = desk.update()
        assert (done.edited, done.left, done.unknown, done.stopped) == (2, (), 0, None)
        assert all("museum.example" in status.text for status in desk.statuses)
        assert desk.agrees(2)


@pytest.mark.parametrize("kind", DONE)
def test_a_lost_answer_makes_no_second_edit(ledger: Ledger, kind: FaultKind) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0") as play:
        desk = Edited(play)
        desk.publish(mentioning(1), mentioning(2))
        play.sandbox.faults.add(Fault(kind=kind, on=PUT, nth=1))
        done = desk.update()
        assert (done.edited, done.left, done.unknown, done.stopped) == (2, (), 0, None)
        assert desk.puts() == 2
        assert desk.agrees(2)


def test_edits_and_posts_share_one_window(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0", limits=True) as play:
        desk = Edited(play)
        desk.publish(*(mentioning(number) for number in range(1, 161)))
        start = play.time.now()
        assert desk.update().edited == 160
        assert not [status for _, _, status in play.sandbox.state.requests if status == 429]
        waited = (play.time.now() - start).total_seconds()
        assert 300 < waited < 3 * 3600 + 600  # 300 statuses in three hours, twenty too many
        assert desk.puts() == 160


def test_a_poll_is_not_asked_anew(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0") as play:
        desk = Edited(play)
        desk.wish = replace(desk.wish, live=True)
        asked = Poll(options=("yes", "no"), minutes=60)
        desk.publish(replace(mentioning(1), created_at=play.time.now(), poll=asked))
        assert desk.statuses[0].poll is not None
        desk.wish = replace(desk.wish, handles=MAPPED)
        assert [(changed.edits, changed.left) for changed in desk.changes()] == [((), "poll")]
        assert (desk.update().edited, desk.puts()) == (0, 0)
