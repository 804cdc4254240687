"""`publish --update` killed at random moments, and run again: each status is edited, and that once."""

from __future__ import annotations

import random
import time
from pathlib import Path

from bridge.sandbox.server import Sandbox
from tests.e2e.command import Passerelle, kill
from tests.e2e.practice import log_in

YEARS = ("--since", "2012-01-01", "--until", "2014-01-01")
STAMPED = ("--date-stamp", "prefix")
KILLS = 3


def test_each_status_is_edited_once_whenever_the_program_is_killed(
    passerelle: Passerelle, museum: Path
) -> None:
    with Sandbox(limits=False, latency=0.03) as server:
        log_in(passerelle, server)
        passerelle.run("publish", str(museum), *YEARS, "--yes")
        before = server.state.statuses
        shown = passerelle.run("preview", "--changed", *YEARS, *STAMPED, "--json").data
        wanted = shown["change"]["statuses"]
        assert wanted > 20
        update = ("publish", "--update", *YEARS, *STAMPED, "--yes", "--expect", shown["digest"], "--json")
        for attempt in range(1, KILLS + 1):
            process = passerelle.start(*update)
            goal = wanted * attempt // (KILLS + 2)
            until = time.monotonic() + 60
            while edited(server) < goal and process.poll() is None:
                assert time.monotonic() < until, "the update does not get on"
                time.sleep(0.001)
            time.sleep(random.random() * 0.08)  # anywhere within a round of look, edit, settle
            kill(process)
        final = passerelle.run(*update).data
        assert (final["failed"], final["unknown"], final["remaining"]) == (0, 0, 0)
        assert edited(server) == wanted
        assert [status.id for status in server.state.statuses] == [status.id for status in before]
        # An edit of which a kill took the answer was looked at, not made again.
        assert server.state.count("PUT /api/v1/statuses/:id") <= wanted + KILLS
        assert passerelle.run("verify", "--json").data["changed"] == []
        after = passerelle.run("preview", "--changed", *YEARS, *STAMPED, "--json").data
        assert (after["change"]["statuses"], after["digest"]) == (0, shown["digest"])


def edited(server: Sandbox) -> int:
    return sum(status.edited_at is not None for status in server.state.statuses)
