from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from server.db import Database
from tests.server.staff import Browser, add_staff, cheap_passwords

__all__ = ["cheap_passwords"]


@pytest.fixture
def count_queries(database: Database) -> Callable[[Callable[[], object]], int]:
    """Return a function that counts the statements another one sends to the database."""

    def count(work: Callable[[], object]) -> int:
        statements: list[str] = []

        def note(_: object, __: object, statement: str, *___: object) -> None:
            statements.append(statement)

        for engine in database.engines:
            sa.event.listen(engine, "before_cursor_execute", note)
        work()
        for engine in database.engines:
            sa.event.remove(engine, "before_cursor_execute", note)
        return len(statements)

    return count


@pytest.fixture
def desk(hospital: Database, cheap_passwords: None) -> Iterator[Browser]:
    """A browser in which somebody of the reception has signed in."""
    browser = Browser(hospital)
    browser.sign_in(add_staff(hospital))
    yield browser
    browser.app.extensions["live"].stop()
