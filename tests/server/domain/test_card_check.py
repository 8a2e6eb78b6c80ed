"""Result codes of the card look-up, pinned to the official meanings."""

import pytest

from server.domain.card_check import UNKNOWN, VERDICTS, Alarm, CardStatus, verdict_of

OFFICIAL = {
    "000", "001", "002", "003", "004", "010", "050", "051", "052", "053", "054", "055", "060", "061", "070", "100",
    "101", "110", "120", "121", "122", "123", "124", "130", "205", "401",
}  # fmt: skip
SEEN_IN_CLIENTS = {"500", "501", "999"}


def test_every_known_code_has_a_decision_and_no_other_does() -> None:
    assert set(VERDICTS) == OFFICIAL | SEEN_IN_CLIENTS


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("000", CardStatus.ACCEPTED, "correct"),
        ("001", CardStatus.PROVISIONAL, "Defence Ministry's fund; not 'another insurance office'"),
        ("002", CardStatus.PROVISIONAL, "Public Security Ministry's fund"),
        ("003", CardStatus.REPLACED, "old card expired, new one issued"),
        ("004", CardStatus.REPLACED, "old card holds, new one issued; not 'locked'"),
        ("010", CardStatus.NOT_INSURED, "expired; not 'not found'"),
        ("050", CardStatus.COUNTER, "no information"),
        ("053", CardStatus.COUNTER, "benefit digit; not 'name differs'"),
        ("054", CardStatus.UNVERIFIED, "officer not on the list; not 'birth date differs'"),
        ("060", CardStatus.CORRECT, "name"),
        ("070", CardStatus.CORRECT, "birth date"),
        ("110", CardStatus.NOT_INSURED, "withdrawn"),
        ("124", CardStatus.NOT_INSURED, "stopped"),
        ("130", CardStatus.CHILD, "child without a card"),
        ("401", CardStatus.UNVERIFIED, "our account"),
    ],
)
def test_codes_mean_what_the_official_letter_says(code: str, status: CardStatus, reason: str) -> None:
    assert verdict_of(code).status is status, reason


def test_a_mistake_in_our_own_set_up_rings_at_the_technician_and_not_at_the_patient() -> None:
    ours = {code for code, verdict in VERDICTS.items() if verdict.alarm is Alarm.TECHNICIAN}
    assert ours == {"054", "055", "205", "401", "501"}
    assert all(verdict_of(code).status in {CardStatus.UNVERIFIED, CardStatus.COUNTER} for code in ours)


def test_only_a_bad_account_or_token_makes_us_take_a_new_token() -> None:
    assert {code for code, verdict in VERDICTS.items() if verdict.refreshes_token} == {"401", "501"}


def test_what_the_gateway_could_not_say_is_asked_again_by_itself() -> None:
    assert {"100", "101", "500", "999"} <= {code for code, verdict in VERDICTS.items() if verdict.asks_again}


@pytest.mark.parametrize("code", ["", "777", "0", "00", "ABC"])
def test_a_code_nobody_has_met_never_refuses_a_patient(code: str) -> None:
    assert verdict_of(code) is UNKNOWN
