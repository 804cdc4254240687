"""What of a timeline is not read yet, by the ids of its posts: the cursor of X's API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from bridge.sources.base import Gap as Lacking
from bridge.sources.twitter_api.asking import Dialect
from bridge.sources.twitter_api.wire import Tweet
from bridge.sources.twitter_archive.times import snowflake_time

_FIRST = datetime(2010, 11, 4, tzinfo=UTC)  # when ids began to carry a time


class Gap(msgspec.Struct, frozen=True, omit_defaults=True):
    """The ids between `since` and `until`, both read already; None: to the end. `token` is where a page
    ended, which is refused after a while; `idle`: the last page held nothing new."""

    since: str | None = None
    until: str | None = None
    token: str | None = None
    idle: bool = False

    def has(self, tweet: Tweet) -> bool:
        number = int(tweet.id) if tweet.id and tweet.id.isdigit() else None
        return number is not None and int(self.since or 0) < number < int(self.until or 1 << 64)

    def is_below(self, floor: int) -> bool:
        return self.until is not None and int(self.until) <= floor + 1

    def split(self, floor: int) -> tuple[Gap, ...]:
        """In two where the floor goes through it."""
        if self.is_below(floor) or int(self.since or 0) >= floor:
            return (self,)
        return Gap(since=str(floor), until=self.until), Gap(since=self.since, until=str(floor + 1))

    def below(self, ids: list[int], token: str | None) -> Gap | None:
        """What is left of it after a page with those ids of it."""
        if token is None or (not ids and self.idle):  # some tokens repeat a page for ever
            return None
        if ids:
            return Gap(since=self.since, until=str(min(ids)), token=token)
        return Gap(since=self.since, until=self.until, token=None if self.token else token, idle=True)


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """The cursor. `dialect` None: not known yet. `looked`: the day (UTC) on which posts were asked after."""

    top: str | None = None
    gaps: tuple[Gap, ...] = ()
    dialect: Dialect | None = None
    looked: str | None = None

    @property
    def lacking(self) -> Lacking | None:
        """All the gaps as one."""
        if not self.gaps:
            return None
        begins = [_instant(gap.since) for gap in self.gaps]
        ends = [_instant(gap.until) or _FIRST for gap in self.gaps]
        return Lacking(since=None if None in begins else min(filter(None, begins)), until=max(ends))

    def opened(self, floor: int) -> tuple[Place, tuple[Gap, ...], tuple[Gap, ...]]:
        """From where news are read, the gaps that are to be filled, newest first, and those that are left as
        they are: what is not above that id is not asked for."""
        top = int(self.top or 0)
        place = self if top >= floor else replace(self, top=str(floor))
        below = () if top >= floor else (Gap(since=self.top, until=str(floor + 1)),)
        parts = [part for gap in (*below, *self.gaps) for part in gap.split(floor)]
        wanted = tuple(gap for gap in parts if not gap.is_below(floor))
        passed = _joined([gap for gap in parts if gap.is_below(floor)])
        return place, (Gap(since=place.top), *wanted), passed


def _instant(post_id: str | None) -> datetime | None:
    """None: of the first post, or of one whose id tells no time."""
    return snowflake_time(int(post_id)) if post_id else None


def _joined(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Those that touch as one; the newest first."""
    joined: list[Gap] = []
    for gap in gaps:
        if joined and gap.until is not None and int(gap.until) == int(joined[-1].since or 0) + 1:
            joined[-1] = Gap(since=gap.since, until=joined[-1].until)
        else:
            joined.append(gap)
    return tuple(joined)
