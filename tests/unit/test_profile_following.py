"""What of a profile that has changed at its source is carried, and what is left to who changed it by hand."""

from __future__ import annotations

from bridge.profile import Kept, Left, Part, Picture, Profile, Shown, first_sight, follow
from tests.changes import replace

THERE = Profile(name="Museum", bio="Old things", website="https://museum.example", avatar=Picture(url="a1"))
HERE = Shown(name="The museum", bio="Old things", rows=(("Open", "daily"),), avatar=True, avatar_url="ours")
SEEN = first_sight(THERE, HERE)


def carried(kept: Kept, profile: Profile, shown: Shown = HERE) -> dict[Part, str]:
    return {change.part: change.after for change in follow(kept, profile, shown).carry}


def test_the_first_sight_changes_nothing_whatever_the_account_shows() -> None:
    step = follow(SEEN, THERE, HERE)
    assert (step.carry, step.left, step.kept) == ((), {}, SEEN)


def test_only_what_has_changed_is_carried_rendered_as_by_profile_apply() -> None:
    changed = replace(THERE, bio="New things, with @keeper", avatar=Picture(url="a2"))
    assert carried(SEEN, changed) == {Part.BIO: "New things, with @\u2060keeper", Part.AVATAR: "a2"}
    assert carried(SEEN, replace(THERE, name="x" * 40)) == {Part.NAME: "x" * 29 + "…"}


def test_what_was_changed_by_hand_is_left_and_told_once() -> None:
    changed, by_hand = (
        replace(THERE, name="Museum!", bio="New"),
        replace(HERE, bio="Mine", avatar_url="other"),
    )
    step = follow(SEEN, changed, by_hand)
    assert [change.part for change in step.carry] == [Part.NAME]
    assert step.left == {Part.BIO: Left.BY_HAND}
    assert follow(step.kept, changed, by_hand).left == {}
    assert follow(step.kept, replace(changed, avatar=Picture(url="a2")), by_hand).left == {
        Part.AVATAR: Left.BY_HAND
    }


def test_what_was_set_from_here_is_ours_to_change_again() -> None:
    changed = replace(THERE, name="Second")
    after = replace(HERE, name="Second")
    kept = SEEN.carried(changed, [Part.NAME], after)
    assert carried(kept, changed, after) == {}
    assert carried(kept, replace(changed, name="Third"), after) == {Part.NAME: "Third"}
    assert carried(kept, replace(changed, name="Third"), HERE) == {}  # somebody has put the old one back


def test_what_arrived_although_the_answer_was_lost_is_not_sent_again() -> None:
    changed = replace(THERE, name="Second", avatar=Picture(url="a2"))
    sending = SEEN.sending(follow(SEEN, changed, HERE).carry, changed)
    assert set(carried(sending, changed)) == {Part.NAME, Part.AVATAR}  # it did not arrive
    after = replace(HERE, name="Second", avatar_url="new")
    step = follow(sending, changed, after)
    assert (step.carry, step.left) == ((), {})
    third = replace(changed, name="Third", avatar=Picture(url="a3"))
    assert set(carried(step.kept, third, after)) == {Part.NAME, Part.AVATAR}


def test_what_the_source_says_nothing_of_any_more_stays() -> None:
    step = follow(SEEN, Profile(name="Museum"), HERE)
    assert (step.carry, step.left, step.kept) == ((), {}, SEEN)


def test_a_short_link_and_a_row_without_room_are_left() -> None:
    short = follow(SEEN, replace(THERE, website="https://t.co/abc"), HERE)
    assert short.left == {Part.WEBSITE: Left.SHORT_LINK}
    full = replace(HERE, rows=tuple((str(n), "x") for n in range(4)))
    step = follow(first_sight(THERE, full), replace(THERE, location="Lyon"), full)
    assert step.left == {Part.LOCATION: Left.NO_ROOM}


def test_a_link_stands_in_the_row_that_was_there() -> None:
    shown = replace(HERE, rows=(("Site web", "https://museum.example"),))
    (change,) = follow(first_sight(THERE, shown), replace(THERE, website="https://new.example"), shown).carry
    assert (change.label, change.after) == ("Site web", "https://new.example")


def test_what_somebody_has_made_alike_follows_from_then_on() -> None:
    alike = replace(HERE, name="Museum")  # as by `profile apply`
    kept = follow(SEEN, THERE, alike).kept
    assert carried(kept, replace(THERE, name="Second"), alike) == {Part.NAME: "Second"}
