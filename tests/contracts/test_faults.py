"""Every fault of the practice server: the right error, and `find` tells what has really happened."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from PIL import Image

from bridge.errors import Deferred, MediaError, PublishError, Refused, Unauthorized, Unknown
from bridge.publishers.base import Addressed, MediaFile
from bridge.publishers.check import mismatches
from bridge.publishers.mastodon import MastodonPublisher, connect
from bridge.publishers.servers import profile
from bridge.sandbox.clock import ManualClock
from bridge.sandbox.rules.faults import Fault, FaultKind
from bridge.sandbox.server import Sandbox
from bridge.statuses import StatusDraft

K = FaultKind
DRAFT = StatusDraft(post_id="1", part=1, parts=1, text="only once", length=9)
SAID = Addressed(text=DRAFT.text)
MASTODON = profile("mastodon", "4.5.0")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock, limits=False) as running:
        yield running


@pytest.fixture
def publisher(sandbox: Sandbox, clock: ManualClock) -> Iterator[MastodonPublisher]:
    made = connect(sandbox.base_url, sandbox.token, timeout=5, limits=MASTODON, now=clock.now)
    yield made
    made.close()


def found(publisher: MastodonPublisher, clock: ManualClock, addressed: Addressed = SAID) -> int:
    return len(publisher.find(DRAFT, addressed, since=clock.now() - timedelta(minutes=10)))


DONE = [
    Fault(kind=K.COMMIT_DROP, times=1),
    Fault(kind=K.COMMIT_DROP, times=1, reset=True),
    *(Fault(kind=K.CUT_ANSWER, times=1, bytes=size) for size in (0, 1, 12, 200, 600)),
    Fault(kind=K.CUT_ANSWER, times=1),
    Fault(kind=K.COMMIT_504, times=1),
    Fault(kind=K.COMMIT_500, times=1),
    Fault(kind=K.COMMIT_HTML, times=1),
    Fault(kind=K.COMMIT_GARBAGE, times=1),
]


@pytest.mark.parametrize("fault", DONE, ids=lambda fault: f"{fault.kind}-{fault.bytes}-{fault.reset}")
def test_done_but_nobody_said_so(
    fault: Fault, sandbox: Sandbox, publisher: MastodonPublisher, clock: ManualClock
) -> None:
    sandbox.faults.add(fault)
    with pytest.raises(Unknown):
        publisher.publish(DRAFT, SAID, key="k")
    assert found(publisher, clock) == 1


NOT_DONE: list[tuple[Fault, type[PublishError]]] = [
    (Fault(kind=K.CUT_BEFORE, times=1), Unknown),
    (Fault(kind=K.CUT_REQUEST, times=1, bytes=3), Unknown),
    (Fault(kind=K.ERROR_503, times=1), Unknown),
    (Fault(kind=K.ERROR_502, times=1), Unknown),
    (Fault(kind=K.ERROR_500, times=1), Unknown),
    (Fault(kind=K.HTML_200, times=1), Unknown),
    (Fault(kind=K.MOVED_301, times=1), Unknown),
    (Fault(kind=K.REDIRECT, times=1), Unknown),
    (Fault(kind=K.ERROR_422, times=1), Refused),
    (Fault(kind=K.HTML_429, times=1, seconds=30), Deferred),
    (Fault(kind=K.UNAUTHORIZED, times=1), Unauthorized),
    (Fault(kind=K.FORBIDDEN, times=1), Unauthorized),
]


@pytest.mark.parametrize(("fault", "kind"), NOT_DONE, ids=lambda value: getattr(value, "kind", None))
def test_not_done(
    fault: Fault,
    kind: type[PublishError],
    sandbox: Sandbox,
    publisher: MastodonPublisher,
    clock: ManualClock,
) -> None:
    sandbox.faults.add(fault)
    with pytest.raises(kind) as caught:
        publisher.publish(DRAFT, SAID, key="k")
    assert found(publisher, clock) == 0
    assert sandbox.state.count("POST /api/v1/statuses") <= 1
    if isinstance(caught.value, Deferred):
        assert caught.value.until == clock.now() + timedelta(seconds=30)


def test_an_unreadable_reset_takes_nothing_back(sandbox: Sandbox, publisher: MastodonPublisher) -> None:
    sandbox.faults.add(Fault(kind=K.BAD_RESET))
    assert publisher.publish(DRAFT, SAID, key="k").text == DRAFT.text
    assert publisher.quota is None


def test_a_ghost_is_not_there(sandbox: Sandbox, publisher: MastodonPublisher, clock: ManualClock) -> None:
    sandbox.faults.add(Fault(kind=K.GHOST))
    ghost = publisher.publish(DRAFT, SAID, key="k")
    assert publisher.get(ghost.remote_id) is None
    assert found(publisher, clock) == 0


@pytest.mark.parametrize("seconds", [-7200.0, -90.0, 90.0, 7200.0])
def test_a_clock_that_is_wrong_hides_nothing(
    seconds: float, sandbox: Sandbox, publisher: MastodonPublisher, clock: ManualClock
) -> None:
    sandbox.faults.add(Fault(kind=K.CLOCK_SKEW, on="*", seconds=seconds))
    publisher.publish(DRAFT, SAID, key="k")
    assert len(publisher.find(DRAFT, SAID, since=clock.now())) == 1
    clock.advance(60)
    assert len(publisher.find(DRAFT, SAID, since=clock.now() - timedelta(seconds=60))) == 1


CHANGED = {
    K.WIDER: "VISIBILITY_WIDER",
    K.DROP_REPLY: "REPLY_LOST",
    K.DROP_MEDIA: "MEDIA_LOST",
}


@pytest.mark.parametrize("kind", CHANGED)
def test_what_comes_out_differently_is_seen(
    kind: FaultKind, sandbox: Sandbox, publisher: MastodonPublisher
) -> None:
    parent = publisher.publish(DRAFT, SAID, key="p")
    addressed = Addressed(text=DRAFT.text, reply_to=parent.remote_id, media=(picture(publisher),))
    sandbox.faults.add(Fault(kind=kind))
    receipt = publisher.publish(DRAFT, addressed, key="k")
    codes = [warn.code for warn in mismatches(DRAFT, addressed, receipt, limits=MASTODON)]
    assert codes == [CHANGED[kind]]


def picture(publisher: MastodonPublisher) -> str:
    content = io.BytesIO()
    Image.new("RGB", (4, 4), (9, 9, 9)).save(content, "PNG")
    data = content.getvalue()
    file = MediaFile(
        name="p.png", mime_type="image/png", size=len(data), sha256=hashlib.sha256(data).hexdigest()
    )
    return publisher.upload(file, lambda: io.BytesIO(data), description="grey").remote_id


def test_media_tell_a_lost_status_even_among_its_doubles(
    sandbox: Sandbox, publisher: MastodonPublisher, clock: ManualClock
) -> None:
    first, second = (Addressed(text="", media=(picture(publisher),)) for _ in range(2))
    blank = dataclasses.replace(DRAFT, text="")
    publisher.publish(blank, first, key="k")
    sandbox.faults.add(Fault(kind=K.COMMIT_DROP, times=1))
    with pytest.raises(Unknown):
        publisher.publish(blank, second, key="l")
    (ours,) = publisher.find(blank, second, since=clock.now() - timedelta(minutes=1))
    assert ours.media_ids == second.media
    assert publisher.uploaded(second.media[0]) is None  # attached: another sign


@pytest.mark.parametrize(
    ("kind", "error"), [(K.COMMIT_DROP, Deferred), (K.ERROR_500, Deferred), (K.ERROR_422, MediaError)]
)
def test_uploads_under_faults(
    kind: FaultKind, error: type[Exception], sandbox: Sandbox, publisher: MastodonPublisher
) -> None:
    sandbox.faults.add(Fault(kind=kind, on="POST /api/v2/media", times=1))
    with pytest.raises(error):
        picture(publisher)
    assert publisher.uploaded(picture(publisher)) is not None


def test_a_failed_medium_is_a_matter_of_the_file(sandbox: Sandbox, publisher: MastodonPublisher) -> None:
    sandbox.faults.add(Fault(kind=K.MEDIA_FAILED, on="POST /api/v2/media"))
    remote_id = picture(publisher)
    with pytest.raises(MediaError):
        publisher.uploaded(remote_id)


def test_the_windows_of_mastodon_are_told(clock: ManualClock) -> None:
    with Sandbox(clock=clock) as sandbox:
        publisher = connect(sandbox.base_url, sandbox.token, timeout=5, limits=MASTODON, now=clock.now)
        publisher.publish(DRAFT, SAID, key="k")
        quota = publisher.quota
        assert quota is not None
        assert (quota.limit, quota.remaining) == (300, 299)
        assert quota.reset > clock.now()
        for _ in range(30):
            picture(publisher)
        with pytest.raises(Deferred) as caught:
            picture(publisher)
        assert caught.value.until is not None
        assert timedelta() < caught.value.until - clock.now() <= timedelta(seconds=1802)
        publisher.close()


def test_akkoma_asks_for_patience_without_a_time(clock: ManualClock) -> None:
    limits = profile("akkoma", "3.16.0")
    with Sandbox(profile="akkoma", clock=clock) as sandbox:
        publisher = connect(sandbox.base_url, sandbox.token, timeout=5, limits=limits, now=clock.now)
        for number in range(15):
            publisher.publish(DRAFT, SAID, key=str(number))
        with pytest.raises(Deferred) as caught:
            publisher.publish(DRAFT, SAID, key="one too many")
        assert caught.value.until is None
        publisher.close()
