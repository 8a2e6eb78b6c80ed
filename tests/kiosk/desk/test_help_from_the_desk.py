"""A card that its holder cannot open: the desk says that it helps, gives what opens it, and hears what came of it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from drivers.config import SimulatedReaderOptions
from drivers.icao9303.reading import ChipPasswords
from drivers.simulated.chip.profile import Fault, FaultKind
from drivers.simulated.deck import DECK, get_card
from drivers.simulated.people import get_person
from drivers.simulated.reader import SimulatedCardReader
from kiosk.assembly import open_kiosk
from kiosk.clock import SystemClock
from kiosk.conversation.view import ScreenView
from kiosk.desk.card_help import passwords_of
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.session import State
from server.contract.fleet import CardPassword, CardWants, CommandKind, KioskCommand
from tests.kiosk.kit import Line, MemoryServer, kiosk_settings, wait_until

WRONG = CardPassword(number="000000")
SOMSAK = get_person("somsak")
PULLED = replace(
    get_card("duc"), key="pulled", profile=replace(get_card("duc").profile, faults=(Fault(6, FaultKind.PULLED),))
)


@dataclass
class Hall:
    """A running kiosk with a simulated reader; its reports are the desk's only line to it."""

    kiosk: Kiosk
    reader: SimulatedCardReader
    server: MemoryServer

    def wait_for(self, state: State) -> ScreenView:
        return wait_until(self.kiosk, lambda view: view.state is state)

    def session(self) -> UUID:
        found = self.kiosk.stay.id
        assert found is not None
        return found

    def order(self, kind: CommandKind, session: UUID, password: CardPassword | None = None) -> str:
        """Give an order at the desk, and return what the kiosk says became of it."""
        now = self.server.clock.now()
        command = KioskCommand(
            id=uuid4(), kind=kind, arguments={"session": str(session)}, expires_at=now + timedelta(seconds=60)
        )
        if password is not None:
            self.server.passwords[command.id] = password
        self.server.orders.append(command)
        deadline = time.monotonic() + 20.0
        while time.monotonic() < deadline:
            for report in self.server.reports:
                for one in report.results:
                    if one.command_id == command.id:
                        return one.result
            time.sleep(0.02)
        raise AssertionError("the kiosk never answered")

    def wants(self) -> CardWants | None:
        """What the kiosk tells the desk would open the card that lies there."""
        return self.kiosk.card_wants

    def give(self, password: CardPassword, session: UUID | None = None) -> str:
        return self.order(CommandKind.OPEN_CARD, session or self.session(), password)


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    monkeypatch.setattr("kiosk.heartbeat.SHORTEST_PAUSE_S", 0.02)
    monkeypatch.setattr("kiosk.heartbeat.BUSY_PAUSE_S", 0.04)
    clock = SystemClock()
    server = MemoryServer(clock)
    reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=0), deck=(*DECK, PULLED), silence_s=0.05)
    kiosk = open_kiosk(kiosk_settings(tmp_path), devices=Devices(reader), server=server, clock=clock)
    kiosk.start()
    wait_until(kiosk, lambda view: view.online and view.out_of_service is None)
    yield Hall(kiosk, reader, server)
    kiosk.close()


def test_the_desk_opens_the_card_and_the_chip_alone_says_who_it_is(hall: Hall) -> None:
    hall.reader.insert("duc")
    hall.wait_for(State.ASKING_NUMBER)
    assert hall.give(CardPassword(number="001090123456")) == "done"
    view = wait_until(hall.kiosk, lambda view: view.person is not None and not view.person.proving)
    assert view.person is not None
    assert (view.state, view.person.verdict, view.helped) == (State.CONFIRMING, "chip-trusted", False)


def test_the_page_says_that_staff_help_and_waits_for_them(hall: Hall) -> None:
    hall.reader.insert("duc")
    before = hall.wait_for(State.ASKING_NUMBER).seconds_left
    assert before is not None
    assert hall.order(CommandKind.ANNOUNCE_HELP, hall.session()) == "done"
    view = hall.kiosk.view()
    assert view.helped
    assert view.seconds_left is not None
    assert view.seconds_left > before


def test_a_wrong_password_is_told_on_both_sides_and_the_third_is_the_last(hall: Hall) -> None:
    hall.reader.insert("duc")
    hall.kiosk.enter_number("111111", hall.wait_for(State.ASKING_NUMBER).revision)  # the person's own counts as well
    hall.wait_for(State.PROBLEM)
    assert hall.give(WRONG) == "help.wrong"
    view = hall.wait_for(State.PROBLEM)
    assert (view.problem, view.tries_left, view.helped, view.can_try_again) == ("help.wrong", 1, True, True)
    assert hall.give(WRONG) == "number.too_many_tries"
    assert hall.kiosk.view().problem == "number.too_many_tries"
    assert hall.wants() is None
    asked = hall.server.requests["card_password"]
    assert hall.give(CardPassword(number="123456")) == "number.too_many_tries"
    assert hall.server.requests["card_password"] == asked  # what cannot be tried does not come here at all


def test_who_called_staff_has_the_card_opened_where_it_lies(hall: Hall) -> None:
    hall.reader.insert("hoa")
    hall.kiosk.call_staff(hall.wait_for(State.ASKING_NUMBER).revision)
    hall.wait_for(State.STAFF_CALLED)
    assert hall.wants() == "number"
    assert hall.give(CardPassword(number=get_person("hoa").can or "")) == "done"
    assert wait_until(hall.kiosk, lambda view: view.person is not None).state is State.CONFIRMING


def test_an_older_chip_asks_the_desk_for_more_than_the_number(hall: Hall) -> None:
    person = get_person("thuong")
    assert person.personal_number is not None
    hall.reader.insert("old-chip")
    hall.wait_for(State.ASKING_NUMBER)
    assert hall.wants() == "number"
    assert hall.give(CardPassword(number=person.personal_number)) == "number.not_enough"
    assert hall.wants() == "document"
    assert hall.give(CardPassword(number=person.personal_number, born_on=str(person.born_on))) == "done"
    assert wait_until(hall.kiosk, lambda view: view.person is not None).state is State.CONFIRMING


def test_a_passport_that_lies_there_is_opened_by_what_stands_on_its_page(hall: Hall) -> None:
    hall.reader.insert("somsak")
    hall.kiosk.show_document(hall.wait_for(State.ASKING_NUMBER).revision)
    assert hall.wait_for(State.TYPING).asked == "number"  # no scanner here
    assert hall.wants() == "document"
    whole = CardPassword(number="PA0174263", born_on=str(SOMSAK.born_on), expires_on=str(SOMSAK.expires_on))
    assert hall.give(whole.model_copy(update={"born_on": "1970-01-01"})) == "help.wrong"
    assert hall.wants() == "document"
    assert hall.give(whole) == "done"


def test_a_card_that_was_taken_away_is_not_waited_for(hall: Hall) -> None:
    hall.reader.insert("duc")
    hall.kiosk.call_staff(hall.wait_for(State.ASKING_NUMBER).revision)
    hall.wait_for(State.STAFF_CALLED)
    assert hall.order(CommandKind.ANNOUNCE_HELP, hall.session()) == "done"
    assert hall.kiosk.view().helped
    hall.reader.remove()
    assert not wait_until(hall.kiosk, lambda view: not view.card_present).helped  # there is nothing to leave there
    assert hall.give(WRONG) == "card.none"


def test_a_card_pulled_in_the_middle_of_the_try_says_so(hall: Hall) -> None:
    hall.reader.insert("pulled")
    hall.wait_for(State.ASKING_NUMBER)
    assert hall.give(CardPassword(number="123456")) == "card.removed"


def test_once_the_card_is_lifted_no_password_is_fetched_for_it(hall: Hall) -> None:
    hall.reader.insert("duc")
    hall.wait_for(State.ASKING_NUMBER)
    meant = hall.session()
    hall.reader.remove()
    wait_until(hall.kiosk, lambda view: not view.card_present)
    assert hall.order(CommandKind.ANNOUNCE_HELP, meant) == "session.gone"
    assert hall.give(CardPassword(number="123456"), meant) == "session.gone"
    assert hall.server.requests["card_password"] == 0


def test_who_got_on_without_help_is_left_alone(hall: Hall) -> None:
    hall.reader.insert("duc")
    hall.kiosk.enter_number("123456", hall.wait_for(State.ASKING_NUMBER).revision)
    hall.wait_for(State.CONFIRMING)
    assert hall.give(WRONG) == "card.not_wanted"
    assert hall.kiosk.view().state is State.CONFIRMING


def test_an_order_whose_password_is_gone_is_too_late(hall: Hall) -> None:
    hall.reader.insert("duc")
    hall.wait_for(State.ASKING_NUMBER)
    assert hall.order(CommandKind.OPEN_CARD, hall.session()) == "card_password.gone"


def test_while_the_line_is_down_the_person_can_still_type(hall: Hall) -> None:
    hall.reader.insert("duc")
    view = hall.wait_for(State.ASKING_NUMBER)
    hall.server.line = Line.CUT
    hall.kiosk.enter_number("123456", view.revision)
    assert wait_until(hall.kiosk, lambda view: view.person is not None).person is not None


def test_a_chip_that_delays_its_refusal_is_tried_no_more_by_anybody(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.icao9303.opening.SLOW_REFUSAL_S", 0.0)
    hall.reader.insert("duc")
    hall.wait_for(State.ASKING_NUMBER)
    assert hall.give(WRONG) == "number.too_many_tries"
    assert (hall.wants(), hall.kiosk.view().can_try_again) == (None, False)


@pytest.mark.parametrize(
    ("given", "opens_with"),
    [
        (CardPassword(number="123456"), ChipPasswords(can="123456")),
        (CardPassword(number="001090123456"), ChipPasswords(can="123456", document_number="090123456")),
        (
            CardPassword(number="001090123456", born_on="1990-08-15", expires_on="2030-08-15"),
            ChipPasswords("123456", "090123456", "900815", ("300815",)),
        ),
        (
            CardPassword(number="PA0174263", born_on="1988-02-03", expires_on="2031-05-06"),
            ChipPasswords(None, "PA0174263", "880203", ("310506",)),
        ),
    ],
)
def test_what_was_typed_at_the_desk_opens_what_it_stands_on(given: CardPassword, opens_with: ChipPasswords) -> None:
    assert passwords_of(given, today=date(2026, 11, 23)) == opens_with
