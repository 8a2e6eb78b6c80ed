"""Red flags call staff instead of giving a number; priority is named by one touch; who has a number keeps it."""

import pytest

from drivers.codec.recognise import recognise
from kiosk.conversation.memory import Conversation
from kiosk.conversation.ticket import from_answer
from kiosk.session import State
from server.contract.v1 import RedFlag
from server.domain.priority import PriorityGround
from tests.kiosk.conversation.hall import Hall
from tests.kiosk.kit import answer_to, command, facility_services, id_code


def choose_a_clinic(hall: Hall) -> None:
    hall.kiosk.codes.code_seen(id_code("duc"))
    hall.confirm()
    assert hall.view.state is State.CHOOSING


def touch(hall: Hall, name: str, *given: str) -> None:
    getattr(hall.kiosk, name)(*given, hall.view.revision)


class TestRedFlags:
    def test_one_touch_on_the_first_page_shows_the_signs_and_one_more_calls_staff(self, hall: Hall) -> None:
        touch(hall, "ask_red_flags")
        assert hall.view.state is State.RED_FLAGS
        assert "Co giật" in [flag.words for flag in hall.view.red_flags]
        touch(hall, "name_red_flag", "fit")
        assert (hall.view.state, hall.view.urgent, hall.view.staff_informed) == (State.STAFF_CALLED, True, None)
        assert hall.errands.calls == [(State.RED_FLAGS, "urgent.fit")]
        assert hall.errands.registrations == []
        hall.kiosk.staff_informed(reached=True)
        assert (hall.view.urgent, hall.view.staff_informed) == (True, True)

    def test_who_was_choosing_goes_on_when_it_is_none_of_them(self, hall: Hall) -> None:
        choose_a_clinic(hall)
        touch(hall, "ask_red_flags")
        assert hall.view.person is None
        touch(hall, "no_red_flag")
        assert hall.view.state is State.CHOOSING

    def test_from_the_first_page_none_of_them_leads_back_to_it(self, hall: Hall) -> None:
        touch(hall, "ask_red_flags")
        touch(hall, "no_red_flag")
        assert hall.view.state.value == "welcome"

    def test_who_takes_the_card_away_meanwhile_begins_anew(self, hall: Hall) -> None:
        hall.read_by_chip()
        hall.confirm()
        touch(hall, "ask_red_flags")
        hall.take_card()
        assert hall.view.state is State.RED_FLAGS_ASIDE
        touch(hall, "no_red_flag")
        assert hall.view.state.value == "welcome"

    def test_the_hospitals_own_list_counts_and_no_other_code_calls(self, hall: Hall) -> None:
        own = RedFlag(code="snake", words="Rắn cắn", words_en="Snake bite")
        hall.kiosk.services_changed(facility_services().model_copy(update={"red_flags": (own,)}))
        touch(hall, "ask_red_flags")
        assert [flag.code for flag in hall.view.red_flags] == ["snake"]
        touch(hall, "name_red_flag", "fit")
        assert (hall.view.state, hall.errands.calls) == (State.RED_FLAGS, [])
        hall.kiosk.set_language("en", hall.view.revision)
        assert [flag.words for flag in hall.view.red_flags] == ["Snake bite"]

    def test_nobody_answers_and_the_page_goes_back_by_itself(self, hall: Hall) -> None:
        choose_a_clinic(hall)
        touch(hall, "ask_red_flags")
        hall.pass_time(61)
        assert hall.view.state is State.WELCOME


class TestPriority:
    def test_a_ground_that_was_named_goes_along_with_the_registration(self, hall: Hall) -> None:
        choose_a_clinic(hall)
        touch(hall, "ask_priority")
        touch(hall, "name_priority", "pregnancy")
        assert (hall.view.state, hall.view.declared) == (State.CHOOSING, ("pregnancy",))
        hall.choose()
        [(_, sent)] = hall.errands.registrations
        assert sent.declared == (PriorityGround.PREGNANCY,)

    def test_it_can_be_taken_back(self, hall: Hall) -> None:
        choose_a_clinic(hall)
        for ground in ("merit", ""):
            touch(hall, "ask_priority")
            touch(hall, "name_priority", ground)
        assert hall.view.declared == ()

    @pytest.mark.parametrize("ground", ["elderly", "child", "emergency", "vip"])
    def test_what_papers_or_staff_decide_cannot_be_named(self, hall: Hall, ground: str) -> None:
        choose_a_clinic(hall)
        touch(hall, "ask_priority")
        touch(hall, "name_priority", ground)
        assert (hall.view.state, hall.view.declared) == (State.DECLARING, ())

    def test_the_next_person_declared_nothing(self, hall: Hall) -> None:
        choose_a_clinic(hall)
        touch(hall, "ask_priority")
        touch(hall, "name_priority", "merit")
        hall.kiosk.start_over(hall.view.revision)
        choose_a_clinic(hall)
        assert hall.view.declared == ()


class TestNumberThatIsThereAlready:
    def known(self, hall: Hall) -> Conversation:
        choose_a_clinic(hall)
        hall.choose()
        conversation, sent = hall.errands.registrations[-1]
        answer = answer_to(sent, "A005").model_copy(update={"is_known": True, "copies": 1})
        hall.kiosk.known_already(conversation, sent, from_answer(answer))
        return conversation

    def test_it_is_shown_and_not_printed_by_itself(self, hall: Hall) -> None:
        self.known(hall)
        view = hall.view
        assert view.ticket is not None
        assert (view.state, view.ticket.label, view.ticket.printing) == (State.TICKET, "A005", "shown")
        assert view.can_print_again
        assert hall.errands.copies == []

    def test_a_marked_copy_is_printed_once_when_asked_for(self, hall: Hall) -> None:
        conversation = self.known(hall)
        revision = hall.view.revision
        hall.kiosk.print_again(revision)
        hall.kiosk.print_again(hall.view.revision)
        assert len(hall.errands.copies) == 1
        assert hall.view.ticket is not None
        assert (hall.view.ticket.printing, hall.view.can_print_again) == ("printing", False)
        hall.kiosk.ticket_printing(conversation, "printed")
        assert hall.view.ticket.printing == "printed"

    def test_an_ordinary_number_is_not_printed_again(self, hall: Hall) -> None:
        choose_a_clinic(hall)
        hall.choose()
        hall.register()
        hall.kiosk.print_again(hall.view.revision)
        assert hall.errands.copies == []


def test_a_slips_address_for_phones_is_the_slip_to_the_kiosk_too() -> None:
    code = command().visit_code
    for text in (f"https://kham.benhvien.vn/t/{code}", f"http://10.0.0.5:8000/x/t/{code.lower()}"):
        found = recognise(text.encode())
        assert (found.kind, found.value.code if found.value else None) == ("visit", code)  # type: ignore[union-attr]  # a visit's value is an OwnCode
    for text in (f"https://kham.benhvien.vn/t/{code}0", f"https://kham.benhvien.vn/t/{code}?a=1"):
        assert recognise(text.encode()).kind == "unknown"
