"""Sentences that count: the noun and its verb agree with the number."""

from __future__ import annotations

import pytest

from bridge.cli.importing import kinds
from bridge.cli.tables import statuses
from bridge.errors import counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 posts"), (1, "1 post"), (2, "2 posts"), (12345, "12,345 posts")]
)
def test_a_noun_agrees_with_its_number(number: int, said: str) -> None:
    assert counted(number, "post") == said


def test_more_than_an_s_may_change() -> None:
    assert counted(1, "entry is", "entries are") == "1 entry is"
    assert counted(2, "entry is", "entries are") == "2 entries are"
    assert (statuses(1), statuses(1, "is", "are"), statuses(3, "is", "are")) == (
        "1 status",
        "1 status is",
        "3 statuses are",
    )


def test_kinds_of_posts_are_told_in_the_right_number() -> None:
    one = dict.fromkeys(
        ("original", "thread", "reply", "retweet", "quote", "community", "circle", "deleted"), 1
    )
    assert kinds(one) == (
        "1 original, 1 thread, 1 reply, 1 retweet, 1 quote, 1 community post, 1 Circle post, 1 deleted post"
    )
    assert kinds({"reply": 2, "deleted": 3}) == "3 deleted posts, 2 replies"
    assert kinds({}) == "no posts"
