"""Sample pictures of every state, with everything a page may have to show; all people are invented."""

from dataclasses import replace

from kiosk.conversation.view import (
    AppointmentView,
    Language,
    PersonView,
    RedFlagView,
    ScreenView,
    ServiceView,
    TicketView,
)
from kiosk.session import State
from server.domain.documents import ExpiredDocuments
from server.domain.red_flags import RED_FLAGS

WOMAN = PersonView(name="NGUYỄN T. H.", birth_year=1951, sex="female", number="•••••••••567", verdict="chip-trusted")
MAN = PersonView(name="H'LOAN N. K. Đ.", birth_year=1988, sex="female", number="•••••••••042", verdict="qr")

CLINICS: dict[Language, tuple[tuple[str, str], ...]] = {
    "vi": (
        ("Khám Nội tổng quát", "Tầng 1"),
        ("Khám Ngoại", "Tầng 1"),
        ("Khám Sản phụ khoa", "Tầng 2"),
        ("Khám Nhi", "Tầng 1"),
        ("Khám Tai Mũi Họng", "Tầng 2"),
        ("Khám Mắt", "Tầng 2"),
        ("Khám Răng Hàm Mặt", "Tầng 2"),
        ("Khám Y học cổ truyền, Phục hồi chức năng", "Tầng 3"),
    ),
    "en": (
        ("General medicine", "Tầng 1"),
        ("Surgery", "Tầng 1"),
        ("Obstetrics and gynaecology", "Tầng 2"),
        ("Paediatrics", "Tầng 1"),
        ("Ear, nose and throat", "Tầng 2"),
        ("Eyes", "Tầng 2"),
        ("Dentistry", "Tầng 2"),
        ("Traditional medicine and rehabilitation", "Tầng 3"),
    ),
}


def services(language: Language, *, online: bool = True, count: int = 8) -> tuple[ServiceView, ...]:
    names = (CLINICS[language] * 2)[:count]
    return tuple(
        ServiceView(
            service=f"clinic-{place}",
            name=name,
            room=f"Phòng {floor[-1]}{place:02d}",
            floor=floor,
            waiting=(place * 7) % 31 if online else None,
            open=place != 6,
            state="open" if place != 6 else "not-today",
            price_vnd=0 if place == 3 else 39_100,
        )
        for place, (name, floor) in enumerate(names, start=1)
    )


def proposed(language: Language, ground: str = "last-visit") -> tuple[ServiceView, ...]:
    """Return clinics as a person with a history meets them: one proposed, one full, one for others, one for later."""
    first, second, third, fourth, *others = services(language)
    return (
        replace(first, ground=ground, wait_min=(20, 35)),
        replace(second, wait_min=(5, 15)),
        replace(third, open=False, state="full"),
        replace(fourth, unfit="age-below", unfit_age=16),
        *(replace(one, state="later", opens="13:00") if one.service == "clinic-5" else one for one in others),
    )


def appointment(check_in: str = "on-time", *, usable: bool = True) -> AppointmentView:
    return AppointmentView(
        check_in=check_in, is_usable=usable, service="Khám Nội tổng quát", room="Phòng 101", floor="Tầng 1",
        doctor="BS CKI Nguyễn Thị Ví Dụ", due_on="23/11", time="09:00", valid_to="07/12",
    )  # fmt: skip


PAYERS = ("insured", "self", "on-request")


def ticket(language: Language) -> TicketView:
    name, floor = CLINICS[language][4]
    return TicketView(
        label="E012", clinic=name, room="Phòng 205", floor=floor, waiting_before=11, offline=False, printing="printed"
    )


def red_flags(language: Language) -> tuple[RedFlagView, ...]:
    return tuple(RedFlagView(code, en if language == "en" else vi) for code, vi, en in RED_FLAGS)


def _empty(language: Language) -> ScreenView:
    """Return the picture of a kiosk before which nobody stands."""
    facility = {"vi": "Bệnh viện đa khoa huyện Đông Hải", "en": "Đông Hải District General Hospital"}[language]
    return ScreenView(revision=1, state=State.WELCOME, language=language, online=True, facility_name=facility)


def _here(language: Language) -> ScreenView:
    """Return the picture of a kiosk whose visitor has a minute left, and a card on the reader."""
    return replace(_empty(language), seconds_left=60.0, card_present=True)


def welcomes(language: Language) -> dict[str, ScreenView]:
    """The first page: all well, and without this or that device."""
    empty = _empty(language)
    welcome = replace(empty, can_show_document=True, can_type_appointment=True)
    return {
        "welcome": welcome,
        "welcome offline without printer": replace(welcome, online=False, printer_ready=False),
        "welcome without reader": replace(welcome, reader_ready=False),
        "welcome without scanner": replace(welcome, scanner_ready=False),
        "welcome without reader and scanner": replace(empty, reader_ready=False, scanner_ready=False),
        "welcome hint": replace(welcome, notice="scanner.hint.small"),
        "welcome closed": replace(empty, out_of_service="journal.disk_full"),
    }


def openings(language: Language) -> dict[str, ScreenView]:
    """From a card, a document or a letter to what opens it."""
    here = _here(language)
    return {
        "asking-number": replace(here, state=State.ASKING_NUMBER),
        "asking-number again with hint": replace(
            here, state=State.ASKING_NUMBER, tries_left=2, notice="scanner.hint.glare"
        ),
        "asking-number or passport": replace(here, state=State.ASKING_NUMBER, can_show_document=True, tries_left=2),
        "asking-number while the desk helps": replace(
            here, state=State.ASKING_NUMBER, can_show_document=True, tries_left=2, helped=True
        ),
        "asking-number with the card in the hand": replace(here, state=State.ASKING_NUMBER, card_present=False),
        "showing": replace(here, state=State.SHOWING, card_present=False),
        "typing a number": replace(here, state=State.TYPING, asked="number"),
        "typing a birth date": replace(here, state=State.TYPING, asked="born", notice="document.born"),
        "typing an expiry": replace(here, state=State.TYPING, asked="expires"),
        "typing-appointment": replace(here, state=State.TYPING_APPOINTMENT, card_present=False),
        "typing-appointment with a wrong digit": replace(
            here, state=State.TYPING_APPOINTMENT, card_present=False, notice="appointment.digits"
        ),
        "letter-kept": replace(here, state=State.LETTER_KEPT, card_present=False, online=False, can_show_document=True),
        "letter-kept without reader": replace(
            here, state=State.LETTER_KEPT, card_present=False, online=False, reader_ready=False
        ),
        "placing after the page": replace(here, state=State.PLACING, zone_read=True),
        "placing after typing with the card in the hand": replace(
            here, state=State.PLACING, card_present=False, number_typed=True
        ),
        "placing after typing": replace(here, state=State.PLACING),
        "reading": replace(here, state=State.READING, progress=0.4),
    }


def confirmations(language: Language) -> dict[str, ScreenView]:
    """Whom a card or a code named, and how surely."""
    confirming = replace(_here(language), state=State.CONFIRMING, person=WOMAN)
    return {
        "confirming proved": confirming,
        "confirming proving": replace(confirming, person=replace(WOMAN, verdict="chip-read", proving=True)),
        "confirming after the chip fell silent": replace(
            confirming, person=replace(WOMAN, verdict="chip-read", reasons=("device.timeout",))
        ),
        "confirming by code": replace(confirming, person=MAN, insurance_kept=True),
        "confirming by an insurance card": replace(
            confirming, person=replace(MAN, number_of="insurance"), insurance_kept=True, notice="card.code_next"
        ),
        "confirming by a passport's page": replace(
            confirming, person=replace(MAN, verdict="mrz", number_of="passport", reasons=("device.timeout",))
        ),
        "confirming expired": replace(confirming, person=replace(WOMAN, expired=ExpiredDocuments.ALLOWED)),
        "confirming expired, to be looked at": replace(
            confirming, person=replace(WOMAN, expired=ExpiredDocuments.CHECKED, number_of="passport")
        ),
        "confirming with an appointment": replace(confirming, appointment=appointment()),
        "confirming with a letter that was used": replace(confirming, appointment=appointment("used", usable=False)),
    }


def choices(language: Language) -> dict[str, ScreenView]:
    """The clinics, the grounds for priority, and the moment before the number."""
    empty, here = _empty(language), _here(language)
    choosing = replace(here, state=State.CHOOSING, person=WOMAN, services=services(language))
    return {
        "choosing": choosing,
        "choosing with a proposal": replace(choosing, services=proposed(language), payers=PAYERS, payer="insured"),
        "choosing with an appointment": replace(
            choosing,
            services=proposed(language, "appointment"),
            appointment=appointment("before-time"),
            payers=PAYERS,
            payer="on-request",
        ),
        "choosing too early for a letter": replace(
            choosing,
            services=proposed(language),
            appointment=appointment("too-early", usable=False),
            payers=PAYERS[:2],
            payer="self",
        ),
        "choosing among names of middle length": replace(
            choosing,
            payers=PAYERS,
            payer="insured",
            services=tuple(
                replace(one, name=name)
                for one, name in zip(
                    services(language),
                    ("Khám y học cổ truyền", "Phục hồi chức năng nhi", "Khám bệnh nghề nghiệp"),
                    strict=False,
                )
            ),
        ),
        "choosing after declaring": replace(choosing, declared=("pregnancy",)),
        "declaring": replace(here, state=State.DECLARING),
        "choosing offline": replace(
            choosing, online=False, printer_ready=False, services=services(language, online=False)
        ),
        "choosing of twelve": replace(choosing, services=services(language, count=12)),
        "registering": replace(empty, state=State.REGISTERING),
    }


def tickets(language: Language) -> dict[str, ScreenView]:
    """A number, on paper and without it."""
    with_ticket = replace(_here(language), state=State.TICKET, ticket=ticket(language), seconds_left=20.0)
    offline_ticket = replace(ticket(language), label="E-K012", waiting_before=None, offline=True, printing="printing")
    return {
        "ticket with priority": replace(
            with_ticket, ticket=replace(ticket(language), priority="elderly", waiting_before=2, wait_min=(6, 15))
        ),
        "ticket of who came again": replace(
            with_ticket,
            can_print_again=True,
            ticket=replace(ticket(language), printing="shown", wait_min=(35, 60)),
        ),
        "ticket back in line": replace(
            with_ticket, ticket=replace(ticket(language), printing="shown", rejoined=True, waiting_before=3)
        ),
        "ticket printed": with_ticket,
        "ticket offline printing": replace(with_ticket, online=False, ticket=offline_ticket),
        "ticket unprinted": replace(
            with_ticket,
            seconds_left=60.0,
            public_url="https://kham.benhvien.vn",
            ticket=replace(
                ticket(language), printing="failed", printer_problem="printer.paper_out", visit_code="7" * 20
            ),
        ),
        "ticket offline unprinted": replace(
            with_ticket,
            online=False,
            seconds_left=60.0,
            ticket=replace(
                offline_ticket, printing="failed", printer_problem="printer.cover_open", visit_code="7" * 20
            ),
        ),
        "ticket unsure": replace(
            with_ticket,
            card_present=False,
            ticket=replace(ticket(language), printing="unsure", printer_problem="printer.silent"),
        ),
        "ticket shown again": replace(with_ticket, ticket=replace(ticket(language), printing="shown")),
    }


def problems(language: Language) -> dict[str, ScreenView]:
    """What went wrong, and what to do about it."""
    here = _here(language)
    return {
        "problem with the number": replace(
            here, state=State.PROBLEM, problem="number.wrong", tries_left=2, can_try_again=True
        ),
        "problem while the desk helps": replace(
            here, state=State.PROBLEM, problem="help.wrong", tries_left=2, can_try_again=True, helped=True
        ),
        "problem with typed fields": replace(
            here, state=State.PROBLEM, problem="document.wrong", can_try_again=True, can_show_document=True
        ),
        "problem with an older card": replace(
            here, state=State.PROBLEM, problem="number.not_enough", can_show_document=True
        ),
        "problem with the card": replace(here, state=State.PROBLEM, problem="card.removed"),
        "problem with a code": replace(here, state=State.PROBLEM, problem="code.unreadable_here"),
        "problem for staff": replace(
            here, state=State.PROBLEM, problem="chip.contradicted", staff_informed=True, can_try_again=False
        ),
        "problem unheard of": replace(here, state=State.PROBLEM, problem="moon.full"),
    }


def calls_for_staff(language: Language) -> dict[str, ScreenView]:
    """Signs that call staff at once, and staff on their way."""
    empty, here = _empty(language), _here(language)
    return {
        "red-flags": replace(here, state=State.RED_FLAGS, red_flags=red_flags(language)),
        "red-flags-aside": replace(here, state=State.RED_FLAGS_ASIDE, red_flags=red_flags(language)),
        "staff-called for a red flag": replace(
            empty, state=State.STAFF_CALLED, urgent=True, staff_informed=True, seconds_left=60.0
        ),
        "staff-called for a red flag and nobody reached": replace(
            empty, state=State.STAFF_CALLED, urgent=True, staff_informed=False, seconds_left=60.0
        ),
        "staff-called": replace(empty, state=State.STAFF_CALLED, seconds_left=60.0, staff_informed=True),
        "staff-called and not known yet whether they heard": replace(
            empty, state=State.STAFF_CALLED, seconds_left=60.0
        ),
        "staff-called offline": replace(empty, state=State.STAFF_CALLED, seconds_left=60.0, staff_informed=False),
    }


def gallery(language: Language) -> dict[str, ScreenView]:
    """Return pictures by name; the first words of a name are its state."""
    rooms = (welcomes, openings, confirmations, choices, tickets, problems, calls_for_staff)
    return {name: view for room in rooms for name, view in room(language).items()}
