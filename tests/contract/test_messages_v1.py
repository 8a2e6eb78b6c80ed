"""Messages between kiosk and server: closed, frozen, bounded, and the same after a journey as JSON."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, ValidationError

from server.contract import queries, v1
from server.contract.v1 import OfflineTicket, RegisterEncounter
from server.registration.service import fingerprint_of
from tests.server.hospital import DAY, MORNING, arrival, on_paper

MESSAGES = [
    model
    for module in (v1, queries)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda model: model.__name__)
def test_message_refuses_unknown_fields_and_changes(message: type[BaseModel]) -> None:
    assert message.model_config["extra"] == "forbid"
    assert message.model_config["frozen"] is True


def test_command_is_the_same_after_a_journey_as_json() -> None:
    command = on_paper(arrival(insurance={"card_number": "DN4999900000017", "valid_to": "2026-12-31"}), 7)
    assert RegisterEncounter.model_validate_json(command.model_dump_json()) == command


def test_name_keeps_all_its_marks() -> None:
    name = "Nguyễn Đặng Thuỳ Ngữ Ỷ"
    command = arrival(person={"full_name": name})
    assert RegisterEncounter.model_validate_json(command.model_dump_json()).person.full_name == name


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"arrived_at": "2026-11-23T07:15:00"}, "timezone"),  # whose morning?
        ({"facility": "34 999"}, "pattern"),
        ({"service": ""}, "at least 1"),
        ({"person": {"full_name": "   "}}, "at least 1"),
        ({"person": {"full_name": "a\nb"}}, "pattern"),
        ({"person": {"full_name": "x" * 201}}, "at most 200"),
        ({"person": {"born_on": "1990-02-30"}}, "day"),
        ({"person": {"born_on": "15/08/1990"}}, "not a date"),
        ({"person": {"nationality": "vn"}}, "pattern"),
        ({"person": {"identifiers": [{"system": "unheard-of", "value": "1"}]}}, "Input should be"),
        ({"person": {"identifiers": [{"system": "passport", "value": "FRA/1"}] * 9}}, "at most 8"),
        ({"evidence": {"assurance": "certain"}}, "Input should be"),
        ({"evidence": {"method": "guess"}}, "Input should be"),
        ({"evidence": {"reasons": ["x"] * 33}}, "at most 32"),
        ({"offline_ticket": {"kiosk_letter": "KK", "number": 1, "local_day": "2026-11-23"}}, "pattern"),
        ({"offline_ticket": {"kiosk_letter": "K", "number": 0, "local_day": "2026-11-23"}}, "greater than"),
        ({"offline_ticket": {"kiosk_letter": "K", "number": 10_000, "local_day": "2026-11-23"}}, "less than"),
    ],
)
def test_wrong_value_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        arrival(**change)


def test_fingerprint_passes_over_the_number_on_paper_only() -> None:
    key = uuid4()
    command = arrival(request_key=key)
    assert fingerprint_of(on_paper(command, 3)) == fingerprint_of(command)
    assert fingerprint_of(arrival(request_key=key, service="NHI")) != fingerprint_of(command)
    assert fingerprint_of(arrival(request_key=key, person={"sex": "male"})) != fingerprint_of(command)


def test_fingerprint_is_the_same_after_a_journey_as_json() -> None:
    command = arrival(arrived_at=datetime(2026, 11, 23, 0, 15, 0, 123456, tzinfo=UTC))
    assert fingerprint_of(RegisterEncounter.model_validate_json(command.model_dump_json())) == fingerprint_of(command)


def test_paper_number_has_its_local_day() -> None:
    hanoi = timezone(timedelta(hours=7))
    assert OfflineTicket(kiosk_letter="K", number=1, local_day=MORNING.astimezone(hanoi).date()).local_day == DAY
