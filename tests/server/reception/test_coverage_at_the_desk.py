"""What reception is told of a visit's insurance, and the papers it notes, as stored on both databases."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.appointments.service import Booking, book
from server.audit import AuditLine
from server.coverage.service import Papers, coverage_of, note_papers, papers_of
from server.db import Database
from server.domain.card_check import CardStatus
from server.domain.coverage import Charge, LivingArea, TechnicalLevel
from server.domain.papers import PaperProblem, TransferPaper
from server.domain.priority import PriorityGround
from server.domain.visit_coverage import Circumstance, VisitCoverage
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.models import Facility, Holiday
from server.fleet.service import Device
from server.insurance.models import CardCheck
from server.queues.models import Ticket
from server.registration.corrections import Act
from server.registration.models import Encounter
from tests.server.hospital import DAY, FACILITY, MORNING, arrival, register
from tests.server.staff import Browser, add_staff

NOW = MORNING + timedelta(minutes=10)
ACT = Act(FACILITY, "", 1, "le.tan", NOW)
CARD = {"card_number": "GD4349900000001", "primary_facility": "34018"}
PAPER = TransferPaper("12/GCT", "34018", FACILITY, date(2026, 11, 9))


@pytest.fixture
def visit_id(hospital: Database, kiosk: Device) -> UUID:
    return register(hospital, arrival(insurance=CARD, payer="insured"), kiosk).answer.encounter_id


def coverage(database: Database, visit_id: UUID) -> VisitCoverage:
    with database.reading() as session:
        found = coverage_of(session, session.get_one(Encounter, visit_id))
    assert found is not None
    return found


def code(database: Database, visit_id: UUID) -> str:
    return coverage(database, visit_id).patient_type.code


def test_a_self_referred_visit_at_a_former_district_hospital_is_paid_at_the_cards_rate(
    hospital: Database, visit_id: UUID
) -> None:
    found = coverage(hospital, visit_id)
    assert (found.patient_type.code, found.card_percent, found.effective_percent) == ("3.3", 80, Decimal(80))
    assert found.charge == Charge(0, reason="former_district")


def test_what_the_gateway_says_counts(hospital: Database, visit_id: UUID) -> None:
    with hospital.begin() as session:
        session.add(
            CardCheck(
                encounter_id=visit_id, facility_code=FACILITY, local_day=DAY, number=CARD["card_number"],
                full_name="Nguyễn Thị Thử Nghiệm", born_on="1990-08-15", is_claimed=True, attempts=1,
                status=CardStatus.ACCEPTED, five_years_on=date(2026, 3, 1),
            )
        )  # fmt: skip
    assert coverage(hospital, visit_id).five_years_on == date(2026, 3, 1)
    with hospital.begin() as session:
        session.execute(sa.update(CardCheck).values(status=CardStatus.NOT_INSURED))
    found = coverage(hospital, visit_id)
    assert found.patient_type.code == "9"
    assert found.charge == Charge(50_600, reason="not_insured")


def test_a_visit_by_appointment_and_a_confirmed_emergency_are_types_of_their_own(
    hospital: Database, kiosk: Device, visit_id: UUID
) -> None:
    with hospital.begin() as session:
        session.execute(sa.update(Ticket).values(priority=PriorityGround.EMERGENCY))
    assert code(hospital, visit_id) == "2"
    with hospital.begin() as session:
        patient_id = session.get_one(Encounter, visit_id).patient_id
        booking = Booking(request_key=uuid4(), service="NHI", due_on=DAY)
        promised = book(session, booking, patient_id=patient_id, facility=FACILITY, by="staff:le.tan", now=MORNING)
        letter = promised.code
    again = arrival(insurance=CARD, payer="insured", service="NHI", appointment_code=letter)
    assert code(hospital, register(hospital, again, kiosk).answer.encounter_id) == "1.5"


def test_without_the_facilitys_standing_nothing_is_claimed(hospital: Database, visit_id: UUID) -> None:
    with hospital.begin() as session:
        session.execute(sa.update(Facility).values(former_line=None))
    with hospital.reading() as session:
        assert coverage_of(session, session.get_one(Encounter, visit_id)) is None


def test_a_transfer_paper_counts_from_when_it_is_noted_and_holidays_lengthen_it(
    hospital: Database, visit_id: UUID
) -> None:
    old = replace(PAPER, signed_on=date(2026, 11, 6))
    with hospital.begin() as session:
        note_papers(session, visit_id, Papers(old), ACT)
    assert coverage(hospital, visit_id).paper_problem is PaperProblem.EXPIRED
    assert code(hospital, visit_id) == "3.3"
    with hospital.begin() as session:
        session.add(Holiday(facility_code=FACILITY, day=date(2026, 11, 20), name="Ngày nghỉ thử"))
    assert code(hospital, visit_id) == "1.3"
    with hospital.begin() as session:
        note_papers(session, visit_id, Papers(circumstance=Circumstance.NEWBORN), replace(ACT, version=2))
    assert code(hospital, visit_id) == "1.7"
    with hospital.reading() as session:
        assert papers_of(session, visit_id) == Papers(None, Circumstance.NEWBORN)


def test_papers_are_noted_once_by_one_of_two_in_the_own_hospital_only(hospital: Database, visit_id: UUID) -> None:
    with hospital.begin() as session:
        note_papers(session, visit_id, Papers(PAPER), ACT)
    with pytest.raises(StaleVersion), hospital.begin() as session:
        note_papers(session, visit_id, Papers(), ACT)
    with pytest.raises(Refused, match=r"override\.same"), hospital.begin() as session:
        note_papers(session, visit_id, Papers(PAPER), replace(ACT, version=2))
    with pytest.raises(NotFound), hospital.begin() as session:
        note_papers(session, visit_id, Papers(), replace(ACT, version=2, facility="79999"))
    with hospital.reading() as session:
        lines = session.scalars(sa.select(AuditLine).where(AuditLine.action == "encounter.papers-noted")).all()
        assert papers_of(session, visit_id) == Papers(PAPER)
    assert [line.details for line in lines] == [{"fields": "transfer_paper"}]


def test_the_gateways_living_area_counts_until_staff_note_the_cards(hospital: Database, visit_id: UUID) -> None:
    with hospital.begin() as session:
        session.execute(sa.update(Facility).values(technical_level=TechnicalLevel.SPECIALISED, former_line="central"))
        session.add(
            CardCheck(
                encounter_id=visit_id, facility_code=FACILITY, local_day=DAY, number=CARD["card_number"],
                full_name="Nguyễn Thị Thử Nghiệm", born_on="1990-08-15", is_claimed=True, attempts=1,
                status=CardStatus.ACCEPTED, living_area="K1",
            )
        )  # fmt: skip
        note_papers(session, visit_id, Papers(is_admitted=True), ACT)
    found = coverage(hospital, visit_id)
    assert (found.patient_type.code, found.living_area) == ("3.6", LivingArea.K1)
    with hospital.begin() as session:
        note_papers(session, visit_id, Papers(living_area=LivingArea.K3, is_admitted=True), replace(ACT, version=2))
    assert coverage(hospital, visit_id).living_area is LivingArea.K3
    with hospital.begin() as session:
        session.execute(sa.update(CardCheck).values(living_area="K9"))
        note_papers(session, visit_id, Papers(is_admitted=True), replace(ACT, version=3))
    found = coverage(hospital, visit_id)
    assert (found.patient_type.code, found.living_area) == ("3.1", None)  # what is no area says nothing


# On the page


@pytest.fixture
def address(visit_id: UUID) -> str:
    return f"/reception/encounters/{visit_id}"


def test_the_page_says_code_reason_rates_and_what_is_due_in_both_languages(desk: Browser, address: str) -> None:
    page = desk.get(address).text
    for words in (
        "Mức hưởng BHYT (tạm tính)", "<strong>3.3</strong>", "Tự đến, bệnh viện tuyến huyện trước năm 2025",
        "<strong>80%</strong>", "<strong>0 đ</strong>", "người bệnh trả 20% chi phí", "dưới 351.000 đ",
        "chốt khi kết thúc khám",
    ):  # fmt: skip
        assert words in page
    desk.send("/language", language="en")
    assert "Self-referred to what was a district hospital before 2025" in desk.get(address).text


def test_a_paper_noted_changes_the_type_and_stands_in_the_trail(
    desk: Browser, hospital: Database, address: str
) -> None:
    fields = {"transfer_number": "12/GCT", "transfer_from": "34018", "transfer_to": FACILITY}
    half = desk.post(f"{address}/papers", token_from=address, version="1", **fields)
    assert (half.status_code, "Giấy chuyển cần đủ số giấy" in half.text) == (422, True)
    fields["transfer_signed_on"] = "9/11/2026"
    done = desk.post(f"{address}/papers", token_from=address, version="1", **fields)
    assert done.headers["Location"] == f"{address}?done=corrected"
    page = desk.get(address).text
    assert "<strong>1.3</strong>" in page
    assert "giấy chuyển cơ sở: (trống) → số 12/GCT, 34018 → 34999, ký 09/11/2026" in page
    colleague = desk.another()
    colleague.sign_in(add_staff(hospital, "dong.nghiep"))
    late = colleague.post(f"{address}/papers", token_from=address, version="1", circumstance="newborn")
    assert late.status_code == 409
    assert "số 12/GCT" in late.text
    assert "Lý do: </li>" not in late.text


def test_a_disease_of_the_specialised_list_is_typed_by_code_or_name_and_says_its_condition(
    desk: Browser, hospital: Database, address: str
) -> None:
    with hospital.begin() as session:
        session.execute(sa.update(Facility).values(technical_level=TechnicalLevel.SPECIALISED, former_line="central"))
    page = desk.get(address).text
    assert '<option value="I50 Suy tim" label="suy tim">' in page
    assert "<strong>0%</strong>" in page
    for typed, words in (
        ("hen phế quản", "không thấy bệnh này trong danh mục"),
        ("C50", "không thấy bệnh này trong danh mục"),  # a row for children
        ("u ac nao", "trùng với nhiều dòng"),
    ):
        refused = desk.post(f"{address}/papers", token_from=address, version="1", disease=typed)
        assert (refused.status_code, words in refused.text) == (422, True)
    desk.post(f"{address}/papers", token_from=address, version="1", disease="SUY tim")
    page = desk.get(address).text
    for words in (
        "<strong>1.17</strong>", "<strong>80%</strong>", "I50 Suy tim", "dòng 43 Phụ lục I",
        "đã có kết luận suy tim giai đoạn 3 hoặc 4", "bệnh thuộc danh mục: (trống) → I50 Suy tim",
    ):  # fmt: skip
        assert words in page
    desk.send("/language", language="en")
    assert "row 43 of appendix I" in desk.get(address).text


def test_a_disease_whose_list_is_not_held_here_needs_somebody_who_looked_it_up(
    desk: Browser, hospital: Database, address: str
) -> None:
    with hospital.begin() as session:
        session.execute(sa.update(Facility).values(former_line="none", rating_points=60))
    assert "<strong>40%</strong>" in desk.get(address).text
    fields = {"disease": "E11.9 đái tháo đường", "disease_grounds": "Phụ lục II, giấy ra viện 12/10"}
    unticked = desk.post(f"{address}/papers", token_from=address, version="1", **fields)
    assert (unticked.status_code, "Phần mềm chưa có danh sách" in unticked.text) == (422, True)
    bare = desk.post(f"{address}/papers", token_from=address, version="1", disease="E11.9", disease_is_listed="true")
    assert (bare.status_code, "Xin ghi căn cứ" in bare.text) == (422, True)
    desk.post(f"{address}/papers", token_from=address, version="1", disease_is_listed="true", **fields)
    page = desk.get(address).text
    for words in (
        "<strong>1.16</strong>", "<strong>80%</strong>", "nhân viên đã tra danh mục: Phụ lục II, giấy ra viện 12/10",
        "Lý do: Phụ lục II, giấy ra viện 12/10", "bệnh thuộc danh mục: (trống) → E11.9 đái tháo đường",
    ):  # fmt: skip
        assert words in page
    desk.post(f"{address}/papers", token_from=address, version="2")
    assert "<strong>40%</strong>" in desk.get(address).text  # taken back: as it was


def test_admission_and_living_area_are_noted_and_stand_in_the_trail(desk: Browser, address: str) -> None:
    desk.post(f"{address}/papers", token_from=address, version="1", living_area="K2", is_admitted="true")
    page = desk.get(address).text
    assert "mã khu vực: (trống) → K2: vùng đặc biệt khó khăn" in page
    assert "vào điều trị nội trú: (trống) → có" in page
    assert desk.post(f"{address}/papers", token_from=address, version="2", living_area="K4").status_code == 422


def test_an_old_paper_a_paper_card_and_a_child_without_one_are_pointed_out(
    desk: Browser, hospital: Database, kiosk: Device, address: str
) -> None:
    desk.post(
        f"{address}/papers", token_from=address, version="1", transfer_number="12/GCT", transfer_from="34018",
        transfer_to=FACILITY, transfer_signed_on="1/10/2026",
    )  # fmt: skip
    assert "Giấy chuyển đã quá hạn" in desk.get(address).text
    army = arrival("034190000025", insurance={"card_number": "QN5349900000001"}, person={"full_name": "Lê Văn Thử"})
    visit = register(hospital, army, kiosk).answer.encounter_id
    assert "xin xem thẻ giấy" in desk.get(f"/reception/encounters/{visit}").text
    child = arrival("034221000017", person={"full_name": "Lê Bé Thử", "born_on": "2022-05-01"})
    visit = register(hospital, child, kiosk).answer.encounter_id
    assert "TE1340000000000" in desk.get(f"/reception/encounters/{visit}").text


def test_an_insured_visit_whose_card_has_ended_asks_for_another_payer(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    ended = arrival(insurance={**CARD, "valid_to": "2026-11-22"}, payer="insured")
    page = desk.get(f"/reception/encounters/{register(hospital, ended, kiosk).answer.encounter_id}").text
    for words in ("Xin sửa thẻ, hoặc đổi đối tượng chi trả", "<strong>9</strong>", "<strong>50.600 đ</strong>"):
        assert words in page


def test_an_insured_visit_without_a_number_is_not_asked_for_money(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    visit = register(hospital, arrival(payer="insured"), kiosk).answer.encounter_id
    page = desk.get(f"/reception/encounters/{visit}").text
    for words in ("chưa có số thẻ", "chờ số thẻ đủ 15 ký tự", "<strong>0 đ</strong>", "thanh toán phần còn lại"):
        assert words in page


def test_a_refused_form_keeps_what_was_typed_and_stays_open(desk: Browser, address: str) -> None:
    page = desk.post(
        f"{address}/papers", token_from=address, version="1", transfer_number="12/GCT", transfer_from="34018",
        living_area="K2", is_admitted="true", disease="hen", disease_grounds="đơn thuốc",
    ).text  # fmt: skip
    form = page[page.index('<details data-key="g"') :]
    form = form[: form.index("</details>")]
    assert form.startswith('<details data-key="g" open>')
    for kept in ('value="12/GCT"', 'value="34018"', 'value="K2" selected', 'value="hen"', 'value="đơn thuốc"'):
        assert kept in form
    assert re.search(r'name="is_admitted" value="true" checked', form)
    assert re.search(r'name="disease_is_listed" value="true">', form)  # not ticked, and not by itself
    assert 'data-key="t" open' not in page
    card = desk.post(f"{address}/card", token_from=address, version="1", card_number="DN4", reason="Gõ theo thẻ").text
    assert '<details data-key="t" open>' in card
    assert 'name="card_number" value="DN4"' in card
    assert 'value="Gõ theo thẻ"' in card
