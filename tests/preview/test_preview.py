"""The plan as it is shown: rows, boxes, lines and a page, with hostile text as harmless text."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bridge.engine.propose import Wish
from bridge.fitting import Facts, Fate, Picture
from bridge.ledger import Ledger, open_ledger
from bridge.pacing import Pace
from bridge.posts import Kind, Media
from bridge.preview import JsonLines, Preview, PreviewPage, preview_plan, show
from bridge.preview.markup import linked
from bridge.preview.words import duration, one_line, printable, size
from tests.changes import replace
from tests.engine.stage import ACCOUNT, NOW, SOURCE, Stage, post

HOSTILE = (
    "</p><script>alert(1)</script> \x1b[31mred\x1b[0m \x1b]0;title\x07 \u202eevil\u2066 <img src=x onerror=y>"
)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with open_ledger("sqlite://") as opened:
        yield opened


@pytest.fixture
def stage(ledger: Ledger) -> Stage:
    stage = Stage(ledger)
    thread = [post(2, text="word " * 200), post(3, answers=2)]
    missing = post(4, media=1)
    missing = replace(missing, media=(replace(missing.media[0], file=None, alt=None),))
    retweet = replace(post(5), kind=Kind.RETWEET)
    stage.record([post(1, text=HOSTILE, media=1), *thread, missing, retweet])
    return stage


def plain(preview: Preview) -> str:
    stream = io.StringIO()
    show(preview, Console(file=stream, width=80))
    return stream.getvalue()


def test_off_a_terminal_there_are_rows_of_tabs(stage: Stage) -> None:
    printed = plain(preview_plan(stage.ledger, SOURCE, Wish(), now=NOW))
    rows = [line.split("\t") for line in printed.splitlines()]
    assert ["publish", "posts", "4"] in rows
    assert ["skip", "retweet", "1", "--kind original,thread,quote,retweet"] in rows
    assert any(row[:3] == ["warning", "MEDIA_MISSING", "1"] for row in rows)
    assert "\x1b" not in printed
    assert "│" not in printed


def test_on_a_terminal_there_are_tables_and_the_first_posts(stage: Stage) -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=100, color_system=None)
    show(preview_plan(stage.ledger, SOURCE, Wish(), now=NOW), console)
    printed = re.sub("\x1b\\[[0-9;]*m", "", stream.getvalue())
    assert "+ publish" in printed
    assert "TOO_LONG_SPLIT" in printed
    assert "alert(1)" in printed
    assert not set("\x1b\x07\u202e\u2066") & set(printed)


def test_a_line_per_post_with_the_agreed_keys(stage: Stage) -> None:
    stream = io.StringIO()
    preview_plan(stage.ledger, SOURCE, Wish(), now=NOW, sinks=[JsonLines(stream)])
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["id"] for line in lines] == ["1001", "1002", "1003", "1004", "1005"]
    first = lines[0]
    assert list(first)[:8] == [
        "id", "url", "created_at", "kind", "decision", "reason", "warnings", "statuses",
    ]  # fmt: skip
    assert first["created_at"] == "2012-03-04T12:01:00Z"
    assert list(first["statuses"][0]) == [
        "part", "parts", "text", "length", "spoiler_text", "sensitive", "visibility", "language",
        "in_reply_to", "quote", "media", "poll", "backdate",
    ]  # fmt: skip
    assert first["statuses"][0]["media"] == [
        {"type": "image", "file": "m/1-0.png", "description": "A hall", "missing": False}
    ]
    assert lines[1]["statuses"][1]["in_reply_to"] == {"id": "1002", "part": 1}
    assert lines[2]["statuses"][0]["in_reply_to"] == {"id": "1002", "part": len(lines[1]["statuses"])}
    assert lines[3]["statuses"][0]["media"][0]["missing"]
    assert (lines[4]["decision"], lines[4]["reason"], lines[4]["statuses"]) == ("skip", "retweet", [])


def test_every_way_of_showing_names_the_same_plan(stage: Stage) -> None:
    one = preview_plan(stage.ledger, SOURCE, Wish(), now=NOW)
    other = preview_plan(stage.ledger, SOURCE, Wish(), now=NOW, sinks=[lambda _: None])
    assert one.data == other.data


def test_the_page_is_one_file_in_which_only_its_own_script_runs(stage: Stage, tmp_path: Path) -> None:
    page = PreviewPage()
    preview = preview_plan(stage.ledger, SOURCE, Wish(), now=NOW, sinks=[page])
    page.write(tmp_path / "p.html", preview)
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert html.count("<script") == 3
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "\\u003cscript>alert(1)" in html
    assert "<img" not in html
    assert not set("\x1b\x07\u202e\u2066") & set(html)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert "unsafe" not in policy[1]
    assert "default-src &#39;none&#39;" in policy[1]
    for name in ("style", "script"):
        text = html.rsplit(f"<{name}>")[-1].split(f"</{name}>")[0]
        checksum = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src &#39;sha256-{checksum}&#39;" in policy[1]
    assert "missing from the archive" in html
    assert 'id="p1004"' in html


def test_the_page_holds_every_post_in_order_with_what_becomes_of_it(stage: Stage) -> None:
    page = PreviewPage()
    html = page.html(preview_plan(stage.ledger, SOURCE, Wish(), now=NOW, sinks=[page]))
    posts = json.loads(html.split('id="data">')[1].split("</script>")[0])
    assert [post["i"] for post in posts] == ["1001", "1002", "1003", "1004", "1005"]
    assert [post["s"] for post in posts] == ["publish"] * 4 + ["skip"]
    assert posts[4]["r"] == "retweet"
    assert posts[2]["t"] == "1002"
    assert "MEDIA_MISSING" in posts[3]["w"]


def test_where_there_are_no_pictures_none_are_counted(ledger: Ledger) -> None:
    Stage(ledger).record([post(1)])
    page = PreviewPage()
    html = page.html(preview_plan(ledger, SOURCE, Wish(), now=NOW, sinks=[page]))
    assert "<dt>statuses</dt>" in html
    assert "pictures and films, 0 B" not in html


def test_many_posts_are_packed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def data(html: str) -> str:
        return html.split('id="data">')[1].split("</script>", maxsplit=1)[0]

    page = PreviewPage()
    preview = preview_plan(stage.ledger, SOURCE, Wish(), now=NOW, sinks=[page])
    plain = data(page.html(preview))
    monkeypatch.setattr("bridge.preview.page.PLAIN", len(plain) - 1)
    html = page.html(preview)
    assert '<script type="application/gzip" id="data">' in html
    assert gzip.decompress(base64.b64decode(data(html))).decode() == plain


def test_a_long_page_draws_its_beginning_without_a_script(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.preview.page.FIRST", 2)
    page = PreviewPage()
    html = page.html(preview_plan(stage.ledger, SOURCE, Wish(), now=NOW, sinks=[page]))
    assert re.findall(r'<article[^>]* id="p(\d+)"', html) == ["1001", "1002"]
    assert "The first 2 posts. With JavaScript" in html


def test_what_is_on_the_account_already_leads_there(stage: Stage) -> None:
    stage.plan(wish=Wish())
    stage.run()
    page = PreviewPage()
    html = page.html(preview_plan(stage.ledger, SOURCE, Wish(), now=NOW, destination=ACCOUNT, sinks=[page]))
    posts = json.loads(html.split('id="data">')[1].split("</script>")[0])
    assert [post["s"] for post in posts] == ["sent"] * 4 + ["skip"]
    assert posts[0]["p"][0]["z"].startswith("https://")


def test_an_account_that_has_some_of_it_is_told_so(stage: Stage) -> None:
    stage.plan(wish=Wish())
    stage.run()
    preview = preview_plan(stage.ledger, SOURCE, Wish(), now=NOW, destination=ACCOUNT)
    assert (preview.tally.statuses, preview.tally.already_posts) == (0, 4)
    assert "already\tstatuses" in plain(preview)


def test_the_pace_tells_when_it_is_done(stage: Stage) -> None:
    slow = Wish(pace=Pace(per_hour=1))
    schedule = preview_plan(stage.ledger, SOURCE, slow, now=NOW).data["schedule"]
    assert schedule["bound"] == "pace"
    assert schedule["seconds"] > 3 * 3600


def test_a_row_tells_times_to_the_second(stage: Stage) -> None:
    preview = preview_plan(stage.ledger, SOURCE, Wish(), now=NOW + timedelta(microseconds=250_001))
    assert preview.data["schedule"]["start"].endswith(".250001Z")
    (row,) = [line.split("\t") for line in plain(preview).splitlines() if line.startswith("schedule\t")]
    assert row[1] == preview.data["schedule"]["start"].replace(".250001", "")
    assert "." not in row[2]


@given(st.text(st.characters(max_codepoint=0x300, include_characters="\u202e\u2066\ud800\u2028")))
def test_nothing_printable_moves_a_terminal(text: str) -> None:
    for char in printable(text):
        assert char in "\n\t" or (ord(char) >= 0x20 and not 0x7F <= ord(char) <= 0x9F)
        assert char not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ud800"
    assert "\n" not in one_line(text, 20)
    assert len(one_line(text, 20)) <= 20


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("see https://a.example/b?c=1&d=2.", '<a href="https://a.example/b?c=1&amp;d=2"'),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ('https://a.example/"onclick="x', 'href="https://a.example/"'),
        ("https://[", "https://["),
    ],
)
def test_only_web_links_are_live(text: str, html: str) -> None:
    assert html in linked(text)
    assert linked(text).count("<a ") == (html.startswith(("<a", "href")))


def test_figures_are_easy_to_read() -> None:
    assert [duration(s) for s in (5, 90, 3600, 5400, 90_000, 360_000)] == [
        "less than a minute", "2 min", "1 h", "1 h 30 min", "1 day 1 h", "4 days 4 h",
    ]  # fmt: skip
    assert [size(n) for n in (999, 1500, 2_540_176, 31_000_000_000)] == ["999 B", "1.5 kB", "2.5 MB", "31 GB"]


def test_what_is_made_to_fit_is_shown_with_its_sizes(stage: Stage) -> None:
    def fate(position: int, medium: Media) -> Fate | None:
        facts = Facts(mime_type="image/png", size=20_000_000, width=8000, height=6000)
        recipe = Picture(formats=("PNG",), pixels=16_000_000, bytes=9_000_000)
        after = replace(facts, size=7_000_000, width=4618, height=3463)
        if medium.file is None:
            return None
        return Fate(position=position, file=medium.file, recipe=recipe, facts=facts, after=after)

    page = PreviewPage()
    preview = preview_plan(stage.ledger, SOURCE, Wish(fate=fate), now=NOW, sinks=[page])
    assert preview.data["fit"] == {"media": 1, "before": 20_000_000, "after": 7_000_000}
    assert "8000x6000, 20.0 MB -&gt; 4618x3463, 7.0 MB" in page.html(preview)
    stream = io.StringIO()
    show(preview, Console(file=stream, force_terminal=True, width=100, color_system=None))
    assert "1 medium made to fit (20 MB -> 7.0 MB)" in stream.getvalue()
