"""Which statuses are to be deleted, in which order, and when that will be done. Asks the ledger only.

A thread is the unit, as it is of publishing: what a rule chooses, it chooses with everything that hangs
together on the account. Only a post that is named by itself goes alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from bridge.ledger import Ledger
from bridge.ledger.rows import Placed
from bridge.pacing import Budget, Need, Schedule, simulate
from bridge.planning import thread_key
from bridge.posts import Post, Thread
from bridge.publications import State
from bridge.selection import Limiter, Rules, select

#: A look at the status, and its deletion.
TAKE_BACK = Need(statuses=0, deletes=1, calls=2)

_SECONDS_EACH = 1.2  # of two requests at an ordinary server
_BATCH = 200  # threads whose posts are in memory at a time
_ONCE = frozenset({State.PUBLISHED, State.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is given narrows the choice; all None: everything. `posts` are (source, id)."""

    posts: frozenset[tuple[str, str]] | None = None
    run: int | None = None
    rules: Rules | None = None
    adopted: bool = False  #: also what another tool published


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """`rows` in the order of deletion: the other way round than they were published, answers first.

    `stranded` stay on the account, and answer one that goes. `adopted` were chosen, but are not ours.
    """

    rows: tuple[Placed, ...] = ()
    stranded: int = 0
    adopted: int = 0

    @property
    def first(self) -> Placed | None:
        """Of those that are to be deleted, the one that comes first on the account."""
        return self.rows[-1] if self.rows else None

    @property
    def last(self) -> Placed | None:
        return self.rows[0] if self.rows else None

    @property
    def posts(self) -> int:
        return len({(row.source, row.post_id) for row in self.rows})


def choose(ledger: Ledger, account: str, choice: Choice) -> Chosen:
    placed = ledger.queue.placed(account)
    wanted = [row for row in _wanted(ledger, account, placed, choice) if row.state is State.PUBLISHED]
    ours = [row for row in wanted if choice.adopted or not row.adopted]
    return Chosen(
        rows=tuple(reversed(ours)),
        stranded=_stranded(placed, {row.id for row in ours}),
        adopted=len(wanted) - len(ours),
    )


def schedule(statuses: int, start: datetime, budget: Budget) -> Schedule:
    """When so many will be deleted, by the same windows as the deletion itself."""
    return simulate((TAKE_BACK for _ in range(statuses)), start, budget, seconds_each=_SECONDS_EACH)


def _wanted(ledger: Ledger, account: str, placed: Sequence[Placed], choice: Choice) -> Iterable[Placed]:
    rows: Iterable[Placed] = placed
    if choice.rules is not None:
        rows = _by_rules(ledger, placed, choice.rules)
    if choice.posts is not None:
        rows = [row for row in rows if (row.source, row.post_id) in choice.posts]
    if choice.run is not None:
        published = ledger.queue.published_by(account, choice.run)
        rows = [row for row in rows if row.id in published]
    return rows


def _by_rules(ledger: Ledger, placed: Sequence[Placed], rules: Rules) -> Iterator[Placed]:
    """Threads as they were planned for the account; `limit` counts what was published, gone or not."""
    limiter = Limiter(rules.limit)
    for batch in _batches(placed):
        posts = _posts(ledger, batch)
        for rows in batch:
            thread = _thread(rows, posts)
            published = {row.post_id for row in rows if row.state in _ONCE}
            if published and select(thread, rules) is None and limiter.admits(len(published)):
                yield from rows


def _batches(placed: Sequence[Placed]) -> Iterator[list[list[Placed]]]:
    batch: list[list[Placed]] = []
    for _, rows in groupby(placed, key=lambda row: thread_key(row.sort_key)):
        batch.append(list(rows))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _posts(ledger: Ledger, batch: Sequence[Sequence[Placed]]) -> Mapping[tuple[str, str], Post]:
    ids: dict[str, set[str]] = {}
    for rows in batch:
        for row in rows:
            ids.setdefault(row.source, set()).add(row.post_id)
    return {
        (source, post_id): post
        for source, wanted in ids.items()
        for post_id, post in ledger.posts.load(source, wanted).items()
    }


def _thread(rows: Sequence[Placed], posts: Mapping[tuple[str, str], Post]) -> Thread:
    """No rule asks who answers whom."""
    members = tuple(posts[key] for key in dict.fromkeys((row.source, row.post_id) for row in rows))
    return Thread(posts=members, parents=(None,) * len(members))


def _stranded(placed: Iterable[Placed], going: Collection[int]) -> int:
    """What answers, past those that are not there, one that goes, and stays itself."""
    rows = {row.id: row for row in placed}
    count = 0
    for row in rows.values():
        if row.state is not State.PUBLISHED or row.id in going:
            continue
        above = rows.get(row.reply_to_id or 0)
        while above is not None and above.state is not State.PUBLISHED:
            above = rows.get(above.reply_to_id or 0)
        count += above is not None and above.id in going
    return count
