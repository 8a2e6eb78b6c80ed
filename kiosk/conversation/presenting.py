"""From what the flow knows to what a screen may show: masked, in the person's language."""

from typing import Final

from kiosk.conversation.memory import Conversation
from kiosk.conversation.view import NumberOf, PersonView, TicketView
from server.domain.documents import ExpiredDocuments
from server.domain.identity import IdentifierSystem, mask_name, mask_number

_NUMBER_OF: Final[dict[IdentifierSystem, NumberOf]] = {
    IdentifierSystem.PASSPORT: "passport",
    IdentifierSystem.INSURANCE_CARD: "insurance",
    IdentifierSystem.SOCIAL_INSURANCE: "insurance",
}


def person(conversation: Conversation, expired: ExpiredDocuments | None) -> PersonView | None:
    """Return the masked person of a conversation; ``expired`` is the rule to follow about a document out of date."""
    known = conversation.known
    if known is None:
        return None
    numbers = known.person.identifiers
    return PersonView(
        name=mask_name(known.person.full_name),
        birth_year=known.person.born_on.year if known.person.born_on else None,
        sex=known.person.sex.value,
        number=mask_number(numbers[0].value) if numbers else None,
        verdict="mrz" if known.evidence.method == "mrz" else known.evidence.assurance.value,
        proving=conversation.proving,
        expired=expired,
        reasons=known.evidence.reasons,
        number_of=_NUMBER_OF.get(numbers[0].system, "card") if numbers else "card",
    )


def ticket(conversation: Conversation) -> TicketView | None:
    issued = conversation.ticket
    if issued is None:
        return None
    return TicketView(
        label=issued.label,
        clinic=issued.clinic_name if conversation.language == "vi" else issued.clinic_name_en,
        room=issued.room,
        floor=issued.floor,
        waiting_before=issued.waiting_before,
        offline=issued.offline,
        printing=conversation.printing,
        wait_min=issued.wait_min,
        priority=issued.priority.value if issued.priority else None,
        rejoined=issued.rejoined,
        printer_problem=conversation.printer_problem,
        visit_code=issued.visit_code,
    )
