"""Who may reach what: every endpoint of the server stands here once, and what does not stand here is closed.

The tests walk through this table for every role, and fail when an endpoint of the application is missing from it.
Whose data somebody sees is a second question: services ask for the facility of the signed-in person.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from server.accounts.roles import (
    ADMINISTRATORS,
    AUDITORS,
    BOOKERS,
    CALLERS,
    DESK,
    EVERYBODY,
    FLEET_WATCHERS,
    LEADS,
    OUTBOX_WATCHERS,
    PLAN_READERS,
    PLANNERS,
    Role,
)


class Audience(Enum):
    """Those who are not signed-in staff."""

    PUBLIC = "public"
    PATIENT = "patient"  # whoever holds a slip: its unguessable code opens that one visit's standing, nothing else
    INTEGRATION = "integration"  # other systems: a token of ``server.accounts.tokens``, in its scopes
    MACHINES = "machines"  # kiosks and monitors: the JSON interface asks for a device's token where it needs one


Access = frozenset[Role] | Audience

ACCESS: Final[Mapping[str, Access]] = {
    "static": Audience.PUBLIC,
    "health.alive": Audience.MACHINES,
    "health.ready": Audience.MACHINES,
    "openapi.document": Audience.MACHINES,
    "monitoring.metrics": Audience.MACHINES,  # with the monitor's token
    "appointments_api.cancel_one": Audience.INTEGRATION,
    "appointments_api.create": Audience.INTEGRATION,
    "appointments_api.find": Audience.MACHINES,
    "appointments_api.read_one": Audience.INTEGRATION,
    "appointments_api.slots": Audience.INTEGRATION,
    "facilities_api.services": Audience.MACHINES,
    "fleet_api.card_password": Audience.MACHINES,
    "fleet_api.create": Audience.MACHINES,
    "fleet_api.hand_over": Audience.MACHINES,
    "fleet_api.report": Audience.MACHINES,
    "printing_api.read_slip": Audience.MACHINES,
    "queues_api.read_one": Audience.MACHINES,
    "queues_api.show": Audience.MACHINES,
    "queues_api.note_copy": Audience.MACHINES,
    "registration_api.create_encounter": Audience.MACHINES,
    "registration_api.list_": Audience.MACHINES,
    "registration_api.put_evidence": Audience.MACHINES,
    "registration_api.read_one": Audience.MACHINES,
    "accounts.home": EVERYBODY,
    "accounts.sign_in_page": Audience.PUBLIC,
    "accounts.sign_in": Audience.PUBLIC,
    "accounts.code_page": Audience.PUBLIC,
    "accounts.give_code": Audience.PUBLIC,
    "accounts.choose_language": Audience.PUBLIC,
    "accounts.confirm_presence": EVERYBODY,
    "accounts.end_other_sessions": EVERYBODY,
    "accounts.own_account": EVERYBODY,
    "accounts.own_session": EVERYBODY,
    "accounts.keep_typed": Audience.PUBLIC,  # the session has just ended; it gives nothing but what was sent, sealed
    "accounts.open_typed_again": EVERYBODY,
    "accounts.second_factor": EVERYBODY,
    "accounts.begin_second_factor": EVERYBODY,
    "accounts.confirm_second_factor": EVERYBODY,
    "accounts.remove_second_factor": EVERYBODY,
    "accounts.renew_recovery_codes": EVERYBODY,
    "accounts.begin_key": EVERYBODY,
    "accounts.add_key": EVERYBODY,
    "accounts.remove_key": EVERYBODY,
    "accounts.key_options": Audience.PUBLIC,  # who has given the password is not signed in yet
    "accounts.give_key": Audience.PUBLIC,
    "accounts.sign_out": EVERYBODY,
    "accounts.password_page": EVERYBODY,
    "accounts.change_password": EVERYBODY,
    "staff.account": ADMINISTRATORS,
    "staff.accounts": ADMINISTRATORS,
    "staff.add_account": ADMINISTRATORS,
    "staff.add_system": ADMINISTRATORS,
    "staff.change_role": ADMINISTRATORS,
    "staff.disable": ADMINISTRATORS,
    "staff.enable": ADMINISTRATORS,
    "staff.end_sessions": ADMINISTRATORS,
    "staff.move": ADMINISTRATORS,
    "staff.new_account": ADMINISTRATORS,
    "staff.reset_password": ADMINISTRATORS,
    "staff.reset_second_factor": ADMINISTRATORS,
    "staff.remove_key": ADMINISTRATORS,
    "staff.revoke_system": ADMINISTRATORS,
    "staff.systems": ADMINISTRATORS,
    "fleet.card": DESK,
    "fleet.card_opening": DESK,
    "fleet.confirm_desk": DESK,
    "fleet.continue_": DESK,
    "fleet.desk": DESK,
    "fleet.desk_reading": DESK,
    "fleet.drop": DESK,
    "fleet.end_session": DESK,
    "fleet.help_open": DESK,
    "fleet.kiosks": FLEET_WATCHERS,
    "fleet.open_card": DESK,
    "fleet.pair_desk": DESK,
    "fleet.refused": DESK,
    "fleet.send_refused": DESK,
    "fleet.settle_refused": DESK,
    "fleet.take_refused": DESK,
    "fleet.reload_screen": FLEET_WATCHERS,
    "fleet.stream": FLEET_WATCHERS,
    "fleet.strip": DESK,
    "fleet.table": FLEET_WATCHERS,
    "fleet.take_over": DESK,
    "fleet.take_over_caller": DESK,
    "fleet.taking_over": DESK,
    "appointments.agenda": BOOKERS,
    "appointments.came": BOOKERS,
    "appointments.cancel_one": BOOKERS,
    "appointments.create": BOOKERS,
    "appointments.find": BOOKERS,
    "appointments.letter": BOOKERS,
    "appointments.new": BOOKERS,
    "facilities.catalogue": PLAN_READERS,
    "facilities.change_capacity": PLANNERS,
    "facilities.change_duty": PLANNERS,
    "facilities.close": PLANNERS,
    "facilities.day": PLAN_READERS,
    "facilities.reopen": PLANNERS,
    "fleet.unpair_desk": DESK,
    "reception.arrivals": DESK,
    "reception.search": DESK,
    "reception.rows": DESK,
    "reception.stream": DESK,
    "reception.calls": DESK,
    "reception.answer_call": DESK,
    "reception.encounter": DESK,
    "reception.cancel": DESK,
    "reception.change_card": DESK,
    "reception.change_clinic": DESK,
    "reception.change_fee": LEADS,
    "reception.change_payer": DESK,
    "reception.confirm_identity": DESK,
    "reception.note_papers": DESK,
    "reception.settle": DESK,
    "reception.restore": DESK,  # others than leads: what they took back themselves
    "reception.reprint": DESK,
    "reception.slip": DESK,
    "printing.papers": DESK,
    "printing.state": DESK,
    "printing.stream": DESK,
    "printing.of_encounter": DESK,
    "printing.paper_given": DESK,
    "printing.copy_given": DESK,
    "desk.register": DESK,
    "desk.look": DESK,
    "desk.notes": DESK,
    "desk.create": DESK,
    "desk.visit": DESK,
    "patients.person": DESK,
    "patients.change": DESK,
    "patients.give_number": DESK,
    "patients.take_number": DESK,
    "patients.give_relative": DESK,
    "patients.take_relative": DESK,
    "patients.duplicates": LEADS,
    "patients.apart": LEADS,
    "patients.find_other": LEADS,
    "patients.compare": LEADS,
    "patients.merge": LEADS,
    "patients.undo": LEADS,
    "counter.places": CALLERS,
    "counter.screen": CALLERS,
    "counter.state": CALLERS,
    "counter.stream": CALLERS,
    "counter.next_": CALLERS,
    "counter.act": CALLERS,
    "counter.send": CALLERS,
    "counter.undo_press": CALLERS,
    "counter.slip": CALLERS,
    "queues.priority": CALLERS,
    "queues.decide_priority": CALLERS,
    "queues.rule": PLANNERS,
    "queues.change_rule": PLANNERS,
    "queues.change_no_shows": PLANNERS,
    "queues.change_pace": PLANNERS,
    "board.display": Audience.PUBLIC,
    "board.state": Audience.PUBLIC,
    "board.stream": Audience.PUBLIC,
    "board.clip": Audience.PUBLIC,
    # Displays bring a key of their own, and JSON, which a foreign page cannot send here.
    "board.bring_key": Audience.MACHINES,
    "board.take_turn": Audience.MACHINES,
    "outbox.messages": OUTBOX_WATCHERS,
    "outbox.try_again": OUTBOX_WATCHERS,
    "outbox.try_all_again": OUTBOX_WATCHERS,
    "reports.day": PLANNERS,
    "reports.export": PLANNERS,
    "auditing.check": AUDITORS,
    "auditing.export": AUDITORS,
    "auditing.find_person": AUDITORS,
    "auditing.trail": AUDITORS,
    "portal.standing": Audience.PATIENT,
    "portal.state": Audience.PATIENT,
}

STEP_UP: Final[frozenset[str]] = frozenset(
    {
        "accounts.begin_key",
        "accounts.renew_recovery_codes",
        "accounts.remove_key",
        "accounts.confirm_presence",  # a page that asks before a file leaves comes back through here
        "auditing.export",
        "patients.merge",
        "patients.undo",
        "reception.cancel",
        "reception.change_fee",
        "reception.change_payer",
        "reception.confirm_identity",
        "reception.restore",
        "reports.export",
        "staff.add_account",
        "staff.add_system",
        "staff.change_role",
        "staff.disable",
        "staff.enable",
        "staff.end_sessions",
        "staff.move",
        "staff.reset_password",
        "staff.reset_second_factor",
        "staff.remove_key",
        "staff.revoke_system",
    }
)
"""What asks for password or code once more when the last time is long ago: acts of weight, and files that leave.

An unattended browser is not the person. What was asked for is carried out with what the form held once the person has
shown who they are.
"""

FILES: Final[frozenset[str]] = frozenset({"auditing.export", "reports.export"})
"""What answers with a file: the browser stays at the page that asked for the password, so that page must lead on."""

# They bring no cookie: the JSON interface asks for a token where it needs one.
WITHOUT_COOKIE: Final = frozenset({Audience.MACHINES, Audience.INTEGRATION})
_OPEN: Final = frozenset({Audience.PUBLIC, Audience.PATIENT})


def may(role: Role, endpoint: str) -> bool:
    """Whether a role may reach an endpoint; False for one that nobody entered in the table."""
    access = ACCESS.get(endpoint)
    return access in _OPEN if isinstance(access, Audience) else access is not None and role in access


def is_open(endpoint: str) -> bool:
    """Whether an endpoint needs nobody to be signed in."""
    return ACCESS.get(endpoint) in _OPEN
