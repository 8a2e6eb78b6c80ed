"""Where one conversation after the other is played: state, person, card and picture, behind one lock.

Everything that happens takes the lock, decides by the session's table, and publishes. What takes time (reading a chip,
the journal, the server, the printer) is an errand for others, who call back.
"""

import threading
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from kiosk.clock import Clock
from kiosk.config import TimeLimits
from kiosk.conversation import clinics, identity, presenting
from kiosk.conversation.errands import Errands
from kiosk.conversation.handing_over import hand_over
from kiosk.conversation.memory import CardPresence, Conversation, ReadingOrder
from kiosk.conversation.patience import OPENING, time_limit_s
from kiosk.conversation.stay import Stay
from kiosk.conversation.view import Language, RedFlagView, ScreenView
from kiosk.session import (
    DocumentRefused,
    Event,
    LetterKept,
    StaffCalled,
    StartedOver,
    State,
    TimedOut,
    VisitFound,
    advance,
    is_legal,
)
from server.contract.appointments import FindVisitor
from server.contract.fleet import CardWants, HandOver
from server.contract.v1 import USUAL_RED_FLAGS, FacilityServices, RedFlag
from server.domain.days import local_day
from server.domain.documents import ExpiredDocuments, expiry_rule

FORGETTING: Final = frozenset({State.WELCOME, State.PROBLEM, State.STAFF_CALLED})
"""States that know nobody: entering one drops all personal data."""

_SHOWING_PERSON: Final = frozenset({State.CONFIRMING, State.CHOOSING, State.REGISTERING})

HELPED_BY_ZONE: Final = frozenset(
    {"number.wrong", "number.not_enough", "number.too_many_tries", "card.access_denied", "document.wrong"}
    | {"code.damaged", "code.half", "code.layout", "code.name_unreadable", "code.number_only"}
)
"""Problems after which the printed zone may open the chip, or name its holder."""

HELPED_BY_SHORT_CODE: Final = frozenset({"appointment.not_found", "code.damaged", "code.half", "code.layout"})
"""Problems that somebody with a letter may have, whose short code can be typed."""

_ENDS_HINTS: Final = frozenset({StartedOver, TimedOut, VisitFound, LetterKept})
"""Events after which no earlier hint is true: it was about somebody else, or the new page says it itself."""

_HINTS_OF_A_PAGE: Final = ("visit.looking", "appointment.looking", "scanner.")
"""Beginnings of hints that end with their page, because the next one is what was waited for."""

CARD_LEFT_LYING: Final = "card.left_lying"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is true of the kiosk whoever stands before it; no personal data.

    ``blocks``: why it takes nobody in. ``at_desk``: its devices are a desk's, where staff see every document.
    """

    services: FacilityServices | None = None
    online: bool = False
    reader_ready: bool = True
    scanner_ready: bool = True
    printer_ready: bool = True
    blocks: frozenset[str] = frozenset()
    at_desk: bool = False

    @property
    def out_of_service(self) -> str | None:
        """The stable code to show: the first of the reasons, always the same one for the same reasons."""
        return min(self.blocks, default=None)

    @property
    def expired_documents(self) -> ExpiredDocuments:
        """The hospital's rule for documents past their last day."""
        if self.services is None or self.at_desk:
            return ExpiredDocuments.ALLOWED
        return self.services.expired_documents


@dataclass(slots=True)
class Screen:
    """What the present picture adds to state and conversation; ``entered`` is the revision the page began with."""

    revision: int
    entered: int
    deadline: float | None = None
    problem: str | None = None
    notice: str | None = None
    notice_until: float = 0.0
    card_wanted: bool = False  # the card of a failed attempt, or of who called staff, still lies there to be opened
    can_try_again: bool = False
    types_document: bool = False  # what can be tried again is the document's fields, not the number
    tries_left: int | None = None
    is_ringing: bool = False  # staff were called to this page
    staff_informed: bool | None = None  # None until it is known whether the call reached them
    invited: bool = False  # the desk took over and asked the person to come
    urgent: bool = False  # staff were called because of a sign that cannot wait
    warned: bool = False


class Stage:
    """State, conversation and picture of one kiosk. Callers hold ``lock`` around everything they do here."""

    def __init__(self, *, limits: TimeLimits, language: Language, clock: Clock, errands: Errands) -> None:
        self.limits = limits
        self.clock = clock
        self.errands = errands
        self.lock = threading.Condition()
        self.state = State.WELCOME
        self.conversation = Conversation(language)
        self.card: CardPresence | None = None
        self.order: ReadingOrder | None = None
        self.around = Surroundings()
        self.stay = Stay(clock.now())
        self.page_epoch = 0
        self.pairing: tuple[str, datetime] | None = None
        self._language = language
        # Milliseconds: a page of a process that died is stale in the next one.
        start = int(clock.now().timestamp() * 1000)
        self.screen = Screen(revision=start, entered=start)
        self._picture = self._draw()

    @property
    def today(self) -> date:
        """The hospital's day."""
        return local_day(self.clock.now())

    def view(self) -> ScreenView:
        deadline = self.screen.deadline
        left = None if deadline is None else max(0.0, deadline - self.clock.monotonic())
        return replace(self._picture, seconds_left=left)

    def fire(self, event: Event, problem: str | None = None) -> None:
        """Let ``event`` happen if the table knows it here; ``problem`` is told where it leads to PROBLEM."""
        if is_legal(self.state, event):
            if type(event) in _ENDS_HINTS:
                self.screen.notice = None
            self._enter(advance(self.state, event), problem)

    @property
    def expiry_rule(self) -> ExpiredDocuments | None:
        """The rule to follow about the known person's document; None while it is in date, or nobody is known."""
        known = self.conversation.known
        if known is None:
            return None
        return expiry_rule(known.evidence.document_expires_on, self.around.expired_documents, on=self.today)

    def show_person(self, event: Event) -> None:
        """Let ``event`` lead to the person's page; with a document the hospital refuses, call staff instead."""
        if self.expiry_rule is ExpiredDocuments.REFUSED:
            self.stop_self_service(DocumentRefused(), "document.expired")
        else:
            self.fire(event)

    def stop_self_service(self, event: Event, problem: str) -> None:
        """Let ``event`` happen and call staff without being asked."""
        step, handed = self.state, self.handed_over(self.state, problem)
        self.fire(event, problem)
        self.ring(step, problem, handed)

    def ring(self, step: State, problem: str | None, handed: HandOver | None = None) -> None:
        """Call staff to the present page; ``step`` and ``problem`` are where the person got stuck.

        ``handed`` was taken before the page forgot the person: the desk need not ask for everything again.
        """
        self.screen.is_ringing = True
        self.publish()
        self.errands.call_staff(step, problem, handed)

    def handed_over(self, step: State, problem: str | None) -> HandOver | None:
        """Return what the desk needs to go on with this person; None when nothing is known of them."""
        return hand_over(self.conversation, stay=self.stay.id, step=step, problem=problem, now=self.clock.now())

    @property
    def card_wants(self) -> CardWants | None:
        """What would open the card of the person who stands there; None when no card waits to be opened.

        A card that was refused too often is left alone, and one that lies on the welcome page belongs to nobody.
        """
        card, screen = self.card, self.screen
        if card is None or not card.may_be_tried or self.state not in OPENING:
            return None
        if self.state in {State.PROBLEM, State.STAFF_CALLED} and not screen.card_wanted:
            return None
        asks_for_zone = self.state in {State.SHOWING, State.TYPING} or screen.types_document
        return "document" if asks_for_zone or card.needs_zone else "number"

    @property
    def waits_for_anybody(self) -> bool:
        """Whether nobody is known and no card asks for its number: whatever names a person begins with them."""
        is_lifted = self.state is State.ASKING_NUMBER and self.card is None
        return is_lifted or self.state in {State.WELCOME, State.PROBLEM, State.TYPING_APPOINTMENT, State.LETTER_KEPT}

    def call_staff(self) -> None:
        """Go to the page of the call; the desk may still open the card that lies there."""
        wants = self.card_wants
        self.fire(StaffCalled())
        self.screen.card_wanted = wants is not None
        self.screen.types_document = wants == "document"

    def note(self, notice: str) -> None:
        """Show a passing hint (a stable code) on whatever page stands."""
        self.screen.notice = notice
        self.screen.notice_until = self.clock.monotonic() + self.limits.notice_s
        self.publish()

    def forget_person(self) -> None:
        """Drop what is known of somebody who may be gone with their card; the page stays, in their language."""
        self.conversation = Conversation(self.conversation.language)
        self.stay = self.stay.after(State.WELCOME, self.state, self.clock.now())
        self.publish()

    def make_room(self) -> None:
        """The next person may begin while the last one's printed number still stands on the screen."""
        if self.state is State.TICKET and self.conversation.printing in {"printed", "shown"}:
            self.fire(StartedOver())

    def ask_about_visitor(self) -> None:
        """Have the server asked for the known person's appointment and last clinic; the page does not wait for it."""
        talk = self.conversation
        numbers = talk.known.message.identifiers if talk.known else ()
        if numbers:
            self.errands.find_visitor(talk, FindVisitor(code=talk.appointment_code, identifiers=numbers))

    def match_insurance(self) -> None:
        """Keep a health insurance card shown before the person was known only if it is this person's."""
        talk = self.conversation
        if talk.insurance and talk.known and not identity.is_same_person(talk.insurance, talk.known.person):
            talk.insurance = None
            self.note("insurance.other_person")

    def _enter(self, state: State, problem: str | None = None) -> None:
        if state in FORGETTING:
            language = self._language if state is State.WELCOME else self.conversation.language
            self.conversation = Conversation(language)
            self.order = None
        self.stay = self.stay.after(state, self.state, self.clock.now())
        self.state = state
        old = self.screen
        self.screen = Screen(
            revision=old.revision,
            entered=old.revision + 1,
            problem=problem if state is State.PROBLEM else None,
            notice=old.notice if old.notice and not old.notice.startswith(_HINTS_OF_A_PAGE) else None,
            notice_until=old.notice_until,
        )
        self.set_deadline()
        self.publish()
        if state is State.CONFIRMING:
            self.ask_about_visitor()

    def publish(self) -> None:
        self.screen.revision += 1
        self._picture = self._draw()
        self.lock.notify_all()

    def check_time(self) -> float:
        """Do what the clock asks for now; return the seconds until it may ask again."""
        with self.lock:
            now = self.clock.monotonic()
            deadline = self.screen.deadline
            if deadline is not None and now >= deadline:
                self._time_out()
            elif deadline is not None and not self.screen.warned and now >= deadline - self.limits.warning_s:
                self.screen.warned = True
                self.publish()
            if self.screen.notice is not None and now >= self.screen.notice_until:
                self.screen.notice = None
                self.publish()
            moments = [self.screen.deadline, self.screen.notice_until if self.screen.notice else None]
            return max(0.0, min((moment - now for moment in moments if moment is not None), default=1.0))

    def set_deadline(self) -> None:
        talk = self.conversation
        is_untouched = talk.language == self._language and talk.appointment_code is None
        limit = time_limit_s(self.state, talk, self.limits, is_untouched=is_untouched)
        self.screen.deadline = None if limit is None else self.clock.monotonic() + limit
        self.screen.warned = False

    def hurry(self, limit_s: float) -> None:
        """Let the page end after ``limit_s`` unless somebody touches it; shorter than a warning, it asks at once."""
        end = self.clock.monotonic() + limit_s
        self.screen.deadline = end if self.screen.deadline is None else min(end, self.screen.deadline)
        self.publish()

    def _time_out(self) -> None:
        if self.state is State.WELCOME:  # somebody chose a language and left
            self._enter(State.WELCOME)
        else:
            self.fire(TimedOut())

    @property
    def red_flags(self) -> tuple[RedFlag, ...]:
        """The signs of the hospital's list; the usual ones at a kiosk that never met its server."""
        services = self.around.services
        return services.red_flags if services else USUAL_RED_FLAGS

    def _red_flag_views(self) -> tuple[RedFlagView, ...]:
        is_english = self.conversation.language == "en"
        return tuple(RedFlagView(flag.code, flag.words_en if is_english else flag.words) for flag in self.red_flags)

    def _card_lies_unused(self) -> bool:
        """Whether a card of an earlier conversation still lies there: it belongs to nobody until it is lifted."""
        return self.state is State.WELCOME and self.card is not None and not self.around.blocks

    def _can_show_document(self) -> bool:
        """Whether the printed zone would help here: nobody is known, and something else than a code may do."""
        if not self.around.reader_ready and not self.around.scanner_ready:
            return False
        may_help = self.screen.problem in HELPED_BY_ZONE
        asks = {State.WELCOME, State.ASKING_NUMBER, State.LETTER_KEPT}
        return self.state in asks or (self.state is State.PROBLEM and may_help)

    def _can_type_appointment(self) -> bool:
        if self.around.out_of_service is not None:
            return False
        may_help = self.screen.problem in HELPED_BY_SHORT_CODE
        return self.state is State.WELCOME or (self.state is State.PROBLEM and may_help)

    def _draw(self) -> ScreenView:
        talk, screen, around = self.conversation, self.screen, self.around
        vietnamese = talk.language == "vi"
        services = around.services
        return ScreenView(
            revision=screen.revision,
            state=self.state,
            language=talk.language,
            online=around.online,
            progress=talk.progress,
            person=presenting.person(talk, self.expiry_rule) if self.state in _SHOWING_PERSON else None,
            services=clinics.service_views(talk, services, online=around.online, now=self.clock.now())
            if services and self.state is State.CHOOSING
            else (),
            appointment=clinics.appointment_view(talk, services, talk.language)
            if self.state in {State.CONFIRMING, State.CHOOSING}
            else None,
            payers=tuple(clinics.payers_offered(services)) if services and self.state is State.CHOOSING else (),
            payer=clinics.payer_of(talk),
            ticket=presenting.ticket(talk),
            public_url=services.public_url if services else None,
            problem=screen.problem,
            notice=screen.notice or (CARD_LEFT_LYING if self._card_lies_unused() else None),
            reader_ready=around.reader_ready,
            scanner_ready=around.scanner_ready,
            printer_ready=around.printer_ready,
            facility_name=(services.facility_name if vietnamese else services.facility_name_en) if services else "",
            out_of_service=around.out_of_service,
            can_try_again=screen.can_try_again,
            can_show_document=self._can_show_document(),
            can_type_appointment=self._can_type_appointment(),
            asked=talk.typed.asked if talk.typed else None,
            number_typed=talk.number is not None,
            zone_read=talk.document is not None and talk.document.known is not None,
            tries_left=screen.tries_left,
            card_present=self.card is not None,
            insurance_kept=talk.insurance is not None,
            staff_informed=screen.staff_informed,
            helped=talk.helped and self.card is not None and self.state in OPENING | {State.READING},
            invited_to_desk=screen.invited,
            urgent=screen.urgent,
            red_flags=self._red_flag_views() if self.state in {State.RED_FLAGS, State.RED_FLAGS_ASIDE} else (),
            declared=tuple(talk.declared),
            can_print_again=talk.again is not None and talk.printing == "shown",
            page_epoch=self.page_epoch,
            pairing_code=self.pairing[0] if self.pairing and self.clock.now() < self.pairing[1] else None,
        )
