"""The menu of the staff's pages: what it leads to, and which entry it marks as the present one."""

import re

import pytest

from server.accounts.roles import Role
from server.db import Database
from tests.server.staff import Browser, add_staff

ENTRY = re.compile(r'<a href="([^"]+)"( aria-current="page")?')


@pytest.mark.parametrize("role", Role)
def test_every_page_of_the_menu_is_marked_in_it_and_no_other(browser: Browser, hospital: Database, role: Role) -> None:
    browser.sign_in(add_staff(hospital, "nhan.vien", role))

    def menu(address: str) -> list[tuple[str, str]]:
        page = browser.get(address, follow_redirects=True).text
        return ENTRY.findall(page.partition("<nav")[2].partition("</nav>")[0])

    entries = [address for address, _ in menu("/password")]
    assert entries
    for address in entries:
        assert [entry for entry, mark in menu(address) if mark] == [address]
