"""`verify --repair`: what was deleted on the account comes back if a person wants it, once."""

from __future__ import annotations

from urllib.request import Request, urlopen

import pytest

from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli
from tests.cli.test_flow import MUSEUM, YEAR, account, server

__all__ = ["account", "server"]


def delete(server: Sandbox, number: int) -> str:
    gone = server.state.statuses[number].id
    url = f"{server.base_url}/api/v1/statuses/{gone}"
    urlopen(Request(url, method="DELETE", headers={"Authorization": f"Bearer {server.token}"})).close()
    return gone


@pytest.fixture
def gone(cli: Cli, server: Sandbox, account: str) -> str:
    """The status that was deleted, after all were published."""
    cli("publish", MUSEUM, *YEAR, "--yes")
    return delete(server, -1)


def test_it_asks_first(cli: Cli, gone: str, server: Sandbox) -> None:
    count = len(server.state.statuses)
    found = cli("verify", "--repair", "--json")
    assert (found.code, found.document["error"]["code"]) == (2, "USAGE")
    assert "1 status is missing" in found.document["error"]["message"]
    assert "on purpose" in found.document["error"]["message"]
    assert "--yes" in found.document["error"]["hint"]
    assert cli("publish", *YEAR, "--yes", "--json").data["published"] == 0
    assert len(server.state.statuses) == count


@pytest.mark.parametrize(("answer", "code", "published"), [("yes", 0, 1), ("no", 3, 0)])
def test_a_person_decides(
    cli: Cli, gone: str, answer: str, code: int, published: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.cli.output.is_terminal", lambda _: True)
    found = cli("verify", "--repair", stdin=answer + "\n")
    assert (found.code, found.err.count("(yes/no)")) == (code, 1)
    assert cli("publish", *YEAR, "--yes", "--json").data["published"] == published


def test_it_comes_back_exactly_once(cli: Cli, gone: str, server: Sandbox) -> None:
    found = cli("verify", "--repair", "--yes", "--json")
    assert (found.code, found.data["put_back"], found.data["settled_posts"]) == (0, 1, [])
    assert [row["remote_id"] for row in found.data["missing"]] == [gone]
    assert cli("verify", "--json").data["missing"] == []
    assert cli("publish", *YEAR, "--yes", "--json").data["published"] == 1
    assert cli("verify", "--repair", "--json").code == 0  # nothing to ask
    assert cli("publish", *YEAR, "--yes", "--json").data["published"] == 0
    texts = [status.text for status in server.state.statuses]
    assert len(texts) == len(set(texts))


def test_the_log_tells(cli: Cli, gone: str) -> None:
    [row] = cli("verify", "--json").data["missing"]
    cli("verify", "--repair", "--yes")
    data = cli("log", row["id"], "--json").data
    assert data["deliveries"][-1]["state"] == "approved"
    assert f"missing: status {gone}" in [event["detail"] for event in data["events"]][-1]
