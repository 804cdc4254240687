"""What became of posts, what people decide, uploads, and runs."""

from __future__ import annotations

from datetime import timedelta

from bridge.ledger import Ledger
from bridge.planning import Publish
from bridge.publications import State
from bridge.statuses import Boost, StatusRef
from tests.changes import replace
from tests.ledger.builders import ACCOUNT, OTHER, SOURCE, T0, draft, hold, plan, publish, receipt

LATER = T0 + timedelta(hours=1)


def send(ledger: Ledger, *outcomes: State) -> None:
    held = hold(ledger)
    for outcome in outcomes:
        row = ledger.queue.claim(held, now=T0)
        assert row is not None
        got = receipt(f"r{row.post_id}") if outcome is State.PUBLISHED else None
        ledger.queue.settle(row, outcome, now=LATER, receipt=got, error=None if got else "422: no")
    ledger.queue.release(held)


def test_the_history_of_a_post(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    send(ledger, State.FAILED)
    [delivery] = ledger.queue.deliveries(SOURCE, "1")
    assert (delivery.state, delivery.error, delivery.attempts, delivery.created_at) == (
        State.FAILED,
        "422: no",
        1,
        T0,
    )
    run = ledger.runs.start("retry", version="1", config_digest=None, now=LATER)
    assert ledger.queue.retry(ACCOUNT, posts=[(SOURCE, "1")], now=LATER, run=run) == 1
    send(ledger, State.PUBLISHED)
    [delivery] = ledger.queue.deliveries(SOURCE, "1")
    assert (delivery.remote_id, delivery.published_at, delivery.error, delivery.attempts) == (
        "r1",
        LATER,
        None,
        1,
    )
    events = ledger.queue.events(SOURCE, "1")
    assert [(e.before, e.after, e.actor, e.run) for e in events] == [
        (None, "approved", "plan", None),
        ("approved", "publishing", "delivery", None),
        ("publishing", "failed", "delivery", None),
        ("failed", "approved", "user", run),
        ("approved", "publishing", "delivery", None),
        ("publishing", "published", "delivery", None),
    ]
    assert [e.detail for e in events][2] == "422: no"


def test_failures_in_order_and_back_in_line(ledger: Ledger) -> None:
    plan(ledger, *(publish(str(n)) for n in range(1, 5)))
    send(ledger, State.FAILED, State.PUBLISHED, State.FAILED)
    assert [d.post_id for d in ledger.queue.failed(ACCOUNT)] == ["1", "3"]
    assert [d.post_id for d in ledger.queue.failed(ACCOUNT, limit=1)] == ["1"]
    assert ledger.queue.skip(ACCOUNT, [(SOURCE, "1"), (SOURCE, "2")], reason="enough", now=LATER) == 1
    assert ledger.queue.retry(ACCOUNT, now=LATER) == 1
    counts = ledger.queue.counts(ACCOUNT)
    assert (counts[State.SKIPPED], counts[State.PUBLISHED], counts[State.APPROVED]) == (1, 1, 2)


def test_what_stands_at_the_account(ledger: Ledger) -> None:
    plan(ledger, *(publish(str(n)) for n in range(1, 4)))
    send(ledger, State.PUBLISHED, State.PUBLISHED)
    published = list(ledger.queue.published(ACCOUNT))
    assert [(row.post_id, row.remote_id, row.published_digest is not None) for row in published] == [
        ("1", "r1", True),
        ("2", "r2", True),
    ]
    assert ledger.queue.known_remote_ids(ACCOUNT, ["r1", "r9"]) == {"r1"}
    assert ledger.queue.known_remote_ids(OTHER, ["r1"]) == set()
    assert ledger.queue.remote(ACCOUNT, SOURCE, "3") is None


def test_uploads_are_remembered_by_file_and_description_until_they_expire(ledger: Ledger) -> None:
    ledger.queue.open_destination(ACCOUNT, now=T0)

    def save(remote_id: str, description: str | None, *, ready: bool = True) -> None:
        ledger.queue.save_upload(
            ACCOUNT,
            sha256="a" * 64,
            description=description,
            remote_id=remote_id,
            ready=ready,
            now=T0,
            expires_at=LATER,
            recipe="1f",
        )

    save("1", None, ready=False)
    save("2", "a cat")
    save("3", None)
    found = ledger.queue.upload_of(ACCOUNT, "a" * 64, None, now=T0)
    assert found is not None
    assert (found.remote_id, found.ready, found.expires_at, found.recipe) == ("3", True, LATER, "1f")
    assert ledger.queue.upload_of(ACCOUNT, "a" * 64, None, now=LATER) is None
    assert ledger.queue.upload_of(ACCOUNT, "a" * 64, None) == found, "what was sent may still be asked for"
    assert ledger.queue.forget_uploads(ACCOUNT, ["2", "9"]) == 1
    assert ledger.queue.upload_of(ACCOUNT, "a" * 64, "a cat") is None


def test_what_a_status_takes_is_forgotten_with_its_receipt(ledger: Ledger) -> None:
    plan(ledger, publish("1"))
    ledger.queue.save_upload(ACCOUNT, sha256="a" * 64, description=None, remote_id="m1", ready=True, now=T0)
    claimed = ledger.queue.claim(hold(ledger), now=T0)
    assert claimed is not None
    assert ledger.queue.settle(claimed, State.PUBLISHED, now=T0, receipt=receipt("r1"), media=["m1"])
    assert ledger.queue.upload_of(ACCOUNT, "a" * 64, None) is None


def test_runs(ledger: Ledger) -> None:
    assert ledger.runs.last() is None
    first = ledger.runs.start("import", version="1.0", config_digest="d", now=T0)
    ledger.runs.start("publish", version="1.0", config_digest=None, now=LATER)
    ledger.runs.finish(first, now=LATER, outcome="done")
    last, imported = ledger.runs.last(), ledger.runs.last("import")
    assert last is not None
    assert imported is not None
    assert (last.command, last.finished_at) == ("publish", None)
    assert (imported.id, imported.outcome, imported.started_at, imported.finished_at) == (
        first,
        "done",
        T0,
        LATER,
    )


def test_what_is_beside_the_parts_of_a_post_is_no_part_of_it(ledger: Ledger) -> None:
    """A correction (part -1) and a boost of another year (part -2026): no plan of the post knows them."""
    boost = replace(draft("1", -2026), boost=Boost(source=SOURCE, post_id="1"))
    later = Publish(draft=boost, source=SOURCE, sort_key="~")
    plan(ledger, publish("1"), publish("1", -1, reply_to=StatusRef(post_id="1")), later)
    send(ledger, State.PUBLISHED)
    held = hold(ledger)
    for number in ("c", "b"):
        row = ledger.queue.claim(held, now=LATER)
        assert row is not None
        got = replace(receipt(number), reblog=row.draft.boost is not None)
        ledger.queue.settle(row, State.PUBLISHED, now=LATER, receipt=got)
    ledger.queue.release(held)
    queue = ledger.queue
    assert [known.part for known in queue.known(ACCOUNT, SOURCE, ["1"])["1"]] == [1]
    assert [each.row.draft.part for each in queue.standing(ACCOUNT, SOURCE, ["1"])["1"]] == [1]
    whole = queue.standing(ACCOUNT, SOURCE, ["1"], corrections=True)["1"]
    assert sorted(each.row.draft.part for each in whole) == [-1, 1]
    assert [row.draft.part for row in queue.corrections(ACCOUNT, SOURCE, ["1"])["1"]] == [-1]
    assert [(place.destination, place.remote_id) for place in queue.places(boost.boost)] == [(ACCOUNT, "r1")]
    assert queue.states(SOURCE, "1") == {State.PUBLISHED}
    boosted = queue.published_as(ACCOUNT, "b")
    assert boosted is not None
    assert boosted.is_boost
    assert {each.part: each.kind for each in queue.placed(ACCOUNT)} == {
        1: "status",
        -1: "status",
        -2026: "boost",
    }
