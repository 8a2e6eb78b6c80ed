"""The technician's page: open in the demo, shut in production until a secret is set and known."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from drivers.config import DeviceOptions
from kiosk.app import create_app
from kiosk.assembly import open_kiosk
from kiosk.cli.technician_secret import command as set_secret
from kiosk.config import KioskSection, KioskSettings
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.screens.guard import page_token
from kiosk.screens.technician_access import LOCKED_S, SECRET_FILE, SESSION_S, TRIES, Refusal, TechnicianAccess
from kiosk.screens.technician_access import write_secret as write
from server.contract.settings import Profile
from tests.kiosk.kit import MemoryServer, TurnableClock

SECRET = "hoa-sen-12-tim"


class Turned:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def access(tmp_path: Path, clock: Turned) -> TechnicianAccess:
    write(tmp_path, SECRET)
    return TechnicianAccess(tmp_path, clock)


def test_nobody_is_let_in_before_a_secret_is_set(tmp_path: Path) -> None:
    access = TechnicianAccess(tmp_path, Turned())
    assert not access.is_set
    assert access.sign_in("") is Refusal.NOT_SET
    assert access.sign_in(SECRET) is Refusal.NOT_SET


def test_the_secret_is_kept_as_a_hash_that_only_its_owner_can_read(tmp_path: Path) -> None:
    write(tmp_path / "kiosk", SECRET)
    file = tmp_path / "kiosk" / SECRET_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().startswith("$argon2id$")
    assert SECRET not in file.read_text()


@pytest.mark.parametrize("secret", ["", "1234567", "x" * 201])
def test_a_secret_too_short_or_endless_is_not_taken(tmp_path: Path, secret: str) -> None:
    with pytest.raises(ValueError, match="8 to 200 characters"):
        write(tmp_path, secret)


def test_a_damaged_file_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / SECRET_FILE).write_text("", encoding="ascii")
    assert TechnicianAccess(tmp_path, Turned()).sign_in("") is Refusal.WRONG


def test_a_session_ends_by_time_and_by_signing_out(access: TechnicianAccess, clock: Turned) -> None:
    one, other = access.sign_in(SECRET), access.sign_in(SECRET)
    assert isinstance(one, str)
    assert isinstance(other, str)
    access.sign_out(other)
    assert (access.is_signed_in(one), access.is_signed_in(other)) == (True, False)
    clock.seconds += SESSION_S + 1
    assert not access.is_signed_in(one)
    assert not access.is_signed_in(None)


def test_guessing_is_slowed_down_and_ever_more(access: TechnicianAccess, clock: Turned) -> None:
    assert [access.sign_in("guess") for _ in range(TRIES)] == [Refusal.WRONG] * TRIES
    assert access.sign_in(SECRET) is Refusal.LOCKED
    clock.seconds += LOCKED_S + 1
    assert access.sign_in("guess") is Refusal.WRONG
    clock.seconds += LOCKED_S + 1
    assert access.sign_in(SECRET) is Refusal.LOCKED  # twice as long now
    clock.seconds += LOCKED_S
    assert isinstance(access.sign_in(SECRET), str)


def test_the_command_asks_twice_and_sets_it(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"kiosk: {{data_dir: {tmp_path / 'kiosk'}}}\n", encoding="utf-8")
    done = CliRunner().invoke(set_secret, ["--config", str(config)], input=f"{SECRET}\n{SECRET}\n")
    assert done.exit_code == 0
    assert SECRET not in done.output
    assert isinstance(TechnicianAccess(tmp_path / "kiosk", Turned()).sign_in(SECRET), str)
    short = CliRunner().invoke(set_secret, ["--config", str(config)], input="kurz\nkurz\n")
    assert short.exit_code == 2
    assert "8 to 200 characters" in short.output


def app_of(tmp_path: Path, profile: Profile) -> tuple[Flask, Kiosk]:
    settings = KioskSettings(
        profile=profile,
        kiosk=KioskSection(data_dir=tmp_path, free_space_mb=1),
        devices=DeviceOptions(card_reader=None, scanner=None, printer=None),
    )
    kiosk = open_kiosk(settings, devices=Devices(), server=MemoryServer(TurnableClock()))
    return create_app(settings, kiosk), kiosk


@pytest.fixture
def production(tmp_path: Path) -> Iterator[FlaskClient]:
    app, kiosk = app_of(tmp_path, Profile.PRODUCTION)
    yield app.test_client()
    kiosk.close()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[FlaskClient]:
    app, kiosk = app_of(tmp_path, Profile.DEMO)
    yield app.test_client()
    kiosk.close()


def token(client: FlaskClient) -> str:
    with client.application.app_context():
        return page_token()


def test_in_the_demo_the_page_is_open(demo: FlaskClient) -> None:
    page = demo.get("/technician?lang=en")
    assert page.status_code == 200
    assert "Check-ins not sent yet" in page.text


@pytest.mark.parametrize("path", ["/technician", "/technician/panel"])
def test_in_production_a_page_without_a_secret_shows_how_to_set_one(production: FlaskClient, path: str) -> None:
    page = production.get(path)
    assert page.status_code == 401
    assert "tiepdon-kiosk technician-secret" in page.text
    assert "data-unsent" not in page.text


def test_in_production_the_secret_opens_the_page(production: FlaskClient, tmp_path: Path) -> None:
    write(tmp_path, SECRET)
    assert production.get("/technician").status_code == 401
    wrong = production.post("/technician/sign-in", data={"token": token(production), "secret": "guess"})
    assert wrong.status_code == 403
    right = production.post("/technician/sign-in", data={"token": token(production), "secret": SECRET})
    assert right.status_code == 303
    cookie = right.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "data-unsent" in production.get("/technician").text
    production.post("/technician/sign-out", data={"token": token(production)})
    assert production.get("/technician").status_code == 401


@pytest.mark.parametrize("path", ["/simulator", "/simulator/panel", "/simulator/code.png"])
def test_in_production_there_is_no_simulator(production: FlaskClient, path: str) -> None:
    assert production.get(path).status_code == 404
    assert production.post("/simulator/card", data={"token": token(production), "card": "duc"}).status_code == 404
