"""The auditor's page: lines are found by day, person, staff, act and result; looking is an act; the rest is closed."""

import csv
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from server import audit
from server.accounts.models import StaffPosting, User
from server.accounts.roles import Role
from server.accounts.sessions import CONFIRMED_FOR
from server.audit import GENESIS, AuditLine, AuditLog, Head
from server.audit_faults import Fault, FaultKind
from server.auditing.actions import ACTIONS, is_refused
from server.auditing.checks import check_newest, standing
from server.auditing.presenting import fault
from server.auditing.texts import TEXTS
from server.db import Database
from server.fleet.service import Device
from server.registration.models import Encounter
from server.texts import LANGUAGES, Texts
from tests.server.hospital import FACILITY, MORNING, add_kiosk, arrival, build_hospital, register
from tests.server.staff import Browser, add_staff

FOREIGN = "79999"
NUMBER = "034190000017"
TODAY = "2026-11-23"


@pytest.fixture
def office(browser: Browser, hospital: Database) -> Browser:
    """The auditor's browser, signed in."""
    browser.sign_in(add_staff(hospital, "kiem.tra", Role.AUDITOR))
    return browser


@pytest.fixture
def visit(hospital: Database, kiosk: Device, office: Browser) -> UUID:
    """A visit from a kiosk that a receptionist has opened."""
    encounter_id = register(hospital, arrival(NUMBER), kiosk).answer.encounter_id
    desk = office.another()
    desk.sign_in(add_staff(hospital, "le.tan"))
    assert desk.get(f"/reception/encounters/{encounter_id}").status_code == 200
    return encounter_id


def rows(browser: Browser, **asked: object) -> list[tuple[str, ...]]:
    """Return who, act, result and record of each line on the page."""
    answer = browser.client.get("/audit", query_string={name: str(value) for name, value in asked.items()})
    assert answer.status_code == 200, answer.text
    found = re.findall(r"<tr>\s*<th scope=\"row\".*?</tr>", answer.text, re.DOTALL)
    return [tuple(words(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL))[1:5] for row in found]


def words(cell: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", cell).split())


def lines(database: Database, action: str) -> list[AuditLine]:
    with database.reading() as session:
        return list(
            session.scalars(sa.select(AuditLine).where(AuditLine.action == action).order_by(AuditLine.sequence))
        )


def test_the_auditor_lands_on_the_log_and_reads_who_did_what_with_which_visit(office: Browser, visit: UUID) -> None:
    assert office.get("/").headers["Location"] == "/audit"
    found = rows(office)
    assert ("Nhân viên le.tan (le.tan)", "Mở lượt khám", "Đã làm", "lượt khám A001") in found
    assert ("Kiosk K", "Đăng ký lượt khám", "Đã làm", "lượt khám A001") in found
    assert "Thử Nghiệm" not in office.get("/audit").text, "no patient's name stands in the log"


def test_lines_are_narrowed_down_by_staff_kind_act_result_and_day(office: Browser, visit: UUID) -> None:
    acts = {act for _, act, _, _ in rows(office, what="kind:read")}
    assert acts == {"Mở lượt khám"}
    assert {who for who, *_ in rows(office, staff="le.tan")} == {"Nhân viên le.tan (le.tan)"}
    assert {act for _, act, _, _ in rows(office, what="encounter.registered")} == {"Đăng ký lượt khám"}
    assert rows(office, result="refused") == []
    office.another().sign_in("le.tan", "không phải mật khẩu")
    assert rows(office, result="refused") == [
        ("Máy 127.0.0.1", "Đăng nhập", "Bị từ chối", "tài khoản Nhân viên le.tan")
    ]
    assert rows(office, first="2026-11-20", last="2026-11-22") == []
    assert len(rows(office, first="2026-11-20", last=TODAY)) >= 5


def test_a_patient_is_found_by_a_number_that_stands_in_no_address_and_no_log(
    office: Browser, visit: UUID, hospital: Database
) -> None:
    answer = office.send("/audit/person", number="034 190 000 017")
    assert answer.status_code == 303
    with hospital.reading() as session:
        patient_id = session.get_one(Encounter, visit).patient_id
    assert answer.headers["Location"] == f"/audit?person={patient_id}"
    found = rows(office, person=patient_id)
    assert [act for _, act, _, _ in reversed(found)] == ["Đăng ký lượt khám", "Mở lượt khám"]
    (looked,) = lines(hospital, "audit.read")
    assert (looked.subject_type, looked.subject_id) == ("patient", str(patient_id))
    with hospital.reading() as session:
        assert NUMBER not in "".join(str(line.details) for line in session.scalars(sa.select(AuditLine)))


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("034190009999", "Không có hồ sơ nào"),  # nobody's
        ("Nguyễn Thị Thử Nghiệm", "không nhập tên"),  # a name would list people: the auditor sees no patients
        ("  ", "không nhập tên"),
    ],
)
def test_what_names_nobody_is_said_so(office: Browser, visit: UUID, number: str, answer: str) -> None:
    page = office.send("/audit/person", number=number)
    assert page.status_code == 422
    assert answer in page.text


def test_one_record_is_followed_over_a_year_and_other_searches_over_a_month(office: Browser, visit: UUID) -> None:
    office.clock.pass_by(timedelta(days=200))
    office.sign_in("kiem.tra")
    found = rows(office, record=f"encounter:{visit}")
    assert [act for _, act, _, _ in found] == ["Mở lượt khám", "Đăng ký lượt khám"]
    page = office.get(f"/audit?first={TODAY}&last=2027-06-11").text
    assert "tối đa 31 ngày" in page
    assert 'value="2027-05-12"' in page


def test_pages_go_on_by_key_and_leave_nothing_out(office: Browser, hospital: Database, kiosk: Device) -> None:
    for n in range(60):
        register(hospital, arrival(f"0341900001{n:02d}"), kiosk)
    first = office.get("/audit?what=encounter.registered").text
    after = re.search(r'name="after" value="(\d+)"', first)
    assert after
    register(hospital, arrival("034190000999"), kiosk)  # comes while somebody reads on
    second = office.get(f"/audit?what=encounter.registered&after={after[1]}").text
    numbers = [re.findall(r'<th scope="row" class="number">(\d+)', page) for page in (first, second)]
    assert [len(page) for page in numbers] == [50, 10]
    assert not set(numbers[0]) & set(numbers[1])
    assert 'name="after"' not in second


def test_each_look_is_a_line_of_its_own_that_says_what_was_looked_for(office: Browser, hospital: Database) -> None:
    office.get("/audit?staff=le.tan&what=kind:read")
    (look,) = lines(hospital, "audit.read")
    assert (look.actor, look.subject_id) == ("staff:kiem.tra", FACILITY)
    assert look.details == {"from": TODAY, "to": TODAY, "staff": "le.tan", "what": "read"}
    assert ("Nhân viên kiem.tra (kiem.tra)", "Xem nhật ký", "Đã làm", f"bệnh viện {FACILITY}") in rows(office)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR}))
def test_nobody_else_opens_it_and_trying_is_noted(hospital: Database, office: Browser, role: Role) -> None:
    other = office.another()
    other.sign_in(add_staff(hospital, f"vai.{role}", role))
    assert other.get("/audit").status_code == 403
    assert "/audit" not in other.get("/account").text
    (refused,) = lines(hospital, "access.role-refused")
    assert (refused.actor, refused.details) == (f"staff:vai.{role}", {"endpoint": "auditing.trail"})


def test_the_file_holds_the_lines_with_their_seals_after_the_password(
    office: Browser, visit: UUID, hospital: Database
) -> None:
    office.clock.pass_by(CONFIRMED_FOR)
    asked = {"first": TODAY, "last": TODAY, "what": "encounter.read"}
    assert office.send("/audit/csv", **asked).status_code == 403
    answer = office.send("/audit/csv", step_up_secret="con ngựa đúng pin ghim", **asked)
    while answer.mimetype == "text/html":  # confirmed: the page that begins the download
        answer = office.send("/audit/csv", **asked)
    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    (read,) = lines(hospital, "encounter.read")
    assert table[1][0] == str(read.sequence)
    assert table[1][7:10] == ["staff:le.tan", "encounter.read", f"encounter:{visit}"]
    assert table[1][-1] == read.hash
    (exported,) = lines(hospital, "audit.exported")
    assert exported.details["lines"] == 1
    assert f"audit-{TODAY}-{TODAY}.csv" in answer.headers["Content-Disposition"]


def test_particulars_stand_in_words_and_days_as_people_write_them(office: Browser, visit: UUID) -> None:
    page = office.get("/audit").text
    assert "danh tính: Chip thật" in page
    assert "danh tính: chip-trusted" not in page
    office.client.set_cookie("tiepdon-language", "en")
    page = office.get("/audit").text
    assert "identity: Genuine chip" in page
    assert "from: 23/11/2026; to: 23/11/2026" in page  # the look before this one


@pytest.mark.parametrize(
    "address", ["first=yesterday", "what=kind:anything", "record=x", "after=0", "person=1", "staff=Lê"]
)
def test_an_address_nobody_was_given_is_refused(office: Browser, address: str) -> None:
    assert office.get(f"/audit?{address}").status_code == 422


def test_another_hospitals_lines_are_not_there(office: Browser, visit: UUID, hospital: Database) -> None:
    build_hospital(hospital, FOREIGN)
    foreign_kiosk, _ = add_kiosk(hospital, "X", facility=FOREIGN)
    register(hospital, arrival("034190000018", facility=FOREIGN), foreign_kiosk)
    there = office.another()
    there.sign_in(add_staff(hospital, "kiem.tra.khac", Role.AUDITOR, facility=FOREIGN))
    ours, theirs = rows(office), rows(there)
    assert ("Kiosk K", "Đăng ký lượt khám", "Đã làm", "lượt khám A001") in ours
    assert {who for who, *_ in ours} & {who for who, *_ in theirs} <= {"Máy chủ"}
    assert [who for who, act, *_ in theirs if act == "Đăng ký lượt khám"] == ["Kiosk X"]
    assert [act for _, act, _, _ in rows(there, record=f"encounter:{visit}")] == []


def test_what_somebody_did_before_moving_stays_with_the_hospital_they_did_it_at(
    office: Browser, visit: UUID, hospital: Database
) -> None:
    build_hospital(hospital, FOREIGN)
    there = office.another()
    there.sign_in(add_staff(hospital, "kiem.tra.khac", Role.AUDITOR, facility=FOREIGN))
    moved_at = MORNING + timedelta(minutes=5)
    with hospital.begin() as session:
        user = session.scalars(sa.select(User).where(User.username == "le.tan")).one()
        user.facility_code = FOREIGN
        session.add(StaffPosting(user_id=user.id, facility_code=FACILITY, ended_at=moved_at))
    office.clock.pass_by(timedelta(minutes=6))
    office.another().sign_in("le.tan")

    def done_by_him(browser: Browser) -> list[str]:
        return [act for _, act, _, _ in rows(browser, staff="le.tan")]

    assert done_by_him(office) == ["Mở lượt khám", "Đăng nhập"]
    assert done_by_him(there) == ["Đăng nhập"]


def verify(database: Database, log: AuditLog) -> tuple[Head, list[Fault]]:
    with database.reading() as session:
        return log.verify(session)


def test_the_page_says_whether_the_log_is_whole_and_checks_the_new_lines(office: Browser, hospital: Database) -> None:
    assert "chưa được kiểm tra lần nào" in office.get("/audit").text
    assert office.send("/audit/check").status_code == 303
    page = office.get("/audit").text
    assert re.search(r"Nguyên vẹn: dòng 1–\d+", page)
    assert "Nhân viên kiem.tra (kiem.tra)" in page
    assert "chuỗi nhật ký" in {record for *_, record in rows(office)}  # the log is one: its name says all
    with hospital.begin() as session:
        session.execute(sa.text("UPDATE audit_line SET actor = 'staff:khac' WHERE action = 'audit.checked'"))
    office.send("/audit/check")
    page = office.get("/audit").text
    assert "chỗ không khớp!" in page
    assert re.search(r"Nội dung dòng \d+ không khớp dấu niêm: dòng này đã bị sửa\.", page)
    assert re.search(r"chỗ đầu tiên: bị sửa; ở dòng: \d+", page)
    office.send("/language", language="en")
    assert re.search(r"What line \d+ says does not match its seal", office.get("/audit").text)


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_is_told_in_both_languages_by_the_lines_numbers(kind: FaultKind) -> None:
    told = {language: fault(Fault(kind, 12, 34), Texts(language, TEXTS)) for language in LANGUAGES}
    assert all("12" in words for words in told.values())
    assert told["vi"] != told["en"]
    assert f"first_fault.{kind.value}" in TEXTS


def test_a_check_noted_by_an_earlier_version_is_still_known_for_its_faults(hospital: Database) -> None:
    with hospital.begin() as session:
        audit.record(
            session, at=MORNING, actor="system", action="audit.checked", subject_type="audit-log", subject_id="chain",
            details={"first": 1, "end": str(Head(0, GENESIS)), "faults": 2, "first_fault": "line 1: is gone"},
        )  # fmt: skip
    with hospital.reading() as session:
        newest = standing(session).newest
    assert newest is not None
    assert (newest.faults, newest.first_fault) == (2, None)


def test_a_check_goes_on_where_the_last_sound_one_ended_and_never_takes_too_many_lines(
    hospital: Database, kiosk: Device
) -> None:
    for n in range(7):
        register(hospital, arrival(f"03419000010{n}"), kiosk)
    seen = [check_newest(hospital, by="system", now=MORNING, most=3) for _ in range(3)]
    assert [(check.first, check.end.sequence, check.faults) for check in seen] == [(1, 3, 0), (4, 6, 0), (7, 9, 0)]
    with hospital.begin() as session:
        session.execute(sa.text("UPDATE audit_line SET subject_id = 'x' WHERE sequence = 10"))
    broken = check_newest(hospital, by="system", now=MORNING)
    assert broken.first_fault == Fault(FaultKind.CONTENT, 10)
    again = check_newest(hospital, by="system", now=MORNING)
    assert (again.first, again.is_sound) == (10, False), "a fault is not passed over the next time"
    with hospital.reading() as session:
        said = standing(session)
    assert said.newest == again
    assert said.newest_whole == seen[0]


def test_a_log_cut_off_behind_the_last_check_is_noticed(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival(), kiosk)
    end = check_newest(hospital, by="system", now=MORNING).end
    with hospital.begin() as session:
        session.execute(sa.text(f"UPDATE audit_line SET hash = '{'0' * 64}' WHERE sequence = {end.sequence}"))
    found = check_newest(hospital, by="system", now=MORNING)
    assert found.first_fault == Fault(FaultKind.REPLACED, end.sequence)


def test_no_act_of_the_log_is_sorted_twice_and_refusals_are_told_by_their_name() -> None:
    assert [action for action in ACTIONS if is_refused(action)] == [
        "staff.sign-in-refused",
        "staff.second-factor-refused",
        "staff.key-copy-refused",
        "staff.confirmation-refused",
        "access.role-refused",
    ]
