"""The table of states: complete, without dead ends, and without a way for one person's data into another's session."""

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from drivers.errors import AccessDenied, CardRemoved, DeviceTimeout, ProtocolViolation
from drivers.icao9303.reading import Assurance
from drivers.simulated.people import get_person
from kiosk import session
from kiosk.config import KioskSection
from kiosk.conversation import Conversation, ReadingOrder
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.session import (
    TRANSITIONS,
    CodeAccepted,
    Event,
    IdentityRead,
    IllegalTransition,
    State,
    VisitFound,
    advance,
    is_legal,
)
from kiosk.stage import FORGETTING
from kiosk.ticket import from_answer
from server.contract.v1 import RegisterEncounter
from server.domain.identity import IdentifierSystem, mask_name
from tests.kiosk.kit import (
    TurnableClock,
    answer_to,
    chip_identity,
    chip_reading,
    facility_services,
    id_code,
    insurance_code,
)

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
    naming = {CodeAccepted, IdentityRead, VisitFound}
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


class Notebook:
    def __init__(self) -> None:
        self.registrations: list[tuple[Conversation, RegisterEncounter]] = []
        self.searches: list[Conversation] = []

    def register(self, conversation: Conversation, command: RegisterEncounter) -> None:
        self.registrations.append((conversation, command))

    def call_staff(self, step: State, problem: str | None) -> None:
        pass

    def find_visit(self, conversation: Conversation, visit_code: str) -> None:
        self.searches.append(conversation)


PEOPLE = ("duc", "hoa", "tuan")
NUMBERS = {get_person(key).personal_number: key for key in PEOPLE}
MASKED = {mask_name(get_person(key).full_name): key for key in PEOPLE}
INSURANCES = {card.card_number: key for key in PEOPLE if (card := get_person(key).insurance)}
people = st.sampled_from(PEOPLE)


class Hall(RuleBasedStateMachine):
    """Several people at one kiosk, with every late answer a device, server or printer can give.

    Whose card lies on the reader is known here; what the kiosk may say of whom is checked after every step.
    """

    @initialize()
    def open_kiosk(self) -> None:
        self.clock, self.errands = TurnableClock(), Notebook()
        self.kiosk = Kiosk(KioskSection(), clock=self.clock, errands=self.errands, devices=Devices())
        self.kiosk.services_changed(facility_services())
        self.card: str | None = None
        self.orders: list[tuple[ReadingOrder, str]] = []
        self.confirmed: str | None = None
        self.answered: dict[int, str] = {}
        self.stage = self.kiosk._stage

    # People

    @precondition(lambda self: self.card is None)
    @rule(person=people)
    def put_card(self, person: str) -> None:
        self.card = person
        self.kiosk.card.card_arrived()

    @precondition(lambda self: self.card is not None)
    @rule()
    def take_card(self) -> None:
        self.card = None
        self.kiosk.card.card_left()

    @rule(person=people)
    def show_id_code(self, person: str) -> None:
        self.kiosk.codes.code_seen(id_code(person))

    @rule(person=people)
    def show_insurance_card(self, person: str) -> None:
        self.kiosk.codes.code_seen(insurance_code(person))

    @rule(person=people)
    def type_number(self, person: str) -> None:
        number = get_person(person).personal_number
        assert number is not None
        self.kiosk.enter_number(number[-6:], self.kiosk.view().revision)

    @rule(action=st.sampled_from(["reject", "try_again", "start_over", "call_staff", "still_here"]))
    def touch(self, action: str) -> None:
        getattr(self.kiosk, action)(self.kiosk.view().revision)

    @rule()
    def confirm(self) -> None:
        view = self.kiosk.view()
        if view.state is State.CONFIRMING and view.person is not None:
            self.confirmed = MASKED[view.person.name]
        self.kiosk.confirm(view.revision)

    @rule()
    def choose(self) -> None:
        self.kiosk.choose("noi", self.kiosk.view().revision)

    @rule(seconds=st.sampled_from([1, 9, 44, 61]))
    def wait(self, seconds: int) -> None:
        self.clock.pass_time(seconds)
        self.kiosk.check_time()

    # Devices and servers, in time or late

    @rule()
    def begin_reading(self) -> None:
        order = self.kiosk.card.take_order()
        if order is not None and self.card is not None:
            self.orders.append((order, self.card))

    @precondition(lambda self: self.orders)
    @rule(
        data=st.data(),
        outcome=st.sampled_from(["identified", "read", "contradicted", "denied", "mute", "broken", "pulled"]),
    )
    def answer_of_a_chip(self, data: st.DataObject, outcome: str) -> None:
        order, person = data.draw(st.sampled_from(self.orders))
        number = get_person(person).personal_number
        assert number is not None
        card = self.kiosk.card
        if order.passwords.can != number[-6:]:
            outcome = "denied"  # a chip opens with its own number only
        actions: dict[str, Callable[[], Any]] = {
            "identified": lambda: card.chip_identified(order, chip_identity(person), "PACE-CAN"),
            "read": lambda: card.chip_read(order, chip_reading(person)),
            "contradicted": lambda: card.chip_proved(order, Assurance.CONTRADICTED, ()),
            "denied": lambda: card.chip_failed(order, AccessDenied(("PACE-CAN",))),
            "mute": lambda: card.chip_failed(order, DeviceTimeout("mute")),
            "broken": lambda: card.chip_failed(order, ProtocolViolation("MAC")),
            "pulled": lambda: card.chip_failed(order, CardRemoved("pulled")),
        }
        actions[outcome]()

    @precondition(lambda self: self.errands.registrations)
    @rule(data=st.data(), failed=st.booleans())
    def answer_of_the_server(self, data: st.DataObject, failed: bool) -> None:
        conversation, command = data.draw(st.sampled_from(self.errands.registrations))
        if failed:
            self.kiosk.registration_failed(conversation, "registration.refused")
        else:
            label = self.answered.setdefault(id(conversation), f"A{len(self.answered) + 1:03d}")
            self.kiosk.registered(conversation, from_answer(answer_to(command, label)))

    @precondition(lambda self: self.errands.registrations)
    @rule(data=st.data(), printing=st.sampled_from(["printed", "unsure", "failed"]))
    def word_of_the_printer(self, data: st.DataObject, printing: Any) -> None:
        conversation, _ = data.draw(st.sampled_from(self.errands.registrations))
        self.kiosk.ticket_printing(conversation, printing)

    # What must hold

    @invariant()
    def states_that_know_nobody_hold_nothing_of_anybody(self) -> None:
        if self.stage.state in FORGETTING:
            talk = self.stage.conversation
            assert (talk.known, talk.code, talk.insurance, talk.ticket, talk.confirmed_at) == (None,) * 5
            assert self.kiosk.view().person is None
            assert self.kiosk.view().ticket is None

    @invariant()
    def one_conversation_holds_one_persons_data(self) -> None:
        talk = self.stage.conversation
        owners = set()
        if talk.known is not None:
            number = talk.known.person.personal_number
            owners.add(NUMBERS[number] if number else INSURANCES[talk.known.person.identifiers[0].value])
        if talk.code is not None and not self.is_reading:
            owners.add(NUMBERS[talk.code.personal_number])
        if talk.insurance is not None and talk.known is not None:
            owners.add(INSURANCES[talk.insurance.card_number])
        assert len(owners) <= 1

    @invariant()
    def a_screen_shows_only_whom_its_conversation_is_about(self) -> None:
        person, talk = self.kiosk.view().person, self.stage.conversation
        if person is not None:
            assert talk.known is not None
            assert person.name == mask_name(talk.known.person.full_name)

    @invariant()
    def whoever_is_registered_was_shown_and_confirmed_with_their_own_papers(self) -> None:
        for _, command in self.errands.registrations[-1:]:
            values = {one.system: one.value for one in command.person.identifiers}
            number = values.get(IdentifierSystem.PERSONAL_NUMBER)
            owner = NUMBERS[number] if number else INSURANCES[values[IdentifierSystem.INSURANCE_CARD]]
            if self.stage.state is State.REGISTERING:
                assert owner == self.confirmed
            if command.insurance is not None:
                assert INSURANCES[command.insurance.card_number] == owner

    @invariant()
    def a_ticket_on_the_screen_is_that_of_its_conversation(self) -> None:
        view, talk = self.kiosk.view(), self.stage.conversation
        if view.ticket is not None:
            assert view.ticket.label == self.answered[id(talk)]

    @property
    def is_reading(self) -> bool:
        return self.stage.state is State.READING


Hall.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestNobodySeesAnybodyElsesData = Hall.TestCase
