"""The page behind the slip's code: where a number stands, and nothing about a person."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.contract.v1 import EncounterRegistered
from server.db import Database
from server.domain.waiting import ExpectedWait
from server.facilities.models import Room
from server.fleet.service import Device
from server.portal.guesses import FREE, ONE_MORE_EVERY, Guesses
from server.queues.calling import Act, act_on, call_next
from server.queues.models import Ticket
from server.queues.standing import standing_of
from tests.server.hospital import FACILITY, MORNING, arrival, register
from tests.server.staff import Browser


@pytest.fixture
def people(hospital: Database, kiosk: Device) -> list[EncounterRegistered]:
    """Nine who arrived one after the other, A001 to A009."""
    commands = [
        arrival(f"0341900001{number:02d}", arrived_at=MORNING + timedelta(seconds=number)) for number in range(9)
    ]  # fmt: skip
    return [register(hospital, command, kiosk).answer for command in commands]


def call(database: Database, current: UUID | None, minutes: int = 0) -> UUID:
    with database.begin() as session:
        room = session.scalars(sa.select(Room.id).where(Room.name == "Phòng 101")).one()
        ticket = call_next(
            session, facility=FACILITY, queue="NOI", room_id=room, current=current, by="bac.si",
            now=MORNING + timedelta(minutes=minutes),
        )  # fmt: skip
        assert ticket is not None
        return ticket.id


def page_of(browser: Browser, person: EncounterRegistered) -> str:
    answer = browser.get(f"/t/{person.visit_code}")
    assert answer.status_code == 200
    return answer.text


def test_who_waits_sees_the_number_the_place_and_how_many_come_before(
    browser: Browser, people: list[EncounterRegistered]
) -> None:
    page = page_of(browser, people[3])
    for words in ("A004", "Khám nội", "Phòng 101", "Tầng 1", "3 người trước quý vị", "Chưa đủ số liệu"):
        assert words in page
    assert "Quý vị là người tiếp theo" in page_of(browser, people[0])


def test_nothing_of_the_person_is_on_it(browser: Browser, people: list[EncounterRegistered]) -> None:
    page = page_of(browser, people[0])
    for personal in ("Nguyễn", "Thử Nghiệm", "1990", "034190000100", str(people[0].patient_id)):
        assert personal not in page


def test_the_expected_time_is_a_range_from_todays_pace(
    browser: Browser, hospital: Database, people: list[EncounterRegistered]
) -> None:
    current = None
    for minute in range(0, 25, 5):
        current = call(hospital, current, minute)
    browser.clock.pass_by(timedelta(minutes=20))
    assert "Khoảng 15 đến 20 phút nữa" in page_of(browser, people[8])
    assert "Trong vòng 5 phút" in page_of(browser, people[5])


@pytest.mark.parametrize(
    ("acts", "words"),
    [
        ((), "Đã gọi số của quý vị. Xin vào Phòng 101 ngay."),
        (("start",), "Quý vị đang được khám."),
        (("finish",), "Lượt khám tại đây đã xong."),
        (("miss",), "Xin quét phiếu ở máy lấy số hoặc đưa phiếu tại Phòng 101."),
        (("hold",), "Số của quý vị đang tạm dừng."),
        (("miss", "resume"), "3 người trước quý vị"),
    ],
)
def test_what_happens_at_the_room_is_said_on_the_phone(
    browser: Browser, hospital: Database, people: list[EncounterRegistered], acts: tuple[Act, ...], words: str
) -> None:
    ticket = call(hospital, None)
    for act in acts:
        with hospital.begin() as session:
            act_on(session, ticket, act, facility=FACILITY, by="bac.si", now=MORNING)
    assert words in page_of(browser, people[0])


def test_tomorrow_the_slip_says_that_it_is_of_yesterday(browser: Browser, people: list[EncounterRegistered]) -> None:
    browser.clock.pass_by(timedelta(days=1))
    page = page_of(browser, people[0])
    assert "Phiếu này của ngày 23/11/2026" in page
    assert "người trước quý vị" not in page


@pytest.mark.parametrize("code", ["0" * 20, "TD1:0000", "'--", "%00", "A" * 500])
def test_a_code_of_nobody_opens_nothing(browser: Browser, people: list[EncounterRegistered], code: str) -> None:
    answer = browser.get(f"/t/{code}")
    assert answer.status_code == 404
    assert "Không tìm thấy phiếu này" in answer.text


def test_an_address_that_asks_for_many_codes_of_nobody_must_wait_and_a_right_code_is_shown_all_the_same(
    browser: Browser, people: list[EncounterRegistered]
) -> None:
    for number in range(FREE):
        assert browser.get(f"/t/{number:020d}").status_code == 404
    refused = browser.get("/t/00000000000000000099")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "6")
    assert "quá nhiều mã sai từ mạng này" in refused.text
    assert browser.get("/t/00000000000000000099/state").status_code == 429
    assert page_of(browser, people[0])
    elsewhere = browser.client.get("/t/00000000000000000099", environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert elsewhere.status_code == 404
    browser.clock.pass_by(ONE_MORE_EVERY)
    assert browser.get("/t/00000000000000000099").status_code == 404
    assert browser.get("/t/00000000000000000099").status_code == 429


def test_one_machine_with_many_addresses_counts_as_one_and_the_counts_stay_few() -> None:
    guesses = Guesses()
    assert [guesses.count(f"2001:db8::{n:x}", MORNING) for n in range(FREE)] == [None] * FREE
    assert guesses.count("2001:db8::ffff", MORNING) == 6
    assert guesses.count("2001:db8:0:1::1", MORNING) is None
    for n in range(5000):
        guesses.count(f"10.0.{n >> 8}.{n & 255}", MORNING)
    assert guesses.count("2001:db8::ffff", MORNING) is None  # forgotten for newer ones


def test_the_code_may_be_typed_in_small_letters_and_is_never_kept_by_the_browser(
    browser: Browser, people: list[EncounterRegistered]
) -> None:
    answer = browser.get(f"/t/{people[0].visit_code.lower()}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_page_is_light(browser: Browser, people: list[EncounterRegistered]) -> None:
    parts = [f"/t/{people[0].visit_code}", *(f"/static/{p}" for p in ("server/portal.css", "server/portal.js"))]
    sizes = []
    for part in parts:
        answer = browser.get(part)
        sizes.append(len(answer.data))
        answer.close()
    assert sum(sizes) < 8_000


def test_paper_phone_display_and_kiosk_say_the_same_wait(
    browser: Browser, hospital: Database, kiosk: Device, people: list[EncounterRegistered]
) -> None:
    current = None
    for minute in range(0, 25, 5):
        current = call(hospital, current, minute)
    browser.clock.pass_by(timedelta(minutes=21))
    now = browser.clock.now()
    display = browser.get("/board/all/state").text  # what somebody who comes now would wait
    paper = register(hospital, arrival("034190000201", arrived_at=now), kiosk, now=now).answer
    assert paper.ticket.wait is not None
    least, most = paper.ticket.wait.least_min, paper.ticket.wait.most_min
    assert (paper.ticket.waiting_before, least, most) == (4, 20, 25)
    assert f'<td class="wait">{least}–{most} phút</td>' in display
    assert f"Khoảng {least} đến {most} phút nữa" in page_of(browser, paper)
    with hospital.reading() as session:
        ticket = session.get_one(Ticket, paper.ticket.id)
        standing = standing_of(session, ticket, now=now)
    assert standing is not None
    assert (standing.before, standing.wait) == (4, ExpectedWait(least, most))


def test_who_has_priority_is_told_so_and_everybody_is_told_the_rule(
    browser: Browser, hospital: Database, kiosk: Device
) -> None:
    old = register(hospital, arrival(person={"born_on": "1948"}), kiosk).answer
    young = register(hospital, arrival("034190000033"), kiosk).answer
    assert "Quý vị được gọi theo hàng ưu tiên." in page_of(browser, old)
    assert "hàng ưu tiên" not in page_of(browser, young)
    for page in (page_of(browser, old), page_of(browser, young)):
        assert "rồi cứ 1 người ưu tiên thì 2 người thường, theo luật" in page


FIRST_FLIGHT_BYTES = 10 * 1460
"""What a server may send before the phone has answered once (RFC 6928): on a poor connection each round trip counts."""


def test_the_whole_page_fits_into_one_flight_and_works_without_scripts(
    browser: Browser, people: list[EncounterRegistered]
) -> None:
    page = page_of(browser, people[0])
    files = re.findall(r'(?:href|src)="(/static/[^"?]+)', page)
    assert len(files) == 3
    sizes = [len(page.encode())]
    for file in files:
        with browser.get(file) as answer:
            sizes.append(len(answer.data))
    assert sum(sizes) < FIRST_FLIGHT_BYTES
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page
    assert f'<a class="again" href="/t/{people[0].visit_code}">' in page
