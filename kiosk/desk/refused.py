"""Visits the server refused: they ring at reception; the desk sends them again, takes them over, or settles them."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from kiosk.clock import Clock
from kiosk.desk.desk_talk import DONE
from kiosk.desk.orders import Handler
from kiosk.journal.store import Journal
from kiosk.server import Server
from server.contract.fleet import REFUSED_STEP, CommandKind, HandOver, KioskCommand
from server.contract.v1 import CallStaff, RegisterEncounter

NOT_REFUSED: Final = "visit.not_refused"
"""Settled already, or on its way again."""

_CALLS: Final = UUID("5f3a0a35-6a0e-4d5c-9f5e-7f4a2f6f1c52")  # names the calls of this module


def call_for(request_key: UUID, now: datetime) -> CallStaff:
    """Return the call that rings at reception for a refusal; another refusal of the same visit rings anew."""
    key = uuid5(_CALLS, f"{request_key}/{now.isoformat()}")
    return CallStaff(request_key=key, step=REFUSED_STEP, called_at=now)


def refused_orders(journal: Journal, server: Server, clock: Clock, wake: Callable[[], None]) -> dict[str, Handler]:
    """Return who carries out what the desk asks about refused visits; ``wake`` has the upload look at once."""

    def send_again(command: KioskCommand) -> str:
        journal.send_again(UUID(command.arguments["request_key"]))
        wake()
        return DONE

    def settle(command: KioskCommand) -> str:
        journal.settle_refused(UUID(command.arguments["request_key"]), clock.now())
        return DONE

    def take_over(command: KioskCommand) -> str:
        visit = journal.refused_visit(UUID(command.arguments["request_key"]))
        if visit is None:
            return NOT_REFUSED
        server.hand_over(_handed_over(visit, command.id, clock.now()))
        return DONE

    return {
        CommandKind.SEND_REFUSED.value: send_again,
        CommandKind.SETTLE_REFUSED.value: settle,
        CommandKind.TAKE_REFUSED.value: take_over,
    }


def _handed_over(visit: RegisterEncounter, order: UUID, now: datetime) -> HandOver:
    """Return a refused visit as the desk continues with it; the order is its key, so that a repeat changes nothing."""
    return HandOver(
        key=uuid5(_CALLS, str(order)),
        session=visit.request_key,
        step=REFUSED_STEP,
        command_id=order,
        person=visit.person,
        evidence=visit.evidence,
        is_confirmed=True,
        insurance=visit.insurance,
        service=visit.service,
        language=visit.language,
        handed_at=now,
    )
