"""What an answer of the gateway means for one visit."""

from datetime import date, timedelta
from typing import Any

import pytest

from server.domain.card_check import CardStatus
from server.domain.coverage import Card
from server.insurance.decisions import NO_CARD, OUT_OF_DATES, Decision, decide, next_wait
from server.insurance.messages import CardAnswer

DAY = date(2026, 11, 23)
OLD = {"maThe": "GD4349900000001", "gtTheTu": "01/01/2024", "gtTheDen": "31/12/2026", "maDKBD": "34018"}
NEW = {"maTheMoi": "GD4349900000002", "gtTheTuMoi": "01/11/2026", "gtTheDenMoi": "31/12/2030", "maDKBDMoi": "34999"}
OLD_CARD = Card("GD4349900000001", date(2024, 1, 1), date(2026, 12, 31), "34018")
NEW_CARD = Card("GD4349900000002", date(2026, 11, 1), date(2030, 12, 31), "34999")


def answered(code: str, *, is_claimed: bool = True) -> Decision:
    return decide(CardAnswer.model_validate({"maKetQua": code}), is_claimed=is_claimed, on=DAY)


@pytest.mark.parametrize(
    ("code", "fields", "on", "status", "card", "problem", "reason"),
    [
        ("000", OLD, DAY, CardStatus.ACCEPTED, OLD_CARD, None, "it holds"),
        ("000", {}, DAY, CardStatus.ACCEPTED, None, None, "no dates given: the code alone counts"),
        ("000", OLD, date(2027, 1, 1), CardStatus.NOT_INSURED, None, OUT_OF_DATES, "its own dates are over"),
        ("003", OLD | NEW, date(2027, 1, 1), CardStatus.REPLACED, NEW_CARD, None, "only the new one holds"),
        ("004", OLD | NEW, DAY, CardStatus.REPLACED, NEW_CARD, None, "both hold: the later one"),
        ("004", OLD | NEW, date(2026, 10, 31), CardStatus.REPLACED, OLD_CARD, None, "the new one has not begun"),
        ("003", OLD | NEW, date(2031, 1, 1), CardStatus.NOT_INSURED, None, OUT_OF_DATES, "neither holds"),
        ("010", OLD, DAY, CardStatus.NOT_INSURED, None, "010", "expired, whatever the dates say"),
    ],
)
def test_card_a_visit_rests_on(
    code: str, fields: dict[str, str], on: date, status: CardStatus, card: Card | None, problem: str | None, reason: str
) -> None:
    found = decide(CardAnswer.model_validate({"maKetQua": code, **fields}), is_claimed=True, on=on)
    assert (found.status, found.card, found.problem) == (status, card, problem), reason
    assert found.is_verified == (status in {CardStatus.ACCEPTED, CardStatus.REPLACED})


@pytest.mark.parametrize("code", sorted(NO_CARD))
def test_unknown_card_is_a_contradiction_only_where_one_was_shown(code: str) -> None:
    assert answered(code).problem == code
    assert answered(code, is_claimed=False) == Decision(None, None, None, False, False, False)


@pytest.mark.parametrize("code", ["054", "055", "205", "401", "777"])
def test_mistake_of_our_own_set_up_goes_to_the_technician_and_not_to_reception(code: str) -> None:
    found = answered(code)
    assert (found.for_technician, found.problem, found.is_verified) == (True, None, False)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 10), (3, 20), (7, 320), (8, 600), (50, 600), (10_000, 600)]
)
def test_waits_grow_to_ten_minutes(attempts: int, seconds: int) -> None:
    assert next_wait(attempts, is_answered=False) == timedelta(seconds=seconds)


def test_wait_is_never_shorter_than_the_gateway_is_left_alone() -> None:
    assert next_wait(1, is_answered=False, at_least_s=30) == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("fields", "expected", "reason"),
    [
        ({"gtTheTu": "01012026"}, date(2026, 1, 1), "eight digits"),
        ({"gtTheTu": "31/02/2026"}, None, "no such day"),
        ({"gtTheTu": 1}, None, "a number"),
        ({"gtTheTu": None}, None, "null"),
        ({"gtTheTu": {"a": []}}, None, "an object"),
    ],
)
def test_day_that_is_none_is_left_out_and_the_rest_is_read(fields: Any, expected: date | None, reason: str) -> None:
    answer = CardAnswer.model_validate({"maKetQua": "000", "hoTen": " Nguyễn\u0000 Thử\ud800", **fields})
    assert answer.valid_from == expected, reason
    assert (answer.result_code, answer.full_name) == ("000", "Nguyễn Thử")
