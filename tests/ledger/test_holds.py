"""One process at a time works on an account; the dead are replaced at once, the unreachable in time."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from bridge.errors import LedgerError, Locked
from bridge.ledger import Ledger
from bridge.ledger.owner import Owner, alive, this_process
from bridge.statuses import Limits, Window
from tests.changes import replace
from tests.ledger.builders import ACCOUNT, SOURCE, T0, dead, elsewhere, hold


def test_a_process_knows_itself_and_its_kind() -> None:
    me = this_process()
    assert alive(me) is True
    assert alive(replace(me, started="before")) is False, "the id was used again"
    assert alive(replace(me, host="another")) is None
    assert alive(replace(me, boot="another")) is None


def test_a_process_that_ended_is_dead() -> None:
    code = (
        "import sys; from bridge.ledger.owner import this_process as me; o = me()\n"
        "print(o.host, o.boot, o.pid, o.started, sep='|', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        host, boot, pid, started = child.stdout.readline().strip().split("|")
        owner = Owner(host=host, boot=boot, pid=int(pid), started=started)
        assert alive(owner) is True
        child.stdin.close()
    assert alive(owner) is False


def test_a_living_holder_is_named(ledger: Ledger) -> None:
    hold(ledger, owner=this_process())
    me = this_process()
    for now in (T0, T0 + timedelta(days=1)):
        with pytest.raises(Locked, match=f"process {me.pid} on .* is working on {ACCOUNT}"):
            hold(ledger, now=now)
    row = ledger.queue.destination(ACCOUNT)
    assert row is not None
    assert (row.holder, row.held_until) == (me, T0 + timedelta(minutes=10))


def test_a_dead_holder_is_replaced_at_once(ledger: Ledger) -> None:
    first = hold(ledger, owner=dead())
    second = hold(ledger)
    assert first.token != second.token


def test_a_holder_on_another_machine_has_until_its_hold_runs_out(ledger: Ledger) -> None:
    far = hold(ledger, owner=elsewhere(), seconds=60)
    ledger.queue.renew(far, now=T0 + timedelta(seconds=30))
    with pytest.raises(Locked, match=r"its place is free at 2026-01-01 12:01:30 UTC"):
        hold(ledger, now=T0 + timedelta(seconds=60))
    hold(ledger, now=T0 + timedelta(seconds=90))


def test_a_released_account_is_free_and_a_late_release_harms_nobody(ledger: Ledger) -> None:
    first = hold(ledger, owner=elsewhere())
    ledger.queue.release(first)
    second = hold(ledger)
    ledger.queue.release(first)
    ledger.queue.renew(second, now=T0)


def test_an_account_is_opened_before_it_is_held(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="does not know the account"):
        ledger.queue.hold(ACCOUNT, owner=this_process(), now=T0, seconds=1)
    assert ledger.queue.destination(ACCOUNT) is None


def test_what_is_known_of_an_account(ledger: Ledger) -> None:
    limits = Limits(software="mastodon", windows=(Window(name="statuses", limit=1, seconds=2),))
    for _ in range(2):
        ledger.queue.open_destination(ACCOUNT, now=T0, remote_account_id="7")
    ledger.queue.save_limits(ACCOUNT, limits)
    ledger.queue.save_budget(ACCOUNT, {"statuses": [1, 2.5]})
    ledger.queue.pause(ACCOUNT, "moved")
    [row] = ledger.queue.destinations()
    assert (row.limits, row.budget, row.paused_reason, row.remote_account_id) == (
        limits,
        {"statuses": [1, 2.5]},
        "moved",
        "7",
    )
    ledger.queue.pause(ACCOUNT, None)
    assert ledger.queue.destinations()[0].paused_reason is None


def test_stamps_of_what_was_proposed(ledger: Ledger) -> None:
    ledger.queue.open_destination(ACCOUNT, now=T0)
    assert ledger.queue.proposed(ACCOUNT, SOURCE) is None
    ledger.queue.save_proposed(ACCOUNT, SOURCE, "a")
    ledger.queue.save_proposed(ACCOUNT, "feed:x", "b")
    ledger.queue.save_proposed(ACCOUNT, "feed:x", None)
    assert ledger.queue.proposed(ACCOUNT, SOURCE) == "a"
    assert ledger.queue.proposed(ACCOUNT, "feed:x") is None
