"""What reading costs, in millionths of a dollar, and who lets us spend it.

X bills every post and every user that an answer holds, those in `includes` too, each once a day (UTC).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bridge.sources.twitter_api.wire import Answer, Includes

DOLLAR = 1_000_000
_REFERRED = 2  # posts at most that one may bring along: what it answers and what it quotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    own_post: int  #: of the account that is read
    post: int  #: of others, which its posts refer to
    user: int

    @property
    def at_most(self) -> int:
        """Of one post of a page, with all that it may bring along."""
        return self.own_post + _REFERRED * self.post

    def of(self, page: Answer) -> int:
        found = page.includes or Includes()
        own = {tweet.id for tweet in page.data}
        others = {tweet.id for tweet in (*found.tweets, *found.posts)} - own
        return len(own) * self.own_post + len(others) * self.post + len(found.users) * self.user


class Purse(Protocol):
    """Whatever may be spent is noted before the question is asked: a crash in between forgets none of it."""

    def hold(self, question: str, *, price: int, wanted: int, least: int = 1) -> int:
        """Sets aside for `wanted` things of that price, or for as many as there is money for, and says how
        many. What was set aside before and never settled counts as spent, but for the same question of the
        same day, which is billed once. Raises `Spent` when it is not enough for `least`."""
        ...

    def settle(self, cost: int) -> None:
        """What the answer has cost of what was set aside."""
        ...
