"""Documents past their last day, under each of the rules a hospital can have."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.codec.recognise import recognise
from drivers.config import SimulatedReaderOptions
from drivers.errors import DeviceTimeout
from drivers.icao9303.reading import Assurance
from drivers.simulated.document_texts import mrz_lines
from drivers.simulated.people import get_person
from drivers.simulated.reader import SimulatedCardReader
from kiosk.config import KioskSection
from kiosk.conversation.view import PersonView
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.session import State
from server.domain.documents import ExpiredDocuments
from tests.kiosk.conversation.hall import Hall
from tests.kiosk.kit import TurnableClock, chip_reading, facility_services
from tests.kiosk.notebook import Notebook

ALLOWED, CHECKED, REFUSED = ExpiredDocuments
EXPIRED = "tuan"  # to 10 February 2026; the hall's day is 23 November


def follow(hall: Hall, rule: ExpiredDocuments) -> None:
    hall.offer(facility_services().model_copy(update={"expired_documents": rule}))


def person_shown(hall: Hall) -> PersonView:
    person = hall.view.person
    assert person is not None
    return person


def show_page(hall: Hall, key: str) -> None:
    hall.show(recognise("\n".join(mrz_lines(get_person(key))).encode()))


def hall_of(settings: KioskSection, devices: Devices) -> Hall:
    clock, errands = TurnableClock(), Notebook()
    return Hall(Kiosk(settings, clock=clock, errands=errands, devices=devices), clock, errands)


@pytest.mark.parametrize("rule", [ALLOWED, CHECKED])
def test_whoever_has_an_expired_card_is_told_and_goes_on(hall: Hall, rule: ExpiredDocuments) -> None:
    follow(hall, rule)
    hall.read_by_chip(EXPIRED)
    assert person_shown(hall).expired is rule
    hall.go_to_clinics()
    hall.choose()
    assert hall.registered.evidence.document_expires_on == get_person(EXPIRED).expires_on
    assert hall.errands.calls == []


@pytest.mark.parametrize("rule", [ALLOWED, CHECKED, REFUSED])
def test_a_card_in_date_is_no_matter_for_any_rule(hall: Hall, rule: ExpiredDocuments) -> None:
    follow(hall, rule)
    hall.read_by_chip("duc")
    assert person_shown(hall).expired is None


# (the moment, whether the card that is good to 10 February is refused)
MOMENTS = [
    (datetime(2026, 2, 9, 23, 30, tzinfo=UTC), False),  # 06:30 on its last day
    (datetime(2026, 2, 10, 16, 59, tzinfo=UTC), False),  # a minute before midnight at the hospital
    (datetime(2026, 2, 10, 17, 0, tzinfo=UTC), True),  # the 11th there, the 10th at Greenwich
]


@pytest.mark.parametrize(("moment", "is_refused"), MOMENTS)
def test_a_card_is_good_to_midnight_of_its_last_day_at_the_hospital(
    hall: Hall, moment: datetime, is_refused: bool
) -> None:
    follow(hall, REFUSED)
    hall.clock.instant = moment
    hall.read_by_chip(EXPIRED)
    assert hall.is_in(State.PROBLEM if is_refused else State.CONFIRMING)


def test_where_staff_alone_register_it_they_are_called_and_given_what_the_chip_said(hall: Hall) -> None:
    follow(hall, REFUSED)
    order = hall.read_by_chip(EXPIRED)
    assert (hall.state, hall.view.problem) == (State.PROBLEM, "document.expired")
    assert hall.view.person is None  # nothing of them stays on the page
    assert hall.errands.calls == [(State.READING, "document.expired")]
    (handed,) = hall.errands.handed
    assert handed is not None
    assert handed.evidence is not None
    assert handed.evidence.document_expires_on == get_person(EXPIRED).expires_on
    hall.kiosk.card.chip_read(order, chip_reading(EXPIRED, Assurance.TRUSTED))  # comes too late for anybody
    assert (hall.state, len(hall.errands.calls)) == (State.PROBLEM, 1)


def test_the_page_of_an_expired_document_is_refused_without_its_chip(tmp_path: Path) -> None:
    hall = hall_of(KioskSection(data_dir=tmp_path), Devices(reader=SimulatedCardReader(SimulatedReaderOptions())))
    follow(hall, REFUSED)
    show_page(hall, EXPIRED)
    assert hall.is_in(State.PLACING)  # the chip may say more
    hall.kiosk.skip_chip(hall.view.revision)
    assert (hall.state, hall.view.problem) == (State.PROBLEM, "document.expired")
    hall.kiosk.close()


def test_a_kiosk_without_a_card_reader_refuses_it_at_once(hall: Hall) -> None:
    follow(hall, REFUSED)
    show_page(hall, EXPIRED)
    assert (hall.state, hall.view.problem) == (State.PROBLEM, "document.expired")


def test_an_expired_passport_whose_chip_is_mute_is_refused_by_its_page(tmp_path: Path) -> None:
    hall = hall_of(KioskSection(data_dir=tmp_path), Devices(reader=SimulatedCardReader(SimulatedReaderOptions())))
    follow(hall, REFUSED)
    show_page(hall, EXPIRED)
    order = hall.put_card()
    assert order is not None
    hall.kiosk.card.chip_failed(order, DeviceTimeout("mute"))
    assert (hall.state, hall.view.problem) == (State.PROBLEM, "document.expired")
    hall.kiosk.close()


def test_at_a_desk_the_staff_who_see_it_decide(tmp_path: Path) -> None:
    hall = hall_of(KioskSection(data_dir=tmp_path, place="desk"), Devices())
    follow(hall, REFUSED)
    hall.read_by_chip(EXPIRED)
    assert hall.is_in(State.CONFIRMING)
    hall.kiosk.close()
