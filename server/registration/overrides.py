"""What staff put right about an encounter: each change a fact with its reason, nothing overwritten unseen."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.domain.days import local_day
from server.domain.encounter import EncounterStatus, IssueCode
from server.domain.queue import TicketStatus
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.models import Clinic, Room, Service
from server.queues.live_days import is_of_live_day, live_since
from server.queues.models import Queue, QueueService, Ticket, TicketReprint
from server.queues.service import PLACE_COLUMNS, Place, held_number, holder_like, issue_online, live_ticket, place_from
from server.reasons import checked_reason
from server.registration.appointed import kept_time, note_kept_time
from server.registration.models import Encounter, EncounterIssue, Override

_MOVABLE: Final = {TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.MISSED, TicketStatus.HELD}


def get_encounter(session: Session, encounter_id: UUID, *, facility: str) -> Encounter:
    """Return an encounter of the facility, locked until the transaction ends; raises NotFound, for another's too."""
    encounter = session.scalar(
        sa.select(Encounter).where(Encounter.id == encounter_id, Encounter.facility_code == facility).with_for_update()
    )
    if encounter is None:
        raise NotFound("encounter.unknown", "the facility has no such encounter")
    return encounter


def change_service(
    session: Session, *, encounter_id: UUID, facility: str, service: str, reason: str, version: int, by: str,
    now: datetime, is_being_served: bool = False,
) -> Ticket:  # fmt: skip
    """Send a patient to another clinic; return the number that counts from now on.

    In another queue that is a new number; the old one stays as transferred, and the place in line follows from the
    arrival as before. ``version`` is the encounter's as the member of staff ``by`` saw it;
    ``is_being_served``: it is the clinic itself that sends the patient on. Raises NotFound, StaleVersion, Refused.
    """
    reason = checked_reason(reason)
    encounter = get_encounter(session, encounter_id, facility=facility)
    if encounter.version != version:
        raise StaleVersion("encounter")
    ticket = live_ticket(session, encounter.id)
    sends_on = is_being_served and ticket.status is TicketStatus.SERVING
    if not (can_be_moved(encounter, ticket) or sends_on):
        raise Refused("encounter.under_way", "the patient is being served or the visit has ended")
    if not is_of_live_day(session, ticket, at=now):
        raise Refused("encounter.past", "only today's patients can be sent to another clinic")
    new_service, place = _offered(session, facility, service, encounter)
    old_service = session.get_one(Service, encounter.service_id)
    encounter.service_id = new_service.id
    moved = ticket if place.queue_id == ticket.queue_id else _transfer(session, encounter, ticket, place, now)
    note_kept_time(session, encounter, moved)
    session.add(
        Override(
            encounter_id=encounter.id, field="service", old_value=old_service.code, new_value=new_service.code,
            reason=reason, by=by, at=now,
        )
    )  # fmt: skip
    audit.record(
        session, at=now, actor=f"staff:{by}", action="encounter.service-changed", subject_type="encounter",
        subject_id=encounter.id,
        details={"old": old_service.code, "new": new_service.code, "old_ticket": ticket.label, "ticket": moved.label},
    )  # fmt: skip
    _publish(session, encounter, now)
    session.flush()
    return moved


def can_be_moved(encounter: Encounter, ticket: Ticket) -> bool:
    """Whether the patient is still waiting for somebody, so that it may be another clinic."""
    return encounter.status is EncounterStatus.ARRIVED and ticket.status in _MOVABLE


def settle_issue(
    session: Session, *, encounter_id: UUID, issue_id: UUID, facility: str, decision: str, by: str, now: datetime
) -> None:
    """Note what a member of staff decided about a discrepancy; the first decision stands.

    Raises NotFound, StaleVersion, and Refused for declared priority: it is confirmed or refused
    (``queues.priorities.decide``), and a remark would leave the person without either.
    """
    decision = checked_reason(decision)
    encounter = get_encounter(session, encounter_id, facility=facility)
    issue = session.scalar(
        sa.select(EncounterIssue).where(EncounterIssue.id == issue_id, EncounterIssue.encounter_id == encounter.id)
    )
    if issue is None:
        raise NotFound("issue.unknown", "the encounter has no such issue")
    if issue.settled_at is not None:
        raise StaleVersion("issue")
    if issue.code is IssueCode.PRIORITY_DECLARED:
        raise Refused("issue.priority", "declared priority is confirmed or refused")
    issue.settled_at, issue.settled_by, issue.decision = now, by, decision
    audit.record(
        session, at=now, actor=f"staff:{by}", action="encounter.issue-settled", subject_type="encounter",
        subject_id=encounter.id, details={"issue": issue.code.value, "field": issue.field},
    )  # fmt: skip
    _publish(session, encounter, now)


def reprint_ticket(
    session: Session, *, encounter_id: UUID, facility: str, copy: int, by: str, now: datetime, actor: str | None = None
) -> tuple[UUID, int]:
    """Note one more paper with the number that counts; return the ticket's id and which copy it is.

    ``copy`` is the copy asked for, one more than the page showed: pressing the button twice makes one paper. ``actor``
    is the audit log's form of ``by`` where that is no member of staff. Raises NotFound, StaleVersion when somebody else
    made that copy.
    """
    encounter = get_encounter(session, encounter_id, facility=facility)
    ticket = live_ticket(session, encounter.id)
    holder = session.scalar(
        sa.select(TicketReprint.by).where(TicketReprint.ticket_id == ticket.id, TicketReprint.copy == copy)
    )
    if holder == by:
        return ticket.id, copy
    if holder is not None or copy != count_reprints(session, ticket.id) + 1:
        raise StaleVersion("ticket")
    session.add(TicketReprint(ticket_id=ticket.id, copy=copy, by=by, at=now))
    audit.record(
        session, at=now, actor=actor or f"staff:{by}", action="ticket.reprinted", subject_type="encounter",
        subject_id=encounter.id, details={"ticket": ticket.label, "copy": copy},
    )  # fmt: skip
    _publish(session, encounter, now)
    return ticket.id, copy


def count_reprints(session: Session, ticket_id: UUID) -> int:
    return session.scalar(sa.select(sa.func.max(TicketReprint.copy)).where(TicketReprint.ticket_id == ticket_id)) or 0


def _offered(session: Session, facility: str, code: str, encounter: Encounter) -> tuple[Service, Place]:
    row = session.execute(
        sa.select(Service, *PLACE_COLUMNS)
        .join(QueueService, QueueService.service_id == Service.id)
        .join(Queue, Queue.id == QueueService.queue_id)
        .join(Clinic, Clinic.id == Queue.clinic_id)
        .outerjoin(Room, Room.id == Queue.room_id)
        .where(Service.facility_code == facility, Service.code == code)
    ).one_or_none()
    if row is None:
        raise Refused("service.unknown", "the facility does not offer this service")
    service: Service = row[0]
    if service.withdrawn_on is not None and service.withdrawn_on <= encounter.local_day:
        raise Refused("service.withdrawn", "the facility no longer offers this service")
    if service.id == encounter.service_id:
        raise Refused("override.same", "the patient is at this clinic already")
    return service, place_from(row[1:])


def _transfer(session: Session, encounter: Encounter, ticket: Ticket, place: Place, now: datetime) -> Ticket:
    ticket.status = TicketStatus.TRANSFERRED
    ticket.superseded_at = now
    session.flush()  # the old number must leave the index of live ones before the new one enters it
    holder = replace(holder_like(ticket), due_at=kept_time(session, encounter))
    # Sent on after midnight, the number is one of the evening only where the other clinic still works it off.
    since = live_since(session, place.queue_id, at=now)
    day = max(encounter.local_day, since)
    if held_number(session, encounter.patient_id, place.queue_id, local_day(now), since=since) is not None:
        raise Refused("ticket.second_number", "the patient has a number in that queue already")
    if holder.sole_patient_id is None:
        holder = replace(holder, sole_patient_id=encounter.patient_id)
    return issue_online(session, place, holder, day=day, now=now)


def _publish(session: Session, encounter: Encounter, now: datetime) -> None:
    feed.publish(session, facility_code=encounter.facility_code, topic="encounter", subject_id=encounter.id, at=now)
