"""The page in a real browser, from disk: what it shows, what its filters say, and that nothing gets out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from bridge import sample
from bridge.cli.main import run
from bridge.engine.forecast import SECONDS_EACH
from bridge.pacing import STATUS, Blackout, Budget, Keeping, Need, Pace, simulate
from bridge.publishers.servers import profile
from tests.preview.browser import chromium
from tests.sources import archives as made
from tests.sources.archives import day

WIDTHS = {"desktop": 1280, "phone": 390}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The French one packs its posts, as a page of many does."""
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    patch = pytest.MonkeyPatch()
    for language in ("en", "fr"):
        patch.setattr("bridge.preview.page.PLAIN", 2_000_000 if language == "en" else 0)
        made[language] = folder / f"{language}.html"
        line = [
            "--home",
            str(folder / "home"),
            "--quiet",
            "preview",
            str(sample.path()),
            "--include",
            "circle",
        ]
        assert run([*line, "--html", str(made[language]), "--language", language]) == 0
    patch.undo()
    return made


@dataclass
class Watched:
    """A page, and all that went wrong or out of it."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    def open(self, path: Path, fragment: str = "") -> Page:
        self.page.on("console", lambda message: self.troubles.append(message.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", lambda request: self._requested(request.url))
        self.page.goto(path.as_uri() + fragment)
        return self.page

    def _requested(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            self.troubles.append(url)


def watched(browser: Browser, *, width: int = 1280, scheme: str = "light", script: bool = True) -> Watched:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=script,
        accept_downloads=True,
    )
    return Watched(context.new_page())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", list(WIDTHS))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_reads_well_everywhere(
    browser: Browser, pages: dict[str, Path], language: str, device: str, scheme: str
) -> None:
    seen = watched(browser, width=WIDTHS[device], scheme=scheme)
    page = seen.open(pages[language])
    assert page.get_attribute("html", "lang") == language
    page.locator("#filters").wait_for()
    assert page.evaluate("posts.length") == 226
    assert page.locator("article.card").count() >= 25
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[device]
    found = Axe().run(page)
    assert [(each["id"], each["nodes"][0]["target"]) for each in found["violations"]] == []
    page.emulate_media(media="print")
    shade = page.locator("article.card").first.evaluate("card => getComputedStyle(card).backgroundColor")
    assert shade == "rgb(255, 255, 255)", "paper is white by night, too"
    assert seen.troubles == []
    page.context.close()


def test_without_a_script_the_first_page_is_there(browser: Browser, pages: dict[str, Path]) -> None:
    seen = watched(browser, script=False)
    page = seen.open(pages["en"])
    assert page.locator("article.card[id]").count() == 25
    assert page.locator("#filters").is_hidden()
    assert "The first 25 posts" in page.inner_text("#shown")
    assert page.locator("svg.chart").count() == 2
    page.context.close()


def test_a_browser_that_cannot_unpack_the_posts_says_so(browser: Browser, pages: dict[str, Path]) -> None:
    seen = watched(browser)
    seen.page.add_init_script("delete window.DecompressionStream")
    page = seen.open(pages["fr"])
    assert "Ce navigateur date d’avant 2023" in page.inner_text("#shown")
    assert page.locator("article.card[id]").count() == 25
    assert page.locator("#filters").is_hidden()
    assert seen.troubles == []
    page.context.close()


def test_a_filter_says_what_carrying_only_that_would_mean(browser: Browser, pages: dict[str, Path]) -> None:
    page = watched(browser).open(pages["en"])
    everything = page.inner_text("#whatif output")
    assert everything.startswith("Carrying all of it: ")
    page.select_option("[name=has]", "image")
    page.fill("[name=likes]", "5")
    assert page.inner_text("#whatif output").startswith("Carrying only these: ")
    assert page.inner_text("#whatif code") == (
        f"passerelle publish {sample.path()} --include circle --has image --min-likes 5"
    )
    assert "has=image" in page.url
    page.click("#filters button")
    page.wait_for_function("document.querySelector('#whatif output').textContent.startsWith('Carrying all')")
    assert page.inner_text("#whatif output") == everything
    page.context.close()


def test_the_command_of_a_filter_carries_just_what_the_page_says(
    browser: Browser, pages: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = watched(browser).open(pages["en"])
    for name, value in (("has", "image"), ("year", "2016")):
        page.select_option(f"[name={name}]", value)
    page.fill("[name=q]", "a")
    said = page.inner_text("#whatif output")
    words = page.inner_text("#whatif code").replace("'", "").split()
    page.context.close()
    line = ["--home", str(tmp_path / "home"), "--json", "preview", *words[2:]]
    assert run(line) == 0
    told = json.loads(capsys.readouterr().out)["data"]["publish"]
    assert f"Carrying only these: {told['posts']} posts, {told['media']} pictures" in said


def test_a_warning_has_no_option_but_a_download(browser: Browser, pages: dict[str, Path]) -> None:
    page = watched(browser).open(pages["en"])
    page.select_option("[name=warning]", "MEDIA_MISSING")
    assert "download the selection" in page.inner_text("#whatif code")
    with page.expect_download() as download:
        page.click("[data-do=download]")
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == '"id","decision","kind","created_at","url","warnings","text"'
    assert "MEDIA_MISSING" in text
    page.context.close()


_LINES = """(text) => [...text.innerText.matchAll(/\\S.*/g)].map((line) => {
  const range = document.createRange();
  const node = document.createTreeWalker(text, NodeFilter.SHOW_TEXT).nextNode();
  range.setStart(node, line.index);
  range.setEnd(node, line.index + 1);
  const [sign, whole] = [range.getBoundingClientRect(), text.getBoundingClientRect()];
  return sign.left - whole.left > whole.right - sign.right ? "right" : "left";
})"""


def test_each_line_begins_on_its_own_side(browser: Browser, pages: dict[str, Path]) -> None:
    page = watched(browser).open(pages["en"])
    page.fill("[name=q]", "\u05e9\u05dc\u05d5\u05dd")
    text = page.locator("article.card .text").first
    assert text.evaluate(_LINES) == ["right", "left"], "Hebrew, and its date in French"
    page.context.close()


def test_the_address_of_a_filter_shows_just_that(browser: Browser, pages: dict[str, Path]) -> None:
    page = watched(browser).open(pages["en"])
    page.fill("[name=q]", "50% + a & b")
    fragment = page.evaluate("location.hash")
    page.evaluate("location.hash = 'kind=thread'")
    page.wait_for_function("document.querySelector('[name=kind]').value === 'thread'")
    assert page.input_value("[name=q]") == ""
    page.evaluate("(fragment) => { location.hash = fragment }", fragment)
    page.wait_for_function("document.querySelector('[name=q]').value === '50% + a & b'")
    assert page.input_value("[name=kind]") == ""
    page.context.close()


def test_the_original_of_a_post_of_three_parts_opens_below_the_last(
    browser: Browser, pages: dict[str, Path]
) -> None:
    page = watched(browser).open(pages["en"])
    long = page.evaluate("posts.find((post) => post.p?.length > 2).i")
    page.evaluate(f"location.hash = 'p{long}'")
    page.locator(f"#p{long}.here").wait_for()
    page.keyboard.press("o")
    assert page.locator("details.old[open]").count() == 1
    page.evaluate("navigator.clipboard.writeText = () => Promise.resolve()")
    page.clock.install()
    for _ in range(2):
        page.click("[data-do=ids]")
    page.clock.fast_forward(2000)
    assert page.inner_text("[data-do=ids]") == "Copy the ids"
    page.context.close()


def test_keys_and_links_lead_to_a_post(browser: Browser, pages: dict[str, Path]) -> None:
    page = watched(browser).open(pages["en"])
    page.keyboard.press("n")
    assert page.inner_text("#pager span").startswith("Page 2 of ")
    page.keyboard.press("p")
    page.keyboard.press("j")
    first = page.get_attribute("article.here", "id")
    page.keyboard.press("j")
    assert page.get_attribute("article.here", "id") != first
    page.keyboard.press("o")
    assert page.locator("details.old[open]").count() == 1
    page.click("[data-do=beside]")
    assert page.locator("details.old:not([open])").count() == 0
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    quoting = page.evaluate("posts.find((post) => post.p?.some((status) => status.q)).i")
    page.goto(pages["en"].as_uri() + f"#p{quoting}")
    box = page.locator(f"#p{quoting} .quoted")
    assert len(box.locator(".text").inner_text()) > 20
    assert box.locator(".avatar use").count() == 1
    quoted = box.locator("a").get_attribute("href")
    box.locator("a").click()
    page.locator(f"{quoted}.here").wait_for()
    skipped = page.evaluate("posts.find((post) => post.s === 'skip').i")
    page.goto(pages["en"].as_uri() + f"#p{skipped}")
    assert page.get_attribute("article.here", "id") == f"p{skipped}"
    page.context.close()


@pytest.mark.parametrize(
    ("pace", "statuses", "media"),
    [
        ((), 50, 0),
        ((), 2000, 400),
        (("--per-hour", "30"), 200, 0),
        (("--hours", "0-12"), 3000, 0),
        (("--per-day", "7"), 90, 0),
    ],
)
def test_the_time_that_it_names_is_the_schedules(
    browser: Browser, tmp_path: Path, pace: tuple[str, ...], statuses: int, media: int
) -> None:
    html = tmp_path / "page.html"
    line = ["--home", str(tmp_path / "home"), "--quiet", "preview", str(sample.path()), *pace]
    assert run([*line, "--html", str(html), "--thumbnails", "none"]) == 0
    page = watched(browser).open(html)
    told = page.evaluate(f"seconds({statuses}, {media})")
    start = datetime.fromtimestamp(page.evaluate("facts.start"), UTC)
    hours = (0, 12) if "--hours" in pace else None
    pace_of = Pace(
        per_hour=page.evaluate("facts.perHour"), per_day=page.evaluate("facts.perDay"), hours=hours
    )
    budget = Budget.of(profile("mastodon", "4.5.0").windows, pace_of)
    step = statuses // media if media else statuses + 1
    needs = [Need(media=int(at % step == 0)) for at in range(statuses)]
    schedule = simulate(needs, start, budget, seconds_each=SECONDS_EACH, keeping=Keeping(seconds=86_400))
    # Media that share the windows with statuses, and a start within a window, may cost one window more.
    slack = 86_400 if "--per-day" in pace else 12 * 3600 if hours else 3 * 3600 + 60 if media else 60
    assert told == pytest.approx(schedule.seconds, rel=0.02, abs=slack)
    page.context.close()


def test_it_knows_the_days_of_silence(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    html = tmp_path / "page.html"
    monkeypatch.setenv("PASSERELLE_PACE__BLACKOUT", "03-01..10-31")
    line = ["--home", str(tmp_path / "home"), "--quiet", "preview", str(sample.path()), "--per-day", "1"]
    assert run([*line, "--html", str(html), "--thumbnails", "none"]) == 0
    page = watched(browser).open(html)
    start = datetime.fromtimestamp(page.evaluate("facts.start"), UTC)
    pace = Pace(per_day=1, blackout=(Blackout.parse("03-01..10-31"),))
    budget = Budget.of(profile("mastodon", "4.5.0").windows, pace)
    schedule = simulate([STATUS] * 200, start, budget, seconds_each=SECONDS_EACH)
    assert page.evaluate("seconds(200, 0)") == pytest.approx(schedule.seconds, abs=86_400)
    page.context.close()


def test_a_hostile_post_stays_text(browser: Browser, tmp_path: Path) -> None:
    words = [
        "</script><script>document.title='x'</script><img src=x onerror=document.title='x'>",
        "turned \u202e around, and \u0645\u0631\u062d\u0628\u0627",
        "w" * 10_000,
    ]
    tweets = [made.y_tweet(day(at), text) for at, text in enumerate(words, 1)]
    archive, html = made.write_zip(tmp_path / "a.zip", made.y2(tweets)), tmp_path / "page.html"
    assert (
        run(["--home", str(tmp_path / "home"), "--quiet", "preview", str(archive), "--html", str(html)]) == 0
    )
    for script in (True, False):
        seen = watched(browser, width=390, script=script)
        page = seen.open(html)
        assert page.title() != "x"
        assert page.locator("article img").count() == 0
        assert page.locator("article", has_text="</script><script>").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert seen.troubles == []
        page.context.close()


def test_pictures_beside_the_page_are_shown(browser: Browser, tmp_path: Path) -> None:
    html = tmp_path / "with pictures.html"
    line = ["--home", str(tmp_path / "home"), "--quiet", "preview", str(sample.path())]
    assert run([*line, "--html", str(html), "--thumbnails", "files", "--language", "en"]) == 0
    seen = watched(browser)
    page = seen.open(html, "#has=image")
    page.locator("article img").first.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('article img').naturalWidth > 0")
    assert seen.troubles == []
    page.context.close()
