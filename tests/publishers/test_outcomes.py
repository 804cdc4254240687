"""What each answer, and each silence, means for the publication in hand: over real sockets."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import Deferred, MediaError, NetworkError, PublishError, Refused, Unauthorized, Unknown
from bridge.publishers.base import Addressed, MediaFile
from bridge.publishers.mastodon import MastodonPublisher, connect
from bridge.publishers.profiles import PROFILES
from bridge.statuses import Body, Limits, StatusDraft
from tests.publishers.wires import Script, answer, closed_port, wire

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DATE = "Sun, 22 Nov 2026 11:58:00 GMT"  # the server is two minutes behind
STATUS = {
    "id": "7",
    "created_at": "2026-11-22T11:58:00.000Z",
    "visibility": "unlisted",
    "content": "<p>hello</p>",
    "media_attachments": [],
    "url": "https://a.example/7",
}
PAGE = answer(b"<html>hm</html>", kind="text/html")
DRAFT = StatusDraft(post_id="1", part=1, parts=1, text="hello", length=5)
SAID = Addressed(text="hello")
PICTURE = MediaFile(name="p.png", mime_type="image/png", size=3, sha256="x")


def publisher_of(url: str, *, limits: Limits | None = None, timeout: float = 5) -> MastodonPublisher:
    return connect(
        url, "secret-token", timeout=timeout, limits=limits, account="@me@a.example", now=lambda: NOW
    )


def outcome(script: Script, *, software: str = "", timeout: float = 5) -> PublishError:
    limits = PROFILES[software]("") if software else Limits()
    with wire(script) as server:
        publisher = publisher_of(
            server.url, limits=replace(limits, software=software or "unknown"), timeout=timeout
        )
        with pytest.raises(PublishError) as caught:
            publisher.publish(DRAFT, SAID, key="k")
        publisher.close()
    assert "secret-token" not in str(caught.value)
    return caught.value


def error(status: int, words: str, **headers: str) -> Script:
    return answer({"error": words}, status=status, headers=headers)


def html(status: int, **headers: str) -> Script:
    return answer(b"<html><h1>nginx</h1></html>", status=status, kind="text/html", headers=headers)


def cut(connection: socket.socket, request: bytes) -> None:
    connection.close()


def cut_in_the_body(connection: socket.socket, request: bytes) -> None:
    connection.sendall(
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"id": "7"'
    )
    connection.close()


def cut_between_chunks(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"id": "7\r\n')
    connection.close()


def reset(connection: socket.socket, request: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


def silent(connection: socket.socket, request: bytes) -> None:
    connection.recv(1)  # until the other side gives up


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


# --- uploads


def upload(script: Script, content: bytes = b"abc", *, limits: Limits | None = None) -> object:
    with wire(script) as server:
        return publisher_of(server.url, limits=limits).upload(
            PICTURE, lambda: io.BytesIO(content), description="é"
        )


@pytest.mark.parametrize(
    "script", [html(500), html(502), cut, cut_in_the_body, PAGE, html(301, Location="/x")]
)
def test_an_unanswered_upload_is_sent_again(script: Script) -> None:
    with pytest.raises(Deferred):
        upload(script)


@pytest.mark.parametrize(
    "script",
    [error(422, "Validation failed: File must be less than 16 MB"), html(413), error(400, "too large")],
)
def test_a_refused_file_is_a_matter_of_the_file(script: Script) -> None:
    with pytest.raises(MediaError):
        upload(script)


def test_an_upload_waits_for_its_window() -> None:
    with pytest.raises(Deferred) as caught:
        upload(html(429, **{"Retry-After": "60"}))
    assert caught.value.until == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("content", [b"ab", b"abcd", b""])
def test_a_file_of_another_length_is_not_sent_whole(content: bytes) -> None:
    with pytest.raises(MediaError, match="3 bytes"):
        upload(answer({"id": "1", "url": "x"}), content)


def test_a_file_that_cannot_be_read_is_a_matter_of_the_file() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("disk")

    with wire(answer({"id": "1"})) as server, pytest.raises(MediaError, match="disk"):
        publisher_of(server.url).upload(PICTURE, Broken, description=None)


@pytest.mark.parametrize(
    ("status", "url", "ready"), [(200, "https://a/1", True), (202, None, False), (202, "https://a/1", True)]
)
def test_ready_is_what_has_its_url(status: int, url: str | None, ready: bool) -> None:
    found = upload(answer({"id": 5, "url": url}, status=status))
    assert (found.remote_id, found.ready) == ("5", ready)  # type: ignore[attr-defined]


def test_the_other_path_is_tried_where_one_is_missing() -> None:
    def only_v1(connection: socket.socket, request: bytes) -> None:
        (answer({"id": "1", "url": "x"}) if b"/v1/media" in request else html(404))(connection, request)

    with wire(only_v1) as server:
        publisher = publisher_of(server.url, limits=Limits(async_media=True))
        for _ in range(2):
            publisher.upload(PICTURE, lambda: io.BytesIO(b"abc"), description=None)
        paths = [request.split(b" ")[1] for request in server.requests]
    assert paths == [b"/api/v2/media", b"/api/v1/media", b"/api/v1/media"]


def test_files_of_one_name_do_not_take_each_others_place() -> None:
    """snac 2.75 makes the id of an upload of its file name."""
    with wire(answer({"id": "1", "url": "x"})) as server:
        for sha256 in ("a" * 64, "b" * 64):
            file = replace(PICTURE, sha256=sha256, name='x/"\r\nA: b\u00e9.PNG')
            publisher_of(server.url).upload(file, lambda: io.BytesIO(b"abc"), description=None)
        names = [request.split(b'filename="')[1].split(b'"')[0] for request in server.requests]
    assert names == [b"a" * 24 + b".png", b"b" * 24 + b".png"]


def test_a_large_file_is_never_whole_in_memory() -> None:
    size = 4_000_000
    largest = 0

    class Endless(io.RawIOBase):
        left = size

        def read(self, count: int = -1) -> bytes:
            nonlocal largest
            largest = max(largest, count)
            count = min(count, self.left)
            self.left -= count
            return b"x" * count

    file = MediaFile(name="v.mp4", mime_type="video/mp4", size=size, sha256="x")
    with wire(answer({"id": "1", "url": "x"})) as server:
        publisher_of(server.url).upload(file, Endless, description=None)  # type: ignore[arg-type]  # reads suffice
        assert len(server.requests[0]) > size
    assert 0 < largest <= 1 << 20


STATES: dict[str, tuple[Script, object]] = {
    "ready": (answer({"id": "1", "url": "x"}), True),
    "in progress": (answer({"id": "1", "url": None}, status=206), False),
    "gone": (error(404, "Record not found"), None),
    "no such page": (html(405), None),
    "failed": (error(422, "Error processing thumbnail for uploaded media"), MediaError),
    "broken": (html(500), Deferred),
    "token": (error(401, "The access token is invalid"), Unauthorized),
}


@pytest.mark.parametrize("name", STATES)
def test_the_state_of_an_upload(name: str) -> None:
    script, expected = STATES[name]
    with wire(script) as server:
        publisher = publisher_of(server.url)
        if isinstance(expected, type):
            with pytest.raises(expected):
                publisher.uploaded("1")
        else:
            found = publisher.uploaded("1")
            assert (found.ready if found else None) is expected


# --- reads

READS: dict[str, tuple[Script, type[Exception]]] = {
    "dropped": (cut, NetworkError),
    "500": (html(500), NetworkError),
    "page": (PAGE, NetworkError),
    "page of 404": (html(404), NetworkError),
    "redirect": (html(302, Location="/login"), NetworkError),
    "window": (html(429, **{"Retry-After": "9"}), Deferred),
    "token": (error(401, "The access token is invalid"), Unauthorized),
}


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize(
    "call",
    [
        lambda p: p.get("7"),
        lambda p: p.own(),
        lambda p: p.identity(),
        lambda p: p.find(DRAFT, SAID, since=NOW),
    ],
    ids=["get", "own", "identity", "find"],
)
def test_reads_fail_as_reads(name: str, call: Callable[[MastodonPublisher], object]) -> None:
    script, kind = READS[name]
    with wire(script) as server, pytest.raises(kind):
        call(publisher_of(server.url))


def test_a_look_that_fails_half_way_finds_nothing_out() -> None:
    """A source that cannot be had just now must not pass for "not there"."""

    def play(connection: socket.socket, request: bytes) -> None:
        if b"/source" in request:
            html(429, **{"Retry-After": "9"})(connection, request)
        elif b"/statuses?" in request:
            answer([STATUS | {"content": "<p>rewritten</p>"}], headers={"Date": DATE})(connection, request)
        else:
            answer({"id": "1", "acct": "me"})(connection, request)

    with wire(play) as made, pytest.raises(Deferred):
        publisher_of(made.url).find(DRAFT, SAID, since=NOW)


def test_a_rewritten_text_is_told_by_its_source() -> None:
    def play(connection: socket.socket, request: bytes) -> None:
        if b"/source" in request:
            answer({"id": "7", "text": "hello", "spoiler_text": ""})(connection, request)
        elif b"max_id" in request:
            answer([])(connection, request)
        elif b"/statuses?" in request:
            answer([STATUS | {"content": "<p>rewritten</p>"}], headers={"Date": DATE})(connection, request)
        else:
            answer({"id": "1", "acct": "me"})(connection, request)

    with wire(play) as server:
        found = publisher_of(server.url).find(DRAFT, SAID, since=NOW)
    assert [receipt.remote_id for receipt in found] == ["7"]


def test_paging_ends_where_max_id_is_ignored() -> None:
    """snac 2.75 gives the same page for ever (servers.md)."""

    def play(connection: socket.socket, request: bytes) -> None:
        (answer([STATUS]) if b"/statuses?" in request else answer({"id": "1", "acct": "me"}))(
            connection, request
        )

    with wire(play) as server:
        publisher = publisher_of(server.url, limits=Limits(software="snac", backdates=True))
        first = publisher.own()
        assert len(first) == 1
        assert publisher.own(max_id=first[0].remote_id) == ()
        assert len(publisher.find(DRAFT, SAID, since=NOW)) == 1


# --- removing


def test_a_server_without_deletion_is_found_out() -> None:
    """snac 2.75 answers DELETE with 404 (servers.md)."""

    def play(connection: socket.socket, request: bytes) -> None:
        (html(404) if request.startswith(b"DELETE") else answer(STATUS))(connection, request)

    with wire(play) as server, pytest.raises(Refused, match="does not let"):
        publisher_of(server.url, limits=Limits(software="snac")).withdraw("7")


def test_an_edit_that_changes_nothing_is_done() -> None:
    """GoToSocial says 422 to it (§3.8)."""

    def play(connection: socket.socket, request: bytes) -> None:
        unchanged = error(422, "Unprocessable Entity: status was not changed")
        (unchanged if request.startswith(b"PUT") else answer(STATUS))(connection, request)

    with wire(play) as server:
        assert publisher_of(server.url).revise("7", DRAFT, SAID).remote_id == "7"


def test_scopes_are_told_where_the_server_tells_them() -> None:
    def play(connection: socket.socket, request: bytes) -> None:
        if b"/apps/" in request:
            answer({"name": "Passerelle", "scopes": ["profile", "write:statuses"]})(connection, request)
        else:
            answer({"id": "1", "username": "me", "acct": "me", "moved": {"acct": "new@b.example"}})(
                connection, request
            )

    with wire(play) as server:
        me = publisher_of(server.url).identity()
    assert (me.account, me.moved_to, me.scopes) == (
        "@me@a.example",
        "new@b.example",
        ("profile", "write:statuses"),
    )
