"""What is typed at the desk finds the people it means, and nobody else."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
import sqlalchemy as sa
from alembic import command

from server.appointments.models import Appointment
from server.db import Database, migrating
from server.demo.load import NAMESPACE, add_people, person
from server.domain.appointments import AppointmentSource
from server.domain.identity import PartialDate, Sex, fold_name
from server.domain.search import CodeQuery, NameQuery, NothingToSearch, NumberQuery, PassportQuery, Query, understand
from server.facilities.models import Service
from server.migrations import config, migrate
from server.patients.models import Patient, PatientIdentifier, PatientNameWord, words_of
from server.patients.search import Cursor, PatientPage, search_patients
from server.patients.service import note_changes
from tests.server.hospital import DAY, FACILITY, MORNING, arrival, register

CODE = "7ZK3M9Q2X4B8C1D5E6FG"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("099190000017", NumberQuery("099190000017")),
        ("099 190 000 017", NumberQuery("099190000017")),  # as people read it out
        ("990000017", NumberQuery("990000017")),  # old ID card
        ("9900000017", NumberQuery("9900000017")),  # insurance or social insurance
        ("DN4 99 9900000017", NumberQuery("9900000017")),  # old insurance card
        ("dn4999900000017", NumberQuery("9900000017")),
        ("fra/99xx00017", NumberQuery("FRA/99XX00017")),
        ("c1234567", PassportQuery("C1234567")),  # the country is on the cover, the number inside
        ("an 15081990", NameQuery(("an",), PartialDate(1990, 8, 15))),  # and no passport
        (CODE, CodeQuery(CODE)),
        (f"td1:{CODE.lower()}", CodeQuery(CODE)),
        (f"TA1:{CODE}", CodeQuery(CODE)),  # an appointment's letter
        ("0912 345 678", NumberQuery("0912345678")),  # a phone, or a social insurance number that begins with 0
        ("+84 912 345 678", NumberQuery("0912345678")),
        ("024 3825 3531", NumberQuery("02438253531")),
        ("tx-7k3m9q2a", NumberQuery("TX-7K3M9Q2A")),  # of a person without papers
        ("Nguyễn Thị Lan", NameQuery(("nguyen", "thi", "lan"), None)),
        ("  NGUYỄN   thị  LAN ", NameQuery(("nguyen", "thi", "lan"), None)),
        ("Đỗ Đức Đạt 1990", NameQuery(("do", "duc", "dat"), PartialDate(1990))),
        ("lan 15/8/1990", NameQuery(("lan",), PartialDate(1990, 8, 15))),
        ("lan 15.08.1990", NameQuery(("lan",), PartialDate(1990, 8, 15))),
        ("lan 15081990", NameQuery(("lan",), PartialDate(1990, 8, 15))),
        ("lan 1990-08-15", NameQuery(("lan",), PartialDate(1990, 8, 15))),
        ("lan 8/1990", NameQuery(("lan",), PartialDate(1990, 8))),
        ("lan 31/2/1990", NothingToSearch()),  # no such day
        ("lan 12345", NothingToSearch()),  # neither number nor date
        ("15/8/1990", NothingToSearch()),  # a birthday alone means dozens
        ("a", NothingToSearch()),
        ("", NothingToSearch()),
        ("²³", NameQuery(("²³",), None)),  # digits to Unicode, not to us
    ],
)
def test_typed_text_is_understood(text: str, query: Query) -> None:
    assert understand(text) == query


@pytest.fixture
def people(hospital: Database) -> Database:
    described: list[dict[str, Any]] = [
        {"full_name": "Nguyễn Thị Lan", "born_on": "1990-08-15"},
        {"full_name": "NGUYEN THI LAN", "born_on": "1990"},
        {"full_name": "Nguyễn Thị Lan Anh", "born_on": "1991-08-15"},
        {"full_name": "Nguye\u0302\u0303n Thi\u0323 Lan", "born_on": "1990-12-01"},  # NFD
        {"full_name": "Trần Lan Hương", "born_on": "1990-08-15"},
        {"full_name": "Đỗ Văn Đạt", "born_on": "1985-01-02"},
        {"full_name": "Lò Thị %", "born_on": "1970-01-01"},
        {"full_name": "Lò Thị A_B", "born_on": "1970-01-01"},
    ]
    for n, one in enumerate(described):
        insurance = {"card_number": f"DN499990000001{n}"}
        register(hospital, arrival(f"09919000001{n}", person=one, insurance=insurance), None)
    return hospital


def find(database: Database, text: str, after: Cursor | None = None, limit: int = 20) -> PatientPage:
    with database.reading() as session:
        return search_patients(session, understand(text), after=after, limit=limit)


def births(page: PatientPage) -> list[str]:
    return sorted(str(person.identity.born_on) for person in page.people)


@pytest.mark.parametrize(
    ("text", "born_on"),
    [
        ("nguyen thi lan", ["1990", "1990-08-15", "1990-12-01", "1991-08-15"]),  # with and without marks, NFC and NFD
        ("Nguyễn Thị Lan", ["1990", "1990-08-15", "1990-12-01", "1991-08-15"]),
        ("nguyễn thị lan a", ["1991-08-15"]),
        ("do van dat", ["1985-01-02"]),  # đ is d
        ("lan 15/8/1990", ["1990", "1990-08-15", "1990-08-15"]),  # a record may know the year only
        ("lan 8/1990", ["1990", "1990-08-15", "1990-08-15"]),
        ("lan 1990", ["1990", "1990-08-15", "1990-08-15", "1990-12-01"]),
        ("lan nguyen 1991", ["1991-08-15"]),  # in any order
        ("an 1991", ["1991-08-15"]),  # the beginning of a word...
        ("gu 1990", []),  # ...and not its middle
        ("% 1970", ["1970-01-01"]),  # a letter like any other
        ("a_ 1970", ["1970-01-01"]),
        ("a% 1970", []),
        ("lo thi %", ["1970-01-01"]),
        ("099190000015", ["1985-01-02"]),
        ("DN4999900000015", ["1985-01-02"]),
        ("9900000015", ["1985-01-02"]),
        ("099190000099", []),
        ("' OR 1=1 --", []),
        ("x", []),
    ],
)
def test_people_are_found_by_what_was_typed_and_nobody_else(people: Database, text: str, born_on: list[str]) -> None:
    assert births(find(people, text)) == born_on


def test_a_passport_is_found_with_and_without_its_country(hospital: Database) -> None:
    numbers = [{"system": "passport", "value": "FRA/C1234567"}]
    guest = arrival(person={"full_name": "Jean Essai", "born_on": "1980-02-03", "identifiers": numbers})
    patient_id = register(hospital, guest, None).answer.patient_id
    for text in ("C1234567", "c1234567", "fra/c1234567"):
        assert [one.patient_id for one in find(hospital, text).people] == [patient_id]
    assert find(hospital, "C1234568").people == ()
    with hospital.begin() as session:
        session.execute(sa.update(PatientIdentifier).values(valid_to=MORNING))
    assert find(hospital, "C1234567").people == ()  # a former holder is found by country and number
    assert [one.patient_id for one in find(hospital, "FRA/C1234567").people] == [patient_id]


def test_slip_finds_its_patient(hospital: Database) -> None:
    answer = register(hospital, arrival(), None).answer
    page = find(hospital, f"TD1:{answer.visit_code}")
    assert [person.patient_id for person in page.people] == [answer.patient_id]


def test_phone_finds_everybody_it_reaches(hospital: Database) -> None:
    mother, child, other = (register(hospital, arrival(f"09919000001{n}"), None).answer.patient_id for n in range(3))
    with hospital.begin() as session:
        for patient_id in (mother, child):
            session.get_one(Patient, patient_id).phone = "0912000017"
        session.get_one(Patient, other).phone = "0912000018"
    assert {person.patient_id for person in find(hospital, "+84 912 000 017").people} == {mother, child}


def test_appointment_letter_finds_its_patient(hospital: Database) -> None:
    patient_id = register(hospital, arrival(), None).answer.patient_id
    with hospital.begin() as session:
        service_id = session.scalars(sa.select(Service.id).where(Service.code == "NOI")).one()
        session.add(
            Appointment(
                facility_code=FACILITY, request_key=uuid4(), code=CODE, source=AppointmentSource.LETTER,
                patient_id=patient_id, service_id=service_id, due_on=DAY, booked_at=MORNING, booked_by="staff:le.tan",
            )
        )  # fmt: skip
    assert [person.patient_id for person in find(hospital, f"TA1:{CODE}").people] == [patient_id]


def named(database: Database, full_name: str, merged_into: UUID | None = None, **values: Any) -> UUID:
    """Store one more person, born in 1990; return the record's id."""
    described = {"full_name": full_name, "folded_name": fold_name(full_name), "born_on": "1990-08-15", **values}
    patient = Patient(id=uuid4(), sex=Sex.FEMALE, created_at=MORNING, merged_into_id=merged_into, **described)
    with database.begin() as session:
        session.add(patient)
    return patient.id


def ids(page: PatientPage) -> list[UUID]:
    return [person.patient_id for person in page.people]


@pytest.mark.parametrize("text", ["trần", "tran thi thu", "thu 1990", "thu 8/1990", "thu 15/8/1990", "0912000017"])
def test_person_is_found_by_the_name_and_phone_of_a_record_that_was_merged(database: Database, text: str) -> None:
    kept = named(database, "Lê Thị Thắm")
    between = named(database, "Lê Thị Thấm", kept)
    named(database, "Trần Thị Thu", between, phone="0912000017")
    named(database, "Trần Thị Thu", between, phone="0912000017")
    (found,) = find(database, text).people
    assert (found.patient_id, found.identity.full_name) == (kept, "Lê Thị Thắm")


@pytest.mark.parametrize("text", ["le thi", "tham 1990", "tham 15/8/1990"])
def test_person_whose_old_name_is_meant_too_is_shown_once(database: Database, text: str) -> None:
    kept = named(database, "Lê Thị Thắm")
    named(database, "Lê Thị Thấm", kept)
    other = named(database, "Lê Thị Thắm Tươi")
    assert ids(find(database, text)) == [kept, other]


def test_page_of_merged_records_goes_on_to_the_next_one(database: Database) -> None:
    kept = named(database, "Vũ Thị Yến")
    for n in range(3):
        named(database, f"Lê Thị Thắm {n}", kept)
    last = named(database, "Lê Thị Thắm 3")
    page = find(database, "le thi", limit=2)
    assert (ids(page), ids(find(database, "le thi", page.next, 2))) == ([kept], [kept, last])


def test_number_that_was_ended_still_finds_its_former_holder(hospital: Database) -> None:
    answer = register(hospital, arrival("099190000017"), None).answer
    with hospital.begin() as session:
        session.execute(sa.update(PatientIdentifier).values(valid_to=MORNING + timedelta(days=1)))
    found = find(hospital, "099190000017").people
    assert [(person.patient_id, person.identity.identifiers) for person in found] == [(answer.patient_id, ())]


def store_born_1990(database: Database) -> None:
    """Store three hundred people of one year: Thị is a word of each, Mai of every seventh."""
    with database.begin() as session:
        people: list[dict[str, Any]] = []
        words: list[dict[str, Any]] = []
        for n in range(300):
            folded_name = f"{'tran' if n % 2 else 'le'} thi {'mai' if n % 7 == 0 else 'thu'} {n % 50:02d}"
            patient_id = uuid5(NAMESPACE, str(n))
            one = {"id": patient_id, "full_name": folded_name, "folded_name": folded_name, "birth_year": 1990}
            people.append({**one, "sex": Sex.FEMALE, "created_at": MORNING, "version": 1})
            words += words_of(patient_id, folded_name, 1990)
        session.execute(sa.insert(Patient), people)
        session.execute(sa.insert(PatientNameWord), words)


@pytest.mark.parametrize(
    ("text", "count", "looks_through"),
    [
        ("thi 1990", 300, "ix_patient_birth_year"),  # of a word that many bear a page is soon full
        ("t 1990", 300, "ix_patient_birth_year"),
        ("mai 1990", 43, "patient_name_word"),  # few bear it: these are gathered
        ("thi mai 1990", 43, "patient_name_word"),  # the rarest word decides
        ("mai tran 1990", 21, "patient_name_word"),
        ("tran 4 1990", 30, "patient_name_word"),
        ("4 1990", 60, "patient_name_word"),
    ],
)
def test_year_is_looked_through_by_the_shorter_way(
    database: Database, text: str, count: int, looks_through: str
) -> None:
    store_born_1990(database)
    plans = plans_of(database)
    seen: list[UUID] = []
    after = None
    while True:
        page = find(database, text, after, 25)
        seen += ids(page)
        after = page.next
        if after is None:
            break
    if database.kind == "sqlite":
        assert looks_through in plans[-1].partition("SCAN page")[0]
    with database.reading() as session:
        folded = {row.id: row.folded_name for row in session.execute(sa.select(Patient.id, Patient.folded_name))}
    assert seen == sorted(seen, key=lambda key: (folded[key], key))
    assert (len(seen), len(set(seen))) == (count, count)


@pytest.mark.parametrize(
    ("text", "sorts"),
    [
        ("tran thi", False),  # ends with the page, however many bear the name
        ("thi 1990", False),
        ("mai 1990", True),  # at most two hundred
        ("mai 15/8/1990", True),  # of one day
        ("099190000017", True),
    ],
)
def test_search_reads_no_more_than_an_index_holds_in_order(tmp_path: Path, text: str, sorts: bool) -> None:
    database = Database(f"sqlite:///{tmp_path / 'people.db'}")  # PostgreSQL reads a table this small as a whole
    migrate(database)
    store_born_1990(database)
    plans = plans_of(database)
    page = find(database, text, limit=5)
    if page.next:
        find(database, text, page.next, 5)
    database.close()
    assert plans
    for plan in plans:
        assert "SCAN patient" not in plan
        if not sorts:
            assert "TEMP B-TREE" not in plan


def plans_of(database: Database) -> list[str]:
    """Return the list to which SQLite's plan of every statement comes from now on."""
    plans: list[str] = []

    def explain(_: object, cursor: Any, statement: str, values: Any, *__: object) -> None:
        if database.kind == "sqlite" and statement.startswith("SELECT"):
            steps = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.append("\n".join(step[3] for step in steps))

    for engine in database.engines:
        sa.event.listen(engine, "before_cursor_execute", explain)
    return plans


@pytest.mark.parametrize(("text", "limit"), [("nguyen", 7), ("t 1981", 2)])
def test_pages_show_everybody_once_in_order(database: Database, text: str, limit: int) -> None:
    add_people(database, 400, MORNING)
    seen, after, pages = [], None, 0
    while True:
        page = find(database, text, after, limit)
        seen += [(fold_name(person.identity.full_name), person.patient_id) for person in page.people]
        pages += 1
        if page.next is None:
            break
        after = Cursor.parse(str(page.next))
    everybody = find(database, text, limit=400).people
    assert pages > 2
    assert seen == [(fold_name(person.identity.full_name), person.patient_id) for person in everybody]
    assert len(set(seen)) == len(seen)
    assert [name for name, _ in seen] == sorted(name for name, _ in seen)


def test_birth_year_is_found_as_it_was_put_right(people: Database) -> None:
    with people.begin() as session:
        patient = session.scalars(sa.select(Patient).where(Patient.born_on == "1985-01-02")).one()
        session.expire(patient)  # the old year is not at hand
        patient.born_on = "1958-01-02"
    assert births(find(people, "dat 1958")) == ["1958-01-02"]
    assert births(find(people, "dat 1985")) == []
    with people.begin() as session:
        session.scalars(sa.select(Patient).where(Patient.born_on == "1958-01-02")).one().born_on = None
    assert births(find(people, "dat 1958")) == []


def test_people_stored_before_the_index_are_found_by_birth_year(database: Database) -> None:
    add_people(database, 30, MORNING)
    with migrating(database) as connection:
        command.downgrade(config(connection), "0014")
    migrate(database)
    for index in range(30):
        text = f"{person(index)['full_name'].split()[-1]} {person(index)['born_on'][:4]}"
        assert person(index)["born_on"] in births(find(database, text))


def stored_words(database: Database) -> set[tuple[str, int, str]]:
    with database.reading() as session:
        rows = session.execute(
            sa.select(Patient.full_name, PatientNameWord.birth_year, PatientNameWord.word)
            .join(PatientNameWord, PatientNameWord.patient_id == Patient.id)
            .where(PatientNameWord.folded_name == Patient.folded_name)
        ).all()
        assert session.scalar(sa.select(sa.func.count()).select_from(PatientNameWord)) == len(rows)
    return {(row.full_name, row.birth_year, row.word) for row in rows}


def test_words_of_a_name_follow_the_record(hospital: Database) -> None:
    register(hospital, arrival(person={"full_name": "Lý Lan Lan", "born_on": "1990-08-15"}), None)
    assert stored_words(hospital) == {("Lý Lan Lan", 1990, "ly"), ("Lý Lan Lan", 1990, "lan")}
    steps: list[tuple[dict[str, str | bool | None], set[tuple[str, int, str]]]] = [
        ({"full_name": "Lý Lan Anh"}, {("Lý Lan Anh", 1990, word) for word in ("ly", "lan", "anh")}),
        ({"born_on": "1991"}, {("Lý Lan Anh", 1991, word) for word in ("ly", "lan", "anh")}),
        ({"born_on": None}, set()),  # not found by year then
        ({"full_name": "Lý Lan", "born_on": "1991-02-03"}, {("Lý Lan", 1991, "ly"), ("Lý Lan", 1991, "lan")}),
        ({"address": "Thôn 1"}, {("Lý Lan", 1991, "ly"), ("Lý Lan", 1991, "lan")}),
    ]
    for values, words in steps:
        with hospital.begin() as session:
            patient = session.scalars(sa.select(Patient)).one()
            note_changes(session, patient, values, reason=None, actor="staff:le.tan", now=MORNING)
        assert stored_words(hospital) == words


def test_words_of_names_stored_before_are_the_same_as_those_stored_since(database: Database) -> None:
    add_people(database, 30, MORNING)
    with database.begin() as session:
        names = [("  lan   lan  ", 1990), ("anh", None), ("a_b %", 1970)]
        for n, (folded_name, year) in enumerate(names):
            described = {"full_name": str(n), "folded_name": folded_name, "birth_year": year, "sex": Sex.FEMALE}
            session.add(Patient(created_at=MORNING, **described))
    since = stored_words(database)
    with migrating(database) as connection:
        command.downgrade(config(connection), "0016")
    migrate(database)
    assert stored_words(database) == since
    assert {word for name, _, word in since if not name.isalpha()} > {"lan", "a_b", "%"}


@pytest.mark.parametrize("text", ["", "%", "bm8=", "w6ng"])
def test_damaged_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"cursor|UUID|hexadecimal"):
        Cursor.parse(text)
