"""What a live post refers to, and what may still come: the post of a retweet, or that which it answers.

Retweets and quotes of somebody whose posts the ledger mirrors become boosts and quotes of the mirrored
status. A retweet is often read before what it passes on is published, or even read: it is held for a while.
After that it goes as any other retweet does, unless its post stands by the moment at which it is sent. So is
an answer to oneself that was read before what it answers: by another page, or another feed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.engine.beginning import live_since
from bridge.ledger import Ledger
from bridge.ledger.rows import Place
from bridge.planning import Lane
from bridge.posts import Author, Kind, Post, Reference
from bridge.publications import State
from bridge.sources.base import is_same_person
from bridge.sources.twitter_archive.times import snowflake_time
from bridge.statuses import Boost, Visibility

#: Holds a retweet whose post is not published yet; nobody has to decide anything.
HELD = "boost"
#: Holds an answer to a post of its own author that nobody has read yet.
ORPHAN = "parent"
WAITING = frozenset({HELD, ORPHAN})

_WAIT = timedelta(minutes=30)  # since it was read: a source that is asked seldom, a server that is full
_AGAIN = timedelta(minutes=1)
_COMING = frozenset({State.PENDING, State.APPROVED, State.PUBLISHING})


def at_server(ledger: Ledger, boost: Boost, account: str) -> Iterator[Place]:
    """Where it stands at the server of that account, for everybody to see."""
    for place in ledger.queue.places(boost):
        if server_of(place.destination) == server_of(account) and place.visibility is not Visibility.PRIVATE:
            yield place


def goes_before(ledger: Ledger, destination: str, source: str, post_id: str) -> bool:
    """Whether it is in line as a live post: those leave in the order in which they were written."""
    known = ledger.queue.known(destination, source, [post_id]).get(post_id, ())
    coming = (row for row in known if row.part == 1 and row.state in (State.APPROVED, State.PUBLISHING))
    return any(row.sort_key.startswith(Lane.LIVE) for row in coming)


def server_of(account: str) -> str:
    return account.rpartition("@")[2].lower()


@dataclass(slots=True)
class Awaited:
    """`now` None: nothing is held, as of a back catalogue. `again`: when what is held is to be looked at."""

    ledger: Ledger
    now: datetime | None = None
    again: datetime | None = None
    _owners: list[tuple[str, Author]] | None = None
    _known_as: dict[Author, list[str]] = field(default_factory=dict)
    _told: dict[str, tuple[Boost | None, bool]] = field(default_factory=dict)

    def boost(self, post: Post) -> Boost | None:
        """The post that is passed on, if the ledger carries it, or will."""
        return self._judged(post)[0]

    def held(self, post: Post, *, boosts: bool) -> str | None:
        """Why it has to wait; `boosts`: it is to be one."""
        if self.now is None:
            return None
        why = HELD if boosts and self._judged(post)[1] else ORPHAN if self._is_early(post) else None
        if why is not None:
            self.again = min(filter(None, (self.again, self.now + _AGAIN)))
        return why

    def _is_early(self, post: Post) -> bool:
        """Whether it was read before what it answers."""
        above = post.reply_to.id if post.reply_to is not None and post.kind is Kind.THREAD else None
        if above is None or not self._is_new(post) or not self._is_expected(post.source, above):
            return False
        return not self.ledger.posts.canonical(post.source, [above])

    def quotable(self, post: Post, destination: str | None) -> Boost | None:
        """The post that it quotes, if that stands at the same server: elsewhere a quote may wait for ever."""
        quoted = post.quote
        if quoted is None or quoted.id is None or destination is None:
            return None
        for source in self._sources(quoted):
            known = self.ledger.posts.canonical(source, [quoted.id]).get(quoted.id, quoted.id)
            boost = Boost(source=source, post_id=known)
            if source != post.source and next(at_server(self.ledger, boost, destination), None) is not None:
                return boost
        return None

    def _judged(self, post: Post) -> tuple[Boost | None, bool]:
        original = post.retweet_of
        if post.kind is not Kind.RETWEET or original is None or original.id is None:
            return None, False
        if post.id not in self._told:
            self._told[post.id] = self._judge(post, original, original.id)
        return self._told[post.id]

    def _judge(self, post: Post, original: Reference, post_id: str) -> tuple[Boost | None, bool]:
        """What it would be a boost of, and whether that is worth waiting for."""
        is_new = self._is_new(post)
        for source in self._sources(original):
            known = self.ledger.posts.canonical(source, [post_id]).get(post_id, post_id)
            states = self.ledger.queue.states(source, known)
            boost = Boost(source=source, post_id=known)
            if State.PUBLISHED in states:
                return boost, False
            if states & _COMING or (is_new and not states and self._is_expected(source, post_id)):
                return boost, is_new
        return None, False

    def _is_new(self, post: Post) -> bool:
        if self.now is None:
            return False
        seen = self.ledger.posts.first_seen(post.source, [post.id]).get(post.id, self.now)
        return self.now - seen < _WAIT

    def _sources(self, original: Reference) -> Collection[str]:
        """The accounts of the ledger that may be its author's."""
        if original.author_id is None and original.handle is None:
            return ()
        author = Author(
            id=original.author_id or f"@{(original.handle or '').lower()}", handle=original.handle
        )
        if self._owners is None:
            self._owners = self.ledger.posts.owners()
        if author not in self._known_as:
            same = [account for account, owner in self._owners if is_same_person(owner, author)]
            self._known_as[author] = same
        return self._known_as[author]

    def _is_expected(self, source: str, post_id: str) -> bool:
        """Whether a mirror is to carry it: it was written since one of that source began."""
        since = min(live_since(self.ledger, source), default=None)
        if since is None or not post_id.isdecimal():
            return since is not None
        return (snowflake_time(int(post_id)) or since) >= since
