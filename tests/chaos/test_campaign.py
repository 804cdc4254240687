"""The short campaign: every fault, every boundary of an exchange, a few seeds. The long one: make chaos."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.conftest import Runs
from tests.chaos.drive import LEASE, PAUSE, Outcome
from tests.chaos.scenarios import BOUNDARIES, FAULTS, SHORT, Cut, Mode, Scenario, draw, one_of

KINDS = list(FAULTS)
HALF = (len(KINDS) + 1) // 2
#: In an order in which each is still to come: connections are kept, and pictures come first.
EXCHANGE = sorted(set(BOUNDARIES) - {"status.connect"}, key=lambda name: not name.startswith("media"))
SEEDS = range(12)


def assert_all_good(outcomes: list[Outcome]) -> None:
    bad = [str(outcome) for outcome in outcomes if not outcome.good]
    assert not bad, "\n\n".join(bad)


def test_every_fault_is_survived(run_all: Runs) -> None:
    """Two kinds a run, which costs half."""
    pairs = [(one_of(one, 0), one_of(other, 1)) for one, other in zip(KINDS, KINDS[HALF:], strict=False)]
    runs = [replace(one, faults=one.faults + other.faults) for one, other in pairs]
    runs += [one_of(kind) for kind in KINDS[len(pairs) : HALF]]
    outcomes = run_all(runs)
    assert_all_good(outcomes)
    struck = {kind for outcome in outcomes for kind, times in outcome.faults.items() if times}
    assert {kind.value for kind in KINDS} <= struck


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power lost"])
def test_every_boundary_of_an_exchange_is_survived(run_all: Runs, power: bool) -> None:
    """One after the other, and the program started again after each: on a server that ignores keys."""
    cuts = tuple(Cut(name=name, nth=1 + (name == "commit.after"), power=power) for name in EXCHANGE)
    halves = enumerate((cuts[::2], cuts[1::2]))
    outcomes = run_all(Scenario(seed=n, archive=SHORT, profile="gotosocial", cuts=half) for n, half in halves)
    assert_all_good(outcomes)
    assert sum(sum(outcome.kills.values()) for outcome in outcomes) == len(cuts)


def test_drawn_scenarios_end_well(run_all: Runs) -> None:
    assert_all_good(run_all(draw(seed) for seed in SEEDS))


def test_two_processes_and_two_machines_exclude_each_other(run_all: Runs) -> None:
    """The second is told to wait while the first stands, and takes over at once when that is dead."""
    outcomes = run_all(
        [
            Scenario(seed=1, profile="gotosocial", mode=Mode.TWO, cuts=(Cut(name="status.sent", nth=2),)),
            Scenario(
                seed=2,
                profile="sharkey",
                mode=Mode.MACHINES,
                postgresql=True,
                cuts=(Cut(name="status.sent", nth=3), Cut(name="status.send", nth=2)),
            ),
        ]
    )
    assert_all_good(outcomes)
    two, machines = outcomes
    assert (two.excluded, two.starts) == (1, 4), "told to wait once; nobody waited for the dead"
    assert machines.excluded >= 2 * LEASE // PAUSE, "another machine's lease had to run out each time"


def test_a_seed_is_the_same_scenario_for_ever() -> None:
    assert draw(12345) == draw(12345)
    assert len({draw(seed) for seed in range(50)}) == 50
