"""What the insurance gateway's answer to a card look-up means for the patient at the door.

Source: Official letter 1923/BHXH-CNTT of 20 June 2024, appendix 03 section 4. Tables that are copied around elsewhere
give other meanings to 001, 002, 004, 010, 053 and 054; the tests pin the official ones. 500, 501 and 999 were seen in
clients only.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CardStatus(StrEnum):
    """How the visit goes on. Nobody is turned away by any of them."""

    ACCEPTED = "accepted"
    PROVISIONAL = "provisional"  # accepted, the counter looks at the paper card
    REPLACED = "replaced"  # accepted with the new card's number, dates and facility
    NOT_INSURED = "not-insured"  # no valid insurance today: fee-paying, or the counter
    CORRECT = "correct"  # what was sent does not fit the book: staff correct and ask again
    COUNTER = "counter"  # only staff can tell
    CHILD = "child"  # no card shown for a child: temporary card, parent's data
    UNVERIFIED = "unverified"  # the gateway could not say: the visit goes on, the card is asked again by itself


class Alarm(StrEnum):
    """Who is told, beyond the patient."""

    NOBODY = "nobody"
    RECEPTION = "reception"
    TECHNICIAN = "technician"  # the facility's own set-up is wrong: every look-up will fail


@dataclass(frozen=True, slots=True)
class CardVerdict:
    """``asks_again``: whether a later look-up by itself can bring another answer."""

    status: CardStatus
    alarm: Alarm
    asks_again: bool
    refreshes_token: bool = False


def _row(status: CardStatus, alarm: Alarm, *, again: bool = False, token: bool = False) -> CardVerdict:
    return CardVerdict(status, alarm, again, token)


_S = CardStatus
_A = Alarm

VERDICTS: Final[dict[str, CardVerdict]] = {
    "000": _row(_S.ACCEPTED, _A.NOBODY),
    "001": _row(_S.PROVISIONAL, _A.RECEPTION),  # kept by the Defence Ministry's fund: paper card and identity papers
    "002": _row(_S.PROVISIONAL, _A.RECEPTION),  # kept by the Public Security Ministry's fund
    "003": _row(_S.REPLACED, _A.NOBODY),  # the old card expired, a new one was issued
    "004": _row(_S.REPLACED, _A.NOBODY),  # the old card still holds, a new one was issued: dates decide
    "010": _row(_S.NOT_INSURED, _A.RECEPTION),  # expired
    "050": _row(_S.COUNTER, _A.RECEPTION),  # no card information; ask with the card's number if the CCCD was sent
    "051": _row(_S.COUNTER, _A.RECEPTION),  # wrong card number
    "052": _row(_S.COUNTER, _A.RECEPTION),  # wrong province of issue (characters 4 and 5)
    "053": _row(_S.COUNTER, _A.RECEPTION),  # wrong benefit digit (character 3)
    # The officer's CCCD is not on the facility's list, or the name does not fit it: put right by a technician at noon,
    # the morning's cards are checked all the same.
    "054": _row(_S.UNVERIFIED, _A.TECHNICIAN, again=True),
    "055": _row(_S.UNVERIFIED, _A.TECHNICIAN, again=True),
    "060": _row(_S.CORRECT, _A.RECEPTION),  # name does not match
    "061": _row(_S.CORRECT, _A.RECEPTION),  # name does not match, its first letters do
    "070": _row(_S.CORRECT, _A.RECEPTION),  # birth date does not match
    "100": _row(_S.UNVERIFIED, _A.NOBODY, again=True),  # error fetching the card book
    "101": _row(_S.UNVERIFIED, _A.NOBODY, again=True),  # server error
    "110": _row(_S.NOT_INSURED, _A.RECEPTION),  # withdrawn
    "120": _row(_S.COUNTER, _A.RECEPTION),  # reported reduced
    "121": _row(_S.COUNTER, _A.RECEPTION, again=True),  # moved to another province: a new card may exist
    "122": _row(_S.COUNTER, _A.RECEPTION, again=True),  # moved inside the province
    "123": _row(_S.COUNTER, _A.RECEPTION, again=True),  # added again at the same employer
    "124": _row(_S.NOT_INSURED, _A.RECEPTION),  # stopped participating
    "130": _row(_S.CHILD, _A.RECEPTION),  # child without a card shown
    "205": _row(_S.COUNTER, _A.TECHNICIAN),  # parameters in a wrong form
    "401": _row(_S.UNVERIFIED, _A.TECHNICIAN, again=True, token=True),  # account refused
    "500": _row(_S.UNVERIFIED, _A.NOBODY, again=True),
    "501": _row(_S.UNVERIFIED, _A.TECHNICIAN, again=True, token=True),  # bad token, seen in one client
    "999": _row(_S.UNVERIFIED, _A.NOBODY, again=True),  # system error, seen in one client
}

UNKNOWN: Final = CardVerdict(CardStatus.UNVERIFIED, Alarm.TECHNICIAN, asks_again=True)
"""A code nobody has met: the visit goes on, and a person reads the gateway's own sentence."""


def verdict_of(code: str) -> CardVerdict:
    """Return what a result code means; a code that is in no list is unverified, never a refusal."""
    return VERDICTS.get(code, UNKNOWN)
