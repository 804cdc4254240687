"""The whole way over real sockets: Mastodon.py against the practice server, whatever goes wrong there."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from PIL import Image

from bridge.engine.adopt import enter, found_of, recognise
from bridge.engine.deliver import pump
from bridge.engine.propose import Wish, actions_of, propose
from bridge.engine.terms import Delivered, Ports, Terms
from bridge.engine.verify import verify
from bridge.ledger import Ledger, open_ledger
from bridge.posts import MediaType
from bridge.publications import State
from bridge.publishers.base import Addressed, MediaFile
from bridge.publishers.mastodon import MastodonPublisher, connect
from bridge.sandbox.clock import ManualClock
from bridge.sandbox.rules.faults import Fault, FaultKind
from bridge.sandbox.server import Sandbox
from bridge.statuses import MediaRef, StatusDraft
from tests.contracts.test_mastodon import limits_of
from tests.engine.stage import SOURCE, Files, Notes, Stage, post

K = FaultKind
HARMLESS = [
    K.CUT_BEFORE, K.CUT_REQUEST, K.ERROR_503, K.ERROR_502, K.ERROR_500, K.HTML_429, K.HTML_200, K.MOVED_301,
    K.REDIRECT, K.GHOST, K.COMMIT_DROP, K.CUT_ANSWER, K.COMMIT_504, K.COMMIT_500, K.COMMIT_HTML,
    K.COMMIT_GARBAGE, K.BAD_RESET, K.CLOSE_AFTER, K.CLOCK_SKEW, K.MEDIA_LOST,
]  # fmt: skip
SERVERS = [("mastodon", "4.6.5"), ("gotosocial", None), ("akkoma", None), ("pixelfed", None), ("hollo", None)]


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


class PracticeTime:
    """The clock of the practice server, as the engine's."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self._clock.advance(seconds)


class Pictures(Files):
    """A real picture for every name, each in its own colour."""

    def describe(self, ref: MediaRef) -> MediaFile:
        content = self.open(ref).read()
        checksum = hashlib.sha256(content).hexdigest()
        return MediaFile(name=ref.file or "", mime_type="image/png", size=len(content), sha256=checksum)

    def open(self, ref: MediaRef) -> io.BytesIO:
        stream = io.BytesIO()
        colour = hashlib.sha256((ref.file or "").encode()).digest()
        Image.new("RGB", (8, 8), (colour[0], colour[1], colour[2])).save(stream, "PNG")
        stream.seek(0)
        return stream


class Rehearsal:
    def __init__(
        self, ledger: Ledger, sandbox: Sandbox, publisher: MastodonPublisher, clock: ManualClock
    ) -> None:
        self.ledger = ledger
        self.sandbox = sandbox
        self.publisher = publisher
        self.notes = Notes()
        self.time = PracticeTime(clock)
        self.stage = Stage(ledger)
        ledger.queue.open_destination(publisher.account, now=clock.now())

    def plan(self, count: int, *, media: int = 0) -> None:
        posts = [post(n, answers=n - 1 if n % 4 == 0 else None, media=media) for n in range(1, count + 1)]
        self.stage.record(posts)
        wish = Wish(limits=self.publisher.limits())
        actions = actions_of(propose(self.ledger, SOURCE, wish, destination=self.publisher.account))
        self.ledger.queue.apply(
            actions, destination=self.publisher.account, source=SOURCE, now=self.time.now()
        )

    def ports(self) -> Ports:
        return Ports(
            ledger=self.ledger,
            publisher=self.publisher,
            media=Pictures(),
            clock=self.time,
            owner=self.stage.owner(),
            chance=lambda: 0.5,
            watcher=self.notes,
        )

    def run(self) -> Delivered:
        return pump(self.ports(), Terms())


@contextmanager
def rehearsal(
    ledger: Ledger, profile: str, version: str | None, *, limits: bool = False
) -> Iterator[Rehearsal]:
    clock = ManualClock()
    facts = limits_of(profile, version)
    with Sandbox(profile=profile, version=version, clock=clock, limits=limits) as sandbox:
        publisher = connect(sandbox.base_url, sandbox.token, timeout=5, limits=facts, now=clock.now)
        try:
            yield Rehearsal(ledger, sandbox, publisher, clock)
        finally:
            publisher.close()


def check(play: Rehearsal, count: int) -> None:
    """Each post once, in its thread, and the ledger agrees."""
    found = verify(play.ports(), Terms())
    assert [(f.kind, f.post_id, f.detail) for f in found.findings] == []
    assert (found.present, found.foreign, found.unknown) == (count, 0, 0)
    assert play.ledger.queue.counts(play.publisher.account)[State.PUBLISHED] == count


@pytest.mark.parametrize("kind", HARMLESS)
def test_a_fault_at_mastodon_leaves_no_trace(ledger: Ledger, kind: FaultKind) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0") as play:
        play.plan(4)
        on = "POST /api/v2/media" if kind is K.MEDIA_LOST else "POST /api/v1/statuses"
        play.sandbox.faults.add(Fault(kind=kind, on=on, nth=2, seconds=1))
        done = play.run()
        if kind is K.GHOST:  # an answer that is a lie is found out by verify only
            assert done.published == 4
            assert [f.kind for f in verify(play.ports(), Terms()).findings] == ["missing"]
            return
        assert (done.published, done.failed, done.stopped) == (4, 0, None)
        check(play, 4)


@pytest.mark.parametrize(("profile", "version"), SERVERS)
@pytest.mark.parametrize("kind", [K.COMMIT_DROP, K.ERROR_500])
def test_a_fault_elsewhere_leaves_no_trace(
    ledger: Ledger, profile: str, version: str | None, kind: FaultKind
) -> None:
    with rehearsal(ledger, profile, version) as play:
        play.plan(3, media=1 if profile == "pixelfed" else 0)
        play.sandbox.faults.add(Fault(kind=kind, nth=2))
        done = play.run()
        assert (done.published, done.failed, done.stopped) == (3, 0, None)
        check(play, 3)


def test_pictures_and_threads_arrive(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0") as play:
        play.plan(8, media=2)
        play.sandbox.faults.add(Fault(kind=K.COMMIT_DROP, nth=3))
        play.sandbox.faults.add(Fault(kind=K.COMMIT_DROP, on="POST /api/v2/media", nth=4))
        assert play.run().published == 8
        check(play, 8)


def test_no_window_is_overrun_by_our_own_doing(ledger: Ledger) -> None:
    with rehearsal(ledger, "mastodon", "4.5.0", limits=True) as play:
        play.plan(64, media=1)
        start = play.time.now()
        assert play.run().published == 64
        assert not [status for _, _, status in play.sandbox.state.requests if status == 429]
        assert (play.time.now() - start).total_seconds() < 3700
        check(play, 64)


@pytest.mark.parametrize(("profile", "version"), SERVERS)
def test_what_its_owner_deleted_is_put_back_once(ledger: Ledger, profile: str, version: str | None) -> None:
    with rehearsal(ledger, profile, version) as play:
        play.plan(6, media=1 if profile == "pixelfed" else 0)
        play.run()
        rows = list(ledger.queue.published(play.publisher.account))
        for row in rows[1:4:2]:  # one on its own, and one that is the last of its thread
            play.publisher.withdraw(row.remote_id or "")
        found = verify(play.ports(), Terms(), repair=True)
        gone = [each.remote_id for each in found.of("missing")]
        assert gone == [rows[1].remote_id, rows[3].remote_id]
        ledger.queue.send_again(play.publisher.account, gone, now=play.time.now())
        assert play.run().published == 2
        check(play, 6)
        assert play.run().published == 0


@pytest.mark.parametrize(("profile", "version"), SERVERS)
def test_what_another_tool_has_carried_is_recognised(
    ledger: Ledger, profile: str, version: str | None
) -> None:
    """Its text comes back as the server shows it, and only the rest is sent."""
    words = "We are open again, says @louvre, & the <lace> is back"
    with rehearsal(ledger, profile, version) as play:
        media = 1 if profile == "pixelfed" else 0
        play.stage.record([post(1, text=words, media=media), post(2, media=media), post(3, media=media)])
        for number, text in enumerate([words.replace("@louvre", "@louvre@twitter.com"), "Not ours"], start=1):
            draft = StatusDraft(post_id="x", part=1, parts=1, text=text, length=len(text))
            ids = ()
            if media:
                ref = MediaRef(position=0, type=MediaType.IMAGE, file=f"{number}.png")
                file = Pictures().describe(ref)
                upload = play.publisher.upload(file, lambda ref=ref: Pictures().open(ref), description=None)
                ids = (upload.remote_id,)
            play.publisher.publish(draft, Addressed(text=text, media=ids), key=f"key {number}")
        seen = recognise(play.ports(), Terms(), [SOURCE])
        assert [(each.candidate.post_id, each.by) for each in seen.matches] == [("1001", "text")]
        assert (seen.doubts, seen.foreign) == ((), 1)
        account, limits = play.publisher.account, play.publisher.limits()
        found = [found_of(match) for match in seen.matches]
        at = play.time.now()
        enter(ledger, Wish(limits=limits), found, account=account, owner=play.stage.owner(), now=at)
        actions = actions_of(propose(ledger, SOURCE, Wish(limits=limits), destination=account))
        ledger.queue.apply(actions, destination=account, source=SOURCE, now=at)
        assert play.run().published == 2
        found_now = verify(play.ports(), Terms())
        assert (found_now.present, found_now.findings, found_now.foreign) == (3, (), 1)
