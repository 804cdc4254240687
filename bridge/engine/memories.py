"""What was written on this day of an earlier year comes back: once a year and post, on its day or not at all.

A status that stands is boosted; a post that was never carried is published, with its date. What a day brings
is chosen once, at its time, and written down before it is put in line, so that a process that dies in between
goes on with the same. The rows themselves (part -2026 for the boost of 2026) keep it from happening twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice

import msgspec

from bridge.engine.propose import Wish, actions_of, propose
from bridge.ledger import Ledger
from bridge.ledger.pins import ACTOR
from bridge.ledger.rows import Standing
from bridge.pacing.anniversary import Memories
from bridge.pacing.calendar import first_open
from bridge.planning import Action, Lane, Publish, fixed_width
from bridge.posts import Kind, Post
from bridge.selection import Rules, chains
from bridge.statuses import Boost, StatusDraft, Visibility

_OWN_WORDS = frozenset(Kind) - {Kind.RETWEET}


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen for a day, of which pins; `planned`: it is in line."""

    day: str
    pins: str
    posts: tuple[str, ...] = ()
    planned: bool = True


@dataclass(frozen=True, slots=True)
class Chosen:
    """`boost`: its status is passed on; otherwise it is published for the first time."""

    post_id: str
    pinned: bool
    actions: Sequence[Action] = field(default=(), repr=False)

    @property
    def boost(self) -> bool:
        return any(isinstance(each, Publish) and each.draft.boost is not None for each in self.actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembering:
    """The memories of one source account at one destination."""

    ledger: Ledger
    source: str
    destination: str
    memories: Memories

    def is_due(self, now: datetime) -> bool:
        """Whether today has brought nothing yet that it should, or somebody has pinned something since."""
        day, done = self.memories.day(now), self._done()
        if now < self.memories.opening(day):
            return bool(done.posts) and done.day != day.isoformat()  # some of them may still be in line
        known = done.planned and done.day == day.isoformat()
        return not (known and done.pins == self.ledger.pins.stamp(self.source))

    def next_time(self, now: datetime) -> datetime:
        """When it is to be looked at again, once it is not due."""
        day = self.memories.day(now)
        opening = self.memories.opening(day)
        return opening if opening > now else self.memories.opening(day + timedelta(days=1))

    def plan(self, wish: Wish, *, now: datetime, run: int | None = None) -> int:
        """Put what the day brings into the queue, under the account's hold; says how many posts."""
        ledger, day = self.ledger, self.memories.day(now)
        ledger.pins.lapse(self.destination, before=self.memories.begin(day), now=now, run=run)
        if now < self.memories.opening(day):
            self._save(Day(day="", pins=""))
            return 0
        done, pinned = self._done(), ledger.pins.stamp(self.source)
        before = done.posts if done.day == day.isoformat() else ()
        chosen: list[Chosen] = []
        if before and not done.planned:  # a process died in between
            chosen += self._those(before, wish, day, now)
        elif first_open(day, wish.pace.blackout) == day:
            chosen += self._choose(wish, day, now, before)
        posts = tuple(dict.fromkeys((*before, *(each.post_id for each in chosen))))
        self._save(Day(day=day.isoformat(), pins=pinned, posts=posts, planned=False))
        for each in chosen:
            ledger.queue.apply(
                each.actions, destination=self.destination, source=self.source, now=now, run=run, actor=ACTOR
            )
        self._save(Day(day=day.isoformat(), pins=pinned, posts=posts))
        return len(chosen)

    def upcoming(self, wish: Wish, *, now: datetime, days: int) -> Iterator[tuple[date, Chosen]]:
        """What the next days bring, as far as it is known today."""
        today, done = self.memories.day(now), self._done()
        for day in (today + timedelta(days=n) for n in range(days)):
            before = done.posts if done.day == day.isoformat() else ()
            if first_open(day, wish.pace.blackout) == day:
                for each in self._choose(wish, day, now, before):
                    yield day, each

    # -- choosing

    def _choose(self, wish: Wish, day: date, now: datetime, before: Sequence[str]) -> Iterator[Chosen]:
        """As many as the day has room for: pinned ones first, by age; then those that were liked most."""
        others = [each for each in self._candidates(day) if each not in before]
        yield from islice(self._those(others, wish, day, now), max(0, self.memories.most - len(before)))

    def _candidates(self, day: date) -> list[str]:
        ledger, memories = self.ledger, self.memories
        pinned = ledger.pins.pinned(self.source)
        chosen = [each.post_id for each in pinned.values() if memories.returns(each.created_at, day)]
        first = ledger.pins.years(self.source)
        if memories.least_likes is None or first is None:
            return chosen
        written = ledger.pins.written(self.source, memories.spans(day, first))
        posts = ledger.posts.load(self.source, written).values()
        liked = [each for each in posts if (each.likes or 0) >= memories.least_likes and _is_own(each)]
        liked.sort(key=lambda each: (-(each.likes or 0), each.created_at))
        return list(dict.fromkeys((*chosen, *(each.id for each in liked))))

    def _those(self, ids: Sequence[str], wish: Wish, day: date, now: datetime) -> Iterator[Chosen]:
        """Those of them that can come back, and how."""
        pinned = self.ledger.pins.pinned(self.source)
        standing = self.ledger.queue.standing(self.destination, self.source, ids)
        had = self.ledger.pins.remembered(self.destination, self.source, ids, day.year)
        for post_id in (each for each in ids if each not in had):
            by_person = post_id in pinned
            rows = standing.get(post_id)
            if rows:
                able = _can_be_boosted(rows[0], wish) and self._day_of(rows[0]) != day
                may = able and (by_person or wish.approve)
                actions = self._boost(rows[0], day, now) if may else ()
            else:
                actions = self._first(post_id, wish, by_person=by_person)
            if actions:
                yield Chosen(post_id, by_person, actions)

    def _day_of(self, standing: Standing) -> date | None:
        """On which it was published; None: nobody here knows."""
        at = standing.row.published_at
        return None if at is None else self.memories.day(at)

    def _boost(self, standing: Standing, day: date, now: datetime) -> Sequence[Action]:
        draft = StatusDraft(
            post_id=standing.row.post_id,
            part=-day.year,
            parts=1,
            text="",
            length=0,
            visibility=standing.row.draft.visibility,
            boost=Boost(source=self.source, post_id=standing.row.post_id),
        )
        key = f"{Lane.LIVE}{int(now.timestamp() * 1000):015d}{fixed_width(draft.post_id)}"
        return (Publish(draft=draft, source=self.source, sort_key=key, approve=True),)

    def _first(self, post_id: str, wish: Wish, *, by_person: bool) -> Sequence[Action]:
        """With its thread. Whoever pins a post wants it whatever the rules say, but for who may read it.

        What waits for a person's approval goes on waiting.
        """
        rules = replace(wish.rules, ids=frozenset(), limit=None)
        if by_person:
            rules = Rules(kinds=_OWN_WORDS, audiences=wish.rules.audiences)
        found = chains(self.ledger.posts.headers(self.source), rules).chains
        ids = next((chain.ids for chain in found if post_id in chain.ids), ())
        if not ids:
            return ()
        limits = replace(wish.limits, backdates=False)  # it is to be seen today, with its date in its text
        options = replace(wish.options, visibility=self.memories.visibility)
        wanted = replace(wish, rules=rules, limits=limits, options=options, live=False, lane=Lane.LIVE)
        headers = self.ledger.posts.headers_of(self.source, ids)
        proposed = list(
            propose(self.ledger, self.source, wanted, destination=self.destination, among=headers)
        )
        mine = next((each for each in proposed if each.post_id == post_id), None)
        approved = mine is not None and any(row.by_person for row in mine.known)
        goes = [each for each in mine.actions if isinstance(each, Publish)] if mine else []
        return list(actions_of(proposed)) if any(each.approve or approved for each in goes) else ()

    # -- what was chosen

    def _done(self) -> Day:
        told = self.ledger.posts.cursor(self.source, self._stream)
        return msgspec.json.decode(told, type=Day) if told else Day(day="", pins="")

    def _save(self, day: Day) -> None:
        self.ledger.posts.save_cursor(self.source, self._stream, msgspec.json.encode(day).decode())

    @property
    def _stream(self) -> str:
        return f"on this day {self.destination}"


def _can_be_boosted(standing: Standing, wish: Wish) -> bool:
    """Whether the status is one that can be boosted."""
    draft = standing.row.draft
    return wish.limits.boosts and draft.part == 1 and draft.visibility is not Visibility.PRIVATE


def _is_own(post: Post) -> bool:
    return post.kind in _OWN_WORDS and post.kind is not Kind.REPLY
