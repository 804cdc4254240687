"""Edits and deletions at the source come over as the settings say, and no faster than they say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.engine.follow import Follow
from bridge.engine.propose import Wish
from bridge.engine.terms import Terms
from bridge.engine.verify import verify
from bridge.ledger import Ledger, open_ledger
from bridge.publishers.memory import Fault
from bridge.statuses import Window
from tests.changes import replace
from tests.engine.village import LIMITS, Village


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


def village_of(ledger: Ledger, follow: Follow | None = None, *, posts: int = 3) -> Village:
    """Some posts are written and mirrored."""
    village = Village(ledger, "museum")
    home = village.home("museum")
    home.routes = [replace(home.routes[0], follow=follow or Follow())]
    village.begin()
    worker = village.worker()
    for n in range(posts):
        village.accounts["museum"].write(f"post {n}")
        village.time.sleep(5)
    village.run(worker, seconds=600)
    worker.release()
    assert home.texts == [f"post {n}" for n in range(posts)]
    return village


def after(village: Village, *, hours: float = 2) -> None:
    worker = village.worker()
    village.run(worker, seconds=hours * 3600)
    worker.release()


def spoilers(village: Village) -> list[str | None]:
    return [each.spoiler_text for each in village.home("museum").server.statuses]


def test_an_edit_is_followed_once(ledger: Ledger) -> None:
    village = village_of(ledger)
    museum = village.accounts["museum"]
    museum.edit(museum.posts[1], "post 1, corrected")
    after(village)
    home = village.home("museum")
    assert home.texts == ["post 0", "post 1, corrected", "post 2"]
    after(village)
    assert home.server.revised == 1


def test_a_language_that_is_told_later_is_no_edit(ledger: Ledger) -> None:
    village = village_of(ledger)
    museum, home = village.accounts["museum"], village.home("museum")
    museum.posts[1] = replace(museum.posts[1], language="fr")
    museum.edit(museum.posts[0], "post 0")
    after(village)
    assert home.server.revised == 0
    museum.edit(museum.posts[1], "post 1, corrigé")
    after(village)
    assert (home.server.revised, home.server.statuses[1].language) == (1, "fr")


def test_an_edit_that_was_read_before_a_crash_is_followed_all_the_same(ledger: Ledger) -> None:
    village = village_of(ledger)
    museum, home = village.accounts["museum"], village.home("museum")
    museum.edit(museum.posts[1], "corrected")
    home.server.faults.extend([Fault.LOST_AFTER])
    after(village, hours=0.2)
    after(village)
    assert home.texts == ["post 0", "corrected", "post 2"]
    assert home.server.revised == 1


def test_edits_may_be_ignored_and_are_where_the_server_has_none(ledger: Ledger) -> None:
    village = village_of(ledger, Follow(edits="ignore"))
    museum = village.accounts["museum"]
    museum.edit(museum.posts[1], "corrected")
    after(village)
    assert village.home("museum").server.revised == 0


def test_what_its_owner_has_changed_by_hand_stays(ledger: Ledger) -> None:
    village = village_of(ledger)
    museum, home = village.accounts["museum"], village.home("museum")
    home.server.statuses[1] = replace(home.server.statuses[1], text="by hand")
    museum.edit(museum.posts[1], "corrected")
    after(village)
    assert home.texts[1] == "by hand"
    assert len(home.notes.codes) == 1


def test_an_unsent_post_that_is_edited_leaves_as_it_is_now(ledger: Ledger) -> None:
    village = village_of(ledger)
    museum, home = village.accounts["museum"], village.home("museum")
    home.server.faults.extend([Fault.NOT_SENT] * 8)
    late = museum.write("draft")
    after(village, hours=0.02)
    museum.edit(late, "final")
    after(village)
    assert home.texts[-1] == "final"
    assert home.server.revised == 0


def test_a_deleted_post_is_marked_and_stays(ledger: Ledger) -> None:
    village = village_of(ledger)
    museum, home = village.accounts["museum"], village.home("museum")
    museum.delete(museum.posts[1])
    after(village)
    after(village)
    assert spoilers(village) == ["", "Deleted by its author", ""]
    assert (home.texts, home.server.revised) == (["post 0", "post 1", "post 2"], 1)


def test_a_deleted_post_is_deleted_when_asked(ledger: Ledger) -> None:
    village = village_of(ledger, Follow(deletions="delete"))
    museum = village.accounts["museum"]
    museum.delete(museum.posts[1])
    after(village)
    after(village)
    assert village.home("museum").texts == ["post 0", "post 2"]


def test_deletions_may_be_ignored(ledger: Ledger) -> None:
    village = village_of(ledger, Follow(deletions="ignore"))
    museum = village.accounts["museum"]
    museum.delete(museum.posts[1])
    after(village)
    assert (spoilers(village), len(village.home("museum").texts)) == (["", "", ""], 3)


def test_what_a_feed_no_longer_shows_is_not_deleted(ledger: Ledger) -> None:
    village = village_of(ledger, Follow(deletions="delete"))
    village.accounts["museum"].posts.pop(1)  # without a word about it
    village.accounts["museum"].version += 1
    after(village)
    assert len(village.home("museum").texts) == 3


@pytest.mark.parametrize("deletions", ["delete", "mark"])
def test_no_more_than_so_many_a_day(ledger: Ledger, deletions: str) -> None:
    village = village_of(ledger, Follow(deletions=deletions, most=2), posts=5)  # type: ignore[arg-type]
    museum = village.accounts["museum"]
    for post in list(museum.posts):
        museum.delete(post)

    def done() -> int:
        return 5 - len(village.home("museum").texts) + sum(map(bool, spoilers(village)))

    after(village, hours=4)
    assert done() == 2
    after(village, hours=4)  # another process knows of it
    assert done() == 2
    after(village, hours=24)
    assert done() == 4
    after(village, hours=24)
    assert done() == 5


def test_a_post_that_is_deleted_before_it_was_sent_is_never_sent(ledger: Ledger) -> None:
    village = village_of(ledger)
    museum, home = village.accounts["museum"], village.home("museum")
    home.server.faults.extend([Fault.NOT_SENT] * 5)
    late = museum.write("regretted")
    after(village, hours=0.02)
    museum.delete(late)
    after(village)
    assert "regretted" not in home.texts


def test_a_server_without_edits_is_not_asked_for_any(ledger: Ledger) -> None:
    village = village_of(ledger)
    museum, home = village.accounts["museum"], village.home("museum")
    home.server._limits = replace(LIMITS, edits=False)
    museum.edit(museum.posts[0], "corrected")
    museum.delete(museum.posts[1])
    after(village)
    assert home.server.revised == 0
    assert not any(spoilers(village))


def test_a_window_of_the_server_puts_deletions_off_and_not_posts(ledger: Ledger) -> None:
    village = village_of(ledger, Follow(deletions="delete"), posts=4)
    museum, home = village.accounts["museum"], village.home("museum")
    home.server._limits = replace(LIMITS, windows=(Window(name="deletes", limit=1, seconds=3600),))
    for post in list(museum.posts):
        museum.delete(post)
    museum.write("new")
    after(village, hours=0.5)
    assert "new" in home.texts
    assert len(home.texts) == 4
    after(village, hours=6)
    assert home.texts == ["new"]


# --- edits as answers


def answers(village: Village) -> list[tuple[str, str | None]]:
    statuses = village.home("museum").server.statuses
    return [(each.text or "", each.in_reply_to_id) for each in statuses if each.in_reply_to_id]


def test_an_edit_is_answered_once_where_that_is_wanted(ledger: Ledger) -> None:
    village = village_of(ledger, Follow(edits="reply"))
    museum, home = village.accounts["museum"], village.home("museum")
    museum.edit(museum.posts[1], "post 1, put right")
    after(village)
    first = home.server.statuses[1]
    assert answers(village) == [("Correction: post 1, put right", first.remote_id)]
    assert (first.text, home.server.revised) == ("post 1", 0)
    after(village)
    after(village)
    assert len(answers(village)) == 1
    museum.edit(museum.posts[1], "post 1, put right twice")
    after(village)
    museum.edit(museum.posts[1], "post 1")
    after(village)
    told = [text for text, _ in answers(village)]
    assert told[1:] == ["Correction: post 1, put right twice", "Correction: post 1"]
    assert verify(home.ports(home.server), Terms()).findings == ()


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.LATE, Fault.NOT_SENT])
def test_a_correction_whose_answer_is_lost_is_not_repeated(ledger: Ledger, fault: Fault) -> None:
    village = village_of(ledger, Follow(edits="reply"))
    museum = village.accounts["museum"]
    museum.edit(museum.posts[0], "put right")
    village.home("museum").server.faults.append(fault)
    after(village)
    after(village)
    assert [text for text, _ in answers(village)] == ["Correction: put right"]


def test_a_server_without_edits_is_answered(ledger: Ledger) -> None:
    village = village_of(ledger)
    home, museum = village.home("museum"), village.accounts["museum"]
    home.server._limits = replace(LIMITS, edits=False)
    museum.edit(museum.posts[2], "put right")
    after(village)
    assert [text for text, _ in answers(village)] == ["Correction: put right"]


def test_only_what_reads_otherwise_is_corrected(ledger: Ledger) -> None:
    village = village_of(ledger, Follow(edits="reply"))
    museum = village.accounts["museum"]
    museum.posts[1] = replace(museum.posts[1], language="fr", likes=3)
    museum.edit(museum.posts[0], "post 0")
    after(village)
    assert answers(village) == []


def test_an_edit_of_long_ago_is_not_told_today(ledger: Ledger) -> None:
    """As when the setting is changed: then what was not followed is not made up for."""
    village = village_of(ledger, Follow(edits="ignore"))
    museum, home = village.accounts["museum"], village.home("museum")
    museum.edit(museum.posts[1], "put right")
    after(village, hours=30)
    home.routes = [replace(home.routes[0], follow=Follow(edits="reply"))]
    after(village)
    assert answers(village) == []


def test_a_correction_that_waits_says_what_is_true_when_it_leaves(ledger: Ledger) -> None:
    village = village_of(ledger, Follow(edits="reply"))
    museum, home = village.accounts["museum"], village.home("museum")
    home.server.faults.extend([Fault.NOT_SENT] * 8)
    museum.edit(museum.posts[1], "half right")
    after(village, hours=0.1)
    assert answers(village) == []
    museum.edit(museum.posts[1], "right")
    after(village)
    assert [text for text, _ in answers(village)] == ["Correction: right"]


def test_a_correction_goes_with_its_post(ledger: Ledger) -> None:
    village = village_of(ledger, Follow(edits="reply"))
    museum = village.accounts["museum"]
    museum.edit(museum.posts[1], "put right")
    after(village)
    museum.delete(museum.posts[1])
    after(village)
    assert spoilers(village) == ["", "Deleted by its author", "", "Deleted by its author"]
    ledger_rows = ledger.queue.corrections("@museum@memory.example", "twitter:@museum", [museum.gone[0]])
    assert [row.draft.part for row in ledger_rows[museum.gone[0]]] == [-1]


def test_what_needs_a_person_waits_for_one(ledger: Ledger) -> None:
    village = village_of(ledger, Follow(edits="reply"))
    museum, home = village.accounts["museum"], village.home("museum")
    home.wanted = Wish(approve=False)
    museum.edit(museum.posts[1], "put right")
    after(village)
    assert answers(village) == []
    post = (museum.account, museum.posts[1].id)
    assert ledger.queue.approve(home.account, [post], now=village.time.now()) == 1
    after(village)
    assert [text for text, _ in answers(village)] == ["Correction: put right"]
