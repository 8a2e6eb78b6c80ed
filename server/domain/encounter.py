"""What an arrival is, and what about it is not certain yet."""

from enum import StrEnum


class EncounterStatus(StrEnum):
    """FHIR Encounter.status, as far as reception needs it."""

    ARRIVED = "arrived"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Unverified(StrEnum):
    """What the encounter rests on without proof; carried along, never a ground to turn anybody away."""

    IDENTITY = "identity"  # read or typed, not proved
    INSURANCE = "insurance"  # shown, the gateway has not confirmed it


class IssueCode(StrEnum):
    """What a member of staff must look at; the visit stands meanwhile."""

    IDENTITY_CONTRADICTED = "identity.contradicted"  # the chip disagrees with itself or with the code shown
    DOCUMENT_EXPIRED = "document.expired"  # a kiosk read it after its last day, and the hospital wants it looked at
    PERSON_DIFFERS = "person.differs"  # the record says otherwise than the document; nothing was overwritten
    IDENTIFIER_CONFLICT = "identifier.conflict"  # a number shown here belongs to somebody else's record
    PAPER_NUMBER_TAKEN = (
        "ticket.paper_number_taken"  # two slips carry one number: a kiosk's disk was copied or restored
    )
    INSURANCE_CARD = "insurance.card"  # the insurance gateway does not confirm the card; the field is its result code
    APPOINTMENT_NOT_USED = "appointment.not_used"  # one was shown and does not count; the field says why
    APPOINTMENT_ELSEWHERE = (
        "appointment.elsewhere"  # a kiosk out of reach gave a number for another service than the appointment's
    )
    CLOCK_AHEAD = "clock.ahead"  # the kiosk's clock runs ahead; the server's time was taken
    PRIORITY_DECLARED = "priority.declared"  # the patient says so; the field is the ground, staff confirm or refuse it
    SECOND_NUMBER = "ticket.second_number"  # the person holds another live number of the same queue and day
