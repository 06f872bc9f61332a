"""Makes the pictures of the status page that the documents show, after five minutes of a busy day in a few seconds.

python -m parts.page_pictures ../../docs/images
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

from harness.browser import Browser, Tab
from parts.page_data import order_paid, populate, step
from parts.page_mock import PageMock

SECONDS = 300


def live_through(mock: PageMock, tabs: list[Tab]) -> None:
    for tab in tabs:
        tab.until("page.state !== null")
        tab.evaluate("clearTimeout(poll.timer), window.later = performance.now(), void (performance.now = () => later)")
    began = time.time() - SECONDS
    for second in range(SECONDS):
        for quarter in range(4):
            moment = second + quarter / 4
            step(mock, moment, at=int(1000 * (began + moment)))
        for tab in tabs:
            tab.evaluate("window.later += 1000, poll.now().then(() => clearTimeout(poll.timer))")


def inspect(tab: Tab, mock: PageMock) -> None:
    """A web hook that has been sent again, and how its answer differs."""
    number = mock.visit(order_paid())
    tab.evaluate("poll.now()")
    tab.evaluate(f"location.hash = {number}")
    tab.until("inspector.detail")
    tab.click("[data-key=sendAgain]")
    tab.until("inspector.first")
    tab.click("[data-key=tab-difference]")
    tab.evaluate("$('toast').textContent = ''")
    tab.until("document.getAnimations().length === 0")


def main(folder: Path) -> None:
    random.seed(28820)
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as profile, PageMock() as mock, Browser(Path(profile)) as browser:
        populate(mock, 1)
        light, dark = browser.tab(1280, 800), browser.tab(1280, 800, dark=True)
        phone = browser.tab(360, 740, language="zh-CN")
        tabs = [light, dark, phone]
        for tab in tabs:
            tab.prefer(dark=tab is dark, still=True)
            tab.open(mock.url)
        live_through(mock, tabs)
        inspect(dark, mock)
        for tab, name in zip(tabs, ["status-page", "inspector", "phone"], strict=True):
            (folder / f"{name}.png").write_bytes(tab.screenshot())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
