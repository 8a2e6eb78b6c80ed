"""A browser is paired with the devices it stands beside, and gets what they read, and nobody else's."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.accounts.vault import Vault
from server.audit import AuditLine
from server.db import Database
from server.errors import Refused
from server.fleet import pairing
from server.fleet.hand_overs import take_hand_over
from server.fleet.models import DeskPairing
from server.fleet.pairing import CODE_LIFE, WRONG_CODES_ALLOWED
from server.fleet.service import Device
from server.fleet.state import take_report
from tests.server.fleet.reports import handed_over, report
from tests.server.hospital import FACILITY, MORNING, add_kiosk, build_hospital
from tests.server.staff import Browser, add_staff


@pytest.fixture
def devices(hospital: Database) -> Device:
    """The devices of desk Q, which have spoken."""
    device, _ = add_kiosk(hospital, "Q")
    take_report(hospital, report(place="desk"), device=device, now=MORNING)
    return device


def shown_code(database: Database, devices: Device) -> str:
    """Return the code the devices were told to show."""
    commands = take_report(database, report(place="desk"), device=devices, now=MORNING).commands
    return next(one.arguments["code"] for one in commands if one.kind == "show-pairing-code")


def pair(desk: Browser, database: Database, devices: Device) -> None:
    page = desk.post(f"/kiosks/desk/{devices.id}/pair", token_from="/password").text
    address = re.search(r'action="(/kiosks/desk/pairings/[^"]+)"', page)
    assert address
    code = shown_code(database, devices)
    done = desk.post(address[1], token_from="/password", code=f"{code[:3]} {code[3:]}")
    assert done.status_code == 303


def read(database: Database, devices: Device, browser: Browser) -> UUID:
    """Have a card read at the devices; return the draft it makes."""
    vault: Vault = browser.app.extensions["vault"]
    with database.begin() as session:
        message = handed_over(step="confirming")
        return take_hand_over(session, message, device=devices, vault=vault, now=browser.clock.now())[0].id


def test_a_paired_browser_learns_of_what_its_desks_devices_read_and_of_nothing_else(
    desk: Browser, hospital: Database, devices: Device, kiosk: Device
) -> None:
    assert desk.get("/kiosks/desk/reading").get_json() == {"desk": None, "kiosk": None, "address": None}
    pair(desk, hospital, devices)
    assert "đang ghép với Kiosk Q" in desk.get("/kiosks/desk").text
    read(hospital, kiosk, desk)  # a patients' kiosk handed somebody over
    assert desk.get("/kiosks/desk/reading").get_json()["address"] is None
    draft = read(hospital, devices, desk)
    assert desk.get("/kiosks/desk/reading").get_json()["address"] == f"/desk?draft={draft}"
    assert "Từ Kiosk Q" not in desk.get("/reception").text  # it waits for this desk, not for any
    assert "Thử Nghiệm" in desk.get(f"/desk?draft={draft}").text
    assert desk.get("/kiosks/desk/reading").get_json()["address"] is None  # opened
    with hospital.reading() as session:
        actions = set(session.scalars(sa.select(AuditLine.action)))
    assert {"desk.paired", "hand-over.read"} <= actions


def test_an_unpaired_browser_hears_nothing_more(desk: Browser, hospital: Database, devices: Device) -> None:
    pair(desk, hospital, devices)
    token = desk.client.get_cookie("tiepdon-desk")
    assert token
    desk.post("/kiosks/desk/unpair", token_from="/password")
    desk.client.set_cookie("tiepdon-desk", token.value)  # kept by somebody
    read(hospital, devices, desk)
    assert desk.get("/kiosks/desk/reading").get_json()["desk"] is None


def test_the_same_browser_in_the_hands_of_another_hospitals_staff_hears_nothing(
    desk: Browser, hospital: Database, devices: Device
) -> None:
    pair(desk, hospital, devices)
    build_hospital(hospital, "79999")
    desk.post("/sign-out", token_from="/password")
    desk.sign_in(add_staff(hospital, "noi.khac", facility="79999"))
    read(hospital, devices, desk)
    assert desk.get("/kiosks/desk/reading").get_json()["desk"] is None


def begun(database: Database, devices: Device) -> UUID:
    with database.begin() as session:
        return pairing.begin_pairing(session, devices.id, facility=FACILITY, by="le.tan", now=MORNING)


def confirm(database: Database, pairing_id: UUID, code: str, after: timedelta = timedelta(0)) -> str | None:
    with database.begin() as session:
        return pairing.confirm_pairing(
            session, pairing_id, code, facility=FACILITY, by="le.tan", now=MORNING + after
        )  # fmt: skip


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_opens_once_for_three_minutes_and_bears_few_guesses(hospital: Database, devices: Device) -> None:
    first = begun(hospital, devices)
    code = shown_code(hospital, devices)
    with pytest.raises(Refused, match=r"pairing\.over"):
        confirm(hospital, first, code, CODE_LIFE)
    assert confirm(hospital, first, wrong(code)) is None
    assert confirm(hospital, first, code) is not None
    with pytest.raises(Refused, match=r"pairing\.over"):
        confirm(hospital, first, code)


def test_after_too_many_guesses_even_the_right_code_opens_nothing(hospital: Database, devices: Device) -> None:
    pairing_id = begun(hospital, devices)
    code = shown_code(hospital, devices)
    for _ in range(WRONG_CODES_ALLOWED):
        assert confirm(hospital, pairing_id, wrong(code)) is None
    with pytest.raises(Refused, match=r"pairing\.over"):
        confirm(hospital, pairing_id, code)
    with hospital.reading() as session:
        assert code not in session.scalars(sa.select(DeskPairing.code_hash)).one()


def test_a_patients_kiosk_is_paired_with_nobody(desk: Browser, hospital: Database, kiosk: Device) -> None:
    take_report(hospital, report(), device=kiosk, now=MORNING)
    assert "Ghép với Kiosk K" not in desk.get("/kiosks/desk").text
    assert desk.post(f"/kiosks/desk/{kiosk.id}/pair", token_from="/password").status_code == 422
    assert desk.post(f"/kiosks/desk/{uuid4()}/pair", token_from="/password").status_code == 404
