"""The table of states: complete, without dead ends, and without a way for one person's data into another's session."""

import random
from collections.abc import Callable
from typing import Final

import pytest

from drivers.codec.recognise import CodeKind, MrzCode, OwnCode, Recognised, recognise
from drivers.errors import AccessDenied, DeviceTimeout, ProtocolViolation
from drivers.icao9303.reading import Assurance
from drivers.simulated.document_texts import mrz_lines
from drivers.simulated.people import get_person
from kiosk import session
from kiosk.config import KioskSection
from kiosk.conversation.memory import ReadingOrder
from kiosk.conversation.stage import FORGETTING
from kiosk.conversation.ticket import from_answer
from kiosk.conversation.view import Printing
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.session import (
    TRANSITIONS,
    ChipSkipped,
    CodeAccepted,
    Event,
    IdentityRead,
    IllegalTransition,
    State,
    VisitFound,
    advance,
    is_legal,
)
from server.contract.appointments import VisitorFound
from server.contract.v1 import PersonMessage
from server.domain.identity import IdentifierSystem, mask_name
from tests.kiosk.kit import (
    TurnableClock,
    answer_to,
    chip_identity,
    chip_reading,
    facility_services,
    id_code,
    insurance_code,
    letter_holder,
    visit_offer,
)
from tests.kiosk.notebook import Notebook

EVENTS = [
    one for one in vars(session).values() if isinstance(one, type) and issubclass(one, Event) and one is not Event
]


def reachable(start: State, allowed: Callable[[State, type[Event]], bool]) -> set[State]:
    found, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        for (before, event), after in TRANSITIONS.items():
            if before is state and after not in found and allowed(before, event):
                found.add(after)
                waiting.append(after)
    return found


def test_every_state_can_be_reached_from_the_first() -> None:
    assert reachable(State.WELCOME, lambda *_: True) == set(State)


@pytest.mark.parametrize("state", State)
def test_no_state_is_a_dead_end(state: State) -> None:
    assert State.WELCOME in reachable(state, lambda *_: True)


def test_every_event_has_a_meaning_somewhere() -> None:
    assert {event for _, event in TRANSITIONS} == set(EVENTS)


@pytest.mark.parametrize("state", sorted(FORGETTING))
def test_nobody_is_confirmed_without_being_named_since_the_last_forgetting(state: State) -> None:
    naming = {ChipSkipped, CodeAccepted, IdentityRead, VisitFound}
    unnamed = reachable(state, lambda _, event: event not in naming)
    assert unnamed.isdisjoint({State.CONFIRMING, State.CHOOSING, State.REGISTERING, State.TICKET})


def test_an_event_without_meaning_is_refused_and_said_to_be() -> None:
    for state in State:
        for event in EVENTS:
            if (state, event) in TRANSITIONS:
                assert is_legal(state, event())
                assert advance(state, event()) is TRANSITIONS[state, event]
            else:
                assert not is_legal(state, event())
                with pytest.raises(IllegalTransition):
                    advance(state, event())


PEOPLE = ("duc", "hoa", "tuan")
NUMBERS = {get_person(key).personal_number: key for key in PEOPLE}
MASKED = {mask_name(get_person(key).full_name): key for key in PEOPLE}
NUMBER_OF = {key: number for number, key in NUMBERS.items()}
ZONES = {key: recognise("\n".join(mrz_lines(get_person(key))).encode()) for key in PEOPLE}
MASKED |= {mask_name(zone.value.name): key for key, zone in ZONES.items() if isinstance(zone.value, MrzCode)}
INSURANCES = {card.card_number: key for key in PEOPLE if (card := get_person(key).insurance)}
ID_CODES = {key: id_code(key) for key in PEOPLE}
INSURANCE_CODES = {key: insurance_code(key) for key in PEOPLE}
CHIPS = {key: chip_identity(key) for key in PEOPLE}
READINGS = {key: chip_reading(key) for key in PEOPLE}
CANS = {key: (get_person(key).personal_number or "")[-6:] for key in PEOPLE}
LETTER_CODES = {key: str(place) * 20 for place, key in enumerate(PEOPLE, start=2)}
LETTERS = {key: Recognised(CodeKind.APPOINTMENT, OwnCode(code)) for key, code in LETTER_CODES.items()}
HOLDERS = {LETTER_CODES[key]: letter_holder(key) for key in PEOPLE}
PRINTINGS: tuple[Printing, ...] = ("printed", "unsure", "failed")

WALKS: Final = 200
STEPS: Final = 40


class Hall:
    """Several people at one kiosk, with every late answer a device, server or printer can give.

    Whose card lies on the reader is known here; what the kiosk may say of whom is checked after every step. Steps are
    drawn by weight, so that walks get as far as two visits of two people.
    """

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.clock, self.errands = TurnableClock(), Notebook()
        self.kiosk = Kiosk(KioskSection(), clock=self.clock, errands=self.errands, devices=Devices())
        self.kiosk.services_changed(facility_services())
        self.stage = self.kiosk._stage
        self.card: str | None = None
        self.orders: list[tuple[ReadingOrder, str]] = []
        self.confirmed: str | None = None
        self.labels: dict[int, str] = {}
        self.trail: list[str] = []
        self.steps: list[tuple[int, Callable[[], None]]] = [
            (4, self.put_or_take_card),
            (4, self.show_id_code),
            (3, self.show_insurance_card),
            (3, self.show_zone),
            (4, self.reach_for_a_document),
            (4, self.type_number),
            (5, self.begin_reading),
            (6, self.chip_answers),
            (5, self.confirm),
            (5, self.choose),
            (3, self.server_answers),
            (2, self.printer_answers),
            (2, self.touch_another_button),
            (3, self.show_letter),
            (4, self.server_knows_the_visitor),
            (3, self.check_in),
            (3, self.think_of_priority),
            (1, self.wait),
        ]

    def walk(self) -> None:
        weights = [weight for weight, _ in self.steps]
        for _, step in self.dice.choices(self.steps, weights, k=STEPS):
            self.trail.append(step.__name__)
            step()
            self.check()

    def somebody(self) -> str:
        person = self.dice.choice(PEOPLE)
        self.trail[-1] += f"({person})"
        return person

    # People

    def put_or_take_card(self) -> None:
        if self.card is None:
            self.card = self.somebody()
            self.kiosk.card.card_arrived()
        else:
            self.card = None
            self.kiosk.card.card_left()

    def show_id_code(self) -> None:
        self.kiosk.codes.code_seen(ID_CODES[self.somebody()])

    def show_zone(self) -> None:
        """The printed lines of somebody's card, asked for or not."""
        self.kiosk.codes.code_seen(ZONES[self.somebody()])

    def reach_for_a_document(self) -> None:
        kiosk, revision = self.kiosk, self.kiosk.view().revision
        born_on = f"{get_person(self.somebody()).born_on:%d%m%Y}"
        touches: list[Callable[[int], None]] = [
            kiosk.show_document,
            kiosk.type_document,
            kiosk.previous_field,
            kiosk.skip_chip,
            lambda seen: kiosk.enter_field(str(NUMBER_OF[self.dice.choice(PEOPLE)]), seen),
            lambda seen: kiosk.enter_field(born_on, seen),
        ]
        self.dice.choice(touches)(revision)

    def show_insurance_card(self) -> None:
        self.kiosk.codes.code_seen(INSURANCE_CODES[self.somebody()])

    def type_number(self) -> None:
        person = self.card if self.card and self.dice.random() < 0.7 else self.somebody()
        self.kiosk.enter_number(CANS[person], self.kiosk.view().revision)

    def touch_another_button(self) -> None:
        kiosk = self.kiosk
        action = self.dice.choice([kiosk.reject, kiosk.try_again, kiosk.start_over, kiosk.call_staff, kiosk.still_here])
        self.trail[-1] += f"({action.__name__})"
        action(kiosk.view().revision)

    def confirm(self) -> None:
        view = self.kiosk.view()
        if view.state is State.CONFIRMING and view.person is not None:
            self.confirmed = MASKED[view.person.name]
        self.kiosk.confirm(view.revision)

    def choose(self) -> None:
        self.kiosk.choose("noi", self.kiosk.view().revision)

    def show_letter(self) -> None:
        self.kiosk.codes.code_seen(LETTERS[self.somebody()])

    def check_in(self) -> None:
        view = self.kiosk.view()
        if view.state is State.CONFIRMING and view.person is not None and view.appointment is not None:
            self.confirmed = MASKED[view.person.name]
        self.kiosk.check_in(view.revision)

    def think_of_priority(self) -> None:
        kiosk, revision = self.kiosk, self.kiosk.view().revision
        touches: list[Callable[[int], None]] = [
            kiosk.ask_red_flags,
            kiosk.no_red_flag,
            kiosk.ask_priority,
            kiosk.print_again,
            lambda seen: kiosk.name_priority("merit", seen),
            lambda seen: kiosk.name_red_flag("fit", seen),
        ]
        action = self.dice.choice(touches)
        action(revision)

    def wait(self) -> None:
        self.clock.pass_time(self.dice.choice([9, 61]))
        self.kiosk.check_time()

    # Devices and servers, in time or late

    def begin_reading(self) -> None:
        order = self.kiosk.card.take_order()
        if order is not None and self.card is not None:
            self.orders.append((order, self.card))

    def chip_answers(self) -> None:
        """A chip opens with its own number only; what opened says its own holder's name, now or much later."""
        if not self.orders:
            return
        order, person = self.orders[-1] if self.dice.random() < 0.7 else self.dice.choice(self.orders)
        card = self.kiosk.card
        opened: dict[str, Callable[[], None]] = {
            "identified": lambda: card.chip_identified(order, CHIPS[person], "PACE-CAN"),
            "read": lambda: card.chip_read(order, READINGS[person]),
            "contradicted": lambda: card.chip_proved(order, Assurance.CONTRADICTED, ()),
            "mute": lambda: card.chip_failed(order, DeviceTimeout("mute")),
            "broken": lambda: card.chip_failed(order, ProtocolViolation("MAC")),
        }
        # A stranger's chip that opens all the same is what an attacker would build: the kiosk must notice.
        if order.passwords.can != CANS[person] and self.dice.random() < 0.8:
            card.chip_failed(order, AccessDenied(("PACE-CAN",)))
            return
        outcome = self.dice.choices(list(opened), [4, 4, 1, 1, 1])[0]
        self.trail[-1] += f"({person} {outcome})"
        opened[outcome]()

    def server_knows_the_visitor(self) -> None:
        """A letter's code brings its holder's name, numbers bring an appointment; some answers never come."""
        if not self.errands.questions:
            return
        conversation, asked = self.dice.choice(self.errands.questions[-3:])
        if self.dice.random() < 0.2:
            self.kiosk.visitor_found(conversation, None)
            return
        holder = HOLDERS[asked.code] if asked.code and not asked.identifiers else None
        code = asked.code or "1" * 20
        self.kiosk.visitor_found(conversation, VisitorFound(appointments=(visit_offer(code),), holder=holder))

    def server_answers(self) -> None:
        if not self.errands.registrations:
            return
        conversation, command = self.dice.choice(self.errands.registrations[-2:])
        chance = self.dice.random()
        if chance < 0.1:
            self.kiosk.service_refused(conversation, "service.full")
        elif chance < 0.3:
            self.kiosk.registration_failed(conversation, "registration.refused")
        else:
            label = self.labels.setdefault(id(conversation), f"A{len(self.labels) + 1:03d}")
            self.kiosk.registered(conversation, from_answer(answer_to(command, label)))

    def printer_answers(self) -> None:
        if self.errands.registrations:
            conversation, _ = self.dice.choice(self.errands.registrations[-2:])
            self.kiosk.ticket_printing(conversation, self.dice.choice(PRINTINGS))

    # What must hold

    def check(self) -> None:
        self.states_that_know_nobody_hold_nothing_of_anybody()
        self.one_conversation_holds_one_persons_data()
        self.whoever_is_registered_was_shown_and_confirmed_with_their_own_papers()
        self.a_ticket_on_the_screen_is_that_of_its_conversation()
        self.a_person_known_by_a_card_stands_beside_no_other()

    def states_that_know_nobody_hold_nothing_of_anybody(self) -> None:
        if self.stage.state in FORGETTING:
            talk, view = self.stage.conversation, self.kiosk.view()
            assert (talk.known, talk.code, talk.insurance, talk.ticket, talk.confirmed_at) == (None,) * 5
            assert (talk.visitor, talk.payer, view.person, view.ticket, view.appointment) == (None,) * 5

    def one_conversation_holds_one_persons_data(self) -> None:
        talk = self.stage.conversation
        if talk.known is None:
            assert self.stage.state not in {State.CONFIRMING, State.CHOOSING, State.REGISTERING}
            return
        owners = {owner_of(talk.known.message)}
        if talk.code is not None and self.stage.state is not State.READING:
            owners.add(NUMBERS[talk.code.personal_number])
        if talk.insurance is not None:
            owners.add(INSURANCES[talk.insurance.card_number])
        assert len(owners) == 1
        person = self.kiosk.view().person
        assert person is None or MASKED[person.name] in owners

    def whoever_is_registered_was_shown_and_confirmed_with_their_own_papers(self) -> None:
        if self.stage.state is State.REGISTERING:
            _, command = self.errands.registrations[-1]
            assert owner_of(command.person) == self.confirmed
            assert command.insurance is None or INSURANCES[command.insurance.card_number] == self.confirmed

    def a_ticket_on_the_screen_is_that_of_its_conversation(self) -> None:
        view = self.kiosk.view()
        if view.ticket is not None:
            assert view.ticket.label == self.labels[id(self.stage.conversation)]

    def a_person_known_by_a_card_stands_beside_no_other(self) -> None:
        states = {State.CONFIRMING, State.CHOOSING, State.DECLARING}
        if self.stage.state in states and self.stage.conversation.from_chip and self.card is not None:
            known = self.stage.conversation.known
            assert known is not None
            assert owner_of(known.message) == self.card


def owner_of(message: PersonMessage) -> str:
    values = {one.system: one.value for one in message.identifiers}
    if not values:  # known by a letter
        return MASKED[mask_name(message.full_name)]
    number = values.get(IdentifierSystem.PERSONAL_NUMBER)
    return NUMBERS[number] if number else INSURANCES[values[IdentifierSystem.INSURANCE_CARD]]


@pytest.mark.parametrize("seed", range(10))
def test_nobody_sees_or_takes_anything_of_anybody_else(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(WALKS):
        hall = Hall(dice)
        try:
            hall.walk()
        except AssertionError as error:
            raise AssertionError(f"after {' '.join(hall.trail)}") from error
