"""Real archives, published by their owners, all the way to the practice server: nothing lost or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.sandbox.server import Sandbox
from tests.e2e.command import SHARED, Passerelle
from tests.e2e.practice import assert_arrived, log_in, planned

POSTS = {  # by the archives' own manifests and indexes
    "kglibrarian+RTIatMLATwitterArchive": 70,
    "FeXd+saskvaccine": 246,
    "boscomonkey+fitlog": 1127,
    "edsu+congressedits-archive": 2313,
}


@pytest.fixture(params=sorted(POSTS))
def archive(request: pytest.FixtureRequest) -> Path:
    path = SHARED / str(request.param)
    if not path.exists():
        pytest.skip(f"the archive {request.param} is not on this machine")
    return path


def test_every_post_is_read_and_every_planned_status_arrives_once(
    passerelle: Passerelle, archive: Path
) -> None:
    with Sandbox(profile="akkoma", limits=False) as server:
        log_in(passerelle, server)
        passerelle.run("import", str(archive), "--json")
        seen = passerelle.run("preview", "--json").data
        assert seen["source"]["posts"] == POSTS[archive.name]
        carried, left = seen["publish"]["posts"], sum(row["posts"] for row in seen["skip"])
        assert carried + left == POSTS[archive.name]
        wanted = planned(passerelle)
        assert len(wanted) == seen["publish"]["statuses"]
        done = passerelle.run("publish", "--yes", "--json").data
        assert done["published"] == len(wanted)
        assert_arrived(server, wanted)
        again = passerelle.run("publish", "--yes", "--json").data
        assert (again["published"], again["already"]) == (0, len(wanted))
