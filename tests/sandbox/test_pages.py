"""The account as a page: complete, escaped, closed to everything from elsewhere."""

from __future__ import annotations

import re

import pytest

from .conftest import Client, film, picture

HOSTILE = (
    '<script>alert(1)</script> "\'><img src=x onerror=alert(1)> javascript:alert(1) https://a.fr/"onclick=x'
)


def page(client: Client, path: str = "/") -> str:
    got = Client(client.sandbox, "").get(path)
    assert (got.status, got.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return got.body.decode()


def test_nothing_from_elsewhere_and_no_script(client: Client) -> None:
    got = client.get("/")
    policy = got.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "Nothing is here yet" in got.body.decode()
    assert "style=" not in got.body.decode()


def test_whatever_is_said_is_only_said(client: Client) -> None:
    quoted = client.post(HOSTILE, spoiler_text=HOSTILE, language="en").json["id"]
    media = client.upload(picture(), description=HOSTILE).json["id"]
    client.post(HOSTILE, media_ids=[media], quoted_status_id=quoted)
    client.form("POST", "/api/v1/statuses", {"status": "?", "poll[options][]": [HOSTILE[:50], "b"]})
    client.form(
        "PATCH",
        "/api/v1/accounts/update_credentials",
        {
            "display_name": HOSTILE,
            "note": HOSTILE,
            "fields_attributes[0][name]": HOSTILE,
            "fields_attributes[0][value]": HOSTILE,
        },
    )
    for path in ("/", "/@practice?only=media", f"/@practice/{quoted}"):
        shown = page(client, path)
        tags = re.findall(r"<([a-z]+)([^>]*)>", shown)
        assert not {"script", "iframe", "object"} & {name for name, _ in tags}
        assert not any(
            re.search(r"\son\w+\s*=", re.sub(r'"[^"]*"', '""', attributes)) for _, attributes in tags
        )
        assert "&lt;script&gt;" in shown


def test_everything_of_a_status_is_shown(client: Client) -> None:
    still = client.upload(picture(), description="A lock in the rain").json["id"]
    bare = client.upload(picture()).json["id"]
    moving = client.upload(film(), "video/mp4", path="/api/v1/media", description="A bridge opens").json["id"]
    first = client.post("مرحبا", media_ids=[still, bare], language="ar").json["id"]
    client.post("film", media_ids=[moving], sensitive="true")
    client.post("warned", spoiler_text="Food")
    client.post("quoting", quoted_status_id=first)
    shown = page(client)
    assert f'<img src="/media/{still}" alt="A lock in the rain"' in shown
    assert "no description" in shown
    assert 'aria-label="A bridge opens"' in shown
    assert "Sensitive media" in shown
    assert '<summary dir="auto">Food</summary>' in shown
    assert '<blockquote class="quote">' in shown
    assert 'dir="auto" lang="ar"' in shown
    client.ask("DELETE", f"/api/v1/statuses/{first}")
    assert "The quoted post is no longer there" in page(client)


def test_threads_hang_together_and_long_ones_are_folded(client: Client) -> None:
    last = root = client.post("part 1").json["id"]
    for number in range(2, 9):
        last = client.post(f"part {number}", in_reply_to_id=last).json["id"]
    shown = page(client)
    assert shown.index("part 1") < shown.index("part 4")
    assert "part 5" not in shown
    assert "Read the whole thread: 4 more" in shown
    whole = page(client, f"/@practice/{last}")
    assert [f"part {number}" in whole for number in range(1, 9)] == [True] * 8
    assert f'id="s{root}"' in whole


def test_older_pages_lead_to_the_first_post(client: Client) -> None:
    for number in range(45):
        client.post(f"post {number:02}")
    seen: list[str] = []
    path: str | None = "/"
    while path is not None:
        shown = page(client, path)
        seen += re.findall(r"post (\d\d)<", shown)
        older = re.search(r'href="([^"]+)" rel="next"', shown)
        path = older[1].replace("&amp;", "&") if older else None
    assert seen == [f"{number:02}" for number in reversed(range(45))]


def test_tags_have_a_page(client: Client) -> None:
    client.post("one #Écluse")
    client.post("two")
    assert "one" in page(client, "/tags/%C3%89cluse")
    assert "No post has this hashtag" in page(client, "/tags/other")


@pytest.mark.parametrize("path", ["/@nobody", "/@practice/1"])
def test_what_is_not_there_says_so(client: Client, path: str) -> None:
    got = client.get(path)
    assert (got.status, b"There is nothing here" in got.body) == (404, True)


def test_a_portrait_may_be_given(client: Client) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="avatar"; filename="a.png"\r\n'
    body += b"Content-Type: image/png\r\n\r\n" + picture() + b"\r\n--b--\r\n"
    client.ask(
        "PATCH", "/api/v1/accounts/update_credentials", body, Content_Type="multipart/form-data; boundary=b"
    )
    found = re.search(r'class="face" src="(/media/avatar-[^"]+)"', page(client))
    assert found is not None
    assert client.get(found[1]).body == picture()
    assert client.get("/practice/avatar.png").body.startswith(b"\x89PNG")
