"""Nobody comes in who should not, and nothing that a page of another site does reaches the desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.ledger import Ledger, open_ledger
from bridge.web.guard import MOST, Place
from bridge.web.room import within
from bridge.web.server import listen
from tests.engine.stage import post
from tests.web.desk import Opened, opened

PAGES = ("/", "/desk", "/alt", "/schedule", "/publish", "/results", "/handles", "/history", "/threads/1001",
         "/posts/1001/edit", "/media/1001/0", "/publish/events")  # fmt: skip
FORMS = ("/decide", "/bulk", "/undo", "/posts/1001/edit", "/posts/1001/try", "/alt", "/results",
         "/publish/start", "/publish/stop")  # fmt: skip
PASSWORD = "a long enough password"


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as made:
        yield made


@pytest.fixture
def at(ledger: Ledger) -> Opened:
    return opened(ledger, [post(1, media=1)])


def test_without_the_link_every_door_is_shut(at: Opened) -> None:
    stranger = at.stranger()
    for page in PAGES:
        answer = stranger.get(page)
        assert (answer.status_code, answer.headers["location"]) == (303, "/enter"), page
    for form in FORMS:
        assert stranger.post(form).status_code == 403, form
    stranger.cookies.set("passerelle_desk", "guessed")
    assert stranger.get("/").status_code == 303


def test_the_link_works_once_and_leaves_a_cookie_for_this_site_only(at: Opened) -> None:
    first, second = at.stranger(), at.stranger()
    key = at.room.sessions.key
    assert first.get("/enter?key=wrong").status_code == 403
    assert "set-cookie" not in first.head(f"/enter?key={key}").headers, "a look does not use it up"
    entered = first.get(f"/enter?key={key}")
    assert entered.status_code == 200
    flags = {each.strip().lower() for each in entered.headers["set-cookie"].split(";")[1:]}
    assert flags == {"httponly", "samesite=strict", "path=/"}
    assert first.get("/").status_code == 200
    again = second.get(f"/enter?key={key}")
    assert again.status_code == 403
    assert "used already" in again.text
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1", "127.0.0.1:8001", "192.0.2.1:8000", "", "[::1]"],
)
def test_it_answers_to_its_own_name_only(at: Opened, host: str) -> None:
    assert at.visitor().get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LocalHost:8000", "[::1]:8000"])
def test_its_own_names_are_these(at: Opened, host: str) -> None:
    assert at.visitor().get("/", headers={"host": host}).status_code == 200


def test_a_desk_for_others_answers_to_numbers_and_to_the_names_it_was_given() -> None:
    front = frozenset({"desk.museum.example"})
    place = Place(port=8000, loopback=False, names=frozenset({"machine"}), fronted=front)
    for host in ("192.0.2.1:8000", "machine:8000", "desk.museum.example", "desk.museum.example:8443"):
        assert place.is_ours(host), host
    for host in ("evil.example:8000", "machine", "machine:80", "192.0.2.1", "desk.museum.example.evil"):
        assert not place.is_ours(host), host


@pytest.mark.parametrize(
    ("headers", "comes_through"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"origin": "http://127.0.0.1:8000"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, False),
        ({"origin": "https://evil.example"}, False),
        ({}, False),
    ],
)
def test_a_form_comes_from_here_or_not_at_all(
    at: Opened, headers: dict[str, str], *, comes_through: bool
) -> None:
    visitor = at.visitor()
    del visitor.headers["sec-fetch-site"]
    answer = visitor.post("/results", headers=headers)
    assert (answer.status_code == 303) is comes_through
    assert answer.status_code in (303, 403)


def test_every_answer_forbids_what_could_be_done_with_it(at: Opened) -> None:
    visitor = at.visitor()
    for page in (*PAGES[:-1], "/nowhere", "/static/desk.css", "/static/../guard.py", "/enter"):
        headers = visitor.get(page).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "*" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_pages_need_nothing_that_the_policy_forbids(at: Opened) -> None:
    visitor = at.visitor()
    for page in PAGES[:-2]:
        text = visitor.get(page).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick" not in text
        assert text.count("<script") == text.count('<script src="/static/'), page


def test_only_our_own_files_are_handed_out(at: Opened) -> None:
    visitor = at.visitor()
    for name in ("desk.css", "desk.js", "htmx.min.js", "icon.svg"):
        assert visitor.get(f"/static/{name}").status_code == 200
    for name in ("", "%2e%2e/server.py", "..%2fserver.py", "htmx.LICENSE.txt"):
        assert visitor.get(f"/static/{name}").status_code == 404


def test_nobody_sends_more_than_could_be_typed(at: Opened) -> None:
    visitor = at.visitor()
    assert visitor.post("/undo", content=b"x" * (MOST + 1)).status_code == 413
    kind = {"content-type": "application/x-www-form-urlencoded"}
    unsaid = visitor.post("/undo", content=iter([b"token=" + b"x" * 600_000] * 3), headers=kind)
    assert unsaid.status_code == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_are_of_no_use(at: Opened, method: str) -> None:
    assert at.visitor().request(method, "/desk").status_code == 405


def test_a_password_lets_in_with_a_name_and_guessing_is_slow(ledger: Ledger) -> None:
    at = opened(ledger, [post(1)], password=PASSWORD)
    visitor = at.stranger()

    def tried(password: str, name: str = "Bea") -> int:
        return visitor.post("/enter", data={"password": password, "name": name}).status_code

    door = visitor.get("/enter")
    assert door.status_code == 200
    assert "/face" not in door.text, "what is within is not asked for at the door"
    assert tried(PASSWORD, name=" ") == 403, "the history wants a name"
    assert [tried("guess") for _ in range(10)] == [403] * 10
    assert tried(PASSWORD) == 403, "after so many, nobody gets in"
    at.seconds.now += 61
    assert tried(PASSWORD) == 200
    assert "You decide as Bea." in visitor.get("/").text


def test_the_address_of_all_machines_is_none_to_go_to() -> None:
    made = listen("0.0.0.0", 0)
    try:
        assert made.base_url == f"http://127.0.0.1:{made.port}"
    finally:
        made.socket.close()


def test_without_a_password_file_no_password_lets_in(at: Opened) -> None:
    assert at.stranger().post("/enter", data={"password": "", "name": "Bea"}).status_code == 403


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "desk", ""]
)
def test_a_form_leads_back_into_the_desk_only(address: str) -> None:
    assert within(address) == "/desk"
    assert within("/desk?page=2") == "/desk?page=2"
