"""Pages of the hospital's staff: opened as people open them, signed in by name and password."""

from typing import Final

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.e2e.hospital import Hospital

DESK: Final[ViewportSize] = {"width": 1366, "height": 768}


def new_page(browser: Browser, size: ViewportSize = DESK) -> Page:
    """Return an empty page of a browser of its own; a script's failure on it fails the test."""
    page = browser.new_context(viewport=size, locale="vi-VN", accept_downloads=True).new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    return page


def account(hospital: Hospital, role: str) -> tuple[str, str]:
    """Return user name and password of the demo's account of a role."""
    lines = (hospital.home / "server" / "demo-accounts.txt").read_text(encoding="utf-8").splitlines()
    username, password = next(line.split()[:2] for line in lines if line.split()[-1:] == [role])
    return username, password


def type_account(page: Page, username: str, password: str) -> None:
    """Sign in by keyboard alone, on a page that asks for it, and wait for the page that was wanted."""
    page.locator("#username").fill(username)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)  # and until its scripts listen


def open_page(
    browser: Browser, hospital: Hospital, role: str, path: str, *, size: ViewportSize = DESK, language: str = "vi"
) -> Page:
    """Return the page at ``path`` of a browser of its own, in which the demo's account of a role signed in."""
    page = new_page(browser, size)
    page.goto(f"{hospital.server_url}{path}")
    if language == "en":
        page.get_by_role("button", name="English").click()
        page.wait_for_selector("html[lang=en]")
    type_account(page, *account(hospital, role))
    return page
