"""What kinds of acts there are, for whoever looks for one among thousands. Pure."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    READ = "read"  # looking at a record is an act too
    CHANGE = "change"
    SIGN_IN = "sign-in"
    ACCOUNT = "account"
    EXPORT = "export"
    DEVICE = "device"
    AUDIT = "audit"


REFUSED: Final = "-refused"
"""How the name of an act ends that was attempted and not let through."""

_SORTED: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.READ: (
        "patient.read",
        "patient.listed",
        "patient.found",
        "encounter.read",
        "appointment.read",
        "hand-over.read",
    ),
    Kind.CHANGE: (
        "encounter.registered",
        "encounter.came-again",
        "encounter.proved",
        "encounter.card-checked",
        "encounter.card-changed",
        "encounter.identity-confirmed",
        "encounter.payer-changed",
        "encounter.fee-changed",
        "encounter.papers-noted",
        "encounter.service-changed",
        "encounter.issue-settled",
        "encounter.cancelled",
        "encounter.restored",
        "ticket.call",
        "ticket.recall",
        "ticket.start",
        "ticket.finish",
        "ticket.miss",
        "ticket.hold",
        "ticket.skip",
        "ticket.resume",
        "ticket.send",
        "ticket.close",
        "ticket.reprinted",
        "ticket.superseded",
        "paper.given-by-hand",
        "priority.confirmed",
        "priority.refused",
        "patient.changed",
        "patient.number-added",
        "patient.number-ended",
        "patient.relative-added",
        "patient.relative-ended",
        "patient.merged",
        "patient.merge-undone",
        "patient.kept-apart",
        "appointment.booked",
        "appointment.used",
        "appointment.released",
        "appointment.cancelled",
        "appointment.no-show",
        "queue.rule-set",
        "queue.usual-gap-set",
        "queue.no-show-rule-set",
        "room.closed",
        "room.reopened",
        "room.capacity-set",
        "duty.set",
        "roster.imported",
        "facility.imported",
        "outbox.tried-again",
        "demo.seeded",
    ),
    Kind.SIGN_IN: (
        "staff.signed-in",
        "staff.signed-out",
        "staff.confirmed",
        "staff.recovery-code-used",
        "staff.sign-in-refused",
        "staff.second-factor-refused",
        "staff.key-copy-refused",
        "staff.confirmation-refused",
        "access.role-refused",
    ),
    Kind.ACCOUNT: (
        "staff.added",
        "staff.role-changed",
        "staff.moved",
        "staff.password-set",
        "staff.second-factor-added",
        "staff.second-factor-removed",
        "staff.recovery-codes-renewed",
        "staff.key-added",
        "staff.key-removed",
        "staff.disabled",
        "staff.enabled",
        "staff.session-ended",
        "staff.sessions-ended",
        "token.created",
        "token.revoked",
    ),
    Kind.EXPORT: ("report.exported", "audit.exported", "backup.made", "backup.restored"),
    Kind.DEVICE: (
        "kiosk.enrolled",
        "kiosk.revoked",
        "kiosk.commanded",
        "kiosk.command-done",
        "desk.paired",
        "desk.unpaired",
        "staff.called",
        "staff.call-answered",
        "staff.call-taken-over",
        "hand-over.received",
        "hand-over.closed",
    ),
    Kind.AUDIT: ("audit.read", "audit.checked"),
}

ACTIONS: Final = {action: kind for kind, actions in _SORTED.items() for action in actions}
"""Every act there is a word for, with its kind; the undoing of a call (``ticket.undo-...``) is told by the call's."""


def actions_of(kind: Kind) -> tuple[str, ...]:
    return _SORTED[kind]


def is_refused(action: str) -> bool:
    return action.endswith(REFUSED)
