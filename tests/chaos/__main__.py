"""The long campaign: `python -m tests.chaos --seeds 1000` writes docs/reliability.md.

Exit 1 when a run went wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from tests import postgresql
from tests.chaos.drive import Campaign, Outcome
from tests.chaos.report import Tally, page, soak_in, with_soak
from tests.chaos.scenarios import FAULTS, Scenario, draw, one_of, sweep
from tests.chaos.starting import ROOT

PAGE = ROOT / "docs" / "reliability.md"
SWEPT = (("mastodon", "4.6.5", False), ("gotosocial", None, True))
BOUNDARIES = 260  # a run of the short archive has a few less


def main(argv: list[str] | None = None) -> int:
    asked = _arguments(argv)
    tally, began = Tally(), time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="passerelle-chaos-")))
        campaign = Campaign(folder, _database(stack))
        for outcome in run_all(campaign, _scenarios(asked), jobs=asked.jobs):
            tally.add(outcome)
            if not outcome.good:
                print(f"\n{outcome}\n", file=sys.stderr, flush=True)
            elif tally.runs % 25 == 0:
                rate = tally.runs / (time.monotonic() - began)
                said = f"{tally.runs} runs, {len(tally.bad)} went wrong, {60 * rate:.0f} a minute"
                print(said, file=sys.stderr, flush=True)
            if asked.minutes and time.monotonic() - began > asked.minutes * 60:
                break
    tally.seconds = time.monotonic() - began
    before = asked.output.read_text("utf-8") if asked.output.exists() else ""
    written = page(tally, today=datetime.now(UTC).date(), seeds=asked.seeds)
    asked.output.write_text(with_soak(written, soak_in(before)), "utf-8")
    print(f"{tally.runs} runs, {len(tally.bad)} went wrong: {asked.output}")
    return 1 if tally.bad else 0


def run_all(campaign: Campaign, scenarios: Iterator[Scenario], *, jobs: int) -> Iterator[Outcome]:
    """As they end; a new one begins only when another one has ended."""
    with ThreadPoolExecutor(jobs) as pool:
        running = {
            pool.submit(campaign.run, scenario) for _, scenario in zip(range(jobs), scenarios, strict=False)
        }
        while running:
            done = next(as_completed(running))
            running.discard(done)
            if (scenario := next(scenarios, None)) is not None:
                running.add(pool.submit(campaign.run, scenario))
            yield done.result()


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1000, help="how many drawn scenarios")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="how many runs at a time")
    parser.add_argument("--minutes", type=float, default=0, help="stop after that time, whatever is left")
    parser.add_argument("--no-sweep", action="store_true", help="leave out the kill at every boundary")
    parser.add_argument("--output", type=Path, default=PAGE)
    return parser.parse_args(argv)


def _database(stack: ExitStack) -> postgresql.Server | None:
    try:
        return stack.enter_context(postgresql.server())
    except postgresql.Unavailable as reason:
        print(f"Without PostgreSQL: {reason}", file=sys.stderr)
        return None


def _scenarios(asked: argparse.Namespace) -> Iterator[Scenario]:
    yield from (one_of(kind) for kind in FAULTS)
    if not asked.no_sweep:
        for profile, version, power in SWEPT:
            yield from (sweep(n, profile, version, power=power) for n in range(1, BOUNDARIES))
    yield from (draw(seed) for seed in range(asked.first, asked.first + asked.seeds))


if __name__ == "__main__":
    sys.exit(main())
