"""What was spent of the server's windows is in the ledger before a request goes out, whoever dies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.engine.terms import Terms
from bridge.ledger import Ledger
from bridge.pacing import Budget, Pace
from bridge.statuses import Window
from tests.engine.stage import ACCOUNT, FREE, Crash, Stage, post

WINDOW = Window(name="statuses", limit=12, seconds=10_800)


def spent(ledger: Ledger, stage: Stage) -> int:
    """Statuses of the window, as a program would read it that starts now."""
    row = ledger.queue.destination(ACCOUNT)
    assert row is not None
    budget = Budget.from_dict(row.budget, (WINDOW,))
    return WINDOW.limit - budget.gate().meter(WINDOW).room(stage.time.now().timestamp())


def test_it_is_written_with_the_intent(ledger: Ledger) -> None:
    stage = Stage(ledger, replace(FREE, windows=(WINDOW,)))
    stage.plan([post(n) for n in range(1, 5)])
    seen: list[int] = []
    publish = stage.server.publish

    def watched(*rest: Any, **more: Any) -> Any:
        seen.append(spent(ledger, stage))
        return publish(*rest, **more)

    stage.server.publish = watched  # type: ignore[method-assign]
    stage.run()
    assert seen == [1, 2, 3, 4]
    assert spent(ledger, stage) == 4


@pytest.mark.parametrize("crash", ["before", "after"])
def test_a_request_that_may_have_been_made_counts(ledger: Ledger, crash: str) -> None:
    """Without the last words that a dying process has in a test, but not after kill -9."""
    stage = Stage(ledger, replace(FREE, windows=(WINDOW,)))
    stage.plan([post(n) for n in range(1, 5)])
    stage.run(Terms(pace=Pace(max_posts=2)))
    stage.server.crashes = [crash]
    saving = ledger.queue.save_budget
    ledger.queue.save_budget = lambda *_: None  # type: ignore[method-assign]
    with pytest.raises(Crash):
        stage.run()
    ledger.queue.save_budget = saving  # type: ignore[method-assign]
    assert spent(ledger, stage) == 3
