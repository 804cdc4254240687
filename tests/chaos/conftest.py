"""One campaign for all tests of this folder: archives are made and read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import postgresql
from tests.chaos.drive import Campaign, Outcome
from tests.chaos.scenarios import Scenario

Runs = Callable[[Iterable[Scenario]], list[Outcome]]


@pytest.fixture(scope="session")
def campaign(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Campaign:
    """On SQLite alone where PostgreSQL is not to be had."""
    database: postgresql.Server | None
    try:
        database = request.getfixturevalue("postgresql_server")
    except pytest.skip.Exception:
        database = None
    return Campaign(tmp_path_factory.mktemp("chaos"), database)


@pytest.fixture
def run_all(campaign: Campaign) -> Runs:
    """Three at a time: each spends half of its time waiting."""

    def run(scenarios: Iterable[Scenario]) -> list[Outcome]:
        with ThreadPoolExecutor(3) as pool:
            return list(pool.map(campaign.run, scenarios))

    return run
