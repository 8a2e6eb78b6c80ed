from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base
from server.domain.priority import ClaimState, PriorityGround
from server.domain.queue import TicketStatus
from server.facilities.models import Clinic, Room
from server.registration.models import Encounter

_ONLINE = text("kiosk_letter IS NULL")
_OFFLINE = text("kiosk_letter IS NOT NULL")
_LIVE = text("superseded_at IS NULL")
_SOLE = text("superseded_at IS NULL AND status IN ('waiting', 'called', 'serving', 'missed', 'held')")
OPEN = text("status IN ('waiting', 'called', 'serving', 'held')")
"""Numbers for which something is still to be done; written out, as SQLite sees only so that the index fits."""


class Queue(Base):
    """One line of waiting people, with a letter on its numbers."""

    __tablename__ = "queue"
    __table_args__ = (UniqueConstraint("facility_code", "code"), UniqueConstraint("facility_code", "letter"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinic.id"))
    room_id: Mapped[UUID | None] = mapped_column(ForeignKey("room.id"))  # where one waits; stands on the slip
    code: Mapped[str]
    letter: Mapped[str]
    is_open: Mapped[bool] = mapped_column(default=True)
    usual_gap_s: Mapped[int | None]  # from one call to the next, until the day's own pace is known

    clinic: Mapped[Clinic] = relationship()
    room: Mapped[Room | None] = relationship()


class QueueService(Base):
    """Which queue serves a service; several services may share one."""

    __tablename__ = "queue_service"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"), index=True)


class QueueCounter(Base):
    """The last number a queue gave on a day; raised in the transaction that stores the ticket, so it leaves no gap."""

    __tablename__ = "queue_counter"

    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    local_day: Mapped[date] = mapped_column(primary_key=True)
    last_number: Mapped[int]


class Ticket(Base):
    """One number, of the server's series (no kiosk letter) or of a kiosk's own. Rows are never deleted.

    An encounter has one live ticket: the one on paper. A number that was replaced keeps its row, so that the series
    shows no gap, and is never called.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index(
            "uq_ticket_online",
            "queue_id",
            "local_day",
            "number",
            unique=True,
            sqlite_where=_ONLINE,
            postgresql_where=_ONLINE,
        ),
        Index(
            "uq_ticket_offline",
            "facility_code",
            "kiosk_letter",
            "local_day",
            "number",
            unique=True,
            sqlite_where=_OFFLINE,
            postgresql_where=_OFFLINE,
        ),
        Index("uq_ticket_live", "encounter_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        # One live number for each person, queue and day; staff and a kiosk out of reach may give another one.
        Index(
            "uq_ticket_sole",
            "sole_patient_id",
            "queue_id",
            "local_day",
            unique=True,
            sqlite_where=_SOLE,
            postgresql_where=_SOLE,
        ),
        Index("ix_ticket_line", "queue_id", "local_day", "status", "arrived_at"),
        # What days that are over have left open: found without reading the years before.
        Index("ix_ticket_open", "local_day", "status", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"), index=True)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"))
    local_day: Mapped[date]
    number: Mapped[int]
    kiosk_letter: Mapped[str | None]
    label: Mapped[str]
    status: Mapped[TicketStatus] = mapped_column(default=TicketStatus.WAITING)
    arrived_at: Mapped[datetime]  # of the encounter; order follows from it, never from the number
    issued_at: Mapped[datetime]
    waiting_before: Mapped[int]  # when it was issued; a replayed request is answered with it
    wait_least_min: Mapped[int | None]  # when it was issued, as it stands on paper
    wait_most_min: Mapped[int | None]
    priority: Mapped[PriorityGround | None]  # the ground that counts now
    sole_patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"))  # empty: beside another live number
    superseded_at: Mapped[datetime | None]
    room_id: Mapped[UUID | None] = mapped_column(ForeignKey("room.id"))  # where it was last called to
    after_call: Mapped[int | None]  # rejoined after a missed call: how many calls of the day must come first
    wanted_room_id: Mapped[UUID | None] = mapped_column(ForeignKey("room.id"))  # sent to one room of the queue
    due_at: Mapped[datetime | None]  # the booked time that was kept; from then on the turn of those with one may come

    encounter: Mapped[Encounter] = relationship()
    queue: Mapped[Queue] = relationship()


class TicketCall(Base):
    """One call of a number to a room, a repeated one too; what boards show and the pace is measured by."""

    __tablename__ = "ticket_call"
    __table_args__ = (Index("ix_ticket_call_queue", "queue_id", "local_day", "called_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), index=True)
    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"))
    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id"))
    local_day: Mapped[date]
    called_at: Mapped[datetime]
    by: Mapped[str]  # the member of staff's username
    is_repeat: Mapped[bool]
    is_priority: Mapped[bool]
    had_choice: Mapped[bool]  # both lines waited, and the mixing rule decided
    had_booked_choice: Mapped[bool] = mapped_column(default=False)  # the same of those with and without a booked time
    undone_at: Mapped[datetime | None]  # a slip of the finger: it counts for nothing

    ticket: Mapped[Ticket] = relationship()
    room: Mapped[Room] = relationship()


class TicketReprint(Base):
    """One more paper with a number that is on paper already; ``copy`` counts from 1 and stands on it.

    0 is the first paper of a visit registered at the desk, where the desk's own printer was asked for it.
    """

    __tablename__ = "ticket_reprint"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    copy: Mapped[int] = mapped_column(primary_key=True)
    by: Mapped[str]  # the member of staff's username
    at: Mapped[datetime]


class TicketMove(Base):
    """One number's step at a counter, as it must be known to take it back; one press may make two."""

    __tablename__ = "ticket_move"
    __table_args__ = (Index("ix_ticket_move_queue", "queue_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    press_id: Mapped[UUID]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), index=True)
    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"))
    room_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("room.id")
    )  # whose counter was pressed; empty: a slip shown
    act: Mapped[str]
    status_before: Mapped[TicketStatus]
    status_after: Mapped[TicketStatus]
    room_id_before: Mapped[UUID | None]
    wanted_room_id_before: Mapped[UUID | None]
    after_call_before: Mapped[int | None]
    by: Mapped[str]  # the member of staff's username, the kiosk where a slip was shown, or ``rule``
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class MixingRuleChange(Base):
    """How a facility mixes the two lines from a moment on; the newest row holds, none is changed or deleted."""

    __tablename__ = "mixing_rule_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"), index=True)
    priority: Mapped[int]
    ordinary: Mapped[int]
    counts_declared: Mapped[bool]
    walk_ins_per_booked: Mapped[int | None]  # empty: booked times change nothing
    reason: Mapped[str]
    by: Mapped[str]  # the member of staff's username
    set_at: Mapped[datetime]


class NoShowRuleChange(Base):
    """When called numbers count as missed by themselves from a moment on; the newest row holds, none is changed."""

    __tablename__ = "no_show_rule_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"), index=True)
    after_min: Mapped[int | None]  # empty: never
    after_calls: Mapped[int]
    reason: Mapped[str]
    by: Mapped[str]  # the member of staff's username
    set_at: Mapped[datetime]


class PriorityClaim(Base):
    """A ground for priority that no document proves: declared by the patient or staff, decided by staff."""

    __tablename__ = "priority_claim"
    __table_args__ = (UniqueConstraint("encounter_id", "ground"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"))
    ground: Mapped[PriorityGround]
    state: Mapped[ClaimState]
    declared_at: Mapped[datetime]
    declared_by: Mapped[str | None]  # the member of staff's username; empty: the patient
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
