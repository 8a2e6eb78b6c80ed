"""Which clinic the desk is proposed for a person, by the rule the kiosks go by."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from server.appointments.visitors import last_visit_of
from server.contract.v1 import ServiceOffer
from server.domain.days import local_day
from server.domain.identity import PartialDate, Sex
from server.domain.proposal import Audience, Candidate, Placed, Visitor, propose


def proposed_offers(
    session: Session, offers: Sequence[ServiceOffer], *, facility: str, patient_id: UUID | None,
    born_on: PartialDate | None, sex: Sex, appointment: str | None, now: datetime,
) -> list[tuple[ServiceOffer, Placed]]:  # fmt: skip
    """Return the offers in the order of a kiosk's screen, each with why it stands there.

    ``appointment`` is the code of the service the person has an appointment of. Nothing is refused here: a desk may
    send anybody anywhere, and sees what is closed or full.
    """
    last_service, _ = last_visit_of(session, patient_id, facility, now) if patient_id else (None, None)
    candidates = [
        Candidate(
            service=one.service,
            accepts=one.open,
            waiting=one.waiting,
            wait_min=one.wait.most_min if one.wait else None,
            audience=Audience(one.for_sex, one.age_from, one.age_below),
        )
        for one in offers
    ]
    visitor = Visitor(born_on=born_on, sex=sex, appointment=appointment, last_service=last_service)
    by_code = {one.service: one for one in offers}
    return [(by_code[placed.service], placed) for placed in propose(candidates, visitor, on=local_day(now))]
