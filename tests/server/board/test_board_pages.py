"""The waiting room's display: numbers and rooms, and nobody's name."""

from datetime import timedelta

import pytest

from server.db import Database
from server.queues.calling import act_on
from tests.server.board.calls import call
from tests.server.hospital import FACILITY, MORNING, build_hospital
from tests.server.staff import Browser

GENERAL = '<th scope="row">A <span>Khám nội</span></th>'  # before how many wait there


def test_a_display_needs_no_account_and_shows_numbers_and_rooms_but_no_names(
    browser: Browser, morning: Database
) -> None:
    call(morning, "NOI", "Phòng 101")
    page = browser.get("/board/all")
    assert page.status_code == 200
    for words in (
        "A001",
        "Mời số A001 vào Phòng 101",
        "Number A001, please go to Room 101",
        f"{GENERAL}<td>1</td>",
        "07:15",
    ):
        assert words in page.text
    for personal in ("Thử Nghiệm", "1990", "0341900001"):
        assert personal not in page.text
    assert "Set-Cookie" not in page.headers


def test_the_latest_call_stands_first_and_a_repeated_one_is_a_call_again(browser: Browser, morning: Database) -> None:
    first = call(morning, "NOI", "Phòng 101", minutes=1)
    call(morning, "NHI", "Phòng 102", minutes=2)
    page = browser.get("/board/all/state").text
    assert page.index("Mời số B001") < page.index("A001")
    with morning.begin() as session:
        act_on(session, first.id, "recall", facility=FACILITY, by="bac.si", now=MORNING + timedelta(minutes=3))
    again = browser.get("/board/all/state").text
    assert "Mời số A001" in again
    assert again.count('<td class="number">A001</td>') == 1


def test_a_missed_number_leaves_the_calls_and_is_told_how_to_come_back(browser: Browser, morning: Database) -> None:
    first = call(morning, "NOI", "Phòng 101")
    with morning.begin() as session:
        act_on(session, first.id, "miss", facility=FACILITY, by="bac.si", now=MORNING)
    page = browser.get("/board/all/state").text
    assert "Chưa gọi số nào" in page
    assert page.count("vắng mặt: A001. Xin quét phiếu") == 1
    with morning.begin() as session:
        act_on(session, first.id, "resume", facility=FACILITY, by="bac.si", now=MORNING)
    assert "A001" not in browser.get("/board/all/state").text


def test_an_area_shows_its_clinics_only(browser: Browser, morning: Database) -> None:
    call(morning, "NOI", "Phòng 101")
    call(morning, "NHI", "Phòng 102")
    assert "A001" not in browser.get("/board/NHI").text
    assert "Khám nội" not in browser.get("/board/NHI").text
    both = browser.get("/board/NHI+NOI").text
    assert "A001" in both
    assert "B001" in both


@pytest.mark.parametrize("path", ["/board/MAT", "/board/NOI+MAT", "/board/+", "/board/all?facility=00000"])
def test_an_area_that_is_none_is_not_found(browser: Browser, morning: Database, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_with_two_hospitals_the_address_must_say_which(browser: Browser, morning: Database) -> None:
    call(morning, "NOI", "Phòng 101")
    build_hospital(morning, "79999")
    assert browser.get("/board/all").status_code == 404
    assert "A001" in browser.get(f"/board/all?facility={FACILITY}").text
    assert "A001" not in browser.get("/board/all?facility=79999").text


def test_yesterdays_calls_are_gone_once_the_night_is_over(browser: Browser, morning: Database) -> None:
    call(morning, "NOI", "Phòng 101")
    browser.clock.pass_by(timedelta(hours=23))
    page = browser.get("/board/all").text
    assert "A001" not in page
    assert f"{GENERAL}<td>0</td>" in page
