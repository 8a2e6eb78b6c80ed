"""The kiosks on the desk's pages: who needs somebody, taking over, and who may."""

import re
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.accounts.roles import Role
from server.accounts.vault import Vault
from server.audit import AuditLine
from server.contract.fleet import CommandResult, HandOver
from server.contract.v1 import CallStaff
from server.db import Database
from server.fleet.hand_overs import LIFE, take_hand_over
from server.fleet.models import Command, HandedOverSession, Kiosk, StaffCall
from server.fleet.service import Device, call_staff
from server.fleet.state import take_report
from tests.server.fleet.reports import SESSION, handed_over, report
from tests.server.hospital import MORNING, arrival, build_hospital, register
from tests.server.staff import Browser, add_staff


def stands_there(database: Database, kiosk: Device, **changes: object) -> None:
    """Have the kiosk say that somebody failed twice while choosing."""
    word = {"session": SESSION, "step": "problem", "problem": "card.access_denied", "failures": 2} | changes
    take_report(database, report(**word), device=kiosk, now=MORNING)


def hand_over(desk: Browser, kiosk: Device, message: HandOver) -> UUID:
    with desk.app.extensions["db"].begin() as session:
        vault: Vault = desk.app.extensions["vault"]
        return take_hand_over(session, message, device=kiosk, vault=vault, now=desk.clock.now())[0].id


def take_over(desk: Browser, kiosk: Device) -> str:
    """Press "take over" on the day's list; return where it leads."""
    answer = desk.post(f"/kiosks/{kiosk.id}/take-over", token_from="/reception", session=str(SESSION))
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_the_list_says_who_needs_somebody_and_how_many_are_well(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    page = desk.get("/reception").text
    assert "Gặp lỗi" not in page
    stands_there(hospital, kiosk, devices=[
        {"kind": "printer", "state": "unavailable", "code": "printer.paper_out", "since": MORNING},
        {"kind": "scanner", "state": "attention", "code": "scanner.of_the_future", "since": MORNING},
    ])  # fmt: skip
    for page in (desk.get("/reception").text, desk.get("/kiosks/strip").text, desk.get("/kiosks/table").text):
        assert "Kiosk K" in page
        assert "Gặp lỗi 2 lần, cần giúp" in page
        assert "Máy in: hết giấy" in page
        assert "scanner.of_the_future" in page  # a newer kiosk's code stays readable
        assert "Có người, gặp lỗi" in page


@pytest.mark.parametrize(
    ("seen_at", "words"),
    [
        (None, "Chưa kết nối lần nào"),
        (MORNING, "Chưa báo tình trạng lần nào"),  # sends visits and says nothing of itself: an older program
    ],
)
def test_a_kiosk_that_never_said_how_it_is_is_told_with_what_to_do(
    desk: Browser, hospital: Database, kiosk: Device, seen_at: datetime | None, words: str
) -> None:
    with hospital.begin() as session:
        session.execute(sa.update(Kiosk).values(last_seen_at=seen_at))
    page = desk.get("/kiosks").text
    assert words in page
    assert "nhờ kỹ thuật viên cài mã thiết bị" in page
    assert "/reload" not in page  # nothing to order of a kiosk that never asked for orders
    assert "1 kiosk chưa báo tình trạng lần nào: xin bật máy" in desk.get("/reception").text
    take_report(hospital, report(), device=kiosk, now=MORNING)
    assert "lần nào" not in desk.get("/kiosks").text + desk.get("/reception").text
    assert "/reload" in desk.get("/kiosks").text


def test_taking_over_asks_the_kiosk_waits_and_leads_to_the_registration_it_fills(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    stands_there(hospital, kiosk)
    waiting = take_over(desk, kiosk)
    page = desk.get(waiting)
    assert "Đang lấy thông tin từ kiosk" in page.text
    assert page.headers["Refresh"] == "1"
    (command,) = take_report(hospital, report(), device=kiosk, now=MORNING).commands
    assert (command.kind, command.arguments) == ("hand-over", {"session": str(SESSION)})
    draft = hand_over(desk, kiosk, handed_over(command_id=command.id))
    assert desk.get(waiting).headers["Location"] == f"/kiosks/hand-overs/{draft}"
    assert desk.get(f"/kiosks/hand-overs/{draft}").headers["Location"].endswith(f"?draft={draft}")
    assert take_over(desk, kiosk) == f"/kiosks/hand-overs/{draft}"  # pressed again: it is here


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("session.gone", "đã rời kiosk"),
        ("session.empty", "chưa biết đó là ai"),
        ("command.failed", "Không lấy được thông tin"),
    ],
)
def test_a_kiosk_that_has_nothing_to_hand_over_says_why(
    desk: Browser, hospital: Database, kiosk: Device, result: str, words: str
) -> None:
    stands_there(hospital, kiosk)
    waiting = take_over(desk, kiosk)
    told = CommandResult(command_id=UUID(waiting.rpartition("/")[2]), result=result)
    take_report(hospital, report(results=[told]), device=kiosk, now=MORNING)
    page = desk.get(waiting)
    assert words in page.text
    assert "Refresh" not in page.headers


def test_a_kiosk_that_does_not_answer_is_not_waited_for_for_ever(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    stands_there(hospital, kiosk)
    waiting = take_over(desk, kiosk)
    desk.clock.pass_by(timedelta(seconds=30))
    assert "Kiosk không trả lời" in desk.get(waiting).text


def test_who_has_a_number_already_is_led_to_the_visit(desk: Browser, hospital: Database, kiosk: Device) -> None:
    command = arrival()
    encounter_id = register(hospital, command, kiosk).answer.encounter_id
    draft = hand_over(
        desk, kiosk, handed_over(step="ticket", person=None, evidence=None, visit_code=command.visit_code)
    )
    assert str(draft) in desk.get("/kiosks/strip").text
    for _ in range(2):  # the page is loaded again, or somebody comes back to it
        led_to = desk.get(f"/kiosks/hand-overs/{draft}").headers["Location"]
        assert led_to == f"/reception/encounters/{encounter_id}"
    with hospital.reading() as session:
        assert session.scalars(sa.select(HandedOverSession.closed_at)).all() == [None]
    assert str(draft) not in desk.get("/kiosks/strip").text  # it waits for nobody else
    desk.clock.pass_by(LIFE / 2)
    desk.get("/reception")  # somebody is still there
    desk.clock.pass_by(LIFE / 2)
    gone = desk.get(f"/kiosks/hand-overs/{draft}")
    assert gone.status_code == 404
    assert "đã hết hạn" in gone.text


def ring(database: Database, kiosk: Device) -> CallStaff:
    call = CallStaff(request_key=uuid4(), step="choosing", problem=None, called_at=MORNING)
    with database.begin() as session:
        call_staff(session, call, device=kiosk, now=MORNING)
    return call


def call_id(database: Database) -> UUID:
    with database.reading() as session:
        return session.scalars(sa.select(StaffCall.id)).one()


def test_a_call_is_answered_by_asking_the_person_to_the_desk(desk: Browser, hospital: Database, kiosk: Device) -> None:
    call = ring(hospital, kiosk)
    draft = hand_over(desk, kiosk, handed_over(call_key=call.request_key))
    address = f"/kiosks/calls/{call_id(hospital)}/take-over"
    assert address in desk.get("/reception").text
    answer = desk.post(address, token_from="/reception")
    assert answer.headers["Location"] == f"/kiosks/hand-overs/{draft}"
    assert address not in desk.get("/reception").text
    colleague = desk.another()
    colleague.sign_in(add_staff(hospital, "dong.nghiep"))
    assert colleague.post(address, token_from="/reception").status_code == 422
    with hospital.reading() as session:
        actions = list(session.scalars(sa.select(AuditLine.action).where(AuditLine.subject_type == "staff-call")))
    assert actions == ["staff.called", "staff.call-answered", "staff.call-taken-over"]


def test_what_waits_at_the_desk_is_listed_without_a_name_and_can_be_dropped(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    draft = hand_over(desk, kiosk, handed_over())
    page = desk.get("/reception").text
    assert "Từ Kiosk K lúc 07:15, đang chọn phòng khám" in page
    assert "Thử Nghiệm" not in page
    assert "đã mở" not in page
    desk.get(f"/desk?draft={draft}")
    assert "le.tan đã mở" in desk.get("/kiosks/strip").text  # so that two colleagues do not take up one person
    assert desk.post(f"/kiosks/hand-overs/{draft}/drop", token_from="/reception").status_code == 303
    assert "Từ Kiosk K lúc" not in desk.get("/reception").text
    with hospital.reading() as session:
        assert session.get_one(HandedOverSession, draft).sealed is None


def test_a_session_is_ended_and_a_screen_loaded_anew_by_order(desk: Browser, hospital: Database, kiosk: Device) -> None:
    stands_there(hospital, kiosk)
    ended = desk.post(f"/kiosks/{kiosk.id}/end-session", token_from="/kiosks", session=str(SESSION))
    assert "Đã gửi lệnh tới Kiosk K" in desk.get(ended.headers["Location"]).text
    desk.post(f"/kiosks/{kiosk.id}/reload", token_from="/kiosks")
    with hospital.reading() as session:
        assert sorted(session.scalars(sa.select(Command.kind))) == ["end-session", "reload-screen"]
    assert desk.post(f"/kiosks/{kiosk.id}/end-session", token_from="/kiosks", session="nobody").status_code == 422


def test_a_technician_sees_the_machines_and_takes_nobody_over(desk: Browser, hospital: Database, kiosk: Device) -> None:
    stands_there(hospital, kiosk)
    workshop = desk.another()
    workshop.sign_in(add_staff(hospital, "ky.thuat", Role.TECHNICIAN))
    page = workshop.get("/kiosks").text
    assert "Gặp lỗi 2 lần" in page
    assert "Tải lại màn hình" in page
    assert "Tiếp nhận tại quầy" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = workshop.client.post(f"/kiosks/{kiosk.id}/take-over", data={"csrf_token": token[1]})
    assert answer.status_code == 403


def test_another_hospital_sees_and_orders_nothing_of_ours(desk: Browser, hospital: Database, kiosk: Device) -> None:
    stands_there(hospital, kiosk)
    draft = hand_over(desk, kiosk, handed_over())
    waiting = take_over(desk, kiosk)
    ring(hospital, kiosk)
    build_hospital(hospital, "79999")
    foreign = desk.another()
    foreign.sign_in(add_staff(hospital, "noi.khac", Role.RECEPTION_LEAD, facility="79999"))
    assert "Kiosk K" not in foreign.get("/kiosks").text
    assert foreign.get(f"/kiosks/hand-overs/{draft}").status_code == 404
    assert foreign.get(waiting).status_code == 404
    for act in ("take-over", "end-session", "reload"):
        answer = foreign.post(f"/kiosks/{kiosk.id}/{act}", token_from="/password", session=str(SESSION))
        assert answer.status_code == 404, act
    assert foreign.post(f"/kiosks/calls/{call_id(hospital)}/take-over", token_from="/password").status_code == 404
    foreign.post(f"/kiosks/hand-overs/{draft}/drop", token_from="/password")
    assert desk.get(f"/kiosks/hand-overs/{draft}").status_code == 302  # dropped by nobody
