"""Processes and servers for the tests that see the program from outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge import sample
from tests.e2e import snac as snac2
from tests.e2e.command import Passerelle


@pytest.fixture
def passerelle(tmp_path: Path) -> Passerelle:
    return Passerelle(home=tmp_path / "home")


@pytest.fixture(scope="session")
def museum() -> Path:
    return sample.path()


@pytest.fixture(scope="session")
def snac_binary() -> Path:
    try:
        return snac2.obtain()
    except snac2.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def snac(snac_binary: Path, tmp_path: Path) -> Iterator[snac2.Snac]:
    with snac2.serving(snac_binary, tmp_path / "snac") as server:
        yield server
