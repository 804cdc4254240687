"""One proposal for preview and publish: order, decisions, replies, and a digest that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bridge.engine.collect import collect
from bridge.engine.propose import Decision, Proposed, Wish, actions_of, propose, stamp
from bridge.engine.tally import Tally, document
from bridge.engine.terms import Terms
from bridge.ledger import Ledger, open_ledger
from bridge.pacing import Budget, Pace
from bridge.planning import Keep
from bridge.posts import Audience, Author, Kind, Post
from bridge.publications import State
from bridge.publishers.memory import Fault
from bridge.rendering import RenderOptions
from bridge.rendering.options import LinkMap
from bridge.selection import Rules
from bridge.sources.base import Notice, Page, Reject, Summary
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FREE, NOW, SOURCE, Stage, post

WISH = Wish(limits=FREE)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


def proposals(ledger: Ledger, wish: Wish = WISH, *, listing: bool = False) -> list[Proposed]:
    return list(propose(ledger, SOURCE, wish, destination=ACCOUNT, listing=listing))


def tallied(ledger: Ledger, wish: Wish = WISH, *, listing: bool = False) -> Tally:
    tally = Tally()
    for each in proposals(ledger, wish, listing=listing):
        tally.add(each)
    return tally


def test_what_is_left_out_stands_where_it_would_have_stood(ledger: Ledger) -> None:
    stage = Stage(ledger)
    retweet = replace(post(2), kind=Kind.RETWEET)
    circle = replace(post(5), audience=Audience.CIRCLE)
    stage.record([post(1), retweet, post(3), post(4, answers=1), circle])
    listed = proposals(ledger, listing=True)
    assert [(p.post_id, p.decision, p.reason) for p in listed] == [
        ("1001", Decision.PUBLISH, None),
        ("1004", Decision.PUBLISH, None),
        ("1002", Decision.SKIP, "retweet"),
        ("1003", Decision.PUBLISH, None),
        ("1005", Decision.SKIP, "circle"),
    ]
    assert tallied(ledger).skipped == {"retweet": 1, "circle": 1}


def test_an_answer_follows_the_last_part_of_its_parent(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, text="many words " * 100), post(2, answers=1), post(3, answers=2)])
    first, second, _ = proposals(ledger)
    assert first.rendering is not None
    assert second.rendering is not None
    parts = len(first.rendering.drafts)
    assert parts > 1
    assert second.rendering.drafts[0].in_reply_to == replace(
        first.rendering.drafts[-1].in_reply_to, part=parts
    )
    stage.run(Terms(pace=Pace(max_posts=parts)))
    assert proposals(ledger)[1].rendering == second.rendering
    stage.run()
    assert stage.server.statuses[-2].in_reply_to_id == stage.server.statuses[-3].remote_id


def test_applying_a_plan_leaves_nothing_to_do(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2, answers=1), post(3, media=2)])
    assert list(actions_of(proposals(ledger))) == []
    assert all(isinstance(action, Keep) for p in proposals(ledger) for action in p.actions)


def test_the_digest_stands_still_while_publishing(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.record([post(n, answers=n - 1 if n % 3 == 0 else None) for n in range(1, 10)])
    before = tallied(ledger)
    assert tallied(ledger, listing=True).digest == before.digest
    stage.plan()
    assert tallied(ledger).digest == before.digest
    stage.server.faults.extend([None, Fault.REFUSED])
    stage.run(Terms(pace=Pace(max_posts=4)))
    during = tallied(ledger, listing=True)
    assert during.digest == before.digest
    stage.run()
    assert tallied(ledger).digest == before.digest
    stage.record([replace(post(20), text="New")])
    assert tallied(ledger).digest != before.digest


def test_the_figures_count_what_is_left(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1, media=2), post(2, answers=1), post(3), post(4)])
    fresh = tallied(ledger)
    assert (fresh.posts, fresh.statuses, fresh.threads, fresh.media, fresh.already) == (4, 4, 1, 2, 0)
    stage.run(Terms(pace=Pace(max_posts=3)))
    later = tallied(ledger, listing=True)
    assert (later.posts, later.statuses, later.already, later.already_posts) == (1, 1, 3, 3)
    assert later.needs == [0]


def test_a_narrower_wish_puts_aside_and_a_wider_one_brings_back(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(n) for n in range(1, 5)])
    narrow = replace(WISH, rules=Rules(since=post(3).created_at))
    stage.plan(wish=narrow)
    counts = ledger.queue.counts(ACCOUNT)
    assert (counts[State.APPROVED], counts[State.SKIPPED]) == (2, 2)
    stage.plan()
    assert ledger.queue.counts(ACCOUNT)[State.APPROVED] == 4
    ledger.queue.skip(ACCOUNT, [(SOURCE, "1001")], reason="a person's no", now=NOW)
    stage.plan()
    assert ledger.queue.counts(ACCOUNT)[State.APPROVED] == 3
    assert proposals(ledger)[0].decision is Decision.SKIP


def test_a_changed_wish_renders_anew_what_has_not_left(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.plan([post(1), post(2)])
    stage.run(Terms(pace=Pace(max_posts=1)))
    stage.plan(wish=replace(WISH, options=RenderOptions(date_stamp="none")))
    stage.run()
    assert [receipt.text for receipt in stage.server.statuses][1] == "Post 2"
    assert "2012" in (stage.server.statuses[0].text or "")


def test_with_review_everything_waits_for_a_person(ledger: Ledger) -> None:
    stage = Stage(ledger)
    wish = replace(WISH, approve=False)
    stage.plan([post(1), post(2)], wish)
    assert stage.run().published == 0
    assert [(p.decision, p.reason) for p in proposals(ledger, wish)] == [(Decision.HOLD, "review")] * 2
    ledger.queue.approve(ACCOUNT, [(SOURCE, "1001")], now=NOW)
    assert [p.decision for p in proposals(ledger, wish)] == [Decision.PUBLISH, Decision.HOLD]
    stage.plan(wish=wish)
    assert stage.run().published == 1


def test_a_limit_takes_whole_threads_and_the_same_ones_again(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.record([post(1), post(2, answers=1), post(3), post(4)])
    wish = replace(WISH, rules=Rules(limit=3))
    stage.plan(wish=wish)
    stage.run()
    stage.plan(wish=wish)
    assert stage.run().published == 0
    assert len(stage.server.statuses) == 3


def test_the_stamp_names_all_that_matters(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.record([post(1)])
    now = stamp(ledger, SOURCE, WISH)
    assert stamp(ledger, SOURCE, Wish(limits=FREE)) == now
    others = (
        replace(WISH, rules=Rules(limit=1)),
        replace(WISH, rules=Rules(ids=frozenset({"1", "2"}))),
        replace(WISH, options=RenderOptions(locale="fr")),
        replace(WISH, handles={"@a": "@a@b.example"}),
        replace(WISH, links=LinkMap(final={"https://t.co/a": "https://b.example/"})),
        replace(WISH, limits=replace(FREE, max_characters=499)),
    )
    assert len({stamp(ledger, SOURCE, each) for each in others} | {now}) == 7
    stage.record([post(2)])
    assert stamp(ledger, SOURCE, WISH) != now


def test_the_document_has_its_keys(ledger: Ledger) -> None:
    stage = Stage(ledger)
    stage.record([post(1, media=1), replace(post(2), kind=Kind.RETWEET)])
    tally = tallied(ledger)
    data = document(tally, tally.schedule(NOW, Budget(), FREE), None, ledger.posts.counts(SOURCE))
    assert list(data["source"]["by_kind"]) == [
        "original", "thread", "reply", "retweet", "quote", "community", "circle", "deleted",
    ]  # fmt: skip
    assert data["publish"] == {"posts": 1, "statuses": 1, "threads": 0, "media": 1, "bytes": 0}
    assert data["skip"] == [
        {"reason": "retweet", "posts": 1, "option": "--kind original,thread,quote,retweet"}
    ]
    assert data["schedule"]["start"] == "2024-05-01T12:00:00Z"
    assert data["schedule"]["bound"] == "none"


class Pages:
    """A source of two pages."""

    account = SOURCE
    stream = None
    owner = Author(id="1", handle="museum")

    def summary(self) -> Summary:
        return Summary(name="a.zip", owner=self.owner, era="Y2")

    def pages(self, cursor: str | None = None) -> list[Page]:
        reject = Reject(place="data/tweets.js, item 3", reason="has no id")
        return [
            Page(posts=(post(1), post(2)), rejects=(reject,)),
            Page(posts=(post(3),), notices=(Notice(code="X", message="x"),), tombstones=("1003",)),
        ]

    def merge(self, known: Post, new: Post) -> Post:
        return new


def test_the_date_is_stamped_in_the_language_of_the_account(ledger: Ledger) -> None:
    class French(Pages):
        def pages(self, cursor: str | None = None) -> list[Page]:
            posts = (replace(post(n), language=code) for n, code in ((1, "fr"), (2, "en"), (3, "fr")))
            return [Page(posts=tuple(posts))]

    collect(ledger, French(), now=NOW)
    drafts = [d.text for p in proposals(ledger) if p.rendering for d in p.rendering.drafts]
    assert len(drafts) == 3
    assert all("4 mars 2012" in text for text in drafts)
    before = stamp(ledger, SOURCE, WISH)
    ledger.posts.save_language(SOURCE, "en")
    assert stamp(ledger, SOURCE, WISH) != before


def test_collecting_counts_and_tells_as_it_goes(ledger: Ledger) -> None:
    told: list[int] = []
    first = collect(ledger, Pages(), now=NOW, progress=lambda so_far: told.append(so_far.read))
    assert told == [2, 3]
    assert (first.recorded.new, first.recorded.rejected, first.tombstones) == (3, 1, 1)
    assert [notice.code for notice in first.notices] == ["X"]
    again = collect(ledger, Pages(), now=NOW + timedelta(days=1))
    assert (again.recorded.new, again.recorded.unchanged) == (0, 3)
    assert [row.name for row in ledger.posts.sources()] == ["a.zip"]
    gone = [p.post_id for p in propose(ledger, SOURCE, WISH) if p.decision is Decision.SKIP]
    assert gone == ["1003"]
