"""Draws the pictures of the preview page: python docs/images/shoot.py. Needs Chromium and the test group."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from bridge import sample

HERE = Path(__file__).parent
SHOTS = (
    ("preview-page.png", 1280, 1000, "light", "", "#figures"),
    ("preview-page-phone.png", 390, 844, "dark", "#q=pont", "#shown"),
)


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
            tab.locator(place).scroll_into_view_if_needed()
            tab.evaluate("(place) => document.querySelector(place).scrollIntoView()", place)
            tab.wait_for_timeout(500)
            tab.screenshot(path=HERE / name)
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
