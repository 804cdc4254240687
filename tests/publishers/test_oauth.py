from __future__ import annotations

import io
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from PIL import Image

from bridge.errors import ConfigError, NetworkError, Unauthorized
from bridge.media.fetch import Fetcher
from bridge.publishers import oauth
from bridge.publishers.base import Addressed, MediaFile
from bridge.publishers.loopback import LoopbackListener
from bridge.publishers.mastodon import connect
from bridge.publishers.servers import detect
from bridge.sandbox.server import Sandbox
from bridge.statuses import Limits, StatusDraft
from tests.changes import replace
from tests.publishers.wires import answer, wire

MASTODON = Limits(software="mastodon")


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(allow_hosts=["127.0.0.1"], sleep=lambda _: None) as made:
        yield made


def allow(url: str, *, decision: str = "allow") -> requests.Response:
    """What the person does in the browser: open the page, press the button."""
    parts = urlsplit(url)
    fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
    page = requests.get(url, timeout=5)
    assert page.ok
    return requests.post(
        f"{parts.scheme}://{parts.netloc}{parts.path}",
        data=fields | {"decision": decision},
        timeout=5,
        allow_redirects=False,
    )


@pytest.mark.parametrize("profile", ["mastodon", "gotosocial", "akkoma", "pixelfed", "snac"])
def test_a_login_with_a_pasted_code_gives_a_token_that_suffices(profile: str, fetcher: Fetcher) -> None:
    with Sandbox(profile=profile) as sandbox:
        found = detect(sandbox.base_url, fetcher)
        app = oauth.register(found.base_url, fetcher, limits=found.limits)
        attempt = oauth.authorization(app)
        page = allow(attempt.url)
        code = re.search(r"<(?:code|output|kbd|input|samp)[^>]*>\s*([\w-]+)", page.text)
        assert code is not None, page.text
        token = oauth.exchange(app, attempt, f" {code[1]}\n", fetcher)
        me = oauth.verify(
            found.base_url, token.access_token, fetcher, domain=found.domain, scopes=token.scopes
        )
        assert me.account == f"@{sandbox.accounts[0].username}@{found.domain}"
        assert me.scopes == token.scopes
        _use(found.base_url, token.access_token, found.limits)
        assert oauth.revoke(app, token.access_token, fetcher)
        with pytest.raises(Unauthorized):
            oauth.verify(found.base_url, token.access_token, fetcher)


def _use(base_url: str, token: str, limits: Limits) -> None:
    """Everything that publishing needs, with the scopes that were asked for."""
    content = io.BytesIO()
    Image.new("RGB", (3, 3)).save(content, "PNG")
    data = content.getvalue()
    publisher = connect(base_url, token, timeout=5, limits=limits)
    file = MediaFile(name="p.png", mime_type="image/png", size=len(data), sha256="x")
    upload = publisher.upload(file, lambda: io.BytesIO(data), description="x")
    assert publisher.uploaded(upload.remote_id) is not None
    draft = StatusDraft(post_id="1", part=1, parts=1, text="hello", length=5)
    addressed = Addressed(text="hello", media=(upload.remote_id,))
    receipt = publisher.publish(draft, addressed, key="k")
    assert publisher.find(draft, addressed, since=datetime(2020, 1, 1, tzinfo=UTC))
    publisher.identity()
    publisher.withdraw(receipt.remote_id)
    publisher.close()


def test_a_login_through_the_browser(fetcher: Fetcher) -> None:
    with Sandbox() as sandbox, LoopbackListener() as listener:
        app = oauth.register(sandbox.base_url, fetcher, limits=MASTODON, redirect_uri=listener.redirect_uri)
        attempt = oauth.authorization(app)

        def browser() -> None:
            requests.get(allow(attempt.url).headers["Location"], timeout=5)

        thread = threading.Thread(target=browser)
        thread.start()
        code = listener.wait(attempt.state, seconds=10)
        thread.join()
        token = oauth.exchange(app, attempt, code, fetcher)
        assert oauth.verify(sandbox.base_url, token.access_token, fetcher).id == sandbox.accounts[0].id


def test_a_code_works_once_and_only_with_its_verifier(fetcher: Fetcher) -> None:
    with Sandbox() as sandbox:
        app = oauth.register(
            sandbox.base_url, fetcher, limits=MASTODON, redirect_uri="http://127.0.0.1:1/callback"
        )
        attempt = oauth.authorization(app)
        assert attempt.verifier is not None
        back = parse_qs(urlsplit(allow(attempt.url).headers["Location"]).query)
        assert back["state"] == [attempt.state]
        with pytest.raises(Unauthorized, match="did not accept the code"):
            oauth.exchange(app, replace(attempt, verifier="x" * 64), back["code"][0], fetcher)
        oauth.exchange(app, attempt, back["code"][0], fetcher)
        with pytest.raises(Unauthorized):
            oauth.exchange(app, attempt, back["code"][0], fetcher)


def test_the_challenge_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    assert (
        oauth.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


GRANULAR = ("read:accounts", "read:statuses", "write:statuses", "write:media")
SCOPES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "mastodon since 4.3": (
        "mastodon",
        ("profile", "read:statuses", "write:statuses", "write:media"),
        ("profile", *GRANULAR, "read", "write"),
    ),
    "mastodon before": ("mastodon", GRANULAR, ()),
    "gotosocial": ("gotosocial", GRANULAR, ()),
    "akkoma": ("akkoma", (*GRANULAR, "read:media"), ()),
    "pixelfed": ("pixelfed", ("read", "write"), ()),
    "coarse metadata": ("unknown", ("read", "write"), ("read", "write")),
}


@pytest.mark.parametrize("name", SCOPES)
def test_the_smallest_scopes_that_the_server_knows(name: str) -> None:
    software, expected, known = SCOPES[name]
    metadata = oauth.Metadata(authorize="a", token="t", revoke="r", register="g", scopes=known)
    assert oauth.scopes_for(Limits(software=software), metadata) == expected


def test_no_challenge_where_it_is_not_offered(fetcher: Fetcher) -> None:
    with Sandbox(profile="akkoma") as sandbox:
        app = oauth.register(sandbox.base_url, fetcher, limits=Limits(software="akkoma"))
    attempt = oauth.authorization(app)
    assert attempt.verifier is None
    assert "code_challenge" not in attempt.url


def test_endpoints_at_other_places_are_not_believed(fetcher: Fetcher) -> None:
    document = {"token_endpoint": "https://evil.example/token", "authorization_endpoint": 7}
    with wire(answer(document)) as server:
        metadata = oauth.discover(server.url, fetcher, limits=MASTODON)
        assert metadata.token == f"{server.url}/oauth/token"
        assert metadata.authorize == f"{server.url}/oauth/authorize"


def test_secrets_are_not_shown() -> None:
    metadata = oauth.Metadata(authorize="a", token="t", revoke="r", register="g")
    app = oauth.App(
        base_url="b", client_id="c", client_secret="secret", redirect_uri="u", scopes=(), metadata=metadata
    )
    attempt = oauth.authorization(app, new_secret=lambda _: "secret")
    token = oauth.Token(access_token="secret", scopes=())
    assert "secret" not in repr(app) + repr(token)
    assert "state='secret'" not in repr(attempt)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, b"<html>", ConfigError),
        (422, b'{"error": "Validation failed"}', ConfigError),
        (200, b"<html>", ConfigError),
        (200, b"{}", ConfigError),
        (429, b"{}", NetworkError),
        (502, b"<html>", NetworkError),
    ],
)
def test_a_server_that_registers_nobody(
    status: int, body: bytes, kind: type[Exception], fetcher: Fetcher
) -> None:
    with wire(answer(body, status=status)) as server, pytest.raises(kind):
        oauth.register(server.url, fetcher, limits=MASTODON)


@pytest.mark.parametrize("status", [400, 401, 403, 422])
def test_a_bad_token_is_said_in_several_ways(status: int, fetcher: Fetcher) -> None:
    with wire(answer(b"", status=status)) as server, pytest.raises(Unauthorized):
        oauth.verify(server.url, "wrong", fetcher)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>"])
def test_a_server_that_does_not_tell_who(body: bytes, fetcher: Fetcher) -> None:
    with wire(answer(body)) as server, pytest.raises((NetworkError, ConfigError)):
        oauth.verify(server.url, "token", fetcher)


def test_moved_and_suspended_accounts_are_told(fetcher: Fetcher) -> None:
    account = {"id": "1", "acct": "me", "suspended": True, "moved": {"acct": "me@b.example"}, "bot": True}
    with wire(answer(account)) as server:
        me = oauth.verify(server.url, "t", fetcher, domain="a.example")
    assert (me.account, me.suspended, me.moved_to, me.bot) == ("@me@a.example", True, "me@b.example", True)


# --- the listener


def visit(listener: LoopbackListener, path: str = "/callback", **query: str) -> requests.Response:
    base = listener.redirect_uri.removesuffix("/callback")
    return requests.get(f"{base}{path}?{urlencode(query)}", timeout=5)


def waiting(listener: LoopbackListener, *visits: dict[str, str]) -> tuple[str, list[requests.Response]]:
    pages: list[requests.Response] = []

    def browser() -> None:
        pages.extend(visit(listener, **query) for query in visits)

    thread = threading.Thread(target=browser)
    thread.start()
    try:
        return listener.wait("the-state", seconds=10), pages
    finally:
        thread.join()


def test_the_listener_waits_for_its_own_answer() -> None:
    with LoopbackListener() as listener:
        assert listener.redirect_uri.startswith("http://127.0.0.1:")
        code, pages = waiting(
            listener,
            {"path": "/favicon.ico"},
            {"code": "forged", "state": "another"},
            {"code": "right", "state": "the-state"},
        )
    assert code == "right"
    assert [page.status_code for page in pages] == [404, 400, 200]
    assert "You can close this page" in pages[2].text
    assert "right" not in pages[2].text


def test_a_refusal_ends_the_wait_and_its_words_are_no_markup() -> None:
    with LoopbackListener() as listener, pytest.raises(ConfigError, match="not allowed"):
        waiting(
            listener,
            {"error": "access_denied", "error_description": "<script>no</script>", "state": "the-state"},
        )


def test_silent_connections_of_a_browser_do_not_block() -> None:
    with LoopbackListener() as listener:
        port = urlsplit(listener.redirect_uri).port
        with socket.create_connection(("127.0.0.1", port or 0)):
            code, _ = waiting(listener, {"code": "right", "state": "the-state"})
    assert code == "right"


def test_nobody_comes() -> None:
    with LoopbackListener() as listener, pytest.raises(ConfigError, match="in time"):
        listener.wait("the-state", seconds=0.05)
