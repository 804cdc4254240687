"""Every fault of the checklist, on a real socket (fediverse-rules §10.3)."""

from __future__ import annotations

import http.client
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sandbox.rules.faults import Fault, FaultKind, Faults

from .conftest import Client, picture
from .test_idempotency import until

POST = "POST /api/v1/statuses"


def raw(client: Client, body: bytes = b"status=one") -> bytes:
    """Everything that comes back over a bare socket; b"RESET" where the connection was reset."""
    head = (
        f"POST /api/v1/statuses HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    got = b""
    with socket.create_connection(("127.0.0.1", client.sandbox.port), timeout=10) as connection:
        connection.sendall(head.encode() + body)
        try:
            while piece := connection.recv(65_536):
                got += piece
        except ConnectionResetError:
            return b"RESET"
    return got


def ask_again(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/api/v1/instance")
    connection.getresponse()


def strike(client: Client, kind: FaultKind, **details: object) -> None:
    client.sandbox.faults.add(Fault(kind=kind, **{"times": 1} | details))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE, FaultKind.CUT_REQUEST])
def test_cut_before_anything_is_done(client: Client, kind: FaultKind) -> None:
    strike(client, kind, bytes=4)
    assert raw(client) in {b"", b"RESET"}
    assert client.sandbox.state.statuses == ()
    assert client.sandbox.state.requests == (("POST", "/api/v1/statuses", 0),)
    assert client.post("one").status == 200


def test_commit_then_drop(client: Client) -> None:
    strike(client, FaultKind.COMMIT_DROP)
    assert raw(client) == b""
    assert client.sandbox.state.texts == ("one",)


def test_commit_then_reset(client: Client) -> None:
    strike(client, FaultKind.COMMIT_DROP, reset=True)
    assert raw(client) == b"RESET"
    assert client.sandbox.state.texts == ("one",)


@pytest.mark.parametrize("bytes_", [0, 1, 17, 200])
def test_the_answer_is_cut_at_any_byte(client: Client, bytes_: int) -> None:
    strike(client, FaultKind.CUT_ANSWER, bytes=bytes_)
    assert len(raw(client)) == bytes_
    assert client.sandbox.state.texts == ("one",)


def test_the_answer_is_cut_in_the_middle(client: Client) -> None:
    strike(client, FaultKind.CUT_ANSWER)
    with pytest.raises(http.client.IncompleteRead):
        client.post("one")


@pytest.mark.parametrize(
    ("kind", "status", "stored"),
    [
        (FaultKind.ERROR_503, 503, 0),
        (FaultKind.ERROR_502, 502, 0),
        (FaultKind.ERROR_500, 500, 0),
        (FaultKind.ERROR_422, 422, 0),
        (FaultKind.HTML_429, 429, 0),
        (FaultKind.HTML_200, 200, 0),
        (FaultKind.MOVED_301, 301, 0),
        (FaultKind.REDIRECT, 307, 0),
        (FaultKind.UNAUTHORIZED, 401, 0),
        (FaultKind.FORBIDDEN, 403, 0),
        (FaultKind.GHOST, 200, 0),
        (FaultKind.COMMIT_504, 504, 1),
        (FaultKind.COMMIT_500, 500, 1),
        (FaultKind.COMMIT_HTML, 200, 1),
        (FaultKind.COMMIT_GARBAGE, 200, 1),
        (FaultKind.BAD_RESET, 200, 1),
        (FaultKind.CLOSE_AFTER, 200, 1),
    ],
)
def test_what_is_answered_and_what_is_stored(
    client: Client, kind: FaultKind, status: int, stored: int
) -> None:
    strike(client, kind, seconds=0)
    assert client.post("one").status == status
    assert len(client.sandbox.state.statuses) == stored
    assert client.sandbox.faults.history == [(kind, POST)]
    assert client.post("two").status == 200


def test_the_details_of_a_proxys_answers(client: Client) -> None:
    strike(client, FaultKind.HTML_429, seconds=17)
    limited = client.post()
    assert (limited.headers["Retry-After"], limited.headers["Content-Type"]) == (
        "17",
        "text/html; charset=utf-8",
    )
    strike(client, FaultKind.REDIRECT, to="http://other.invalid")
    assert client.post().headers["Location"] == "http://other.invalid/api/v1/statuses"
    strike(client, FaultKind.MOVED_301)
    assert client.post().headers["Location"] == "/api/v1/statuses/"
    strike(client, FaultKind.BAD_RESET)
    assert client.post().headers["X-RateLimit-Reset"] == "soon"
    strike(client, FaultKind.CLOCK_SKEW, seconds=-3600)
    assert client.post().headers["Date"] == "Sun, 22 Nov 2026 11:00:00 GMT"


def test_a_ghost_looks_like_a_status(client: Client) -> None:
    strike(client, FaultKind.GHOST)
    ghost = client.post("boo").json
    assert ghost["content"] == "<p>boo</p>"
    assert client.get(f"/api/v1/statuses/{ghost['id']}").status == 404


def test_a_slow_commit_arrives_after_the_client_gave_up(client: Client) -> None:
    strike(client, FaultKind.SLOW_COMMIT, seconds=20)
    connection = http.client.HTTPConnection("127.0.0.1", client.sandbox.port, timeout=0.2)
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/api/v1/statuses", b"status=late", headers)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    assert client.sandbox.state.statuses == ()
    client.sandbox.release()
    until(lambda: client.sandbox.state.texts == ("late",))


def test_a_slow_answer_is_committed_before(client: Client) -> None:
    strike(client, FaultKind.SLOW_ANSWER, seconds=20)
    waiting = threading.Thread(target=client.post)
    waiting.start()
    until(lambda: client.sandbox.state.waiting == 1)
    assert len(client.sandbox.state.statuses) == 1
    client.sandbox.release()
    waiting.join()


def test_the_server_misbehaves_quietly(client: Client) -> None:
    parent, media = client.post("parent").json["id"], client.upload(picture()).json["id"]
    strike(client, FaultKind.DROP_REPLY)
    assert client.post("reply", in_reply_to_id=parent).json["in_reply_to_id"] is None
    strike(client, FaultKind.DROP_MEDIA)
    assert client.post("picture", media_ids=[media]).json["media_attachments"] == []
    strike(client, FaultKind.WIDER)
    assert client.post("shy", visibility="private").json["visibility"] == "public"
    strike(client, FaultKind.NARROWER)
    assert client.post("loud", visibility="public").json["visibility"] == "private"
    strike(client, FaultKind.OWNER_DELETES)
    gone = client.post("regretted").json["id"]
    assert client.get(f"/api/v1/statuses/{gone}").status == 404
    strike(client, FaultKind.MEDIA_LOST, on="POST /api/v2/media")
    lost = client.upload(picture()).json["id"]
    assert client.post("lost", media_ids=[lost]).status == 422


def test_a_connection_that_closes_without_a_word(client: Client) -> None:
    client.sandbox.faults.add(Fault(kind=FaultKind.CLOSE_AFTER, on="GET *"))
    connection = http.client.HTTPConnection("127.0.0.1", client.sandbox.port, timeout=5)
    connection.request("GET", "/api/v1/instance")
    response = connection.getresponse()
    assert (response.headers["Connection"], bool(response.read())) == (None, True)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        ask_again(connection)
    connection.close()


def test_the_nth_request_is_struck_and_no_other() -> None:
    faults = Faults()
    number = faults.add(Fault(kind=FaultKind.ERROR_503, nth=3))
    assert [bool(faults.strike("POST", "/api/v1/statuses")) for _ in range(5)] == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert not faults.strike("GET", "/api/v1/statuses")
    faults.remove(number)
    assert len(faults) == 0


@given(st.integers(0, 10_000), st.floats(0.05, 0.95))
def test_chance_is_the_same_in_every_run_of_a_seed(seed: int, probability: float) -> None:
    def run() -> list[bool]:
        faults = Faults(seed)
        faults.add(Fault(kind=FaultKind.ERROR_503, probability=probability))
        return [bool(faults.strike("POST", "/api/v1/statuses")) for _ in range(100)]

    first = run()
    assert first == run()
    assert abs(sum(first) / 100 - probability) < 0.35


def test_each_kind_is_known_by_its_name() -> None:
    assert all(kind.value == kind.name.lower() for kind in FaultKind)
