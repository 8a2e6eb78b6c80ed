"""A database with all tables, and an invented hospital in it, for every test of the server."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from server.db import Database
from server.fleet.service import Device
from server.migrations import migrate
from server.wiring import connect_log
from tests.server.hospital import add_kiosk, build_hospital


@pytest.fixture(scope="session")
def templates() -> dict[str, URL]:
    """By kind, a database brought to the newest schema once; each test works on a copy, made in a tenth of the time."""
    return {}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest,
    templates: dict[str, URL],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Database]:
    """An empty database of each kind in turn, brought to the newest schema by migration."""
    kind: str = request.param
    if kind not in templates:
        directory = tmp_path_factory.mktemp("template")
        url = (
            f"sqlite:///{directory / 'migrated.db'}"
            if kind == "sqlite"
            else request.getfixturevalue("postgres").create_database()
        )
        template = Database(url)
        migrate(template)
        template.close()
        templates[kind] = template.url
    database = Database(_copy(templates[kind], tmp_path), connections=16)
    connect_log(database, tmp_path / "server")
    yield database
    database.close()
    if kind == "postgresql":
        _administer(templates[kind], f"DROP DATABASE {database.url.database} WITH (FORCE)")


def _copy(template: URL, directory: Path) -> URL:
    assert template.database is not None
    if template.get_backend_name() == "sqlite":
        copy = directory / "copy.db"
        shutil.copy(template.database, copy)
        return template.set(database=str(copy))
    name = f"copy_{uuid4().hex}"
    _administer(template, f"CREATE DATABASE {name} TEMPLATE {template.database}")
    return template.set(database=name)


def _administer(template: URL, statement: str) -> None:
    engine = sa.create_engine(template.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture
def hospital(database: Database) -> Database:
    """The database with facility 34999: services NOI (queue A, room 101) and NHI (queue B, room 102)."""
    build_hospital(database)
    return database


@pytest.fixture
def kiosk(hospital: Database) -> Device:
    """Kiosk K of the hospital."""
    return add_kiosk(hospital, "K")[0]
