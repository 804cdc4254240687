"""Polls are asked while they are open, and written out when they are over."""

from __future__ import annotations

from datetime import timedelta

from bridge.posts import Poll
from bridge.statuses import PollDraft
from tests.changes import replace
from tests.unit.test_rendering import MASTODON, codes, post, rendered, texts


def test_a_poll_of_long_ago_is_written_out_and_a_new_one_asked() -> None:
    asked = post("Lequel?", poll=Poll(options=("Rodin", "Claudel"), minutes=60))
    assert texts(asked) == ["Lequel?\n\n○ Rodin\n○ Claudel"]
    assert codes(rendered(asked)) == ["POLL_LOST"]
    (draft,) = rendered(asked, live=True).drafts
    ends = asked.created_at + timedelta(hours=1)
    expected = PollDraft(options=("Rodin", "Claudel"), expires_in=3600, ends_at=ends)
    assert (draft.text, draft.poll) == ("Lequel?", expected)
    assert texts(replace(asked, text=""), live=True) == ["○ Rodin\n○ Claudel"]


def test_a_poll_is_asked_while_the_server_lets_it_stay_open() -> None:
    asked = post("Lequel?", poll=Poll(options=("Rodin", "Claudel"), minutes=60, votes=(1, 2)))
    written = "Lequel?\n\n○ Rodin\n○ Claudel"

    def at(minutes: float) -> list[str]:
        return texts(asked, live=True, now=asked.created_at + timedelta(minutes=minutes))

    assert at(0) == at(55) == ["Lequel?"]
    assert at(55.5) == [written]
    assert at(60) == ["Lequel?\n\n○ Rodin · 33\u00a0%\n○ Claudel · 67\u00a0%"]
    assert texts(asked) == [written]
    unvoted = replace(asked, poll=replace(asked.poll, votes=(0, 0)))
    assert texts(unvoted, live=True, now=asked.created_at + timedelta(days=1)) == [written]


def test_a_poll_keeps_to_what_the_server_takes() -> None:
    limits = replace(MASTODON, min_poll_seconds=600, max_poll_seconds=7200, poll_option_length=5)
    for minutes, seconds in ((5, 600), (60, 3600), (600, 7200)):
        asked = post("Lequel?", poll=Poll(options=("Rodin", "Degas"), minutes=minutes))
        (draft,) = rendered(asked, limits=limits, live=True).drafts
        assert draft.poll is not None
        assert draft.poll.expires_in == seconds
    longer = post("Lequel?", poll=Poll(options=("Rodin", "Claudel"), minutes=60))
    assert rendered(longer, limits=limits, live=True).drafts[0].poll is None
