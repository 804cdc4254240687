"""Uploads, and requests that only read: what each answer means. Over real sockets."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from datetime import timedelta

import pytest

from bridge.errors import Deferred, MediaError, NetworkError, Refused, Unauthorized
from bridge.publishers.base import Addressed, MediaFile
from bridge.publishers.mastodon import MastodonPublisher
from bridge.statuses import Limits
from tests.changes import replace
from tests.publishers.answering import (
    DATE,
    DRAFT,
    NOW,
    PAGE,
    PICTURE,
    SAID,
    STATUS,
    cut,
    cut_in_the_body,
    error,
    html,
    publisher_of,
)
from tests.publishers.wires import Script, answer, wire


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


@pytest.mark.parametrize(
    ("content", "doubtful"), [("hello <b>there</b>", [True]), ("four quite other words", [])]
)
def test_without_a_source_nobody_can_tell(content: str, doubtful: list[bool]) -> None:
    """A server that changes texts and has no /source: what resembles it is neither found nor absent."""

    def play(connection: socket.socket, request: bytes) -> None:
        if b"/source" in request:
            error(404, "Record not found")(connection, request)
        elif b"max_id" in request:
            answer([])(connection, request)
        elif b"/statuses?" in request:
            answer([STATUS | {"content": content}], headers={"Date": DATE})(connection, request)
        else:
            answer({"id": "1", "acct": "me"})(connection, request)

    said = "hello *there*, and so on"
    with wire(play) as server:
        found = publisher_of(server.url).find(replace(DRAFT, text=said), Addressed(text=said), since=NOW)
    assert [receipt.doubtful for receipt in found] == doubtful


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
