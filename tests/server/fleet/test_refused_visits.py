"""What the server refused of a kiosk's visits is a case at the desk until somebody has settled it there."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from server.contract.fleet import REFUSED_STEP, CommandResult, KioskCommand
from server.contract.v1 import CallStaff
from server.db import Database
from server.fleet.hand_overs import take_hand_over
from server.fleet.service import Device, call_staff
from server.fleet.state import take_report
from tests.server.fleet.reports import handed_over, report
from tests.server.hospital import MORNING, build_hospital
from tests.server.staff import Browser, add_staff

VISIT = UUID("3e0f9b1c-0d6a-4c55-9a52-0c7f1f0a7a01")
CLOSED = {
    "request_key": VISIT, "what": "visit", "recorded_at": MORNING, "reason": "late.service.closed", "own_number": None
}  # fmt: skip


def hear(
    database: Database, kiosk: Device, *results: CommandResult, refused: object = (CLOSED,)
) -> tuple[KioskCommand, ...]:
    told = report(refused=refused, dead_letters=1, results=results)
    return take_report(database, told, device=kiosk, now=MORNING).commands


def page(desk: Browser) -> str:
    return re.sub(r"\s+", " ", desk.get("/kiosks/refused").text)


def test_a_refused_visit_rings_and_leads_to_the_list_of_what_did_not_get_through(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    hear(hospital, kiosk)
    with hospital.begin() as session:
        call = CallStaff(request_key=uuid4(), step=REFUSED_STEP, called_at=MORNING)
        call_staff(session, call, device=kiosk, now=MORNING)
    ringing = desk.get("/reception/calls").text
    assert "có lượt khám chưa vào được hệ thống" in ringing
    assert 'href="/kiosks/refused"' in ringing
    assert "1 lượt bị máy chủ từ chối" in desk.get("/kiosks").text
    assert "phòng khám đã đóng" in page(desk)


@pytest.mark.parametrize(
    ("act", "kind", "said"),
    [
        ("again", "send-refused", "Đang chờ kiosk gửi lại"),
        ("settled", "settle-refused", "Đã xử lý, chờ kiosk xác nhận"),
    ],
)
def test_the_desk_has_it_sent_again_or_settles_it_and_the_case_is_gone_when_the_kiosk_says_so(
    desk: Browser, hospital: Database, kiosk: Device, act: str, kind: str, said: str
) -> None:
    hear(hospital, kiosk)
    assert desk.send(f"/kiosks/{kiosk.id}/refused/{VISIT}/{act}").status_code == 303
    (command,) = hear(hospital, kiosk)
    assert (command.kind, command.arguments) == (kind, {"request_key": str(VISIT)})
    assert command.expires_at > MORNING + timedelta(hours=12)  # a kiosk that is off hears of it tomorrow
    assert said in page(desk)
    hear(hospital, kiosk, CommandResult(command_id=command.id, result="done"), refused=())
    assert "Không có lượt nào" in page(desk)


def test_who_is_taken_to_the_desk_is_registered_there_and_the_kiosk_is_told(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    hear(hospital, kiosk)
    answer = desk.send(f"/kiosks/{kiosk.id}/refused/{VISIT}/take")
    (command,) = hear(hospital, kiosk)
    assert answer.headers["Location"] == f"/kiosks/commands/{command.id}"
    with hospital.begin() as session:
        message = handed_over(step=REFUSED_STEP, session=VISIT, command_id=command.id)
        draft = take_hand_over(session, message, device=kiosk, vault=desk.app.extensions["vault"], now=MORNING)[0].id
    hear(hospital, kiosk, CommandResult(command_id=command.id, result="done"))
    waiting = desk.get(answer.headers["Location"], follow_redirects=True)
    assert "Nguyễn Thị Thử Nghiệm" in waiting.text
    fields = {
        "request_key": str(uuid4()), "kind": "documents", "full_name": "Nguyễn Thị Thử Nghiệm",
        "born_on": "15/08/1990", "sex": "female", "personal_number": "034190000017", "service": "NHI",
        "draft": str(draft),
    }  # fmt: skip
    assert desk.send("/desk", **fields).status_code == 303
    (settled,) = hear(hospital, kiosk)
    assert (settled.kind, settled.arguments) == ("settle-refused", {"request_key": str(VISIT)})


def test_what_no_kiosk_holds_and_another_hospitals_is_not_found(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    assert desk.send(f"/kiosks/{kiosk.id}/refused/{VISIT}/settled").status_code == 404
    hear(hospital, kiosk)
    build_hospital(hospital, "34998")
    other = desk.another()
    other.sign_in(add_staff(hospital, "le.tan.khac", facility="34998"))
    assert "phòng khám đã đóng" not in page(other)
    assert other.send(f"/kiosks/{kiosk.id}/refused/{VISIT}/again").status_code == 404


def test_of_a_refused_proof_there_is_nothing_to_send_or_take(desk: Browser, hospital: Database, kiosk: Device) -> None:
    hear(hospital, kiosk, refused=({**CLOSED, "what": "proof", "reason": "message.invalid"},))
    shown = page(desk)
    assert "Kết quả kiểm tra chip: nội dung gửi không hợp lệ" in shown
    assert ("Gửi lại" in shown, "Nhận về quầy" in shown, "Đã xử lý" in shown) == (False, False, True)
