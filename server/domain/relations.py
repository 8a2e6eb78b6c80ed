"""Who belongs to a patient (FHIR RelatedPerson)."""

from enum import StrEnum
from typing import Final

COMPANION_UNDER: Final = 16
"""Children under this age come with somebody: Civil Code 91/2015/QH13 art. 21, the law's own age of a child."""


class Relationship(StrEnum):
    MOTHER = "mother"
    FATHER = "father"
    GRANDPARENT = "grandparent"
    GUARDIAN = "guardian"
    SPOUSE = "spouse"
    CHILD = "child"
    SIBLING = "sibling"
    OTHER = "other"  # who came along, or brought the patient in
