"""When it will be done, from the queue as it stands: for `status` and the progress line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice, repeat

from bridge.ledger.queue import Queue
from bridge.pacing import Budget, Keeping, Need, Schedule, simulate
from bridge.publications import State
from bridge.statuses import Limits

SECONDS_EACH = 0.6  # of a request at an ordinary server
_READ = 50_000  # statuses of which the media are counted; of a longer queue every so many
_BLOCKS = 10_000  # steps of the simulation


def forecast(
    queue: Queue, account: str, budget: Budget, limits: Limits, now: datetime
) -> Schedule | None:
    """None: nothing is waiting. As many as `budget` lets one run send, where that is limited."""
    waiting = queue.counts(account)[State.APPROVED]
    wanted = waiting if budget.pace.max_posts is None else min(waiting, budget.pace.max_posts)
    wake = queue.next_wake(account, now=now)
    if not wanted or wake is None:
        return None
    step = -(-waiting // _READ)
    media = chain.from_iterable(repeat(each, step) for each in queue.media_waiting(account, step=step))
    needs = blocks(islice(chain(media, repeat(0)), wanted), -(-wanted // _BLOCKS))
    return simulate(needs, wake, budget, seconds_each=SECONDS_EACH, keeping=Keeping.of(limits))


def blocks(media: Iterable[int], size: int) -> Iterator[Need]:
    """The media of each status in turn, as the needs of so many statuses at a time."""
    rest = iter(media)
    while some := list(islice(rest, size)):
        yield Need(statuses=len(some), media=sum(some), calls=len(some))
