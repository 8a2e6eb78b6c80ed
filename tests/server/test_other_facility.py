"""Whatever address names something of one hospital, staff of another find nothing there; made from the access table."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from server.accounts.access import ACCESS
from server.accounts.models import SecurityKey, User
from server.accounts.roles import Role
from server.accounts.tokens import Scope, create_token
from server.accounts.vault import Vault
from server.appointments.service import Booking, book
from server.contract.fleet import CardPassword, CommandKind
from server.contract.v1 import CallStaff
from server.db import Database
from server.domain.codes import VISIT_PREFIX
from server.domain.outbound import OutboundState
from server.facilities.models import Room
from server.facilities.rooms import close_room
from server.fleet.card_help import send_password
from server.fleet.commands import give_command
from server.fleet.hand_overs import take_hand_over
from server.fleet.models import StaffCall
from server.fleet.pairing import begin_pairing
from server.fleet.service import Device, call_staff
from server.fleet.state import take_report
from server.outbox.models import OutboundMessage
from server.printing.models import PrintOrder
from server.printing.service import order_copy
from server.queues.calling import call_next
from server.queues.models import TicketMove
from server.registration.models import Encounter, EncounterIssue
from server.registration.overrides import reprint_ticket
from tests.server.fleet.reports import SESSION, handed_over, report
from tests.server.hospital import DAY, FACILITY, MORNING, add_kiosk, arrival, build_hospital, register
from tests.server.staff import Browser, add_staff

FOREIGN = "79999"

# A person's record is one for all hospitals of a server, as the person is one; who reads or changes it stands in the
# audit trail. What belongs to a hospital are the visits.
SHARED = {name for name in ACCESS if name.startswith("patients.")}
# What names something of the asker alone; that a colleague finds nothing there is tested with it.
OWN = {"accounts.remove_key"}
NO_OBJECTS = {"form"}  # a part of an address that chooses a form of something, not something

# What a form must hold to get as far as looking for what the address names.
FIELDS = {
    "version": "1", "reason": "đã xem giấy tờ", "service": "NHI", "copy_number": "1", "decision": "confirmed",
    "session": str(SESSION), "role": "auditor", "payer": "self", "price_vnd": "0", "ground": "pregnancy", "seen": "",
    "act": "skip", "to": "service:NHI", "day": str(DAY), "on_duty": "morning", "tables": "1",
    "attempts": "1", "wants": "number", "number": "000018",
}  # fmt: skip


@pytest.fixture
def ours(browser: Browser, hospital: Database, kiosk: Device) -> dict[str, str]:
    """One of everything that an address or a form can name, by the name it has there."""
    encounter_id = register(hospital, arrival(), kiosk).answer.encounter_id
    differing = arrival("034190000017", service="NHI", person={"born_on": "1991-08-15"})
    second_id = register(hospital, differing, kiosk).answer.encounter_id
    add_staff(hospital, "cua.ta")
    desk, _ = add_kiosk(hospital, "Q")
    take_report(hospital, report(place="desk"), device=desk, now=MORNING)
    refused_key = uuid4()
    refused = {
        "request_key": refused_key, "what": "visit", "recorded_at": MORNING, "reason": "late.service.closed",
        "own_number": None,
    }  # fmt: skip
    take_report(hospital, report(refused=[refused]), device=kiosk, now=MORNING)
    vault: Vault = browser.app.extensions["vault"]
    call = CallStaff(request_key=uuid4(), step="choosing", problem=None, called_at=MORNING)
    by, now = "le.tan", MORNING
    with hospital.begin() as session:
        issue = session.scalars(sa.select(EncounterIssue).where(EncounterIssue.encounter_id == second_id)).first()
        assert issue is not None
        issue.encounter_id = encounter_id  # one visit has it all
        ticket_id, _ = reprint_ticket(
            session, encounter_id=encounter_id, facility=FACILITY, copy=1, by=by, now=now
        )  # fmt: skip
        order_copy(session, encounter_id=encounter_id, kiosk_id=kiosk.id, facility=FACILITY, copy=2, by=by, now=now)
        call_staff(session, call, device=kiosk, now=now)
        command = give_command(
            session, kiosk_id=kiosk.id, facility=FACILITY, kind=CommandKind.HAND_OVER, by=by, now=now,
            arguments={"session": str(SESSION)}, lives=timedelta(hours=1),
        )  # fmt: skip
        opening = send_password(
            session, kiosk.id, CardPassword(number="000018"), person=SESSION, facility=FACILITY, vault=vault, by=by,
            now=now,
        )  # fmt: skip
        token, _ = create_token(session, facility=FACILITY, name="HIS", scopes=[Scope.METRICS_READ], by=by, now=now)
        draft, _ = take_hand_over(session, handed_over(), device=kiosk, vault=vault, now=now)
        room_id = session.scalars(sa.select(Room.id).where(Room.name == "Phòng 101")).one()
        call_next(session, facility=FACILITY, queue="NOI", room_id=room_id, current=None, by=by, now=now)
        booking = Booking(request_key=uuid4(), service="NHI", due_on=DAY)
        patient_id = session.get_one(Encounter, encounter_id).patient_id
        appointment = book(session, booking, patient_id=patient_id, facility=FACILITY, by="staff:le.tan", now=now)
        closure = close_room(session, facility=FACILITY, room_id=room_id, day=DAY, reason="hỏng", by=by, now=now)
        message = OutboundMessage(
            key=uuid4(), facility_code=FACILITY, encounter_id=encounter_id, written_at=now, state=OutboundState.DEAD,
            attempts=1, tries=1,
        )  # fmt: skip
        user_id = session.scalar(sa.select(User.id).where(User.username == "cua.ta"))
        key = SecurityKey(
            user_id=user_id, name="khóa xanh", rp_id="localhost", credential_id=b"1", credential=b"", transports=[],
            verifies_person=True, sign_count=0, added_at=now,
        )  # fmt: skip
        session.add_all([message, key])
        session.flush()
        named: dict[str, UUID | str | int | None] = {
            "encounter_id": encounter_id, "issue_id": issue.id, "ticket_id": ticket_id, "copy": 1, "queue": "NOI",
            "room_id": room_id, "kiosk_id": kiosk.id, "command_id": command.id, "opening_id": opening,
            "draft_id": draft.id,
            "pairing_id": begin_pairing(session, desk.id, facility=FACILITY, by=by, now=now),
            "token_id": token.id, "appointment_id": appointment.id, "closure_id": closure.id,
            "message_id": message.id, "request_key": refused_key,
            "call_id": session.scalar(sa.select(StaffCall.id)),
            "order_id": session.scalar(sa.select(PrintOrder.command_id)),
            "press_id": session.scalar(sa.select(TicketMove.press_id)),
            "user_id": user_id, "key_id": key.id,
            "code": f"{VISIT_PREFIX}{session.get_one(Encounter, encounter_id).visit_code}",
        }  # fmt: skip
    return {name: str(value) for name, value in named.items()}


def named_endpoints(app: Flask) -> list[tuple[str, str, str]]:
    """Return endpoint, method and rule of everything for staff whose address names something of a hospital."""
    found = []
    for rule in app.url_map.iter_rules():
        is_for_staff = isinstance(ACCESS.get(rule.endpoint), frozenset) and rule.endpoint not in SHARED | OWN
        if is_for_staff and rule.arguments - NO_OBJECTS:
            found.append((rule.endpoint, next(iter((rule.methods or set()) & {"GET", "POST"})), rule.rule))
    # What is looked at before what is changed, and what is thrown away last: the second walk changes things.
    return sorted(found, key=lambda one: (one[1] == "POST", "drop" in one[0], one[0]))


def ask(browser: Browser, method: str, rule: str, named: dict[str, str], token: str) -> int:
    address = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: named[part[1]], rule)
    if method == "GET":
        answer = browser.client.get(f"{address}?session={SESSION}", headers={"Sec-Fetch-Mode": "cors"})
    else:
        answer = browser.client.post(address, data={"csrf_token": token, **FIELDS, **named})
    answer.close()
    return answer.status_code


def walk(browser: Browser, database: Database, facility: str, named: dict[str, str]) -> dict[str, int]:
    """Ask for every endpoint as somebody of ``facility`` whose role may; return the status of each answer."""
    people: dict[Role, tuple[Browser, str]] = {}
    answers = {}
    for endpoint, method, rule in named_endpoints(browser.app):
        access = ACCESS[endpoint]
        assert isinstance(access, frozenset)
        role = next(role for role in (Role.RECEPTION_LEAD, Role.ADMINISTRATOR, *Role) if role in access)
        if role not in people:
            person = browser.another()
            person.sign_in(add_staff(database, f"{role}.{facility}", role, facility=facility))
            people[role] = person, person.token("/password")
        person, token = people[role]
        answers[endpoint] = ask(person, method, rule, named, token)
    return answers


def test_staff_of_another_hospital_find_nothing_where_our_own_find_it(
    browser: Browser, hospital: Database, ours: dict[str, str]
) -> None:
    build_hospital(hospital, FOREIGN)
    foreign = walk(browser, hospital, FOREIGN, ours)
    assert {endpoint: status for endpoint, status in foreign.items() if status != 404} == {}
    own = walk(browser, hospital, FACILITY, ours)
    assert {endpoint: status for endpoint, status in own.items() if status in {401, 403, 404} or status >= 500} == {}
    assert len(own) > 30
