"""What the desk sees of a kiosk and asks of it: who is stuck, taking over, ending a session; and what is forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kiosk.assembly import open_kiosk
from kiosk.config import KioskSection
from kiosk.conversation.ticket import from_answer
from kiosk.desk.orders import FAILED, MALFORMED, UNKNOWN, Orders, desk_orders
from kiosk.desk.readings import ATTEMPTS, DeskReadings
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.heartbeat import VERSION, Heartbeat
from kiosk.session import State
from server.contract.fleet import CommandKind, KioskCommand
from tests.kiosk.kit import (
    Line,
    MemoryServer,
    TurnableClock,
    answer_to,
    chip_identity,
    facility_services,
    id_code,
    insurance_code,
    kiosk_settings,
)
from tests.kiosk.notebook import Notebook
from tests.support.waiting import wait_for


@dataclass
class Hall:
    """A kiosk, the desk's line to it, and the server between them."""

    kiosk: Kiosk
    clock: TurnableClock
    errands: Notebook
    server: MemoryServer
    heartbeat: Heartbeat

    @property
    def state(self) -> State:
        return self.kiosk.view().state

    def come(self, key: str = "duc", *, confirmed: bool = True) -> None:
        """Somebody shows their card's code, and says that it is theirs."""
        self.kiosk.codes.code_seen(id_code(key))
        if confirmed:
            self.kiosk.confirm(self.kiosk.view().revision)

    def start_over(self) -> None:
        self.kiosk.start_over(self.kiosk.view().revision)

    def fail(self) -> None:
        """Say that the person on the screen is somebody else: the page tells what to do."""
        self.kiosk.reject(self.kiosk.view().revision)

    def session(self) -> UUID:
        found = self.kiosk.stay.id
        assert found is not None
        return found

    def order(self, kind: CommandKind | str, **arguments: str) -> KioskCommand:
        """Give an order at the desk; it reaches the kiosk with its next report."""
        command = KioskCommand(
            id=uuid4(), kind=str(kind), arguments=arguments, expires_at=self.clock.now() + timedelta(seconds=30)
        )
        self.server.orders.append(command)
        return command

    def result_of(self, command: KioskCommand) -> str | None:
        """Let the kiosk report twice, and return what it said became of an order."""
        for _ in range(2):
            self.heartbeat.run_once()
        said = [one.result for report in self.server.reports for one in report.results if one.command_id == command.id]
        return said[0] if said else None


@pytest.fixture
def hall() -> Hall:
    clock, errands = TurnableClock(), Notebook()
    kiosk = Kiosk(KioskSection(), clock=clock, errands=errands, devices=Devices())
    kiosk.services_changed(facility_services())
    server = MemoryServer(clock)
    orders = Orders(desk_orders(kiosk.desk, server, clock))
    heartbeat = Heartbeat(kiosk, server=server, orders=orders, clock=clock, idle_pause_s=5.0)
    return Hall(kiosk, clock, errands, server, heartbeat)


def test_a_report_says_step_time_and_language_and_names_nobody(hall: Hall) -> None:
    hall.come(confirmed=False)
    hall.kiosk.set_language("en", hall.kiosk.view().revision)
    arrived = hall.clock.now()
    hall.clock.pass_time(42)
    report = hall.heartbeat.report()
    assert (report.step, report.since, report.language) == ("confirming", arrived, "en")
    assert (report.session, report.version) == (hall.session(), VERSION)
    written = report.model_dump_json()
    assert "Đức" not in written
    assert "001090" not in written


def test_nobody_there_has_no_session(hall: Hall) -> None:
    assert hall.heartbeat.report().session is None


def test_what_went_wrong_is_counted_for_one_person_also_after_start_over(hall: Hall) -> None:
    hall.come(confirmed=False)
    first = hall.session()
    hall.fail()
    hall.start_over()
    hall.clock.pass_time(5)
    hall.come(confirmed=False)
    hall.fail()
    report = hall.heartbeat.report()
    assert (report.session, report.failures, report.problem) == (first, 2, "identity.rejected")


def test_the_next_person_begins_without_the_failures_of_the_last(hall: Hall) -> None:
    hall.come(confirmed=False)
    first = hall.session()
    hall.fail()
    hall.start_over()
    hall.clock.pass_time(16)
    hall.come(confirmed=False)
    assert hall.session() != first
    assert hall.heartbeat.report().failures == 0


def test_whoever_got_a_number_is_gone_with_it(hall: Hall) -> None:
    hall.come()
    first = hall.session()
    hall.kiosk.choose("noi", hall.kiosk.view().revision)
    conversation, command = hall.errands.registrations[-1]
    hall.kiosk.registered(conversation, from_answer(answer_to(command)))
    hall.kiosk.ticket_printing(conversation, "printed")
    hall.come(confirmed=False)  # at once: the page makes room
    assert hall.session() != first


def test_the_desk_takes_over_with_all_the_kiosk_knew_and_the_kiosk_forgets(hall: Hall) -> None:
    hall.come()
    hall.kiosk.codes.code_seen(insurance_code("duc"))
    command = hall.order(CommandKind.HAND_OVER, session=str(hall.session()))
    assert hall.result_of(command) == "done"
    (handed,) = hall.server.handed_over
    assert handed.command_id == command.id
    assert handed.person is not None
    assert handed.person.full_name == "Nguyễn Văn Đức"
    assert handed.evidence is not None
    assert (handed.evidence.method, handed.is_confirmed, handed.step) == ("qr", True, "choosing")
    assert handed.insurance is not None
    view = hall.kiosk.view()
    assert (view.state, view.invited_to_desk, view.person) == (State.STAFF_CALLED, True, None)
    assert hall.kiosk._stage.conversation.known is None
    hall.clock.pass_time(61)
    hall.kiosk.check_time()
    assert hall.state is State.WELCOME


def test_an_order_for_one_person_is_not_carried_out_on_the_next(hall: Hall) -> None:
    hall.come("duc")
    meant = str(hall.session())
    hall.start_over()
    hall.clock.pass_time(20)
    hall.come("hoa")
    for kind in (CommandKind.HAND_OVER, CommandKind.END_SESSION):
        assert hall.result_of(hall.order(kind, session=meant)) == "session.gone"
    assert hall.server.handed_over == []
    assert hall.state is State.CHOOSING


def test_help_with_one_persons_card_is_refused_for_the_next_ones(hall: Hall) -> None:
    hall.kiosk.card.card_arrived()
    meant = hall.session()
    hall.kiosk.card.card_left()
    hall.clock.pass_time(20)
    hall.kiosk.card.card_arrived()
    assert hall.kiosk.help.refusal(meant) == "session.gone"
    assert hall.kiosk.help.announce(meant) == "session.gone"
    assert hall.kiosk.help.refusal(hall.session()) is None


def test_a_person_being_registered_is_waited_for_and_handed_over_by_the_number_alone(hall: Hall) -> None:
    hall.come()
    hall.kiosk.choose("noi", hall.kiosk.view().revision)
    command = hall.order(CommandKind.HAND_OVER, session=str(hall.session()))
    assert hall.result_of(command) is None
    conversation, sent = hall.errands.registrations[-1]
    hall.kiosk.registered(conversation, from_answer(answer_to(sent)))
    assert hall.result_of(command) == "done"
    (handed,) = hall.server.handed_over
    assert (handed.visit_code, handed.person, handed.step) == (sent.visit_code, None, "ticket")


def test_who_is_not_known_yet_is_asked_to_the_desk_with_nothing_in_hand(hall: Hall) -> None:
    hall.kiosk.card.card_arrived()
    command = hall.order(CommandKind.HAND_OVER, session=str(hall.session()))
    assert hall.result_of(command) == "session.empty"
    assert hall.server.handed_over == []
    assert hall.kiosk.view().invited_to_desk


def test_what_is_handed_over_while_the_line_is_down_arrives_when_it_is_back(hall: Hall) -> None:
    hall.come()
    command = hall.order(CommandKind.HAND_OVER, session=str(hall.session()))
    orders = Orders(desk_orders(hall.kiosk.desk, hall.server, hall.clock))
    hall.server.line = Line.CUT
    orders.take((command,))
    assert not orders.results
    hall.server.line = Line.WHOLE
    orders.take((command,))
    assert {result.result for result in orders.results} == {"done"}
    assert len(hall.server.handed_over) == 1
    orders.take(())  # the server has heard it
    assert not orders.results


def test_the_desk_ends_a_session(hall: Hall) -> None:
    hall.come()
    assert hall.result_of(hall.order(CommandKind.END_SESSION, session=str(hall.session()))) == "done"
    assert hall.state is State.WELCOME


def test_a_page_is_loaded_anew_once_for_each_order(hall: Hall) -> None:
    before = hall.kiosk.view().page_epoch
    assert hall.result_of(hall.order(CommandKind.RELOAD_SCREEN)) == "done"
    assert hall.kiosk.view().page_epoch == before + 1


def test_a_pairing_code_shows_until_it_expires(hall: Hall) -> None:
    assert hall.result_of(hall.order(CommandKind.SHOW_PAIRING_CODE, code="482913")) == "done"
    assert hall.kiosk.view().pairing_code == "482913"
    hall.clock.pass_time(31)
    hall.come(confirmed=False)
    assert hall.kiosk.view().pairing_code is None


@pytest.mark.parametrize(
    ("kind", "arguments", "result"),
    [
        ("dance", {}, UNKNOWN),  # of a newer server
        (CommandKind.END_SESSION, {}, MALFORMED),
        (CommandKind.END_SESSION, {"session": "nobody"}, MALFORMED),
    ],
)
def test_an_order_that_makes_no_sense_is_answered(
    hall: Hall, kind: str, arguments: dict[str, str], result: str
) -> None:
    assert hall.result_of(hall.order(kind, **arguments)) == result


def test_an_order_that_stumbles_is_told_and_the_others_are_done(hall: Hall) -> None:
    def stumble(_: KioskCommand) -> str:
        raise RuntimeError("out of luck")

    orders = Orders({"stumble": stumble, "walk": lambda _: "done"})
    orders.take((hall.order("stumble"), hall.order("walk")))
    assert [one.result for one in orders.results] == [FAILED, "done"]


def test_whoever_calls_staff_is_handed_over_with_the_call(hall: Hall) -> None:
    hall.come()
    hall.kiosk.call_staff(hall.kiosk.view().revision)
    (handed,) = hall.errands.handed
    assert handed is not None
    assert handed.person is not None
    assert (handed.step, hall.kiosk.view().person) == ("choosing", None)


def test_whoever_is_not_the_person_on_the_screen_hands_nobody_over(hall: Hall) -> None:
    hall.come(confirmed=False)
    hall.kiosk.reject(hall.kiosk.view().revision)
    hall.kiosk.call_staff(hall.kiosk.view().revision)
    assert hall.errands.handed == [None]


def test_whose_chip_named_somebody_else_comes_to_the_desk_as_contradicted(hall: Hall) -> None:
    hall.come("duc", confirmed=False)
    hall.kiosk.card.card_arrived()
    order = hall.kiosk.card.take_order()
    assert order is not None
    hall.kiosk.card.chip_identified(order, chip_identity("hoa"), "PACE-CAN")
    (handed,) = hall.errands.handed
    assert handed is not None
    assert handed.evidence is not None
    assert (handed.evidence.assurance, handed.evidence.reasons) == ("chip-contradicted", ("code.differs",))


def test_a_registration_the_server_refused_goes_to_the_desk_with_the_clinic_that_was_chosen(hall: Hall) -> None:
    hall.come()
    hall.kiosk.choose("ngoai", hall.kiosk.view().revision)
    conversation, _ = hall.errands.registrations[-1]
    hall.kiosk.registration_failed(conversation, "registration.refused")
    (handed,) = hall.errands.handed
    assert handed is not None
    assert (handed.service, handed.problem) == ("ngoai", "registration.refused")
    assert handed.person is not None


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[tuple[Kiosk, MemoryServer]]:
    """A kiosk with all its threads."""
    server = MemoryServer(TurnableClock())
    kiosk = open_kiosk(kiosk_settings(tmp_path), clock=server.clock, devices=Devices(), server=server)
    kiosk.start()
    yield kiosk, server
    kiosk.close()


def test_a_whole_kiosk_reports_by_itself_and_hands_over_who_calls_staff(whole: tuple[Kiosk, MemoryServer]) -> None:
    kiosk, server = whole
    wait_for(lambda: bool(server.reports) and kiosk.services is not None)
    assert server.reports[0].step == "welcome"
    assert server.reports[0].waiting_visits == 0
    kiosk.codes.code_seen(id_code("duc"))
    kiosk.call_staff(kiosk.view().revision)
    wait_for(lambda: bool(server.handed_over))
    assert server.handed_over[0].call_key == server.calls[0].request_key
    wait_for(lambda: server.reports[-1].step == "staff-called")


def has_handed_over(server: MemoryServer, count: int) -> bool:
    return len(server.handed_over) == count


def test_at_a_desk_whoever_the_devices_identify_goes_to_the_desk_and_nobody_rings(tmp_path: Path) -> None:
    server = MemoryServer(TurnableClock())
    settings = kiosk_settings(tmp_path)
    settings = settings.model_copy(update={"kiosk": settings.kiosk.model_copy(update={"place": "desk"})})
    kiosk = open_kiosk(settings, clock=server.clock, devices=Devices(), server=server)
    kiosk.start()
    try:
        wait_for(lambda: kiosk.services is not None and bool(server.reports))
        assert server.reports[-1].place == "desk"
        for count, person in enumerate(("duc", "hoa"), 1):
            kiosk.codes.code_seen(id_code(person))
            wait_for(partial(has_handed_over, server, count))
            wait_for(lambda: kiosk.view().state is State.WELCOME)
        assert server.calls == []
    finally:
        kiosk.close()
    names = [handed.person.full_name for handed in server.handed_over if handed.person]
    assert names == ["Nguyễn Văn Đức", "Trần Thị Hoà"]


def test_what_a_desk_reads_while_the_server_is_away_is_dropped_after_a_few_tries(hall: Hall) -> None:
    hall.server.line = Line.CUT
    hall.come(confirmed=False)
    readings = DeskReadings(hall.kiosk, hall.server, pause_s=0.0)
    assert readings.run_once()
    assert hall.server.requests["hand_over"] == ATTEMPTS
    assert (hall.state, hall.server.handed_over) == (State.WELCOME, [])
    assert not readings.run_once()  # nothing is kept
