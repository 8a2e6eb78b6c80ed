"""Slips at the desk: copies ordered from a kiosk's printer, papers that may not have come out, on both databases."""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from server.audit import AuditLine
from server.contract.fleet import CommandResult, KioskCommand, ReprintSlip
from server.db import Database
from server.domain.catalogue import Payer
from server.fleet.service import Device
from server.fleet.state import take_report
from server.printing.service import COPY_LIFE, PRINTING_TIME
from server.registration.models import Encounter
from tests.server.fleet.reports import report
from tests.server.hospital import MORNING, add_kiosk, arrival, build_hospital, register
from tests.server.staff import Browser, add_staff

READY = {"kind": "printer", "state": "ready", "code": "ok", "since": MORNING}
PAPER_OUT = {"kind": "printer", "state": "unavailable", "code": "printer.paper_out", "since": MORNING}


@dataclass
class Case:
    """One visit, the kiosk that stands near the desk, and the desk."""

    desk: Browser
    hospital: Database
    kiosk: Device
    token: str
    encounter_id: UUID
    request_key: UUID

    @property
    def address(self) -> str:
        return f"/reception/encounters/{self.encounter_id}"

    def hear(
        self, *results: CommandResult, device: Device | None = None, **changes: object
    ) -> tuple[KioskCommand, ...]:
        """Let the kiosk report; return what it is asked to do."""
        told = report(reported_at=self.desk.clock.now(), results=results, **{"devices": [READY], **changes})
        return take_report(self.hospital, told, device=device or self.kiosk, now=self.desk.clock.now()).commands

    def order(self, copy: int = 1, browser: Browser | None = None) -> TestResponse:
        fields = {"copy_number": str(copy), "printer": str(self.kiosk.id)}
        return (browser or self.desk).post(f"{self.address}/reprint", token_from=self.address, **fields)

    def slip(self, order: UUID, token: str | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.desk.app.test_client().get(f"/api/v1/reprints/{order}", headers=headers)

    def page(self) -> str:
        """Return the words of the encounter's page, its spaces made one."""
        return re.sub(r"\s+", " ", self.desk.get(self.address).text)

    def actions(self) -> list[str]:
        with self.hospital.reading() as session:
            trail = sa.select(AuditLine).where(AuditLine.subject_id == str(self.encounter_id))
            lines = session.scalars(trail.order_by(AuditLine.sequence))
            return [line.action for line in lines.all() if line.action != "encounter.read"]


@pytest.fixture
def case(desk: Browser, hospital: Database) -> Case:
    kiosk, token = add_kiosk(hospital, "K")
    command = arrival()
    answer = register(hospital, command, kiosk).answer
    return Case(desk, hospital, kiosk, token, answer.encounter_id, command.request_key)


def test_a_copy_ordered_from_a_kiosk_reaches_it_with_what_stands_on_the_slip_and_no_more(case: Case) -> None:
    case.hear()
    assert "Kiosk K" in case.page()
    assert case.order().headers["Location"] == case.address
    (command,) = case.hear()
    assert (command.kind, set(command.arguments)) == ("reprint", {"ticket", "copy"})  # ids alone
    slip = ReprintSlip.model_validate_json(case.slip(command.id).data)
    assert (slip.ticket.label, slip.copy_number, slip.full_name, slip.birth_year) == (
        "A001",
        1,
        "Nguyễn Thị Thử Nghiệm",
        "1990",
    )
    assert slip.request_key == case.request_key
    assert "đang gửi" in case.page()
    case.hear(CommandResult(command_id=command.id, result="done"))
    page = case.page()
    assert "Lần 1, Kiosk K: đã in" in page
    assert "Bản in sẽ có dấu “IN LẠI lần 2”" in page
    assert case.actions() == ["encounter.registered", "ticket.reprinted"]


def test_the_copy_of_an_insured_visit_on_request_asks_for_the_difference_as_the_desks_page_does(case: Case) -> None:
    with case.hospital.begin() as session:
        visit = session.get_one(Encounter, case.encounter_id)
        visit.payer, visit.price_vnd, visit.insurance_card = Payer.ON_REQUEST, 150_000, "GD4349900000001"
    case.hear()
    case.order()
    (command,) = case.hear()
    slip = ReprintSlip.model_validate_json(case.slip(command.id).data)
    assert (slip.payer, slip.price_vnd) == (Payer.ON_REQUEST, 150_000 - 50_600)
    assert "<strong>99.400 đ</strong>" in case.page()


def test_the_address_of_a_visits_papers_opened_by_itself_is_the_visits_whole_page(case: Case) -> None:
    path = f"/slips/encounters/{case.encounter_id}"
    assert case.desk.get(path).headers["Location"] == case.address
    assert "<!doctype" not in case.desk.get(path, headers={"X-Fragment": "1"}).text


def test_the_button_pressed_twice_makes_one_copy(case: Case) -> None:
    case.hear()
    case.order()
    case.order()
    assert len(case.hear()) == 1


def test_one_copy_is_not_ordered_from_two_kiosks(case: Case) -> None:
    second, _ = add_kiosk(case.hospital, "L")
    case.hear()
    case.order()
    fields = {"copy_number": "1", "printer": str(second.id)}
    assert case.desk.post(f"{case.address}/reprint", token_from=case.address, **fields).status_code == 409
    assert case.hear(device=second) == ()


def test_two_members_of_staff_who_press_at_once_make_one_copy_and_one_of_them_is_told(case: Case) -> None:
    case.hear()
    case.order()
    other = case.desk.another()
    other.sign_in(add_staff(case.hospital, "le.tan.2"))
    assert case.order(browser=other).status_code == 409
    assert len(case.hear()) == 1


def test_another_kiosk_and_a_late_one_do_not_get_the_slip(case: Case) -> None:
    _, foreign_token = add_kiosk(case.hospital, "L")
    case.hear()
    case.order()
    (command,) = case.hear()
    assert case.slip(command.id, foreign_token).status_code == 404
    case.desk.clock.pass_by(COPY_LIFE - PRINTING_TIME)
    assert case.slip(command.id).status_code == 404  # it would come out after the desk was told that it will not
    case.desk.clock.pass_by(PRINTING_TIME)
    assert "bản này sẽ không in nữa" in case.page()


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("printer.paper_out", "Lần 1, Kiosk K: không in được (hết giấy)"),
        ("paper.unsure", "Lần 1, Kiosk K: có thể chưa in xong, xin xem ở máy in"),
        ("command.unknown", "Lần 1, Kiosk K: không in được (kiosk chưa biết lệnh này)"),  # an older kiosk
    ],
)
def test_a_copy_that_did_not_come_out_stands_open_until_one_is_given_by_hand(
    case: Case, result: str, words: str
) -> None:
    case.hear()
    case.order()
    (command,) = case.hear()
    case.hear(CommandResult(command_id=command.id, result=result))
    assert words in case.page()
    assert words in re.sub(r"\s+", " ", case.desk.get("/slips").text)
    answer = case.desk.post(
        f"/slips/copies/{command.id}/given", token_from=case.address, encounter=str(case.encounter_id)
    )
    assert answer.headers["Location"] == case.address
    assert "Lần 1, Kiosk K: đã đưa tận tay" in case.page()
    assert words not in case.desk.get("/slips").text
    assert case.actions()[-1] == "paper.given-by-hand"


def test_a_copy_given_by_hand_before_the_kiosk_took_it_is_not_printed_as_well(case: Case) -> None:
    case.hear()
    case.order()
    (command,) = case.hear()
    case.desk.post(f"/slips/copies/{command.id}/given", token_from=case.address)
    assert case.hear() == ()
    assert case.slip(command.id).status_code == 404
    assert "đã đưa tận tay" in case.page()


def test_a_printed_copy_cannot_be_called_given_by_hand(case: Case) -> None:
    case.hear()
    case.order()
    (command,) = case.hear()
    case.hear(CommandResult(command_id=command.id, result="done"))
    assert case.desk.post(f"/slips/copies/{command.id}/given", token_from=case.address).status_code == 409


def test_a_paper_the_kiosk_is_unsure_of_stands_at_the_desk_until_it_is_settled(case: Case) -> None:
    paper = {"request_key": case.request_key, "state": "unsure", "code": "printer.silent"}
    case.hear(papers=[paper], uncertain_papers=1)
    for page in (case.page(), re.sub(r"\s+", " ", case.desk.get("/slips").text)):
        assert "Kiosk K: phiếu có thể chưa in xong (không trả lời)" in page
    assert "Nguyễn Thị Thử Nghiệm" in case.desk.get("/slips").text
    case.desk.post(f"/slips/encounters/{case.encounter_id}/given", token_from="/slips")
    assert "chờ kiosk xác nhận" in case.page()
    (command,) = case.hear(papers=[paper], uncertain_papers=1)
    assert (command.kind, command.arguments) == ("paper-given", {"request_key": str(case.request_key)})
    case.hear(CommandResult(command_id=command.id, result="done"))
    assert "Không có phiếu nào cần xem lại" in case.desk.get("/slips").text
    assert case.actions()[-1] == "paper.given-by-hand"


def test_the_list_of_printers_names_their_trouble_and_a_silent_kiosk_and_leaves_out_who_has_none(case: Case) -> None:
    second, _ = add_kiosk(case.hospital, "L")
    third, _ = add_kiosk(case.hospital, "M")
    case.hear(devices=[PAPER_OUT])
    case.hear(device=second)
    case.hear(device=third, devices=[])
    page = case.page()
    assert re.findall(r"<option[^>]*>([^<]*Kiosk[^<]*)</option>", page) == ["Kiosk L", "Kiosk K (hết giấy)"]
    case.desk.clock.pass_by(timedelta(minutes=1))
    assert "Kiosk L (mất liên lạc)" in case.page()


def test_the_desk_keeps_the_printer_it_chose_last(case: Case) -> None:
    case.hear()
    case.order()
    assert f'<option value="{case.kiosk.id}" selected>' in case.page()


def test_another_hospitals_slips_and_kiosks_are_out_of_reach(case: Case) -> None:
    build_hospital(case.hospital, "34998")
    case.hear()
    case.order()
    (command,) = case.hear()
    other = case.desk.another()
    other.sign_in(add_staff(case.hospital, "le.tan.khac", facility="34998"))
    for path in (f"/slips/encounters/{case.encounter_id}/given", f"/slips/copies/{command.id}/given"):
        assert other.post(path, token_from="/slips").status_code == 404
    assert other.get(f"/slips/encounters/{case.encounter_id}").status_code == 404
    foreign, _ = add_kiosk(case.hospital, "F", "34998")
    fields = {"copy_number": "2", "printer": str(foreign.id)}
    assert case.desk.post(f"{case.address}/reprint", token_from=case.address, **fields).status_code == 404
