"""Media on their way: once, in time, and without holding up what does not need them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.engine.forecast import forecast
from bridge.engine.terms import Terms
from bridge.errors import Deferred, MediaError
from bridge.ledger import Ledger
from bridge.pacing import Budget, Keeping, Need, Pace, simulate
from bridge.posts import SpanKind
from bridge.publishers.base import Addressed, Receipt, Upload
from bridge.publishers.memory import Fault
from bridge.statuses import StatusDraft, Window
from tests.changes import replace
from tests.engine.stage import FREE, NOW, Crash, Stage, post


def test_pictures_go_along_with_their_descriptions(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, media=3)])
    stage.run()
    assert len(stage.server.statuses[0].media_ids) == 3
    assert stage.server.uploads == {}


def test_a_missing_file_is_left_out_and_said(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, media=2), post(2, text="", media=1)])
    stage.files.missing = {"m/1-0.png"}
    done = stage.run()
    assert (done.published, len(stage.server.statuses[0].media_ids)) == (2, 1)
    assert stage.notes.codes == ["MEDIA_SKIPPED"]


def test_a_post_of_which_nothing_is_left_fails(ledger: Ledger) -> None:
    from bridge.engine.propose import Wish
    from bridge.rendering import RenderOptions

    stage = Stage(ledger)
    bare = Wish(limits=FREE, options=RenderOptions(date_stamp="none"))
    stage.plan([post(1, text="", media=1), post(2)], bare)
    stage.files.missing = {"m/1-0.png"}
    done = stage.run()
    assert (done.failed, done.published) == (1, 1)
    assert "Nothing is left" in stage.notes.failures[0][1]


@pytest.mark.parametrize("accident", [Fault.LOST_BEFORE, Fault.LOST_AFTER, "before", "after"])
def test_an_accident_uploads_nothing_twice(ledger: Ledger, accident: Fault | str) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, media=2)])
    if isinstance(accident, Fault):
        stage.server.faults.append(accident)
        stage.run()
    else:
        stage.server.crashes = [accident]
        with pytest.raises(Crash):
            stage.run()
        stage.restart()
        stage.run()
    assert len(stage.server.statuses) == 1
    assert len(stage.server.statuses[0].media_ids) == 2
    assert stage.server.uploads == {}
    assert stage.server._serial == 3  # two uploads and one status


def test_what_the_server_deleted_unattached_is_uploaded_again(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, media=1)])
    stage.server.crashes = ["before"]
    with pytest.raises(Crash):
        stage.run()
    stage.server.uploads.clear()
    stage.restart()
    stage.run()
    assert len(stage.server.statuses[0].media_ids) == 1


def test_a_medium_that_is_being_processed_is_waited_for(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, media=1)])
    upload, asked = stage.server.upload, []

    def slow(*args: object, **kwargs: object) -> Upload:
        return replace(upload(*args, **kwargs), ready=False)  # type: ignore[arg-type]

    def look(remote_id: str) -> Upload:
        asked.append(stage.time.now())
        return Upload(remote_id=remote_id, ready=len(asked) >= 4)

    stage.server.upload, stage.server.uploaded = slow, look  # type: ignore[method-assign]
    assert stage.run().published == 1
    assert len(asked) == 4
    stage.plan([post(2, media=1)])
    asked.extend([NOW] * -4)
    stage.server.uploaded = lambda remote_id: Upload(remote_id=remote_id, ready=False)  # type: ignore[method-assign]
    stage.run(Terms(media_wait=60))
    assert stage.notes.codes == ["MEDIA_SKIPPED"]


def test_what_the_server_cannot_use_is_left_out(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, media=1)])

    def refuse(*_: object, **__: object) -> Upload:
        raise MediaError("Validation failed: File content type is invalid")

    stage.server.upload = refuse  # type: ignore[method-assign]
    assert stage.run().published == 1
    assert stage.notes.codes == ["MEDIA_SKIPPED"]


WINDOWS = (
    Window(name="statuses", limit=10, seconds=1_800),
    Window(name="media", limit=5, seconds=300),
)


def test_a_medium_that_the_server_gave_up_late_is_uploaded_anew(ledger: Ledger) -> None:
    """Chaos seeds 0 and 98: it called the upload ready, then said for ever that it was at work on it."""
    stage = Stage(ledger)
    stage.plan([post(1, media=1)])
    server = stage.server
    publish, uploaded, broken = server.publish, server.uploaded, list[str]()

    def late(draft: StatusDraft, addressed: Addressed, *, key: str) -> Receipt:
        broken.extend([] if broken else addressed.media)
        if set(broken) & set(addressed.media):
            raise Deferred("it is still working on the media", sent=True)
        return publish(draft, addressed, key=key)

    def asked(remote_id: str) -> Upload | None:
        if remote_id in broken:
            raise MediaError("it could not be processed")
        return uploaded(remote_id)

    server.publish, server.uploaded = late, asked  # type: ignore[method-assign, assignment]
    stage.run()
    (status,) = server.statuses
    assert len(status.media_ids) == len(broken) == 1
    assert status.media_ids[0] not in broken


def test_uploads_run_ahead_and_the_finish_is_as_foretold(ledger: Ledger) -> None:
    """Text first, pictures at the end: without uploading ahead the media window alone would take longer."""
    limits = replace(FREE, windows=WINDOWS, unattached_seconds=86_400)
    stage = Stage(ledger, limits)
    posts = [post(n, media=4 if n > 25 else 0) for n in range(1, 46)]
    stage.plan(posts)
    budget = Budget.of(WINDOWS)
    needs = [Need(media=len(p.media)) for p in posts]
    foretold = simulate(needs, NOW, budget, seconds_each=0.0, keeping=Keeping(seconds=86_400))
    stage.run()
    took = (stage.time.now() - NOW).total_seconds()
    assert took == pytest.approx(foretold.seconds, rel=0.01)
    alone = simulate(needs, NOW, budget, seconds_each=0.0)
    assert took < 0.85 * alone.seconds
    assert len(stage.server.statuses) == 45
    assert all(len(receipt.media_ids) == 4 for receipt in stage.server.statuses[25:])


def test_text_posts_never_wait_for_the_media_window(ledger: Ledger) -> None:
    stage = Stage(ledger, replace(FREE, windows=(Window(name="media", limit=1, seconds=3600),)))
    stage.plan([post(1, media=1), *(post(n) for n in range(2, 12))])
    stage.run()
    assert stage.time.now() - NOW < timedelta(minutes=1)


def test_the_server_works_on_several_films_at_a_time(ledger: Ledger) -> None:
    """Two minutes each, ten in five minutes: one after the other they would take forty minutes."""
    media = Window(name="media", limit=10, seconds=300)
    stage = Stage(ledger, replace(FREE, windows=(media,), unattached_seconds=86_400))
    stage.plan([post(n, media=1) for n in range(1, 21)])
    upload, ready_at = stage.server.upload, {}

    def slow(*args: object, **kwargs: object) -> Upload:
        found = upload(*args, **kwargs)  # type: ignore[arg-type]
        ready_at[found.remote_id] = stage.time.now() + timedelta(minutes=2)
        return replace(found, ready=False)

    def look(remote_id: str) -> Upload:
        return Upload(remote_id=remote_id, ready=stage.time.now() >= ready_at[remote_id])

    stage.server.upload, stage.server.uploaded = slow, look  # type: ignore[method-assign]
    assert stage.run().published == 20
    assert stage.time.now() - NOW < timedelta(minutes=8)
    assert [len(receipt.media_ids) for receipt in stage.server.statuses] == [1] * 20


def test_an_upload_that_is_put_off_holds_up_no_text(ledger: Ledger) -> None:
    """Another client has used the media window up, as an early upload finds out."""
    windows = (Window(name="statuses", limit=2, seconds=60), Window(name="media", limit=5, seconds=3600))
    stage = Stage(ledger, replace(FREE, windows=windows, unattached_seconds=86_400))
    stage.plan([*(post(n) for n in range(1, 7)), post(7, media=1)])
    upload, until = stage.server.upload, NOW + timedelta(minutes=40)

    def busy(*args: object, **kwargs: object) -> Upload:
        if stage.time.now() < until:
            raise Deferred("Too many requests", until=until, status=429)
        return upload(*args, **kwargs)  # type: ignore[arg-type]

    stage.server.upload = busy  # type: ignore[method-assign]
    assert stage.run().published == 7
    assert stage.server.sent_at[5] - NOW < timedelta(minutes=3)
    assert until <= stage.server.sent_at[6] < until + timedelta(minutes=1)


def test_a_server_that_takes_no_uploads_is_not_besieged(ledger: Ledger) -> None:
    windows = (Window(name="statuses", limit=2, seconds=60),)
    stage = Stage(ledger, replace(FREE, windows=windows, unattached_seconds=86_400))
    stage.plan([*(post(n) for n in range(1, 7)), *(post(n, media=1) for n in range(7, 60))])
    tried = []

    def down(*_: object, **__: object) -> Upload:
        tried.append(stage.time.now())
        raise Deferred("The server cannot be reached.", sent=False)

    stage.server.upload = down  # type: ignore[method-assign]
    done = stage.run()
    assert (done.published, done.stopped) == (6, "temporary")
    assert len(tried) <= 6 + Terms().patience + 1


def test_nothing_is_uploaded_for_posts_beyond_the_limit_of_the_run(ledger: Ledger) -> None:
    windows = (Window(name="statuses", limit=2, seconds=60),)
    stage = Stage(ledger, replace(FREE, windows=windows, unattached_seconds=86_400))
    stage.plan([post(n, media=1) for n in range(1, 30)])
    assert stage.run(Terms(pace=Pace(max_posts=5))).stopped == "max_posts"
    assert stage.server._serial == 10  # five uploads and five statuses


def test_the_rest_is_foretold_with_what_lies_at_the_server_already(ledger: Ledger) -> None:
    limits = replace(FREE, windows=WINDOWS, unattached_seconds=86_400)
    stage = Stage(ledger, limits)
    stage.plan([post(n, media=4 if n > 25 else 0) for n in range(1, 46)])
    asked = []

    def foretell() -> bool:
        if len(stage.server.statuses) == 20 and not asked:
            row = ledger.queue.destination(stage.server.account)
            assert row is not None
            budget = Budget.from_dict(row.budget, WINDOWS)
            asked.append(forecast(ledger.queue, row.account, budget, limits, now=stage.time.now()))
        return False

    stage.run(stop=foretell)
    assert asked[0] is not None
    took = (stage.time.now() - NOW).total_seconds()
    assert (asked[0].finish - NOW).total_seconds() == pytest.approx(took, rel=0.01)
    assert forecast(ledger.queue, stage.server.account, Budget(), limits, now=stage.time.now()) is None


def test_links_to_own_posts_lead_to_their_new_place(ledger: Ledger) -> None:
    from bridge.posts import Span

    stage = Stage(ledger)
    text = "As I said: https://t.co/abc"
    link = Span(
        start=11, end=27, kind=SpanKind.LINK, target="https://twitter.com/museum/status/1001", post_id="1001"
    )
    stage.plan([post(1), replace(post(2, text=text), spans=(link,))])
    stage.run()
    assert stage.server.statuses[0].url in (stage.server.statuses[1].text or "")


def test_an_archive_that_was_moved_is_read_where_it_lies_now(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, media=1)])
    moved = post(1, media=1)
    stage.record([replace(moved, media=tuple(replace(m, container="elsewhere/a.zip") for m in moved.media))])
    stage.plan()
    stage.run()
    assert stage.files.opened == ["elsewhere/a.zip"]
