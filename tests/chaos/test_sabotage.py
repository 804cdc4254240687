"""The oracle can fail: each thing that keeps the promise is taken out, and what comes of it is noticed."""

from __future__ import annotations

from dataclasses import replace

from bridge.sandbox.rules.faults import Fault, FaultKind
from tests.chaos.conftest import Runs
from tests.chaos.scenarios import SHORT, Cut, Mode, Scenario

LOST = Fault(kind=FaultKind.COMMIT_DROP, nth=3)
#: A server that ignores keys, so that nothing but the program stands between a post and its double.
PLAIN = Scenario(seed=0, archive=SHORT, profile="sharkey")

CASES = {
    "no_look": replace(PLAIN, faults=(LOST,)),
    "no_patience": replace(PLAIN, faults=(LOST,)),
    "no_sync": replace(PLAIN, cuts=(Cut(name="status.sent", nth=4, power=True),)),
    # The second of two equal texts never arrives: its twin must not be taken for it.
    "no_exclusion": replace(PLAIN, faults=(Fault(kind=FaultKind.CUT_BEFORE, nth=6),)),
    # Stands before its request goes out, long enough for the second to look and send the same.
    "no_lock": replace(PLAIN, mode=Mode.TWO, cuts=(Cut(name="status.send", dies=False),)),
}


def test_each_promise_taken_out_is_noticed(run_all: Runs) -> None:
    scenarios = [
        (name, each) for name, case in CASES.items() for each in (case, replace(case, sabotage=(name,)))
    ]
    for (name, scenario), outcome in zip(scenarios, run_all(each for _, each in scenarios), strict=True):
        assert outcome.good is not bool(scenario.sabotage), f"{name}\n{outcome}"
        if scenario.sabotage and name != "no_exclusion":  # there the ledger refuses to own a status twice
            assert outcome.verdict.duplicates, f"{name}\n{outcome}"
