"""X's own API at the command line: its token, what is read with it, and what that costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bridge.config.credentials import XToken, load_credentials, load_x_tokens, save_x_tokens
from bridge.config.x_key import StoredKey, choose
from bridge.errors import Barred, ConfigError
from bridge.ledger import open_ledger
from bridge.ledger.owner import this_process
from bridge.media.fetch import Fetcher
from bridge.posts import Author
from bridge.publishers.loopback import LoopbackListener
from bridge.sandbox.server import Sandbox
from bridge.sources.twitter_api.authorize import Client, code_in, exchange, page_of, revoke
from tests.cli.conftest import ROOT, Cli
from tests.publishers.wires import Wire, closed_port, wire
from tests.sources import archives as made
from tests.sources.archives import HANDLE, OWNER_ID, day
from tests.sources.x_api import FakeX, number, tweet

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def x() -> FakeX:
    return FakeX([tweet(day(n), f"post {n}") for n in (2, 3)])


@pytest.fixture
def server(x: FakeX) -> Iterator[Wire]:
    with wire(x) as running:
        yield running


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(allow_hosts=["127.0.0.1"], sleep=lambda _: None) as opened:
        yield opened


@pytest.fixture
def live(home: Path, server: Wire, monkeypatch: pytest.MonkeyPatch) -> str:
    home.mkdir()
    settings(home, server)
    monkeypatch.setenv("PASSERELLE_X_TOKEN", "good")
    return "live"


def settings(home: Path, server: Wire, budget: float = 5.0, account: str = f"@{HANDLE}") -> None:
    (home / "config.toml").write_text(
        f'[sources.live]\ntype = "x-api"\naccount = "{account}"\n'
        f'[x_api]\nmax_usd_per_month = {budget}\nserver = "{server.url}"\n',
        "utf-8",
    )


# --- reading


def test_a_timeline_is_imported_and_what_it_cost_is_shown(cli: Cli, x: FakeX, live: str) -> None:
    found = cli("import", live, "--json").data
    assert (found["source"], found["owner"], found["era"], found["new"]) == (
        f"twitter:{OWNER_ID}", HANDLE, "x-api", 2,
    )  # fmt: skip
    x.tweets.append(tweet(day(4), "post 4"))
    assert cli("import", live, "--json").data["new"] == 1
    assert set(x.served.values()) == {1}
    assert x.paths.count(f"/2/users/by/username/{HANDLE}") == 1  # a cent, once
    spending = cli("status", "--json").data["spending"]
    assert (round(spending["usd"], 6), spending["max_usd"]) == (0.010 + 3 * 0.005, 5.0)
    assert "of the $5.00 for" in cli("status").out


def test_nobody_asks_while_another_process_does(cli: Cli, home: Path, x: FakeX, live: str) -> None:
    cli("import", live, "--json")
    with open_ledger(f"sqlite:///{home / 'ledger.db'}") as ledger:
        source, own = f"twitter:{OWNER_ID}", this_process()
        hold = ledger.streams.hold(source, "x-api", owner=own, now=datetime.now(UTC), seconds=600)
        asked = len(x.paths)
        found = cli("import", live, "--json")
        assert (found.code, found.document["error"]["code"], len(x.paths)) == (7, "LOCKED", asked)
        ledger.streams.release(hold)
    assert cli("import", live, "--json").code == 0


def test_nothing_about_money_is_said_where_nothing_is_billed(cli: Cli) -> None:
    assert cli("status", "--json").data["spending"] is None


def test_what_a_preview_has_paid_for_is_kept(cli: Cli, x: FakeX, live: str) -> None:
    assert cli("preview", live, "--json").data["source"]["posts"] == 2
    assert cli("import", live, "--json").data["posts"] == 2
    assert set(x.served.values()) == {1}


def test_a_post_of_an_archive_is_published_once(cli: Cli, x: FakeX, live: str, tmp_path: Path) -> None:
    tweets = [made.y_tweet(day(n), f"post {n}") for n in (1, 2)]
    archive = made.write_zip(tmp_path / "archive.zip", made.y2(tweets))
    with Sandbox(limits=False, username="museum") as mastodon:
        cli("login", mastodon.base_url, "--with-token", stdin=mastodon.token + "\n")
        named = [str(archive), live]
        assert [cli("publish", each, "--yes", "--json").data["published"] for each in named] == [2, 1]
    assert set(x.served) == {day(3)}  # nobody pays for what the archive has


def test_a_budget_stops_reading_and_what_came_is_there(
    cli: Cli, home: Path, x: FakeX, server: Wire, live: str
) -> None:
    x.tweets = [tweet(day(n), f"post {n}") for n in range(1, 40)]
    settings(home, server, budget=0.2)
    stopped = cli("import", live, "--json")
    assert (stopped.code, stopped.document["error"]["code"]) == (8, "BUDGET_SPENT")
    assert "may go on from 1 " in stopped.document["error"]["message"]
    assert f"publish twitter:{OWNER_ID}" in stopped.document["error"]["hint"]
    assert cli("status", "--json").data["spending"]["usd"] <= 0.2
    settings(home, server, budget=5)
    assert cli("import", live, "--json").data["posts"] == 39
    assert set(x.served.values()) == {1}


@pytest.mark.parametrize(("status", "code"), [(402, 4), (403, 4), (429, 5), (404, 1)])
def test_refusals_have_their_exit_codes(cli: Cli, x: FakeX, live: str, status: int, code: int) -> None:
    x.faults = [(status, {"detail": "no"}, {})]
    found = cli("import", live, "--json")
    assert found.code == code
    assert "good" not in found.out + found.err


@pytest.mark.parametrize(("budget", "faults", "code"), [(0.0, [], 8), (5.0, [(402, {}, {})], 4)])
def test_a_watch_that_may_not_read_says_so(
    cli: Cli, home: Path, x: FakeX, server: Wire, live: str, budget: float, faults: list[Any], code: int
) -> None:
    with Sandbox(limits=False, username="museum") as mastodon:
        found = cli("login", mastodon.base_url, "--with-token", "--json", stdin=mastodon.token + "\n")
        settings(home, server, budget=budget, account=OWNER_ID)
        with (home / "config.toml").open("a", encoding="utf-8") as file:
            file.write(
                f'[destinations.d]\naccount = "{found.data["account"]}"\nserver = "{mastodon.base_url}"\n'
                '[mirrors.museum]\nsources = ["live"]\ndestination = "d"\n'
            )
        x.faults = [*faults]
        assert cli("watch", "--once", "--from", "now", "--json").code == code


@pytest.mark.parametrize("deletions", ["mark", "ignore"])
def test_what_x_has_no_more_is_followed(
    cli: Cli, home: Path, x: FakeX, server: Wire, live: str, deletions: str
) -> None:
    now = datetime.now(UTC)
    x.tweets += [tweet(number(now - timedelta(hours=n)), f"post {n}") for n in (3, 2, 1)]
    with Sandbox(limits=False, username="museum") as mastodon:
        found = cli("login", mastodon.base_url, "--with-token", "--json", stdin=mastodon.token + "\n")
        settings(home, server, account=OWNER_ID)
        with (home / "config.toml").open("a", encoding="utf-8") as file:
            file.write(
                f'[destinations.d]\naccount = "{found.data["account"]}"\nserver = "{mastodon.base_url}"\n'
                f'[mirrors.museum]\nsources = ["live"]\ndestination = "d"\nwatch.deletions = "{deletions}"\n'
            )
        yesterday = f"{now - timedelta(days=1):%Y-%m-%d}"
        assert cli("watch", "--once", "--from", yesterday, "--json").data["published"] == 3
        assert len(x.served) == 3  # what was written before is not asked for
        gone = x.tweets.pop(3)
        assert cli("watch", "--once", "--json").data["edited"] == (deletions == "mark")
        marked = [each.text for each in mastodon.state.statuses if each.spoiler_text]
    assert marked == ([gone["text"]] if deletions == "mark" else [])
    assert len(x.looked_up) == (deletions == "mark")
    assert cli("import", live, "--json").data["new"] == 2  # but by whoever wants it


def test_doctor_tries_the_token_for_nothing_and_tells_the_budget(
    cli: Cli, x: FakeX, live: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said() -> tuple[int, str]:
        found = cli("doctor", "--json")
        assert "good" not in found.out + found.err
        checks = [each for each in found.document["data"]["checks"] if each["name"] == "X"]
        return found.code, " / ".join(f"{each['state']} {each['message']}" for each in checks)

    code, told = said()
    assert code == 0
    assert "ok the token of an app (PASSERELLE_X_TOKEN) works" in told
    assert "$0.00 of $5.00 spent" in told
    assert x.paths == ["/2/tweets"]  # which names no post: nothing is read, nothing billed
    x.token = "another"
    assert said()[0] == 4
    assert "fail the token of an app (PASSERELLE_X_TOKEN) is not valid any more" in said()[1]
    x.token = "good"
    x.faults = [(402, {}, {})]
    assert "no credits left" in said()[1]
    monkeypatch.delenv("PASSERELLE_X_TOKEN")
    assert said() == (4, "fail there is no token for live / ok " + told.partition(" / ok ")[2])


def test_without_a_token_the_way_to_one_is_said(
    cli: Cli, home: Path, live: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PASSERELLE_X_TOKEN")
    found = cli("import", live, "--json")
    assert (found.code, "passerelle login x" in found.document["error"]["hint"]) == (4, True)


def test_what_does_not_go_together_is_said(cli: Cli, home: Path, server: Wire, live: str) -> None:
    assert "by itself" in cli("import", live, live, "--json").document["error"]["message"]
    for wrong in ('type = "x-api"', 'type = "x-api"\naccount = "@a"\npaths = ["a.zip"]'):
        (home / "config.toml").write_text(f"[sources.live]\n{wrong}\n", "utf-8")
        found = cli("config", "check", "--json")
        assert (found.code, "has an `account`" in found.document["error"]["message"]) == (2, True)


# --- the token


def test_the_token_of_an_app_is_kept_beside_those_of_servers(
    cli: Cli, home: Path, live: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PASSERELLE_X_TOKEN")
    with Sandbox(limits=False, username="museum") as mastodon:
        assert cli("login", "x", "--with-token", "--json", stdin="good\n").data["account"] is None
        cli("login", mastodon.base_url, "--with-token", stdin=mastodon.token + "\n")
    file = home / "credentials.toml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert (len(load_credentials(file)), load_x_tokens(file)["app"].token) == (1, "good")
    assert cli("import", live, "--json").data["new"] == 2
    assert cli("logout", "x", "--json").data == {"account": "x", "revoked": True}
    assert (len(load_credentials(file)), load_x_tokens(file)) == (1, {})
    assert cli("login", "x", "--with-token", "--json").code == 2
    assert cli("login", "x", "--json", "--no-input").code == 2


def test_a_login_by_the_browser_is_proved_by_pkce(x: FakeX, server: Wire, fetcher: Fetcher) -> None:
    client = Client(server="https://api.x.com", id="app-1")
    page = page_of(client, redirect_uri="http://127.0.0.1:1/callback", state="s", challenge="c")
    assert page.startswith("https://x.com/i/oauth2/authorize?response_type=code&client_id=app-1&")
    assert "offline.access" in page
    client = Client(server=server.url, id="app-1")
    came_to = "http://127.0.0.1:1/callback?state=s&code=the-code"
    code = code_in(came_to, state="s")
    granted = exchange(client, code, fetcher, redirect_uri="http://127.0.0.1:1/callback", verifier="v")
    assert (granted.token, granted.refresh_token, granted.seconds) == ("user-1", "refresh-1", 7200)
    assert "user-1" not in repr(granted)
    with pytest.raises(Barred, match="Value passed is invalid"):
        exchange(client, "other", fetcher, redirect_uri="http://127.0.0.1:1/callback", verifier="v")
    assert revoke(client, granted.token, fetcher)


def test_a_login_by_the_browser_comes_back_by_itself(
    cli: Cli, home: Path, x: FakeX, server: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = closed_port()
    home.mkdir()
    settings(home, server)
    command = [sys.executable, "-m", "bridge", "login", "x", "--client-id", "app-1", "--json"]
    environ = {**os.environ, "PASSERELLE_X_API__CALLBACK_PORT": str(port)}
    with subprocess.Popen(
        command, env=environ, cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as login:  # fmt: skip
        assert login.stdout is not None
        assert login.stderr is not None
        page = next(line for line in login.stderr if "/i/oauth2/authorize?" in line)
        asked = parse_qs(urlsplit(page.strip()).query)
        x.verifier = asked["code_challenge"][0]
        with Fetcher(allow_hosts=["127.0.0.1"]) as browser:
            back = f"{asked['redirect_uri'][0]}?state={asked['state'][0]}&code=the-code"
            assert browser.get(back).status == 200
        said = json.loads(login.stdout.read())
    assert said["data"] == {"account": f"twitter:{OWNER_ID}", "handle": HANDLE}
    assert load_x_tokens(home / "credentials.toml")[OWNER_ID].refresh_token == "refresh-1"
    assert cli("import", "live", "--json").data["new"] == 2
    assert cli("logout", "x", "--json").data["revoked"]


def test_a_port_that_is_taken_is_said() -> None:
    with LoopbackListener() as first:
        port = urlsplit(first.redirect_uri).port
        assert port is not None
        with pytest.raises(ConfigError, match="is taken"):
            LoopbackListener(port)


def user_token(**changes: str) -> XToken:
    given = {
        "id": OWNER_ID, "token": "old", "handle": HANDLE, "refresh_token": "refresh-0", "client_id": "app-1",
        "expires_at": (NOW + timedelta(hours=2)).isoformat(),
    }  # fmt: skip
    return XToken(**{**given, **changes})


def test_a_token_is_renewed_before_it_dies_and_kept(server: Wire, fetcher: Fetcher, tmp_path: Path) -> None:
    file = tmp_path / "credentials.toml"
    save_x_tokens(file, {OWNER_ID: user_token(), "app": XToken(id="app", token="t")})
    now = NOW

    def key() -> StoredKey:
        return StoredKey(file, load_x_tokens(file)[OWNER_ID], server=server.url, web=fetcher, now=lambda: now)

    one, other = key(), key()
    assert one.token() == "old"
    now += timedelta(hours=2)
    assert one.token() == "user-1"
    assert tomllib.loads(file.read_text())["x"][OWNER_ID]["refresh_token"] == "refresh-1"
    assert other.renew()  # a refresh token works once: it takes what the other one has kept
    assert other.token() == "user-1"
    assert one.renew()  # refused, though it seemed to live
    assert one.token() == "user-2"
    save_x_tokens(file, {OWNER_ID: user_token(refresh_token="used")})
    with pytest.raises(Barred, match="refresh token is used"):
        key().renew()


def test_which_token_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "credentials.toml"
    stranger = Author(id="5", handle="other")
    save_x_tokens(file, {OWNER_ID: user_token()})
    assert choose(file, stranger).id == OWNER_ID  # reads what is public
    save_x_tokens(file, {OWNER_ID: user_token(), "app": XToken(id="app", token="t")})
    assert choose(file, stranger).id == "app"
    assert choose(file, Author(id=f"@{HANDLE.lower()}", handle=HANDLE.upper())).id == OWNER_ID
    monkeypatch.setenv("PASSERELLE_X_TOKEN", "given")
    assert choose(file, Author(id=OWNER_ID)).token == "given"
    assert not StoredKey(file, user_token(), server="http://x.example", web=None, now=lambda: NOW).renew()  # type: ignore[arg-type]
