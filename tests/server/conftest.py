"""A database with all tables, and its helpers, for every test of the server."""

from collections.abc import Callable, Iterator

import pytest

from server.db import Database
from server.migrations import migrate


@pytest.fixture
def database(make_database_url: Callable[[], str]) -> Iterator[Database]:
    """An empty database of each kind in turn, brought to the newest schema by migration."""
    database = Database(make_database_url(), connections=16)
    migrate(database)
    yield database
    database.close()
