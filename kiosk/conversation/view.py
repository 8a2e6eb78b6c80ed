"""What the screen may know: the flow publishes one ``ScreenView`` after every change, pages only draw it.

Names are masked here already; nothing in a view needs hiding again.
"""

from dataclasses import dataclass
from typing import Literal

from kiosk.session import State
from server.domain.documents import ExpiredDocuments

Language = Literal["vi", "en"]
Printing = Literal["printing", "printed", "unsure", "failed", "shown"]  # shown: an earlier slip, not printed again

NumberOf = Literal["card", "passport", "insurance"]  # the document that a person's number stands on


@dataclass(frozen=True, slots=True)
class PersonView:
    """``name`` is masked (``NGUYỄN V. Đ.``), ``number`` shows the last three digits, ``verdict`` is a stable code:
    ``chip-trusted``, ``chip-consistent``, ``chip-read``, ``qr``, ... and ``proving`` while proof is on its way;
    ``reasons`` are the stable codes behind it."""

    name: str
    birth_year: int | None
    sex: str
    number: str | None
    verdict: str
    proving: bool = False
    expired: ExpiredDocuments | None = None  # the document is out of date, and this is the hospital's rule
    reasons: tuple[str, ...] = ()
    number_of: NumberOf = "card"


@dataclass(frozen=True, slots=True)
class ServiceView:
    service: str
    name: str
    room: str
    floor: str
    waiting: int | None  # None when the server is out of reach: unknown is not zero
    open: bool
    price_vnd: int = 0
    state: str = "open"  # why it is not open: a value of domain.catalogue.ClinicState, or "no-price" for this payer
    opens: str | None = None  # ``13:00``: closed now, numbers are given for then
    wait_min: tuple[int, int] | None = None  # an honest range in minutes
    ground: str | None = None  # why it is proposed first: a value of domain.proposal.Ground
    unfit: str | None = None  # whom it is meant for instead: age-below, age-from, for-female, for-male
    unfit_age: int | None = None  # the bound of the first two


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """An appointment of the person. ``check_in`` is a value of domain.appointments.CheckIn; days are ``23/11``.

    ``is_usable``: one touch registers the visit it was made for.
    """

    check_in: str
    is_usable: bool
    service: str
    room: str
    floor: str
    doctor: str
    due_on: str
    time: str | None
    valid_to: str


@dataclass(frozen=True, slots=True)
class TicketView:
    label: str
    clinic: str
    room: str
    floor: str
    waiting_before: int | None
    offline: bool
    printing: Printing
    wait_min: tuple[int, int] | None = None  # an honest range in minutes, as it was when the number was given or shown
    priority: str | None = None  # the ground that counts for it, a value of domain.priority.PriorityGround
    rejoined: bool = False  # its call was missed, and it is back in line since the slip was shown
    printer_problem: str | None = None  # stable code, e.g. "printer.paper_out"
    visit_code: str | None = None  # stands in the slip's QR


@dataclass(frozen=True, slots=True)
class RedFlagView:
    """A sign at which staff are called at once."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class ScreenView:
    """One picture of the kiosk. ``revision`` grows by one with every change and names this picture.

    ``seconds_left`` runs until the state times out (None: it does not); ``progress`` is 0..1 while READING;
    ``problem`` is a stable code (see the error texts in kiosk/screens/texts); ``notice`` a passing hint, e.g.
    ``"scanner.not_ours"``. ``out_of_service`` is a stable code: this kiosk registers nobody until a technician acts.
    ``can_try_again`` says that ``try_again`` has a meaning on this picture; ``tries_left`` counts wrong numbers down.
    """

    revision: int
    state: State
    language: Language
    online: bool
    seconds_left: float | None = None
    progress: float = 0.0
    person: PersonView | None = None
    services: tuple[ServiceView, ...] = ()
    appointment: AppointmentView | None = None
    payers: tuple[str, ...] = ()  # kinds of payer to choose from; empty where there is but one price
    payer: str = ""  # the one whose prices are shown
    ticket: TicketView | None = None
    public_url: str | None = None  # where phones reach the server, for the code of a slip
    problem: str | None = None
    notice: str | None = None
    reader_ready: bool = True
    scanner_ready: bool = True
    printer_ready: bool = True
    facility_name: str = ""
    out_of_service: str | None = None
    can_try_again: bool = False
    can_show_document: bool = False
    can_type_appointment: bool = False  # the short code of a letter
    asked: str | None = None  # the field of a document that is typed now: number, born, expires
    number_typed: bool = False  # with the card in the hand: it is to be laid down again
    zone_read: bool = False  # the zone named the person: the chip may be skipped
    tries_left: int | None = None
    card_present: bool = False  # lies on the reader now: "leave it there", and at the end "take your card"
    insurance_kept: bool = False  # a health insurance card of this person was shown
    urgent: bool = False  # staff were called because of a red flag
    red_flags: tuple[RedFlagView, ...] = ()
    declared: tuple[str, ...] = ()  # grounds for priority the person named, values of domain.priority.PriorityGround
    can_print_again: bool = False  # the person has this number already, and may want its slip once more
    staff_informed: bool | None = None  # None: not called, or not known yet; False: the call waits for the server
    helped: bool = False  # somebody at the desk is opening the card
    invited_to_desk: bool = False  # the desk took over: the person is asked to come there
    page_epoch: int = 0  # a browser whose page has another one loads it anew
    pairing_code: str | None = None  # of a desk's own devices: proves that a browser stands beside them
