"""What every test has: a clean environment, loopback only, a clock of its own, and both databases."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from bridge.ledger import Ledger, open_ledger
from bridge.ledger.tables import metadata
from tests import postgresql

# The same examples in every run, so that a red run says something about the change. `PASSERELLE_EXPLORE=1`
# looks for new ones; what it finds becomes a test.
settings.register_profile(
    "suite",
    deadline=None,
    derandomize="PASSERELLE_EXPLORE" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("suite")

_UNWANTED = (
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "LINES",
    "CREDENTIALS_DIRECTORY",
)

_LIVE = "PASSERELLE_TEST_SERVER" in os.environ  # whoever names a live server wants it reached


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write what tests/golden expects anew, for review by diff",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: half of the time of a test goes into waiting for a socket."""
    return (os.cpu_count() or 1) + 1


_LONG = ("tests/e2e/", "tests/chaos/", "tests/engine/test_month", "tests/cli/test_watch")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, whatever the random order of the rest: they would be waited for in the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))


class Clock:
    """Stands still until it is moved. Fits where the engine wants a clock: sleeping moves it."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=max(0.0, seconds))

    def advance(self, **by: float) -> datetime:
        self._now += timedelta(**by)
        return self._now


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 1, 1, 12, 0, tzinfo=UTC))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither the settings nor the data folder of whoever runs the suite."""
    for name in os.environ:
        if name.startswith("PASSERELLE_") or name in _UNWANTED:
            monkeypatch.delenv(name)
    nowhere = tmp_path_factory.getbasetemp() / "nowhere"
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(nowhere / name.lower()))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost,::1")


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches anything but this machine. The failure is none that an `except Exception` could eat."""
    if _LIVE:
        return

    def guarded(name: str) -> Any:
        connect = getattr(socket.socket, name)

        def call(self: socket.socket, address: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
                pytest.fail(f"a test tried to connect to {address[0]}")
            return connect(self, address)

        return call

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guarded(name))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    with ExitStack() as stack:
        try:
            running = stack.enter_context(postgresql.server())
        except postgresql.Unavailable as reason:
            pytest.skip(f"PostgreSQL: {reason}")
        yield running


@pytest.fixture(scope="session")
def _postgresql_ledger(postgresql_server: postgresql.Server) -> Iterator[str]:
    with postgresql_server.database() as url:
        open_ledger(url).close()
        yield url


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "template.db"
    open_ledger(f"sqlite:///{path}").close()
    return path


DATABASES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgresql),
]


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without anything in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    with request.getfixturevalue("postgresql_server").database() as url:
        yield url


@pytest.fixture(params=DATABASES)
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty ledger, made by the migrations; on every database."""
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("_sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url = request.getfixturevalue("_postgresql_ledger")
    yield url
    postgresql.clear(url, [table.name for table in reversed(metadata.sorted_tables)])


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with open_ledger(ledger_url) as opened:
        yield opened
