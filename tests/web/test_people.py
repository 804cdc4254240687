"""Who is who: written down on the desk, safe against whoever writes at the same time, and told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bridge.config.handles import Person, load_handles, put_handle
from bridge.ledger import Ledger, open_ledger
from bridge.posts import Post, Span, SpanKind
from tests.changes import replace
from tests.engine.stage import post
from tests.web.desk import Opened, fields, opened


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as made:
        yield made


def naming(number: int, name: str) -> Post:
    text = f"With @{name}"
    span = Span(start=5, end=len(text), kind=SpanKind.MENTION, target=name, user_id="77")
    return replace(post(number, text=text), spans=(span,))


@pytest.fixture
def at(ledger: Ledger, tmp_path: Path) -> Opened:
    posts = [naming(1, "Jane"), naming(2, "Jane"), post(3)]
    return opened(ledger, posts, handles=tmp_path / "home" / "handles.csv")


def reads(at: Opened, post_id: str) -> str:
    return re.sub("<[^>]+>", "", at.visitor().get(f"/threads/{post_id}").text)


def row(page: str, who: str) -> dict[str, str]:
    return fields(page, "/handles", near=f">@{who}<")


def test_whoever_is_named_often_is_written_down_and_named_so(at: Opened) -> None:
    visitor = at.visitor("Bea")
    page = visitor.get("/handles").text
    assert "2 posts" in page[page.index(">@Jane<") :]
    given = {**row(page, "Jane"), "fediverse": "https://art.example/@jane", "do": "save"}
    assert visitor.post("/handles", data=given).status_code == 303
    assert load_handles(at.room.handles) == {"@jane": "@jane@art.example"}
    assert "jane@art.example" in reads(at, "1001")
    assert "jane@art.example" in reads(at, "1002")
    page = visitor.get("/handles").text
    assert 'value="@jane@art.example"' in page
    history = visitor.get("/history").text
    assert "@Jane: - → @jane@art.example" in history
    assert ">Bea<" in history
    visitor.post("/handles", data={**row(page, "Jane"), "do": "remove"})
    assert load_handles(at.room.handles) == {}
    assert "jane@art.example" not in reads(at, "1001")


def test_of_two_who_write_the_second_sees_both(at: Opened) -> None:
    ada, bea = at.visitor(), at.visitor("Bea")
    seen = row(ada.get("/handles").text, "Jane")
    ada.post("/handles", data={**seen, "fediverse": "@jane@ada.example", "do": "save"})
    answer = bea.post("/handles", data={**seen, "fediverse": "@jane@bea.example", "do": "save"})
    assert answer.status_code == 409
    assert "for @jane meanwhile: @jane@ada.example." in answer.text
    assert "yours, @jane@bea.example" in answer.text
    again = row(answer.text, "Jane")
    assert again["seen"] == "@jane@ada.example"
    assert 'name="fediverse" value="@jane@bea.example"' in answer.text
    wanted = {**again, "fediverse": "@jane@bea.example", "do": "save"}
    assert bea.post("/handles", data=wanted).status_code == 303
    assert load_handles(at.room.handles)["@jane"] == "@jane@bea.example"


def test_what_a_program_has_found_waits_for_a_person(at: Opened) -> None:
    at.room.handles.parent.mkdir()
    at.room.handles.write_text(
        "twitter_id,twitter,fediverse,source,confirmed,note\n77,Jane,jane@bio.example,bio,,from 2019\n",
        "utf-8",
    )
    visitor = at.visitor()
    page = visitor.get("/handles").text
    assert "not confirmed by their server" in page
    assert "jane@bio.example" not in reads(at, "1001")
    visitor.post("/handles", data={**row(page, "Jane"), "fediverse": "@jane@bio.example", "do": "save"})
    assert "jane@bio.example" in reads(at, "1001")
    assert "not confirmed" not in visitor.get("/handles").text
    assert "from 2019" in at.room.handles.read_text("utf-8"), "other columns are kept"


def test_many_who_write_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "handles.csv"
    names = [f"person{number}" for number in range(12)]

    def write(name: str) -> None:
        put_handle(file, Person(twitter=name, fediverse=f"@{name}@a.example"), seen="")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, names))
    assert set(load_handles(file)) == {f"@{name}" for name in names}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"twitter": "jane", "fediverse": "nowhere"}, "is not a handle such as"),
        ({"twitter": "ja ne", "fediverse": "@a@b.example"}, "is not a name such as"),
        ({"twitter": "", "fediverse": "@a@b.example"}, "A name and an address are needed."),
        ({"twitter": "jane", "fediverse": " "}, "A name and an address are needed."),
    ],
)
def test_what_makes_no_sense_is_told(at: Opened, given: dict[str, str], said: str) -> None:
    answer = at.visitor().post("/handles", data={**given, "seen": "", "do": "save"})
    assert answer.status_code == 400
    assert said in answer.text
    assert not at.room.handles.exists()


def test_hostile_names_stay_words(at: Opened) -> None:
    visitor = at.visitor()
    visitor.post("/handles", data={"twitter": "jane", "fediverse": "@a@b.example", "seen": "", "do": "save"})
    page = visitor.get("/handles?q=%22%3E%3Cscript%3E").text
    assert "<script>" not in page
