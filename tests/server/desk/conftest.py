from collections.abc import Iterator

import pytest

from server.db import Database
from tests.server.staff import Browser, add_staff, cheap_passwords

__all__ = ["cheap_passwords"]


@pytest.fixture
def desk(hospital: Database, cheap_passwords: None) -> Iterator[Browser]:
    """A browser in which somebody of the reception has signed in."""
    browser = Browser(hospital)
    browser.sign_in(add_staff(hospital))
    yield browser
    browser.app.extensions["live"].stop()
