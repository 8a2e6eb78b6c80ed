"""A visit taken back by mistake lives again on its day: same number, same place, same slip in the patient's hand."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.accounts.roles import Role
from server.appointments.models import Appointment
from server.db import Database
from server.domain.appointments import AppointmentStatus
from server.domain.encounter import EncounterStatus
from server.domain.queue import TicketStatus
from server.errors import Refused, StaleVersion
from server.facilities.models import Room
from server.feed import FeedRow
from server.fleet.service import Device
from server.insurance.models import CardCheck
from server.insurance.requests import request_check
from server.queues.calling import act_on, call_next
from server.queues.models import Ticket
from server.registration import corrections
from server.registration.corrections import Act
from server.registration.models import Encounter, Override
from tests.server.appointments.promises import coming, known_patient, promise
from tests.server.hospital import FACILITY, MORNING, arrival, register
from tests.server.staff import PASSWORD, Browser, add_staff

NOW = MORNING + timedelta(minutes=10)
CANCEL = Act(FACILITY, "Bệnh nhân xin về", 1, "le.tan", NOW)
RESTORE = Act(FACILITY, "Hủy nhầm người", 2, "le.tan", NOW + timedelta(minutes=2))


@pytest.fixture
def encounter_id(hospital: Database, kiosk: Device) -> UUID:
    return register(hospital, arrival(), kiosk).answer.encounter_id


def cancel(database: Database, encounter_id: UUID, act: Act = CANCEL) -> None:
    with database.begin() as session:
        corrections.cancel_encounter(session, encounter_id, act)


def restore(database: Database, encounter_id: UUID, act: Act = RESTORE, *, is_lead: bool = False) -> None:
    with database.begin() as session:
        corrections.restore_encounter(session, encounter_id, act, is_lead=is_lead, checks_insurance=True)


def ticket_of(database: Database, encounter_id: UUID) -> Ticket:
    with database.reading() as session:
        return session.scalars(sa.select(Ticket).where(Ticket.encounter_id == encounter_id)).one()


def call(database: Database, current: UUID | None = None) -> Ticket | None:
    with database.begin() as session:
        room = session.scalars(sa.select(Room.id).where(Room.name == "Phòng 101")).one()
        return call_next(session, facility=FACILITY, queue="NOI", room_id=room, current=current, by="bs", now=NOW)


def test_the_same_number_is_called_before_those_who_came_after(
    hospital: Database, kiosk: Device, encounter_id: UUID
) -> None:
    register(hospital, arrival("034190000025", arrived_at=MORNING + timedelta(minutes=1)), kiosk)
    cancel(hospital, encounter_id)
    restore(hospital, encounter_id)
    with hospital.reading() as session:
        visit = session.get_one(Encounter, encounter_id)
        assert (visit.status, visit.cancel_reason) == (EncounterStatus.ARRIVED, None)
        made = session.scalars(sa.select(Override).order_by(Override.at)).all()
        topics = session.scalars(sa.select(FeedRow.topic).where(FeedRow.at == RESTORE.now)).all()
    assert [(one.old_value, one.new_value, one.reason) for one in made] == [
        ("arrived", "cancelled", CANCEL.reason), ("cancelled", "arrived", RESTORE.reason)
    ]  # fmt: skip
    assert {"encounter", "ticket", "call"} <= set(topics)  # desk, phone page and display draw it anew
    called = call(hospital)
    assert called is not None
    assert called.label == "A001"


@pytest.mark.parametrize(
    ("acts", "after"),
    [
        ((), TicketStatus.WAITING),
        (("call",), TicketStatus.WAITING),  # the room has gone on; the place by arrival is at the head
        (("call", "miss"), TicketStatus.MISSED),  # the mistake of the desk is no way round the rule of the queue
        (("call", "hold"), TicketStatus.HELD),
    ],
)
def test_a_number_returns_by_the_rule_of_its_queue(
    hospital: Database, encounter_id: UUID, acts: tuple[Literal["call", "miss", "hold"], ...], after: TicketStatus
) -> None:
    ticket = ticket_of(hospital, encounter_id)
    for act in acts:
        if act == "call":
            call(hospital)
            continue
        with hospital.begin() as session:
            act_on(session, ticket.id, act, facility=FACILITY, by="bs", now=NOW)
    cancel(hospital, encounter_id)
    restore(hospital, encounter_id)
    assert ticket_of(hospital, encounter_id).status is after


def test_who_missed_the_call_rejoins_after_three_others_as_before(
    hospital: Database, kiosk: Device, encounter_id: UUID
) -> None:
    ticket = call(hospital)
    assert ticket is not None
    with hospital.begin() as session:
        act_on(session, ticket.id, "miss", facility=FACILITY, by="bs", now=NOW)
    cancel(hospital, encounter_id)
    restore(hospital, encounter_id)
    with hospital.begin() as session:
        assert act_on(session, ticket.id, "resume", facility=FACILITY, by="bs", now=NOW).after_call == 4


def test_the_appointment_counts_as_used_again(hospital: Database, kiosk: Device) -> None:
    promised = promise(hospital, known_patient(hospital))
    visit = register(hospital, coming(promised.code), kiosk).answer.encounter_id
    for turn in range(2):  # a second mistake finds it again
        cancel(hospital, visit, replace(CANCEL, version=1 + 2 * turn, now=NOW + timedelta(minutes=4 * turn)))
        with hospital.reading() as session:
            assert session.get_one(Appointment, promised.id).status is AppointmentStatus.BOOKED
        later = RESTORE.now + timedelta(minutes=4 * turn)
        restore(hospital, visit, replace(RESTORE, version=2 + 2 * turn, now=later))
        with hospital.reading() as session:
            used = session.get_one(Appointment, promised.id)
        assert (used.status, used.encounter_id, used.used_at) == (AppointmentStatus.FULFILLED, visit, later)


@pytest.mark.parametrize("is_answered", [True, False])
def test_the_gateway_is_asked_again_unless_it_answered(
    hospital: Database, encounter_id: UUID, is_answered: bool
) -> None:
    with hospital.begin() as session:
        visit = session.get_one(Encounter, encounter_id)
        request_check(
            session, encounter_id=encounter_id, facility=FACILITY, person=visit.patient.identity,
            card_number="DN4010012345678", arrived_at=visit.arrived_at, now=MORNING,
        )  # fmt: skip
        if is_answered:
            session.execute(sa.update(CardCheck).values(answered_at=MORNING, next_attempt_at=None))
    cancel(hospital, encounter_id)
    restore(hospital, encounter_id)
    with hospital.reading() as session:
        due = session.scalars(sa.select(CardCheck.next_attempt_at)).one()
    assert due == (None if is_answered else RESTORE.now)


def test_another_number_taken_meanwhile_stays_the_only_one(
    hospital: Database, kiosk: Device, encounter_id: UUID
) -> None:
    cancel(hospital, encounter_id)
    register(hospital, arrival(), kiosk, NOW)
    with pytest.raises(Refused, match=r"restore\.number"):
        restore(hospital, encounter_id)
    assert ticket_of(hospital, encounter_id).status is TicketStatus.CANCELLED


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (replace(RESTORE, by="dong.nghiep"), "restore.others"),
        (replace(RESTORE, now=NOW + timedelta(days=1)), "restore.past"),
        (replace(RESTORE, reason=" . "), "reason_missing"),
    ],
)
def test_nobody_else_no_other_day_and_nothing_without_a_reason(
    hospital: Database, encounter_id: UUID, act: Act, code: str
) -> None:
    cancel(hospital, encounter_id)
    with pytest.raises(Refused, match=code):
        restore(hospital, encounter_id, act)
    with pytest.raises(StaleVersion):
        restore(hospital, encounter_id, replace(RESTORE, version=1))


def test_a_visit_that_stands_is_not_restored(hospital: Database, encounter_id: UUID) -> None:
    with pytest.raises(Refused, match=r"restore\.not_cancelled"):
        restore(hospital, encounter_id, replace(RESTORE, version=1), is_lead=True)


def test_the_page_offers_it_to_who_took_the_visit_back_and_to_the_lead(
    desk: Browser, hospital: Database, encounter_id: UUID
) -> None:
    address = f"/reception/encounters/{encounter_id}"
    desk.post(f"{address}/cancel", token_from=address, version="1", reason="Bệnh nhân xin về")
    assert "Khôi phục số A001" in desk.get(address).text
    colleague, lead = desk.another(), desk.another()
    colleague.sign_in(add_staff(hospital, "dong.nghiep"))
    page = colleague.get(address).text
    assert "Khôi phục số A001" not in page
    assert "người đã hủy hoặc trưởng quầy khôi phục được" in page
    refused = colleague.send(f"{address}/restore", version="2", reason="Hủy nhầm", step_up_secret=PASSWORD)
    assert (refused.status_code, "do người khác hủy" in refused.text) == (422, True)
    lead.sign_in(add_staff(hospital, "truong.quay", Role.RECEPTION_LEAD))
    lead.clock.pass_by(timedelta(seconds=1))
    done = lead.send(f"{address}/restore", version="2", reason="Hủy nhầm", step_up_secret=PASSWORD)
    assert done.status_code == 303
    page = lead.get(address).text
    assert "Khôi phục lượt khám, số A001" in page
    assert "Lý do: Hủy nhầm" in page
