"""A database with all tables, and an invented hospital in it, for every test of the server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from server.db import Database
from server.fleet.service import Device
from server.migrations import migrate
from server.wiring import connect_log
from tests.server.hospital import add_kiosk, build_hospital
from tests.support.copies import Copies, PostgresCopies, SqliteCopies
from tests.support.postgres import PrivatePostgres


@pytest.fixture(scope="session")
def sqlite_copies(tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(_migrated(f"sqlite:///{tmp_path_factory.mktemp('template') / 'migrated.db'}"))


@pytest.fixture(scope="session")
def postgres_copies(postgres: PrivatePostgres) -> Iterator[PostgresCopies]:
    copies = PostgresCopies(_migrated(postgres.create_database()))
    yield copies
    copies.close()


def _migrated(url: str) -> URL:
    template = Database(url)
    migrate(template)
    template.close()
    return template.url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind in turn, brought to the newest schema by migration."""
    copies: Copies = request.getfixturevalue("sqlite_copies" if request.param == "sqlite" else "postgres_copies")
    database = Database(copies.take(tmp_path), connections=16)
    connect_log(database, tmp_path / "server")
    yield database
    database.close()
    copies.give_back(database.url)


@pytest.fixture
def hospital(database: Database) -> Database:
    """The database with facility 34999: services NOI (queue A, room 101) and NHI (queue B, room 102)."""
    build_hospital(database)
    return database


@pytest.fixture
def kiosk(hospital: Database) -> Device:
    """Kiosk K of the hospital."""
    return add_kiosk(hospital, "K")[0]
