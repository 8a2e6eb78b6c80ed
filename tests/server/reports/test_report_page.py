"""The page of a day's figures and its downloads, for who plans the next day, of the own hospital."""

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
import sqlalchemy as sa

from server.accounts.roles import Role
from server.audit import AuditLine
from server.db import Database
from server.fleet.service import Device
from server.queues.calling import call_next
from server.queues.models import Queue
from server.registration.corrections import Act, Card, change_card
from server.registration.overrides import change_service
from tests.server.hospital import FACILITY, MORNING, arrival, build_hospital, register
from tests.server.staff import Browser, add_staff

INSURED = {"insurance": {"card_number": "GD4340123456789"}}
NAME = "Thử Nghiệm"


@pytest.fixture
def three_visits(hospital: Database, kiosk: Device) -> None:
    """Two at the kiosk, one of them insured, and one at the desk who was sent to another clinic; one was called."""
    register(hospital, arrival("034190000017", **INSURED), kiosk)
    later, last = MORNING + timedelta(minutes=1), MORNING + timedelta(hours=1)
    register(hospital, arrival("034190000018", arrived_at=later), kiosk, now=later)
    moved = register(hospital, arrival("034190000019", arrived_at=last), None, now=last)
    with hospital.begin() as session:
        change_service(
            session, encounter_id=moved.answer.encounter_id, facility=FACILITY, service="NHI",
            reason="=Chọn nhầm phòng khám", version=1, by="le.tan", now=last,
        )  # fmt: skip
        room_id = session.scalars(sa.select(Queue.room_id).where(Queue.code == "NOI")).one()
        assert room_id is not None
        call_next(
            session, facility=FACILITY, queue="NOI", room_id=room_id, current=None, by="bac.si",
            now=MORNING + timedelta(minutes=25),
        )  # fmt: skip


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


@pytest.mark.usefixtures("three_visits")
def test_the_lead_sees_the_days_figures_and_takes_them_away(browser: Browser, hospital: Database) -> None:
    add_staff(hospital, "le.tan")
    browser.sign_in(add_staff(hospital, "truong", Role.RECEPTION_LEAD))
    page = browser.get("/reports").text
    assert "=Chọn nhầm phòng khám" in page
    assert NAME not in page
    sums = [re.findall(r"<t[hd][^>]*>([^<]*)<", row) for row in re.findall(r"<tfoot>(.*?)</tfoot>", page, re.DOTALL)]
    assert sums[:2] == [["Cộng", "3", "1", "2", "25", "25", "25"], ["Cộng", "3", "2", "1", "0", "0", "0", "25", "25"]]
    fields = {"day": "2026-11-23", "token_from": "/reports"}
    clinics = rows_of(browser.post("/reports/csv", table="clinics", **fields).data)
    assert clinics[1] == ["Khám nội", "2", "1", "1", "0", "0", "0", "25", "25"]
    assert clinics[2][:2] == ["Khám nhi", "1"]
    hours = rows_of(browser.post("/reports/csv", table="hours", **fields).data)
    assert [row[:4] for row in hours[1:]] == [["07:00–07:59", "2", "1", "1"], ["08:00–08:59", "1", "0", "1"]]
    changes = rows_of(browser.post("/reports/csv", table="changes", **fields).data)
    assert changes[1][2:] == ["Đổi phòng khám", "Khám nội", "Khám nhi", "'=Chọn nhầm phòng khám", "Nhân viên le.tan"]
    unverified = rows_of(browser.post("/reports/csv", table="unverified", **fields).data)
    assert unverified[1] == ["07:15", "A001", "Khám nội", "Chưa có trả lời"]
    book = browser.post("/reports/xlsx", **fields)
    assert book.headers["Content-Disposition"] == 'attachment; filename="tiepdon-34999-2026-11-23-all.xlsx"'
    with zipfile.ZipFile(io.BytesIO(book.data)) as file:
        assert len([name for name in file.namelist() if name.startswith("xl/worksheets/sheet")]) == 10
        assert all(NAME.encode() not in file.read(name) for name in file.namelist())
        strings = file.read("xl/sharedStrings.xml").decode()
    assert "<t>Bệnh viện huyện Thử</t>" in strings, "the first sheet says whose day it is"
    with hospital.reading() as session:
        query = sa.select(AuditLine).where(AuditLine.action == "report.exported").order_by(AuditLine.sequence)
        acts = session.scalars(query).all()
    assert [(act.actor, act.details["table"]) for act in acts] == [
        ("staff:truong", table) for table in ("clinics", "hours", "changes", "unverified", "all")
    ]


def test_the_number_of_a_corrected_card_stays_at_the_desk(browser: Browser, hospital: Database, kiosk: Device) -> None:
    visit = register(hospital, arrival("034190000017", **INSURED), kiosk).answer.encounter_id
    with hospital.begin() as session:
        act = Act(FACILITY, "nhập sai số", 1, "le.tan", MORNING)
        change_card(session, visit, Card("GD4340999999999"), act, checks_insurance=False)
    browser.sign_in(add_staff(hospital, "truong", Role.RECEPTION_LEAD))
    page = browser.get("/reports").text
    assert "Sửa số thẻ BHYT" in page
    assert "GD4340" not in page
    changes = browser.post("/reports/csv", token_from="/reports", table="changes", day="2026-11-23").data.decode()
    assert "GD4340" not in changes


@pytest.mark.usefixtures("three_visits")
def test_the_administrator_sees_sums_and_no_single_visit(browser: Browser, hospital: Database) -> None:
    browser.sign_in(add_staff(hospital, "quan.tri", Role.ADMINISTRATOR))
    page = browser.get("/reports").text
    assert "Khám nội" in page
    assert "A001" not in page
    assert "Chọn nhầm" not in page
    refused = browser.post("/reports/csv", token_from="/reports", table="visits", day="2026-11-23")
    assert refused.status_code == 404


@pytest.mark.usefixtures("three_visits")
def test_another_hospitals_day_is_empty(browser: Browser, hospital: Database) -> None:
    build_hospital(hospital, "79999")
    browser.sign_in(add_staff(hospital, "noi.khac", Role.RECEPTION_LEAD, facility="79999"))
    page = browser.get("/reports").text
    assert "Ngày này không có lượt đăng ký nào" in page
    assert "Chọn nhầm" not in page


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ("2026-11-22", 200, "22/11/2026"),
        ("2027-01-01", 200, "23/11/2026"),  # a day ahead is today
        ("2026-02-30", 422, ""),
        ("hôm qua", 422, ""),
    ],
)
def test_a_day_is_chosen(browser: Browser, hospital: Database, asked: str, status: int, says: str) -> None:
    browser.sign_in(add_staff(hospital, "truong", Role.RECEPTION_LEAD))
    answer = browser.get(f"/reports?day={asked}")
    assert answer.status_code == status
    assert says in answer.text


def test_the_days_beside_one_are_those_on_which_somebody_came(browser: Browser, hospital: Database) -> None:
    for days_ago in (3, 6):
        then = MORNING - timedelta(days=days_ago)
        register(hospital, arrival(f"03419000010{days_ago}", arrived_at=then), None, now=then)
    browser.sign_in(add_staff(hospital, "truong", Role.RECEPTION_LEAD))
    weekend = browser.get("/reports?day=2026-11-22").text
    assert re.findall(r'<a class="quiet" href="/reports\?day=([0-9-]+)"', weekend) == ["2026-11-20", "2026-11-23"]
    first = browser.get("/reports?day=2026-11-17").text
    assert re.findall(r'<a class="quiet" href="/reports\?day=([0-9-]+)"', first) == ["2026-11-20"]


def test_a_form_nobody_offers_is_not_found(browser: Browser, hospital: Database) -> None:
    browser.sign_in(add_staff(hospital, "truong", Role.RECEPTION_LEAD))
    assert browser.post("/reports/pdf", token_from="/reports", day="").status_code == 404
