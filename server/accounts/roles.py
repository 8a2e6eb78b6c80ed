"""The roles of the staff; what each may reach stands in ``server.accounts.access``."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    RECEPTION = "reception"
    RECEPTION_LEAD = "reception-lead"
    CASHIER = "cashier"
    CLINICIAN = "clinician"  # doctors and nurses
    TECHNICIAN = "technician"  # devices, no patient data
    AUDITOR = "auditor"  # reads what was done, changes nothing
    ADMINISTRATOR = "administrator"  # accounts, no patient data


EVERYBODY: Final = frozenset(Role)
DESK: Final = frozenset({Role.RECEPTION, Role.RECEPTION_LEAD})
AUDITORS: Final = frozenset({Role.AUDITOR})  # they alone: nobody shall know what is looked at
ADMINISTRATORS: Final = frozenset({Role.ADMINISTRATOR})
CALLERS: Final = DESK | {Role.CASHIER, Role.CLINICIAN}  # those who call numbers to a room
FLEET_WATCHERS: Final = DESK | {Role.TECHNICIAN}  # no patient data stands there
LEADS: Final = frozenset({Role.RECEPTION_LEAD})
OUTBOX_WATCHERS: Final = LEADS | {Role.TECHNICIAN}  # those who can mend what another system refuses
BOOKERS: Final = DESK | {Role.CLINICIAN}  # those who promise a time or a day
PLANNERS: Final = frozenset({Role.RECEPTION_LEAD, Role.ADMINISTRATOR})  # those who plan the next day from the last one
PLAN_READERS: Final = BOOKERS | PLANNERS  # those who look up who is on duty and what is full
