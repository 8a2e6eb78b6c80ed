"""One person after the other, told by what cards, codes, fingers and the clock do."""

from pathlib import Path
from uuid import UUID

import pytest

from drivers.codec.recognise import CodeKind, IdCardCode, OwnCode, Recognised, recognise
from drivers.errors import (
    AccessDenied,
    CardRemoved,
    DeviceTimeout,
    DeviceUnavailable,
    DriverError,
    MalformedData,
    ProtocolViolation,
    StatusWordError,
)
from drivers.icao9303.reading import Assurance
from kiosk.config import KioskSection
from kiosk.conversation.ticket import from_answer
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.session import State
from server.domain.identity import IdentityAssurance
from tests.kiosk.conversation.hall import Hall
from tests.kiosk.kit import answer_to, chip_identity, chip_reading, command, facility_services, id_code, insurance_code

VISIT = Recognised(CodeKind.VISIT, OwnCode("0" * 20))
APPOINTMENT = Recognised(CodeKind.APPOINTMENT, OwnCode("0" * 20))
SHOPPING = recognise(b"8934563138165")


class TestByCode:
    def test_a_shown_card_code_names_the_person_masked(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        assert hall.is_in(State.CONFIRMING)
        person = hall.view.person
        assert person is not None
        assert (person.name, person.birth_year, person.number) == ("NGUYỄN V. Đ.", 1990, "•••••••••456")
        assert (person.verdict, person.proving) == ("qr", False)

    def test_two_touches_lead_from_code_to_ticket(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.confirm()
        assert hall.is_in(State.CHOOSING)
        assert [(one.service, one.waiting, one.open) for one in hall.view.services] == [
            ("noi", 3, True),
            ("ngoai", 3, True),
            ("mat", 3, False),
        ]
        confirmed_at = hall.clock.now()
        hall.clock.pass_time(5)
        hall.choose("noi")
        assert hall.is_in(State.REGISTERING)
        sent = hall.register()
        assert hall.is_in(State.TICKET)
        assert sent.arrived_at == confirmed_at
        assert sent.evidence.assurance is IdentityAssurance.QR
        assert sent.person.full_name == "Nguyễn Văn Đức"
        ticket = hall.view.ticket
        assert ticket is not None
        assert (ticket.label, ticket.printing, ticket.offline) == ("A001", "printing", False)

    def test_an_insurance_card_names_its_holder_and_goes_along_as_a_claim(self, hall: Hall) -> None:
        hall.show(insurance_code("duc"))
        assert hall.is_in(State.CONFIRMING)
        assert hall.view.insurance_kept
        hall.confirm()
        hall.choose()
        _, sent = hall.errands.registrations[0]
        assert sent.evidence.method == "insurance-qr"
        assert sent.insurance is not None
        assert sent.insurance.card_number == "DN4340123456789"

    def test_an_id_code_after_the_insurance_card_is_the_better_name_and_keeps_the_claim(self, hall: Hall) -> None:
        hall.show(insurance_code("duc"))
        hall.show(id_code("duc"))
        hall.confirm()
        hall.choose()
        _, sent = hall.errands.registrations[0]
        assert sent.evidence.method == "qr"
        assert sent.insurance is not None

    def test_the_number_of_an_insurance_card_is_not_called_the_id_number(self, hall: Hall) -> None:
        documents = []
        for code in (insurance_code("duc"), id_code("duc")):
            hall.show(code)
            person = hall.view.person
            assert person is not None
            documents.append(person.number_of)
        assert documents == ["insurance", "card"]

    def test_a_card_laid_down_after_the_insurance_card_asks_for_its_code_and_is_read_by_it(self, hall: Hall) -> None:
        hall.show(insurance_code("duc"))
        assert hall.put_card() is None  # nothing of the insurance card opens a chip
        assert (hall.state, hall.view.notice) == (State.CONFIRMING, "card.code_next")
        hall.show(id_code("duc"))
        order = hall.kiosk.card.take_order()
        assert order is not None
        hall.kiosk.card.chip_identified(order, chip_identity("duc"), "PACE-CAN")
        hall.confirm()
        hall.choose()
        _, sent = hall.errands.registrations[0]
        assert sent.evidence.method == "chip"
        assert sent.insurance is not None

    def test_an_insurance_card_of_somebody_else_is_not_taken(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.show(insurance_code("hoa"))
        assert hall.view.notice == "insurance.other_person"
        assert not hall.view.insurance_kept

    def test_an_insurance_card_shown_before_somebody_elses_code_is_not_taken_over(self, hall: Hall) -> None:
        hall.put_card()
        hall.show(insurance_code("hoa"))
        assert hall.view.insurance_kept
        hall.show(id_code("duc"))
        assert not hall.view.insurance_kept
        assert hall.view.notice == "insurance.other_person"

    def test_a_code_of_another_person_does_not_change_who_is_served(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.show(id_code("hoa"))
        assert hall.view.notice == "scanner.other_person"
        person = hall.view.person
        assert person is not None
        assert person.name == "NGUYỄN V. Đ."

    def test_somebodys_shopping_is_a_hint_and_takes_no_page_away(self, hall: Hall) -> None:
        hall.show(SHOPPING)
        assert (hall.state, hall.view.notice) == (State.WELCOME, "scanner.not_ours")
        hall.pass_time(9)
        assert hall.view.notice is None

    def test_a_hint_does_not_cover_what_was_just_said_nor_disturb_who_is_served(self, hall: Hall) -> None:
        hall.show(SHOPPING)
        hall.kiosk.codes.hint_given("scanner.hint.dark")
        assert hall.view.notice == "scanner.not_ours"
        hall.pass_time(9)
        hall.show(id_code("duc"))
        hall.kiosk.codes.hint_given("scanner.hint.dark")
        assert hall.view.notice is None

    @pytest.mark.parametrize("leaves", [True, False], ids=["touches start over", "walks away"])
    def test_a_hint_for_one_person_is_not_shown_to_the_next(self, hall: Hall, leaves: bool) -> None:
        hall.put_card()
        hall.show(insurance_code("duc"))
        assert (hall.state, hall.view.notice) == (State.ASKING_NUMBER, "insurance.noted")
        hall.take_card()
        if leaves:
            hall.kiosk.start_over(hall.view.revision)
        else:
            hall.pass_time(60)
        assert (hall.state, hall.view.notice) == (State.WELCOME, None)

    def test_a_hint_how_to_hold_the_code_ends_when_it_was_read(self, hall: Hall) -> None:
        hall.kiosk.codes.hint_given("scanner.hint.dark")
        assert hall.view.notice == "scanner.hint.dark"
        hall.show(id_code("duc"))
        assert hall.is_in(State.CONFIRMING)
        assert hall.view.notice is None

    def test_a_half_code_has_a_page_of_its_own(self, hall: Hall) -> None:
        hall.show(recognise(b"001090123456|012345678|Nguy"))
        assert (hall.state, hall.view.problem) == (State.PROBLEM, "code.half")

    def test_rejecting_forgets_the_person_at_once(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.kiosk.reject(hall.view.revision)
        assert (hall.state, hall.view.problem, hall.view.person) == (State.PROBLEM, "identity.rejected", None)


class TestByChip:
    def test_a_card_alone_asks_for_its_number(self, hall: Hall) -> None:
        assert hall.put_card() is None
        assert hall.is_in(State.ASKING_NUMBER)
        assert hall.view.card_present
        order = hall.type_number("001090123456")
        assert hall.is_in(State.READING)
        assert order.passwords.can == "123456"

    def test_digits_that_are_no_number_are_asked_for_again(self, hall: Hall) -> None:
        hall.put_card()
        hall.kiosk.enter_number("12345", hall.view.revision)
        assert (hall.state, hall.view.notice) == (State.ASKING_NUMBER, "number.length")

    def test_the_number_may_be_typed_with_the_card_in_the_hand(self, hall: Hall) -> None:
        hall.put_card()
        seen = hall.view.revision
        hall.take_card()
        assert (hall.state, hall.view.card_present) == (State.ASKING_NUMBER, False)
        hall.kiosk.enter_number("123456", seen)  # of the page before: a touch on it means nothing any more
        hall.kiosk.enter_number("123456", hall.view.revision)
        assert (hall.state, hall.view.number_typed) == (State.PLACING, True)
        order = hall.put_card()
        assert order is not None
        assert (hall.state, order.passwords.can, order.typed) == (State.READING, "123456", True)

    def test_a_card_laid_down_again_before_its_number_is_typed_is_asked_for_it(self, hall: Hall) -> None:
        hall.put_card()
        hall.take_card()
        assert hall.put_card() is None
        assert hall.type_number().passwords.can == "123456"

    def test_a_number_typed_in_the_hand_that_was_wrong_is_asked_for_again(self, hall: Hall) -> None:
        hall.put_card()
        hall.take_card()
        hall.kiosk.enter_number("000000", hall.view.revision)
        order = hall.put_card()
        assert order is not None
        hall.kiosk.card.chip_failed(order, AccessDenied(("PACE-CAN",)))
        assert (hall.view.problem, hall.view.tries_left, hall.view.can_try_again) == ("number.wrong", 2, True)

    # (what is shown with the card in the hand, who is known by it)
    SHOWN_IN_HAND = (
        (id_code("duc"), "NGUYỄN V. Đ."),
        (insurance_code("duc"), "NGUYỄN V. Đ."),
    )

    @pytest.mark.parametrize(("code", "name"), SHOWN_IN_HAND)
    def test_a_code_shown_with_the_card_in_the_hand_names_the_person(
        self, hall: Hall, code: Recognised, name: str
    ) -> None:
        hall.put_card()
        hall.take_card()
        hall.show(code)
        assert hall.view.person is not None
        assert (hall.state, hall.view.person.name) == (State.CONFIRMING, name)
        assert (hall.put_card() is not None) == (isinstance(code.value, IdCardCode))  # which opens the chip as well

    def test_who_lifts_the_card_and_leaves_is_forgotten(self, hall: Hall) -> None:
        hall.put_card()
        hall.take_card()
        hall.kiosk.enter_number("123456", hall.view.revision)
        hall.pass_time(90)
        assert (hall.state, hall.view.number_typed) == (State.WELCOME, False)
        assert hall.put_card() is None

    def test_the_cards_code_opens_its_chip(self, hall: Hall) -> None:
        hall.put_card()
        hall.show(id_code("duc"))
        order = hall.kiosk.card.take_order()
        assert order is not None
        assert (order.passwords.can, order.typed) == ("123456", False)
        assert hall.is_in(State.READING)

    def test_a_card_put_down_after_its_code_is_read_without_a_touch(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        order = hall.put_card()
        assert order is not None
        assert hall.is_in(State.READING)

    def test_progress_is_published_in_steps(self, hall: Hall) -> None:
        hall.put_card()
        order = hall.type_number()
        for done in (0.01, 0.02, 0.5, 0.51):
            hall.kiosk.card.chip_progress(order, done)
        assert hall.view.progress == 0.5

    def test_the_person_is_shown_while_the_proof_is_on_its_way(self, hall: Hall) -> None:
        order = hall.read_by_chip()
        person = hall.view.person
        assert person is not None
        assert (hall.state, person.verdict, person.proving) == (State.CONFIRMING, "chip-read", True)
        seen = hall.view.revision
        hall.kiosk.card.chip_read(order, chip_reading("duc", Assurance.TRUSTED))
        person = hall.view.person
        assert person is not None
        assert (person.verdict, person.proving) == ("chip-trusted", False)
        hall.kiosk.confirm(seen)  # the finger was on its way when the proof came in
        assert hall.is_in(State.CHOOSING)

    def test_what_the_chip_proves_goes_along_with_the_visit(self, hall: Hall) -> None:
        order = hall.read_by_chip()
        hall.kiosk.card.chip_read(order, chip_reading("duc", Assurance.CONSISTENT, "pa.csca_unknown"))
        hall.confirm()
        hall.choose()
        evidence = hall.errands.registrations[0][1].evidence
        assert (evidence.method, evidence.access) == ("chip", "PACE-CAN")
        assert evidence.assurance is IdentityAssurance.CHIP_CONSISTENT
        assert evidence.reasons == ("pa.csca_unknown",)

    def test_a_choice_made_before_the_proof_is_in_says_so_to_staff(self, hall: Hall) -> None:
        hall.read_by_chip()
        hall.confirm()
        hall.choose()
        evidence = hall.errands.registrations[0][1].evidence
        assert (evidence.assurance, evidence.reasons) == (IdentityAssurance.CHIP_READ, ("proof.pending",))

    @pytest.mark.parametrize("when", ["registering", "ticket", "gone"])
    def test_a_proof_that_comes_after_the_choice_is_told_once_for_its_visit(self, hall: Hall, when: str) -> None:
        order = hall.read_by_chip()
        hall.confirm()
        hall.choose()
        conversation, sent = hall.errands.registrations[0]
        if when != "registering":
            hall.kiosk.registered(conversation, from_answer(answer_to(sent)))
        if when == "gone":
            hall.kiosk.start_over(hall.view.revision)
            assert hall.is_in(State.WELCOME)
        hall.kiosk.card.chip_proved(order, Assurance.TRUSTED, ())
        hall.kiosk.card.chip_read(order, chip_reading("duc", Assurance.TRUSTED))  # says the same once more
        (told,) = hall.errands.proofs
        assert told.request_key == sent.request_key
        assert told.evidence == sent.evidence.model_copy(
            update={"assurance": IdentityAssurance.CHIP_TRUSTED, "reasons": ()}
        )

    @pytest.mark.parametrize("error", [CardRemoved("lifted"), DeviceTimeout("mute"), MalformedData("SOD", "cut")])
    def test_a_proof_that_never_comes_is_not_awaited_for_ever(self, hall: Hall, error: DriverError) -> None:
        order = hall.read_by_chip()
        hall.confirm()
        hall.choose()
        hall.register()
        if isinstance(error, CardRemoved):
            hall.kiosk.card.proof_cut(order, error.code)
            hall.take_card()
        else:
            hall.kiosk.card.chip_failed(order, error)
        hall.kiosk.card.proof_cut(order, error.code)
        (told,) = hall.errands.proofs
        assert (told.evidence.assurance, told.evidence.reasons) == (IdentityAssurance.CHIP_READ, (error.code,))

    def test_a_chip_that_contradicts_itself_after_the_choice_is_told_too(self, hall: Hall) -> None:
        order = hall.read_by_chip()
        hall.confirm()
        hall.choose()
        hall.kiosk.card.chip_proved(order, Assurance.CONTRADICTED, ("pa.hash_differs",))
        (told,) = hall.errands.proofs
        assert told.evidence.assurance is IdentityAssurance.CHIP_CONTRADICTED
        assert told.evidence.reasons == ("pa.hash_differs",)

    def test_a_proof_that_comes_before_the_choice_travels_with_the_visit_alone(self, hall: Hall) -> None:
        order = hall.read_by_chip()
        hall.kiosk.card.chip_read(order, chip_reading("duc", Assurance.TRUSTED))
        hall.confirm()
        hall.choose()
        assert hall.errands.proofs == []

    def test_a_chip_of_another_person_than_the_code_stops_and_calls_staff(self, hall: Hall) -> None:
        hall.put_card()
        hall.show(id_code("duc"))
        order = hall.kiosk.card.take_order()
        assert order is not None
        hall.kiosk.card.chip_identified(order, chip_identity("hoa"), "PACE-CAN")
        assert (hall.state, hall.view.problem) == (State.PROBLEM, "chip.contradicts_code")
        assert hall.errands.calls == [(State.READING, "chip.contradicts_code")]
        assert hall.view.person is None

    @pytest.mark.parametrize("touches", [0, 1])
    def test_a_contradiction_that_comes_late_still_stops_self_service(self, hall: Hall, touches: int) -> None:
        order = hall.read_by_chip()
        if touches:
            hall.confirm()
        hall.kiosk.card.chip_read(order, chip_reading("duc", Assurance.CONTRADICTED, "pa.hash_differs"))
        assert (hall.state, hall.view.problem) == (State.PROBLEM, "chip.contradicted")
        assert len(hall.errands.calls) == 1
        hall.choose()
        assert hall.errands.registrations == []

    def test_a_contradiction_after_the_choice_takes_nothing_back_and_calls_staff_once(self, hall: Hall) -> None:
        order = hall.read_by_chip()
        hall.confirm()
        hall.choose()
        hall.kiosk.card.chip_proved(order, Assurance.CONTRADICTED, ())
        hall.register()
        hall.kiosk.card.chip_read(order, chip_reading("duc", Assurance.CONTRADICTED))
        assert hall.is_in(State.TICKET)
        assert hall.errands.calls == [(State.REGISTERING, "chip.contradicted")]

    def test_lifting_the_card_while_it_is_read_says_what_to_do(self, hall: Hall) -> None:
        hall.put_card()
        hall.type_number()
        hall.take_card()
        assert (hall.state, hall.view.problem) == (State.PROBLEM, "card.removed")
        assert not hall.view.can_try_again
        hall.put_card()
        assert hall.is_in(State.ASKING_NUMBER)

    @pytest.mark.parametrize("touches", [0, 1])
    def test_a_person_who_is_gone_with_the_card_is_soon_off_the_screen(self, hall: Hall, touches: int) -> None:
        hall.read_by_chip()
        if touches:
            hall.confirm()
        hall.take_card()
        assert hall.view.seconds_left == 10  # the page asks at once whether anybody is there, and covers the name
        hall.pass_time(10)
        assert (hall.state, hall.view.person) == (State.WELCOME, None)

    @pytest.mark.parametrize("touches", [0, 1])
    def test_who_only_took_the_card_back_goes_on(self, hall: Hall, touches: int) -> None:
        hall.read_by_chip()
        if touches:
            hall.confirm()
        hall.take_card()
        hall.kiosk.still_here(hall.view.revision)
        assert hall.view.seconds_left == 60
        if not touches:
            hall.confirm()
        hall.choose()
        _, sent = hall.errands.registrations[0]
        # Without the card nothing was proved any more.
        assert (sent.evidence.method, sent.evidence.reasons) == ("chip", ("card.removed",))

    def test_a_card_taken_after_its_proof_leaves_the_proof_as_it_is(self, hall: Hall) -> None:
        order = hall.read_by_chip()
        hall.kiosk.card.chip_read(order, chip_reading("duc", Assurance.TRUSTED))
        hall.take_card()
        person = hall.view.person
        assert person is not None
        assert (person.verdict, person.reasons) == ("chip-trusted", ())

    @pytest.mark.parametrize("touches", [0, 1])
    def test_a_card_laid_down_after_another_was_taken_may_be_the_next_persons(self, hall: Hall, touches: int) -> None:
        hall.read_by_chip()
        if touches:
            hall.confirm()
        hall.take_card()
        hall.put_card()
        assert (hall.state, hall.view.person) == (State.ASKING_NUMBER, None)

    def test_a_card_put_back_is_read_again_by_its_code(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        for _ in range(2):
            order = hall.put_card()
            assert order is not None
            hall.kiosk.card.chip_identified(order, chip_identity("duc"), "PACE-CAN")
            assert hall.is_in(State.CONFIRMING)
            hall.take_card()

    def test_the_card_may_be_taken_once_the_clinic_is_chosen(self, hall: Hall) -> None:
        hall.read_by_chip()
        hall.confirm()
        hall.choose()
        hall.take_card()
        hall.register()
        assert hall.is_in(State.TICKET)

    def test_a_reading_that_ends_after_its_person_left_changes_nothing(self, hall: Hall) -> None:
        hall.put_card()
        order = hall.type_number()
        hall.take_card()
        hall.show(id_code("hoa"))
        before = hall.view
        hall.kiosk.card.chip_identified(order, chip_identity("duc"), "PACE-CAN")
        hall.kiosk.card.chip_read(order, chip_reading("duc"))
        hall.kiosk.card.chip_failed(order, DeviceTimeout("late"))
        assert hall.view == before

    def test_a_card_left_behind_belongs_to_nobody(self, hall: Hall) -> None:
        hall.read_by_chip()
        hall.kiosk.start_over(hall.view.revision)
        assert (hall.state, hall.view.card_present) == (State.WELCOME, True)
        assert hall.view.notice == "card.left_lying"
        hall.show(id_code("hoa"))
        assert hall.kiosk.card.take_order() is None  # the next person's code does not open it
        hall.take_card()  # and whoever fetches it does not end her session
        assert hall.is_in(State.CONFIRMING)


class TestTrouble:
    def test_a_wrong_number_may_be_corrected_twice(self, hall: Hall) -> None:
        hall.put_card()
        for left in (2, 1):
            order = hall.type_number("000000")
            hall.kiosk.card.chip_failed(order, AccessDenied(("PACE-CAN", "BAC")))
            assert (hall.state, hall.view.problem) == (State.PROBLEM, "number.wrong")
            assert (hall.view.tries_left, hall.view.can_try_again) == (left, True)
            hall.kiosk.try_again(hall.view.revision)
            assert (hall.state, hall.view.tries_left) == (State.ASKING_NUMBER, left)
        order = hall.type_number("000000")
        hall.kiosk.card.chip_failed(order, AccessDenied(("PACE-CAN",)))
        assert (hall.view.problem, hall.view.can_try_again) == ("number.too_many_tries", False)
        hall.kiosk.try_again(hall.view.revision)
        assert hall.is_in(State.PROBLEM)

    def test_a_chip_that_no_digits_can_open_is_not_a_wrong_number_and_waits_for_its_code(self, hall: Hall) -> None:
        hall.put_card()
        hall.kiosk.card.chip_failed(hall.type_number("123456"), AccessDenied(()))
        assert (hall.view.problem, hall.view.can_try_again) == ("number.not_enough", False)
        hall.show(id_code("thuong"))
        assert hall.is_in(State.READING)

    def test_lifting_the_card_and_putting_it_back_gives_new_tries_and_keeps_nothing(self, hall: Hall) -> None:
        hall.put_card()
        hall.kiosk.card.chip_failed(hall.type_number("000000"), AccessDenied(("BAC",)))
        hall.take_card()
        assert not hall.view.can_try_again
        hall.put_card()
        assert hall.view.tries_left is None

    # (what the chip did, the code shown on the page)
    FAILURES: tuple[tuple[DriverError, str], ...] = (
        (DeviceTimeout("mute"), "device.timeout"),
        (DeviceUnavailable("unplugged"), "device.unavailable"),
        (StatusWordError("READ BINARY", 0x6982), "card.status_word"),
        (MalformedData("EF.DG1", "too short"), "data.malformed"),
    )

    @pytest.mark.parametrize(("error", "problem"), FAILURES)
    def test_an_unreadable_chip_says_so_and_offers_another_try(
        self, hall: Hall, error: DriverError, problem: str
    ) -> None:
        hall.put_card()
        hall.kiosk.card.chip_failed(hall.type_number(), error)
        assert (hall.state, hall.view.problem, hall.view.can_try_again) == (State.PROBLEM, problem, True)

    @pytest.mark.parametrize("error", [error for error, _ in FAILURES] + [AccessDenied(("PACE-CAN",))])
    def test_nobody_is_turned_away_by_an_unreadable_chip_whose_code_was_shown(
        self, hall: Hall, error: DriverError
    ) -> None:
        hall.show(id_code("duc"))
        order = hall.put_card()
        assert order is not None
        hall.kiosk.card.chip_failed(order, error)
        assert (hall.state, hall.view.notice) == (State.CONFIRMING, "card.code_used_instead")
        hall.take_card()  # of no use any more: taking it away ends nothing
        hall.confirm()
        hall.choose()
        evidence = hall.errands.registrations[0][1].evidence
        assert (evidence.assurance, evidence.reasons) == (IdentityAssurance.QR, (error.code,))

    def test_a_session_somebody_tampered_with_is_not_saved_by_the_code(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        order = hall.put_card()
        assert order is not None
        hall.kiosk.card.chip_failed(order, ProtocolViolation("MAC"))
        assert (hall.state, hall.view.problem) == (State.PROBLEM, "card.protocol")
        assert hall.errands.calls == [(State.READING, "card.protocol")]

    def test_a_chip_that_falls_silent_after_the_name_stays_read_and_not_proved(self, hall: Hall) -> None:
        order = hall.read_by_chip()
        hall.kiosk.card.chip_failed(order, DeviceTimeout("mute"))
        person = hall.view.person
        assert person is not None
        assert (hall.state, person.verdict, person.proving) == (State.CONFIRMING, "chip-read", False)

    def test_a_code_shown_on_the_page_of_a_failed_chip_opens_it(self, hall: Hall) -> None:
        hall.put_card()
        hall.kiosk.card.chip_failed(hall.type_number("000000"), AccessDenied(("PACE-CAN",)))
        hall.show(id_code("duc"))
        order = hall.kiosk.card.take_order()
        assert order is not None
        assert hall.is_in(State.READING)
        hall.kiosk.card.chip_identified(order, chip_identity("duc"), "PACE-CAN")
        assert hall.is_in(State.CONFIRMING)

    def test_a_visit_the_server_refused_calls_staff_by_itself(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.confirm()
        hall.choose()
        conversation, _ = hall.errands.registrations[0]
        hall.kiosk.registration_failed(conversation, "registration.refused")
        assert (hall.state, hall.view.problem) == (State.PROBLEM, "registration.refused")
        assert hall.errands.calls == [(State.REGISTERING, "registration.refused")]
        assert hall.view.staff_informed is None  # nobody is told that staff come before they know
        hall.kiosk.staff_informed(reached=True)
        assert hall.view.staff_informed is True

    def test_a_closed_clinic_cannot_be_chosen(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.confirm()
        hall.choose("mat")
        assert (hall.state, hall.view.notice) == (State.CHOOSING, "service.closed")
        hall.choose("no such service")
        assert hall.errands.registrations == []

    def test_a_kiosk_out_of_service_takes_nobody_in_and_brings_the_present_person_to_the_end(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.kiosk.block("kiosk.refused")
        hall.confirm()
        hall.choose()
        hall.register()
        hall.kiosk.start_over(hall.view.revision)
        assert hall.view.out_of_service == "kiosk.refused"
        hall.show(id_code("hoa"))
        hall.put_card()
        assert hall.is_in(State.WELCOME)
        hall.take_card()
        hall.kiosk.unblock("kiosk.refused")
        hall.show(id_code("hoa"))
        assert hall.is_in(State.CONFIRMING)


class TestTouch:
    def test_the_second_tap_of_a_double_tap_does_nothing(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.confirm()
        seen = hall.view.revision
        hall.kiosk.choose("noi", seen)
        hall.kiosk.choose("ngoai", seen)
        assert [sent.service for _, sent in hall.errands.registrations] == ["noi"]

    def test_a_tap_on_a_page_that_is_gone_does_nothing(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        old = hall.view.revision
        hall.kiosk.start_over(old)
        hall.show(id_code("hoa"))
        before = hall.view
        for revision in (old, -1, before.revision + 1, 0):
            hall.kiosk.confirm(revision)
            hall.kiosk.reject(revision)
            hall.kiosk.start_over(revision)
        assert hall.view == before

    def test_waiting_counts_that_change_under_the_finger_do_not_cost_the_tap(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.confirm()
        seen = hall.view.revision
        hall.kiosk.services_changed(facility_services(waiting=9))
        assert [one.waiting for one in hall.view.services] == [9, 9, 3]
        hall.kiosk.choose("noi", seen)
        assert hall.is_in(State.REGISTERING)

    def test_calling_staff_forgets_the_person_and_tells_where_they_were(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.kiosk.call_staff(hall.view.revision)
        assert (hall.state, hall.view.person) == (State.STAFF_CALLED, None)
        assert hall.errands.calls == [(State.CONFIRMING, None)]

    def test_while_a_visit_is_on_its_way_no_button_ends_it(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.confirm()
        hall.choose()
        for action in (hall.kiosk.start_over, hall.kiosk.call_staff, hall.kiosk.confirm):
            action(hall.view.revision)
        hall.pass_time(3600)
        assert hall.is_in(State.REGISTERING)

    def test_the_language_stays_for_the_whole_conversation_and_no_longer(self, hall: Hall) -> None:
        hall.kiosk.set_language("en", hall.view.revision)
        hall.show(id_code("duc"))
        hall.confirm()
        assert hall.view.services[0].name == "noi consultation"
        assert hall.view.facility_name == "Quynh Coi General Hospital"
        hall.choose()
        assert hall.errands.registrations[0][1].language == "en"
        hall.register()
        hall.kiosk.start_over(hall.view.revision)
        assert hall.view.language == "vi"

    def test_a_language_nobody_uses_goes_back(self, hall: Hall) -> None:
        hall.kiosk.set_language("en", hall.view.revision)
        hall.pass_time(61)
        assert (hall.state, hall.view.language) == (State.WELCOME, "vi")


class TestTime:
    def test_an_untouched_page_warns_and_then_forgets(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        seen = hall.view.revision
        hall.pass_time(44)
        assert hall.view.revision == seen
        hall.pass_time(1)
        assert hall.view.revision > seen  # the page learns that it has to ask
        assert hall.view.seconds_left == 15
        hall.pass_time(15)
        assert (hall.state, hall.view.person) == (State.WELCOME, None)

    def test_one_tap_gives_the_full_time_again(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.pass_time(50)
        hall.kiosk.still_here(hall.view.revision)
        assert hall.view.seconds_left == 60
        hall.pass_time(30)
        assert hall.is_in(State.CONFIRMING)

    def test_a_printed_number_stands_twenty_seconds_and_an_unprinted_one_long_enough_to_write_it_down(
        self, hall: Hall
    ) -> None:
        for printing, seconds in (("printed", 20), ("failed", 60)):
            hall.show(id_code("duc"))
            hall.confirm()
            hall.choose()
            hall.register()
            conversation, _ = hall.errands.registrations[-1]
            hall.kiosk.ticket_printing(conversation, "printed" if printing == "printed" else "failed", None)
            assert hall.view.seconds_left == seconds
            hall.pass_time(seconds)
            assert hall.is_in(State.WELCOME)

    def test_waiting_for_a_picture_ends_with_the_next_or_with_the_time(self, hall: Hall) -> None:
        before = hall.view
        assert hall.kiosk.wait_for_view(before.revision, 0.01) == before
        assert hall.kiosk.wait_for_view(before.revision - 7, 60) == before
        hall.show(SHOPPING)
        assert hall.kiosk.wait_for_view(before.revision, 60).notice == "scanner.not_ours"

    def test_pages_of_an_earlier_process_are_stale(self, hall: Hall, tmp_path: Path) -> None:
        hall.clock.pass_time(1)
        later = Kiosk(KioskSection(data_dir=tmp_path), clock=hall.clock, errands=hall.errands, devices=Devices())
        assert later.view().revision > hall.view.revision


class TestTicket:
    def test_the_next_person_need_not_wait_for_a_printed_number_to_leave_the_screen(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.confirm()
        hall.choose()
        hall.register()
        hall.show(id_code("hoa"))
        assert hall.is_in(State.TICKET)  # the paper is not out
        hall.paper_out()
        hall.show(id_code("hoa"))
        assert hall.is_in(State.CONFIRMING)
        person = hall.view.person
        assert person is not None
        assert person.name == "TRẦN T. H."

    def test_with_the_ticket_on_the_screen_the_person_is_forgotten(self, hall: Hall) -> None:
        hall.show(id_code("duc"))
        hall.confirm()
        hall.choose()
        hall.register()
        conversation, _ = hall.errands.registrations[0]
        assert (conversation.known, conversation.code, conversation.insurance) == (None, None, None)

    def test_a_slip_shown_again_shows_its_ticket_and_prints_nothing(self, hall: Hall) -> None:
        hall.show(VISIT)
        assert (hall.state, hall.view.notice) == (State.WELCOME, "visit.looking")
        (search,) = hall.errands.searches
        hall.kiosk.visit_found(search[0], from_answer(answer_to(command(), "A012")))
        assert (hall.state, hall.view.notice) == (State.TICKET, None)  # found: nobody waits any more
        ticket = hall.view.ticket
        assert ticket is not None
        assert (ticket.label, ticket.printing) == ("A012", "shown")

    def test_a_slip_that_is_not_known_says_what_to_do(self, hall: Hall) -> None:
        hall.show(VISIT)
        hall.kiosk.visit_not_found(hall.errands.searches[0][0], "visit.not_found")
        assert (hall.state, hall.view.problem) == (State.PROBLEM, "visit.not_found")

    def test_a_search_that_ends_after_somebody_else_came_changes_nothing(self, hall: Hall) -> None:
        hall.show(VISIT)
        hall.show(id_code("duc"))
        before = hall.view
        hall.kiosk.visit_found(hall.errands.searches[0][0], from_answer(answer_to(command())))
        assert hall.view == before

    def test_without_the_server_the_waiting_counts_are_unknown(self, hall: Hall) -> None:
        hall.kiosk.online_changed(online=False)
        hall.show(id_code("duc"))
        hall.confirm()
        assert [one.waiting for one in hall.view.services] == [None, None, None]
        assert not hall.view.online

    def test_each_choice_has_a_key_of_its_own(self, hall: Hall) -> None:
        keys: set[UUID] = set()
        for key in ("duc", "hoa"):
            hall.show(id_code(key))
            hall.confirm()
            hall.choose()
            keys.add(hall.register().request_key)
            hall.kiosk.start_over(hall.view.revision)
        assert len(keys) == 2
