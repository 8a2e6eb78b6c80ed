"""What an answer of the insurance gateway changes for one visit. Pure: no clock, no database."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from server.domain.card_check import Alarm, CardStatus, verdict_of
from server.domain.coverage import Card, choose_card
from server.insurance.messages import CardAnswer

NO_CARD: Final = frozenset({"050", "051", "052", "053"})
"""Asked by a personal number, these say only that the person has no card under it: nothing anybody claimed is wrong."""

OUT_OF_DATES: Final = "dates"
"""The gateway calls the card correct, and its own dates leave the day of the visit out."""


@dataclass(frozen=True, slots=True)
class Decision:
    """``status``: None where there is no card to speak of. ``card``: what the visit rests on from now on.

    ``problem``: what rings at reception, a result code or ``OUT_OF_DATES``. ``is_verified``: the gateway stands behind
    the card. ``for_technician``: the facility's own set-up is wrong.
    """

    status: CardStatus | None
    card: Card | None
    problem: str | None
    is_verified: bool
    asks_again: bool
    for_technician: bool


def decide(answer: CardAnswer, *, is_claimed: bool, on: date) -> Decision:
    """Return what follows from an answer for a visit on a day.

    ``is_claimed``: the patient showed a card, so that a card unknown to the gateway is a contradiction.
    """
    code = answer.result_code
    verdict = verdict_of(code)
    if code in NO_CARD and not is_claimed:
        return Decision(None, None, None, is_verified=False, asks_again=False, for_technician=False)
    status, card, problem = verdict.status, None, code if verdict.alarm is Alarm.RECEPTION else None
    if status in {CardStatus.ACCEPTED, CardStatus.REPLACED}:
        cards = cards_of(answer)
        card = choose_card(cards, on=on)
        if card is None and cards:
            status, problem = CardStatus.NOT_INSURED, OUT_OF_DATES
    return Decision(
        status,
        card,
        problem,
        is_verified=status in {CardStatus.ACCEPTED, CardStatus.REPLACED},
        asks_again=verdict.asks_again,
        for_technician=verdict.alarm is Alarm.TECHNICIAN,
    )


def cards_of(answer: CardAnswer) -> list[Card]:
    """Return the cards an answer names with at least a number and a first day: the present one and the new one."""
    named = [
        (answer.card_number, answer.valid_from, answer.valid_to, answer.primary_facility),
        (answer.new_card_number, answer.new_valid_from, answer.new_valid_to, answer.new_primary_facility),
    ]
    return [Card(number, first, last, place) for number, first, last, place in named if number and first]


def next_wait(attempts: int, *, is_answered: bool, at_least_s: float = 0.0) -> timedelta:
    """Return how long to wait before a question is put again, after ``attempts`` of them.

    Without an answer 5 s, doubled each time up to 10 minutes; an answer that may change (a card being moved, an officer
    being registered) is asked for every half hour.
    """
    if is_answered:
        return timedelta(minutes=30)
    return timedelta(seconds=max(min(5.0 * 2 ** min(attempts - 1, 10), 600.0), at_least_s))
