"""Who may reach what: every endpoint of the server stands here once, and what does not stand here is closed.

The tests walk through this table for every role, and fail when an endpoint of the application is missing from it.
Whose data somebody sees is a second question: services ask for the facility of the signed-in person.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from server.accounts.roles import CALLERS, DESK, EVERYBODY, PLANNERS, Role


class Audience(Enum):
    """Those who are not signed-in staff."""

    PUBLIC = "public"
    MACHINES = "machines"  # kiosks and monitors: the JSON interface asks for a device's token where it needs one


Access = frozenset[Role] | Audience

ACCESS: Final[Mapping[str, Access]] = {
    "static": Audience.PUBLIC,
    "health.alive": Audience.MACHINES,
    "health.ready": Audience.MACHINES,
    "openapi.document": Audience.MACHINES,
    "facilities_api.services": Audience.MACHINES,
    "fleet_api.create": Audience.MACHINES,
    "fleet_api.hand_over": Audience.MACHINES,
    "fleet_api.report": Audience.MACHINES,
    "queues_api.read_one": Audience.MACHINES,
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
    "accounts.second_factor": EVERYBODY,
    "accounts.begin_second_factor": EVERYBODY,
    "accounts.confirm_second_factor": EVERYBODY,
    "accounts.remove_second_factor": EVERYBODY,
    "accounts.sign_out": EVERYBODY,
    "accounts.password_page": EVERYBODY,
    "accounts.change_password": EVERYBODY,
    "reception.arrivals": DESK,
    "reception.search": DESK,
    "reception.rows": DESK,
    "reception.stream": DESK,
    "reception.calls": DESK,
    "reception.answer_call": DESK,
    "reception.encounter": DESK,
    "reception.change_clinic": DESK,
    "reception.settle": DESK,
    "reception.reprint": DESK,
    "reception.slip": DESK,
    "counter.places": CALLERS,
    "counter.screen": CALLERS,
    "counter.state": CALLERS,
    "counter.stream": CALLERS,
    "counter.next_": CALLERS,
    "counter.act": CALLERS,
    "board.display": Audience.PUBLIC,
    "board.state": Audience.PUBLIC,
    "board.stream": Audience.PUBLIC,
    "reports.day": PLANNERS,
    "reports.export": PLANNERS,
    "portal.standing": Audience.PUBLIC,  # opened by the slip's unguessable code
    "portal.state": Audience.PUBLIC,
}


def may(role: Role, endpoint: str) -> bool:
    """Whether a role may reach an endpoint; False for one that nobody entered in the table."""
    access = ACCESS.get(endpoint)
    return access is Audience.PUBLIC or (isinstance(access, frozenset) and role in access)
