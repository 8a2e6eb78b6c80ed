"""A hospital from its file: whole or not at all, once or many times, every mistake with its line."""

from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.db import Database
from server.domain.catalogue import DutySession, Payer
from server.domain.coverage import FacilityStanding, FormerLine, TechnicalLevel
from server.errors import Refused
from server.facilities.description import DescriptionError, read_description
from server.facilities.importing import import_facility
from server.facilities.models import Clinic, Duty, Facility, Holiday, OpeningHours, Practitioner, Room, Service
from server.facilities.roster import import_roster, read_roster
from server.queues.models import Queue
from tests.server.hospital import DAY, MORNING

EXAMPLE: Final = Path(__file__).parents[3] / "docs" / "facility-example.yaml"
CODE: Final = "34998"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the example with some of its text replaced."""

    def write(*changes: tuple[str, str]) -> Path:
        text = EXAMPLE.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / "facility.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def import_(database: Database, path: Path) -> list[str]:
    with database.begin() as session:
        return import_facility(session, read_description(path), by="system", now=MORNING)


def test_the_example_makes_a_whole_hospital(database: Database) -> None:
    changes = import_(database, EXAMPLE)
    assert "service NOI, price 'on-request' from 2026-01-01: added" in changes
    with database.reading() as session:
        facility = session.get_one(Facility, CODE)
        assert (facility.visits_per_table, facility.appointment_late_working_days) == (65, 10)
        assert facility.standing == FacilityStanding(TechnicalLevel.BASIC, FormerLine.DISTRICT, points=45)
        assert session.scalar(sa.select(sa.func.count()).select_from(Holiday)) == 4
        noi = session.scalars(sa.select(Clinic).filter_by(facility_code=CODE, code="NOI")).one()
        assert [(r.name, r.tables, r.visits_per_table) for r in noi.rooms] == [
            ("Phòng 101", 2, None),
            ("Phòng 102", 1, None),
        ]
        assert [(h.weekday, h.opens_at) for h in noi.hours[:2]] == [(1, time(7)), (1, time(13))]
        assert (noi.slot_min, noi.slot_places) == (20, 2)
        queue = session.scalars(sa.select(Queue).filter_by(code="NOI")).one()
        assert (queue.letter, queue.room.name if queue.room else None) == ("A", "Phòng 101")
        service = session.scalars(sa.select(Service).filter_by(code="NOI")).one()
        assert {price.payer: price.price_vnd for price in service.prices} == {
            Payer.INSURED: 39_800, Payer.SELF: 45_000, Payer.ON_REQUEST: 150_000,
        }  # fmt: skip
        assert session.scalars(sa.select(Service).filter_by(code="NHI")).one().age_below == 16
        emergency = session.scalars(sa.select(Clinic).filter_by(facility_code=CODE, code="CC")).one()
        assert {(h.opens_at, h.closes_at) for h in emergency.hours} == {(time(7), time(7))}  # of the next day


def test_importing_again_changes_nothing_and_leaves_no_trace(database: Database) -> None:
    import_(database, EXAMPLE)
    assert import_(database, EXAMPLE) == []
    with database.reading() as session:
        lines = session.scalars(sa.select(AuditLine.action).where(AuditLine.action == "facility.imported")).all()
    assert lines == ["facility.imported"]


def test_what_differs_is_changed_and_what_is_gone_is_withdrawn(database: Database, write: Callable[..., Path]) -> None:
    import_(database, EXAMPLE)
    changed = write(
        ("vnd: 150000", "vnd: 180000"),
        ('from: "07:00", to: "11:30"', 'from: "06:30", to: "11:30"'),
        ("  - {day: 2026-09-02, name: Quốc khánh}\n", ""),
        ("  - {code: BS02, name: Trần Văn Thí Dụ, title: BS}\n", ""),
        ("code: NHI\n        name: Khám nhi", "code: NHI2\n        name: Khám nhi"),
        ("waiting_room: Phòng 101", "waiting_room: Phòng 102"),
    )
    assert import_(database, changed) == [
        "holiday 2026-09-02: removed",
        "doctor BS02: withdrawn, the file does not name it",
        "clinic NOI: other opening hours",
        "queue NOI: another room",
        "service NOI, price 'on-request' from 2026-01-01: price_vnd 150000 -> 180000",
        "service NHI2: added",
        "service NHI2, price 'insured' from 2026-01-01: added",
        "service NHI: withdrawn, the file does not name it",
    ]
    with database.reading() as session:
        withdrawn = session.scalars(sa.select(Service.withdrawn_on).filter_by(code="NHI")).one()
        assert withdrawn == DAY
        spans = session.execute(sa.select(OpeningHours.opens_at).join(Clinic).where(Clinic.code == "NOI").distinct())
        assert {row.opens_at for row in spans} == {time(6, 30), time(13)}
    assert import_(database, EXAMPLE)[-1] == "service NHI2: withdrawn, the file does not name it"


def test_a_new_price_from_a_later_day_leaves_the_old_one(database: Database, write: Callable[..., Path]) -> None:
    import_(database, EXAMPLE)
    later = "{payer: insured, from: 2027-01-01, vnd: 45000}"
    old = "{payer: insured, from: 2026-01-01, vnd: 39800, source: Thông tư 39/2024/TT-BYT}"
    path = write((f"          - {old}\n          - {{payer: self", f"          - {later}\n          - {{payer: self"))
    assert import_(database, path) == ["service NOI, price 'insured' from 2027-01-01: added"]
    with database.reading() as session:
        service = session.scalars(sa.select(Service).filter_by(code="NOI")).one()
        assert [p.valid_from for p in service.prices if p.payer is Payer.INSURED] == [
            date(2026, 1, 1),
            date(2027, 1, 1),
        ]


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("letter: B", "letter: b", "letter: b", "letter: does not have the form"),
        ("vnd: 45000", "vnd: -1", "vnd: -1", "vnd: must be at least 0"),
        ("tables: 2", "table: 2", "table: 2", "rooms[0].table: is not known here; did you mean 'tables'?"),
        ("age_below: 16", "age_below: 16\n        age_from: 16", "- code: NHI\n        name", "nobody is at least 16"),
        ('"07:00", to: "11:30"', '"12:30", to: "11:30"', '"12:30"', "longer than any night"),
        ('from: "13:00", to: "16:30"', 'from: "18:00", to: "07:30"', "- code: NOI\n    name", "overlap at 07:00"),
        ('from: "13:00"', 'from: "11:00"', "- code: NOI\n    name", "the hours of weekday 1 overlap at 11:00"),
        ("waiting_room: Phòng 101", "waiting_room: P9", "- code: NOI\n    name", "'waiting_room' names 'P9'"),
        ("code: NHI\n    name: Khoa", "code: NOI\n    name: Khoa", "", "clinic NOI is named more than once"),
        ("payer: on-request", "payer: vip", "payer: vip", "must be 'insured', 'self' or 'on-request'"),
        ("name_en: Vi Du Area General Hospital\n", "", "", "name_en: is missing"),
        (
            "    services:\n      - code: NHI",
            "    x:\n      - code: NHI",
            "- code: NHI\n    name",
            "services: is missing",
        ),
        ('facility: "34998"', "facility: 34998", "facility: 34998", "facility: must be text: put it in quotes"),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(
    write: Callable[..., Path], old: str, new: str, place: str, says: str
) -> None:
    path = write((old, new))
    with pytest.raises(DescriptionError) as refusal:
        read_description(path)
    told = refusal.value.mistakes
    line = path.read_text(encoding="utf-8").partition(place)[0].count("\n") + 1 if place else 1
    assert any(f"line {line}: " in mistake and says in mistake for mistake in told), told


def test_all_mistakes_are_told_at_once(write: Callable[..., Path]) -> None:
    path = write(("letter: A", "letter: 1"), ("vnd: 150000", "vnd: viel"), ("day: 2026-01-01", "day: 32.1."))
    with pytest.raises(DescriptionError) as refusal:
        read_description(path)
    places = [mistake.split(": ")[1] for mistake in refusal.value.mistakes]
    assert places == ["holidays[0].day", "clinics[0].letter", "clinics[0].services[0].prices[2].vnd"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"facility: [", "line 1: "),
        (b"just words", "it should begin with 'facility:'"),
        (b"name: B\xe1n", "not UTF-8 at byte 7"),
        (b"", "it should begin with 'facility:'"),
    ],
)
def test_a_file_that_is_no_description_is_refused_in_one_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(DescriptionError) as refusal:
        read_description(path)
    assert len(refusal.value.mistakes) == 1
    assert says in refusal.value.mistakes[0]


def test_a_letter_of_another_queue_is_refused_and_nothing_is_stored(
    database: Database, write: Callable[..., Path]
) -> None:
    import_(database, EXAMPLE)
    with pytest.raises(Refused, match="the letter A belongs to queue NOI"):
        import_(database, write(("code: NOI\n    name: Khoa", "code: NOI2\n    name: Khoa"), ("Ví Dụ\n", "Khác\n")))
    with database.reading() as session:
        assert session.get_one(Facility, CODE).name.endswith("Ví Dụ")


ROSTER = """day;session;room;doctor
2026-11-23;sáng;Phòng 101;BS01
23/11/2026;chiều;Phòng 102;BS01
2026-11-23;morning;Phòng 101;BS02
"""


def roster(database: Database, path: Path, text: str, encoding: str = "utf-8-sig") -> list[str]:
    path.write_text(text, encoding=encoding)
    with database.begin() as session:
        return import_roster(session, read_roster(path), facility=CODE, by="system", now=MORNING)


def duties(database: Database) -> set[tuple[str, str, DutySession]]:
    with database.reading() as session:
        rows = session.execute(
            sa.select(Practitioner.code, Room.name, Duty.session).join(Duty.practitioner).join(Duty.room)
        )
        return {(row.code, row.name, row.session) for row in rows}


def test_a_roster_from_a_spreadsheet_sets_the_days_it_names(database: Database, tmp_path: Path) -> None:
    import_(database, EXAMPLE)
    path = tmp_path / "roster.csv"
    assert roster(database, path, ROSTER) == ["2026-11-23: 3 added, 0 removed"]
    assert duties(database) == {
        ("BS01", "Phòng 101", DutySession.MORNING),
        ("BS01", "Phòng 102", DutySession.AFTERNOON),
        ("BS02", "Phòng 101", DutySession.MORNING),
    }
    assert roster(database, path, ROSTER) == []
    moved = "doctor,room,session,day\nBS01,Phòng 102,morning,2026-11-23\n"
    assert roster(database, path, moved, "utf-8") == ["2026-11-23: 1 added, 3 removed"]
    assert duties(database) == {("BS01", "Phòng 102", DutySession.MORNING)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("day,session,room\n", "line 1: no column doctor"),
        ("", "line 1: no column day, session, room, doctor"),
        ("day,session,room,doctor\n2026-11-31,morning,P1,B\n", "line 2: day '2026-11-31'"),  # November has 30 days
        ("day,session,room,doctor\n2026-11-23,tối,P1,B\n", "line 2: session 'tối'"),
        ("day,session,room,doctor\n2026-11-23,morning,,B\n", "line 2: room and doctor"),
    ],
)
def test_a_line_that_is_no_duty_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DescriptionError, match=says):
        read_roster(path)


def test_a_roster_with_strangers_or_a_doctor_in_two_rooms_stores_nothing(database: Database, tmp_path: Path) -> None:
    import_(database, EXAMPLE)
    lines = ["Phòng 999,BS01", "Phòng 101,BS99", "Phòng 101,BS01", "Phòng 102,BS01"]
    text = "day,session,room,doctor\n" + "".join(f"2026-11-23,morning,{line}\n" for line in lines)
    with pytest.raises(Refused) as refusal:
        roster(database, tmp_path / "roster.csv", text)
    assert refusal.value.detail.splitlines() == [
        "line 2: the facility has no room named 'Phòng 999'",
        "line 3: the facility has no doctor with the code 'BS99'",
        "line 5: doctor 'BS01' is in another room in this session already",
    ]
    assert duties(database) == set()
