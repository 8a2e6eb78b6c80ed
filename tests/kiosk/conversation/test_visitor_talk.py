"""Appointments, proposals and payers at the kiosk: by letter or by card, with the server there or gone."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from drivers.codec.recognise import CodeKind, OwnCode, Recognised
from kiosk.session import State
from server.contract.appointments import VisitorFound
from server.contract.v1 import FacilityServices, HoursMessage, PriceMessage, WaitMessage
from server.domain.appointments import USABLE, CheckIn
from server.domain.catalogue import ClinicState, Payer
from server.domain.codes import short_code_from
from server.domain.identity import IdentityAssurance
from tests.kiosk.conversation.hall import Hall
from tests.kiosk.kit import NOON, facility_services, id_code, insurance_code, letter_holder, visit_offer

CODE = "2" * 20
SHORT = short_code_from(3_821_093_722)
LETTER = Recognised(CodeKind.APPOINTMENT, OwnCode(CODE))


def changed(services: FacilityServices, service: str, **changes: object) -> FacilityServices:
    offers = tuple(one.model_copy(update=changes) if one.service == service else one for one in services.services)
    return services.model_copy(update={"services": offers})


class TestAppointment:
    def test_one_touch_after_the_card_registers_the_visit_it_was_made_for(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        _, asked = hall.errands.questions[-1]
        assert [one.value for one in asked.identifiers][:1] == ["001090123456"]
        hall.answer(VisitorFound(appointments=(visit_offer(),)))
        shown = hall.view.appointment
        assert shown is not None
        assert (shown.is_usable, shown.time, shown.room, shown.doctor) == (True, "12:00", "105", "BS Nguyễn Thị Ví Dụ")
        hall.kiosk.check_in(hall.view.revision)
        assert hall.view.state is State.REGISTERING
        assert (hall.registered.service, hall.registered.appointment_code) == ("noi", "1" * 20)
        assert hall.registered.arrived_at == NOON

    def test_who_wants_something_else_today_is_registered_without_the_appointment(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.answer(VisitorFound(appointments=(visit_offer(),)))
        hall.go_to_clinics()
        hall.kiosk.choose("ngoai", hall.view.revision)
        assert (hall.registered.service, hall.registered.appointment_code) == ("ngoai", None)

    def test_on_the_page_of_clinics_the_appointments_clinic_stands_first_and_carries_its_code(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.go_to_clinics()
        hall.answer(VisitorFound(appointments=(visit_offer(service="ngoai"),)))  # the answer came late
        first = hall.view.services[0]
        assert (first.service, first.ground) == ("ngoai", "appointment")
        hall.kiosk.choose("ngoai", hall.view.revision)
        assert hall.registered.appointment_code == "1" * 20

    def test_the_short_code_typed_off_the_letter_is_as_good_as_the_square_one(self, hall: Hall) -> None:
        hall.type_appointment(SHORT)
        assert (hall.view.state, hall.view.notice) == (State.TYPING_APPOINTMENT, "appointment.looking")
        hall.answer(VisitorFound(appointments=(visit_offer(CODE),), holder=letter_holder("duc")))
        assert hall.view.state is State.CONFIRMING
        hall.kiosk.check_in(hall.view.revision)
        command = hall.registered
        assert (command.appointment_code, command.evidence.method) == (CODE, "appointment")
        assert command.evidence.assurance is IdentityAssurance.TYPED

    def test_a_slip_of_the_finger_is_told_before_anybody_is_asked(self, hall: Hall) -> None:
        hall.type_appointment(SHORT[:-1] + str((int(SHORT[-1]) + 1) % 10))
        assert (hall.view.state, hall.view.notice) == (State.TYPING_APPOINTMENT, "appointment.digits")
        assert hall.errands.questions == []
        hall.kiosk.enter_appointment(SHORT, hall.view.revision)
        assert [asked.code for _, asked in hall.errands.questions] == [SHORT]

    def test_a_typed_code_nobody_has_says_so_and_may_be_typed_again(self, hall: Hall) -> None:
        hall.type_appointment(SHORT)
        hall.answer(VisitorFound())
        assert (hall.view.state, hall.view.problem) == (State.PROBLEM, "appointment.not_found")
        assert hall.view.can_type_appointment
        hall.kiosk.type_appointment(hall.view.revision)
        assert hall.view.state is State.TYPING_APPOINTMENT

    def test_a_typed_code_the_server_cannot_be_asked_about_goes_along_with_the_visit_of_the_card(
        self, hall: Hall
    ) -> None:
        hall.type_appointment(SHORT)
        hall.answer(None)
        assert (hall.view.state, hall.view.notice) == (State.LETTER_KEPT, None)  # the page itself says it
        hall.show(id_code("duc"))
        assert hall.view.state is State.CONFIRMING
        hall.answer(None)
        hall.go_to_clinics()
        hall.kiosk.choose("noi", hall.view.revision)
        assert (hall.registered.appointment_code, hall.registered.evidence.method) == (SHORT, "qr")

    def test_a_card_laid_down_while_the_code_is_typed_or_kept_is_read_and_the_code_stays(self, hall: Hall) -> None:
        hall.type_appointment(SHORT)
        hall.answer(None)
        hall.kiosk.card.card_arrived()
        assert (hall.view.state, hall.view.card_present) == (State.ASKING_NUMBER, True)
        hall.show(id_code("duc"))
        assert (hall.view.state, hall.view.card_present) == (State.READING, True)
        assert hall.kiosk._stage.conversation.appointment_code == SHORT

    def test_whoever_leaves_in_the_middle_leaves_no_code_behind(self, hall: Hall) -> None:
        hall.type_appointment(SHORT)
        hall.answer(None)
        hall.clock.pass_time(120)
        hall.kiosk.check_time()
        hall.clock.pass_time(120)
        hall.kiosk.check_time()
        assert hall.view.state is State.WELCOME
        hall.show(id_code("duc"))
        hall.answer(None)
        hall.go_to_clinics()
        hall.kiosk.choose("noi", hall.view.revision)
        assert hall.registered.appointment_code is None

    def test_a_typed_letter_that_cannot_be_used_now_is_explained(self, hall: Hall) -> None:
        hall.type_appointment(SHORT)
        offer = visit_offer(CODE, CheckIn.TOO_EARLY, short_code=SHORT)
        hall.answer(VisitorFound(appointments=(offer,), holder=letter_holder("duc")))
        shown = hall.view.appointment
        assert shown is not None
        assert (shown.check_in, shown.is_usable) == ("too-early", False)

    def test_a_letter_alone_names_its_holder_and_one_touch_is_enough(self, hall: Hall) -> None:
        hall.show(LETTER)
        assert (hall.view.state, hall.view.notice) == (State.WELCOME, "appointment.looking")
        hall.answer(VisitorFound(appointments=(visit_offer(CODE),), holder=letter_holder("duc")))
        person = hall.view.person
        assert person is not None
        assert (hall.view.state, person.name, person.number) == (State.CONFIRMING, "NGUYỄN V. Đ.", None)
        assert len(hall.errands.questions) == 1  # what the letter brought is not asked again
        hall.kiosk.check_in(hall.view.revision)
        command = hall.registered
        assert (command.appointment_code, command.evidence.method, command.person.identifiers) == (
            CODE, "appointment", (),
        )  # fmt: skip
        assert command.evidence.assurance is IdentityAssurance.QR

    def test_the_card_of_a_letters_holder_makes_the_better_proof_and_keeps_the_letter(self, hall: Hall) -> None:
        hall.show(LETTER)
        hall.answer(VisitorFound(appointments=(visit_offer(CODE),), holder=letter_holder("duc")))
        hall.show(id_code("duc"))
        _, asked = hall.errands.questions[-1]
        assert (asked.code, asked.identifiers[0].value) == (CODE, "001090123456")
        hall.answer(VisitorFound(appointments=(visit_offer(CODE),)))
        hall.kiosk.check_in(hall.view.revision)
        assert (hall.registered.appointment_code, hall.registered.evidence.method) == (CODE, "qr")

    def test_somebody_elses_card_does_not_replace_the_letters_holder(self, hall: Hall) -> None:
        hall.show(LETTER)
        hall.answer(VisitorFound(appointments=(visit_offer(CODE),), holder=letter_holder("duc")))
        hall.show(id_code("hoa"))
        assert hall.view.person is not None
        assert hall.view.person.name == "NGUYỄN V. Đ."

    def test_without_the_server_the_letter_goes_along_with_an_ordinary_visit(self, hall: Hall) -> None:
        hall.show(LETTER)
        hall.answer(None)
        assert (hall.view.state, hall.view.notice) == (State.WELCOME, "appointment.card_next")
        hall.show(id_code("duc"))
        hall.answer(None)
        assert hall.view.appointment is None
        hall.go_to_clinics()
        hall.kiosk.choose("ngoai", hall.view.revision)
        assert hall.registered.appointment_code == CODE  # the server links it when it can

    def test_a_letter_left_unanswered_is_forgotten_before_the_next_person_comes(self, hall: Hall) -> None:
        hall.show(LETTER)
        hall.answer(None)
        hall.clock.pass_time(61)
        hall.kiosk.check_time()
        hall.show(id_code("duc"))
        _, asked = hall.errands.questions[-1]
        assert asked.code is None

    def test_an_unknown_letter_says_what_to_do_instead(self, hall: Hall) -> None:
        hall.show(LETTER)
        hall.answer(VisitorFound())
        assert (hall.view.state, hall.view.problem) == (State.PROBLEM, "appointment.not_found")

    @pytest.mark.parametrize("check_in", sorted(set(CheckIn) - USABLE))
    def test_a_letter_that_opens_nothing_is_explained_and_an_ordinary_visit_stays_open(
        self, hall: Hall, check_in: CheckIn
    ) -> None:
        hall.show(id_code("duc"))
        hall.show(LETTER)
        hall.answer(VisitorFound(appointments=(visit_offer(CODE, check_in),)))
        shown = hall.view.appointment
        assert shown is not None
        assert (shown.check_in, shown.is_usable) == (check_in, False)
        hall.kiosk.check_in(hall.view.revision)
        assert hall.view.state is State.CONFIRMING  # nothing happened
        hall.go_to_clinics()
        hall.kiosk.choose("noi", hall.view.revision)
        assert hall.registered.appointment_code is None

    def test_a_second_tap_does_not_register_twice(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.answer(VisitorFound(appointments=(visit_offer(),)))
        revision = hall.view.revision
        hall.kiosk.check_in(revision)
        hall.kiosk.check_in(revision)
        assert len(hall.errands.registrations) == 1


class TestClinics:
    def test_the_last_clinic_is_proposed_when_the_server_remembers_it(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.answer(VisitorFound(last_service="ngoai"))
        hall.go_to_clinics()
        assert [(one.service, one.ground) for one in hall.view.services] == [
            ("ngoai", "last-visit"), ("noi", None), ("mat", None),
        ]  # fmt: skip

    def test_the_expected_wait_is_shown_and_decides_for_a_stranger(self, hall: Hall) -> None:
        services = changed(facility_services(), "noi", wait=WaitMessage(least_min=20, most_min=40))
        hall.offer(changed(services, "ngoai", wait=WaitMessage(least_min=5, most_min=10)))
        hall.show(id_code("duc"))
        hall.go_to_clinics()
        first, second, _ = hall.view.services
        assert (first.service, first.ground, first.wait_min) == ("ngoai", "shortest-wait", (5, 10))
        assert second.wait_min == (20, 40)

    def test_a_full_clinic_refuses_with_its_reason_and_the_appointments_place_is_kept(self, hall: Hall) -> None:
        hall.offer(changed(facility_services(), "noi", open=False, state=ClinicState.FULL))
        hall.show(id_code("duc"))
        hall.go_to_clinics()
        full = next(one for one in hall.view.services if one.service == "noi")
        assert (full.open, full.state) == (False, "full")
        hall.kiosk.choose("noi", hall.view.revision)
        assert (hall.view.state, hall.view.notice) == (State.CHOOSING, "service.closed")
        hall.answer(VisitorFound(appointments=(visit_offer(),)))
        hall.kiosk.choose("noi", hall.view.revision)
        assert hall.registered.appointment_code == "1" * 20

    def test_the_cap_turns_away_nobody_of_seventy_five(self, hall: Hall) -> None:
        hall.offer(changed(facility_services(), "noi", open=False, state=ClinicState.FULL))
        hall.show(id_code("hoa"))  # born in 1951
        hall.go_to_clinics()
        assert next(one for one in hall.view.services if one.service == "noi").open

    @pytest.mark.parametrize("state", [ClinicState.CLOSED, ClinicState.NO_DOCTOR, ClinicState.OVER])
    def test_where_nobody_works_not_even_an_appointment_opens(self, hall: Hall, state: ClinicState) -> None:
        hall.offer(changed(facility_services(), "noi", open=False, state=state))
        hall.show(id_code("duc"))
        hall.answer(VisitorFound(appointments=(visit_offer(),)))
        hall.kiosk.check_in(hall.view.revision)
        assert hall.view.state is State.CONFIRMING
        assert hall.errands.registrations == []

    def test_without_the_server_the_hours_decide(self, hall: Hall) -> None:
        hours = (HoursMessage(weekday=1, opens=time(7), closes=time(11)),)
        services = changed(facility_services(), "noi", hours=hours)
        hall.offer(changed(services, "ngoai", hours=(HoursMessage(weekday=1, opens=time(13), closes=time(16)),)))
        hall.kiosk.online_changed(online=False)
        hall.show(id_code("duc"))
        hall.go_to_clinics()
        states = {one.service: (one.state, one.open, one.opens) for one in hall.view.services}
        assert states["noi"] == ("over", False, None)  # it is noon
        assert states["ngoai"] == ("later", True, "13:00")
        assert all(one.wait_min is None for one in hall.view.services)

    def test_a_clinic_that_filled_meanwhile_leads_back_to_the_others(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.go_to_clinics()
        hall.kiosk.choose("noi", hall.view.revision)
        ((talk, _),) = hall.errands.registrations
        hall.kiosk.service_refused(talk, "service.full")
        assert (hall.view.state, hall.view.notice) == (State.CHOOSING, "service.full")
        hall.kiosk.choose("ngoai", hall.view.revision)
        assert [command.service for _, command in hall.errands.registrations] == ["noi", "ngoai"]
        keys = {command.request_key for _, command in hall.errands.registrations}
        assert len(keys) == 2


PRICES = tuple(
    PriceMessage(payer=payer, price_vnd=price)
    for payer, price in ((Payer.INSURED, 39_800), (Payer.SELF, 45_000), (Payer.ON_REQUEST, 150_000))
)


class TestPayer:
    @pytest.fixture
    def priced(self, hall: Hall) -> Hall:
        services = changed(facility_services(), "noi", prices=PRICES)
        hall.offer(changed(services, "ngoai", prices=PRICES[:2]))
        return hall

    def test_the_insured_price_is_shown_first_and_another_after_one_touch(self, priced: Hall) -> None:
        priced.show(id_code("duc"))
        priced.go_to_clinics()
        assert priced.view.payers == ("insured", "self", "on-request")
        assert (priced.view.payer, priced.view.services[0].price_vnd) == ("insured", 39_800)
        priced.kiosk.choose_payer(Payer.SELF, priced.view.revision)
        assert (priced.view.payer, priced.view.services[0].price_vnd) == ("self", 45_000)
        priced.kiosk.choose("noi", priced.view.revision)
        assert priced.registered.payer is Payer.SELF

    def test_a_clinic_without_an_on_request_price_cannot_be_taken_so(self, priced: Hall) -> None:
        priced.show(id_code("duc"))
        priced.go_to_clinics()
        priced.kiosk.choose_payer(Payer.ON_REQUEST, priced.view.revision)
        states = {one.service: (one.open, one.state, one.price_vnd) for one in priced.view.services}
        assert states["noi"] == (True, "open", 150_000)
        assert states["ngoai"][:2] == (False, "no-price")
        priced.kiosk.choose("ngoai", priced.view.revision)
        assert priced.errands.registrations == []

    def test_an_insurance_card_that_was_shown_sets_the_insured_price(self, priced: Hall) -> None:
        priced.show(insurance_code("duc"))
        priced.go_to_clinics()
        priced.kiosk.choose("noi", priced.view.revision)
        assert priced.registered.payer is Payer.INSURED

    def test_where_there_is_one_price_nothing_is_asked(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.go_to_clinics()
        assert hall.view.payers == ()

    def test_a_payer_for_whom_nothing_has_a_price_is_not_taken(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.go_to_clinics()
        hall.kiosk.choose_payer(Payer.ON_REQUEST, hall.view.revision)
        assert hall.view.payer == "insured"

    def test_the_next_person_begins_anew(self, priced: Hall) -> None:
        priced.show(id_code("duc"))
        priced.go_to_clinics()
        priced.kiosk.choose_payer(Payer.ON_REQUEST, priced.view.revision)
        priced.kiosk.start_over(priced.view.revision)
        priced.clock.pass_time(timedelta(seconds=1).total_seconds())
        priced.show(id_code("hoa"))
        priced.go_to_clinics()
        assert priced.view.payer == "insured"


def test_an_appointment_of_another_service_than_any_offered_is_told_and_cannot_be_touched(hall: Hall) -> None:
    hall.show(id_code("duc"))
    hall.answer(VisitorFound(appointments=(visit_offer(service="withdrawn"),)))
    shown = hall.view.appointment
    assert shown is not None
    assert shown == replace(shown, check_in="on-time", is_usable=False)
