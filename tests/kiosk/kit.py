"""What kiosk tests share: a clock one can turn, a server in memory that keeps the contract, and people."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from drivers.codec.recognise import Recognised, recognise
from drivers.icao9303.reading import Assurance, ChipIdentity, ChipProof, ChipReading
from drivers.simulated.document_texts import card_qr_text, insurance_qr_text
from drivers.simulated.people import InventedPerson, get_person
from kiosk.clock import Clock
from kiosk.config import KioskSection, KioskSettings, TimeLimits
from kiosk.conversation.view import ScreenView
from kiosk.flow import Kiosk
from kiosk.server import ActRefused, DeviceRefused, ServerFault, ServerUnreachable
from server.contract.appointments import AppointmentOffer, FindVisitor, LetterHolder, VisitorFound
from server.contract.fleet import (
    CardPassword,
    HandedOver,
    HandOver,
    KioskCommand,
    KioskCommands,
    KioskReport,
    ReprintSlip,
)
from server.contract.queries import SlipShown
from server.contract.v1 import (
    CallStaff,
    EncounterRegistered,
    FacilityServices,
    IdentifierMessage,
    IdentityEvidence,
    IdentityHeld,
    IdentityProved,
    OfflineTicket,
    PersonMessage,
    RegisterEncounter,
    ServiceOffer,
    TicketMessage,
)
from server.domain.appointments import CheckIn
from server.domain.codes import code_from
from server.domain.days import local_day
from server.domain.identity import IdentifierSystem, IdentityAssurance, Sex
from server.domain.queue import HOLDS_A_PLACE, TicketStatus
from server.domain.ticket import offline_label, online_label

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""Monday, noon in the hospital."""


@dataclass
class TurnableClock:
    instant: datetime = NOON
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return self.seconds

    def pass_time(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)
        self.seconds += seconds


def offer(service: str, letter: str, *, is_open: bool = True, waiting: int = 3) -> ServiceOffer:
    return ServiceOffer(
        service=service,
        name=f"Khám {service}",
        name_en=f"{service} consultation",
        queue=f"q-{service}",
        queue_letter=letter,
        clinic_name=f"Phòng khám {service}",
        clinic_name_en=f"{service} clinic",
        room="105",
        floor="1",
        price_vnd=36_500,
        waiting=waiting,
        open=is_open,
    )


def facility_services(*, as_of: datetime = NOON, kiosk_letter: str | None = "K", waiting: int = 3) -> FacilityServices:
    return FacilityServices(
        facility="34999",
        facility_name="Bệnh viện Đa khoa Quỳnh Côi",
        facility_name_en="Quynh Coi General Hospital",
        kiosk_letter=kiosk_letter,
        services=(
            offer("noi", "A", waiting=waiting),
            offer("ngoai", "B", waiting=waiting),
            offer("mat", "C", is_open=False),
        ),
        as_of=as_of,
    )


class Line(Enum):
    """What the line to the server does to the next requests."""

    WHOLE = auto()
    CUT = auto()  # the request never arrives
    ANSWERS_LOST = auto()  # the request arrives, the answer does not


_NO_PAPER: Final = {"offline_ticket": None, "printed_ticket": None}


@dataclass
class MemoryServer:
    """Keeps the server's promises as the kiosk sees them: one encounter per key, contiguous numbers, paper wins."""

    clock: Clock
    line: Line = Line.WHOLE
    refusal: Exception | None = None
    kiosk_letter: str | None = "K"
    epoch: UUID | None = None
    waiting: int = 3
    status: TicketStatus = TicketStatus.WAITING
    commands: dict[UUID, RegisterEncounter] = field(default_factory=dict)
    answers: dict[UUID, EncounterRegistered] = field(default_factory=dict)
    calls: list[CallStaff] = field(default_factory=list)
    proofs: list[IdentityProved] = field(default_factory=list)
    reports: list[KioskReport] = field(default_factory=list)
    orders: list[KioskCommand] = field(default_factory=list)
    handed_over: list[HandOver] = field(default_factory=list)
    slips: dict[UUID, ReprintSlip] = field(default_factory=dict)
    passwords: dict[UUID, CardPassword] = field(default_factory=dict)
    visitor: VisitorFound = field(default_factory=VisitorFound)
    asked: list[FindVisitor] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    copies: dict[UUID, int] = field(default_factory=dict)
    stumbles_over: set[UUID] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def register(self, command: RegisterEncounter) -> EncounterRegistered:
        with self.lock:
            self._arrive("register")
            if command.request_key in self.stumbles_over:
                raise ServerFault("500 server.fault")
            first = self.commands.setdefault(command.request_key, command)
            if first.model_copy(update=_NO_PAPER) != command.model_copy(update=_NO_PAPER):
                raise ActRefused(422, "request.key_reused")
            answer = self.answers.get(command.request_key) or self._held(command)
            if answer is None or (command.offline_ticket and answer.ticket.label != self._label(command)):
                answer = self._answer(command, answer)
                self.answers[command.request_key] = answer
            self._leave()
            return answer

    def _held(self, command: RegisterEncounter) -> EncounterRegistered | None:
        """Return the answer with the live number that the person of ``command`` has in the queue already."""
        if self.status not in HOLDS_A_PLACE or command.offline_ticket is not None:
            return None
        for key, answer in self.answers.items():
            first = self.commands[key]
            if first.service == command.service and set(first.person.identifiers) & set(command.person.identifiers):
                return answer.model_copy(update={"is_known": True, "copies": self.copies.get(answer.ticket.id, 0)})
        return None

    def tell_proof(self, message: IdentityProved) -> IdentityHeld:
        with self.lock:
            self._arrive("tell_proof")
            answer = self.answers.get(message.request_key)
            if answer is None:
                raise ActRefused(404, "encounter.unknown")
            if message not in self.proofs:
                self.proofs.append(message)
            self._leave()
            evidence = message.evidence
            return IdentityHeld(
                encounter_id=answer.encounter_id, assurance=evidence.assurance, reasons=evidence.reasons
            )

    def services(self) -> FacilityServices:
        with self.lock:
            self._arrive("services")
            self._leave()
            found = facility_services(as_of=self.clock.now(), kiosk_letter=self.kiosk_letter, waiting=self.waiting)
            return found.model_copy(update={"epoch": self.epoch})

    def show_slip(self, visit_code: str) -> SlipShown:
        with self.lock:
            self._arrive("show_slip")
            found = next((one for one in self.answers.values() if one.visit_code == visit_code), None)
            self._leave()
        if found is None:
            raise ActRefused(404, "slip.unknown")
        rejoined = self.status is TicketStatus.MISSED
        if rejoined:
            self.status = TicketStatus.WAITING
        waiting = self.waiting if self.status is TicketStatus.WAITING else None
        return SlipShown(
            encounter_id=found.encounter_id,
            ticket=found.ticket,
            status=self.status,
            waiting_now=waiting,
            visit_code=visit_code,
            rejoined=rejoined,
        )

    def note_copy(self, ticket_id: UUID, copy_number: int) -> None:
        with self.lock:
            self._arrive("note_copy")
            if copy_number != self.copies.get(ticket_id, 0) + 1:
                raise ActRefused(422, "version.stale")
            self.copies[ticket_id] = copy_number
            self._leave()

    def find_visitor(self, asked: FindVisitor) -> VisitorFound:
        with self.lock:
            self._arrive("find_visitor")
            self.asked.append(asked)
            self._leave()
            return self.visitor

    def call_staff(self, call: CallStaff) -> None:
        with self.lock:
            self._arrive("call_staff")
            if call not in self.calls:
                self.calls.append(call)
            self._leave()

    def report(self, report: KioskReport) -> KioskCommands:
        with self.lock:
            self._arrive("report")
            self.reports.append(report)
            done = {one.command_id for one in report.results}
            self.orders = [one for one in self.orders if one.id not in done]
            self._leave()
            return KioskCommands(commands=tuple(self.orders), as_of=self.clock.now())

    def hand_over(self, message: HandOver) -> HandedOver:
        with self.lock:
            self._arrive("hand_over")
            if message not in self.handed_over:
                self.handed_over.append(message)
            self._leave()
            return HandedOver(key=message.key, expires_at=self.clock.now() + timedelta(minutes=15))

    def reprint_slip(self, order: UUID) -> ReprintSlip:
        with self.lock:
            self._arrive("reprint_slip")
            self._leave()
            if order not in self.slips:
                raise ActRefused(404, "order.over")
            return self.slips[order]

    def card_password(self, order: UUID) -> CardPassword:
        with self.lock:
            self._arrive("card_password")
            self._leave()
            if order not in self.passwords:
                raise ActRefused(404, "card_password.gone")
            return self.passwords[order]

    def _arrive(self, what: str) -> None:
        self.requests[what] += 1
        if self.line is Line.CUT:
            raise ServerUnreachable("cut")
        if self.refusal is not None:
            raise self.refusal

    def _leave(self) -> None:
        if self.line is Line.ANSWERS_LOST:
            raise ServerUnreachable("the answer was lost")

    def _label(self, command: RegisterEncounter) -> str:
        letter = next(one.queue_letter for one in facility_services().services if one.service == command.service)
        paper = command.offline_ticket
        if paper is not None:
            return offline_label(letter, paper.kiosk_letter, paper.number)
        self.given[command.service] += 1
        return online_label(letter, self.given[command.service])

    def _answer(self, command: RegisterEncounter, earlier: EncounterRegistered | None) -> EncounterRegistered:
        label = self._label(command)
        found = offer(command.service, label[0])
        return EncounterRegistered(
            encounter_id=earlier.encounter_id if earlier else uuid4(),
            patient_id=earlier.patient_id if earlier else uuid4(),
            visit_code=command.visit_code,
            ticket=TicketMessage(
                id=uuid4(),
                queue=found.queue,
                number=int(label[-3:]),
                label=label,
                local_day=local_day(command.arrived_at),
                clinic_name=found.clinic_name,
                clinic_name_en=found.clinic_name_en,
                room=found.room,
                floor=found.floor,
                waiting_before=self.waiting,
                issued_at=self.clock.now(),
            ),
        )


REVOKED = DeviceRefused(403, "kiosk.revoked")


def letter_holder(key: str) -> LetterHolder:
    """Whom the letter of an invented person names."""
    person = get_person(key)
    return LetterHolder(full_name=person.full_name, birth_year=person.born_on.year, sex=Sex(person.sex))


def visit_offer(
    code: str = "1" * 20, check_in: CheckIn = CheckIn.ON_TIME, service: str = "noi", **changes: Any
) -> AppointmentOffer:
    """An appointment at noon of the tests' Monday."""
    return AppointmentOffer.model_validate(
        {
            "code": code, "source": "slot", "service": service, "service_name": "Khám nội",
            "service_name_en": "General medicine", "room": "105", "floor": "1", "doctor": "BS Nguyễn Thị Ví Dụ",
            "due_on": local_day(NOON), "starts_at": NOON, "valid_to": local_day(NOON), "check_in": check_in, **changes,
        }
    )  # fmt: skip


def command(
    *, service: str = "noi", arrived_at: datetime = NOON, key: UUID | None = None, number: str = "001090123456"
) -> RegisterEncounter:
    """Return an arrival of Mr Đức, known by his card's code; or of somebody of that name with another number."""
    return RegisterEncounter(
        request_key=key or uuid4(),
        visit_code=code_from(secrets.token_bytes(13)),
        facility="34999",
        service=service,
        person=PersonMessage(
            full_name="Nguyễn Văn Đức",
            born_on="1990-08-15",
            sex=Sex.MALE,
            identifiers=(IdentifierMessage(system=IdentifierSystem.PERSONAL_NUMBER, value=number),),
        ),
        evidence=IdentityEvidence(assurance=IdentityAssurance.QR, method="qr", read_at=arrived_at),
        arrived_at=arrived_at,
    )


def proof_of(
    message: RegisterEncounter, assurance: IdentityAssurance = IdentityAssurance.CHIP_TRUSTED, *reasons: str
) -> IdentityProved:
    """Return what the chip of a registered visit's card said later."""
    update = {"assurance": assurance, "reasons": reasons, "method": "chip"}
    return IdentityProved(
        request_key=message.request_key, evidence=message.evidence.model_copy(update=update), proved_at=NOON
    )


def answer_to(message: RegisterEncounter, label: str = "A001") -> EncounterRegistered:
    server = MemoryServer(TurnableClock())
    answer = server.register(message)
    return answer.model_copy(update={"ticket": answer.ticket.model_copy(update={"label": label})})


def own_ticket(number: int = 1, day: date = local_day(NOON)) -> OfflineTicket:  # noqa: B008 - a constant
    return OfflineTicket(kiosk_letter="K", number=number, local_day=day)


def id_code(key: str) -> Recognised:
    """What the scanner says when the QR of a person's ID card is shown."""
    text = card_qr_text(get_person(key))
    assert text is not None
    return recognise(text.encode())


def insurance_code(key: str) -> Recognised:
    text = insurance_qr_text(get_person(key))
    assert text is not None
    return recognise(text.encode())


def chip_identity(key: str) -> ChipIdentity:
    """What the chip of a person's card says of them."""
    person: InventedPerson = get_person(key)
    return ChipIdentity(
        document_number=person.document_number,
        personal_number=person.personal_number,
        full_name=person.full_name,
        born_on=person.born_on.isoformat(),
        sex=person.sex,
        nationality=person.nationality,
        expires_on=person.expires_on.isoformat() if person.expires_on else None,
        address=person.address or None,
        name_from="DG13",
    )


def chip_reading(key: str, assurance: Assurance = Assurance.CONSISTENT, *reasons: str) -> ChipReading:
    return ChipReading(
        access="PACE-CAN",
        identity=chip_identity(key),
        assurance=assurance,
        reasons=reasons,
        photo=None,
        files={},
        apdus=20,
        timings_ms={},
        proof=ChipProof(secure_messaging="AES-128"),
    )


def kiosk_settings(data_dir: Path, **limits: float) -> KioskSettings:
    return KioskSettings(
        kiosk=KioskSection(
            data_dir=data_dir, limits=TimeLimits(**limits), free_space_mb=1, refresh_s=0.05, printer_status_s=0.05
        )
    )


def wait_until(kiosk: Kiosk, is_so: Callable[[ScreenView], bool], timeout_s: float = 20.0) -> ScreenView:
    """Return the first picture of which ``is_so`` holds; fails with the present one after the time."""
    deadline = time.monotonic() + timeout_s
    view = kiosk.view()
    while not is_so(view):
        left_s = deadline - time.monotonic()
        assert left_s > 0, f"still {view}"
        view = kiosk.wait_for_view(view.revision, left_s)
    return view
