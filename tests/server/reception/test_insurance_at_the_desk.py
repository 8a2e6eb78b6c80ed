"""What reception sees of the insurance gateway's answers."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from server.db import Database
from server.fleet.service import Device
from server.insurance.messages import CardAnswer
from server.insurance.models import CardCheck
from server.insurance.service import store_answer, take_due_check
from tests.server.hospital import FACILITY, MORNING, arrival, register
from tests.server.staff import Browser

NUMBER = "GD4349900000001"


def answered(database: Database, kiosk: Device, answer: dict[str, str]) -> UUID:
    """Return a visit about whose card the gateway has said ``answer``."""
    visit = register(database, arrival(insurance={"card_number": NUMBER}), kiosk).answer.encounter_id
    with database.begin() as session:
        session.add(
            CardCheck(
                encounter_id=visit, facility_code=FACILITY, local_day=MORNING.date(), number=NUMBER,
                full_name="Nguyễn Thị Thử Nghiệm", born_on="1990-08-15", is_claimed=True, attempts=0,
                next_attempt_at=MORNING,
            )
        )  # fmt: skip
    with database.begin() as session:
        taken = take_due_check(session, facilities=[FACILITY], now=MORNING)
        assert taken is not None
        parsed = CardAnswer.model_validate(answer)
        store_answer(session, taken, parsed, sealed=b"", now=MORNING + timedelta(seconds=2))
    with database.reading() as session:
        assert session.scalar(sa.select(CardCheck.answered_at)) is not None
    return visit


def test_confirmed_card_is_a_good_light_in_the_list_and_on_the_visits_page(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    card = {"maKetQua": "000", "maThe": NUMBER, "gtTheTu": "01/01/2026", "gtTheDen": "31/12/2030", "maDKBD": "34018"}
    visit = answered(hospital, kiosk, card)
    row = desk.get(f"/reception/rows?id={visit}").get_json()["rows"][0]["html"]
    assert "Thẻ còn giá trị" in row
    assert "Cần xem lại" not in row
    page = desk.get(f"/reception/encounters/{visit}").text
    for words in (NUMBER, "34018", "01/01/2026 đến 31/12/2030", "Cổng BHYT trả lời: Thẻ còn giá trị (mã 000)"):
        assert words in page
    assert "Chưa kiểm tra" not in page


def test_card_that_has_expired_rings_and_says_why(desk: Browser, hospital: Database, kiosk: Device) -> None:
    visit = answered(hospital, kiosk, {"maKetQua": "010"})
    row = desk.get(f"/reception/rows?id={visit}").get_json()["rows"][0]["html"]
    assert "Thẻ không còn giá trị" in row
    assert "Cần xem lại" in row
    page = desk.get(f"/reception/encounters/{visit}").text
    assert "Cổng BHYT chưa xác nhận thẻ: thẻ đã hết hạn." in page
    assert NUMBER in page


def test_name_that_does_not_match_is_shown_as_it_was_sent(desk: Browser, hospital: Database, kiosk: Device) -> None:
    visit = answered(hospital, kiosk, {"maKetQua": "061"})
    page = desk.get(f"/reception/encounters/{visit}").text
    assert "họ tên không khớp, chỉ đúng chữ cái đầu" in page
    assert "Thông tin chưa khớp" in page
