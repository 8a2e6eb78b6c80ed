"""The day's clinics: who is on duty, what is closed, what is full; and what a kiosk is told of it."""

import re
from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.roles import Role
from server.contract.v1 import FacilityServices, RegisterEncounter, ServiceOffer
from server.db import Database
from server.domain.catalogue import ClinicState, Hours, Payer
from server.errors import Refused
from server.facilities.models import Clinic, Facility, Practitioner, Room, Service, ServicePrice
from server.facilities.queries import facility_services
from server.fleet.service import Device
from server.registration.models import Encounter
from server.registration.service import register_encounter
from tests.server.hospital import DAY, FACILITY, MORNING, add_kiosk, arrival, build_hospital, on_paper, register
from tests.server.queues.nights import keep_hours
from tests.server.staff import Browser, add_staff


@pytest.fixture
def lead(browser: Browser, hospital: Database) -> Browser:
    """The reception lead's browser; two doctors are on the list, and room 101 has one table of two visits."""
    with hospital.begin() as session:
        for code, name in (("BS01", "Nguyễn Thị Ví Dụ"), ("BS02", "Trần Văn Thí Dụ")):
            session.add(Practitioner(facility_code=FACILITY, code=code, full_name=name, title="BS"))
        session.get_one(Facility, FACILITY).visits_per_table = 65
        room(session).visits_per_table = 2
    browser.sign_in(add_staff(hospital, "truong", Role.RECEPTION_LEAD))
    return browser


def room(session: Session, name: str = "Phòng 101", facility: str = FACILITY) -> Room:
    query = sa.select(Room).join(Clinic, Clinic.id == Room.clinic_id)
    return session.scalars(query.where(Clinic.facility_code == facility, Room.name == name)).one()


def ids(database: Database) -> dict[str, str]:
    """Return the ids of room 101 and of the doctors."""
    with database.reading() as session:
        doctors = session.scalars(sa.select(Practitioner)).all()
        return {"room": str(room(session).id), **{doctor.code: str(doctor.id) for doctor in doctors}}


def offer(database: Database, service: str = "NOI") -> ServiceOffer:
    with database.reading() as session:
        offered = facility_services(session, FACILITY, kiosk_letter="K", now=MORNING)
    return next(one for one in offered.services if one.service == service)


def test_who_is_on_duty_is_set_on_the_page_and_counts_for_the_cap(lead: Browser, hospital: Database) -> None:
    known = ids(hospital)
    path = f"/clinics/rooms/{known['room']}/duty"
    answer = lead.post(path, "/clinics", day=DAY, on_duty="morning", doctor=[known["BS01"]])
    assert answer.status_code == 303
    page = lead.get(answer.headers["Location"]).text
    assert "Đã lưu." in page
    assert "<li>BS Nguyễn Thị Ví Dụ</li>" in page
    assert offer(hospital).places_left == 1  # one session of two: half of two visits
    lead.post(path, "/clinics", day=DAY, on_duty="morning")
    assert "<li>BS Nguyễn Thị Ví Dụ</li>" not in lead.get("/clinics").text


def test_a_doctor_is_in_one_room_at_a_time(lead: Browser, hospital: Database) -> None:
    known = ids(hospital)
    with hospital.reading() as session:
        other = room(session, "Phòng 102").id
    duty = {"day": DAY, "on_duty": "morning", "doctor": known["BS01"]}
    lead.post(f"/clinics/rooms/{known['room']}/duty", "/clinics", **duty)
    refused = lead.post(f"/clinics/rooms/{other}/duty", "/clinics", **duty)
    assert refused.status_code == 422
    assert "đã trực ở phòng khác" in refused.text


def test_a_closed_room_closes_its_clinic_at_the_kiosks_and_opens_again(
    lead: Browser, hospital: Database, kiosk: Device
) -> None:
    path = f"/clinics/rooms/{ids(hospital)['room']}/close"
    assert lead.post(path, "/clinics", day=DAY, reason=" ").status_code == 422
    lead.post(path, "/clinics", day=DAY, reason="Máy siêu âm hỏng")
    assert "Đóng: Máy siêu âm hỏng (truong)" in lead.get("/clinics").text
    closed = offer(hospital)
    assert (closed.open, closed.state) == (False, ClinicState.CLOSED)
    assert (offer(hospital, "NHI").open, offer(hospital, "NHI").state) == (True, ClinicState.OPEN)
    tomorrow = DAY + timedelta(days=1)
    assert "Đóng:" not in lead.get(f"/clinics?day={tomorrow}").text
    reopen = re.search(r'action="(/clinics/closures/[^"]+/end)"', lead.get("/clinics").text)
    assert reopen
    lead.post(reopen[1], "/clinics", day=DAY)
    assert offer(hospital).open


def test_the_cap_is_shown_reached_and_raised(lead: Browser, hospital: Database, kiosk: Device) -> None:
    for number in ("034190000017", "034190000025"):
        register(hospital, arrival(number), kiosk)
    full = offer(hospital)
    assert (full.open, full.state, full.places_left) == (False, ClinicState.FULL, 0)
    assert "Đã đủ lượt" in lead.get("/clinics").text
    path = f"/clinics/rooms/{ids(hospital)['room']}/capacity"
    lead.post(path, "/clinics", day=DAY, tables="2", visits_per_table="")
    assert (offer(hospital).state, offer(hospital).places_left) == (ClinicState.OPEN, 2 * 65 - 2)


@pytest.mark.parametrize(
    ("changes", "is_taken"),
    [
        ({}, False),  # an ordinary patient, from a kiosk that has not heard yet
        ({"person": {"born_on": "1951-01-01"}}, True),  # 75: first by law
        ({"person": {"born_on": "2021-01-01"}}, True),  # under six
        ({"declared": ["pregnancy"]}, True),
        ({"service": "NHI"}, True),  # the other clinic has places
    ],
)
def test_a_full_clinic_refuses_at_the_server_too_but_nobody_who_goes_first_by_law(
    hospital: Database, kiosk: Device, changes: dict[str, object], is_taken: bool
) -> None:
    with hospital.begin() as session:
        room(session).visits_per_table = 1
    register(hospital, arrival("034190000025"), kiosk)
    command = arrival("034190000033", **changes)
    with hospital.reading() as session:
        offered = facility_services(session, FACILITY, kiosk_letter=None, now=MORNING)
    if is_taken:
        assert registered(hospital, command, kiosk, offered)
    else:
        with pytest.raises(Refused, match=r"service\.full"):
            registered(hospital, command, kiosk, offered)
        assert registered(hospital, on_paper(command, 3), kiosk, offered)  # what is on paper is taken


def registered(database: Database, command: RegisterEncounter, kiosk: Device, offered: FacilityServices) -> bool:
    return database.transact(
        lambda session: register_encounter(
            session, command, device=kiosk, actor=kiosk.actor, now=MORNING, offered=offered
        ).is_new
    )  # fmt: skip


def test_the_price_of_the_payer_is_kept_with_the_visit(hospital: Database, kiosk: Device) -> None:
    with hospital.begin() as session:
        service = session.scalars(sa.select(Service).filter_by(facility_code=FACILITY, code="NOI")).one()
        session.add(ServicePrice(service_id=service.id, payer=Payer.ON_REQUEST, valid_from=DAY, price_vnd=150_000))
    assert {one.payer: one.price_vnd for one in offer(hospital).prices} == {
        Payer.INSURED: 50_600, Payer.SELF: 50_600, Payer.ON_REQUEST: 150_000,
    }  # fmt: skip
    answer = register(hospital, arrival(payer="on-request"), kiosk).answer
    unsaid = register(hospital, arrival("034190000025"), kiosk).answer
    with hospital.reading() as session:
        visit = session.get_one(Encounter, answer.encounter_id)
        assert (visit.payer, visit.price_vnd) == (Payer.ON_REQUEST, 150_000)
        assert session.get_one(Encounter, unsaid.encounter_id).price_vnd is None


def test_the_catalogue_shows_every_price_with_its_day_and_source(lead: Browser, hospital: Database) -> None:
    page = lead.get("/clinics/catalogue").text
    assert "50.600" in page
    assert "01/01/2026" in page


def test_reception_reads_and_does_not_change_and_another_hospital_does_neither(
    lead: Browser, hospital: Database
) -> None:
    known = ids(hospital)
    reader = lead.another()
    reader.sign_in(add_staff(hospital, "le.tan"))
    assert "Khám nội" in reader.get("/clinics").text
    assert reader.post(f"/clinics/rooms/{known['room']}/close", "/password", day=DAY, reason="x").status_code == 403
    build_hospital(hospital, "79999")
    foreign = lead.another()
    foreign.sign_in(add_staff(hospital, "noi.khac", Role.RECEPTION_LEAD, facility="79999"))
    assert foreign.post(f"/clinics/rooms/{known['room']}/close", "/clinics", day=DAY, reason="x").status_code == 404
    assert (
        foreign.post(f"/clinics/rooms/{known['room']}/duty", "/clinics", day=DAY, on_duty="morning").status_code == 404
    )
    assert offer(hospital).open


def test_a_kiosk_of_a_hospital_with_its_own_cap_hears_its_own_figures(hospital: Database) -> None:
    build_hospital(hospital, "79999")
    add_kiosk(hospital, "Z", "79999")
    with hospital.begin() as session:
        session.get_one(Facility, "79999").visits_per_table = 10
    with hospital.reading() as session:
        offered = facility_services(session, "79999", kiosk_letter="Z", now=MORNING)
    assert {one.places_left for one in offered.services} == {10}
    assert offer(hospital).places_left is None  # nobody keeps a cap here


def test_the_days_hours_are_shown_a_night_to_its_end(lead: Browser, hospital: Database) -> None:
    always = re.sub(r"\s+", " ", lead.get("/clinics").text)
    assert always.count("Mở cửa suốt ngày đêm") == 2
    keep_hours(hospital, [Hours(1, time(7), time(11, 30)), Hours(1, time(13), time(16, 30))])
    keep_hours(hospital, [Hours(1, time(18), time(6))], "NHI")
    monday = lead.get("/clinics").text
    assert "Giờ mở cửa: 07:00–11:30, 13:00–16:30" in monday
    assert "Giờ mở cửa: 18:00–06:00 hôm sau" in monday
    assert lead.get(f"/clinics?day={DAY + timedelta(days=1)}").text.count("Ngày này không mở cửa") == 2
