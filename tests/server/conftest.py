"""A database with all tables, and an invented hospital in it, for every test of the server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.accounts import passwords
from server.accounts.vault import Vault
from server.db import Database
from server.fleet.service import Device
from server.migrations import migrate
from server.wiring import connect_log
from tests.server.hospital import add_kiosk, build_hospital
from tests.server.staff import CHEAP, Browser, add_staff
from tests.support.copies import Copies, PostgresCopies, SqliteCopies
from tests.support.statements import share_compiled


@pytest.fixture(scope="session")
def copies_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, bool], Copies]]:
    """Return a function that gives, by kind, the copies of a migrated database, empty or with the hospital in it."""
    made: dict[tuple[str, bool], Copies] = {}

    def make(kind: str, hospital: bool) -> Copies:
        directory = tmp_path_factory.mktemp("template")
        if hospital:
            template = Database(copies_of(kind, False).take(directory))
            build_hospital(template)
        elif kind == "sqlite":
            template = Database(f"sqlite:///{directory / 'migrated.db'}")
            migrate(template)
        else:
            template = Database(request.getfixturevalue("postgres").create_database())
            migrate(template)
        template.close()
        return SqliteCopies(template.url) if kind == "sqlite" else PostgresCopies(template.url)

    def copies_of(kind: str, hospital: bool) -> Copies:
        if (kind, hospital) not in made:
            made[kind, hospital] = make(kind, hospital)
        return made[kind, hospital]

    yield copies_of
    for copies in made.values():
        copies.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, copies_of: Callable[[str, bool], Copies], tmp_path: Path
) -> Iterator[Database]:
    """A database of each kind in turn, brought to the newest schema by migration; empty but for a test's hospital."""
    copies = copies_of(request.param, "hospital" in request.fixturenames)
    # The default makes a patient wait no longer than three seconds; a busy machine may take that for twelve threads.
    database = Database(copies.take(tmp_path), connections=16, wait_s=30.0)
    share_compiled(database)
    connect_log(database, tmp_path / "server")
    yield database
    database.close()
    copies.give_back(database.url)


@pytest.fixture
def hospital(database: Database) -> Database:
    """The database with facility 34999: services NOI (queue A, room 101) and NHI (queue B, room 102)."""
    return database


@pytest.fixture
def kiosk(hospital: Database) -> Device:
    """Kiosk K of the hospital."""
    return add_kiosk(hospital, "K")[0]


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at passwords in a hundredth of the product's time."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP)
    passwords.nobodys_hash.cache_clear()


@pytest.fixture
def browser(hospital: Database, cheap_passwords: None, tmp_path: Path) -> Iterator[Browser]:
    """A browser in front of a server of the hospital's; nobody has signed in."""
    browser = Browser(hospital)
    browser.app.extensions["vault"] = Vault(tmp_path / "keys")
    yield browser
    browser.close()


@pytest.fixture
def desk(browser: Browser, hospital: Database) -> Browser:
    """The browser of somebody of the reception, signed in."""
    browser.sign_in(add_staff(hospital))
    return browser
