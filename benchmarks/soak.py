"""`make soak`: twenty-four days of mirroring in half an hour; does memory or the count of open files grow?

The month of the test suite (ten accounts, edits, deletions, outages, kills) on a ledger on disk, its days
stretched over MINUTES; a line a day, and exit code 1 when the last days need more than the first. Half an
hour or more writes the end of docs/reliability.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bridge.ledger import open_ledger
from tests.chaos.__main__ import PAGE
from tests.chaos.report import SOAK, with_soak
from tests.engine.test_month import Month

DAYS, STEPS_A_DAY = 24, 4
_LONG = 30.0  # minutes: what is worth telling
_GROWTH = 1.15  # of the last days over the first: posts that are known take a little


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    began, memory, files = time.monotonic(), [], []
    with tempfile.TemporaryDirectory() as folder, open_ledger(f"sqlite:///{folder}/ledger.db") as ledger:
        month = Month(ledger, seed=given.seed)
        for day in range(DAYS):
            for _ in range(STEPS_A_DAY):
                month.step()
            memory.append(_resident())
            files.append(len(list(Path("/proc/self/fd").iterdir())))
            print(
                f"day {day + 1}: {month.written} posts, {month.kills} kills, {memory[-1] / 1e6:.0f} MB,"
                f" {files[-1]} open files",
                flush=True,
            )
            due = began + (day + 1) / DAYS * given.minutes * 60
            time.sleep(max(0.0, due - time.monotonic()))
    grown = statistics.median(memory[-6:]) / statistics.median(memory[2:8])
    more = max(files[-6:]) - max(files[2:8])
    print(f"memory x{grown:.2f} (at most {_GROWTH}), open files {more:+d} (at most 0)")
    if given.minutes >= _LONG:
        minutes = (time.monotonic() - began) / 60
        told = _told(month, minutes, memory=memory, files=files)
        PAGE.write_text(with_soak(PAGE.read_text("utf-8"), told), "utf-8")
    return 0 if grown <= _GROWTH and more <= 0 else 1


def _told(month: Month, minutes: float, *, memory: list[int], files: list[int]) -> str:
    early, late = (statistics.median(some) / 1e6 for some in (memory[2:8], memory[-6:]))
    return f"""{SOAK}

`make soak`, {datetime.now(UTC):%Y-%m-%d}: {DAYS} days of ten mirrors in {minutes:.0f} minutes, in one
process, with a ledger on disk: {month.written:,} posts, {month.edits} edits,
{month.deletions} deletions, {month.kills} kills, {month.restarts} restarts, and all that fails.

| | third to eighth day | last six days |
|---|---:|---:|
| resident memory, median | {early:.0f} MB | {late:.0f} MB |
| open files, most | {max(files[2:8])} | {max(files[-6:])} |
"""


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
