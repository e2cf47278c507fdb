"""`make screenshots`: a talk on the practice phone and the desk behind it, as pictures under build/screenshots.

A real `privacydesk run` on a free port and a real browser; the two pictures of the README are written with `--readme`.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench import free_port, process

FOLDER = Path(__file__).parents[1] / "build" / "screenshots"
PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic")
SIZES = {"wide": (1280, 900), "narrow": (360, 740)}


def main() -> None:
    """Take every picture; `--readme` renews those of the README as well."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shots") as data, desk(Path(data)) as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=[*QUIET, "--no-sandbox"])
        password = (Path(data) / "practice-login.txt").read_text().split()
        talk(browser, url)
        for scheme in ("light", "dark"):
            for size in SIZES:
                pictures(browser, url, password, scheme, size)
        browser.close()
    if "--readme" in sys.argv:
        PICTURES.mkdir(parents=True, exist_ok=True)
        for name in ("practice", "today"):
            shutil.copy(FOLDER / f"{name}-wide-light.png", PICTURES / f"{name}.png")


@contextmanager
def desk(data: Path) -> Iterator[str]:
    """A practice desk of its own, as `make run` starts it."""
    port = free_port()
    settings = {"PRIVACYDESK_PRACTICE": "on", "PRIVACYDESK_PORT": str(port), "PRIVACYDESK_DATA_DIR": str(data)}
    with process("run", settings, f"http://127.0.0.1:{port}/readyz"):
        yield f"http://127.0.0.1:{port}"


def talk(browser: Browser, url: str) -> None:
    """Some customers write; time passes; one of them is proved."""
    page = browser.new_context().new_page()
    customers = _customers(page, url)
    write(page, url, customers[1], "Hello, can I get everything you have stored about me", "later, no time now")
    write(page, url, customers[2], "my email changed, new one is new@example.com", "yes")
    page.goto(f"{url}/practice?as={customers[0]}")
    page.click("text=+1 week")
    write(page, url, customers[3], "who did you give my details to??")
    page.click("text=+1 day")
    write(page, url, customers[0], "Hi, please delete everything you have about me. And stop the car offers", "go on")
    mail = page.locator("#box-h span").inner_text()
    write(page, url, customers[0], mail)
    page.wait_for_selector("#letter .letter")
    page.reload()
    found = re.search(r"\b\d{6}\b", page.locator("#letter").inner_text())
    write(page, url, customers[0], found.group() if found else "000000")


def write(page: Page, url: str, customer: str, *texts: str) -> None:
    """Type on a customer's phone, and wait for the answer to each text."""
    page.goto(f"{url}/practice?as={customer}")
    for text in texts:
        before = page.locator("#talk .bub:not(.me-b)").count()
        page.fill("#say", text)
        page.click(".phone form:last-child .go")
        page.wait_for_function(
            "before => document.querySelectorAll('#talk .bub:not(.me-b)').length > before", arg=before, timeout=20000
        )


def pictures(browser: Browser, url: str, login: list[str], scheme: str, size: str) -> None:
    """Every page in one size and one colour scheme."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{url}/practice")
    _shoot(page, "practice", size, scheme)
    page.goto(f"{url}/desk/login")
    _shoot(page, "login", size, scheme)
    page.fill("#em", login[0])
    page.fill("#pw", login[1])
    page.click("form .go")
    page.wait_for_selector(".rows")
    _shoot(page, "today", size, scheme)
    page.click(".row a >> nth=0")
    page.wait_for_selector(".thead")
    _shoot(page, "ticket", size, scheme)
    context.close()


def _customers(page: Page, url: str) -> list[str]:
    page.goto(f"{url}/practice")
    return [str(option.get_attribute("value")) for option in page.locator("#as option").all()]


def _shoot(page: Page, name: str, size: str, scheme: str) -> None:
    page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png", full_page=True)


if __name__ == "__main__":
    main()
