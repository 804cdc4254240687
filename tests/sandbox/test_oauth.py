"""Letting an application in (fediverse-rules §7)."""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from bridge.sandbox.clock import ManualClock

from .conftest import Client, Got, Open

LOOPBACK = "http://127.0.0.1:9/back"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Flow:
    def __init__(self, client: Client, redirect: str = LOOPBACK) -> None:
        self.client = Client(client.sandbox, "")
        self.redirect = redirect
        fields = {"client_name": "Passerelle", "redirect_uris": redirect, "scopes": "read write:statuses"}
        self.app = self.client.form("POST", "/api/v1/apps", fields).json

    def asked(self, **more: str) -> dict[str, str]:
        return {
            "response_type": "code",
            "client_id": self.app["client_id"],
            "redirect_uri": self.redirect,
            "scope": "read:statuses write:statuses",
        } | more

    def code(self, **more: str) -> str:
        sent = self.client.form("POST", "/oauth/authorize", self.asked(**more))
        return parse_qs(urlsplit(sent.headers["Location"]).query)["code"][0]

    def exchange(self, code: str, **more: str) -> Got:
        return self.client.form(
            "POST",
            "/oauth/token",
            {
                "grant_type": "authorization_code",
                "client_id": self.app["client_id"],
                "client_secret": self.app["client_secret"],
                "redirect_uri": self.redirect,
                "code": code,
            }
            | more,
        )


def test_the_whole_way(client: Client) -> None:
    flow = Flow(client)
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256", "state": "a&b"}
    form = flow.client.get(f"/oauth/authorize?{urlencode(flow.asked(**pkce))}")
    assert (form.status, b'value="a&amp;b"' in form.body) == (200, True)
    assert "form-action 'self' http://127.0.0.1:9" in form.headers["Content-Security-Policy"]
    sent = flow.client.form("POST", "/oauth/authorize", flow.asked(**pkce) | {"username": "practice"})
    assert sent.status == 302
    back = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert back["state"] == ["a&b"]
    token = flow.exchange(back["code"][0], code_verifier=VERIFIER).json
    assert (token["token_type"], token["scope"]) == ("Bearer", "read:statuses write:statuses")
    mine = Client(client.sandbox, token["access_token"])
    assert mine.post("hello").json["application"]["name"] == "Passerelle"
    assert mine.get("/api/v1/apps/verify_credentials").json["scopes"] == ["read:statuses", "write:statuses"]
    assert mine.get("/api/v1/accounts/verify_credentials").status == 403


def test_a_code_is_good_once_for_ten_minutes_with_its_verifier(client: Client, clock: ManualClock) -> None:
    flow = Flow(client)
    challenged = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    assert flow.exchange(flow.code(**challenged), code_verifier="other").error == "invalid_grant"
    assert flow.exchange(flow.code(**challenged)).status == 400
    code = flow.code()
    assert flow.exchange(code, redirect_uri="http://127.0.0.1:1/").status == 400
    assert flow.exchange(code).status == 200
    assert flow.exchange(code).status == 400
    late = flow.code()
    clock.advance(600)
    assert flow.exchange(late).status == 400


def test_the_same_person_application_and_scopes_get_the_same_token(client: Client) -> None:
    flow = Flow(client)
    first, second = (flow.exchange(flow.code()).json["access_token"] for _ in range(2))
    assert first == second


def test_out_of_band_shows_the_code(client: Client) -> None:
    flow = Flow(client, OUT_OF_BAND)
    page = flow.client.form("POST", "/oauth/authorize", flow.asked())
    shown = re.search(rb'class="code">([0-9a-f]+)<', page.body)
    assert shown is not None
    assert flow.exchange(shown[1].decode()).status == 200


def test_denied(client: Client) -> None:
    flow = Flow(client)
    sent = flow.client.form("POST", "/oauth/authorize", flow.asked(state="s") | {"decision": "deny"})
    assert sent.headers["Location"] == f"{LOOPBACK}?error=access_denied&state=s"


@pytest.mark.parametrize(
    "more",
    [
        {"redirect_uri": "http://127.0.0.1:10/"},
        {"scope": "write:media"},
        {"response_type": "token"},
        {"code_challenge": "x", "code_challenge_method": "plain"},
        {"client_id": "nobody"},
    ],
)
def test_requests_that_are_not_honoured(client: Client, more: dict[str, str]) -> None:
    flow = Flow(client)
    assert flow.client.get(f"/oauth/authorize?{urlencode(flow.asked(**more))}").status == 400


def test_revoked(client: Client) -> None:
    flow = Flow(client)
    token = flow.exchange(flow.code()).json["access_token"]
    secrets = {"client_id": flow.app["client_id"], "client_secret": flow.app["client_secret"], "token": token}
    assert flow.client.form("POST", "/oauth/revoke", secrets | {"client_id": "other"}).status == 403
    assert flow.client.form("POST", "/oauth/revoke", secrets).json == {}
    assert Client(client.sandbox, token).post().error == "The access token was revoked"


def test_an_application_by_itself_may_not_post(client: Client) -> None:
    flow = Flow(client)
    token = flow.exchange("", grant_type="client_credentials", scope="read write").json["access_token"]
    assert Client(client.sandbox, token).post().error == "This method requires an authenticated user"


def test_metadata_from_4_3_on(opened: Open) -> None:
    found = opened(version="4.3.0").get("/.well-known/oauth-authorization-server").json
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert opened(version="4.2.0").get("/.well-known/oauth-authorization-server").status == 404
