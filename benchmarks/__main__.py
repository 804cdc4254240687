"""`make bench`: measures and writes RESULTS.md; every figure is set against another one of the same run.

python -m benchmarks                       all of it: some 25 minutes and 3 GB of disk
python -m benchmarks --quick               10,000 posts, no large archives: two minutes; writes nothing
python -m benchmarks --only reading        or publishing, again, page, media, makespan, watch
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sqlite3
import sys
from pathlib import Path

from benchmarks.again import again
from benchmarks.desk import desk
from benchmarks.makespan import makespan
from benchmarks.measure import ROOT
from benchmarks.media import media
from benchmarks.page import page
from benchmarks.steps import Figure, Sizes, publishing, reading
from benchmarks.watch import watch

HEAD = ("| what | measured | against | ratio | goal | met |", "|---|---|---|---:|---|---|")
RESULTS = Path(__file__).with_name("RESULTS.md")
STEPS = {
    "reading": reading, "publishing": publishing, "again": again, "page": page, "desk": desk, "media": media,
    "makespan": makespan, "watch": watch,
}  # fmt: skip


def processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def heading() -> str:
    return f"""# Figures

Written by `make bench`. Every ratio compares two figures of the same run on this machine; the seconds alone
say little about yours. Each part says when it was measured, and how busy the machine was at its end (load).

- {processor_name()}, {os.cpu_count()} processors; {platform.system()} {platform.machine()}
- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}
- wall clock of whole commands, start-up of Python included, but for publishing, where it is taken off
"""


def section(name: str, began: datetime.datetime, lines: list[str]) -> str:
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        "\n".join([f"## {name}", "", f"{began:%Y-%m-%d %H:%M} UTC, load {load:.1f}", "", *HEAD, *lines])
        + "\n"
    )


def written(parts: dict[str, str]) -> None:
    """The parts that were measured now, in the places of those of before."""
    before = RESULTS.read_text(encoding="utf-8").split("\n## ")[1:] if RESULTS.exists() else []
    kept = {each.partition("\n")[0].strip(): f"## {each.strip()}\n" for each in before} | parts
    text = "\n".join([heading(), *(kept[name] for name in STEPS if name in kept)])
    RESULTS.write_text(text, encoding="utf-8")


def row(figure: Figure) -> str:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    met = {None: "", True: "yes", False: "**no**"}[figure.met]
    return f"| {figure.what} | {figure.measured} | {figure.against} | {ratio} | {figure.goal} | {met} |"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=1_000_000, help="posts of the memory figure; 0: none")
    parser.add_argument("--rows", type=int, default=500_000, help="rows of the second CPU figure; 0: none")
    parser.add_argument("--statuses", type=int, default=1000, help="statuses that are published")
    parser.add_argument("--quick", action="store_true", help="small sizes, and RESULTS.md stays as it is")
    parser.add_argument("--only", choices=sorted(STEPS), help="one part; the others stay as they are")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".cache" / "bench", help="where archives are kept"
    )
    return parser.parse_args()


def main() -> int:
    given = options()
    sizes = Sizes(posts=given.posts, large=given.large, rows=given.rows, statuses=given.statuses)
    if given.quick:
        sizes = Sizes(
            posts=10_000, large=0, rows=0, statuses=50, published=2_000, makespan=10, mirrors=100, watched=20
        )
    given.folder.mkdir(parents=True, exist_ok=True)
    print("\n".join(HEAD), flush=True)
    missed, parts = 0, {}
    for name, step in STEPS.items():
        if given.only in {None, name}:
            began, lines = datetime.datetime.now(datetime.UTC), []
            for figure in step(given.folder, sizes):
                lines.append(row(figure))
                missed += figure.met is False
                print(lines[-1], flush=True)
            parts[name] = section(name, began, lines)
    if not given.quick:
        written(parts)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
