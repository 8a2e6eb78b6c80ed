"""The slip a patient carries away: what stands on it, what must not, and what it costs."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

import pytest
from PIL import Image

from drivers.config import SimulatedPrinterOptions
from drivers.printer.base import PrintOutcome, PrintState
from drivers.printer.document import BigNumber, Document, QrCode, Text
from drivers.printer.escpos import encode
from drivers.printer.profiles import PROFILES
from drivers.simulated.printer import SimulatedPrinter
from kiosk.conversation.ticket import IssuedTicket
from kiosk.journal.errors import JournalError
from kiosk.paper.ticket_layout import HospitalLayout, copy_document, ticket_document
from server.contract.fleet import ReprintSlip
from server.contract.v1 import (
    FacilityServices,
    IdentifierMessage,
    IdentityEvidence,
    InsuranceClaim,
    PersonMessage,
    PriceMessage,
    RegisterEncounter,
    ServiceOffer,
    TicketMessage,
)
from server.domain.catalogue import Payer
from server.domain.codes import slip_text
from server.domain.identity import IdentifierSystem, IdentityAssurance
from server.domain.priority import PriorityGround

BEFORE_SEVEN = datetime(2026, 11, 22, 23, 47, tzinfo=UTC)  # 06:47 of the next day in the hospital
HOSPITAL = "Bệnh viện đa khoa huyện Yên Bình"
CODE = "0123456789ABCDEFGHJK"

ONLINE = IssuedTicket(
    label="A012",
    number=12,
    queue="noi",
    local_day=date(2026, 11, 23),
    clinic_name="Phòng khám Nội tổng hợp",
    clinic_name_en="General internal medicine",
    room="105",
    floor="1",
    issued_at=BEFORE_SEVEN,
    waiting_before=12,
    visit_code=CODE,
)
OWN_SERIES = replace(ONLINE, label="A-K012", waiting_before=None, offline=True)


def visit(
    *, language: Literal["vi", "en"] = "vi", full_name: str = "Nguyễn Thị Hồng Nhung", insured: bool = False
) -> RegisterEncounter:
    return RegisterEncounter(
        request_key=UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        visit_code=CODE,
        facility="34999",
        service="kham-noi",
        person=PersonMessage(
            full_name=full_name,
            born_on="1951-03-02",
            identifiers=(IdentifierMessage(system=IdentifierSystem.PERSONAL_NUMBER, value="034151001234"),),
            address="Thôn Trung, xã Yên Bình",
        ),
        evidence=IdentityEvidence(assurance=IdentityAssurance.QR, method="qr", read_at=BEFORE_SEVEN),
        arrived_at=BEFORE_SEVEN,
        language=language,
        insurance=InsuranceClaim(card_number="DN4010112345678") if insured else None,
    )


def texts(document: Document) -> list[str]:
    return [block.text.replace("\u00a0", " ") for block in document.blocks if isinstance(block, Text)]


def with_change(ticket: IssuedTicket, **changes: Any) -> IssuedTicket:
    return replace(ticket, **changes)


def test_a_vietnamese_slip_says_number_way_person_and_day() -> None:
    document = ticket_document(visit(insured=True), ONLINE, facility_name=HOSPITAL, kiosk_name="K")
    assert [block.text for block in document.blocks if isinstance(block, BigNumber)] == ["A012"]
    assert texts(document) == [
        "BỆNH VIỆN ĐA KHOA HUYỆN YÊN BÌNH",
        "Số thứ tự của quý vị",
        "Phòng khám Nội tổng hợp",
        "Phòng 105, Tầng 1",
        "NGUYỄN THỊ HỒNG NHUNG",
        "Năm sinh: 1951, BHYT: chờ xác minh",
        "Trước quý vị có 12 người",
        "Xin ngồi chờ nghe gọi số.",
        "0123 4567 89AB CDEF GHJK",
        "06:47 - 23/11/2026 - K",
        "Phiếu chỉ có giá trị trong ngày.",
    ]


@pytest.mark.parametrize(
    ("payer", "language", "line"),
    [
        (Payer.SELF, "vi", "Tự trả: 45.000 đ, nộp tại quầy thu ngân"),
        (Payer.ON_REQUEST, "en", "On request: 45,000 VND, at the cashier"),
        (Payer.INSURED, "vi", None),  # the patient's share is known at the end only
        (None, "vi", None),
    ],
)
def test_who_pays_the_examination_in_full_reads_how_much_and_where(
    payer: Payer | None, language: Literal["vi", "en"], line: str | None
) -> None:
    command = visit(language=language).model_copy(update={"payer": payer})
    priced = texts(ticket_document(command, ONLINE, price_vnd=45_000))
    plain = texts(ticket_document(command, ONLINE))
    assert [one for one in priced if one not in plain] == ([line] if line else [])


def test_a_visit_by_appointment_says_so() -> None:
    command = visit().model_copy(update={"appointment_code": CODE})
    assert "Khám theo lịch hẹn" in texts(ticket_document(command, ONLINE))


def test_an_english_slip_keeps_the_name_that_stands_on_the_door() -> None:
    document = ticket_document(visit(language="en"), ONLINE, facility_name="Yên Bình District Hospital")
    assert texts(document) == [
        "YÊN BÌNH DISTRICT HOSPITAL",
        "Your number",
        "General internal medicine",
        "Phòng khám Nội tổng hợp",
        "Room 105, Floor 1",
        "NGUYỄN THỊ HỒNG NHUNG",
        "Born in 1951",
        "12 people are before you",
        "Wait for your number, please.",
        "0123 4567 89AB CDEF GHJK",
        "06:47 - 23/11/2026",
        "Valid on this day only.",
    ]


def test_a_slip_that_is_found_on_the_floor_gives_nobody_away() -> None:
    document = ticket_document(visit(insured=True), ONLINE, facility_name=HOSPITAL)
    shown = " ".join(texts(document)) + document.title
    for secret in ("034151001234", "1234", "02/03", "1951-03", "DN401", "Thôn"):
        assert secret not in shown
    assert [block.data for block in document.blocks if isinstance(block, QrCode)] == [f"TD1:{CODE}"]


def test_a_number_of_the_kiosk_s_own_series_says_so_and_claims_nothing_it_cannot_know() -> None:
    document = ticket_document(visit(), OWN_SERIES, facility_name=HOSPITAL)
    shown = texts(document)
    assert "Máy cấp số này khi mất liên lạc với máy chủ. Số vẫn dùng được như thường." in shown
    assert not any("Trước quý vị" in text for text in shown)
    assert [block.data for block in document.blocks if isinstance(block, QrCode)] == [f"TD1:{CODE}"]


@pytest.mark.parametrize(
    ("language", "number", "phrase"),
    [
        ("vi", 0, "Trước quý vị không có ai"),
        ("vi", 1, "Trước quý vị có 1 người"),
        ("en", 0, "Nobody is before you"),
        ("en", 1, "1 person is before you"),
        ("en", 2, "2 people are before you"),
    ],
)
def test_how_many_wait_is_said_in_a_whole_sentence(language: Literal["vi", "en"], number: int, phrase: str) -> None:
    assert phrase in texts(ticket_document(visit(language=language), with_change(ONLINE, waiting_before=number)))


def test_a_copy_is_marked_large_and_carries_the_same_number() -> None:
    copy = ticket_document(visit(), ONLINE, reprint=2)
    original = ticket_document(visit(), ONLINE)
    assert [text for text in texts(copy) if text not in texts(original)] == ["BẢN IN LẠI LẦN 2"]
    assert BigNumber("A012") in copy.blocks


@pytest.mark.parametrize(("language", "place"), [("vi", "Phòng 203, Tầng 2"), ("en", "Room 203, Floor 2")])
def test_a_room_that_calls_itself_one_is_not_called_so_twice(language: Literal["vi", "en"], place: str) -> None:
    ticket = with_change(ONLINE, room="Phòng 203", floor="Tầng 2")
    assert place in texts(ticket_document(visit(language=language), ticket))


def test_a_clinic_without_room_or_floor_leaves_no_empty_words() -> None:
    shown = texts(ticket_document(visit(), with_change(ONLINE, room="", floor="")))
    assert not any("Tầng" in text or text.startswith("Phòng ,") for text in shown)


@pytest.mark.parametrize("width", [80, 58])
@pytest.mark.parametrize("ticket", [replace(ONLINE, wait_min=(35, 60)), OWN_SERIES], ids=["online", "own-series"])
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("full_name", ["Lê An", "Nguyễn Hoàng Thị Phương Thảo Nguyên", "H’Hen Niê"])
def test_any_slip_prints_whole_within_22_kb_and_with_nothing_needed_at_its_end(
    width: Literal[58, 80], ticket: IssuedTicket, language: Literal["vi", "en"], full_name: str
) -> None:
    public_url = None if ticket.offline else "https://tiepdon.benhvienyenbinh.vn"
    command = visit(language=language, full_name=full_name, insured=True)
    document = ticket_document(command, ticket, facility_name=HOSPITAL, public_url=public_url)
    assert len(encode(document, PROFILES["generic"], width)) <= 22_000
    printer = SimulatedPrinter(SimulatedPrinterOptions(paper_width_mm=width))
    assert printer.print(document) == PrintOutcome(PrintState.PRINTED)
    [piece] = printer.tickets()
    assert piece.whole
    assert piece.qr == slip_text(CODE, public_url)
    assert printer.device.violations == ()
    picture = Image.open(io.BytesIO(piece.png))
    ink = picture.point(lambda value: 255 - value).getbbox()
    assert ink is not None
    assert picture.height - ink[3] > 10 * 8


LONGEST_USUAL_NAME = "Công Tằng Tôn Nữ Nguyễn Hoàng Thị Phương Thảo Quỳnh Nguyên"


@pytest.mark.parametrize("width", [80, 58])
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("full_name", [LONGEST_USUAL_NAME, ("NGUYỄN PHƯỚC " * 16)[:200]], ids=["usual", "200 letters"])
@pytest.mark.parametrize("offline", [False, True], ids=["online", "own-series"])
def test_the_fullest_slip_keeps_within_22_kb_and_its_code_is_read(
    width: Literal[58, 80], language: Literal["vi", "en"], full_name: str, offline: bool
) -> None:
    ticket = with_change(
        OWN_SERIES if offline else replace(ONLINE, waiting_before=128, wait_min=(115, 140)),
        label="AB-K1128" if offline else "AB1128",
        clinic_name="Phòng khám Nội tổng hợp và Lão khoa",
        room="Phòng 105B",
        floor="Tầng trệt",
        priority=PriorityGround.DISABILITY,
    )
    command = visit(language=language, full_name=full_name, insured=True).model_copy(
        update={"payer": Payer.ON_REQUEST, "appointment_code": CODE}
    )
    document = ticket_document(
        command,
        ticket,
        facility_name="Bệnh viện đa khoa khu vực liên huyện Yên Bình - Lục Yên",
        kiosk_name="K",
        public_url="https://tiepdon.benhvienyenbinh.vn",
        price_vnd=1_250_000,
        reprint=3,
    )
    for profile in ("generic", "no-native-qr", "epson-tm-t88"):
        assert len(encode(document, PROFILES[profile], width)) <= 22_000
    printer = SimulatedPrinter(SimulatedPrinterOptions(paper_width_mm=width))
    assert printer.print(document) == PrintOutcome(PrintState.PRINTED)
    [piece] = printer.tickets()
    assert (piece.whole, piece.qr) == (True, slip_text(CODE, "https://tiepdon.benhvienyenbinh.vn"))
    assert printer.device.violations == ()


def slip_for_the_desk(command: RegisterEncounter, *, copy_number: int, **more: Any) -> ReprintSlip:
    """Return what the server sends a desk's printer of the visit whose ticket is ONLINE, twelve people waiting."""
    ticket = TicketMessage(
        id=UUID(int=3),
        queue=ONLINE.queue,
        number=ONLINE.number,
        label=ONLINE.label,
        local_day=ONLINE.local_day,
        clinic_name=ONLINE.clinic_name,
        clinic_name_en=ONLINE.clinic_name_en,
        room=ONLINE.room,
        floor=ONLINE.floor,
        waiting_before=12,
        issued_at=ONLINE.issued_at,
    )
    return ReprintSlip(
        order=UUID(int=1),
        copy_number=copy_number,
        request_key=UUID(int=2),
        language="vi",
        full_name=command.person.full_name,
        birth_year="1951",
        insurance_unverified=True,
        visit_code=CODE,
        ticket=ticket,
        **more,
    )


def test_a_copy_for_the_desk_is_the_kiosks_slip_with_its_mark_and_without_the_old_count_of_people() -> None:
    command = visit(insured=True)
    original = ticket_document(command, with_change(ONLINE, waiting_before=None), facility_name=HOSPITAL, reprint=2)
    assert copy_document(slip_for_the_desk(command, copy_number=2), facility_name=HOSPITAL) == original
    assert "BẢN IN LẠI LẦN 2" in texts(original)


def test_the_first_slip_of_a_visit_registered_at_the_desk_is_the_one_a_kiosk_prints() -> None:
    command = visit(insured=True)
    paying = command.model_copy(update={"payer": Payer.SELF})
    slip = slip_for_the_desk(command, copy_number=0, payer=Payer.SELF, price_vnd=50_600)
    ticket = with_change(ONLINE, waiting_before=12)
    first = copy_document(slip, facility_name=HOSPITAL)
    assert first == ticket_document(paying, ticket, facility_name=HOSPITAL, price_vnd=50_600)
    assert "Trước quý vị có 12 người" in texts(first)


class TestLayoutWithTheHospitalsName:
    FACILITY = FacilityServices(
        facility="34999",
        facility_name=HOSPITAL,
        facility_name_en="Yên Bình District Hospital",
        kiosk_letter="K",
        services=(),
        as_of=BEFORE_SEVEN,
    )

    @pytest.mark.parametrize(
        ("language", "name"), [("vi", HOSPITAL.upper()), ("en", "YÊN BÌNH DISTRICT HOSPITAL")], ids=["vi", "en"]
    )
    def test_the_name_is_in_the_patient_s_language(self, language: Literal["vi", "en"], name: str) -> None:
        layout = HospitalLayout(lambda: self.FACILITY)
        shown = texts(layout.ticket(visit(language=language), ONLINE))
        assert shown[0] == name
        assert "06:47 - 23/11/2026 - K" in shown

    @pytest.mark.parametrize(
        ("payer", "insured", "line"),
        [
            (Payer.SELF, False, "Tự trả: 45.000 đ, nộp tại quầy thu ngân"),
            (Payer.INSURED, True, None),
            (Payer.ON_REQUEST, False, "Khám theo yêu cầu: 150.000 đ, nộp tại quầy thu ngân"),
            (Payer.ON_REQUEST, True, "Khám theo yêu cầu: 110.200 đ, nộp tại quầy thu ngân"),  # above the insured price
        ],
    )
    def test_the_slip_asks_for_what_is_due_before_the_examination(
        self, payer: Payer, insured: bool, line: str | None
    ) -> None:
        offer = ServiceOffer(
            service="kham-noi", name="Khám nội", name_en="General medicine", queue="NOI", queue_letter="A",
            clinic_name="Khám nội", clinic_name_en="General medicine", room="Phòng 101", floor="Tầng 1",
            price_vnd=39_800, waiting=0, open=True,
            prices=(
                PriceMessage(payer=Payer.INSURED, price_vnd=39_800), PriceMessage(payer=Payer.SELF, price_vnd=45_000),
                PriceMessage(payer=Payer.ON_REQUEST, price_vnd=150_000),
            ),
        )  # fmt: skip
        layout = HospitalLayout(lambda: self.FACILITY.model_copy(update={"services": (offer,)}))
        command = visit(insured=insured).model_copy(update={"payer": payer})
        asked = [one for one in texts(layout.ticket(command, ONLINE)) if "thu ngân" in one]
        assert asked == ([line] if line else [])

    def test_a_kiosk_that_never_heard_of_its_hospital_still_prints(self) -> None:
        assert texts(HospitalLayout(lambda: None).ticket(visit(), ONLINE))[0] == "Số thứ tự của quý vị"

    def test_a_journal_that_cannot_be_read_does_not_cost_the_slip(self) -> None:
        def broken() -> FacilityServices:
            raise JournalError("disk")

        assert texts(HospitalLayout(broken).ticket(visit(), ONLINE))[0] == "Số thứ tự của quý vị"


@pytest.mark.parametrize(
    ("wait_min", "language", "words"),
    [
        ((35, 60), "vi", "Dự kiến chờ 35 đến 60 phút"),
        ((0, 0), "vi", "Dự kiến chờ không quá 1 phút"),  # next: a range that begins with nothing
        ((35, 60), "en", "Expected wait: 35 to 60 minutes"),
        (None, "vi", None),  # too early to say
    ],
)
def test_the_expected_wait_and_priority_stand_in_words(
    wait_min: tuple[int, int] | None, language: Literal["vi", "en"], words: str | None
) -> None:
    ticket = replace(ONLINE, wait_min=wait_min, priority=PriorityGround.ELDERLY)
    lines = [
        block.text for block in ticket_document(visit(language=language), ticket).blocks if isinstance(block, Text)
    ]
    assert ("ƯU TIÊN" if language == "vi" else "PRIORITY") in lines
    assert [line for line in lines if "chờ không quá" in line or "Dự kiến" in line or "Expected" in line] == (
        [words] if words else []
    )
    ordinary = ticket_document(visit(language=language), ONLINE)
    assert "ƯU TIÊN" not in [block.text for block in ordinary.blocks if isinstance(block, Text)]
