"""Draws the pictures of the preview page and the review desk: python docs/images/shoot.py. Needs Chromium."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bridge import sample

HERE = Path(__file__).parent
SHOTS = (
    ("preview-page.png", 1280, 1000, "light", "", "#figures"),
    ("preview-page-phone.png", 390, 844, "dark", "#q=pont", "#shown"),
    ("preview-quote.png", 1280, 800, "light", "#kind=quote", "#beside"),
)
#: Of the desk: address, width, height, colours, and what is done before the picture is taken.
DESK = (
    ("review-overview.png", "/", 1280, 1000, "light"),
    ("review-desk.png", "/desk?q=pont", 1280, 1000, "light"),
    ("review-edit.png", "EDIT", 1280, 800, "light"),
    ("review-alt.png", "/alt", 1280, 720, "dark"),
    ("review-people.png", "/handles", 1280, 900, "light"),
    ("review-schedule.png", "/schedule?per_hour=30", 1280, 720, "light"),
    ("review-desk-phone.png", "/desk?q=pont", 390, 844, "dark"),
)
WORDS = "Le nouveau pont est ouvert ! Trois salles, un jardin, et une passerelle qui ne grince plus. "


@contextmanager
def desk(folder: str) -> Iterator[str]:
    """Its link, while it is open."""
    command = [sys.executable, "-m", "bridge", "--home", f"{folder}/desk", "--quiet", "review"]
    options = ["--to", "@museum@example.social", "--as", "Ada", "--no-browser", "--language", "en"]
    process = subprocess.Popen(  # noqa: S603 - this program itself
        [*command, str(sample.path()), *options], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def shoot_desk(browser: Browser, link: str) -> None:
    base = link.partition("/enter")[0]
    first = browser.new_context()
    tab = first.new_page()
    tab.goto(link)
    tab.wait_for_url(base + "/")
    tab.goto(base + "/desk?q=pont")
    tab.locator("article.post").first.get_by_role("button", name="Approve").click()
    tab.locator("article.s-approved").first.wait_for()
    tab.goto(base + "/handles")
    tab.locator("input[name=fediverse]").first.fill("@pont@musees.example")
    tab.get_by_role("button", name="Save").first.click()
    tab.goto(base + "/desk?q=pont")
    edit = tab.locator("article.post a.button[href*='/edit']").nth(1).get_attribute("href") or ""
    state = first.storage_state()
    for name, path, width, height, scheme in DESK:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            storage_state=state,
        )
        tab = context.new_page()
        tab.goto(base + (edit if path == "EDIT" else path))
        if path == "EDIT":
            write(tab)
        tab.wait_for_timeout(500)
        tab.screenshot(path=HERE / name)
        context.close()


def write(tab: Page) -> None:
    """A text that is too long for one status."""
    tab.fill("textarea[name=text]", (WORDS * 7).strip())
    tab.locator("#trial .count").nth(1).wait_for()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = Path(folder) / "preview.html"
        command = [sys.executable, "-m", "bridge", "--home", f"{folder}/home", "--quiet", "preview"]
        subprocess.run(  # noqa: S603 - this program itself
            [*command, str(sample.path()), "--html", str(page), "--language", "en"], check=True
        )
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, width, height, scheme, fragment, place in SHOTS:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            tab = context.new_page()
            tab.goto(page.as_uri() + fragment)
            if place == "#beside":
                tab.click("[data-do=beside]")
            tab.locator(place).scroll_into_view_if_needed()
            tab.evaluate("(place) => document.querySelector(place).scrollIntoView()", place)
            tab.wait_for_timeout(500)
            tab.screenshot(path=HERE / name)
            context.close()
        with desk(folder) as link:
            shoot_desk(browser, link)
        browser.close()


if __name__ == "__main__":
    main()
