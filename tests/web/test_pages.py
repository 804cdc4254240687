"""The desk's forms, filled in without a script: what they do, and what they say when somebody was quicker."""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Iterator

import pytest

from bridge.engine.propose import Wish
from bridge.ledger import Ledger, open_ledger
from bridge.ledger.rows import Description
from bridge.posts import Kind, Post
from bridge.preview.languages import words
from bridge.publications import State
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FREE, NOW, SOURCE, post
from tests.web.desk import Opened, fields, opened

HOSTILE = "</textarea></p><script>document.title='x'</script><img src=x onerror=alert(1)> \u202eturned"


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as made:
        yield made


def bare(number: int) -> Post:
    made = post(number, media=1)
    return replace(made, media=tuple(replace(each, alt=None) for each in made.media))


@pytest.fixture
def at(ledger: Ledger) -> Opened:
    return opened(
        ledger, [post(1), post(2), post(3, answers=2), bare(4), replace(post(5), kind=Kind.RETWEET)]
    )


def stands(at: Opened, post_id: str) -> str:
    at.room.desk.refresh()
    return at.room.desk.find(post_id).standing.value


def test_every_page_tells_where_it_stands(at: Opened) -> None:
    visitor = at.visitor()
    overview = visitor.get("/").text
    assert "4 posts wait for approval" in overview
    assert "1 picture without a description" in overview
    page = visitor.get("/desk").text
    assert re.findall(r'data-post="(\d+)"', page) == ["1001", "1002", "1003", "1004"]
    left = visitor.get("/desk?standing=left_out").text
    assert re.findall(r'data-post="(\d+)"', left) == ["1005"]
    assert "Post 2" in visitor.get("/threads/1003").text
    assert visitor.get("/threads/9").status_code == 400


def test_pages_speak_both_languages(at: Opened) -> None:
    visitor = at.visitor()
    assert 'lang="en"' in visitor.get("/").text
    visitor.post("/language", data={"lang": "fr", "back": "/desk"})
    assert "Approuver" in visitor.get("/desk").text


def test_what_does_not_work_is_said_in_the_language_of_the_page(at: Opened) -> None:
    visitor = at.visitor()
    assert "Nothing was published. Tick the box" in visitor.post("/publish/start", data={}).text
    assert "No post 9 has been imported." in visitor.get("/threads/9").text
    visitor.post("/language", data={"lang": "fr", "back": "/desk"})
    assert "Rien n’a été publié. Cochez la case" in visitor.post("/publish/start", data={}).text
    said = visitor.get("/threads/9").text  # the program's own words, marked as such
    assert re.search(r'Le programme dit\s: <span lang="en">No post 9 has been imported\.', said)
    assert "n’existe pas" in visitor.get("/nowhere").text


def test_every_trouble_of_the_desk_has_its_sentence() -> None:
    files = importlib.resources.files("bridge.web").iterdir()
    code = [each.read_text("utf-8") for each in files if each.name.endswith(".py")]
    keys = {key for text in code for key in re.findall(r'(?:Trouble|Overtaken)\("(\w+)"\)', text)}
    assert len(keys) > 5
    assert all(words("fr")(f"told.{key}") != f"told.{key}" for key in keys)


def test_approving_is_by_name(at: Opened) -> None:
    visitor = at.visitor("Bea")
    seen = fields(visitor.get("/desk").text, "/decide")
    answer = visitor.post("/decide", data={**seen, "do": "approve"})
    assert answer.headers["location"] == "/desk?page=1#t1001"
    assert stands(at, "1001") == "approved"
    assert ">Bea<" in visitor.get("/history").text


def test_a_thread_is_approved_as_one(at: Opened) -> None:
    visitor = at.visitor()
    seen = fields(visitor.get("/desk").text, "/decide", near='id="t1002"')
    assert set(seen) == {"seen.1002", "seen.1003", "back"}
    visitor.post("/decide", data={**seen, "do": "approve"})
    assert (stands(at, "1002"), stands(at, "1003")) == ("approved", "approved")


def test_excluding_wants_a_reason_and_can_be_taken_back(at: Opened) -> None:
    visitor = at.visitor()
    seen = fields(visitor.get("/desk").text, "/decide")
    assert visitor.post("/decide", data={**seen, "do": "exclude", "reason": " "}).status_code == 400
    visitor.post("/decide", data={**seen, "do": "exclude", "reason": "names a visitor"})
    assert stands(at, "1001") == "excluded"
    page = visitor.get("/desk?standing=excluded").text
    assert "names a visitor" in page
    visitor.post("/decide", data={**fields(page, "/decide"), "do": "return"})
    assert stands(at, "1001") == "waiting"


def test_a_post_is_pinned_for_its_day_and_unpinned(at: Opened) -> None:
    ada, bea = at.visitor(), at.visitor("Bea")
    seen = fields(bea.get("/desk").text, "/pin")
    assert set(seen) == {"seen.1001", "back"}
    assert ada.post("/pin", data={**seen, "do": "pin"}).headers["location"] == "/desk?page=1#t1001"
    page = bea.get("/desk?pinned=1").text
    assert re.findall(r'data-post="(\d+)"', page) == ["1001"]
    assert "comes back on its day" in page
    assert at.room.desk.ledger.pins.pinned(SOURCE)["1001"].author == "Ada"
    assert "pinned for On this day" in ada.get("/history").text
    ada.post("/decide", data={**fields(page, "/decide"), "do": "approve"})
    late = bea.post("/pin", data={**fields(page, "/pin"), "do": "unpin"})
    assert late.status_code == 409
    answer = bea.post(
        "/pin", data={**fields(late.text, "/pin"), "do": "unpin"}, headers={"hx-request": "true"}
    )
    assert "comes back" not in answer.text
    assert at.room.desk.ledger.pins.pinned(SOURCE) == {}
    assert ada.post("/pin", data={"do": "pin"}).status_code == 400


def test_a_pin_of_elsewhere_is_seen_and_leaves_the_decisions_alone(at: Opened) -> None:
    visitor = at.visitor()
    at.room.desk.ledger.pins.pin(SOURCE, ["1004", "1005"], by="command line", now=NOW)
    page = visitor.get("/desk?pinned=1").text
    assert re.findall(r'data-post="(\d+)"', page) == ["1004", "1005"]
    visitor.post("/decide", data={**fields(page, "/decide"), "do": "approve"})
    assert stands(at, "1004") == "approved"


def test_a_reason_is_shown_where_no_approval_is_asked_for_too(ledger: Ledger) -> None:
    visitor = opened(ledger, [post(1)], Wish(limits=FREE)).visitor()
    seen = fields(visitor.get("/desk").text, "/decide")
    visitor.post("/decide", data={**seen, "do": "exclude", "reason": "not true any more"})
    assert "excluded: not true any more" in visitor.get("/threads/1001").text


def test_whoever_comes_second_is_shown_how_it_stands(at: Opened) -> None:
    ada, bea = at.visitor(), at.visitor("Bea")
    seen = fields(bea.get("/desk").text, "/decide")
    ada.post("/decide", data={**seen, "do": "exclude", "reason": "private"})
    answer = bea.post("/decide", data={**seen, "do": "approve"})
    assert answer.status_code == 409
    assert "nothing was changed" in answer.text
    assert "excluded: private" in answer.text
    assert stands(at, "1001") == "excluded"


def test_all_that_a_filter_shows_is_decided_at_once_and_undone(at: Opened) -> None:
    visitor = at.visitor()
    seen = fields(visitor.get("/desk?q=post").text, "/bulk")
    answer = visitor.post("/bulk", data={**seen, "do": "approve"})
    assert {stands(at, each) for each in ("1001", "1002", "1003", "1004")} == {"approved"}
    page = visitor.get(answer.headers["location"]).text
    assert "Done for 4 posts." in page
    undo = fields(page, "/undo")
    assert visitor.post("/undo", data=undo).headers["location"] == "/desk?q=post"
    assert {stands(at, each) for each in ("1001", "1002", "1003", "1004")} == {"waiting"}
    assert visitor.post("/undo", data=undo).status_code == 400, "once is enough"


def test_the_next_day_one_can_still_take_back_what_one_decided_about_many(at: Opened, ledger: Ledger) -> None:
    seen = fields(at.visitor().get("/desk").text, "/bulk")
    at.visitor().post("/bulk", data={**seen, "do": "exclude", "reason": "all of it"})
    again = opened(ledger, [])
    assert 'name="act"' not in again.visitor("Bea").get("/history").text
    page = again.visitor().get("/history").text
    assert "all of it" in page
    act = re.findall(r'name="act" value="(\d+)"', page)
    assert len(act) == 1
    refused = again.visitor("Bea").post("/undo", data={"act": act[0]})
    assert "That is for Ada to take back." in refused.text
    assert again.visitor().post("/undo", data={"act": act[0]}).headers["location"] == "/desk?"
    assert {stands(again, each) for each in ("1001", "1002", "1003", "1004")} == {"waiting"}
    assert "decision taken back" in again.visitor().get("/history").text


def test_a_filter_that_shows_something_else_by_now_decides_nothing(at: Opened) -> None:
    visitor = at.visitor()
    page = visitor.get("/desk").text
    visitor.post("/decide", data={**fields(page, "/decide"), "do": "approve"})
    answer = visitor.post("/bulk", data={**fields(page, "/bulk"), "do": "exclude", "reason": "all"})
    assert answer.status_code == 409
    assert stands(at, "1004") == "waiting"


def edited(at: Opened, name: str = "Ada", **changes: str) -> dict[str, str]:
    page = at.visitor(name).get("/posts/1001/edit?back=/desk").text
    return {**fields(page, "/posts/1001/edit"), "text": "Post 1", "spoiler": "", "visibility": "", **changes}


def test_an_edit_is_shown_saved_and_taken_away(at: Opened) -> None:
    visitor = at.visitor()
    wanted = edited(at, text="word " * 300, spoiler="Long", visibility="public", language="fr")
    tried = visitor.post("/posts/1001/try", data=wanted, headers={"hx-request": "true"}).text
    assert re.findall(r'class="count">(\d+)/500', tried) == ["497", "497", "497", "110"] or (
        max(map(int, re.findall(r'class="count">(\d+)/500', tried))) <= 500
    )
    assert at.room.desk.overlays(["1001"]) == {}
    answer = visitor.post("/posts/1001/edit", data={**wanted, "do": "save"})
    assert answer.headers["location"] == "/desk#t1001"
    overlay = at.room.desk.overlays(["1001"])["1001"].overlay
    assert (overlay.spoiler, overlay.visibility, overlay.language) == ("Long", "public", "fr")
    assert overlay.base == "Post 1"
    page = visitor.get("/desk").text
    assert "edited by Ada" in page
    assert "edited: text, warning, who sees it, language" in visitor.get("/history").text
    visitor.post("/posts/1001/edit", data={**edited(at), "do": "source"})
    assert at.room.desk.overlays(["1001"])["1001"].overlay.is_empty
    assert "edited by Ada" not in visitor.get("/desk").text


def test_saving_what_was_not_changed_follows_the_source(at: Opened) -> None:
    at.visitor().post("/posts/1001/edit", data={**edited(at), "do": "save"})
    assert at.room.desk.overlays(["1001"])["1001"].overlay.is_empty


def test_of_two_edits_the_second_sees_both(at: Opened) -> None:
    mine = edited(at, "Bea", text="Bea's words", visibility="private")
    theirs = edited(at, text="Ada's words", language="nl")
    at.visitor().post("/posts/1001/edit", data={**theirs, "do": "save"})
    bea = at.visitor("Bea")
    answer = bea.post("/posts/1001/edit", data={**mine, "do": "save"})
    assert answer.status_code == 409
    assert "Ada&#39;s words" in answer.text
    assert "Bea&#39;s words" in answer.text
    both = answer.text.partition("</section>")[0]
    assert re.findall(r'class="note">([^<]+)<', both) == ["Language: nl", "Who sees it: followers only"]
    again = {**mine, **fields(answer.text, "/posts/1001/edit"), "do": "save"}
    assert bea.post("/posts/1001/edit", data=again).status_code == 303
    assert at.room.desk.wording("1001")[0] == "Bea's words"


def test_a_source_that_has_changed_is_shown_beside_the_edit(at: Opened) -> None:
    visitor = at.visitor()
    visitor.post("/posts/1001/edit", data={**edited(at, text="Our words"), "do": "save"})
    at.stage.record([post(1, text="The source, corrected")])
    assert "source has changed" in visitor.get("/").text
    page = visitor.get("/posts/1001/edit").text
    assert all(said in page for said in ("Our words", "The source, corrected", ">Post 1<"))
    keep = {**fields(page, "/posts/1001/edit"), "text": "Our words", "spoiler": "", "visibility": ""}
    visitor.post("/posts/1001/edit", data={**keep, "do": "save"})
    assert at.room.desk.find("1001").warnings == ()


def test_descriptions_go_from_picture_to_picture(at: Opened) -> None:
    draft = Description(
        source=SOURCE, post_id="1004", position=0, text="a draft", origin="command", approved=False
    )
    at.room.desk.ledger.descriptions.save([draft], now=NOW)
    visitor = at.visitor()
    page = visitor.get("/alt").text
    assert "A program has drafted this" in page
    assert "a draft</textarea>" in page
    answer = visitor.post("/alt", data={**fields(page, "/alt"), "text": "A hall"})
    assert answer.headers["location"] == "/alt"
    assert "Every picture that is carried has a description." in visitor.get("/alt").text
    assert at.room.desk.ledger.posts.load(SOURCE, ["1004"])["1004"].media[0].alt == "A hall"
    assert "picture 1 described" in visitor.get("/history").text


def test_two_descriptions_of_one_picture_are_both_shown(at: Opened) -> None:
    ada, bea = at.visitor(), at.visitor("Bea")
    seen = fields(ada.get("/alt").text, "/alt")
    ada.post("/alt", data={**seen, "text": "Ada's hall"})
    answer = bea.post("/alt", data={**seen, "text": "Bea's hall"})
    assert answer.status_code == 409
    assert "Ada&#39;s hall" in answer.text
    assert "Bea&#39;s hall</textarea>" in answer.text
    assert bea.post("/alt", data={**fields(answer.text, "/alt"), "text": "Bea's hall"}).status_code == 303


def test_hostile_words_stay_words_on_every_page(ledger: Ledger) -> None:
    at = opened(ledger, [post(1, text=HOSTILE), replace(bare(2), text=HOSTILE)])
    visitor = at.visitor("<script>alert(2)</script>")
    seen = fields(visitor.get("/desk").text, "/decide")
    visitor.post("/decide", data={**seen, "do": "exclude", "reason": "<script>alert(3)</script>"})
    for page in (
        "/",
        "/desk",
        "/desk?q=%3Cscript%3E",
        "/alt",
        "/history",
        "/posts/1001/edit",
        "/threads/1001",
    ):
        text = visitor.get(page).text
        assert text.count("<script") == 2, page
        assert "<img src=x" not in text
        assert text.count("</textarea>") == text.count("<textarea"), page


def test_a_failure_is_told_and_tried_again(ledger: Ledger) -> None:
    at = opened(ledger, [post(1, media=1)], Wish(limits=FREE))
    at.stage.files.unfit.add("m/1-0.png")
    from bridge.engine.terms import Terms

    at.stage.run(Terms(too_big="hold"))
    visitor = at.visitor()
    assert "too much for the server" in visitor.get("/results").text
    visitor.post("/results", data={"post": "1001"})
    assert at.room.desk.ledger.queue.counts(ACCOUNT)[State.APPROVED] == 1
    at.stage.files.unfit.clear()
    at.stage.run()
    assert 'href="https://' in visitor.get("/results").text


def test_what_has_left_is_not_edited(ledger: Ledger) -> None:
    at = opened(ledger, [post(1)], Wish(limits=FREE))
    at.stage.run()
    answer = at.visitor().get("/posts/1001/edit")
    assert answer.status_code == 400
    assert "publish --update" in answer.text


def test_the_pace_moves_the_finish(at: Opened) -> None:
    visitor = at.visitor()
    slow = visitor.get("/schedule?per_hour=1", headers={"hx-request": "true"}).text
    assert "Done in 3 h" in slow
    assert "<html" not in slow
    assert "less than a minute" in visitor.get("/schedule").text
    drip = visitor.get("/schedule?per_day=1", headers={"hx-request": "true"}).text
    assert "Your own limit for a day sets the pace." in drip


def test_publishing_asks_first(at: Opened) -> None:
    visitor = at.visitor()
    assert "Nothing is in line." in visitor.get("/publish").text
    answer = visitor.post("/publish/start", data={"per_hour": ""})
    assert answer.status_code == 400
    assert not at.room.publishing.progress.running
