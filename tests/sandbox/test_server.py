"""The server as a whole: a file that survives, controls, pages, real clients."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from mastodon import Mastodon
from mastodon.errors import MastodonNetworkError, MastodonRatelimitError

from bridge.errors import ConfigError
from bridge.sandbox.clock import ManualClock
from bridge.sandbox.rules.softwares import PROFILES
from bridge.sandbox.server import Fault, FaultKind, Sandbox, ready_line

from .conftest import Client, Open, picture
from .test_faults import ask_again


def speaking(sandbox: Sandbox, **options: object) -> Mastodon:
    return Mastodon(
        access_token=sandbox.token, api_base_url=sandbox.base_url, ratelimit_method="throw", **options
    )


@pytest.fixture
def spoken(client: Client) -> Mastodon:
    return speaking(client.sandbox, version_check_mode="created", mastodon_version="4.5.0")


def test_mastodon_py_posts_replies_and_attaches(client: Client, spoken: Mastodon) -> None:
    me = spoken.account_verify_credentials()
    media = spoken.media_post(picture(), "image/png", description="A lock", focus=(0.1, 0.2))
    first = spoken.status_post(
        "one", media_ids=[media], visibility="unlisted", language="fr", idempotency_key="k"
    )
    reply = spoken.status_post("two", in_reply_to_id=first, spoiler_text="W", quoted_status_id=first.id)
    assert reply.quote.quoted_status.id == first.id
    assert [status.id for status in spoken.account_statuses(me.id)] == [reply.id, first.id]
    older = spoken.fetch_next(spoken.account_statuses(me.id, limit=1))
    assert older is not None
    assert [status.id for status in older] == [first.id]
    assert first.media_attachments[0].description == "A lock"
    assert spoken.status_source(reply.id).text == "two"
    assert spoken.instance_v2().configuration.statuses.max_characters == 500
    poll = spoken.make_poll(["a", "b"], 3600)
    assert [option.title for option in spoken.status_post("?", poll=poll).poll.options] == ["a", "b"]
    assert spoken.status_update(first.id, "edited", media_ids=[media]).edited_at
    assert spoken.status_delete(reply.id).text == "two"
    assert client.sandbox.state.texts == ("edited", "?")


def test_mastodon_py_learns_of_limits_and_silence(client: Client, spoken: Mastodon) -> None:
    client.sandbox.faults.add(Fault(kind=FaultKind.COMMIT_DROP, times=1))
    with pytest.raises(MastodonNetworkError):
        spoken.status_post("lost answer")
    for _ in range(30):
        spoken.media_post(picture(4, 4), "image/png")
    with pytest.raises(MastodonRatelimitError):
        spoken.media_post(picture(4, 4), "image/png")
    assert spoken.ratelimit_limit == 30
    assert client.sandbox.state.texts == ("lost answer",)


def test_everything_survives_a_restart_in_a_file(tmp_path: Path, clock: ManualClock) -> None:
    file = tmp_path / "rehearsal.db"
    with Sandbox(data=file, clock=clock) as sandbox:
        client, port = Client(sandbox), sandbox.port
        media = client.upload(picture()).json["id"]
        first = client.post("one", key="k", media_ids=[media]).json
        client.post("two", in_reply_to_id=first["id"])
    with Sandbox(data=file, clock=clock) as sandbox:
        client = Client(sandbox)
        assert (sandbox.port, sandbox.state.texts) == (port, ("one", "two"))
        assert client.post("again", key="k").json["id"] == first["id"]
        assert client.get(f"/media/{media}").body == picture()
        assert (
            client.get(f"/api/v1/statuses/{first['id']}/context").json["descendants"][0]["content"]
            == "<p>two</p>"
        )
        three = client.post("three")
        assert three.json["id"] > first["id"]
        assert sandbox.application.world.counters[f"statuses:{sandbox.accounts[0].id}"].count == 3
    with pytest.raises(ConfigError, match="mastodon profile, not akkoma"):
        Sandbox(data=file, profile="akkoma")


def test_what_cannot_be_is_said_in_a_sentence(tmp_path: Path, client: Client) -> None:
    with pytest.raises(ConfigError, match="no practice server called misskey"):
        Sandbox(profile="misskey")
    with pytest.raises(ConfigError, match=f"Port {client.sandbox.port} cannot be used"):
        Sandbox(port=client.sandbox.port)
    (tmp_path / "text").write_text("not a database at all, just words " * 50)
    with pytest.raises(ConfigError, match="cannot be used for the practice server"):
        Sandbox(data=tmp_path / "text")


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_every_profile_says_who_it_is(opened: Open, profile: str) -> None:
    client = opened(profile)
    links = client.get("/.well-known/nodeinfo").json["links"]
    info = client.get(links[0]["href"].removeprefix(client.sandbox.base_url)).json
    assert info["software"] == {
        "name": client.sandbox.profile.software,
        "version": client.sandbox.profile.version,
    }
    assert client.get("/api/v1/instance").json["version"] == client.sandbox.profile.announced
    v2 = client.get("/api/v2/instance")
    assert v2.status == (200 if client.sandbox.profile.instance_v2 else 404)
    assert client.get("/api/v1/accounts/verify_credentials").json["username"] == "practice"


def test_controls_over_http(client: Client) -> None:
    added = client.ask(
        "POST", "/_practice/faults", b'{"kind": "commit_504", "nth": 1}', Content_Type="application/json"
    )
    assert added.json == {"id": 1}
    assert client.form("POST", "/_practice/faults", {"kind": "error_503", "times": 2}).json == {"id": 2}
    assert client.post("one").status == 503
    assert client.ask("DELETE", "/_practice/faults/2").status == 200
    assert client.get("/_practice/faults").json["struck"][0]["kind"] == "commit_504"
    assert client.ask("DELETE", "/_practice/faults").status == 200
    assert client.form("POST", "/_practice/faults", {"kind": "nonsense"}).status == 422
    media = client.upload(picture()).json["id"]
    row = client.post("two", key="k", media_ids=[media]).json
    moved = client.form("POST", "/_practice/clock", {"advance": 3600}).json["now"]
    assert moved == "2026-11-22T13:00:00+00:00"
    state = client.get("/_practice/state").json
    assert [(s["text"], s["media_ids"], s["key"]) for s in state["statuses"]] == [("two", [media], "k")]
    assert state["requests"]["by_request"]["POST /api/v1/statuses"] == 2
    assert client.get("/_practice/state?since=1").json["statuses"] == []
    token = client.form("POST", "/_practice/tokens", {"username": "visitor", "scopes": "read"}).json[
        "access_token"
    ]
    assert Client(client.sandbox, token).post().status == 403
    assert client.form("POST", "/_practice/delete", {"id": row["id"]}).status == 200
    assert client.sandbox.state.statuses == ()


def test_controls_are_not_for_other_sites(client: Client) -> None:
    assert client.ask("GET", "/_practice/state", Origin="https://evil.example").status == 403
    assert client.get("/_practice/nothing").status == 404


def test_connections_are_kept_and_reused(client: Client) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", client.sandbox.port, timeout=5)
    for _ in range(3):
        connection.request("GET", "/api/v1/instance")
        assert connection.getresponse().read()
        held = connection.sock
    connection.request("GET", "/nowhere")
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read()), connection.sock) == (
        404,
        {"error": "Record not found"},
        held,
    )
    connection.request("POST", "/api/v1/statuses", iter([b"status=in+", b"pieces"]), {
        "Authorization": f"Bearer {client.token}", "Content-Type": "application/x-www-form-urlencoded",
    }, encode_chunked=True)  # fmt: skip
    assert json.loads(connection.getresponse().read())["content"] == "<p>in pieces</p>"
    connection.close()


def test_bodies_that_lie(client: Client) -> None:
    assert client.ask("POST", "/api/v1/statuses", b"{", Content_Type="application/json").status == 400
    assert client.ask("POST", "/api/v1/statuses", b"x", Content_Type="multipart/form-data").status == 400
    assert client.ask("POST", "/api/v1/statuses", b"[1]", Content_Type="application/json").status == 422
    assert client.ask("PATCH", "/api/v1/statuses").status == 405


def test_a_body_that_no_server_takes(client: Client) -> None:
    got = client.ask("POST", "/api/v2/media", Content_Length=str(1 << 30))
    assert (got.status, got.headers["Connection"]) == (413, "close")


def test_many_clients_at_once_lose_nothing(opened: Open) -> None:
    client = opened(limits=False)
    threads = [
        threading.Thread(target=lambda i=i: [client.post(f"{i}-{n}") for n in range(10)])  # type: ignore[misc]
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = client.sandbox.state.statuses
    assert len({row.id for row in rows}) == len({row.text for row in rows}) == 80


def test_stopping_ends_open_connections(clock: ManualClock) -> None:
    sandbox = Sandbox(clock=clock).start()
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    connection.request("GET", "/api/v1/instance")
    connection.getresponse().read()
    sandbox.stop()
    with pytest.raises((http.client.HTTPException, OSError)):
        ask_again(connection)
    connection.close()


SERVE = """
from bridge.sandbox.server import Sandbox, serve
serve(Sandbox(), say=lambda line: print(line, flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_one_line_and_stops_on_a_signal(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        connection = http.client.HTTPConnection(said["base_url"].removeprefix("http://"), timeout=5)
        token = said["accounts"][0]["access_token"]
        connection.request(
            "GET", "/api/v1/accounts/verify_credentials", headers={"Authorization": f"Bearer {token}"}
        )
        assert json.loads(connection.getresponse().read())["id"] == said["accounts"][0]["id"]
        connection.close()
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stdout.read() == b""


def test_the_ready_line(client: Client) -> None:
    line = ready_line(client.sandbox)
    assert set(line) == {"base_url", "accounts"}
    assert line["accounts"][0] == {  # type: ignore[index]
        "username": "practice",
        "id": client.sandbox.accounts[0].id,
        "access_token": client.sandbox.token,
    }
