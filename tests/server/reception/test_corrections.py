"""Putting a visit right: each a fact with its reason, of two one wins, and who was taken back is called no more."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.accounts.roles import Role
from server.accounts.sessions import CONFIRMED_FOR
from server.audit import AuditLine
from server.db import Database
from server.domain.catalogue import Payer
from server.domain.encounter import EncounterStatus
from server.domain.identity import IdentityAssurance
from server.domain.queue import TicketStatus
from server.errors import NotFound, Refused, StaleVersion
from server.fleet.service import Device
from server.insurance.models import CardCheck
from server.insurance.requests import request_check
from server.queues.models import Ticket
from server.registration import corrections
from server.registration.corrections import Act, Card
from server.registration.models import Encounter, Override
from tests.server.hospital import FACILITY, MORNING, arrival, register
from tests.server.staff import PASSWORD, Browser, add_staff

NOW = MORNING + timedelta(minutes=10)
ACT = Act(FACILITY, "Đã xem giấy tờ gốc", 1, "le.tan", NOW)
CARD = Card("DN4010012345678", "34001", date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def encounter_id(hospital: Database, kiosk: Device) -> UUID:
    command = arrival(
        evidence={"assurance": "qr", "method": "qr", "access": None}, insurance={"card_number": "HC4010099999999"}
    )
    return register(hospital, command, kiosk).answer.encounter_id


def encounter(database: Database, encounter_id: UUID) -> Encounter:
    with database.reading() as session:
        return session.get_one(Encounter, encounter_id)


def overrides(database: Database) -> list[tuple[str, str | None, str | None, str]]:
    with database.reading() as session:
        rows = session.scalars(sa.select(Override).order_by(Override.field))
        return [(row.field, row.old_value, row.new_value, row.reason) for row in rows]


def last_action(database: Database) -> tuple[str, str]:
    with database.reading() as session:
        line = session.scalars(sa.select(AuditLine).order_by(AuditLine.sequence.desc())).first()
        assert line is not None
        return line.action, str(line.details)


def test_staff_confirm_who_it_is(hospital: Database, encounter_id: UUID) -> None:
    with hospital.begin() as session:
        corrections.confirm_identity(session, encounter_id, ACT)
    found = encounter(hospital, encounter_id)
    assert (found.assurance, "identity" in found.unverified) == (IdentityAssurance.STAFF, False)
    assert overrides(hospital) == [("assurance", "qr", "staff", ACT.reason)]
    assert last_action(hospital)[0] == "encounter.identity-confirmed"
    with pytest.raises(Refused, match=r"override\.same"), hospital.begin() as session:
        corrections.confirm_identity(session, encounter_id, replace(ACT, version=2))


def test_a_card_put_right_is_asked_about_anew_and_a_late_answer_to_the_old_one_counts_nothing(
    hospital: Database, encounter_id: UUID
) -> None:
    with hospital.begin() as session:
        visit = session.get_one(Encounter, encounter_id)
        request_check(
            session, encounter_id=encounter_id, facility=FACILITY, person=visit.patient.identity,
            card_number=visit.insurance_card, arrived_at=visit.arrived_at, now=MORNING,
        )  # fmt: skip
        check = session.scalars(sa.select(CardCheck)).one()
        check.attempts, check.result_code = 3, "070"
    with hospital.begin() as session:
        corrections.change_card(session, encounter_id, CARD, ACT, checks_insurance=True)
    found = encounter(hospital, encounter_id)
    assert (found.insurance_card, found.insurance_to) == (CARD.number, CARD.valid_to)
    assert "insurance" in found.unverified
    assert [field for field, *_ in overrides(hospital)] == [
        "insurance_card", "insurance_facility", "insurance_from", "insurance_to"
    ]  # fmt: skip
    with hospital.reading() as session:
        check = session.scalars(sa.select(CardCheck)).one()
    assert (check.number, check.attempts, check.result_code, check.next_attempt_at) == (CARD.number, 4, None, NOW)
    assert CARD.number not in last_action(hospital)[1]  # the log keeps codes


def test_a_card_taken_off_leaves_the_visit_without_one(hospital: Database, encounter_id: UUID) -> None:
    with hospital.begin() as session:
        corrections.change_card(session, encounter_id, None, ACT, checks_insurance=False)
    found = encounter(hospital, encounter_id)
    assert (found.insurance_card, "insurance" in found.unverified) == (None, False)


def test_another_payer_brings_the_price_of_the_day(hospital: Database, encounter_id: UUID) -> None:
    with hospital.begin() as session:
        corrections.change_payer(session, encounter_id, Payer.ON_REQUEST, ACT)
    found = encounter(hospital, encounter_id)
    assert found.payer is Payer.ON_REQUEST
    assert [field for field, *_ in overrides(hospital)] == ["payer", "price_vnd"]


@pytest.mark.parametrize("price_vnd", [-1, 100_000_001])
def test_an_impossible_fee_is_refused(hospital: Database, encounter_id: UUID, price_vnd: int) -> None:
    with pytest.raises(Refused, match=r"fee\.impossible"), hospital.begin() as session:
        corrections.change_fee(session, encounter_id, price_vnd, ACT)


def test_a_visit_taken_back_is_called_no_more_and_leaves_room_for_a_new_one(
    hospital: Database, kiosk: Device, encounter_id: UUID
) -> None:
    with hospital.begin() as session:
        corrections.cancel_encounter(session, encounter_id, ACT)
    found = encounter(hospital, encounter_id)
    assert (found.status, found.cancel_reason) == (EncounterStatus.CANCELLED, ACT.reason)
    with hospital.reading() as session:
        assert session.scalars(sa.select(Ticket.status)).all() == [TicketStatus.CANCELLED]
    again = register(hospital, arrival(), kiosk, NOW).answer
    assert again.ticket.label == "A002"
    assert again.ticket.waiting_before == 0
    with pytest.raises(Refused, match=r"encounter\.ended"), hospital.begin() as session:
        corrections.change_fee(session, encounter_id, 0, replace(ACT, version=2))


def test_nobody_is_taken_back_from_under_the_doctors_hands(hospital: Database, encounter_id: UUID) -> None:
    with hospital.begin() as session:
        session.execute(sa.update(Ticket).values(status=TicketStatus.SERVING))
    with pytest.raises(Refused, match="under_way"), hospital.begin() as session:
        corrections.cancel_encounter(session, encounter_id, ACT)


def test_nothing_is_put_right_without_a_reason_or_elsewhere(hospital: Database, encounter_id: UUID) -> None:
    with pytest.raises(Refused, match="reason_missing"), hospital.begin() as session:
        corrections.cancel_encounter(session, encounter_id, replace(ACT, reason=" . "))
    with pytest.raises(NotFound), hospital.begin() as session:
        corrections.cancel_encounter(session, encounter_id, replace(ACT, facility="79999"))
    assert overrides(hospital) == []


def test_of_eight_who_change_one_fee_at_once_one_wins(hospital: Database, encounter_id: UUID) -> None:
    def attempt(price_vnd: int) -> str:
        try:
            with hospital.begin() as session:
                corrections.change_fee(session, encounter_id, price_vnd, replace(ACT, by=f"nv.{price_vnd}"))
        except StaleVersion:
            return "conflict"
        return "done"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(1000, 9000, 1000)))
    assert sorted(outcomes) == ["conflict"] * 7 + ["done"]
    assert len(overrides(hospital)) == 1


# On the page


def test_the_slower_of_two_sees_who_changed_what_and_why(desk: Browser, hospital: Database, encounter_id: UUID) -> None:
    address = f"/reception/encounters/{encounter_id}"
    colleague = desk.another()
    colleague.sign_in(add_staff(hospital, "dong.nghiep"))
    done = colleague.post(
        f"{address}/card", token_from=address, version="1", card_number="dn401 0012345678", card_facility="34001",
        valid_from="1/1/2026", valid_to="31/12/2026", reason="Bệnh nhân đưa thẻ mới",
    )  # fmt: skip
    assert done.headers["Location"] == f"{address}?done=corrected"
    late = desk.post(f"{address}/cancel", token_from=address, version="1", reason="Bệnh nhân về")
    assert late.status_code == 409
    for words in ("Đồng nghiệp vừa sửa", "Nhân viên dong.nghiep", "DN4010012345678", "Bệnh nhân đưa thẻ mới"):
        assert words in late.text
    assert encounter(hospital, encounter_id).status is EncounterStatus.ARRIVED
    page = desk.get(address).text
    assert "số thẻ BHYT: HC4010099999999 → DN4010012345678" in page
    assert "thẻ có giá trị đến: (trống) → 31/12/2026" in page


@pytest.mark.parametrize(
    "fields",
    [{"card_number": "12"}, {"card_number": "DN4010012345678", "valid_to": "2026"}, {"card_facility": "huyện"}],
)
def test_a_card_that_cannot_be_is_said(desk: Browser, encounter_id: UUID, fields: dict[str, str]) -> None:
    address = f"/reception/encounters/{encounter_id}"
    answer = desk.post(f"{address}/card", token_from=address, version="1", reason="Thẻ mới", **fields)
    assert answer.status_code == 422
    assert "số thẻ BHYT có 15 ký tự" in answer.text


def test_identity_fee_and_taking_back_ask_who_is_there_and_fees_are_the_leads(
    desk: Browser, hospital: Database, encounter_id: UUID
) -> None:
    address = f"/reception/encounters/{encounter_id}"
    token = desk.token(address)
    fee = {"csrf_token": token, "version": "1", "reason": "Miễn phí theo diện", "price_vnd": "0"}
    assert desk.client.post(f"{address}/fee", data=fee).status_code == 403
    lead = desk.another()
    lead.sign_in(add_staff(hospital, "truong.quay", Role.RECEPTION_LEAD))
    fee["csrf_token"] = lead.token(address)
    lead.clock.pass_by(CONFIRMED_FOR)
    assert "Xin xác nhận lại" in lead.client.post(f"{address}/fee", data=fee).text
    assert lead.client.post(f"{address}/fee", data={**fee, "step_up_secret": PASSWORD}).status_code == 303
    assert encounter(hospital, encounter_id).price_vnd == 0
    assert "Đổi giá khám" in desk.get(address).text
    desk.clock.pass_by(timedelta(seconds=1))
    for act in ("identity", "cancel"):
        answer = desk.client.post(f"{address}/{act}", data={"csrf_token": token, "version": "2", "reason": "Đã xem"})
        assert "step_up_secret" in answer.text, act


def test_the_usual_reasons_are_offered_in_the_language_of_the_page(desk: Browser, encounter_id: UUID) -> None:
    address = f"/reception/encounters/{encounter_id}"
    page = desk.get(address).text
    for act, words in (("cancel", "Người bệnh về, không khám"), ("card", "Sửa theo thẻ giấy"),
                       ("clinic", "Bác sĩ đề nghị chuyển"), ("payer", "Đã trình thẻ BHYT")):  # fmt: skip
        offered = page[page.index(f'<datalist id="usual-{act}">') :]
        assert f'<option value="{words}">' in offered[: offered.index("</datalist>")]
        assert f'list="usual-{act}"' in page
    desk.send("/language", language="en")
    assert '<option value="The patient left">' in desk.get(address).text
