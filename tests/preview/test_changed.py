"""Changes as they are shown: rows, boxes, lines and a page, with hostile text as harmless text."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from bridge.engine.changes import Changes
from bridge.engine.propose import Wish
from bridge.ledger import Ledger
from bridge.pacing import Budget
from bridge.preview.changed import ChangeLines, ChangePreview, preview_changes
from bridge.preview.differences import ChangePage, differences, show
from bridge.rendering import RenderOptions
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FREE, NOW, SOURCE, Stage, post
from tests.preview.test_preview import HOSTILE

LIMITS = replace(FREE, edits=True)
PUBLISHED = Wish(limits=LIMITS, options=RenderOptions(date_stamp="none"))


@pytest.fixture
def stage(ledger: Ledger) -> Stage:
    """Three posts on the account; since then one has another text, one another description, one is longer."""
    stage = Stage(ledger, LIMITS)
    stage.plan([post(1, text="Rain again"), post(2, media=1), post(3)], PUBLISHED)
    stage.run()
    seen = post(2, media=1)
    seen = replace(seen, media=(replace(seen.media[0], alt="A hall at night"),), language="fr")
    stage.record([post(1, text=f"Rain still {HOSTILE}"), seen, post(3, text="long " * 200)])
    return stage


def previewed(stage: Stage, *sinks: object) -> ChangePreview:
    changes = Changes(stage.ledger, SOURCE, PUBLISHED, ACCOUNT)
    return preview_changes(stage.ledger, changes, Budget.of(()), now=NOW, sinks=sinks)  # type: ignore[arg-type]


def shown(preview: ChangePreview, *, terminal: bool) -> str:
    stream = io.StringIO()
    show(preview, Console(file=stream, width=100, force_terminal=terminal, color_system=None))
    return stream.getvalue()


def test_the_figures(stage: Stage) -> None:
    data = previewed(stage).data
    assert data["change"] == {
        "posts": 2,
        "statuses": 2,
        "what": {"text": 1, "warning": 0, "sensitive": 0, "language": 1, "description": 1},
    }
    assert [(left["reason"], left["posts"], left["example"]) for left in data["left"]] == [
        ("parts", 1, "1003")
    ]
    assert data["already"] == {"posts": 3, "statuses": 3}
    assert json.loads(json.dumps(data)) == data


def test_off_a_terminal_there_are_rows_of_tabs(stage: Stage) -> None:
    rows = [line.split("\t") for line in shown(previewed(stage), terminal=False).splitlines()]
    assert ["change", "statuses", "2"] in rows
    assert ["what", "description", "1"] in rows
    assert next(row for row in rows if row[0] == "left")[1:4] == ["parts", "1", "1003"]
    assert rows[-1] == ["digest", previewed(stage).data["digest"]]


def test_on_a_terminal_old_and_new_stand_below_each_other(stage: Stage) -> None:
    printed = shown(previewed(stage), terminal=True)
    assert "- Rain again" in printed
    assert "+ Rain still" in printed
    assert "- description 1: A hall" in printed
    assert "+ description 1: A hall at night" in printed
    assert "+ language: fr" in printed
    assert "another number of statuses" in printed
    assert "\x1b[31mred" not in printed
    assert "\x07" not in printed


def test_a_line_for_each_post_that_differs(stage: Stage) -> None:
    stream = io.StringIO()
    previewed(stage, ChangeLines(stream))
    one, two, three = (json.loads(line) for line in stream.getvalue().splitlines())
    assert [(row["id"], row["decision"], row["reason"]) for row in (one, two, three)] == [
        ("1001", "publish", None),
        ("1002", "publish", None),
        ("1003", "hold", "parts"),
    ]
    (edit,) = one["change"]["statuses"]
    assert (edit["part"], edit["what"], edit["before"]["text"]) == (1, ["text"], "Rain again")
    assert edit["after"]["text"] == one["statuses"][0]["text"]
    assert two["change"]["what"] == ["language", "description"]
    (edit,) = two["change"]["statuses"]
    assert (edit["before"]["descriptions"], edit["after"]["descriptions"]) == (
        ["A hall"],
        ["A hall at night"],
    )
    assert three["change"] == {"what": [], "statuses": []}
    assert one["published"] is True


def test_the_page_escapes_what_others_wrote(stage: Stage) -> None:
    page = ChangePage()
    html = page.html(previewed(stage, page))
    assert "<script" not in html
    assert "<img" not in html
    assert "<del>again</del>" in html
    assert "description 1 as it would be" in html
    assert "1003" in html
    assert "\u202e" not in html


def test_a_page_has_room_for_so_many(stage: Stage) -> None:
    page = ChangePage(limit=1)
    html = page.html(previewed(stage, page))
    assert "The first 1 of 2 edits" in html


def test_the_words_that_differ_are_marked(stage: Stage) -> None:
    (changed,) = [each for each in previewed(stage).first if each.post.id == "1002"]
    language, described = differences(changed.edits[0][1])
    assert (language.name, language.before, language.after) == ("language", (("en", True),), (("fr", True),))
    assert described.after == (("A hall", False), (" at night", True))
