"""Booking at the desk: a person is found, a time chosen, a letter printed; and what the next desk sees of it."""

import re
from datetime import timedelta
from uuid import uuid4

import sqlalchemy as sa

from server.accounts.roles import Role
from server.appointments.models import Appointment
from server.appointments.service import is_by_appointment
from server.appointments.views import NOTED_FOR
from server.audit import AuditLine
from server.db import Database
from server.domain.appointments import AppointmentStatus
from server.domain.codes import written_short_code
from server.fleet.service import Device
from server.queues.keeper import QueueKeeper
from tests.server.appointments.promises import at, keep_hours, known_patient, promise, stored
from tests.server.hospital import DAY, MORNING, arrival, build_hospital, register
from tests.server.staff import Browser, add_staff


def only(database: Database) -> Appointment:
    with database.reading() as session:
        return session.scalars(sa.select(Appointment)).one()


def test_a_time_is_booked_for_a_person_found_by_number_and_the_letter_carries_its_code(
    desk: Browser, hospital: Database
) -> None:
    keep_hours(hospital)
    patient_id = known_patient(hospital)
    found = desk.post("/appointments/find", "/appointments", text="034190000017").text
    address = re.search(r'href="(/appointments/new\?person=[^"]+)"', found)
    assert address
    assert str(patient_id) in address[1]
    page = desk.get(f"{address[1]}&service=NOI&day={DAY}").text
    slots = re.findall(r'name="slot" value="([^"]+)" required(>| disabled)', page)
    assert [(value[11:16], end) for value, end in slots if value] == [
        ("07:00", " disabled"), ("07:20", ">"), ("07:40", ">"), ("08:00", ">"), ("08:20", ">"), ("08:40", ">"),
    ]  # fmt: skip
    key = re.search(r'name="request_key" value="([^"]+)"', page)
    assert key
    fields = {"request_key": key[1], "person": patient_id, "service": "NOI", "day": DAY, "slot": at(8, 20).isoformat()}
    answer = desk.post("/appointments", "/appointments", **fields)
    booked = only(hospital)
    assert (booked.starts_at, booked.booked_by, booked.status) == (at(8, 20), "staff:le.tan", AppointmentStatus.BOOKED)
    assert answer.headers["Location"] == f"/appointments/{booked.id}/letter"
    letter = desk.get(answer.headers["Location"]).text
    assert booked.short_code is not None
    assert f"<strong>{written_short_code(booked.short_code)}</strong>" in letter
    found = desk.post("/appointments/find", "/appointments", text=written_short_code(booked.short_code)).text
    assert "Thử Nghiệm" in found
    assert "08:20 ngày 23/11/2026" in letter
    assert "034190000017" not in letter  # the paper gets lost
    desk.post("/appointments", "/appointments", **fields)  # the button pressed twice
    assert only(hospital).id == booked.id


def test_a_letter_for_a_day_needs_no_time(desk: Browser, hospital: Database) -> None:
    patient_id = known_patient(hospital)
    later = DAY + timedelta(days=30)
    fields = {
        "request_key": uuid4(),
        "person": patient_id,
        "service": "NHI",
        "day": later,
        "slot": "",
        "number": "7/GH",
    }
    answer = desk.post("/appointments", "/appointments", **fields)
    assert answer.status_code == 303
    letter = desk.get(answer.headers["Location"]).text
    assert "7/GH" in letter
    assert "từ 23/12/2026 đến hết ngày 06/01/2027" in letter  # ten working days
    assert "Nguyễn Thị Thử Nghiệm" in desk.get(f"/appointments?day={later}").text


def test_the_last_place_of_a_time_goes_to_one_and_the_other_is_told(desk: Browser, hospital: Database) -> None:
    keep_hours(hospital)
    promise(hospital, known_patient(hospital, "034190000025"), starts_at=at(8, 0))
    fields = {"request_key": uuid4(), "person": known_patient(hospital), "service": "NOI", "day": DAY}
    answer = desk.post("/appointments", "/appointments", slot=at(8, 0).isoformat(), **fields)
    assert answer.status_code == 422
    assert "Giờ này vừa hết chỗ" in answer.text


def test_an_appointment_is_cancelled_with_a_reason_and_two_desks_do_not_overwrite_each_other(
    desk: Browser, hospital: Database
) -> None:
    appointment = promise(hospital, known_patient(hospital))
    path = f"/appointments/{appointment.id}/cancel"
    assert desk.post(path, "/appointments", version="1", reason="").status_code == 422
    assert desk.post(path, "/appointments", version="9", reason="bận").status_code == 409
    assert desk.post(path, "/appointments", version="1", reason="người bệnh bận").status_code == 303
    assert stored(hospital, appointment.id).cancel_reason == "người bệnh bận"
    assert "Đã hủy: người bệnh bận" in desk.get("/appointments").text


def test_a_colleague_of_another_hospital_sees_and_changes_nothing_of_ours(desk: Browser, hospital: Database) -> None:
    appointment = promise(hospital, known_patient(hospital))
    build_hospital(hospital, "79999")
    foreign = desk.another()
    foreign.sign_in(add_staff(hospital, "noi.khac", Role.RECEPTION_LEAD, facility="79999"))
    assert "Thử Nghiệm" not in foreign.get("/appointments").text
    assert foreign.get(f"/appointments/{appointment.id}/letter").status_code == 404
    cancelled = foreign.post(f"/appointments/{appointment.id}/cancel", "/appointments", version="1", reason="bận")
    assert cancelled.status_code == 404
    assert stored(hospital, appointment.id).status is AppointmentStatus.BOOKED


def test_who_looked_at_whose_letter_and_name_is_noted(desk: Browser, hospital: Database) -> None:
    keep_hours(hospital)
    known = known_patient(hospital)
    appointment = promise(hospital, known)
    desk.get(f"/appointments/{appointment.id}/letter")
    assert reads(hospital, appointment.id) == [("staff:le.tan", "appointment.read")]
    for step in ("", "&service=NOI", f"&service=NOI&day={DAY}"):  # one booking, by an address from anywhere
        assert "Thử Nghiệm" in desk.get(f"/appointments/new?person={known}{step}").text
    assert reads(hospital, known) == [("staff:le.tan", "patient.read")]
    desk.clock.pass_by(NOTED_FOR)
    desk.post("/appointments/find", "/appointments", text="034190000017")
    desk.get(f"/appointments/new?person={known}")
    assert reads(hospital, known)[1:] == [("staff:le.tan", "patient.found")]  # the search says it already


def reads(database: Database, subject_id: object) -> list[tuple[str, str]]:
    """Return who looked at a record, and how, in order."""
    looks = ("appointment.read", "patient.read", "patient.found")
    query = sa.select(AuditLine.actor, AuditLine.action).where(AuditLine.subject_id == str(subject_id))
    with database.reading() as session:
        rows = session.execute(query.where(AuditLine.action.in_(looks)).order_by(AuditLine.sequence))
        return [(row.actor, row.action) for row in rows]


def test_an_address_that_names_nobody_is_a_page_that_is_missing(desk: Browser) -> None:
    assert desk.get("/appointments/new?person=nonsense").status_code == 404
    assert desk.get(f"/appointments/new?person={uuid4()}").status_code == 404
    assert desk.get("/appointments?day=31.12.").status_code == 200  # today


def test_searching_leaves_a_line_for_each_record_that_was_shown(desk: Browser, hospital: Database) -> None:
    known_patient(hospital)
    desk.post("/appointments/find", "/appointments", text="nguyen thi thu nghiem")
    with hospital.reading() as session:
        lines = session.scalars(sa.select(AuditLine).where(AuditLine.action == "patient.found")).all()
    assert [(line.actor, line.at) for line in lines] == [("staff:le.tan", MORNING)]


def test_a_days_list_goes_by_time_then_by_who_is_still_to_come_then_by_given_name(
    desk: Browser, hospital: Database
) -> None:
    keep_hours(hospital)
    people = {}
    for number, name in enumerate(("Trần Văn Út", "Nguyễn Thị Ánh", "Đỗ Văn Đức", "Lê An", "Phạm Bình"), start=10):
        command = arrival(f"0341900000{number}", person={"full_name": name}, arrived_at=MORNING - timedelta(days=9))
        people[name] = register(hospital, command, None, now=MORNING - timedelta(days=9)).answer.patient_id
    for name in ("Trần Văn Út", "Nguyễn Thị Ánh", "Đỗ Văn Đức", "Lê An"):
        last = promise(hospital, people[name])
    register(hospital, arrival("034190000013", appointment_code=last.code, person={"full_name": "Lê An"}), None)
    promise(hospital, people["Phạm Bình"], starts_at=at(8, 20))
    page = desk.get("/appointments").text
    names = re.findall(r'<th scope="row">([^<]+)<', page)
    assert names == ["Phạm Bình", "Nguyễn Thị Ánh", "Đỗ Văn Đức", "Trần Văn Út", "Lê An"]
    assert "5 lịch hẹn, 1 người đã đến" in page


def test_who_did_not_come_is_shown_after_the_day_and_counted_in_its_report(desk: Browser, hospital: Database) -> None:
    keep_hours(hospital)
    promise(hospital, known_patient(hospital), starts_at=at(8))
    letter = promise(hospital, known_patient(hospital, "034190000025"))
    desk.clock.pass_by(timedelta(days=1))
    desk.sign_in()
    QueueKeeper(hospital, now=desk.clock.now).look()
    page = desk.get(f"/appointments?day={DAY}").text
    assert "2 lịch hẹn, 0 người đã đến, 2 người không đến" in page
    assert page.count("giấy còn giá trị đến 07/12/2026") == 1  # the booked time was good on its day only
    assert f"/appointments/{letter.id}/letter" in page
    assert page.count("/appointments/new?person=") == 2
    lead = desk.another()
    lead.sign_in(add_staff(hospital, "truong", Role.RECEPTION_LEAD))
    report = re.sub(r"\s+", " ", lead.get(f"/reports?day={DAY}").text)
    assert "2 <small>0 đã đến, 2 không đến</small>" in report
    figures = lead.post("/reports/csv", token_from="/reports", day=str(DAY), table="appointments").data.decode()
    assert figures.splitlines()[1] == "Khám nội;2;0;0;2;0"


def test_who_came_without_showing_the_letter_is_put_right_and_the_visit_is_one_by_appointment(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    letter = promise(hospital, known_patient(hospital))
    path = f"/appointments/{letter.id}/came"
    assert path not in desk.get("/appointments").text
    refused = desk.send(path, version="1")
    assert (refused.status_code, "chưa có lượt khám" in refused.text) == (422, True)
    other = register(hospital, arrival("034190000017", service="NHI"), kiosk).answer
    visit = register(hospital, arrival("034190000017"), kiosk).answer
    desk.clock.pass_by(timedelta(days=1))
    desk.sign_in()
    QueueKeeper(hospital, now=desk.clock.now).look()
    assert path in desk.get(f"/appointments?day={DAY}").text
    assert desk.send(path, version="1").status_code == 409  # the keeper wrote since
    done = desk.send(path, version="2")
    assert "Đã ghi là đến theo hẹn" in desk.get(done.headers["Location"]).text
    kept = stored(hospital, letter.id)
    assert (kept.status, kept.encounter_id) == (AppointmentStatus.FULFILLED, visit.encounter_id)
    with hospital.reading() as session:
        assert is_by_appointment(session, visit.encounter_id)
        assert not is_by_appointment(session, other.encounter_id)
