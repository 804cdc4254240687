"""When it will be done, from the queue as it stands: for `status` and the progress line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain, islice

from bridge.ledger.queue import Queue
from bridge.pacing import Budget, Keeping, Need, Pace, Schedule, simulate
from bridge.publications import State
from bridge.statuses import Limits

SECONDS_EACH = 0.6  # of a request at an ordinary server
_READ = 50_000  # statuses of which the media are counted; of a longer queue every so many
_BLOCKS = 8_000  # steps of the simulation


def budget_of(queue: Queue, account: str | None, limits: Limits, pace: Pace, *, now: datetime) -> Budget:
    """What is left of the account's windows and of its day; without an account, all of it."""
    row = queue.destination(account) if account else None
    budget = Budget.from_dict(row.budget if row else None, limits.windows, pace)
    return budget.counted(now, partial(queue.sent_since, account)) if account else budget


def forecast(
    queue: Queue, account: str, budget: Budget, limits: Limits, *, now: datetime, most: int | None = None
) -> Schedule | None:
    """Of the first `most` that are waiting, or of all. None: nothing is."""
    waiting = queue.counts(account)[State.APPROVED]
    wanted = waiting if most is None else min(waiting, most)
    wake = queue.next_wake(account, now=now)
    if wanted <= 0 or wake is None:
        return None
    media = queue.media_waiting(account, step=-(-waiting // _READ))
    missing = _without(_spread(media, waiting), queue.uploads_standing(account, now=now))
    size = -(-wanted // _BLOCKS)
    live = blocks(islice(missing, min(wanted, queue.live_waiting(account))), size)
    first = [replace(need, live=True) for need in live]
    rest = blocks(islice(missing, wanted - sum(need.statuses for need in first)), size)
    return simulate(chain(first, rest), wake, budget, seconds_each=SECONDS_EACH, keeping=Keeping.of(limits))


def _spread(sample: Sequence[int], count: int) -> Iterator[int]:
    """A sample in order, drawn out to so many."""
    for n in range(count):
        yield sample[n * len(sample) // count] if sample else 0


def _without(media: Iterable[int], there: int) -> Iterator[int]:
    """What is left to be uploaded: what is there already is for the first of them."""
    for each in media:
        taken = min(each, there)
        there -= taken
        yield each - taken


def blocks(media: Iterable[int], size: int) -> Iterator[Need]:
    """The media of each status in turn, as the needs of so many statuses at a time."""
    rest = iter(media)
    while some := list(islice(rest, size)):
        yield Need(statuses=len(some), media=sum(some), calls=len(some))
