"""The measurements, each a list of figures from one run on one machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import ROOT, Cost, run

MB = 1e6
DONE, AT_LIMIT = 0, 8  # exit codes of `publish`


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    what: str
    measured: str
    against: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    posts: int
    large: int
    rows: int
    statuses: int
    published: int = 20_000  #: posts of which nothing is left to do
    makespan: int = 1  #: the posts of its cases are divided by this
    mirrors: int = 1000  #: that one process watches
    watched: int = 120  #: seconds for which it is watched in turn


def archive(folder: Path, posts: int, *, plain: bool = False) -> Path:
    """Made once, in a process of its own, and kept for the next run."""
    target = folder / f"{posts}{'-plain' if plain else ''}.zip"
    if not target.exists():
        run(["benchmarks.generate", str(posts), str(target), *(["--plain"] if plain else [])])
    return target


def home(folder: Path, name: str) -> Path:
    place = folder / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def bridge(at: Path, *arguments: str, say: str = "") -> Cost:
    return run(["bridge", "--home", str(at), *arguments], accept=(DONE, AT_LIMIT), say=say)


def floor(folder: Path, way: str, source: Path) -> Cost:
    """The median of three runs: it is short, and everything is divided by it."""
    target = folder / "floor.db"
    costs = []
    for _ in range(3):
        target.unlink(missing_ok=True)
        costs.append(run(["benchmarks.floor", way, str(source), str(target)]))
    return sorted(costs, key=lambda cost: cost.seconds)[1]


def compared(
    what: str, cost: Cost, ground: Cost, aim: float | None = None, limit: float | None = None
) -> Figure:
    ratio = cost.seconds / ground.seconds
    return Figure(
        what=what,
        measured=f"{cost.seconds:.2f} s, {cost.memory / MB:.0f} MB",
        against=f"floor {ground.seconds:.2f} s",
        ratio=ratio,
        goal=f"aim {aim:g}, at most {limit:g}" if aim and limit else "",
        met=None if limit is None else ratio <= limit,
    )


def reading(folder: Path, sizes: Sizes) -> Iterator[Figure]:
    source, at = archive(folder, sizes.posts), home(folder, "import")
    ground = floor(folder, "floor", source)
    yield Figure(
        what="floor: inflate, decode, one executemany",
        measured=f"{ground.seconds:.2f} s, {ground.memory / MB:.0f} MB",
    )
    yield compared("floor, storing only id, time, parent, text", floor(folder, "floor-text", source), ground)
    first = bridge(at, "import", str(source), "--json")
    yield compared(f"import of {sizes.posts:,} posts", first, ground, 2, 4)
    again = bridge(at, "import", str(source), "--json")
    yield Figure(
        what="the same import again",
        measured=f"{again.seconds:.2f} s",
        against=f"first {first.seconds:.2f} s",
        ratio=again.seconds / first.seconds,
        goal="at most 1",
        met=again.seconds <= first.seconds * 1.03,
    )
    seen = bridge(home(folder, "preview"), "preview", str(source), "--json")
    yield compared(f"preview of {sizes.posts:,} posts", seen, ground, 6, 10)
    yield compared("peer: json.loads of the whole files", floor(folder, "json", source), ground)
    yield compared("peer: orjson.loads of the whole files", floor(folder, "orjson", source), ground)
    yield Figure(
        what=f"peak memory, import of {sizes.posts:,}",
        measured=f"{first.memory / MB:.0f} MB",
        goal="at most 150 MB",
        met=first.memory <= 150 * MB,
    )
    if sizes.large:
        yield growth(folder, sizes, first)


def growth(folder: Path, sizes: Sizes, small: Cost) -> Figure:
    large = bridge(home(folder, "large"), "import", str(archive(folder, sizes.large)), "--json")
    return Figure(
        what=f"peak memory, import of {sizes.large:,}",
        measured=f"{large.memory / MB:.0f} MB ({large.seconds:.1f} s)",
        against=f"{sizes.posts:,}: {small.memory / MB:.0f} MB",
        ratio=large.memory / small.memory,
        goal="at most 1.2",
        met=large.memory <= 1.2 * small.memory,
    )


@contextmanager
def server(latency: float) -> Iterator[dict[str, str]]:
    """The practice server in its own process; ended through its standard input."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", str(latency)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stdin
        yield json.loads(process.stdout.readline())
        process.stdin.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    statuses: int
    seconds: float
    cpu: float


def publish(at: Path, count: int) -> Pace:
    cost = bridge(at, "publish", "--yes", "--json", "--max-posts", str(count))
    return Pace(statuses=json.loads(cost.output)["data"]["published"], seconds=cost.seconds, cpu=cost.cpu)


def paced(folder: Path, posts: int, statuses: int, at_server: dict[str, str]) -> Pace:
    """What `statuses` more cost, start-up taken off: a long run less a short one, after the plan is made."""
    at = home(folder, f"publish-{posts}")
    bridge(at, "login", at_server["base_url"], "--with-token", say=at_server["token"] + "\n")
    bridge(at, "import", str(archive(folder, posts, plain=True)))
    publish(at, 5)
    short = publish(at, statuses // 5)
    long = publish(at, statuses)
    return Pace(
        statuses=long.statuses - short.statuses,
        seconds=long.seconds - short.seconds,
        cpu=long.cpu - short.cpu,
    )


def publishing(folder: Path, sizes: Sizes) -> Iterator[Figure]:
    posts = 5 * sizes.statuses
    with server(0.02) as there:
        source = archive(folder, posts, plain=True)
        cost = run(["benchmarks.bare", there["base_url"], there["token"], str(source), str(sizes.statuses)])
    bare = json.loads(cost.output)
    with server(0.02) as there:
        ours = paced(folder, posts, sizes.statuses, there)
    mine, theirs = ours.statuses / ours.seconds, sizes.statuses / bare["seconds"]
    yield Figure(
        what="publishing to a server that answers after 20 ms",
        measured=f"{mine:.1f} statuses/s",
        against=f"bare Mastodon.py loop {theirs:.1f}/s",
        ratio=mine / theirs,
        goal="at least 0.85",
        met=mine >= 0.85 * theirs,
    )
    yield processor(ours, posts, f"bare loop {1000 * bare['cpu'] / sizes.statuses:.1f} ms")
    if sizes.rows:
        with server(0.02) as there:
            yield processor(paced(folder, sizes.rows, sizes.statuses, there), sizes.rows, "")


def processor(pace: Pace, rows: int, against: str) -> Figure:
    each = 1000 * pace.cpu / pace.statuses
    return Figure(
        what=f"client CPU per status, {rows:,} rows in the ledger",
        measured=f"{each:.1f} ms",
        against=against,
        goal="at most 8 ms",
        met=each <= 8,
    )
