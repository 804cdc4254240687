from __future__ import annotations

import gzip
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from bridge.errors import NetworkError
from bridge.media.fetch import Caps, Fetcher, is_public, place
from tests.publishers.wires import Script, Wire, answer, closed_port, wire

HERE = "127.0.0.1"


def told(table: dict[str, list[str]]) -> Callable[..., list[tuple[object, ...]]]:
    """A resolver that knows these names."""

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host not in table:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in table[host]]

    return resolve


def fetcher(*hosts: str, **options: object) -> Fetcher:
    naps: list[float] = []
    return Fetcher(allow_hosts=hosts or [HERE], sleep=naps.append, **options)  # type: ignore[arg-type]


@pytest.fixture
def hello() -> Iterator[Wire]:
    with wire(answer({"hello": "world"})) as server:
        yield server


def redirect(target: str, status: int = 302) -> Script:
    return answer(b"", status=status, headers={"Location": target})


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
    ],
)
def test_only_public_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_what_is_shown_of_an_address_holds_no_secret() -> None:
    assert place("https://me:secret@a.example/path?token=secret#secret") == "https://a.example/path"
    assert place("https://[broken/") == "this address"


def test_reads_a_document(hello: Wire) -> None:
    with fetcher() as web:
        reply = web.get(f"{hello.url}/x?y=1")
    assert (reply.status, reply.json(), reply.url) == (200, {"hello": "world"}, f"{hello.url}/x?y=1")
    assert b"user-agent: passerelle/" in hello.requests[0].lower()


def test_a_private_host_needs_the_operators_word(hello: Wire) -> None:
    with pytest.raises(NetworkError, match="no public address"):
        fetcher("other.example").get(hello.url)
    assert hello.requests == []


def test_the_word_may_be_for_one_port_only(hello: Wire) -> None:
    port = urlsplit(hello.url).port
    assert fetcher(f"{HERE}:{port}").get(hello.url).ok
    with pytest.raises(NetworkError, match="no public address"):
        fetcher(f"{HERE}:{port}").get(f"http://{HERE}:1/")


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_other_spellings_of_loopback_are_private_too(host: str) -> None:
    with pytest.raises(NetworkError):
        fetcher("other.example").get(f"http://{host}:1/")


def test_one_private_address_among_public_ones_is_enough() -> None:
    resolve = told({"mixed.example": ["93.184.216.34", "10.0.0.1"]})
    with pytest.raises(NetworkError, match=r"10\.0\.0\.1"):
        fetcher("other.example", resolve=resolve).get("http://mixed.example/")


def test_a_redirect_to_a_private_address_is_not_followed(hello: Wire) -> None:
    with (
        wire(redirect("http://169.254.169.254/latest/meta-data/")) as server,
        pytest.raises(NetworkError) as caught,
    ):
        fetcher().get(server.url)
    assert "169.254.169.254" in caught.value.message


def test_the_address_that_was_checked_is_the_one_spoken_to(hello: Wire) -> None:
    """DNS rebinding: a second look-up would answer otherwise."""
    asked: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return told({"rebind.example": [HERE if len(asked) == 1 else "10.0.0.1"]})(host, port)

    port = urlsplit(hello.url).port
    assert fetcher("rebind.example", resolve=resolve).get(f"http://rebind.example:{port}/").ok
    assert asked == ["rebind.example"]
    assert f"host: rebind.example:{port}".encode() in hello.requests[0].lower()


def test_another_address_is_tried_when_the_first_is_dead(hello: Wire) -> None:
    port = urlsplit(hello.url).port
    resolve = told({"two.example": ["127.0.0.2", HERE]})
    assert fetcher("two.example", resolve=resolve).get(f"http://two.example:{port}/").ok


def test_redirects_are_followed_and_told() -> None:
    def play(connection: socket.socket, request: bytes) -> None:
        (redirect("/there") if b" /here " in request else answer({"at": "there"}))(connection, request)

    with wire(play) as server:
        reply = fetcher().get(f"{server.url}/here")
    assert reply.url == f"{server.url}/there"


def test_redirects_without_end_end() -> None:
    with wire(redirect("/again")) as server:
        with pytest.raises(NetworkError, match="without end"):
            fetcher().get(server.url)
        assert len(server.requests) == 6


@pytest.mark.parametrize("target", ["ftp://a.example/", "file:///etc/passwd", "http://", "//", "http://[::"])
def test_redirects_lead_to_web_addresses_only(target: str) -> None:
    with wire(redirect(target)) as server, pytest.raises(NetworkError):
        fetcher().get(server.url)


def test_a_token_does_not_follow_to_another_host(hello: Wire) -> None:
    port = urlsplit(hello.url).port
    resolve = told({"other.example": [HERE], HERE: [HERE]})
    with wire(redirect(f"http://other.example:{port}/")) as server:
        web = fetcher(HERE, "other.example", resolve=resolve)
        web.get(server.url, headers={"Authorization": "Bearer secret"})
        assert b"secret" in server.requests[0]
    assert b"secret" not in hello.requests[0]


def test_a_post_is_sent_once_and_never_redirected() -> None:
    with wire(redirect("/elsewhere", status=307)) as server:
        assert fetcher().post(server.url, form={"a": "ü&"}).status == 307
        (request,) = server.requests
    assert request.endswith(b"a=%C3%BC%26")
    with wire(answer(b"", status=503)) as server:
        assert fetcher().post(server.url, json={"a": [1]}).status == 503
        assert len(server.requests) == 1


def test_a_reading_is_tried_again_with_growing_patience() -> None:
    naps: list[float] = []
    with wire(answer(b"", status=503)) as server:
        reply = Fetcher(allow_hosts=[HERE], sleep=naps.append).get(server.url)
        assert len(server.requests) == 3
    assert reply.status == 503
    assert naps == [0.5, 1.0]


def test_a_broken_connection_is_tried_again() -> None:
    calls = []

    def play(connection: socket.socket, request: bytes) -> None:
        calls.append(request)
        if len(calls) == 1:
            connection.close()
        else:
            answer({})(connection, request)

    with wire(play) as server:
        assert fetcher().get(server.url).ok


def test_what_is_too_large_is_not_read_to_its_end() -> None:
    bomb = gzip.compress(b"0" * 3_000_000)
    script = answer(bomb, headers={"Content-Encoding": "gzip"})
    with wire(script) as server, pytest.raises(NetworkError, match="larger than 1,000,000"):
        fetcher(caps=Caps(size=1_000_000)).get(server.url)


def test_what_drips_is_given_up() -> None:
    def drip(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        while True:
            connection.sendall(b" ")

    caps = Caps(seconds=0.0, attempts=1)
    with wire(drip) as server, pytest.raises(NetworkError, match="longer than"):
        fetcher(caps=caps).get(server.url)


def test_silence_has_a_sentence() -> None:
    def silent(connection: socket.socket, request: bytes) -> None:
        connection.recv(1)

    with wire(silent) as server, pytest.raises(NetworkError, match="did not answer in time"):
        fetcher(caps=Caps(step=0.1, attempts=1)).get(server.url)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        pytest.param(f"http://{HERE}:{closed_port()}/", "cannot be reached", id="nobody listens"),
        ("http://no-such-host.invalid/", "no address for no-such-host.invalid"),
        ("ftp://a.example/", "no web address"),
        ("mailto:me@a.example", "no web address"),
        ("http://exa mple/", "no"),
        ("", "no web address"),
    ],
)
def test_each_trouble_has_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        fetcher().get(url)


def test_no_tls_has_a_sentence() -> None:
    with wire(answer({})) as server, pytest.raises(NetworkError, match="No secure connection"):
        fetcher().get(server.url.replace("http:", "https:"))


def test_a_page_is_no_document() -> None:
    with wire(answer(b"<html>", kind="text/html")) as server, pytest.raises(NetworkError, match="not JSON"):
        fetcher().get(server.url).json()


def test_proxies_of_the_environment_are_not_used(hello: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{HERE}:{closed_port()}")
    assert fetcher().get(hello.url).ok
