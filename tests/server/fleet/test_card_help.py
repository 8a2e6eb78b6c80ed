"""The desk opens a card at a kiosk: who is offered it, what is sent, what came of it, and what is forgotten."""

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.contract.fleet import CardPassword, CommandResult, KioskCommand
from server.db import Database
from server.errors import NotFound
from server.fleet.card_help import read_password
from server.fleet.forms import CardForm, read_card_form
from server.fleet.models import Command
from server.fleet.service import Device
from server.fleet.state import take_report
from tests.server.fleet.reports import SESSION, report
from tests.server.hospital import MORNING, build_hospital
from tests.server.staff import Browser, add_staff

NUMBER = "001090123456"


def says(database: Database, kiosk: Device, **changes: object) -> tuple[KioskCommand, ...]:
    """Have the kiosk say that somebody's card lies there unopened; return what it is to do."""
    word = {"session": SESSION, "step": "asking-number", "card_wants": "number", "failures": 2} | changes
    return take_report(database, report(**word), device=kiosk, now=MORNING).commands


def ask_page(kiosk: Device) -> str:
    return f"/kiosks/{kiosk.id}/card?session={SESSION}"


def give(desk: Browser, kiosk: Device, **fields: str) -> str:
    """Send the form; return where it leads."""
    fields = {"session": str(SESSION), "wants": "number", "number": NUMBER} | fields
    answer = desk.post(f"/kiosks/{kiosk.id}/card", token_from=ask_page(kiosk), **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def order_in(address: str) -> UUID:
    found = re.search(r"/commands/([0-9a-f-]{36})/card$", address)
    assert found
    return UUID(found[1])


def fetch(desk: Browser, order: UUID, kiosk: Device) -> CardPassword:
    with desk.app.extensions["db"].reading() as session:
        vault = desk.app.extensions["vault"]
        return read_password(session, order, device=kiosk, vault=vault, now=desk.clock.now())


def test_help_is_offered_where_a_card_waits_and_nowhere_else(desk: Browser, hospital: Database, kiosk: Device) -> None:
    says(hospital, kiosk)
    for address in ("/kiosks", "/kiosks/strip"):
        assert "Giúp mở thẻ" in desk.get(address).text
    says(hospital, kiosk, card_wants=None)
    for address in ("/kiosks", "/kiosks/strip"):
        assert "Giúp mở thẻ" not in desk.get(address).text
    assert "không còn chờ mở" in desk.get(ask_page(kiosk)).text


def test_whoever_goes_to_help_is_announced_at_the_kiosk(desk: Browser, hospital: Database, kiosk: Device) -> None:
    says(hospital, kiosk)
    answer = desk.post(f"/kiosks/{kiosk.id}/help", token_from="/kiosks", session=str(SESSION))
    assert answer.headers["Location"] == ask_page(kiosk)
    (command,) = says(hospital, kiosk)
    assert (command.kind, command.arguments) == ("announce-help", {"session": str(SESSION)})


def test_the_kiosk_fetches_what_was_typed_and_the_desk_hears_what_came_of_it(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    says(hospital, kiosk)
    waiting = give(desk, kiosk, number="001 090 123 456")
    assert desk.get(waiting).headers["Refresh"] == "1"
    (command,) = says(hospital, kiosk)
    assert (command.kind, command.arguments) == ("open-card", {"session": str(SESSION)})
    assert fetch(desk, command.id, kiosk) == CardPassword(number=NUMBER)
    says(hospital, kiosk, results=[CommandResult(command_id=command.id, result="help.wrong")])
    page = desk.get(waiting)
    assert "Chip không mở bằng số này" in page.text
    assert "Refresh" not in page.headers
    assert 'name="number"' in page.text  # and once more, right here
    again = order_in(give(desk, kiosk))
    done = CommandResult(command_id=again, result="done")
    says(hospital, kiosk, step="confirming", card_wants=None, results=[done])
    page = desk.get(f"/kiosks/commands/{again}/card")
    assert "Đã mở được thẻ" in page.text
    assert 'name="number"' not in page.text


def test_what_was_typed_is_sealed_and_gone_once_it_was_tried(desk: Browser, hospital: Database, kiosk: Device) -> None:
    says(hospital, kiosk)
    order = order_in(give(desk, kiosk))
    with hospital.reading() as session:
        sealed = session.get_one(Command, order).sealed
        assert sealed is not None
        assert NUMBER.encode() not in sealed
    says(hospital, kiosk, results=[CommandResult(command_id=order, result="help.wrong")])
    with hospital.reading() as session:
        assert session.get_one(Command, order).sealed is None
        trail = [(line.action, str(line.details)) for line in session.scalars(sa.select(AuditLine))]
    assert any(action == "kiosk.commanded" and "open-card" in details for action, details in trail)
    assert all(NUMBER not in details and NUMBER[-6:] not in details for _, details in trail)
    with pytest.raises(NotFound):
        fetch(desk, order, kiosk)


def test_after_a_minute_it_is_too_late_and_nothing_is_kept(desk: Browser, hospital: Database, kiosk: Device) -> None:
    says(hospital, kiosk)
    waiting = give(desk, kiosk)
    desk.clock.pass_by(timedelta(seconds=60))
    assert "Quá lâu" in desk.get(waiting).text
    with pytest.raises(NotFound):
        fetch(desk, order_in(waiting), kiosk)
    take_report(hospital, report(), device=kiosk, now=desk.clock.now())
    with hospital.reading() as session:
        assert session.get_one(Command, order_in(waiting)).sealed is None


def test_another_kiosk_learns_nothing_of_it(desk: Browser, hospital: Database, kiosk: Device) -> None:
    says(hospital, kiosk)
    order = order_in(give(desk, kiosk))
    with pytest.raises(NotFound):
        fetch(desk, order, replace(kiosk, id=uuid4()))


def test_another_hospital_opens_no_card_of_ours(desk: Browser, hospital: Database, kiosk: Device) -> None:
    says(hospital, kiosk)
    order = order_in(give(desk, kiosk))
    build_hospital(hospital, "79999")
    stranger = desk.another()
    stranger.sign_in(add_staff(hospital, "noi.khac", facility="79999"))
    assert stranger.get(ask_page(kiosk)).status_code == 404
    assert stranger.get(f"/kiosks/commands/{order}/card").status_code == 404
    token = stranger.token("/password")
    for address, fields in (
        (f"/kiosks/{kiosk.id}/help", {}),
        (f"/kiosks/{kiosk.id}/card", {"wants": "number", "number": NUMBER}),
    ):
        body = {"csrf_token": token, "session": str(SESSION), **fields}
        assert stranger.client.post(address, data=body).status_code == 404


def test_two_passwords_at_once_cost_the_card_one_try(desk: Browser, hospital: Database, kiosk: Device) -> None:
    says(hospital, kiosk)
    first = give(desk, kiosk)
    assert give(desk, kiosk, number="000000") == first
    assert fetch(desk, order_in(first), kiosk).number == NUMBER


def test_a_mistyped_number_stays_on_the_page_with_what_is_wrong(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    says(hospital, kiosk)
    body = {"session": str(SESSION), "wants": "number", "number": "12345"}
    answer = desk.post(f"/kiosks/{kiosk.id}/card", token_from=ask_page(kiosk), **body)
    assert answer.status_code == 422
    assert "Cần 6 số, hoặc đủ 12 số." in answer.text
    assert 'value="12345"' in answer.text
    assert [one.kind for one in says(hospital, kiosk)] == []


def test_what_came_of_it_is_said_in_words(desk: Browser, hospital: Database, kiosk: Device) -> None:
    for result, words in [
        ("card.none", "Không có thẻ trên đầu đọc"),
        ("session.gone", "đã rời kiosk"),
        ("number.too_many_tries", "Đã thử sai nhiều lần"),
        ("device.timeout", "Thẻ không trả lời"),
        ("command.unknown", "Phần mềm của kiosk này"),  # a kiosk of an earlier version
        ("card.protocol", "không đọc được thẻ này"),  # any of the drivers' codes
    ]:
        says(hospital, kiosk)
        waiting = give(desk, kiosk)
        told = CommandResult(command_id=order_in(waiting), result=result)
        says(hospital, kiosk, card_wants=None, results=[told])
        page = desk.get(waiting).text
        assert words in page
        assert f'action="/kiosks/{kiosk.id}/take-over"' in page  # what is left to do


TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("fields", "password"),
    [
        ({"number": " 123 456 "}, CardPassword(number="123456")),
        ({"number": "001.090.123.456"}, CardPassword(number=NUMBER)),
        (
            {"wants": "document", "number": "pa0174263", "born_on": "3/2/1988", "expires_on": "6/5/2031"},
            CardPassword(number="PA0174263", born_on="1988-02-03", expires_on="2031-05-06"),
        ),
        (
            {"wants": "document", "number": NUMBER, "born_on": "1990"},  # a card's expiry follows from the age
            CardPassword(number=NUMBER, born_on="1990"),
        ),
    ],
)
def test_numbers_and_dates_are_read_as_people_type_them(fields: dict[str, str], password: CardPassword) -> None:
    form = CardForm.model_validate({"session": str(SESSION), "wants": "number"} | fields)
    assert read_card_form(form, today=TODAY).password == password


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"number": "1234567"}, {"number"}),
        ({"number": "B12345"}, {"number"}),  # a passport's opens nothing where a number was asked for
        ({"wants": "document"}, {"number", "born_on", "expires_on"}),
        (
            {"wants": "document", "number": "B1234567", "born_on": "1/1/2030", "expires_on": "1/2031"},
            {"born_on", "expires_on"},
        ),
        ({"wants": "document", "number": NUMBER, "born_on": "15/8/1990", "expires_on": "x"}, {"expires_on"}),
    ],
)
def test_what_cannot_open_a_chip_is_named_by_its_field(fields: dict[str, str], wrong: set[str]) -> None:
    form = CardForm.model_validate({"session": str(SESSION), "wants": "number"} | fields)
    typed = read_card_form(form, today=TODAY)
    assert (typed.password, set(typed.wrong)) == (None, wrong)


@pytest.mark.parametrize(
    "fields",
    [
        {"number": "12345"},  # no CAN has five digits
        {"number": "PA0174263"},  # a document's number alone is no key
        {"number": "PA0174263", "born_on": "1988-02-03"},
        {"number": "123456", "expires_on": "2031-05-06"},
    ],
)
def test_half_a_password_is_no_message(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not all that opens a chip"):
        CardPassword.model_validate(fields)


def test_a_password_shows_nothing_of_itself() -> None:
    assert NUMBER not in repr(CardPassword(number=NUMBER, born_on="1990-08-15"))
