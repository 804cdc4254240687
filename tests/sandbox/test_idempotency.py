"""A repeated Idempotency-Key, software by software (fediverse-rules §2)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from bridge.sandbox.clock import ManualClock
from bridge.sandbox.server import Fault, FaultKind

from .conftest import Client, Got, Open, picture


@pytest.mark.parametrize("version", ["4.3.0", "4.5.0", "4.6.8", "4.7.2"])
def test_mastodon_answers_a_repeated_key_with_the_first_status(opened: Open, version: str) -> None:
    client = opened(version=version)
    first, second = client.post("one", key="k"), client.post("another body", key="k")
    assert (second.status, second.json["id"]) == (200, first.json["id"])
    assert client.sandbox.state.texts == ("one",)


@pytest.mark.parametrize("version", ["4.6.0", "4.6.5", "4.6.7", "4.7.0", "4.7.1"])
def test_mastodon_4_6_answers_a_repeated_key_with_500(opened: Open, version: str) -> None:
    """mastodon/mastodon#40399."""
    client = opened(version=version)
    client.post("one", key="k")
    page = client.post("one", key="k")
    assert (page.status, page.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    told = client.form(
        "POST", "/api/v1/statuses", {"status": "x"}, Idempotency_Key="k", Accept="application/json"
    )
    assert told.error == "Internal Server Error"
    assert client.sandbox.state.texts == ("one",)


def test_a_key_is_forgotten_after_an_hour(client: Client, clock: ManualClock) -> None:
    client.post("one", key="k")
    clock.advance(3599)
    client.post("one", key="k")
    clock.advance(1)
    client.post("two", key="k")
    assert client.sandbox.state.texts == ("one", "two")


def test_a_refused_request_leaves_the_key_free(client: Client) -> None:
    assert client.post("x" * 501, key="k").status == 422
    assert client.post("short", key="k").status == 200


def test_a_replay_consumes_nothing_of_the_status_window(client: Client) -> None:
    for _ in range(3):
        client.post("one", key="k")
    assert client.sandbox.application.world.counters[f"statuses:{client.sandbox.accounts[0].id}"].count == 1


def test_keys_belong_to_an_account(client: Client) -> None:
    other = Client(client.sandbox, client.sandbox.accounts[1].access_token)
    assert client.post("mine", key="k").json["id"] != other.post("theirs", key="k").json["id"]


def until(condition: Callable[[], bool]) -> None:
    """Lets the server's threads run until it holds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.001)


def at_once(client: Client, key: str, *, waits: bool) -> list[Got]:
    """Two requests with one key, the first of them held up between its checks and its commit."""
    sandbox, answers = client.sandbox, []
    sandbox.faults.add(Fault(kind=FaultKind.SLOW_COMMIT, nth=1, seconds=20))
    first = threading.Thread(target=lambda: answers.append(client.post("one", key=key)))
    first.start()
    until(lambda: sandbox.state.waiting == 1)
    second = threading.Thread(target=lambda: answers.append(client.post("one", key=key)))
    second.start()
    if waits:
        until(lambda: sandbox.state.waiting == 2)
        sandbox.release()
    second.join()
    sandbox.release()
    first.join()
    return answers


def test_up_to_4_5_two_at_once_make_two_statuses(opened: Open) -> None:
    client = opened(version="4.5.0")
    assert [got.status for got in at_once(client, "k", waits=False)] == [200, 200]
    assert client.sandbox.state.texts == ("one", "one")


def test_later_versions_make_the_second_one_wait(opened: Open) -> None:
    client = opened(version="4.6.8")
    answers = at_once(client, "k", waits=True)
    assert len({got.json["id"] for got in answers}) == 1
    assert client.sandbox.state.texts == ("one",)


def test_whoever_waits_too_long_is_told_to_try_again(opened: Open) -> None:
    client = opened(version="4.6.8")
    client.sandbox.exchange.lock_seconds = 0.05
    second, first = at_once(client, "k", waits=False)
    assert (second.status, second.error) == (
        503,
        "There was a temporary problem serving your request, please try again",
    )
    assert first.status == 200


@pytest.mark.parametrize("profile", ["gotosocial", "sharkey", "takahe", "snac"])
def test_servers_that_ignore_keys_make_a_second_status(opened: Open, profile: str) -> None:
    client = opened(profile)
    client.post("one", key="k")
    client.post("one", key="k")
    assert client.sandbox.state.texts == ("one", "one")


def test_akkoma_repeats_any_answer_whoever_asks_for_six_hours(opened: Open, clock: ManualClock) -> None:
    client = opened("akkoma")
    assert client.post("x" * 5001, key="k").status == 422
    clock.advance(21_599)
    other = Client(client.sandbox, client.sandbox.accounts[1].access_token)
    replayed = other.post("short", key="k")
    assert (replayed.status, replayed.headers["idempotent-replayed"]) == (422, "true")
    clock.advance(1)
    assert client.post("short", key="k").status == 200
    first, again = client.post("short", key="q"), client.post("short", key="q")
    assert first.body == again.body


def test_pixelfed_refuses_a_repeated_key_and_burns_it_before_it_looks(opened: Open) -> None:
    client = opened("pixelfed")
    media = client.upload(picture()).json["id"]
    assert client.post("no picture", key="k").status == 400
    refused = client.post("picture", key="k", media_ids=[media])
    assert (refused.status, refused.error) == (400, "Duplicate idempotency key.")
    assert client.post("picture", key="l", media_ids=[media]).status == 200


def test_iceshrimp_burns_a_key_whose_first_attempt_failed(opened: Open) -> None:
    client = opened("iceshrimp")
    assert client.post("", key="k").status == 422
    assert client.post("text", key="k").status == 408
    first, second = client.post("text", key="l"), client.post("text", key="l")
    assert first.json["id"] == second.json["id"]


@pytest.mark.parametrize(
    ("kind", "status", "count"),
    [(FaultKind.REPLAY_500, 500, 1), (FaultKind.KEY_IGNORED, 200, 2), (FaultKind.KEY_REFUSED, 400, 1)],
)
def test_a_fault_lends_one_server_the_manners_of_another(
    client: Client, kind: FaultKind, status: int, count: int
) -> None:
    client.sandbox.faults.add(Fault(kind=kind))
    client.post("one", key="k")
    assert client.post("one", key="k").status == status
    assert len(client.sandbox.state.statuses) == count
