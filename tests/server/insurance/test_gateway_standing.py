"""How the gateway is today: told to those who can mend it, and to nobody when one question had no answer."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from server.accounts.roles import Role
from server.db import Database
from server.fleet.service import Device
from server.insurance.models import CardCheck
from server.insurance.standing import GatewayStanding, GatewayState, judge
from server.registration.service import register_encounter
from server.snapshots import KEPT_FOR
from tests.server.hospital import MORNING, arrival
from tests.server.staff import Browser, add_staff

ANSWERS, SILENT = GatewayState.ANSWERS, GatewayState.SILENT
ACCOUNT, OFFICER = GatewayState.REFUSES_ACCOUNT, GatewayState.REFUSES_OFFICER
REFUSED = "account refused with 401"


def minute(after: float | None) -> datetime | None:
    return None if after is None else MORNING + timedelta(minutes=after)


@pytest.mark.parametrize(
    ("answered", "result", "failed", "error", "state", "code"),
    [
        (None, None, None, None, None, ""),  # nothing was asked
        (9, "000", None, None, ANSWERS, ""),
        (9, "110", None, None, ANSWERS, ""),  # a card that does not hold is an answer
        (9, "000", 5, "timeout", ANSWERS, ""),  # it is back
        (9.5, "000", 9.9, "timeout", ANSWERS, ""),  # one question without an answer
        (8, "000", 9.9, "timeout", SILENT, "timeout"),
        (None, None, 9.9, "connect", SILENT, "connect"),  # since the morning
        (9.9, "000", 9.95, REFUSED, ACCOUNT, "401"),  # at once: no patience mends it
        (9, "054", None, None, OFFICER, "054"),
        (9, "777", None, None, OFFICER, "777"),  # a code nobody has met: a person looks
    ],
)
def test_what_the_last_answer_and_the_last_failure_say_together(
    answered: float | None, result: str | None, failed: float | None, error: str | None, state: GatewayState | None,
    code: str,
) -> None:  # fmt: skip
    now = MORNING + timedelta(minutes=10)
    found = judge(
        answered_at=minute(answered), result_code=result, failed_at=minute(failed), error=error, waiting=3, now=now
    )
    expected = None if state is None else GatewayStanding(state, minute(answered), code, 3)
    assert found == expected


def test_the_technician_and_the_desk_are_told_that_the_gateway_is_silent_and_how_many_wait(
    hospital: Database, kiosk: Device, desk: Browser
) -> None:
    assert "Cổng BHXH" not in desk.get("/kiosks").text
    with hospital.begin() as session:
        for number, card in (("034190000017", "GD4340123456789"), ("034190000025", "GD4340123456790")):
            command = arrival(number, insurance={"card_number": card})
            register_encounter(session, command, device=kiosk, actor="kiosk", now=MORNING, checks_insurance=True)
    with hospital.begin() as session:
        failed = {"attempts": 1, "asked_at": MORNING, "error": "timeout", "next_attempt_at": MORNING}
        session.execute(sa.update(CardCheck).values(failed))
    technician = desk.another()
    technician.sign_in(add_staff(hospital, "ky.thuat", Role.TECHNICIAN))
    said = "Cổng BHXH không trả lời (quá giờ chờ), hôm nay chưa trả lời lần nào. 2 thẻ sẽ tự kiểm tra lại"
    for page in (technician.get("/kiosks"), desk.get("/reception")):
        assert said in page.text
    with hospital.begin() as session:
        answered = {"answered_at": MORNING, "error": None, "result_code": "000", "next_attempt_at": None}
        session.execute(sa.update(CardCheck).values(answered))
    desk.clock.pass_by(KEPT_FOR)
    assert "Cổng BHXH đang trả lời (lần cuối 07:15)" in technician.get("/kiosks").text
    assert "Cổng BHXH" not in desk.get("/kiosks/strip").text
