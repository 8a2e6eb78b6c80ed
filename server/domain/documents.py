"""Documents past their last day, and what a hospital does about them.

An expired card still names its holder, and nobody in need is sent away for it; but whoever shows one has to exchange it
(Law on Identification 2023, art. 24), and the insurer wants valid papers. How much of that is for a machine to decide
is the hospital's rule.
"""

from datetime import date
from enum import StrEnum


class ExpiredDocuments(StrEnum):
    """The rule of a hospital."""

    ALLOWED = "allowed"  # registered like any other, and marked for whoever looks at the visit
    CHECKED = "checked"  # registered, and a member of staff must look at the document
    REFUSED = "refused"  # a kiosk gives no number: it calls staff, who register the person


def has_expired(expires_on: date | None, *, on: date) -> bool:
    """Whether a document is out of date on a day of the hospital's; it is good for the whole of its last one."""
    return expires_on is not None and expires_on < on


def expiry_rule(expires_on: date | None, rule: ExpiredDocuments, *, on: date) -> ExpiredDocuments | None:
    """Return the rule to follow about a document on a day; None for one that is in date."""
    return rule if has_expired(expires_on, on=on) else None
