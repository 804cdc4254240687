"""How long publishing takes, against the shortest time that the server's limits permit.

python -m benchmarks.makespan              all cases: some minutes
python -m benchmarks.makespan --quick      a tenth of the posts

The engine publishes to the practice server's rules under a virtual clock, in this process; one case goes over
real sockets. The lower bound is the formula of fediverse-rules §1.4. What `preview` and `status` foretell is
compared with what happens.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.practice import Pictures, ShortLine, VirtualClock, practice, short_publisher
from benchmarks.steps import Figure, Sizes
from bridge.engine.deliver import pump
from bridge.engine.forecast import forecast
from bridge.engine.propose import Wish, actions_of, propose
from bridge.engine.tally import Tally
from bridge.engine.terms import Ports, Terms, Unwatched
from bridge.ledger import Ledger, open_ledger
from bridge.ledger.owner import this_process
from bridge.pacing import Budget
from bridge.posts import Author, Kind, Media, MediaType, Post, Reference
from bridge.publications import Publication
from bridge.publishers.base import Receipt
from bridge.publishers.mastodon import MastodonPublisher
from bridge.sandbox.server import Sandbox
from bridge.sources.base import Page

SOURCE = "twitter:1"
AUTHOR = Author(id="1", handle="museum", name="A museum")
WRITTEN = datetime(2012, 3, 4, 12, tzinfo=UTC)
STARTS = datetime(2024, 5, 1, 12, 50, tzinfo=UTC)  # within a window of each sort
STATUSES, MEDIA = (300, 10_800), (30, 1_800)
HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    media: tuple[int, ...]  #: of each post
    thread: int = 1  #: posts in each
    sockets: bool = False
    shared: bool = False  #: another client posts and uploads to the same account


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    seconds: float  #: from the first request to the last, by the virtual clock
    bound: float
    refused: int  #: answers 429
    most: int  #: of them in one window
    foretold: tuple[float, ...]  #: seconds by `preview`, by `status` at the start, and halfway
    took: float  #: seconds of the machine


def cases(*, scale: int) -> list[Case]:
    chance = random.Random(7)
    n = 10_000 // scale

    def some(share: float) -> tuple[int, ...]:
        wanted = round(n * share)
        return tuple(chance.sample([1] * wanted + [0] * (n - wanted), n))

    text = (0,) * (n // 2)
    return [
        Case(name=f"{5 * n:,} posts", media=(0,) * (5 * n)),
        Case(name=f"{n:,} posts", media=(0,) * n),
        Case(name=f"{n:,} posts, {round(0.3 * n):,} media", media=some(0.3)),
        Case(name=f"{n:,} posts, {round(0.8 * n):,} media", media=some(0.8)),
        Case(name=f"{n:,} posts, a burst of 1,200 media in the middle", media=text + (4,) * 300 + text[300:]),
        Case(name=f"{n:,} posts in threads of 30", media=(0,) * n, thread=30),
        Case(name=f"{n // 4:,} posts beside another client", media=some(0.3)[: n // 4], shared=True),
        Case(name="620 posts, 90 media, over sockets", media=(0, 0, 1, 0, 0, 0, 0) * 88 + (0, 1, 1, 0),
             sockets=True),
    ]  # fmt: skip


def bound(media: Sequence[int], start: float) -> float:
    """The earliest finish (fediverse-rules §1.4), in seconds from `start`."""

    def at(k: int, t: float, window: tuple[int, int]) -> float:
        """When the k-th unit is to be had, from t on."""
        limit, period = window
        return t if k <= limit else (t // period + (k - 1) // limit) * period

    total, n = list(itertools.accumulate(media)), len(media)
    return max(at(n - i, at(total[i], start, MEDIA), STATUSES) for i in range(n)) - start


def posts(case: Case) -> Iterator[Post]:
    for number, media in enumerate(case.media):
        answers = None if number % case.thread == 0 else Reference(id=str(10**6 + number - 1), author_id="1")
        yield Post(
            source=SOURCE,
            id=str(10**6 + number),
            author=AUTHOR,
            created_at=WRITTEN + timedelta(minutes=number),
            text=f"Post {number}: what the museum had to say that day",
            kind=Kind.ORIGINAL if answers is None else Kind.THREAD,
            reply_to=answers,
            media=tuple(
                Media(type=MediaType.IMAGE, id=f"{number}{i}", file=f"{number}-{i}.png", container="a.zip")
                for i in range(media)
            ),
            language="en",
        )


class Halfway(Unwatched):
    """Asks, when half of it is done, when the rest will be."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._left = len(play.case.media) // 2
        self.foretold = 0.0

    def published(self, row: Publication, receipt: Receipt) -> None:  # noqa: ARG002
        self._left -= 1
        if self._left == 0:
            self.foretold = self._play.foretold()


class Play:
    def __init__(self, case: Case, ledger: Ledger, clock: VirtualClock, publisher: MastodonPublisher) -> None:
        self.case = case
        self.ledger = ledger
        self.clock = clock
        self.publisher = publisher
        self.limits = publisher.limits()
        self.account = publisher.account
        self.tally = Tally()

    def plan(self) -> None:
        rest, now = posts(self.case), self.clock.now()
        self.ledger.queue.open_destination(self.account, now=now)
        while batch := tuple(itertools.islice(rest, 5000)):
            self.ledger.posts.record(
                Page(posts=batch), source=SOURCE, run=None, now=now, merge=lambda _, new: new
            )
        wish = Wish(limits=self.limits)
        proposed = list(propose(self.ledger, SOURCE, wish, destination=self.account))
        for each in proposed:
            self.tally.add(each)
        self.ledger.queue.apply(actions_of(proposed), destination=self.account, source=SOURCE, now=now)

    def previewed(self) -> float:
        return self.tally.schedule(self.clock.now(), Budget.of(self.limits.windows), self.limits).seconds

    def foretold(self) -> float:
        """The finish as `status` and the progress line tell it, in seconds from the start of it all."""
        queue, now = self.ledger.queue, self.clock.now()
        row = queue.destination(self.account)
        budget = Budget.from_dict(row.budget if row else None, self.limits.windows)
        schedule = forecast(queue, self.account, budget, self.limits, now=now)
        assert schedule is not None
        return (schedule.finish - STARTS).total_seconds()

    def run(self) -> Outcome:
        began = time.perf_counter()
        line, halfway = self.publisher._line, Halfway(self)
        beforehand = (self.previewed(), self.foretold())
        ports = Ports(
            ledger=self.ledger,
            publisher=self.publisher,
            media=Pictures(),
            clock=self.clock,
            owner=this_process(),
            chance=lambda: 0.5,
            watcher=halfway,
        )
        done = pump(ports, Terms())
        assert (done.published, done.failed, done.stopped) == (len(self.case.media), 0, None), done
        refused = line.refused if isinstance(line, ShortLine) else []
        return Outcome(
            seconds=(self.clock.now() - STARTS).total_seconds(),
            bound=bound(self.case.media, STARTS.timestamp()),
            refused=len(refused),
            most=most_in_a_window(refused),
            foretold=(*beforehand, halfway.foretold),
            took=time.perf_counter() - began,
        )


def most_in_a_window(refused: Sequence[tuple[datetime, str]]) -> int:
    windows = ((path, at.timestamp() // (MEDIA if "media" in path else STATUSES)[1]) for at, path in refused)
    return max(Counter(windows).values(), default=0)


def neighbour(sandbox: Sandbox, clock: VirtualClock) -> None:
    """Another client of the same account: a post every four minutes, a picture with every third."""
    publisher, chance, numbers = (
        short_publisher(sandbox, clock, seconds=0.0),
        random.Random(3),
        itertools.count(),
    )
    line, base = publisher._line, sandbox.base_url

    def at_work() -> datetime:
        number = next(numbers)
        if number % 3 == 0:
            line.post(
                f"{base}/api/v1/media", data=b"", headers={"Content-Type": "multipart/form-data; boundary=b"}
            )
        line.post(f"{base}/api/v1/statuses", json={"status": f"By hand, {number}"})
        return clock.now() + timedelta(seconds=chance.uniform(60, 420))

    clock.due = (clock.now() + timedelta(seconds=30), at_work)


def play(case: Case) -> Outcome:
    with (
        practice(STARTS, sockets=case.sockets) as (sandbox, clock, publisher),
        open_ledger("sqlite://") as ledger,
    ):
        playing = Play(case, ledger, clock, publisher)
        playing.plan()
        if case.shared:
            neighbour(sandbox, clock)
        outcome = playing.run()
        if case.sockets:
            refused = sandbox.exchange.log.by_answer[429]
            return Outcome(**(asdict(outcome) | {"refused": refused, "most": refused}))
        return outcome


def figure(case: Case, outcome: Outcome) -> Figure:
    off = max(abs(each - outcome.seconds) for each in outcome.foretold) / outcome.seconds
    ratio = outcome.seconds / outcome.bound
    told = f"{outcome.seconds / HOUR:.2f} h; {outcome.refused} × 429; foretold {100 * off:.2f} % off"
    if case.shared:
        return Figure(
            what=f"makespan of {case.name}",
            measured=told,
            against=f"alone {outcome.bound / HOUR:.2f} h",
            ratio=ratio,
            goal="at most one 429 in a window",
            met=outcome.most <= 1,
        )
    return Figure(
        what=f"makespan of {case.name}",
        measured=told,
        against=f"lower bound {outcome.bound / HOUR:.2f} h",
        ratio=ratio,
        goal="at most 1.01, no 429, less than 1 % off",
        met=ratio <= 1.01 and not outcome.refused and off < 0.01,
    )


def makespan(_folder: Path, sizes: Sizes) -> Iterator[Figure]:
    yield from measured(cases(scale=sizes.makespan), jobs=2)


def measured(chosen: Sequence[Case], *, jobs: int) -> Iterator[Figure]:
    with ProcessPoolExecutor(jobs) as pool:
        for case, outcome in zip(chosen, pool.map(play, chosen), strict=True):
            yield figure(case, outcome)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.makespan")
    parser.add_argument("--quick", action="store_true", help="a tenth of the posts")
    parser.add_argument("--only", metavar="TEXT", default="", help="cases whose name has this in it")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    chosen = [case for case in cases(scale=10 if given.quick else 1) if given.only in case.name]
    missed = 0
    for found in measured(chosen, jobs=given.jobs):
        print(json.dumps(asdict(found), ensure_ascii=False), flush=True)
        missed += found.met is False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
