"""A kiosk without devices, as the people before it see it."""

from dataclasses import dataclass

from drivers.codec.recognise import Recognised
from kiosk.conversation.memory import ReadingOrder
from kiosk.conversation.ticket import from_answer
from kiosk.conversation.view import ScreenView
from kiosk.flow import Kiosk
from kiosk.session import State
from server.contract.appointments import VisitorFound
from server.contract.v1 import FacilityServices, RegisterEncounter
from tests.kiosk.kit import TurnableClock, answer_to, chip_identity
from tests.kiosk.notebook import Notebook


@dataclass
class Hall:
    """A kiosk as the people before it see it."""

    kiosk: Kiosk
    clock: TurnableClock
    errands: Notebook

    @property
    def view(self) -> ScreenView:
        return self.kiosk.view()

    @property
    def state(self) -> State:
        return self.view.state

    def is_in(self, state: State) -> bool:
        return self.state is state

    def show(self, code: Recognised) -> None:
        self.kiosk.codes.code_seen(code)

    def put_card(self) -> ReadingOrder | None:
        self.kiosk.card.card_arrived()
        return self.kiosk.card.take_order()

    def take_card(self) -> None:
        self.kiosk.card.card_left()

    def type_number(self, digits: str = "123456") -> ReadingOrder:
        self.kiosk.enter_number(digits, self.view.revision)
        order = self.kiosk.card.take_order()
        assert order is not None
        return order

    def confirm(self) -> None:
        self.kiosk.confirm(self.view.revision)

    def choose(self, service: str = "noi") -> None:
        self.kiosk.choose(service, self.view.revision)

    def register(self) -> RegisterEncounter:
        """Answer the last registration as the server would."""
        conversation, sent = self.errands.registrations[-1]
        self.kiosk.registered(conversation, from_answer(answer_to(sent)))
        return sent

    def paper_out(self) -> None:
        conversation, _ = self.errands.registrations[-1]
        self.kiosk.ticket_printing(conversation, "printed")

    def read_by_chip(self, key: str = "duc") -> ReadingOrder:
        """Put a card on, type its number, and let its chip name its holder."""
        self.put_card()
        order = self.type_number()
        self.kiosk.card.chip_identified(order, chip_identity(key), "PACE-CAN")
        return order

    def pass_time(self, seconds: float) -> None:
        self.clock.pass_time(seconds)
        self.kiosk.check_time()

    def type_appointment(self, digits: str) -> None:
        self.kiosk.type_appointment(self.view.revision)
        self.kiosk.enter_appointment(digits, self.view.revision)

    def answer(self, found: VisitorFound | None) -> None:
        """Let the server answer the last question."""
        conversation, _ = self.errands.questions[-1]
        self.kiosk.visitor_found(conversation, found)

    def offer(self, services: FacilityServices) -> None:
        self.kiosk.services_changed(services)

    def go_to_clinics(self) -> None:
        self.kiosk.confirm(self.view.revision)
        assert self.view.state is State.CHOOSING

    @property
    def registered(self) -> RegisterEncounter:
        ((_, command),) = self.errands.registrations
        return command
