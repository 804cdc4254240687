"""Real archives, published by their owners, all the way to the practice server: nothing lost or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.command import SHARED, Passerelle
from tests.e2e.practice import assert_arrived, planned, rehearsal

ARCHIVES = (  # folder, posts by the archive's own manifest or index, server
    ("kglibrarian+RTIatMLATwitterArchive", 70, "mastodon"),
    ("FeXd+saskvaccine", 246, "akkoma"),
    ("boscomonkey+fitlog", 1127, "gotosocial"),
    ("edsu+congressedits-archive", 2313, "gotosocial"),
)


@pytest.mark.parametrize(("name", "posts", "profile"), ARCHIVES)
def test_every_post_is_read_and_every_planned_status_arrives_once(
    passerelle: Passerelle, name: str, posts: int, profile: str
) -> None:
    archive = SHARED / name
    if not archive.exists():
        pytest.skip(f"the archive {name} is not on this machine")
    with rehearsal(passerelle, profile) as server:
        passerelle.run("import", str(archive), "--json")
        seen = passerelle.run("preview", "--json").data
        assert seen["source"]["posts"] == posts
        assert seen["publish"]["posts"] + sum(row["posts"] for row in seen["skip"]) == posts
        wanted = planned(passerelle)
        assert len(wanted) == seen["publish"]["statuses"]
        done = passerelle.run("publish", "--yes", "--json").data
        assert done["published"] == len(wanted)
        assert_arrived(server, wanted)
        again = passerelle.run("publish", "--yes", "--json").data
        assert (again["published"], again["already"]) == (0, len(wanted))


def test_the_sample_arrives_with_its_films_and_pictures(passerelle: Passerelle, museum: Path) -> None:
    with rehearsal(passerelle, "mastodon") as server:
        wanted = planned(passerelle, str(museum))
        passerelle.run("publish", str(museum), "--yes")
        assert_arrived(server, wanted)
        kinds = {medium.type for medium in server.state.media}
        assert {"image", "video"} <= kinds, kinds
