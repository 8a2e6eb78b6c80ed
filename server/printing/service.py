"""Slips that the desk orders from a kiosk's printer or its own, and papers of kiosks that may not have come out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from server import audit, feed
from server.appointments.service import is_by_appointment
from server.contract.fleet import CommandKind, ReprintSlip
from server.coverage.service import coverage_of
from server.domain.days import local_day
from server.domain.encounter import Unverified
from server.domain.kiosk_care import SILENT_AFTER
from server.errors import Conflict, NotFound, StaleVersion
from server.fleet.commands import DONE, give_command, outcome
from server.fleet.models import Command, Kiosk, KioskState
from server.fleet.service import Device
from server.patients.models import Patient
from server.printing.models import PrintOrder
from server.queues.models import Ticket, TicketReprint
from server.queues.service import get_place, live_ticket, ticket_message
from server.registration.models import Encounter
from server.registration.overrides import get_encounter, reprint_ticket

COPY_LIFE: Final = timedelta(minutes=3)
"""The patient stands at the desk and waits for it; a copy that comes later is found by somebody else."""

PRINTING_TIME: Final = timedelta(seconds=20)
"""From the slip's way to the kiosk to its word about it; an order with less left is not begun, so that the last word at
the desk is the right one."""

SETTLING_LIFE: Final = timedelta(days=1)
"""A kiosk that is off may learn tomorrow that a paper was given by hand."""

GIVEN: Final = "given-by-hand"
UNSURE: Final = "paper.unsure"  # the kiosk's word for a copy that may hang in its printer


@dataclass(frozen=True, slots=True)
class PrinterAtKiosk:
    """A printer that copies can be ordered from. ``trouble``: a stable code; None when it can print."""

    kiosk_id: UUID
    name: str
    trouble: str | None


@dataclass(frozen=True, slots=True)
class CopyLine:
    """One ordered slip; ``copy`` 0 is a visit's first one.

    ``outcome``: None while it is on its way, ``done``, ``given-by-hand``, or a stable code.
    """

    order: UUID
    encounter_id: UUID
    label: str
    copy: int
    kiosk: str
    at: datetime
    outcome: str | None

    @property
    def is_open(self) -> bool:
        """Whether somebody has to see to it: not printed, or nobody knows."""
        return self.outcome not in {None, DONE, GIVEN}


@dataclass(frozen=True, slots=True)
class UncertainPaper:
    """A kiosk's own paper of a visit that failed, or of which nobody knows whether it came out.

    ``is_settled``: the desk gave one by hand, and the kiosk has not heard of it yet.
    """

    encounter_id: UUID
    label: str
    full_name: str
    kiosk: str
    state: str  # "unsure", "failed"
    code: str
    is_settled: bool


@dataclass(frozen=True, slots=True)
class PaperWork:
    """What of one encounter's paper, or of all today's, somebody has to know."""

    uncertain: list[UncertainPaper]
    copies: list[CopyLine]

    @property
    def is_empty(self) -> bool:
        return not self.uncertain and not self.copies


def paper_work(session: Session, *, facility: str, now: datetime, encounter_id: UUID | None = None) -> PaperWork:
    """Return uncertain papers and ordered copies: all copies of one encounter, of the day those that are not settled.

    Raises NotFound for another facility's encounter.
    """
    if encounter_id is None:
        copies = [one for one in list_copies(session, facility=facility, now=now) if one.outcome not in {DONE, GIVEN}]
        return PaperWork(uncertain_papers(session, facility=facility, now=now), copies)
    key = session.scalar(
        sa.select(Encounter.request_key).where(Encounter.id == encounter_id, Encounter.facility_code == facility)
    )
    if key is None:
        raise NotFound("encounter.unknown", "the facility has no such encounter")
    return PaperWork(
        uncertain_papers(session, facility=facility, now=now, request_key=key),
        list_copies(session, facility=facility, now=now, encounter_id=encounter_id),
    )


def list_printers(session: Session, *, facility: str, now: datetime) -> list[PrinterAtKiosk]:
    """Return the kiosks that have a printer, those that can print first, then by name."""
    rows = session.execute(
        sa.select(Kiosk, KioskState)
        .join(KioskState, KioskState.kiosk_id == Kiosk.id)
        .where(Kiosk.facility_code == facility, Kiosk.revoked_at.is_(None))
        .order_by(Kiosk.name)
    )
    printers = []
    for kiosk, state in rows:
        device = next((one for one in state.devices if one["kind"] == "printer"), None)
        if device is None:
            continue
        trouble = device["code"] if device["state"] == "unavailable" else None
        is_silent = now - state.received_at >= SILENT_AFTER
        printers.append(PrinterAtKiosk(kiosk.id, kiosk.name, "kiosk.silent" if is_silent else trouble))
    return sorted(printers, key=lambda one: one.trouble is not None)


def find_printer(session: Session, kiosk_id: UUID, *, facility: str, now: datetime) -> PrinterAtKiosk | None:
    """Return the printer of a kiosk or of a desk's own devices; None where it has none."""
    printers = list_printers(session, facility=facility, now=now)
    return next((one for one in printers if one.kiosk_id == kiosk_id), None)


def order_copy(
    session: Session, *, encounter_id: UUID, kiosk_id: UUID, facility: str, copy: int, by: str, now: datetime
) -> PrintOrder:
    """Ask a kiosk for the given copy of the number that counts; the same again is the same order.

    Raises NotFound, StaleVersion when that copy was made by somebody else or ordered elsewhere, Conflict for a revoked
    kiosk.
    """
    ticket_id, copy = reprint_ticket(
        session, encounter_id=encounter_id, facility=facility, copy=copy, by=by, now=now
    )  # fmt: skip
    ordered = session.scalar(sa.select(PrintOrder).where(PrintOrder.ticket_id == ticket_id, PrintOrder.copy == copy))
    if ordered is not None:
        if ordered.command.kiosk_id != kiosk_id:
            raise StaleVersion("ticket")
        return ordered
    return _order(session, ticket_id, copy, encounter_id, kiosk_id=kiosk_id, facility=facility, by=by, now=now)


def order_first(
    session: Session, *, encounter_id: UUID, kiosk_id: UUID, facility: str, by: str, now: datetime
) -> PrintOrder | None:
    """Ask a desk's own printer for the first slip of a visit registered there; the same again is the same order.

    None where that printer cannot print now: the desk's computer prints it. Raises NotFound.
    """
    ticket = live_ticket(session, get_encounter(session, encounter_id, facility=facility).id)
    ordered = session.scalar(sa.select(PrintOrder).where(PrintOrder.ticket_id == ticket.id, PrintOrder.copy == 0))
    if ordered is not None:
        return ordered
    printer = find_printer(session, kiosk_id, facility=facility, now=now)
    if printer is None or printer.trouble is not None:
        return None
    session.add(TicketReprint(ticket_id=ticket.id, copy=0, by=by, at=now))
    return _order(session, ticket.id, 0, encounter_id, kiosk_id=kiosk_id, facility=facility, by=by, now=now)


def _order(
    session: Session, ticket_id: UUID, copy: int, encounter_id: UUID, *, kiosk_id: UUID, facility: str, by: str,
    now: datetime,
) -> PrintOrder:  # fmt: skip
    command = give_command(
        session, kiosk_id=kiosk_id, facility=facility, kind=CommandKind.REPRINT, by=by, now=now, lives=COPY_LIFE,
        arguments={"ticket": str(ticket_id), "copy": str(copy)},
    )  # fmt: skip
    session.flush()
    order = PrintOrder(command_id=command.id, encounter_id=encounter_id, ticket_id=ticket_id, copy=copy)
    session.add(order)
    return order


def slip_for(session: Session, order_id: UUID, *, device: Device, now: datetime) -> ReprintSlip:
    """Return what stands on an ordered copy, to the kiosk that is to print it; raises NotFound once it is over."""
    order = session.scalar(
        sa.select(PrintOrder)
        .join(Command, Command.id == PrintOrder.command_id)
        .where(
            PrintOrder.command_id == order_id,
            PrintOrder.given_at.is_(None),
            Command.kiosk_id == device.id,
            Command.done_at.is_(None),
            Command.expires_at > now + PRINTING_TIME,
        )
    )
    if order is None:
        raise NotFound("order.over", "this kiosk has no such order")
    encounter = session.get_one(Encounter, order.encounter_id)
    patient = session.get_one(Patient, encounter.patient_id)
    ticket = session.get_one(Ticket, order.ticket_id)
    return ReprintSlip(
        order=order.command_id,
        copy_number=order.copy,
        request_key=encounter.request_key,
        language="en" if encounter.language == "en" else "vi",
        full_name=patient.full_name,
        birth_year=patient.born_on[:4] if patient.born_on else None,
        insurance_unverified=Unverified.INSURANCE.value in encounter.unverified,
        visit_code=encounter.visit_code,
        ticket=ticket_message(ticket, get_place(session, ticket.queue_id)),
        by_appointment=is_by_appointment(session, encounter.id),
        payer=encounter.payer,
        price_vnd=_due_vnd(session, encounter),
    )


def _due_vnd(session: Session, encounter: Encounter) -> int | None:
    """Return what is paid before the examination, as the desk's page says it; the price where that is not known."""
    coverage = coverage_of(session, encounter)
    return coverage.charge.now_vnd if coverage and coverage.charge else encounter.price_vnd


def list_copies(session: Session, *, facility: str, now: datetime, encounter_id: UUID | None = None) -> list[CopyLine]:
    """Return today's ordered copies, of one encounter or of all, the latest first."""
    query = (
        sa.select(PrintOrder, Ticket.label)
        .join(Encounter, Encounter.id == PrintOrder.encounter_id)
        .join(Ticket, Ticket.id == PrintOrder.ticket_id)
        .join(Command, Command.id == PrintOrder.command_id)
        .where(Encounter.facility_code == facility)
        .options(joinedload(PrintOrder.command).joinedload(Command.kiosk))
        .order_by(Command.given_at.desc(), PrintOrder.command_id)
    )
    if encounter_id is None:
        query = query.where(Encounter.local_day == local_day(now))
    else:
        query = query.where(Encounter.id == encounter_id)
    return [_line(order, label, now) for order, label in session.execute(query)]


def _line(order: PrintOrder, label: str, now: datetime) -> CopyLine:
    command = order.command
    result = GIVEN if order.given_at is not None else outcome(command, now=now)
    return CopyLine(
        order.command_id, order.encounter_id, label, order.copy, command.kiosk.name, command.given_at, result
    )


def give_copy_by_hand(session: Session, order_id: UUID, *, facility: str, by: str, now: datetime) -> UUID:
    """Note that the patient got a paper without the kiosk; return the encounter. Once is enough. Raises NotFound.

    Raises Conflict for a copy that was printed.
    """
    order = session.scalar(
        sa.select(PrintOrder)
        .join(Encounter, Encounter.id == PrintOrder.encounter_id)
        .where(PrintOrder.command_id == order_id, Encounter.facility_code == facility)
        .with_for_update(of=PrintOrder)
    )
    if order is None:
        raise NotFound("order.unknown", "the facility has no such order")
    command = session.get_one(Command, order_id)
    if command.result == DONE:
        raise Conflict("order.printed", "the kiosk printed this copy")
    if order.given_at is None:
        order.given_at, order.given_by = now, by
        if command.done_at is None:  # it must not come out later as well
            command.done_at, command.result = now, GIVEN
        _note_given(session, order.encounter_id, facility, by, now)
    return order.encounter_id


def uncertain_papers(
    session: Session, *, facility: str, now: datetime, request_key: UUID | None = None
) -> list[UncertainPaper]:
    """Return the papers that kiosks last called uncertain, of one visit or of all today's."""
    reported: dict[UUID, tuple[Kiosk, dict[str, str]]] = {}
    for kiosk, papers in session.execute(
        sa.select(Kiosk, KioskState.papers)
        .join(KioskState, KioskState.kiosk_id == Kiosk.id)
        .where(Kiosk.facility_code == facility)
        .order_by(Kiosk.name)
    ):
        for paper in papers:
            reported[UUID(paper["request_key"])] = (kiosk, paper)
    if request_key is not None:
        reported = {key: found for key, found in reported.items() if key == request_key}
    if not reported:
        return []
    settled = _settled_keys(session, facility)
    rows = session.execute(
        sa.select(Encounter.id, Encounter.request_key, Ticket.label, Patient.full_name)
        .join(Ticket, sa.and_(Ticket.encounter_id == Encounter.id, Ticket.superseded_at.is_(None)))
        .join(Patient, Patient.id == Encounter.patient_id)
        .where(
            Encounter.facility_code == facility,
            Encounter.request_key.in_(reported),
            Encounter.local_day == local_day(now),
        )
        .order_by(Encounter.arrived_at, Encounter.id)
    )
    return [
        UncertainPaper(
            encounter_id, label, full_name, reported[key][0].name, reported[key][1]["state"], reported[key][1]["code"],
            is_settled=str(key) in settled,
        )
        for encounter_id, key, label, full_name in rows
    ]  # fmt: skip


def _settled_keys(session: Session, facility: str) -> set[str]:
    """Return the keys of visits whose paper was given by hand, as far as kiosks have still to hear of it."""
    given: Sequence[dict[str, str]] = session.scalars(
        sa.select(Command.arguments).where(
            Command.facility_code == facility, Command.kind == CommandKind.PAPER_GIVEN.value, Command.done_at.is_(None)
        )
    ).all()
    return {arguments["request_key"] for arguments in given}


def give_paper_by_hand(session: Session, encounter_id: UUID, *, facility: str, by: str, now: datetime) -> None:
    """Note that the patient of a visit holds a paper after all, and tell the kiosk. Raises NotFound."""
    encounter = get_encounter(session, encounter_id, facility=facility)
    if encounter.kiosk_id is None:
        raise NotFound("paper.unknown", "no kiosk printed for this visit")
    give_command(
        session, kiosk_id=encounter.kiosk_id, facility=facility, kind=CommandKind.PAPER_GIVEN, by=by, now=now,
        lives=SETTLING_LIFE, arguments={"request_key": str(encounter.request_key)},
    )  # fmt: skip
    _note_given(session, encounter.id, facility, by, now)


def _note_given(session: Session, encounter_id: UUID, facility: str, by: str, now: datetime) -> None:
    ticket = live_ticket(session, encounter_id)
    audit.record(
        session, at=now, actor=f"staff:{by}", action="paper.given-by-hand", subject_type="encounter",
        subject_id=encounter_id, details={"ticket": ticket.label},
    )  # fmt: skip
    feed.publish(session, facility_code=facility, topic="paper", subject_id=encounter_id, at=now)
