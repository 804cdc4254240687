"""What each answer, and each silence, means for the publication in hand: over real sockets."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import Deferred, PublishError, Refused, Unauthorized, Unknown
from bridge.statuses import Body, Limits
from tests.changes import replace
from tests.publishers.answering import (
    DATE,
    DRAFT,
    NOW,
    PAGE,
    SAID,
    STATUS,
    cut,
    cut_between_chunks,
    cut_in_the_body,
    error,
    html,
    outcome,
    publisher_of,
    reset,
    silent,
)
from tests.publishers.wires import Script, answer, closed_port, wire

UNKNOWN: dict[str, Script] = {
    "500": html(500),
    "502": html(502),
    "503 of a lock": error(503, "There was a temporary problem serving your request, please try again"),
    "504": html(504),
    "520 of a proxy": html(520),
    "301": html(301, Location="/elsewhere"),
    "302": html(302, Location="https://other.example/"),
    "307": html(307, Location="https://other.example/"),
    "308": html(308, Location="https://other.example/"),
    "200 with a page": PAGE,
    "200 with nothing": answer(b""),
    "200 with cut JSON": answer(b'{"id": "7", '),
    "200 without an id": answer({"ok": True}),
    "200 with a list": answer([]),
    "408 of Iceshrimp.NET": error(408, "Failed to resolve idempotency key note within 1000 ms"),
    "400 of Pixelfed for a repeated key": error(400, "Duplicate idempotency key."),
    "dropped": cut,
    "dropped in the body": cut_in_the_body,
    "reset": reset,
    "dropped between chunks": cut_between_chunks,
}
REFUSED: dict[str, Script] = {
    "422": error(422, "Validation failed: Text character limit of 500 exceeded"),
    "400 of GoToSocial": error(400, "Bad Request: text with spoiler exceed max chars (5000)"),
    "404 of the parent": error(404, "The post you are trying to reply to does not appear to exist."),
    "413 of nginx": html(413),
    "406 of GoToSocial": error(
        406, "Not Acceptable: statuses can't be backdated to or before the UNIX epoch"
    ),
    "403 for a mention": error(403, "Forbidden: statuses mentioning others can't be backfilled"),
    "403 without backdating": error(403, "Forbidden: backdating statuses has been disabled on this instance"),
}
UNAUTHORIZED: dict[str, tuple[Script, str]] = {
    "401": (error(401, "The access token is invalid"), "token"),
    "revoked": (error(401, "The access token was revoked"), "token"),
    "scope": (error(403, "This action is outside the authorized scopes"), "may not do this"),
    "disabled": (error(403, "Your login is currently disabled"), "suspended"),
    "pending": (error(403, "Your login is currently pending approval"), "approval"),
    "unconfirmed": (error(403, "Your login is missing a confirmed e-mail address"), "e-mail"),
    "moved": (error(403, "Forbidden: your account has moved"), "moved"),
    "blocked address": (answer(b"Forbidden", status=403, kind="text/plain"), "firewall"),
    "something else": (error(403, "No."), "does not allow it: No."),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_nobody_can_tell(name: str) -> None:
    assert isinstance(outcome(UNKNOWN[name]), Unknown)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_servers_words(name: str) -> None:
    assert isinstance(outcome(REFUSED[name]), Refused)


def test_the_servers_words_are_kept_on_one_line() -> None:
    found = outcome(error(422, "Validation failed:\n\x1b[31mText\u202e can't be blank"))
    assert "Validation failed: [31mText can't be blank" in found.message


@pytest.mark.parametrize("name", UNAUTHORIZED)
def test_the_account_stops(name: str) -> None:
    script, sentence = UNAUTHORIZED[name]
    found = outcome(script)
    assert isinstance(found, Unauthorized)
    assert sentence in found.message


def test_silence_after_sending_is_unknown() -> None:
    assert isinstance(outcome(silent, timeout=0.2), Unknown)


def test_a_dripping_answer_ends() -> None:
    stop = threading.Event()

    def drip(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        while not stop.wait(0.03):
            connection.sendall(b" ")

    assert isinstance(outcome(drip, timeout=0.1), Unknown)
    stop.set()


def test_nothing_left_when_nobody_listens() -> None:
    publisher = publisher_of(f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(Deferred) as caught:
        publisher.publish(DRAFT, SAID, key="k")
    assert caught.value.sent is False


def test_nothing_left_when_there_is_no_such_name() -> None:
    publisher = publisher_of("http://no-such-host.invalid")
    with pytest.raises(Deferred) as caught:
        publisher.publish(DRAFT, SAID, key="k")
    assert caught.value.sent is False


def test_nothing_left_when_the_server_speaks_no_tls() -> None:
    with wire(html(400)) as server:
        publisher = publisher_of(server.url.replace("http:", "https:"))
        with pytest.raises(Deferred) as caught:
            publisher.publish(DRAFT, SAID, key="k")
    assert caught.value.sent is False
    assert "clock" in caught.value.message


def test_a_kept_connection_that_broke_is_unknown_or_not_sent() -> None:
    with wire(answer(STATUS)) as server:
        publisher = publisher_of(server.url)
        publisher.publish(DRAFT, SAID, key="k")
        server.script = reset
        with pytest.raises(Unknown):
            publisher.publish(DRAFT, SAID, key="l")
        assert len(server.requests) == 2  # once: nothing is sent again behind our back


def test_requests_share_a_connection() -> None:
    with wire(answer(STATUS)) as server:
        publisher = publisher_of(server.url)
        for key in "abc":
            publisher.publish(DRAFT, SAID, key=key)
        assert len(server._open) == 1


def test_a_server_that_closes_silently_gets_a_connection_for_each_request() -> None:
    with wire(answer(STATUS)) as server:
        publisher = publisher_of(server.url, limits=Limits(keeps_alive=False))
        for key in "abc":
            publisher.publish(DRAFT, SAID, key=key)
        assert len(server._open) == 3


def test_rate_limit_of_mastodon_ends_by_our_clock() -> None:
    found = outcome(
        error(
            429,
            "Too many requests",
            Date=DATE,
            **{
                "X-RateLimit-Limit": "300",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": "2026-11-22T12:00:00.123456Z",
            },
        )
    )
    assert isinstance(found, Deferred)
    assert found.until == NOW + timedelta(seconds=121, microseconds=123456)


def test_rate_limit_of_a_proxy_says_when_to_come_back() -> None:
    found = outcome(html(429, **{"Retry-After": "30"}))
    assert isinstance(found, Deferred)
    assert found.until == NOW + timedelta(seconds=30)


def test_rate_limit_without_a_time_leaves_it_to_the_caller() -> None:
    found = outcome(error(429, "Throttled"), software="akkoma")
    assert isinstance(found, Deferred)
    assert found.until is None
    assert found.sent


def test_media_that_are_not_ready_are_waited_for() -> None:
    words = "Cannot attach files that have not finished processing. Try again in a moment!"
    assert isinstance(outcome(error(422, words)), Deferred)


def test_a_web_page_instead_of_the_api_is_no_refusal_of_the_post() -> None:
    assert isinstance(outcome(html(404)), Deferred)


MISSKEY: dict[str, tuple[str | None, type[PublishError]]] = {
    "rate": ("RATE_LIMIT_EXCEEDED", Deferred),
    "token": ("AUTHENTICATION_FAILED", Unauthorized),
    "suspended": ("YOUR_ACCOUNT_SUSPENDED", Unauthorized),
    "reply": ("NO_SUCH_REPLY_TARGET", Refused),
    "internal": ("INTERNAL_ERROR", Unknown),
    "mute": (None, Unknown),
}


@pytest.mark.parametrize("name", MISSKEY)
def test_sharkey_says_401_for_everything(name: str) -> None:
    code, kind = MISSKEY[name]
    body = {"error": {"code": code, "message": "Because."}} if code else {}
    assert isinstance(outcome(answer(body, status=401), software="sharkey"), kind)


def test_success_stays_success_when_mastodon_py_would_raise() -> None:
    """§6: an unreadable reset raises on a 200; deprecation warns."""
    headers = {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "junk", "Deprecation": "@1"}
    with wire(answer(STATUS, headers=headers)) as server:
        receipt = publisher_of(server.url).publish(DRAFT, SAID, key="k")
    assert receipt.remote_id == "7"
    assert receipt.text == "hello"


def test_a_schedule_is_no_publication() -> None:
    body = {"id": "3", "scheduled_at": "2030-01-01T00:00:00.000Z", "params": {}, "media_attachments": []}
    assert isinstance(outcome(answer(body)), Refused)


def test_quota_is_that_of_the_last_answer() -> None:
    headers = {
        "Date": DATE,
        "X-RateLimit-Limit": "300",
        "X-RateLimit-Remaining": "299",
        "X-RateLimit-Reset": "2026-11-22T14:58:00.000000Z",
    }
    with wire(answer(STATUS, headers=headers)) as server:
        publisher = publisher_of(server.url)
        assert publisher.quota is None
        publisher.publish(DRAFT, SAID, key="k")
        quota = publisher.quota
    assert quota is not None
    assert (quota.limit, quota.remaining, quota.seconds_left) == (300, 299, 10_800)
    assert quota.reset == NOW + timedelta(hours=3)


def test_one_request_with_its_key_and_a_user_agent() -> None:
    with wire(answer(STATUS)) as server:
        publisher_of(server.url).publish(DRAFT, SAID, key="the-key")
        (request,) = server.requests
    assert request.startswith(b"POST /api/v1/statuses HTTP/1.1")
    assert b"Idempotency-Key: the-key" in request
    assert b"User-Agent: Passerelle/" in request
    assert b"Authorization: Bearer secret-token" in request
    assert b"scheduled_at" not in request


def test_a_token_that_is_the_name_of_a_file_stays_a_token(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "secret-token").write_text("another")
    monkeypatch.chdir(tmp_path)
    with wire(answer(STATUS)) as server:
        publisher_of(server.url).publish(DRAFT, SAID, key="k")
        assert b"Bearer secret-token" in server.requests[0]


def test_hollo_gets_json() -> None:
    with wire(answer(STATUS)) as server:
        publisher_of(server.url, limits=Limits(body=Body.JSON)).publish(DRAFT, SAID, key="k")
        assert b'"status": "hello"' in server.requests[0]
        assert b"Idempotency-Key: k" in server.requests[0]


def test_a_past_date_goes_with_its_milliseconds_and_only_where_it_backdates() -> None:
    dated = replace(DRAFT, backdate=datetime(2014, 1, 2, 3, 4, 5, 678000, tzinfo=UTC))
    with wire(answer(STATUS)) as server:
        publisher_of(server.url, limits=Limits(backdates=True)).publish(dated, SAID, key="k")
        publisher_of(server.url).publish(dated, SAID, key="k")
    assert b"scheduled_at=2014-01-02T03%3A04%3A05.678Z" in server.requests[0]
    assert b"scheduled_at" not in server.requests[1]
