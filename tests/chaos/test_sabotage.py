"""The oracle can fail: each thing that keeps the promise is taken out, and what comes of it is noticed."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
    # A slow server, and no grace: only the exclusion keeps the second process from sending it again.
    "no_lock": replace(
        PLAIN,
        mode=Mode.TWO,
        faults=(
            Fault(kind=FaultKind.SLOW_ANSWER, seconds=0.6),
            Fault(kind=FaultKind.SLOW_COMMIT, seconds=0.3),
        ),
        grace=0.0,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_promise_taken_out_is_noticed(run_all: Runs, name: str) -> None:
    whole, broken = run_all([CASES[name], replace(CASES[name], sabotage=(name,))])
    assert whole.good, str(whole)
    assert not broken.good, str(broken)
    if name not in {"no_exclusion"}:  # there the ledger itself refuses to own a status twice
        assert broken.verdict.duplicates, str(broken)
