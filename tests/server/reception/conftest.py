from collections.abc import Callable

import pytest
import sqlalchemy as sa

from server.db import Database


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
