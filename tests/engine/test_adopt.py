"""What another tool has carried is taken over, and never sent from here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.adoption import Carried, Standing, Told
from bridge.engine.adopt import Target, check, enter, found_of, recognise, sift
from bridge.engine.propose import Wish
from bridge.engine.terms import Terms
from bridge.engine.verify import verify
from bridge.errors import Locked
from bridge.ledger import Ledger
from bridge.ledger.adoptions import Adopted, Fate
from bridge.posts import Post, Reference, Span, SpanKind
from bridge.publications import State
from bridge.publishers.base import Receipt
from bridge.statuses import Window
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FIRST, FREE, NOW, SOURCE, Stage, post

HERE = Target(account=ACCOUNT, hosts=frozenset({"memory.example"}))
WORDS = "The west wing is open again, with two new rooms"


def carried(*pairs: tuple[int, str], **more: Any) -> Told:
    return Told(
        tool="a tool",
        carried=tuple(
            Carried(post_id=str(1000 + number), statuses=(Standing(remote_id=remote_id),))
            for number, remote_id in pairs
        ),
        **more,
    )


def foreign(stage: Stage, text: str, **more: Any) -> Receipt:
    """A status that another tool has written."""
    remote_id = stage.server._next_id()
    facts = {
        "created_at": NOW - timedelta(days=100),
        "url": f"https://memory.example/@me/{remote_id}",
        **more,
    }
    receipt = Receipt(remote_id=remote_id, text=text, visibility="public", **facts)
    stage.server.statuses.append(receipt)
    return receipt


def adopt(stage: Stage, told: Told, *, checked: bool = False) -> list[Adopted]:
    sifted = sift(stage.ledger, told, HERE, [SOURCE])
    if checked:
        sifted = check(stage.ports(), Terms(), sifted)
    return enter_all(stage, sifted.found)


def enter_all(stage: Stage, found: Any) -> list[Adopted]:
    return enter(
        stage.ledger, Wish(limits=FREE), found, account=ACCOUNT, owner=stage.owner(), now=stage.time.now()
    )


def test_only_the_rest_is_sent_and_threads_go_on_below(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.record([post(1), post(2, answers=1), post(3)])
    first = foreign(stage, "Post 1, as another tool put it")
    adopt(stage, carried((1, first.remote_id)))
    stage.plan()
    assert stage.run().published == 2
    assert stage.texts[1:] == ["Post 2", "Post 3"]
    assert stage.server.statuses[1].in_reply_to_id == first.remote_id
    assert ledger.queue.counts(ACCOUNT)[State.PUBLISHED] == 3
    found = verify(stage.ports(), Terms())
    assert (found.present, found.findings) == (3, ())


def test_what_was_planned_before_is_not_sent_either(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, text=WORDS * 20), post(2)])
    assert ledger.queue.counts(ACCOUNT)[State.APPROVED] > 2
    adopt(stage, carried((1, foreign(stage, WORDS).remote_id)))
    stage.plan()
    assert stage.run().published == 1
    assert stage.texts == [WORDS, "Post 2"]


def test_what_is_not_wanted_now_is_adopted_all_the_same(ledger: Ledger) -> None:
    """A later selection may want it."""
    stage = Stage(ledger)
    answer = replace(post(1, text="@louvre Thank you"), reply_to=Reference(id="5", author_id="9"))
    stage.record([answer])
    [done] = adopt(stage, carried((1, "77")))
    assert done.fate is Fate.ADOPTED


def test_links_and_quotes_lead_to_what_was_adopted(ledger: Ledger) -> None:
    stage = Stage(ledger, replace(FREE, quotes=True))
    link = "https://twitter.com/museum/status/1001"
    span = Span(start=4, end=4 + len(link), kind=SpanKind.LINK, target=link, post_id="1001")
    stage.record([
        post(1),
        replace(post(2, text=f"See {link}"), spans=(span,)),
        replace(post(3, text="As we said"), quote=Reference(id="1001", url=link)),
    ])  # fmt: skip
    first = foreign(stage, "Post 1")
    adopt(stage, carried((1, first.remote_id)), checked=True)
    stage.plan(wish=Wish(limits=stage.server.limits()))
    assert stage.run().published == 2
    _, linking, quoting = stage.server.statuses
    assert first.url is not None
    assert first.url in (linking.text or "")
    assert quoting.quote_id == first.remote_id


def test_an_address_that_no_map_has_told_is_asked_for_when_it_is_needed(ledger: Ledger) -> None:
    stage = Stage(ledger)
    link = "https://twitter.com/museum/status/1001"
    span = Span(start=4, end=4 + len(link), kind=SpanKind.LINK, target=link, post_id="1001")
    linking = replace(post(2, text=f"See {link}"), spans=(span,))
    stage.record([post(1), linking, replace(linking, id="1003"), post(4)])
    first = foreign(stage, "Post 1")
    adopt(stage, carried((1, first.remote_id), (4, "99")))
    assert ledger.queue.remote(ACCOUNT, SOURCE, "1001") == (first.remote_id, None)
    stage.plan()
    assert stage.run().published == 2
    assert [first.url in (each.text or "") for each in stage.server.statuses[1:]] == [True, True]
    assert ledger.queue.remote(ACCOUNT, SOURCE, "1001") == (first.remote_id, first.url)


def test_a_map_is_held_against_what_is_imported(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.record(
        [post(1), post(2, text="Read this https://t.co/x"), replace(post(4), edit_ids=("1003", "1004"))]
    )
    told = carried((1, "71"), (3, "73"), (9, "79"), texts=("Read this https://example.org", "Who knows"))
    bluesky = Carried(post_id="1002", statuses=(Standing(remote_id="x"),), place="Bluesky")
    here = Carried(post_id="1002", statuses=(Standing(remote_id="72"),), place="memory.example")
    sifted = sift(ledger, replace(told, carried=(*told.carried, bluesky, here)), HERE, [SOURCE])
    assert {each.post_id: [one.remote_id for one in each.statuses] for each in sifted.found} == {
        "1001": ["71"],
        "1004": ["73"],
        "1002": [],
    }
    assert (sifted.unknown, sifted.elsewhere, sifted.unmatched) == (("1009",), {"Bluesky": 1}, 1)


def test_texts_without_ids_put_their_posts_aside_until_the_account_shows_them(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, text=WORDS), post(2)])
    foreign(stage, WORDS)
    [done] = adopt(stage, Told(tool="a tool", texts=(WORDS,)))
    assert done.fate is Fate.PUT_ASIDE
    stage.plan()
    assert stage.run().published == 1
    seen = recognise(stage.ports(), Terms(), [SOURCE])
    [done] = enter_all(stage, [found_of(match) for match in seen.matches])
    assert (done.post_id, done.fate) == ("1001", Fate.ADOPTED)


def test_what_the_account_does_not_have_is_not_adopted(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.record([post(1), post(2)])
    there = foreign(stage, "Post 1")
    sifted = sift(ledger, carried((1, there.remote_id), (2, "99")), HERE, [SOURCE])
    checked = check(stage.ports(), Terms(), sifted)
    assert [each.post_id for each in checked.missing] == ["1002"]
    enter_all(stage, checked.found)
    [row] = ledger.queue.deliveries(SOURCE, "1001")
    assert (row.remote_url, row.published_at) == (there.url, there.created_at)
    assert ledger.queue.deliveries(SOURCE, "1002") == []


def test_the_account_shows_what_was_carried(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, text=WORDS), post(2), post(3), post(4, text="Good morning")])
    mine = foreign(stage, WORDS + " https://t.co/abc")
    live = foreign(stage, "Post 2", created_at=FIRST + timedelta(minutes=3))
    foreign(stage, "Good morning")
    foreign(stage, "Nothing to do with it")
    foreign(stage, "Post 3", reblog=True)
    seen = recognise(stage.ports(), Terms(), [SOURCE])
    assert [(each.candidate.post_id, each.receipt.remote_id, each.by) for each in seen.matches] == [
        ("1002", live.remote_id, "text and date"),
        ("1001", mine.remote_id, "text"),
    ]
    assert [each.candidates[0].post_id for each in seen.doubts] == ["1004"]
    assert seen.foreign == 1
    assert ledger.queue.counts(ACCOUNT)[State.PUBLISHED] == 0, "reading changes nothing"
    done = enter_all(stage, [found_of(match) for match in seen.matches])
    assert [each.fate for each in done] == [Fate.ADOPTED, Fate.ADOPTED]
    stage.plan()
    assert stage.run().published == 2
    again = recognise(stage.ports(), Terms(), [SOURCE])
    assert (again.matches, again.doubts) == ((), ())


def test_what_we_published_ourselves_is_no_match(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, text=WORDS), post(2, text=WORDS + ".")])
    stage.run()
    seen = recognise(stage.ports(), Terms(), [SOURCE])
    assert (seen.matches, seen.doubts, seen.foreign) == ((), (), 0)


def test_a_missing_one_is_told_and_sent_again_as_ours(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.record([post(1)])
    foreign(stage, "As another tool put it")
    adopt(stage, carried((1, "1")))
    stage.server.statuses.clear()
    [missing] = verify(stage.ports(), Terms(), repair=True).of("missing")
    assert missing.post_id == "1001"
    ledger.queue.send_again(ACCOUNT, [missing.remote_id], now=stage.time.now())
    stage.plan()
    assert stage.run().published == 1
    assert stage.texts == ["Post 1"]
    assert not any(row.is_adopted for row in ledger.queue.published(ACCOUNT))


def test_an_adopted_thread_is_continued_by_its_last_part(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.record([post(1), post(2, answers=1)])
    parts = [foreign(stage, f"Part {n}") for n in (1, 2, 3)]
    statuses = tuple(Standing(remote_id=each.remote_id) for each in parts)
    adopt(stage, Told(tool="a tool", carried=(Carried(post_id="1001", statuses=statuses),)))
    stage.plan()
    stage.run()
    assert stage.server.statuses[-1].in_reply_to_id == parts[-1].remote_id
    rows = {row.draft.part: row for row in ledger.queue.published(ACCOUNT) if row.post_id == "1001"}
    assert rows[3].draft.text == ""


def test_nothing_is_adopted_below_a_run(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.record([post(1)])
    ledger.queue.hold(ACCOUNT, owner=stage.owner(), now=NOW, seconds=600)
    stage.lives += 1
    with pytest.raises(Locked):
        adopt(stage, carried((1, "71")))
    with pytest.raises(Locked):
        recognise(stage.ports(), Terms(), [SOURCE])


def test_reading_keeps_to_the_window_for_paging(ledger: Ledger) -> None:
    stage = Stage(ledger, replace(FREE, windows=(Window(name="paging", limit=2, seconds=900),)))
    stage.record([post(n) for n in range(1, 131)])
    for number in range(1, 131):
        foreign(stage, f"Post {number}", created_at=FIRST + timedelta(minutes=number))
    assert len(recognise(stage.ports(), Terms(), [SOURCE]).matches) == 130
    assert stage.time.now() - NOW >= timedelta(minutes=15)


def test_the_draft_is_what_a_plan_would_have_made(ledger: Ledger) -> None:
    stage = Stage(ledger)
    posts: list[Post] = [post(1, text=WORDS * 20)]
    stage.record(posts)
    adopt(stage, carried((1, "71")))
    [row] = ledger.queue.published(ACCOUNT)
    assert row.draft.text.startswith(WORDS)
    assert (row.draft.part, row.draft.in_reply_to) == (1, None)
