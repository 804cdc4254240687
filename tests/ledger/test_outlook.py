"""How much is to come is known without reading all of it."""

from __future__ import annotations

from datetime import timedelta

from bridge.ledger import Ledger
from bridge.planning import Publish
from bridge.posts import MediaType
from bridge.statuses import MediaRef
from tests.changes import replace
from tests.ledger.builders import ACCOUNT, T0, plan, publish, thread


def carrying(action: Publish, files: int, *, missing: int = 0) -> Publish:
    media = tuple(
        MediaRef(position=n, type=MediaType.IMAGE, file=f"{n}.png" if n < files else None)
        for n in range(files + missing)
    )
    return replace(action, draft=replace(action.draft, media=media))


def test_media_are_counted_in_the_order_of_publication(ledger: Ledger) -> None:
    sly = 'He said "file":"x.png" and "media":[{'
    plan(
        ledger,
        carrying(publish("1"), 2),
        *thread("2", "3"),
        publish("4", text=sly),
        carrying(publish("5"), 1, missing=2),
        carrying(publish("6", approve=False), 4),
    )
    assert ledger.queue.media_waiting(ACCOUNT) == [2, 0, 0, 0, 1]
    assert [row.post_id for row in ledger.queue.upcoming(ACCOUNT, limit=10)] == ["1", "5"]
    assert [row.post_id for row in ledger.queue.upcoming(ACCOUNT, limit=4)] == ["1"]


def test_a_sample_keeps_the_share_of_posts_with_a_rhythm(ledger: Ledger) -> None:
    """Every tenth post has media, and one in ten is looked at."""
    plan(ledger, *(carrying(publish(str(n)), 1 if n % 10 == 0 else 0) for n in range(1, 3001)))
    sample = ledger.queue.media_waiting(ACCOUNT, step=10)
    assert 250 <= len(sample) <= 350
    assert 0.05 <= sum(sample) / len(sample) <= 0.15


def test_what_is_held_is_told_by_its_reason(ledger: Ledger) -> None:
    held = [replace(publish(n, approve=False), reason=why) for n, why in (("1", "boost"), ("2", "alt"))]
    plan(ledger, *held, publish("3"))
    assert ledger.queue.held_for(ACCOUNT, {"boost", "parent"}) == 1
    assert ledger.queue.held_for(ACCOUNT, {"boost", "alt"}) == 2


def test_uploads_count_as_long_as_the_server_keeps_them(ledger: Ledger) -> None:
    ledger.queue.open_destination(ACCOUNT, now=T0)
    for name, expires in (("a", None), ("b", T0 + timedelta(hours=1)), ("c", T0 + timedelta(hours=9))):
        ledger.queue.save_upload(
            ACCOUNT,
            sha256=name * 64,
            description=None,
            remote_id=name,
            ready=False,
            now=T0,
            expires_at=expires,
        )
    assert ledger.queue.uploads_standing(ACCOUNT, now=T0) == 3
    assert ledger.queue.uploads_standing(ACCOUNT, now=T0 + timedelta(hours=2)) == 2
    ledger.queue.upload_is_ready(ACCOUNT, "c")
    ready = ledger.queue.upload_of(ACCOUNT, "c" * 64, None)
    other = ledger.queue.upload_of(ACCOUNT, "a" * 64, None)
    assert ready is not None
    assert other is not None
    assert (ready.ready, ready.uploaded_at, other.ready) == (True, T0, False)
