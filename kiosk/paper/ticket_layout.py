"""What stands on the slip a patient carries away.

Made for somebody of seventy-five who seldom reads: the number first and large, then where to go, then for whom it is.
Three sizes of letters, whole sentences, nothing that matters on the lowest centimetre. The paper gets dropped: no
identity number, no full date of birth, no diagnosis stands on it, and the code holds nothing but the visit's own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from drivers.printer.document import (
    NO_BREAK_SPACE,
    Align,
    BigNumber,
    Block,
    Document,
    QrCode,
    Rule,
    Space,
    Text,
    TextSize,
)
from kiosk.conversation.clinics import price_of
from kiosk.conversation.ticket import IssuedTicket, from_message
from kiosk.conversation.view import Language
from kiosk.journal.errors import JournalError
from server.contract.fleet import ReprintSlip
from server.contract.v1 import FacilityServices, RegisterEncounter
from server.domain.catalogue import Payer
from server.domain.codes import slip_text
from server.domain.days import VIETNAM
from server.domain.places import place_words
from server.domain.visit_coverage import due_on_slip

_TEXTS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "your_number": "Số thứ tự của quý vị",
        "room": "Phòng {name}",
        "floor": "Tầng {name}",
        "birth_year": "Năm sinh: {year}",
        "insurance.unverified": "BHYT: chờ xác minh",
        "waiting": "Trước quý vị có {number} người",
        "waiting.nobody": "Trước quý vị không có ai",
        "wait": "Dự kiến chờ {least} đến {most} phút",
        "wait.short": "Dự kiến chờ không quá {most} phút",
        "priority": "ƯU TIÊN",
        "phone": "Quét mã để xem còn mấy người",
        "appointment": "Khám theo lịch hẹn",
        "payer.self": "Tự trả: {price} đ, nộp tại quầy thu ngân",
        "payer.on-request": "Khám theo yêu cầu: {price} đ, nộp tại quầy thu ngân",
        "next": "Xin ngồi chờ nghe gọi số.",
        "reprint": "BẢN IN LẠI LẦN {times}",
        "offline": "Máy cấp số này khi mất liên lạc với máy chủ. Số vẫn dùng được như thường.",
        "valid": "Phiếu chỉ có giá trị trong ngày.",
    },
    "en": {
        "your_number": "Your number",
        "room": "Room {name}",
        "floor": "Floor {name}",
        "birth_year": "Born in {year}",
        "insurance.unverified": "Health insurance: to be verified",
        "waiting": "{number} people are before you",
        "waiting.one": "1 person is before you",
        "waiting.nobody": "Nobody is before you",
        "wait": "Expected wait: {least} to {most} minutes",
        "wait.short": "Expected wait: {most} minutes at most",
        "priority": "PRIORITY",
        "phone": "Scan to see how many are before you",
        "appointment": "By appointment",
        "payer.self": "Self-paying: {price} VND, at the cashier",
        "payer.on-request": "On request: {price} VND, at the cashier",
        "next": "Wait for your number, please.",
        "reprint": "REPRINT No. {times}",
        "offline": "This machine gave the number while the server was out of reach. It is as good as any other.",
        "valid": "Valid on this day only.",
    },
}

_MOST_BYTES: Final = 22_000  # two seconds at 115200 baud, the speed that serial printers are set to

# Letters. Nobody's name is longer than the first; the contract lets 200 pass, and paper is to tell two people apart.
_LONGEST_USUAL_NAME: Final = 60
_LONGEST_PRINTED_NAME: Final = 120

_PAYING_FIRST: Final = frozenset({Payer.SELF, Payer.ON_REQUEST})
"""Those whose slip names an amount. What an insured patient owes is known at the end only."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a slip is for, as far as that stands on it. ``birth_year``: 4 digits."""

    full_name: str
    birth_year: str | None
    insurance_unverified: bool
    language: Language
    by_appointment: bool = False
    pays: tuple[Payer, int] | None = None  # what the person pays before the examination, in đồng


@dataclass(frozen=True, slots=True)
class Imprint:
    """What every slip of a kiosk carries."""

    facility_name: str = ""
    kiosk_name: str = ""
    public_url: str | None = None


def ticket_document(
    command: RegisterEncounter,
    ticket: IssuedTicket,
    *,
    facility_name: str = "",
    kiosk_name: str = "",
    public_url: str | None = None,
    price_vnd: int | None = None,
    reprint: int = 0,
) -> Document:
    """Return the slip of ``ticket``. ``reprint`` n > 0 marks the n-th copy; it carries the same number.

    ``price_vnd`` is what is paid before the examination, at the cashier, see ``due_on_slip``.
    ``public_url``: where phones reach the server, see ``server.domain.codes.slip_text``.
    """
    born_on = command.person.born_on
    bearer = Bearer(
        full_name=command.person.full_name,
        birth_year=born_on[:4] if born_on else None,
        insurance_unverified=command.insurance is not None,
        language=command.language,
        by_appointment=command.appointment_code is not None,
        pays=(command.payer, price_vnd) if command.payer in _PAYING_FIRST and price_vnd else None,
    )
    return _document(bearer, ticket, Imprint(facility_name, kiosk_name, public_url), reprint)


def copy_document(
    slip: ReprintSlip, *, facility_name: str = "", kiosk_name: str = "", public_url: str | None = None
) -> Document:
    """Return the slip that the desk ordered: marked as a copy, and without how many were waiting when the number was
    given, unless it is the visit's first one.
    """
    bearer = Bearer(
        slip.full_name,
        slip.birth_year,
        slip.insurance_unverified,
        slip.language,
        by_appointment=slip.by_appointment,
        pays=(slip.payer, slip.price_vnd) if slip.payer in _PAYING_FIRST and slip.price_vnd else None,
    )
    ticket = from_message(slip.ticket, slip.visit_code)
    if slip.copy_number:
        ticket = replace(ticket, waiting_before=None, wait_min=None)
    return _document(bearer, ticket, Imprint(facility_name, kiosk_name, public_url), slip.copy_number)


def _document(bearer: Bearer, ticket: IssuedTicket, imprint: Imprint, reprint: int) -> Document:
    language = bearer.language
    return Document(
        f"ticket {ticket.label}",
        (
            *_head(imprint.facility_name, ticket, language, reprint),
            *_way(ticket, language),
            Rule(),
            *_person(bearer),
            Rule(),
            *_waiting(ticket, language),
            Text(_TEXTS[language]["next"], align=Align.CENTER),
            *_code(ticket, imprint.public_url, language),
            *_foot(ticket, imprint.kiosk_name, language),
        ),
        most_bytes=_MOST_BYTES,
    )


class Layout(Protocol):
    """``ticket_document`` and ``copy_document`` with the hospital's name filled in."""

    def ticket(self, command: RegisterEncounter, ticket: IssuedTicket, *, reprint: int = 0) -> Document: ...

    def copy(self, slip: ReprintSlip) -> Document: ...


class HospitalLayout:
    """Slips with the hospital's name as ``services`` last gave it, in the patient's language."""

    def __init__(self, services: Callable[[], FacilityServices | None]) -> None:
        self._services = services

    def ticket(self, command: RegisterEncounter, ticket: IssuedTicket, *, reprint: int = 0) -> Document:
        imprint = self._imprint(command.language)
        return ticket_document(
            command,
            ticket,
            facility_name=imprint.facility_name,
            kiosk_name=imprint.kiosk_name,
            public_url=imprint.public_url,
            price_vnd=self._price_vnd(command),
            reprint=reprint,
        )

    def copy(self, slip: ReprintSlip) -> Document:
        imprint = self._imprint(slip.language)
        return copy_document(
            slip,
            facility_name=imprint.facility_name,
            kiosk_name=imprint.kiosk_name,
            public_url=imprint.public_url,
        )

    def _price_vnd(self, command: RegisterEncounter) -> int | None:
        try:
            facility = self._services()
        except JournalError:
            return None  # the cashier knows it
        offers = facility.services if facility else ()
        offer = next((one for one in offers if one.service == command.service), None)
        if offer is None or command.payer is None:
            return None
        return due_on_slip(
            command.payer,
            price_of(offer, command.payer),
            insured_price_vnd=price_of(offer, Payer.INSURED),
            shows_card=command.insurance is not None,
        )

    def _imprint(self, language: Language) -> Imprint:
        try:
            facility = self._services()
        except JournalError:
            facility = None  # a slip without the hospital's name is better than none
        if facility is None:
            return Imprint()
        name = facility.facility_name_en if language == "en" else facility.facility_name
        return Imprint(name, facility.kiosk_letter or "", facility.public_url)


def _head(facility_name: str, ticket: IssuedTicket, language: Language, reprint: int) -> list[Block]:
    texts = _TEXTS[language]
    blocks: list[Block] = []
    if facility_name:
        blocks.append(Text(facility_name.upper(), TextSize.SMALL, Align.CENTER, bold=True))
    if reprint:
        blocks.append(Text(texts["reprint"].format(times=reprint), TextSize.LARGE, Align.CENTER, bold=True))
    blocks += [Text(texts["your_number"], TextSize.SMALL, Align.CENTER), Space(2), BigNumber(ticket.label)]
    if ticket.priority is not None:
        blocks.append(Text(texts["priority"], TextSize.LARGE, Align.CENTER, bold=True))
    return blocks


def _way(ticket: IssuedTicket, language: Language) -> list[Block]:
    """Where to go: what hangs over the door, hence the Vietnamese name on an English slip too."""
    texts = _TEXTS[language]
    place = place_words(ticket.room, ticket.floor, room_phrase=texts["room"], floor_phrase=texts["floor"])
    blocks: list[Block] = []
    if language == "en":
        blocks.append(Text(ticket.clinic_name_en, TextSize.NORMAL, Align.CENTER))
    blocks.append(Text(ticket.clinic_name, TextSize.LARGE, Align.CENTER, bold=True))
    if place:
        blocks.append(Text(_listed(place), TextSize.LARGE, Align.CENTER, bold=True))
    return blocks


def _person(bearer: Bearer) -> list[Block]:
    texts = _TEXTS[bearer.language]
    facts = []
    if bearer.birth_year:
        facts.append(texts["birth_year"].format(year=bearer.birth_year))
    if bearer.insurance_unverified:
        facts.append(texts["insurance.unverified"])
    blocks: list[Block] = [_name(bearer.full_name)]
    if facts:
        blocks.append(Text(_listed(facts), TextSize.SMALL, Align.CENTER))
    if bearer.by_appointment:
        blocks.append(Text(texts["appointment"], TextSize.NORMAL, Align.CENTER, bold=True))
    if bearer.pays is not None:
        payer, price_vnd = bearer.pays
        price = f"{price_vnd:,}".replace(",", "." if bearer.language == "vi" else ",")
        blocks.append(Text(texts[f"payer.{payer}"].format(price=price), TextSize.SMALL, Align.CENTER, bold=True))
    return blocks


def _name(full_name: str) -> Text:
    size = TextSize.NORMAL if len(full_name) <= _LONGEST_USUAL_NAME else TextSize.SMALL
    shown = full_name if len(full_name) <= _LONGEST_PRINTED_NAME else full_name[: _LONGEST_PRINTED_NAME - 1] + "…"
    return Text(shown.upper(), size, Align.CENTER)


def _waiting(ticket: IssuedTicket, language: Language) -> list[Block]:
    texts, number = _TEXTS[language], ticket.waiting_before
    if number is None:
        return []  # unknown is not zero
    key = {0: "waiting.nobody", 1: "waiting.one"}.get(number, "waiting")
    blocks: list[Block] = [Text(texts.get(key, texts["waiting"]).format(number=number), align=Align.CENTER)]
    if ticket.wait_min is not None:
        least, most = ticket.wait_min
        wait = texts["wait" if least else "wait.short"].format(least=least, most=max(most, 1))
        blocks.append(Text(wait, TextSize.SMALL, Align.CENTER))
    return blocks


def _code(ticket: IssuedTicket, public_url: str | None, language: Language) -> list[Block]:
    """The visit's code, and below it in groups for the keyboard of a desk without a scanner."""
    code = ticket.visit_code
    groups = " ".join(code[start : start + 4] for start in range(0, len(code), 4))
    phone = [Text(_TEXTS[language]["phone"], TextSize.SMALL, Align.CENTER)] if public_url else []
    return [QrCode(slip_text(code, public_url)), Text(groups, TextSize.SMALL, Align.CENTER), *phone]


def _foot(ticket: IssuedTicket, kiosk_name: str, language: Language) -> list[Block]:
    texts = _TEXTS[language]
    issued = _local(ticket.issued_at, "%H:%M - %d/%m/%Y") + (f" - {kiosk_name}" if kiosk_name else "")
    offline: list[Block] = [Text(texts["offline"], TextSize.SMALL, Align.CENTER)] if ticket.offline else []
    return [
        *offline,
        Space(2),
        Text(issued, TextSize.SMALL, Align.CENTER),
        Text(texts["valid"], TextSize.SMALL, Align.CENTER, bold=True),
    ]


def _listed(parts: Iterable[str]) -> str:
    """Return the parts on one line, or one below the other where the paper is narrow."""
    return ", ".join(part.replace(" ", NO_BREAK_SPACE) for part in parts)


def _local(instant: datetime, form: str) -> str:
    return instant.astimezone(VIETNAM).strftime(form)
