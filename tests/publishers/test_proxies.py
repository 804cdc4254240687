"""Through the proxy of an institution, over real sockets: what goes that way, what never does, and what a
request that the proxy turns away is."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bridge.config.proxies import proxy_for
from bridge.errors import ConfigError, Deferred, NetworkError, Unknown
from bridge.media.fetch import Caps, Fetcher
from tests.publishers.answering import DATE, DRAFT, SAID, STATUS, cut, publisher_of
from tests.publishers.proxy import NAME, certificate, proxy_to, secure
from tests.publishers.wires import Wire, answer, closed_port, wire

PLAIN, SECURE = f"http://{NAME}", f"https://{NAME}"
DONE = answer(STATUS, headers={"Date": DATE})


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def port_of(server: Wire) -> int:
    return urlsplit(server.url).port or 0


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        (SECURE, "http://user:secret@proxy.example:3128"),
        (PLAIN, "http://other.example:8080"),
        ("https://near.example", None),
        ("https://sub.near.example:8443", None),
        ("https://localhost", None),
        ("https://practice.localhost:8000", None),
        ("http://127.0.0.1:8000", None),
        ("http://[::1]:8000", None),
    ],
)
def test_the_environment_names_the_proxy(
    environment: pytest.MonkeyPatch, url: str, proxy: str | None
) -> None:
    environment.setenv("HTTPS_PROXY", "http://user:secret@proxy.example:3128")
    environment.setenv("HTTP_PROXY", "other.example:8080")
    environment.setenv("NO_PROXY", "near.example")
    assert proxy_for(url) == proxy


def test_a_proxy_for_everything(environment: pytest.MonkeyPatch) -> None:
    assert proxy_for(SECURE) is None
    environment.setenv("ALL_PROXY", "http://proxy.example")
    assert proxy_for(SECURE) == proxy_for(PLAIN) == "http://proxy.example"


def test_a_proxy_of_another_kind_is_refused_without_its_secrets(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "socks5://user:secret@proxy.example:1080")
    with pytest.raises(ConfigError, match="socks5") as caught:
        proxy_for(SECURE)
    assert "secret" not in f"{caught.value} {caught.value.hint}"


def test_a_status_goes_through_the_proxy() -> None:
    with wire(DONE) as server, proxy_to(port_of(server)) as proxy:
        publisher = publisher_of(PLAIN).via(proxy.url)
        assert publisher.publish(DRAFT, SAID, key="k").remote_id == "7"
        publisher.close()
    assert proxy.requests[0].startswith(f"POST {PLAIN}/api/v1/statuses ".encode())
    assert server.requests[0].startswith(b"POST /api/v1/statuses ")


def test_a_secure_server_is_reached_by_a_tunnel_that_hides_the_token(tmp_path: Path) -> None:
    try:
        pem = certificate(tmp_path)
    except FileNotFoundError:
        pytest.skip("there is no openssl to make a certificate with")
    with secure(DONE, pem) as port, proxy_to(port) as proxy:
        publisher = publisher_of(SECURE).via(proxy.url)
        publisher._line.verify = str(pem)
        assert publisher.publish(DRAFT, SAID, key="k").remote_id == "7"
        publisher.close()
    assert proxy.requests[0].startswith(f"CONNECT {NAME}:443 ".encode())
    assert not any(b"secret-token" in request for request in proxy.requests)


@pytest.mark.parametrize("status", [403, 407, 502])
def test_what_the_proxy_turns_away_has_not_left(status: int) -> None:
    with wire(answer(b"no", status=status, kind="text/html")) as proxy:
        publisher = publisher_of(SECURE).via(proxy.url.replace("//", "//user:hidden@"))
        with pytest.raises(Deferred) as caught:
            publisher.publish(DRAFT, SAID, key="k")
        publisher.close()
    assert "hidden" not in str(caught.value)
    assert proxy.requests[0].startswith(b"CONNECT ")
    assert b"secret-token" not in proxy.requests[0]


def test_a_proxy_that_is_not_there_is_no_loss() -> None:
    publisher = publisher_of(SECURE).via(f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(Deferred):
        publisher.publish(DRAFT, SAID, key="k")


def test_a_request_that_the_proxy_took_and_dropped_may_have_arrived() -> None:
    with wire(cut) as proxy:
        publisher = publisher_of(PLAIN).via(proxy.url)
        with pytest.raises(Unknown):
            publisher.publish(DRAFT, SAID, key="k")
        publisher.close()


def test_the_fetcher_asks_for_vouched_hosts_by_the_proxy() -> None:
    with (
        wire(answer({"hello": "world"})) as server,
        proxy_to(port_of(server)) as proxy,
        Fetcher(allow_hosts=[NAME], proxy_for=lambda _: proxy.url) as web,
    ):
        assert web.get(f"{PLAIN}/nodeinfo").json() == {"hello": "world"}
    assert proxy.requests[0].startswith(f"GET {PLAIN}/nodeinfo ".encode())


def test_the_fetcher_never_asks_a_proxy_for_what_nobody_named() -> None:
    """A proxy would look the name up inside the institution, where nothing can be checked."""

    def inside(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("10.0.0.7", 80))]

    with (
        wire(answer({"hello": "world"})) as proxy,
        Fetcher(allow_hosts=[NAME], proxy_for=lambda _: proxy.url, resolve=inside) as web,
        pytest.raises(NetworkError, match="no public address"),
    ):
        web.get("http://inside.example/")
    assert proxy.requests == []


def test_the_fetcher_tells_of_a_proxy_that_refuses() -> None:
    with (
        wire(answer(b"no", status=403)) as proxy,
        Fetcher(allow_hosts=[NAME], proxy_for=lambda _: proxy.url, caps=Caps(attempts=1)) as web,
        pytest.raises(NetworkError, match="The proxy does not lead to"),
    ):
        web.get(SECURE)
