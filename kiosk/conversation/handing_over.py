"""What the desk needs to go on with a person whom the kiosk knows."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from drivers.icao9303.reading import Assurance
from kiosk.conversation import identity
from kiosk.conversation.memory import Conversation
from kiosk.session import State
from server.contract.fleet import HandOver
from server.domain.identity import PROOF_PENDING

_CONTRADICTIONS: Final = {
    "chip.contradicted": (),
    "chip.contradicts_code": ("code.differs",),
    "chip.contradicts_zone": ("code.differs",),
}
"""Problems that deny who the person on the screen was said to be, and the reason each adds to the evidence."""


def hand_over(
    talk: Conversation, *, stay: UUID | None, step: State, problem: str | None, now: datetime
) -> HandOver | None:
    """Return the person for the desk; None when nothing is known of them.

    ``stay`` is the id of their time before the kiosk (None: nobody stands there), ``step`` and ``problem`` are where
    they got stuck.
    """
    if stay is None or (talk.known is None and talk.ticket is None):
        return None
    # Who has a number already is named by it; the rest stands on the server.
    known = talk.known if talk.ticket is None else None
    if known and talk.proving:
        known = known.with_reason(PROOF_PENDING)
    if known and problem in _CONTRADICTIONS:
        # The desk must not go on with a card's word that its chip denied, as if nothing had been.
        known = known.with_proof(Assurance.CONTRADICTED, (*known.evidence.reasons, *_CONTRADICTIONS[problem]))
    return HandOver(
        key=uuid4(),
        session=stay,
        step=step.value,
        problem=problem,
        person=known.message if known else None,
        evidence=known.evidence if known else None,
        is_confirmed=talk.confirmed_at is not None,
        insurance=identity.insurance_claim(talk.insurance) if talk.insurance and known else None,
        service=talk.service,
        visit_code=talk.ticket.visit_code if talk.ticket else None,
        language=talk.language,
        handed_at=now,
    )
