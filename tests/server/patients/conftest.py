import pytest

from server.accounts.roles import Role
from server.db import Database
from tests.server.staff import Browser, add_staff


@pytest.fixture
def lead(browser: Browser, hospital: Database) -> Browser:
    """A browser in which the head of reception has signed in."""
    browser.sign_in(add_staff(hospital, "truong.ca", Role.RECEPTION_LEAD))
    return browser
