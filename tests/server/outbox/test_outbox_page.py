"""What staff see of the messages to the hospital's system, and how they try a refused one again."""

from collections.abc import Iterator

import pytest

from server.accounts.roles import Role
from server.domain.outbound import OutboundState
from tests.server.hospital import arrival, build_hospital
from tests.server.outbox.conftest import Line
from tests.server.staff import Browser, add_staff

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
def browser(line: Line) -> Iterator[Browser]:
    """A browser in front of a server with one message the other system refused."""
    line.come(arrival("034190000018", person={"born_on": "1951"}))
    line.send_all()
    browser = Browser(line.database, line.clock)
    yield browser
    browser.close()


def test_the_lead_sees_why_a_message_was_refused_and_sends_it_again(browser: Browser, line: Line) -> None:
    browser.sign_in(add_staff(line.database, "truong", Role.RECEPTION_LEAD))
    page = browser.get("/outbox").text
    assert "A001" in page
    assert "HIS từ chối nội dung (422)" in page
    assert "cần đủ ngày, tháng, năm sinh" in page
    assert "Thử Nghiệm" not in page
    (message,) = line.messages()
    again = f"/outbox/{message.id}/again"
    line.his.behaviour.wants_whole_birth_dates = False
    assert browser.post(again, token_from="/outbox", attempts="1").status_code == 303
    overtaken = browser.post(again, token_from="/outbox", attempts="1")
    assert (overtaken.status_code, "đã được người khác gửi lại" in overtaken.text) == (409, True)
    line.send_all()
    assert line.states() == [OutboundState.SENT]
    assert "Không có thư nào bị từ chối" in browser.get("/outbox").text


def test_what_was_refused_all_morning_is_sent_again_at_one_touch(browser: Browser, line: Line) -> None:
    browser.sign_in(add_staff(line.database, "truong", Role.RECEPTION_LEAD))
    assert "Gửi lại tất cả" not in browser.get("/outbox").text, "one message has its own button"
    line.come(arrival("034190000026", person={"born_on": "1949"}))
    line.send_all()
    assert "Gửi lại tất cả (2)" in browser.get("/outbox").text
    newest = max(message.id for message in line.messages())
    line.come(arrival("034190000034", person={"born_on": "1947"}))
    line.send_all()
    line.his.behaviour.wants_whole_birth_dates = False
    assert browser.post("/outbox/again", token_from="/outbox", newest=str(newest)).status_code == 303
    line.send_all()
    assert line.states() == [OutboundState.SENT, OutboundState.SENT, OutboundState.DEAD], "the last one nobody had seen"
    assert browser.post("/outbox/again", token_from="/outbox", newest="-1").status_code == 422


def test_a_technician_sees_the_state_and_not_what_the_other_system_said_of_a_patient(
    browser: Browser, line: Line
) -> None:
    browser.sign_in(add_staff(line.database, "ky.thuat", Role.TECHNICIAN))
    page = browser.get("/outbox").text
    assert "HIS từ chối nội dung (422)" in page
    assert "cần đủ ngày" not in page


def test_another_hospital_sees_and_sends_nothing_of_ours(browser: Browser, line: Line) -> None:
    build_hospital(line.database, "79999")
    browser.sign_in(add_staff(line.database, "noi.khac", Role.RECEPTION_LEAD, facility="79999"))
    assert "A001" not in browser.get("/outbox").text
    (message,) = line.messages()
    answer = browser.post(f"/outbox/{message.id}/again", token_from="/outbox", attempts="1")
    assert answer.status_code == 404
    assert browser.post("/outbox/again", token_from="/outbox", newest=str(message.id)).status_code == 303
    assert line.states() == [OutboundState.DEAD]


def test_a_form_that_says_no_attempt_is_refused(browser: Browser, line: Line) -> None:
    browser.sign_in(add_staff(line.database, "truong", Role.RECEPTION_LEAD))
    (message,) = line.messages()
    answer = browser.post(f"/outbox/{message.id}/again", token_from="/outbox", attempts="²")
    assert answer.status_code == 422
