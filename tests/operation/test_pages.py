"""The pages for monitoring, over real sockets: figures, is the loop alive, can a mirror work."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bridge.engine.bench import InTurn
from bridge.errors import ConfigError, LedgerError, Locked, NetworkError
from bridge.ledger import Ledger, open_ledger
from bridge.ledger.owner import Owner
from bridge.operation.address import Address
from bridge.operation.pages import pages
from bridge.operation.server import PageServer, ask
from bridge.publishers.memory import Fault
from bridge.statuses import Window
from bridge.worker import Worker
from tests.changes import replace
from tests.engine.village import LIMITS, Village
from tests.operation.office import Office
from tests.publishers.wires import answer, closed_port, wire

HERE = Address("127.0.0.1", 0)
ACCOUNT = "@museum@memory.example"


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


@pytest.fixture
def village(ledger: Ledger) -> Village:
    village = Village(ledger, "museum", "library")
    village.home("museum").server._limits = replace(
        LIMITS, windows=(Window(name="statuses", limit=300, seconds=10_800),)
    )
    village.begin()
    return village


@pytest.fixture
def office(ledger: Ledger, village: Village) -> Office:
    return Office(ledger, village)


@pytest.fixture
def server(office: Office) -> Iterator[PageServer]:
    running = PageServer(HERE, pages(office.watched))
    yield running
    running.close()


def get(server: PageServer, path: str, method: str = "GET", accept: str = "") -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.address.port, timeout=10)
    connection.request(method, path, headers={"Accept": accept})
    found = connection.getresponse()
    text = found.read().decode()
    connection.close()
    return found.status, text, found.headers["Content-Type"]


def figures(server: PageServer) -> dict[tuple[str, ...], float]:
    """By name and values of labels, as Prometheus reads them."""
    status, text, kind = get(server, "/metrics")
    assert status == 200
    assert kind.startswith("text/plain; version=")
    return {
        (sample.name.removeprefix("passerelle_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_a_mirror_does_is_told_in_figures(office: Office, village: Village, server: PageServer) -> None:
    village.run(office.worker, seconds=30)
    office.watched.ledger.queue.save_limits(ACCOUNT, village.home("museum").server.limits())
    museum, home = village.accounts["museum"], village.home("museum")
    village.accounts["library"].problem = NetworkError("down")
    home.server.faults.append(Fault.REFUSED)
    for n in range(3):
        museum.write(f"post {n}")
    village.run(office.worker, seconds=1800)
    assert len(home.texts) == 2
    office.pulse.heard("sources", 200)
    office.pulse.heard("servers", 429)
    office.pulse.heard("servers", None)
    office.tick()
    found = figures(server)
    assert found["posts_read_total", "museum"] == 3
    assert found["statuses", ACCOUNT, "museum", "published"] == 2
    assert found["statuses", ACCOUNT, "museum", "failed"] == 1
    assert found["statuses", ACCOUNT, "museum", "queued"] == 0
    assert found["statuses_sent_total", ACCOUNT, "museum", "published"] == 2
    assert found["statuses_sent_total", ACCOUNT, "museum", "failed"] == 1
    assert 0 <= found["behind_seconds", ACCOUNT, "museum"] <= 2
    assert found["budget_limit", ACCOUNT, "museum", "10800", "statuses"] == 300
    assert found["budget_remaining", ACCOUNT, "museum", "10800", "statuses"] == 298
    assert found["mirror_state", ACCOUNT, "museum", "works"] == 1
    assert found["mirror_state", ACCOUNT, "museum", "stopped"] == 0
    assert found["mirror_state", ACCOUNT, "museum", "standing_by"] == 0
    assert (found["source_up", "museum"], found["source_up", "library"]) == (1, 0)
    assert found["source_polls_total", "failed", "library"] > 1
    assert 0 < found["source_last_success_age_seconds", "museum"] < 700
    assert found["source_last_success_age_seconds", "library"] > 1700
    assert found["requests_total", "429", "servers"] == 1
    assert found["requests_total", "none", "servers"] == 1
    assert found["requests_total", "2xx", "sources"] == 1
    assert found["incidents", "source"] == 1
    assert found["process_open_fds",] > 0  # of the process
    assert ("x_spent_dollars",) not in found  # nothing is read by X's API


def test_money_is_told_where_it_is_spent(office: Office, village: Village) -> None:
    running = PageServer(HERE, pages(replace(office.watched, x_budget=5.0)))
    found = figures(running)
    running.close()
    assert (found["x_spent_dollars",], found["x_budget_dollars",]) == (0, 5)


def test_another_format_is_served_where_it_is_asked_for(server: PageServer) -> None:
    _, text, kind = get(server, "/metrics", accept="application/openmetrics-text; version=1.0.0")
    assert kind.startswith("application/openmetrics-text")
    assert text.endswith("# EOF\n")
    status, text, _ = get(server, "/metrics", "HEAD")
    assert (status, text) == (200, "")
    assert get(server, "/")[0] == 404


def test_names_are_those_of_the_field(server: PageServer) -> None:
    _, text, _ = get(server, "/metrics")
    names = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE)
    assert all(re.fullmatch(r"(passerelle|process)_[a-z_]+", name) for name, _ in names)
    assert all(name.endswith("_total") == (kind == "counter") for name, kind in names)


def test_the_loop_is_alive_as_long_as_it_comes_round(
    office: Office, village: Village, server: PageServer
) -> None:
    assert ask(server.address, "/healthz") == (False, "The loop has not begun.")
    village.worker().run(lambda: office.pulse.idle is not None, office.pulse.turned)
    assert ask(server.address, "/healthz")[0]
    village.time.sleep(59)
    assert ask(server.address, "/healthz")[0]
    village.time.sleep(2)
    assert ask(server.address, "/healthz") == (False, "The loop came round 61.0 s ago.")


class Slow(InTurn):
    """A request that is under way for a while, when the loop is told to end."""

    patience = 3

    def finished(self) -> list[tuple[str, str, object]]:
        self.patience -= 1
        return super().finished() if self.patience < 0 else []


def test_while_the_last_request_is_finished_the_loop_is_alive(ledger: Ledger, village: Village) -> None:
    owner, time = Owner(host="elsewhere", boot="b", pid=1, started="1"), village.time
    worker = Worker(village, time, Slow(time, longest=30), owner=owner, voice=lambda *_, **__: None)
    beats: list[object] = []
    worker.run(lambda: bool(beats), lambda: beats.append(time.now()))
    assert len(beats) == 1 + Slow.patience
    assert not worker.busy


def test_it_is_ready_when_a_mirror_can_work(office: Office, village: Village, server: PageServer) -> None:
    assert ask(server.address, "/readyz") == (False, "0 of 2 accounts at work; 2 starting")
    village.home("museum").unauthorized = True
    village.accounts["museum"].write("hello")
    village.run(office.worker, seconds=120)
    assert ask(server.address, "/readyz") == (True, "1 of 2 accounts at work; 1 stopped")
    for account in village.homes:
        office.pulse.tended(account, Locked("Another one has it."))
    assert ask(server.address, "/readyz") == (False, "0 of 2 accounts at work; 2 standing by")


def test_it_is_not_ready_without_its_ledger(
    office: Office, village: Village, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    village.run(office.worker, seconds=30)
    assert ask(server.address, "/readyz")[0]

    def gone(*_: object) -> None:
        raise LedgerError("The ledger is gone.")

    monkeypatch.setattr("bridge.ledger.runs.Runs.last", gone)
    assert ask(server.address, "/readyz") == (False, "The ledger is gone.")
    monkeypatch.setattr("bridge.ledger.figures.Figures.counts", gone)
    assert get(server, "/metrics")[0] == 503


def test_an_address_that_is_taken_is_said(server: PageServer) -> None:
    with pytest.raises(ConfigError, match="nothing can be served at 127"):
        PageServer(server.address, {})


def test_asking_where_nobody_of_ours_is() -> None:
    with pytest.raises(NetworkError, match="No `watch` answers"):
        ask(Address("127.0.0.1", closed_port()), "/healthz")
    with wire(answer(b"hello")) as other, pytest.raises(NetworkError, match="Another program"):
        ask(Address.parse(other.url.removeprefix("http://")), "/healthz")
    with wire(lambda connection, _: connection.close()) as other, pytest.raises(NetworkError):
        ask(Address.parse(other.url.removeprefix("http://")), "/healthz")


@pytest.mark.parametrize(
    ("text", "host", "port", "here", "private"),
    [
        ("9464", "127.0.0.1", 9464, "127.0.0.1:9464", True),
        (":9464", "127.0.0.1", 9464, "127.0.0.1:9464", True),
        ("localhost:1", "localhost", 1, "localhost:1", True),
        ("0.0.0.0:9464", "0.0.0.0", 9464, "127.0.0.1:9464", False),
        ("[::]:9464", "::", 9464, "[::1]:9464", False),
        ("[::1]:9464", "::1", 9464, "[::1]:9464", True),
        ("mirror.example:80", "mirror.example", 80, "mirror.example:80", False),
    ],
)
def test_addresses(text: str, host: str, port: int, here: str, private: bool) -> None:
    found = Address.parse(text)
    assert (found.host, found.port, str(found.here), found.is_private) == (host, port, here, private)
    assert Address.parse(str(found)) == found


@pytest.mark.parametrize(
    "text", ["", "host", "host:", "127.0.0.1:99999", "::1:9464", "1:2:3", "127.0.0.1:-1"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        Address.parse(text)
