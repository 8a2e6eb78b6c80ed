"""The calling screen without scripts: plain forms, conflicts, and nobody else's queue."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.accounts.roles import Role
from server.audit import AuditLine
from server.db import Database
from server.domain.queue import TicketStatus
from server.facilities.models import Room
from server.fleet.service import Device
from server.queues.models import Ticket
from tests.server.hospital import MORNING, arrival, build_hospital, register
from tests.server.staff import Browser, add_staff


@pytest.fixture
def counter(browser: Browser, hospital: Database) -> Browser:
    browser.sign_in(add_staff(hospital, "bac.si", Role.CLINICIAN))
    return browser


@pytest.fixture
def screen(hospital: Database) -> str:
    """The address of the screen at room 101."""
    with hospital.reading() as session:
        room: UUID = session.scalars(sa.select(Room.id).where(Room.name == "Phòng 101")).one()
    return f"/counter/NOI/{room}"


def arrive(database: Database, kiosk: Device, count: int) -> None:
    for number in range(count):
        at = MORNING + timedelta(seconds=number)
        register(database, arrival(f"0341900001{number:02d}", arrived_at=at), kiosk)


def current(page: str) -> str:
    found = re.search(r'name="current" value="([0-9a-f-]*)"', page)
    assert found
    return found[1]


def test_a_clinician_lands_at_the_choice_of_places(counter: Browser, screen: str) -> None:
    assert counter.get("/").headers["Location"] == "/counter"
    assert f'href="{screen}"' in counter.get("/counter").text


def test_calling_works_with_forms_alone(counter: Browser, hospital: Database, kiosk: Device, screen: str) -> None:
    arrive(hospital, kiosk, 2)
    assert counter.post(f"{screen}/next", token_from=screen, current="").status_code == 303
    page = counter.get(screen).text
    assert '<p class="now-number">A001</p>' in page
    ticket = current(page)
    assert counter.post(f"{screen}/tickets/{ticket}", token_from=screen, act="miss").status_code == 303
    assert "Gọi vắng mặt (1)" in counter.get(screen).text
    counter.post(f"{screen}/next", token_from=screen, current="")
    last = counter.post(f"{screen}/next", token_from=screen, current=current(counter.get(screen).text))
    assert last.status_code == 200
    assert "Không còn ai chờ." in last.text


def test_a_press_on_an_old_screen_is_a_conflict_and_shows_the_new_state(
    counter: Browser, hospital: Database, kiosk: Device, screen: str
) -> None:
    arrive(hospital, kiosk, 3)
    counter.post(f"{screen}/next", token_from=screen, current="")
    page = counter.post(f"{screen}/next", token_from=screen, current="")
    assert page.status_code == 409
    assert "có người khác đã thao tác" in page.text
    assert '<p class="now-number">A001</p>' in page.text
    ticket = current(page.text)
    counter.post(f"{screen}/tickets/{ticket}", token_from=screen, act="miss")
    assert counter.post(f"{screen}/tickets/{ticket}", token_from=screen, act="recall").status_code == 409


@pytest.mark.parametrize("fields", [{"act": "call"}, {"act": "cancel"}, {}])
def test_an_act_that_is_none_is_refused(
    counter: Browser, hospital: Database, kiosk: Device, screen: str, fields: dict[str, str]
) -> None:
    arrive(hospital, kiosk, 1)
    counter.post(f"{screen}/next", token_from=screen, current="")
    ticket = current(counter.get(screen).text)
    assert counter.post(f"{screen}/tickets/{ticket}", token_from=screen, **fields).status_code == 422
    assert counter.post(f"{screen}/next", token_from=screen, current="x").status_code == 422


def test_another_hospitals_line_cannot_be_seen_or_called(
    counter: Browser, hospital: Database, kiosk: Device, screen: str
) -> None:
    arrive(hospital, kiosk, 1)
    build_hospital(hospital, "79999")
    stranger = counter.another()
    stranger.sign_in(add_staff(hospital, "noi.khac", Role.CLINICIAN, facility="79999"))
    for address in (screen, f"{screen}/state", f"{screen}/stream"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"{screen}/next", token_from="/password", current="").status_code == 404
    assert screen not in stranger.get("/counter").text


def test_a_patients_name_made_of_markup_stays_text(
    counter: Browser, hospital: Database, kiosk: Device, screen: str
) -> None:
    register(hospital, arrival(person={"full_name": "<img src=x onerror=alert(1)>"}), kiosk)
    page = counter.get(screen).text
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_a_press_is_undone_by_a_form_and_too_late_is_said(
    counter: Browser, hospital: Database, kiosk: Device, screen: str
) -> None:
    arrive(hospital, kiosk, 1)
    counter.post(f"{screen}/next", token_from=screen, current="")
    page = counter.get(screen).text
    assert "Hoàn tác: gọi số A001" in page
    press = re.search(r'name="press_id" value="([0-9a-f-]+)"', page)
    assert press
    counter.clock.pass_by(timedelta(minutes=6))
    late = counter.post(f"{screen}/undo", token_from=screen, press_id=press[1])
    assert (late.status_code, "Đã quá 5 phút" in late.text) == (422, True)
    counter.clock.pass_by(timedelta(minutes=-6))
    assert counter.post(f"{screen}/undo", token_from=screen, press_id=press[1]).status_code == 303
    assert "Chưa gọi ai" in counter.get(screen).text


def test_a_patient_is_sent_on_to_another_clinic_with_a_reason(
    counter: Browser, hospital: Database, kiosk: Device, screen: str
) -> None:
    arrive(hospital, kiosk, 1)
    counter.post(f"{screen}/next", token_from=screen, current="")
    ticket = current(counter.get(screen).text)
    counter.post(f"{screen}/tickets/{ticket}", token_from=screen, act="start")
    send = f"{screen}/tickets/{ticket}/send"
    without = counter.post(send, token_from=screen, to="service:NHI")
    assert (without.status_code, "Xin ghi lý do bằng chữ" in without.text) == (422, True)
    sent = counter.post(send, token_from=screen, to="service:NHI", reason="Bệnh nhân là trẻ em")
    assert (sent.status_code, "Số mới: B001" in sent.text) == (200, True)
    with hospital.reading() as session:
        moved = session.scalars(sa.select(Ticket).where(Ticket.label == "B001")).one()
    assert (moved.arrived_at, moved.status) == (MORNING, TicketStatus.WAITING)
    for nonsense in ("service:", "room:x", "elsewhere"):
        assert counter.post(send, token_from=screen, to=nonsense).status_code == 422


def test_a_slip_is_found_as_it_was_scanned_or_typed(
    counter: Browser, hospital: Database, kiosk: Device, screen: str
) -> None:
    code = register(hospital, arrival(), kiosk).answer.visit_code
    counter.post(f"{screen}/next", token_from=screen, current="")
    ticket = current(counter.get(screen).text)
    counter.post(f"{screen}/tickets/{ticket}", token_from=screen, act="miss")
    typed = " ".join(code[start : start + 4] for start in range(0, 20, 4)).lower()
    for text, said in (
        (f"TD1:{code}", "đã vào lại hàng chờ"),
        (typed, "Số A001 đang chờ."),
        (f"https://kham.example/t/{code}", "Số A001 đang chờ."),
        ("TD1:" + "0" * 20, "Không có phiếu nào"),
        ("A001", "Không có phiếu nào"),
    ):
        assert said in counter.post(f"{screen}/slip", token_from=screen, code=text).text, text


def test_priority_is_decided_on_its_page_and_the_colleague_who_was_faster_is_told(
    counter: Browser, hospital: Database, kiosk: Device, screen: str
) -> None:
    encounter = register(hospital, arrival(declared=("merit",)), kiosk).answer.encounter_id
    address = f"/queues/encounters/{encounter}/priority"
    assert "Khai: Người có công với cách mạng" in counter.get(screen).text
    fields = {"ground": "merit", "seen": "declared"}
    refused = counter.post(address, token_from=address, decision="refused", **fields)
    assert (refused.status_code, "Xin ghi lý do" in refused.text) == (422, True)
    assert counter.post(address, token_from=address, decision="confirmed", **fields).status_code == 303
    assert "★ Người có công với cách mạng" in counter.get(screen).text
    late = counter.post(address, token_from=address, decision="refused", reason="Không có giấy", **fields)
    assert (late.status_code, "vừa xem xét diện này" in late.text) == (409, True)


def test_opening_a_persons_priority_is_noted_since_the_page_names_them(
    counter: Browser, hospital: Database, kiosk: Device
) -> None:
    encounter = register(hospital, arrival(declared=("merit",)), kiosk).answer.encounter_id
    assert "Nguyễn Thị Thử Nghiệm" in counter.get(f"/queues/encounters/{encounter}/priority").text
    with hospital.reading() as session:
        line = session.scalars(sa.select(AuditLine).where(AuditLine.action == "encounter.read")).one()
    assert line.subject_id == str(encounter)
    assert line.actor.startswith("staff:")
