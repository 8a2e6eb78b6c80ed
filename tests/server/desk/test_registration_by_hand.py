"""Everybody a kiosk could not help is registered by hand: found first, made once, and with a slip at the end."""

import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from server.accounts.vault import Vault
from server.appointments.models import Appointment
from server.appointments.service import Booking, book
from server.audit import AuditLine
from server.config import ServerSection, ServerSettings
from server.contract.fleet import HandOver
from server.db import Database
from server.desk.looking import NOTED_FOR, SHOWN
from server.domain.identity import IdentifierSystem
from server.fleet.hand_overs import take_hand_over
from server.fleet.service import Device
from server.insurance.models import CardCheck
from server.patients.models import Patient, PatientChange, PatientIdentifier, RelatedPerson
from server.queues.models import PriorityClaim, Ticket
from server.registration.models import Encounter, EncounterIssue, Override
from tests.server.hospital import DAY, FACILITY, MORNING, arrival, build_hospital, register
from tests.server.insurance.conftest import OFFICER
from tests.server.staff import Browser, add_staff

CCCD = "034190000017|990000017|Nguyễn Thị Thử Nghiệm|15081990|Nữ|Thôn Thử, Xã Mẫu|25042021"
OTHER_CCCD = "034085000099||Trần Văn Khác|03021985|Nam|Thôn Khác, Xã Mẫu|25042021"


def field(page: str, name: str) -> str:
    """Return what a field of the page holds: its text, or the choice that is made."""
    text = re.search(rf'name="{name}" value="([^"]*)"(?! ?checked|[^>]*type="radio")', page)
    chosen = re.search(rf'<input type="radio" name="{name}" value="([^"]*)" checked>', page)
    found = chosen or text
    assert found, f"no field {name}"
    return html.unescape(found[1])


def filled(page: str) -> dict[str, str]:
    """Return the fields of the page as a browser would send them."""
    names = (
        "request_key", "full_name", "born_on", "sex", "kind", "personal_number", "old_number", "passport",
        "nationality", "phone", "address", "scanned", "insurance_card", "social_number", "insurance_facility",
        "insurance_from", "insurance_to", "companion_name", "companion_phone",
    )  # fmt: skip
    fields = {name: field(page, name) for name in names}
    if picked := re.search(r'name="patient_id" value="([^"]+)"', page):
        fields["patient_id"] = picked[1]
    if draft := re.search(r'name="draft" value="([^"]+)"', page):
        fields["draft"] = draft[1]
    return fields


def look(desk: Browser, text: str, **fields: str) -> str:
    return desk.send("/desk/look", look=text, **fields).text


def submit(desk: Browser, fields: dict[str, str], **changes: str) -> TestResponse:
    return desk.send("/desk", **{"service": "NOI", **fields, **changes})


def typed(**changes: str) -> dict[str, str]:
    return {
        "request_key": str(uuid4()), "kind": "documents", "full_name": "Nguyễn Thị Thử Nghiệm", "born_on": "15/8/1990",
        "sex": "female", "personal_number": "034190000017", **changes,
    }  # fmt: skip


def visit_of(answer: TestResponse) -> UUID:
    said = re.findall(r'<span class="light.*?</li>', answer.text, re.DOTALL)
    assert answer.status_code == 303, " ".join(re.sub("<[^>]+>|\\s+", " ", " ".join(said)).split())
    return UUID(answer.headers["Location"].rpartition("/")[2])


def count(database: Database, model: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_new_citizen_is_scanned_completed_and_registered_with_a_slip(desk: Browser, hospital: Database) -> None:
    page = look(desk, CCCD)
    assert "Người này chưa có hồ sơ" in page
    answer = submit(desk, filled(page), phone="0912 345 678", papers_seen="true", insurance_card="DN4340123456789")
    encounter_id = visit_of(answer)
    slip = desk.get(answer.headers["Location"]).text
    for words in ("A001", "Khám nội", "Phòng 101", "Nguyễn Thị Thử Nghiệm, 1990", "<svg"):
        assert words in slip
    assert "IN LẠI" not in slip
    with hospital.reading() as session:
        encounter = session.get_one(Encounter, encounter_id)
        patient = session.get_one(Patient, encounter.patient_id)
        numbers = set(session.execute(sa.select(PatientIdentifier.system, PatientIdentifier.value)).all())
        line = session.scalars(sa.select(AuditLine).where(AuditLine.action == "encounter.registered")).one()
    assert (encounter.kiosk_id, encounter.assurance, encounter.method) == (None, "staff", "staff")
    assert (encounter.insurance_card, encounter.unverified) == ("DN4340123456789", ["insurance"])
    assert (patient.phone, patient.address) == ("0912345678", "Thôn Thử, Xã Mẫu")
    assert numbers == {
        (IdentifierSystem.PERSONAL_NUMBER, "034190000017"),
        (IdentifierSystem.OLD_ID_NUMBER, "990000017"),
        (IdentifierSystem.INSURANCE_CARD, "0123456789"),
    }
    assert line.actor == "staff:le.tan"


@pytest.mark.parametrize(
    ("fields", "assurance", "method"),
    [
        ({"papers_seen": "true"}, "staff", "staff"),
        ({"scanned": "qr"}, "qr", "qr"),  # a code anybody can print, and nobody looked
        ({"scanned": "insurance-qr"}, "qr", "insurance-qr"),
        ({}, "typed", "staff"),
    ],
)
def test_how_sure_we_are_follows_from_what_staff_looked_at(
    desk: Browser, hospital: Database, fields: dict[str, str], assurance: str, method: str
) -> None:
    encounter_id = visit_of(submit(desk, typed(**fields)))
    with hospital.reading() as session:
        encounter = session.get_one(Encounter, encounter_id)
    assert (encounter.assurance, encounter.method) == (assurance, method)


def test_who_is_on_record_is_found_before_anything_is_made(desk: Browser, hospital: Database, kiosk: Device) -> None:
    card = {"card_number": "DN4340123456789"}
    patient_id = register(hospital, arrival("034190000017", insurance=card), kiosk).answer.patient_id
    with hospital.begin() as session:
        session.get_one(Patient, patient_id).phone = "0912345678"
    for text in (CCCD, "034 190 000 017", "DN4340123456789", "0123456789", "0912345678"):
        page = look(desk, text)
        assert filled(page)["patient_id"] == str(patient_id), text
        assert field(page, "full_name") == "Nguyễn Thị Thử Nghiệm"
    listed = look(desk, "nguyen thi thu 1990")
    (pick,) = re.findall(r'name="pick" value="([^"]+)"', listed)
    assert pick == str(patient_id)
    assert "034190000017" not in listed  # the list shows the last digits only
    picked = desk.send("/desk/look", pick=pick, request_key=str(uuid4())).text
    encounter_id = visit_of(submit(desk, filled(picked), service="NHI"))
    with hospital.reading() as session:
        assert session.get_one(Encounter, encounter_id).patient_id == patient_id
        actions = set(session.scalars(sa.select(AuditLine.action).where(AuditLine.subject_type == "patient")))
    assert actions == {"patient.read", "patient.listed"}
    assert count(hospital, Patient) == 1


def test_more_people_than_fit_are_shown_page_by_page_each_once(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    people = {str(register(hospital, arrival(f"0341900001{n:02d}"), kiosk).answer.patient_id) for n in range(SHOWN + 3)}
    first = look(desk, "nguyen thi thu nghiem")
    (after,) = re.findall(r'name="after" value="([^"]+)"', first)
    second = look(desk, "nguyen thi thu nghiem", after=after)
    shown = [re.findall(r'name="pick" value="([^"]+)"', page) for page in (first, second)]
    assert [len(page) for page in shown] == [SHOWN, 3]
    assert set(shown[0]) | set(shown[1]) == people
    assert 'name="after"' not in second


def test_what_was_searched_for_and_not_found_stands_in_its_field(desk: Browser) -> None:
    assert field(look(desk, "034190000017"), "personal_number") == "034190000017"
    assert field(look(desk, "0912 345 678"), "phone") == "0912345678"
    assert field(look(desk, "990000017"), "old_number") == "990000017"
    page = look(desk, "lê thị mới 15/8/1990")
    assert (field(page, "full_name"), field(page, "born_on")) == ("Lê Thị Mới", "15/8/1990")
    assert "Xin gõ thêm" in look(desk, "x")


def test_the_next_persons_card_begins_a_new_page_and_a_lent_insurance_card_is_not_taken(desk: Browser) -> None:
    first = filled(look(desk, CCCD))
    second = filled(look(desk, OTHER_CCCD, **first))
    assert second["full_name"] == "Trần Văn Khác"
    assert second["request_key"] != first["request_key"]
    assert second["old_number"] == ""
    name = "Nguyễn Thị Thử Nghiệm".encode().hex()
    card = f"DN4340123456789|{name}|15/08/1990|2|-|34 - 018|01/01/2026|31/12/2026|28/12/2025|34060123456789|-|4|-|-|$"
    own = look(desk, card, **first)
    assert field(own, "insurance_card") == "DN4340123456789"
    assert filled(own)["request_key"] == first["request_key"]
    lent = look(desk, card, **second)
    assert "mang tên người khác" in lent
    assert field(lent, "insurance_card") == ""


def test_picking_somebody_else_from_the_list_leaves_the_first_ones_numbers_behind(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    paperless = register(hospital, arrival(None, person={"full_name": "Lê Thị Không Giấy"}), kiosk).answer.patient_id
    first = filled(look(desk, CCCD))
    picked = desk.send("/desk/look", **first, pick=str(paperless)).text
    assert field(picked, "full_name") == "Lê Thị Không Giấy"
    assert field(picked, "personal_number") == ""
    assert field(picked, "request_key") != first["request_key"]
    typed_for_her = {**first, "full_name": "LE THI KHONG GIAY"}
    picked = desk.send("/desk/look", **typed_for_her, pick=str(paperless)).text
    assert field(picked, "personal_number") == "034190000017"  # the card she found at home


def test_a_page_with_mistakes_comes_back_as_it_was_and_registers_nothing(desk: Browser, hospital: Database) -> None:
    answer = submit(desk, typed(personal_number="123", service="", phone="0912345678"))
    assert answer.status_code == 422
    for words in ("Số căn cước có 12 chữ số", "Chưa chọn phòng khám", 'aria-invalid="true"', 'value="0912345678"'):
        assert words in answer.text
    assert count(hospital, Encounter) == 0


def test_pressing_twice_registers_once(desk: Browser, hospital: Database) -> None:
    fields = typed()
    first = submit(desk, fields)
    desk.clock.pass_by(timedelta(seconds=2))
    assert submit(desk, fields).headers["Location"] == first.headers["Location"]
    assert (count(hospital, Encounter), count(hospital, Ticket)) == (1, 1)


def test_pressed_at_once_from_many_tabs_one_page_registers_once(desk: Browser, hospital: Database) -> None:
    fields = {**typed(), "service": "NOI", "csrf_token": desk.token("/desk")}
    cookie = desk.client.get_cookie("tiepdon")
    assert cookie is not None

    def press(_: int) -> str:
        client = desk.app.test_client()
        client.set_cookie("tiepdon", cookie.value)
        return client.post("/desk", data=fields).headers["Location"]

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(press, range(6)))) == 1
    assert (count(hospital, Encounter), count(hospital, Patient)) == (1, 1)


def test_a_page_used_for_somebody_else_asks_to_look_again(desk: Browser, hospital: Database) -> None:
    fields = typed()
    submit(desk, fields)
    other = submit(desk, fields, full_name="Trần Văn Khác", personal_number="034085000099", born_on="1985", sex="male")
    assert other.status_code == 422
    assert "đã dùng để đăng ký cho người khác" in other.text
    assert field(other.text, "request_key") != fields["request_key"]
    assert count(hospital, Encounter) == 1


def test_a_second_number_in_one_queue_needs_a_reason(desk: Browser, hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival(), kiosk)
    page = look(desk, CCCD)
    asked = submit(desk, filled(page))
    assert asked.status_code == 422
    assert "đã có số A001" in asked.text
    assert "Xin ghi lý do bằng chữ" in submit(desk, filled(page), second_reason="..").text
    encounter_id = visit_of(submit(desk, filled(page), second_reason="Khám thêm cho chắc"))
    with hospital.reading() as session:
        labels = set(session.scalars(sa.select(Ticket.label)))
        override = session.scalars(sa.select(Override).where(Override.encounter_id == encounter_id)).one()
    assert labels == {"A001", "A002"}
    assert (override.field, override.reason, override.by) == ("second-number", "Khám thêm cho chắc", "le.tan")


def test_who_may_be_on_record_is_shown_and_must_be_told_apart(desk: Browser, hospital: Database, kiosk: Device) -> None:
    known = register(hospital, arrival(None), kiosk).answer.patient_id
    fields = typed(personal_number="", kind="no-papers", service="NHI")
    asked = submit(desk, fields)
    assert asked.status_code == 422
    assert "Có thể đã có hồ sơ" in asked.text
    assert f'value="{known}"' in asked.text
    encounter_id = visit_of(submit(desk, fields, is_other_person="true"))
    with hospital.reading() as session:
        assert session.get_one(Encounter, encounter_id).patient_id != known
    assert count(hospital, Patient) == 2


def test_a_given_name_that_begins_no_name_is_told_how_it_is_found(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    register(hospital, arrival(person={"full_name": "Nguyễn Lan Hương"}), kiosk)
    page = look(desk, "lan hương")
    assert "xin gõ thêm năm sinh" in page
    assert re.search(r'id="look"[^>]* value="lan hương"', page)  # to be typed further
    assert "Nguyễn Lan Hương" in look(desk, "lan hương 1990")


def test_notes_come_while_one_types(desk: Browser, hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival(), kiosk)
    notes = desk.send("/desk/notes", **typed(sex="male", service="NOI")).text
    assert "đã có số A001" in notes
    assert "Giới tính không khớp với số căn cước" in notes
    assert "Giá khám 50.600 đ (Viện phí). Thu trước khi khám: 50.600 đ." in notes
    assert "A001" not in desk.send("/desk/notes", **typed(personal_number="")).text


def test_what_the_remarks_tell_of_a_record_is_noted_as_reading_it_once_in_a_while(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    known = register(hospital, arrival(), kiosk).answer.patient_id
    fields = typed(full_name="Người Hỏi Dò")  # by the number alone the remarks tell the name on record
    assert "Nguyễn Thị Thử Nghiệm" in desk.send("/desk/notes", **fields).text
    assert reads_of(hospital, known) == ["patient.read"]
    desk.send("/desk/notes", **fields)  # with the next pause of the keys
    assert reads_of(hospital, known) == ["patient.read"]
    desk.clock.pass_by(NOTED_FOR)
    desk.send("/desk/notes", **fields)
    assert reads_of(hospital, known) == ["patient.read"] * 2


def test_who_is_shown_as_like_somebody_typed_is_noted(desk: Browser, hospital: Database, kiosk: Device) -> None:
    known = register(hospital, arrival(None), kiosk).answer.patient_id
    fields = typed(personal_number="", kind="no-papers")
    assert str(known) in desk.send("/desk/notes", **fields).text
    assert reads_of(hospital, known) == ["patient.listed"]


def test_a_record_named_by_a_forged_form_is_noted_as_read(desk: Browser, hospital: Database, kiosk: Device) -> None:
    known = register(hospital, arrival(), kiosk).answer.patient_id
    page = look(desk, "", **typed(full_name="Người Hỏi Dò", personal_number="", patient_id=str(known)))
    assert "Nguyễn Thị Thử Nghiệm" in page
    assert reads_of(hospital, known) == ["patient.read"]


def reads_of(database: Database, patient_id: UUID) -> list[str]:
    """Return the acts by which staff looked at a record, in order."""
    of_staff = sa.and_(AuditLine.subject_id == str(patient_id), AuditLine.actor.like("staff:%"))
    with database.reading() as session:
        return list(session.scalars(sa.select(AuditLine.action).where(of_staff).order_by(AuditLine.sequence)))


# People without papers


def test_a_person_without_papers_gets_a_number_of_ours_that_finds_them_again(desk: Browser, hospital: Database) -> None:
    visit_of(submit(desk, typed(personal_number="", kind="no-papers")))
    with hospital.reading() as session:
        number = session.scalars(sa.select(PatientIdentifier)).one()
    assert number.system is IdentifierSystem.TEMPORARY
    assert filled(look(desk, number.value.lower()))["patient_id"] == str(number.patient_id)


def test_unknown_people_are_told_apart_by_their_number_and_named_later(desk: Browser, hospital: Database) -> None:
    unknown = {"kind": "unidentified", "age": "40", "sex": "male", "service": "NOI"}
    visits = [visit_of(submit(desk, {"request_key": str(uuid4()), **unknown})) for _ in range(2)]
    with hospital.reading() as session:
        one, other = (session.get_one(Encounter, visit).patient for visit in visits)
    assert one.full_name.startswith("Chưa rõ danh tính TX-")
    assert one.full_name != other.full_name
    assert (one.born_on, one.is_birth_estimated, one.is_unidentified) == ("1986", True, True)
    address = f"/patients/{one.id}"
    version = field(desk.get(address).text, "version")
    named = desk.send(address, full_name="Lê Văn Tỉnh Lại", born_on="1985", version=version)
    assert named.status_code == 303
    with hospital.reading() as session:
        changed = set(session.scalars(sa.select(PatientChange.field).where(PatientChange.reason.is_(None))))
        assert not session.get_one(Patient, one.id).is_unidentified
    assert {"full_name", "born_on", "is_unidentified", "is_birth_estimated"} <= changed


def test_a_newborn_is_linked_to_the_mothers_record(desk: Browser, hospital: Database, kiosk: Device) -> None:
    mother = register(hospital, arrival("034190000017"), kiosk).answer.patient_id
    newborn = {
        "kind": "newborn", "born_on": "23/11/2026", "sex": "male", "companion": "mother",
        "companion_name": "Nguyễn Thị Thử Nghiệm", "companion_phone": "0912345678",
        "companion_number": "034190000017", "service": "NHI",
    }  # fmt: skip
    first = visit_of(submit(desk, {"request_key": str(uuid4()), **newborn}))
    with hospital.reading() as session:
        child = session.get_one(Encounter, first).patient
        relative = session.scalars(sa.select(RelatedPerson)).one()
        ticket = session.scalars(sa.select(Ticket).where(Ticket.encounter_id == first)).one()
    assert child.full_name == "Con bà Nguyễn Thị Thử Nghiệm"
    assert (relative.patient_id, relative.relative_id, relative.phone) == (child.id, mother, "0912345678")
    assert ticket.priority == "child"
    page = desk.get(f"/patients/{mother}").text
    assert f"/patients/{child.id}" in page  # from the mother to the child, and back
    assert f"/patients/{mother}" in desk.get(f"/patients/{child.id}").text


def test_a_mother_who_is_not_on_record_gets_one_and_a_companion_does_not(desk: Browser, hospital: Database) -> None:
    child = {"born_on": "1/1/2024", "personal_number": "034224000017", "sex": "male", "full_name": "Lê Bé Thử"}
    visit_of(submit(desk, typed(**child, companion="mother", companion_name="Lê Thị Mẹ",
                                companion_number="034190000025")))  # fmt: skip
    other = {**child, "personal_number": "034224000018", "full_name": "Lê Bé Khác", "born_on": "2/1/2024"}
    visit_of(
        submit(desk, typed(**other, companion="other", companion_name="Hàng Xóm", companion_number="034190000033"))
    )
    with hospital.reading() as session:
        names = set(session.scalars(sa.select(Patient.full_name)))
        links = {row.full_name: row.relative_id for row in session.scalars(sa.select(RelatedPerson))}
    assert names == {"Lê Bé Thử", "Lê Bé Khác", "Lê Thị Mẹ"}
    assert links["Lê Thị Mẹ"] is not None
    assert links["Hàng Xóm"] is None


def test_a_foreigner_is_registered_by_passport_and_found_by_it(desk: Browser, hospital: Database) -> None:
    zone = "P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<< C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"
    page = look(desk, zone)
    assert field(page, "kind") == "foreigner"
    encounter_id = visit_of(submit(desk, filled(page), papers_seen="true", payer="self", language="en"))
    with hospital.reading() as session:
        encounter = session.get_one(Encounter, encounter_id)
        patient, number = encounter.patient, session.scalars(sa.select(PatientIdentifier)).one()
    assert (patient.full_name, patient.nationality) == ("MUSTERMANN ERIKA", "DEU")
    assert (number.system, number.value) == (IdentifierSystem.PASSPORT, "DEU/C01X00T47")
    assert encounter.language == "en"
    assert "Your number" in desk.get(f"/desk/visits/{encounter_id}").text
    assert filled(look(desk, zone))["patient_id"] == str(patient.id)


# What belongs to the visit


def test_a_priority_that_staff_saw_counts_at_once(desk: Browser, hospital: Database) -> None:
    encounter_id = visit_of(submit(desk, typed(priority="pregnancy")))
    with hospital.reading() as session:
        claim = session.scalars(sa.select(PriorityClaim)).one()
        ticket = session.scalars(sa.select(Ticket)).one()
        assert session.scalars(sa.select(EncounterIssue)).all() == []
    assert (claim.encounter_id, claim.state, claim.decided_by) == (encounter_id, "confirmed", "le.tan")
    assert ticket.priority == "pregnancy"


def test_who_has_an_appointment_is_checked_in_for_it(desk: Browser, hospital: Database, kiosk: Device) -> None:
    week_ago = MORNING - timedelta(days=7)
    patient_id = register(hospital, arrival("034190000017", arrived_at=week_ago), kiosk).answer.patient_id
    booking = Booking(request_key=uuid4(), service="NHI", due_on=DAY)
    with hospital.begin() as session:
        code = book(
            session, booking, patient_id=patient_id, facility=FACILITY, by="staff:le.tan", now=week_ago
        ).code  # fmt: skip
    for text in (CCCD, f"TA1:{code}"):
        page = look(desk, text)
        assert re.search(rf'<option value="{code}" selected>23/11/2026 · Khám nhi', page), text
        assert '<option value="NHI" selected>' in page
    encounter_id = visit_of(submit(desk, filled(page), service="NHI", appointment=code))
    with hospital.reading() as session:
        used = session.scalars(sa.select(Appointment)).one()
        assert session.scalars(sa.select(EncounterIssue)).all() == []
    assert (used.status, used.encounter_id) == ("fulfilled", encounter_id)
    assert code not in look(desk, CCCD)  # once, and not again


def test_a_new_citizen_with_anothers_insurance_card_is_registered_and_both_are_looked_at(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    card = {"card_number": "DN4340123456789"}
    holder = register(hospital, arrival("034190000017", insurance=card), kiosk).answer.patient_id
    stranger = {"full_name": "Trần Văn Khác", "born_on": "3/2/1985", "sex": "male", "personal_number": "034085000099"}
    encounter_id = visit_of(submit(desk, typed(**stranger, insurance_card="GD4340123456789")))
    with hospital.reading() as session:
        encounter = session.get_one(Encounter, encounter_id)
        codes = [issue.code for issue in encounter.issues]
    assert encounter.patient_id != holder
    assert codes == ["identifier.conflict"]


def test_the_first_slip_is_shown_for_a_while_and_afterwards_the_visit(desk: Browser, hospital: Database) -> None:
    address = submit(desk, typed()).headers["Location"]
    assert desk.get(address).status_code == 200
    desk.clock.pass_by(timedelta(minutes=11))
    assert desk.get(address).headers["Location"].startswith("/reception/encounters/")


def test_a_visit_of_another_hospital_has_no_slip_here(desk: Browser, hospital: Database, kiosk: Device) -> None:
    encounter_id = register(hospital, arrival(), kiosk).answer.encounter_id
    build_hospital(hospital, "34998")
    other = desk.another()
    other.sign_in(add_staff(hospital, "nguoi.khac", facility="34998"))
    assert other.get(f"/desk/visits/{encounter_id}").status_code == 404


# What a kiosk handed over


@pytest.fixture
def hand_over(desk: Browser, hospital: Database, kiosk: Device) -> Callable[[], UUID]:
    """Return a function that hands a read card over from kiosk K, and its draft's id."""

    def hand_over() -> UUID:
        command = arrival("034190000017", evidence={"assurance": "chip-trusted"})
        message = HandOver(
            key=uuid4(), session=uuid4(), step="choosing", person=command.person, evidence=command.evidence,
            service="NHI", handed_at=MORNING,
        )  # fmt: skip
        vault: Vault = desk.app.extensions["vault"]
        with hospital.begin() as session:
            take_hand_over(session, message, device=kiosk, vault=vault, now=MORNING)
        return message.key

    return hand_over


def test_what_a_kiosk_had_read_is_continued_with_its_proof(
    desk: Browser, hospital: Database, hand_over: Callable[[], UUID], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setitem(desk.app.extensions, "vault", Vault(tmp_path))
    draft = hand_over()
    page = desk.get(f"/desk?draft={draft}").text
    assert "Tiếp tục từ Kiosk K." in page
    # A look at the papers adds nothing to a chip that is proved.
    encounter_id = visit_of(submit(desk, filled(page), service="NHI", papers_seen="true"))
    with hospital.reading() as session:
        encounter = session.get_one(Encounter, encounter_id)
    assert (encounter.assurance, encounter.method) == ("chip-trusted", "chip")
    assert desk.get(f"/desk?draft={draft}").status_code == 404  # used, and forgotten
    draft = hand_over()
    fields = filled(desk.get(f"/desk?draft={draft}").text)
    assert fields.pop("patient_id") == str(encounter.patient_id)  # who was here before is on record
    other = fields | {"full_name": "Trần Văn Khác", "personal_number": "034085000099", "born_on": "1985", "sex": "male"}
    encounter_id = visit_of(submit(desk, other))
    with hospital.reading() as session:
        assert session.get_one(Encounter, encounter_id).assurance == "typed"  # the proof was another person's


@pytest.mark.parametrize(("facilities", "checks"), [(None, 0), ({FACILITY: OFFICER}, 1)])
def test_a_card_shown_at_the_desk_is_checked_where_the_facility_has_an_account(
    desk: Browser, hospital: Database, tmp_path: Path, facilities: dict[str, Any] | None, checks: int
) -> None:
    insurance = {"driver": "simulated", "facilities": facilities} if facilities else None
    section = ServerSection.model_validate({"data_dir": tmp_path, "insurance": insurance})
    desk.app.extensions["settings"] = ServerSettings(server=section)
    visit_of(submit(desk, typed(insurance_card="DN4340123456789")))
    assert count(hospital, CardCheck) == checks
