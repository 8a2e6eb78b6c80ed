"""A database with all tables, and an invented hospital in it, for every test of the server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.db import Database
from server.fleet.service import Device
from server.migrations import migrate
from server.wiring import connect_log
from tests.server.hospital import add_kiosk, build_hospital


@pytest.fixture
def database(make_database_url: Callable[[], str], tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind in turn, brought to the newest schema by migration."""
    database = Database(make_database_url(), connections=16)
    migrate(database)
    connect_log(database, tmp_path / "server")
    yield database
    database.close()


@pytest.fixture
def hospital(database: Database) -> Database:
    """The database with facility 34999: services NOI (queue A, room 101) and NHI (queue B, room 102)."""
    build_hospital(database)
    return database


@pytest.fixture
def kiosk(hospital: Database) -> Device:
    """Kiosk K of the hospital."""
    return add_kiosk(hospital, "K")[0]
