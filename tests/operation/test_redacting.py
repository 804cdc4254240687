"""No secret leaves in a line, and what is none stays readable."""

from __future__ import annotations

import json

import pytest

from bridge.cli.output import Output
from bridge.operation.redacting import redact


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer canary.def",
        "headers={'Authorization': 'Bearer canary'}",
        "authorization: basic Y2FuYXJ5 canary"[:26] + "canary",
        "GET /x?access_token=canary&x=1",
        "GET /callback?code=canary&state=1",
        "postgresql+psycopg://u:canary@h/d",
        "json://:canary@h/d",
        '{"token": "canary", "x": 1}',
        "client_secret = 'canary'",
        "PASSERELLE_X_TOKEN=canary",
        "password=canary",
        "the bearer canarycanarycanary is refused",
    ],
)
def test_secrets_are_covered(text: str) -> None:
    assert "canary" not in redact(text)
    assert "***" in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "Paste the bearer token of your app, then Enter:",
        "basic settings, a token here and a password there",
        "https://museum.example/@me/1?page=2 at 10:15",
        "2026-11-28 10:15:00 live: 2 new, 0 changed",
        "http://127.0.0.1:8000/enter?key=abc",
        "https://x.example/authorize?response_type=code&client_id=1&code_challenge=abc",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert redact(text) == text


def test_lines_of_the_log_are_json_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(log_format="json")
    output.remark('GET "/x?token=canary" failed', level="warning", url="https://u:canary@h/", count=3)
    output.warn("CODE", "Authorization: Bearer canary")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["level"], first["count"], first["url"]) == ("warning", 3, "https://u:***@h/")
    assert first["event"] == 'GET "/x?token=***" failed'
    assert first["ts"].endswith("Z")
    assert "canary" not in json.dumps(second)
