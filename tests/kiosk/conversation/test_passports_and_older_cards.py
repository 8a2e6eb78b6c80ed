"""People whose chip is opened by a printed zone: shown, typed, and when the chip does not answer."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from drivers.config import SimulatedReaderOptions, SimulatedScannerOptions
from drivers.simulated.chip.profile import Fault, FaultKind
from drivers.simulated.deck import DECK, PASSPORT_CHIP, SimulatedCard, get_card
from drivers.simulated.document_pages import page_picture
from drivers.simulated.document_texts import card_qr_text
from drivers.simulated.people import get_person
from drivers.simulated.reader import SimulatedCardReader
from drivers.simulated.scanner import SimulatedScanner
from kiosk.assembly import open_kiosk
from kiosk.clock import SystemClock
from kiosk.conversation.view import ScreenView
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.session import State
from server.contract.v1 import RegisterEncounter
from server.domain.documents import ExpiredDocuments
from server.domain.identity import IdentifierSystem, IdentityAssurance
from tests.kiosk.kit import MemoryServer, kiosk_settings, wait_until


def _troubled(key: str, **changes: object) -> SimulatedCard:
    return replace(get_card("somsak"), key=key, profile=replace(PASSPORT_CHIP, **changes))  # type: ignore[arg-type]  # fields of the profile


EXPIRED = replace(get_person("somsak"), expires_on=get_person("somsak").issued_on.replace(year=2023))
OTHERS = (
    _troubled("mute-passport", faults=(Fault(3, FaultKind.MUTE),)),
    _troubled("bac-passport", pace=()),
    replace(get_card("somsak"), key="expired-passport", person=EXPIRED),
)


@dataclass
class Hall:
    """A running kiosk with a simulated reader and scanner, and the server it talks to."""

    kiosk: Kiosk
    reader: SimulatedCardReader
    scanner: SimulatedScanner
    server: MemoryServer

    def wait_for(self, state: State) -> ScreenView:
        return wait_until(self.kiosk, lambda view: view.state is state)

    def show_page(self, key: str) -> None:
        """Press "passport" on the page that stands, and hold the page of ``key`` before the scanner."""
        self.kiosk.show_document(self.kiosk.view().revision)
        self.wait_for(State.SHOWING)
        self.scanner.look_for_mrz(True)  # the worker's next round does; the picture is looked at once
        self.scanner.show(page_picture(get_person(key)))

    def type(self, *fields: str) -> None:
        for field in fields:
            view = self.wait_for(State.TYPING)
            self.kiosk.enter_field(field, view.revision)

    def register(self) -> RegisterEncounter:
        """Confirm what is on the screen, once the proof is in, and choose a clinic; return what the server got."""
        view = wait_until(self.kiosk, lambda view: view.person is not None and not view.person.proving)
        self.kiosk.confirm(view.revision)
        self.kiosk.choose("noi", self.wait_for(State.CHOOSING).revision)
        self.wait_for(State.TICKET)
        (sent,) = self.server.commands.values()
        return sent


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    clock = SystemClock()
    server = MemoryServer(clock)
    reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=0), deck=(*DECK, *OTHERS), silence_s=0.05)
    scanner = SimulatedScanner(SimulatedScannerOptions())
    kiosk = open_kiosk(kiosk_settings(tmp_path), devices=Devices(reader, scanner), server=server, clock=clock)
    kiosk.start()
    wait_until(kiosk, lambda view: view.online and view.out_of_service is None)
    yield Hall(kiosk, reader, scanner, server)
    kiosk.close()


@pytest.mark.parametrize(("key", "access"), [("somsak", "PACE-MRZ"), ("bac-passport", "BAC")])
def test_a_foreigner_shows_the_photo_page_lays_the_passport_down_and_is_registered(
    hall: Hall, key: str, access: str
) -> None:
    hall.show_page("somsak")
    assert hall.wait_for(State.PLACING).zone_read
    hall.reader.insert(key)
    view = wait_until(hall.kiosk, lambda view: view.person is not None and not view.person.proving)
    assert view.person is not None
    assert (view.person.verdict, view.person.number_of) == ("chip-trusted", "passport")
    sent = hall.register()
    assert (sent.evidence.method, sent.evidence.access) == ("chip", access)
    assert sent.evidence.assurance is IdentityAssurance.CHIP_TRUSTED
    assert sent.person.nationality == "LAO"
    assert [(one.system, one.value) for one in sent.person.identifiers] == [
        (IdentifierSystem.PASSPORT, "LAO/PA0174263")
    ]


def test_the_same_off_the_keys_number_birth_and_expiry(hall: Hall) -> None:
    person = get_person("somsak")
    assert person.expires_on is not None
    hall.kiosk.show_document(hall.kiosk.view().revision)
    hall.kiosk.type_document(hall.wait_for(State.SHOWING).revision)
    hall.type("PA0174263", f"{person.born_on:%d%m%Y}", f"{person.expires_on:%d%m%Y}")
    assert not hall.wait_for(State.PLACING).zone_read  # nobody is named yet: the chip cannot be skipped
    hall.kiosk.skip_chip(hall.kiosk.view().revision)
    assert hall.kiosk.view().state is State.PLACING
    hall.reader.insert("somsak")
    assert hall.register().evidence.access == "PACE-MRZ"


def test_a_mistyped_date_is_asked_for_again_and_the_passport_stays_where_it_lies(hall: Hall) -> None:
    person = get_person("somsak")
    assert person.expires_on is not None
    hall.reader.insert("somsak")
    view = hall.wait_for(State.ASKING_NUMBER)
    assert view.can_show_document
    hall.kiosk.show_document(view.revision)
    hall.kiosk.type_document(hall.wait_for(State.SHOWING).revision)
    hall.type("PA0174263", "01011970", f"{person.expires_on:%d%m%Y}")
    view = hall.wait_for(State.PROBLEM)
    assert (view.problem, view.can_try_again, view.tries_left) == ("document.wrong", True, 2)
    hall.kiosk.try_again(view.revision)
    hall.type("PA0174263", f"{person.born_on:%d%m%Y}", f"{person.expires_on:%d%m%Y}")
    assert hall.register().evidence.method == "chip"


def test_an_older_card_whose_code_is_worn_off_is_opened_by_the_lines_on_its_back(hall: Hall) -> None:
    hall.reader.insert("old-chip")
    hall.kiosk.enter_number("005532", hall.wait_for(State.ASKING_NUMBER).revision)
    view = hall.wait_for(State.PROBLEM)
    assert (view.problem, view.can_show_document) == ("number.not_enough", True)
    hall.reader.remove()  # its back cannot be shown while it lies there
    wait_until(hall.kiosk, lambda view: not view.card_present)
    hall.show_page("thuong")
    hall.wait_for(State.PLACING)
    hall.reader.insert("old-chip")
    sent = hall.register()
    assert (sent.evidence.access, sent.person.full_name) == ("BAC", "Đặng Hữu Thưởng")


def test_the_same_card_is_opened_by_number_and_birth_date_alone(hall: Hall) -> None:
    hall.reader.insert("old-chip")
    hall.kiosk.show_document(hall.wait_for(State.ASKING_NUMBER).revision)
    hall.kiosk.type_document(hall.wait_for(State.SHOWING).revision)
    hall.type("034071005532", "20101971")
    assert hall.register().evidence.access == "BAC"


def test_a_passport_whose_chip_is_mute_is_registered_by_its_page_and_says_so(hall: Hall) -> None:
    hall.show_page("somsak")
    hall.wait_for(State.PLACING)
    hall.reader.insert("mute-passport")
    view = hall.wait_for(State.CONFIRMING)
    assert view.notice == "card.zone_used_instead"
    assert view.person is not None
    assert view.person.verdict == "mrz"
    sent = hall.register()
    assert (sent.evidence.method, sent.evidence.assurance) == ("mrz", IdentityAssurance.QR)
    assert sent.evidence.reasons == ("device.timeout",)
    assert sent.person.full_name == "PHOMMACHANH SOMSAK"


def test_a_passport_without_a_chip_is_registered_by_its_page(hall: Hall) -> None:
    hall.show_page("somsak")
    hall.kiosk.skip_chip(hall.wait_for(State.PLACING).revision)
    sent = hall.register()
    assert (sent.evidence.method, sent.evidence.access) == ("mrz", None)
    assert sent.evidence.document_expires_on == get_person("somsak").expires_on


def test_an_expired_passport_is_read_and_marked(hall: Hall) -> None:
    hall.kiosk.show_document(hall.kiosk.view().revision)
    hall.wait_for(State.SHOWING)
    hall.scanner.look_for_mrz(True)
    hall.scanner.show(page_picture(EXPIRED))
    hall.wait_for(State.PLACING)
    hall.reader.insert("expired-passport")
    view = wait_until(hall.kiosk, lambda view: view.person is not None and not view.person.proving)
    assert view.person is not None
    assert view.person.expired is ExpiredDocuments.ALLOWED
    assert hall.register().evidence.document_expires_on == EXPIRED.expires_on


def test_a_passport_lifted_too_early_is_asked_for_again_and_its_page_need_not_be_shown_twice(hall: Hall) -> None:
    hall.show_page("somsak")
    hall.wait_for(State.PLACING)
    hall.kiosk.card.card_arrived()
    assert hall.kiosk.view().state is State.READING
    hall.kiosk.card.card_left()
    view = hall.kiosk.view()
    assert (view.state, view.notice) == (State.PLACING, "card.taken_early")
    hall.reader.insert("somsak")
    assert hall.register().evidence.method == "chip"


def test_another_passport_than_the_one_shown_stays_shut_and_the_page_alone_counts(hall: Hall) -> None:
    hall.show_page("somsak")
    hall.wait_for(State.PLACING)
    hall.reader.insert("expired-passport")  # another booklet of the same number, with other dates
    view = hall.wait_for(State.CONFIRMING)
    assert view.person is not None
    assert (view.person.verdict, view.person.reasons) == ("mrz", ("card.access_denied",))


def test_a_card_code_shown_instead_of_the_page_is_as_good(hall: Hall) -> None:
    hall.kiosk.show_document(hall.kiosk.view().revision)
    hall.wait_for(State.SHOWING)
    text = card_qr_text(get_person("duc"))
    assert text is not None
    hall.scanner.show_text(text)
    view = hall.wait_for(State.CONFIRMING)
    assert view.person is not None
    assert view.person.verdict == "qr"


def test_without_a_scanner_the_fields_are_typed_at_once(hall: Hall) -> None:
    hall.scanner.close()
    wait_until(hall.kiosk, lambda view: not view.scanner_ready)
    hall.kiosk.show_document(hall.kiosk.view().revision)
    assert hall.wait_for(State.TYPING).asked == "number"


def test_without_a_reader_the_page_leads_to_the_question_whether_it_is_right(hall: Hall) -> None:
    hall.reader.unplug()
    wait_until(hall.kiosk, lambda view: not view.reader_ready)
    hall.show_page("somsak")
    assert hall.wait_for(State.CONFIRMING).person is not None


def test_what_was_shown_is_forgotten_when_the_person_leaves(hall: Hall) -> None:
    hall.show_page("somsak")
    hall.kiosk.start_over(hall.wait_for(State.PLACING).revision)
    hall.wait_for(State.WELCOME)
    hall.reader.insert("somsak")
    assert hall.wait_for(State.ASKING_NUMBER).person is None
