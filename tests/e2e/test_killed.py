"""`publish` killed at random moments, on real sockets and a real disk, and run again: each status once."""

from __future__ import annotations

import random
import time
from pathlib import Path

from bridge.sandbox.server import Sandbox
from tests.e2e.command import Passerelle, kill
from tests.e2e.practice import assert_arrived, log_in, planned

YEARS = ("--since", "2012-01-01", "--until", "2014-01-01")
KILLS = 5


def test_each_status_arrives_once_whenever_the_program_is_killed(
    passerelle: Passerelle, museum: Path
) -> None:
    # Slow enough that most kills fall into a request: before it arrives, while it is worked on, after.
    with Sandbox(limits=False, latency=0.03) as server:
        log_in(passerelle, server)
        passerelle.run("import", str(museum))
        wanted = planned(passerelle, *YEARS)
        for attempt in range(1, KILLS + 1):
            process = passerelle.start("publish", *YEARS, "--yes", "--json")
            goal = len(wanted) * attempt // (KILLS + 2)
            until = time.monotonic() + 60
            while len(server.state.statuses) < goal and process.poll() is None:
                assert time.monotonic() < until, "publish does not get on"
                time.sleep(0.001)
            time.sleep(random.random() * 0.08)  # anywhere within a round of look, upload, send, settle
            kill(process)
        final = passerelle.run("publish", *YEARS, "--yes", "--json").data
        assert (final["failed"], final["unknown"], final["remaining"]) == (0, 0, 0)
        assert_arrived(server, wanted)


def test_a_kill_before_the_first_status_leaves_nothing_behind(passerelle: Passerelle, museum: Path) -> None:
    with Sandbox(limits=False) as server:
        log_in(passerelle, server)
        process = passerelle.start("publish", str(museum), *YEARS, "--yes")
        time.sleep(random.random())
        kill(process)
        wanted = planned(passerelle, str(museum), *YEARS)
        passerelle.run("publish", str(museum), *YEARS, "--yes")
        assert_arrived(server, wanted)
