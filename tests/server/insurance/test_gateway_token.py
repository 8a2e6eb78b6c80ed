"""What the gateway's token call answers, in all the forms clients have met."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.insurance.errors import GatewayRefused, GatewayUnavailable
from server.insurance.token import MARGIN, digest_of, life, read_token
from server.insurance.transport import HttpReply

NOW = datetime(2026, 11, 23, 0, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("expires_in", "expected", "form"),
    [
        (3600, HOUR, "seconds"),
        ("3600", HOUR, "seconds as text"),
        (1795396500, HOUR, "seconds since 1970"),
        ("1795396500000", HOUR, "milliseconds since 1970"),
        ("2026-11-23T01:15:00Z", HOUR, "instant"),
        ("2026-11-23T01:15:00.1234567Z", HOUR + timedelta(microseconds=123456), "instant with seven digits"),
        ("2026-11-23T08:15:00", HOUR, "local time of Viet Nam without saying so"),
        (None, timedelta(minutes=50), "left out"),
        ("soon", timedelta(minutes=50), "not understood"),
        (True, timedelta(minutes=50), "not a number"),
        (-5, timedelta(minutes=50), "not a length of time"),
        (
            "2026-11-22T00:00:00Z",
            timedelta(minutes=1),
            "past: their clock is wrong, and asking each time would not help",
        ),
        (10**8, timedelta(hours=12), "years"),
    ],
)
def test_length_of_a_tokens_life(expires_in: object, expected: timedelta, form: str) -> None:
    assert life(expires_in, NOW) == expected, form


def reply(content: Any, status: int = 200) -> HttpReply:
    return HttpReply(status, content, json.dumps(content).encode())


FIELDS = {"access_token": "a", "id_token": "i", "expires_in": 3600}


@pytest.mark.parametrize("content", [{"maKetQua": "200", "APIKey": FIELDS}, {"maKetQua": 200, **FIELDS}, FIELDS])
def test_token_is_found_in_each_form(content: dict[str, Any]) -> None:
    token = read_token(reply(content), NOW)
    assert (token.access_token, token.id_token, token.good_until) == ("a", "i", NOW + HOUR - MARGIN)


@pytest.mark.parametrize("code", ["401", "402", "403"])
def test_refused_account_is_its_own_error(code: str) -> None:
    with pytest.raises(GatewayRefused) as raised:
        read_token(reply({"maKetQua": code, "APIKey": None}), NOW)
    assert raised.value.result_code == code


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply({"maKetQua": "500"}), "no_token"),
        (reply({"maKetQua": "200", "APIKey": {"access_token": "a"}}), "no_token"),
        (reply({"maKetQua": "200", "APIKey": {"access_token": 1, "id_token": []}}), "no_token"),
        (HttpReply(200, None, b"<html>"), "not_json"),
        (HttpReply(502, None, b"<html>"), "status_502"),
    ],
)
def test_answer_without_a_token_is_unavailable(answer: HttpReply, reason: str) -> None:
    with pytest.raises(GatewayUnavailable, match=reason):
        read_token(answer, NOW)


def test_digest_is_written_in_the_case_that_was_asked_for() -> None:
    assert digest_of("abc", "upper") == "900150983CD24FB0D6963F7D28E17F72"  # RFC 1321 A.5
    assert digest_of("abc", "lower") == "900150983cd24fb0d6963f7d28e17f72"
