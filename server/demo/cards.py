"""What the insurance gateway would say of the invented people's cards."""

from typing import Final

from server.demo.plan import Arrival, CardFate
from server.insurance.messages import CardAnswer

_RESULTS: Final[dict[CardFate, str]] = {
    "accepted": "000", "replaced": "003", "expired": "010", "name-differs": "060", "book-down": "100",
    "no-answer": "000", "not-asked": "050",
}  # fmt: skip


def card_answer(arrival: Arrival, number: str) -> CardAnswer:
    """Return what the gateway says of a card or, where none was shown, of the person's number."""
    code = _RESULTS[arrival.card]
    person = arrival.command.person
    fields: dict[str, object] = {"result_code": code}
    if code not in {"050", "100"}:
        ends = "31/12/2025" if arrival.card in {"expired", "replaced"} else "31/12/2027"
        fields |= {
            "card_number": number, "full_name": person.full_name, "born_on": person.born_on, "valid_from": "01/01/2024",
            "valid_to": ends, "primary_facility": arrival.command.facility, "five_years_on": "01/01/2024",
        }  # fmt: skip
    if arrival.card == "replaced":
        fields |= {
            "new_card_number": f"98{number[2:]}", "new_valid_from": "01/01/2026", "new_valid_to": "31/12/2028",
            "new_primary_facility": arrival.command.facility,
        }  # fmt: skip
    return CardAnswer.model_validate(fields)
