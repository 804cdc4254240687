"""The desk in a real browser, as people start it: with and without a script, to a practice server."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bridge import sample
from bridge.cli.main import run
from bridge.sandbox.server import Sandbox
from tests.cli.conftest import ROOT
from tests.preview.browser import chromium
from tests.sources import archives as made
from tests.sources.archives import day

WIDTHS = {"desktop": 1280, "phone": 390}
PAGES = ("/", "/desk?year=2013", "/posts/{post}/edit", "/alt", "/schedule", "/publish", "/results",
         "/handles", "/history?all=1&before=120")  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox(limits=False, username="museum", latency=0.02) as running:
        yield running


@dataclass
class Opened:
    """A desk that is open in a process of its own, and the browsers that visit it."""

    browser: Browser
    link: str
    token: str
    process: subprocess.Popen[str]
    state: Any = None
    troubles: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return self.link.partition("/enter")[0]

    def visit(
        self, path: str, *, width: int = 1280, scheme: str = "light", script: bool = True, lang: str = "en"
    ) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
            storage_state=self.state,
        )
        context.add_cookies([{"name": "lang", "value": lang, "url": self.base}])
        page = context.new_page()
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", lambda request: self._requested(request.url))
        page.on("response", lambda response: self._answered(response.status, response.url))
        page.goto(self.base + path)
        return page

    def _requested(self, url: str) -> None:
        if not url.startswith(self.base + "/"):
            self.troubles.append(url)

    def _answered(self, status: int, url: str) -> None:
        if status >= 400:
            self.troubles.append(f"{status} {url}")

    def first(self) -> str:
        """The id of the first post on the desk."""
        page = self.visit("/desk", script=False)
        found = page.locator("article.post").first.get_attribute("data-post")
        page.context.close()
        assert found is not None
        return found


Opener = Callable[..., Opened]


@pytest.fixture(scope="module")
def opener(browser: Browser, server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    started: list[subprocess.Popen[str]] = []

    def open_desk(archive: Path, *options: str, account: str = "museum", settings: str = "") -> Opened:
        home = tmp_path_factory.mktemp("home")
        (home / "config.toml").write_text(settings, encoding="utf-8")
        told = {**os.environ, "PASSERELLE_HOME": str(home), "PYTHONUNBUFFERED": "1"}
        line = [sys.executable, "-m", "bridge", "--home", str(home)]
        subprocess.run(
            [*line, "login", server.base_url, "--with-token"],
            input=server.token + "\n", text=True, check=True, cwd=ROOT, env=told, capture_output=True,
        )  # fmt: skip
        process = subprocess.Popen(
            [*line, "review", str(archive), "--as", "Ada", "--no-browser", *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=told,
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        desk = Opened(browser, process.stdout.readline().strip(), server.token, process)
        context = browser.new_context()
        page = context.new_page()
        page.goto(desk.link)
        page.wait_for_url(desk.base + "/")
        desk.state = context.storage_state()
        context.close()
        return desk

    yield open_desk
    for process in started:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="module")
def museum(opener: Opener) -> Opened:
    return opener(sample.path())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", list(WIDTHS))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_reads_well_everywhere(museum: Opened, language: str, device: str, scheme: str) -> None:
    """axe looks at each colour on each width, and at each language: what is left says nothing new to it."""
    looked_at = (language == "en") is ((device == "desktop") is (scheme == "light"))
    post = museum.first()
    page = museum.visit("/", width=WIDTHS[device], scheme=scheme, lang=language)
    for path in PAGES:
        page.goto(museum.base + path.format(post=post))
        assert page.get_attribute("html", "lang") == language
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[device], path
        if looked_at:
            found = Axe().run(page, options={"resultTypes": ["violations"]})
            assert [(path, each["id"], each["nodes"][0]["target"]) for each in found["violations"]] == []
        assert museum.token not in page.content()
    page.context.close()
    assert museum.troubles == []


def waiting(page: Page) -> int:
    return page.locator("article.s-waiting").count()


SHORT = """
[review]
required = true
"""


@pytest.fixture
def small(opener: Opener, tmp_path: Path) -> Opened:
    texts = ["The first room opens", "A second room", "A third room, with a long story"]
    tweets = [made.y_tweet(day(at), text) for at, text in enumerate(texts, 1)]
    return opener(made.write_zip(tmp_path / "small.zip", made.y2(tweets)), settings=SHORT)


def test_with_a_script_cards_change_in_their_place(small: Opened) -> None:
    page = small.visit("/desk")
    first = page.locator("article.post").first
    first.get_by_role("button", name="Approve").click()
    expect(page.locator("article.s-approved")).to_have_count(1)
    assert page.url == small.base + "/desk", "the page was not loaded anew"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("article.s-approved")).to_have_count(2)
    last = page.locator("article.post").last
    last.locator("summary", has_text="Exclude").click()
    last.locator("input[name=reason]").fill("not ours to tell")
    last.get_by_role("button", name="Exclude").click()
    expect(page.locator("article.s-excluded")).to_contain_text("not ours to tell")
    page.locator("article.s-excluded").get_by_role("button", name="Bring back").click()
    expect(page.locator("article.s-waiting")).to_have_count(1)
    page.context.close()
    assert small.troubles == []


def test_while_somebody_writes_the_exact_length_is_told(small: Opened) -> None:
    page = small.visit(f"/posts/{small.first()}/edit?back=/desk")
    before = page.inner_text("#trial .count")
    page.fill("textarea[name=text]", "A link counts as 23: https://example.org/" + "x" * 60)
    expect(page.locator("#trial .count")).not_to_have_text(before)
    stamp = int(before.partition("/")[0]) - len("The first room opens")
    assert page.inner_text("#trial .count") == f"{len('A link counts as 23: ') + 23 + stamp}/500"
    page.fill("textarea[name=text]", "many words " * 90)
    expect(page.locator("#trial .count")).to_have_count(3)
    assert all(int(each.partition("/")[0]) <= 500 for each in page.locator("#trial .count").all_inner_texts())
    page.fill("textarea[name=text]", "Better words")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/desk#t\d+$"))
    expect(page.locator("article.post").first).to_contain_text("Better words")
    expect(page.locator("article.post").first).to_contain_text("edited by Ada")
    page.context.close()
    assert small.troubles == []


def test_without_a_script_everything_can_be_decided(small: Opened) -> None:
    page = small.visit("/desk", script=False)
    page.locator("article.post").first.get_by_role("button", name="Approve").click()
    expect(page.locator("article.s-approved")).to_have_count(1)
    last = page.locator("article.post").last
    last.locator("summary", has_text="Exclude").click()
    last.locator("input[name=reason]").fill("private")
    last.get_by_role("button", name="Exclude").click()
    expect(page.locator("article.s-excluded")).to_contain_text("private")
    page.locator("article.s-waiting").get_by_role("link", name="Edit").click()
    page.fill("textarea[name=text]", "Words without a script")
    page.get_by_role("button", name="Show how it reads").click()
    expect(page.locator("#trial")).to_contain_text("Words without a script")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("article.s-waiting")).to_contain_text("Words without a script")
    page.get_by_role("button", name=re.compile("Approve this|Approve these|Approve 1 post")).click()
    expect(page.locator("article.s-waiting")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("article.s-waiting")).to_have_count(1)
    page.context.close()
    assert small.troubles == []


def test_what_was_approved_is_published_and_nothing_else(small: Opened, server: Sandbox) -> None:
    there = len(server.state.statuses)
    page = small.visit("/desk")
    page.locator("article.post").first.get_by_role("button", name="Approve").click()
    expect(page.locator("article.s-approved")).to_have_count(1)
    page.goto(small.base + "/publish")
    assert "2 posts still wait for approval" in page.inner_text("main")
    page.check("input[name=sure]")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("[data-count=published]")).to_have_text("1", timeout=60_000)
    expect(page.locator("[data-say=idle]")).to_have_text("The last run has ended.", timeout=60_000)
    page.goto(small.base + "/results")
    expect(page.locator(f"a[href^='{server.base_url}']")).to_have_count(1)
    page.context.close()
    assert len(server.state.statuses) == there + 1
    assert small.troubles == []


def until(page: Page, there: Callable[[], bool]) -> None:
    """Load the page anew until it says so."""
    for _ in range(300):
        if there():
            return
        page.wait_for_timeout(100)
        page.reload()
    raise AssertionError(page.inner_text("main"))


def test_a_run_is_stopped_after_the_request_in_hand(opener: Opener, tmp_path: Path, server: Sandbox) -> None:
    tweets = [made.y_tweet(day(at), f"Stop number {at}") for at in range(1, 28)]
    desk = opener(made.write_zip(tmp_path / "many.zip", made.y2(tweets)), "--per-hour", "60")
    page = desk.visit("/publish", script=False)  # it loads itself anew; here we are quicker
    page.check("input[name=sure]")
    page.get_by_role("button", name="Start").click()
    until(page, lambda: page.inner_text("[data-count=published]") != "0")
    page.get_by_role("button", name="Stop after").click()
    until(page, lambda: "Stopped." in page.inner_text("[data-say=idle]"))
    left = int(page.inner_text("[data-count=left]"))
    assert 0 < left < 27
    page.context.close()
    assert desk.troubles == []


def test_pictures_are_described_by_keyboard(museum: Opened) -> None:
    page = museum.visit("/alt")
    before = page.inner_text("main > p")
    page.locator("figure img").evaluate("picture => picture.decode()")
    page.keyboard.type("A bridge by night")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main > p").first).not_to_have_text(before)
    assert "1 of" in page.inner_text("main > p")
    page.context.close()
    page = museum.visit("/alt", script=False)
    page.fill("textarea[name=text]", "A bridge by day")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main > p").first).to_contain_text("2 of")
    page.context.close()
    assert museum.troubles == []


@pytest.mark.parametrize("script", [True, False])
def test_a_person_is_written_down_and_taken_out(museum: Opened, script: bool) -> None:
    page = museum.visit("/handles", script=script)
    person = page.locator("li.person").last
    name = person.locator("a").inner_text()
    person.locator("input[name=fediverse]").fill("@someone@art.example")
    person.get_by_role("button", name="Save").click()
    known = page.locator("section[aria-labelledby=known] li", has_text=name)
    expect(known.locator("input[name=fediverse]")).to_have_value("@someone@art.example")
    known.get_by_role("button", name="Remove").click()
    expect(page.locator("section[aria-labelledby=known] li", has_text=name)).to_have_count(0)
    page.goto(museum.base + "/history")
    assert f"{name}: @someone@art.example" in page.locator("table").first.inner_text()
    page.context.close()
    assert museum.troubles == []


def test_moving_the_pace_moves_the_finish(museum: Opened) -> None:
    page = museum.visit("/schedule")
    before = page.inner_text(".finish")
    page.locator("input[name=per_hour]").fill("2")
    expect(page.locator(".finish")).not_to_have_text(before)
    assert page.inner_text("output") == "2"
    assert "days" in page.inner_text(".finish")
    page.context.close()
    page = museum.visit("/schedule", script=False)
    page.locator("input[name=per_hour]").fill("3")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("output")).to_have_text("3")
    assert page.inner_text(".finish") != before
    page.context.close()
    assert museum.troubles == []


def test_hostile_posts_are_inert(opener: Opener, tmp_path: Path) -> None:
    words = [
        "</textarea></script><script>document.title='x'</script><img src=x onerror=document.title='x'>",
        "<div hx-get='/history' hx-trigger='load'>htmx</div> turned \u202e around",
        "w" * 10_000,
    ]
    tweets = [made.y_tweet(day(at), text) for at, text in enumerate(words, 1)]
    desk = opener(made.write_zip(tmp_path / "hostile.zip", made.y2(tweets)))
    for script in (True, False):
        page = desk.visit("/desk", width=390, script=script)
        ids = [each.get_attribute("data-post") for each in page.locator("article.post").all()]
        for path in ("/desk", "/history?all=1", *(f"/posts/{each}/edit" for each in ids)):
            page.goto(desk.base + path)
            assert page.title() != "x"
            expect(page.locator("main img")).to_have_count(0)
            expect(page.locator("main script, main [hx-get='/history']")).to_have_count(0)
            assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.context.close()
    assert desk.troubles == []


def test_opening_it_to_others_wants_a_password_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["--home", str(tmp_path), "review", "--address", "0.0.0.0"]
    assert run(line) == 2
    assert "read what is not published yet, and publish it" in capsys.readouterr().err
    short = tmp_path / "password.txt"
    short.write_text("short", encoding="utf-8")
    given = [*line, "--password-file", str(short), "--to", "@me@example.social", str(sample.path())]
    assert run(given) == 2
    assert "too short" in capsys.readouterr().err
