"""The day's list: who is in it, in which order, and who is found."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.db import Database
from server.domain.identity import IdentityAssurance
from server.errors import NotFound
from server.fleet.service import Device
from server.patients.models import Patient
from server.queues.models import Ticket
from server.reception.arrivals import Filter, Totals, count_arrivals, find_arrivals, list_arrivals, list_clinics
from server.registration.models import Encounter
from tests.server.hospital import DAY, FACILITY, MORNING, add_kiosk, arrival, build_hospital, on_paper, register
from tests.server.staff import Browser


def labels(database: Database, text: str = "", clinic: str = "", needs_staff: bool = False) -> list[str]:
    wanted = Filter(text, clinic, needs_staff)
    with database.reading() as session:
        page = list_arrivals(session, facility=FACILITY, day=DAY, wanted=wanted)
        return [arrival.label for arrival in page.arrivals]


@pytest.fixture
def morning(hospital: Database, kiosk: Device) -> Database:
    """A001 Đặng Thị Hoà, B001 Lê 100%, A-K004 Nguyễn Hòa with insurance and a chip that contradicts."""
    insurance = {"card_number": "DN4013412345678", "valid_from": "2026-01-01", "valid_to": "2026-12-31"}
    people = [
        arrival("034190000017", person={"full_name": "Đặng Thị Hoà"}),
        arrival(
            "034190000025", person={"full_name": "Lê 100%"}, service="NHI", arrived_at=MORNING + timedelta(seconds=1)
        ),
        on_paper(
            arrival(
                "034190000033", person={"full_name": "Nguyễn Hòa"}, insurance=insurance,
                evidence={"assurance": "chip-contradicted"}, arrived_at=MORNING + timedelta(seconds=2),
            ),
            4,
        ),
    ]  # fmt: skip
    for command in people:
        register(hospital, command, kiosk)
    return hospital


def test_the_newest_arrival_stands_first_with_all_that_the_desk_wants_to_know(morning: Database) -> None:
    with morning.reading() as session:
        first, *_ = list_arrivals(session, facility=FACILITY, day=DAY, wanted=Filter()).arrivals
    assert (first.label, first.is_offline, first.kiosk) == ("A-K004", True, "Kiosk K")
    assert (first.full_name, first.birth_year, first.sex) == ("Nguyễn Hòa", "1990", "female")
    assert (first.clinic_name, first.clinic_name_en, first.room) == ("Khám nội", "General medicine", "Phòng 101")
    assert first.assurance is IdentityAssurance.CHIP_CONTRADICTED
    assert (first.has_insurance, first.is_insurance_unverified, first.needs_staff) == (True, True, True)
    assert labels(morning) == ["A-K004", "B001", "A001"]


def test_each_visit_finds_its_number_by_index_before_the_database_has_counted_anything(
    hospital: Database, kiosk: Device
) -> None:
    for n in range(30):
        register(hospital, arrival(f"0341900001{n:02d}"), kiosk)
    plans: list[Any] = []

    def explain(_: object, cursor: Any, statement: str, values: Any, *__: object) -> None:
        if "folded_name" in statement:
            how = "EXPLAIN QUERY PLAN" if hospital.kind == "sqlite" else "EXPLAIN (FORMAT JSON)"
            plans.append(cursor.connection.execute(f"{how} {statement}", values).fetchall())

    for engine in hospital.engines:
        sa.event.listen(engine, "before_cursor_execute", explain)
    assert len(labels(hospital, "thu nghiem")) == 30
    [plan] = plans
    if hospital.kind == "sqlite":
        [step] = [step[3] for step in plan if " ticket " in step[3]]
        assert step.startswith("SEARCH ticket ")
        assert "encounter_id=?" in step
    else:
        [ticket] = [node for node in nodes_of(plan[0][0][0]["Plan"]) if node.get("Relation Name") == "ticket"]
        assert "encounter_id" in ticket["Index Cond"]


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes_of(inner)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hoa", ["A-K004", "A001"]),  # both ways to place the tone
        ("HOÀ đặng", ["A001"]),  # words in any order, with marks
        ("k4", []),
        ("K004", ["A-K004"]),  # a part of the number on paper
        ("001", ["B001", "A001"]),
        ("100%", ["B001"]),  # a sign, not a wildcard
        ("_", []),
        ("%", ["B001"]),
        ("034190000025", ["B001"]),  # a whole identity number
        ("03419000002", []),  # part of one finds nobody
        ("3412345678", ["A-K004"]),  # the lasting part of an insurance number
        ("DN 4 01 3412345678", ["A-K004"]),  # the whole card as it is printed
        ("hoa 1990", ["A-K004", "A001"]),  # a birth date behind the name, as far as it is known
        ("hoa 15/8/1990", ["A-K004", "A001"]),
        ("hoa 1991", []),
        ("' OR 1=1 --", []),
        ("   ", ["A-K004", "B001", "A001"]),
    ],
)
def test_people_are_found_by_number_name_and_whole_identity_number(
    morning: Database, text: str, found: list[str]
) -> None:
    assert labels(morning, text=text) == found


def test_phone_old_card_and_passport_find_their_visits_and_nobody_elses(morning: Database, kiosk: Device) -> None:
    numbers = [{"system": "passport", "value": "FRA/C1234567"}, {"system": "vn-cmnd", "value": "990000017"}]
    guest = arrival(person={"full_name": "Jean Essai", "born_on": "1980-02-03", "identifiers": numbers})
    answer = register(morning, guest, kiosk).answer
    with morning.begin() as session:
        session.get_one(Patient, answer.patient_id).phone = "0912000017"
    for text in ("0912 000 017", "+84912000017", "990 000 017", "c1234567", "fra/c1234567"):
        assert labels(morning, text=text) == [answer.ticket.label], text


def test_a_card_or_a_slip_scanned_into_the_field_finds_its_visit(desk: Browser, morning: Database) -> None:
    with morning.reading() as session:
        code = session.scalars(sa.select(Encounter.visit_code).join(Ticket).where(Ticket.label == "B001")).one()
    card = "034190000025||Lê Văn Khác|15081990|Nam|Thôn Thử, Xã Mẫu|25042021"  # by its number, whatever the name
    for text in (card, f"TD1:{code}", f"https://kham.example.vn/t/{code}"):
        page = desk.post("/reception/search", token_from="/reception", text=text).text
        assert re.findall(r'<tr id="arrival-.*?>([A-Z0-9-]+)</a>', page, re.DOTALL) == ["B001"], text


def test_the_slips_code_finds_its_visit(morning: Database, kiosk: Device) -> None:
    answer = register(morning, arrival("034190000041", person={"full_name": "Vũ Mới"}), kiosk).answer
    assert labels(morning, text=f"TD1:{answer.visit_code}") == [answer.ticket.label]


def test_the_list_is_narrowed_to_a_clinic_or_to_those_who_need_staff(morning: Database) -> None:
    assert labels(morning, clinic="NHI") == ["B001"]
    assert labels(morning, needs_staff=True) == ["A-K004"]
    assert labels(morning, clinic="NHI", needs_staff=True) == []


def test_the_totals_are_of_the_whole_day(morning: Database) -> None:
    with morning.reading() as session:
        assert count_arrivals(session, facility=FACILITY, day=DAY) == Totals(3, 1, 1)
        assert count_arrivals(session, facility=FACILITY, day=DAY + timedelta(days=1)) == Totals(0, 0, 0)
        assert count_arrivals(session, facility="79999", day=DAY) == Totals(0, 0, 0)


def test_another_day_and_another_hospital_are_not_in_it(morning: Database, kiosk: Device) -> None:
    build_hospital(morning, "79999")
    foreign, _ = add_kiosk(morning, "Z", "79999")
    there = register(morning, arrival("034190000058", facility="79999"), foreign).answer.encounter_id
    yesterday = arrival("034190000066", arrived_at=MORNING - timedelta(days=1))
    before = register(morning, yesterday, kiosk).answer.encounter_id
    assert labels(morning) == ["A-K004", "B001", "A001"]
    with morning.reading() as session:
        assert find_arrivals(session, facility=FACILITY, day=DAY, ids=[there, before]) == []


def test_a_long_day_is_read_page_by_page_and_nobody_is_shown_twice_or_left_out(
    hospital: Database, kiosk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.reception.arrivals.PAGE_LENGTH", 3)
    # Two at each moment: the order must be total, or a page's border would lose one of them.
    commands = [arrival(f"0341900001{n:02d}", arrived_at=MORNING + timedelta(seconds=n // 2)) for n in range(8)]
    registered = [register(hospital, command, kiosk).answer.ticket.label for command in commands]
    seen: list[str] = []
    before: UUID | None = None
    sizes = []
    while True:
        with hospital.reading() as session:
            page = list_arrivals(session, facility=FACILITY, day=DAY, wanted=Filter(), before=before)
        seen += [found.label for found in page.arrivals]
        sizes.append((len(page.arrivals), page.has_more))
        if not page.has_more:
            break
        before = page.arrivals[-1].encounter_id
    assert sizes == [(3, True), (3, True), (2, False)]
    assert sorted(seen) == sorted(registered)
    assert seen[0] in registered[6:]
    assert seen[-1] in registered[:2]


def test_one_cannot_read_on_from_nowhere(morning: Database) -> None:
    with morning.reading() as session, pytest.raises(NotFound):
        list_arrivals(session, facility=FACILITY, day=DAY, wanted=Filter(), before=UUID(int=0))


def test_the_clinics_to_choose_from_are_those_with_a_queue(morning: Database) -> None:
    with morning.reading() as session:
        assert list_clinics(session, facility=FACILITY) == [
            ("NHI", "Khám nhi", "Paediatrics"),
            ("NOI", "Khám nội", "General medicine"),
        ]


def test_reading_the_list_costs_the_same_number_of_queries_for_one_and_for_many(
    hospital: Database, kiosk: Device, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    register(hospital, arrival(), kiosk)
    few = count_queries(lambda: labels(hospital))
    for number in range(20):
        register(hospital, arrival(f"0341900001{number:02d}"), kiosk)
    assert count_queries(lambda: labels(hospital)) == few
