"""What the desk asks of this kiosk's paper: a marked copy of a slip, and that a patient was given one by hand."""

import logging
from collections.abc import Callable
from typing import Final, Protocol
from uuid import UUID

from kiosk.clock import Clock
from kiosk.desk.desk_talk import DONE
from kiosk.desk.orders import Handler
from kiosk.journal.records import CopyState, PrintStep
from kiosk.journal.store import Journal
from kiosk.server import ActRefused, Server, ServerError
from server.contract.fleet import CommandKind, KioskCommand, ReprintSlip

log = logging.getLogger(__name__)

UNSURE: Final = "paper.unsure"
"""The copy may hang in the printer: somebody has to look before another one is ordered."""

BY_HAND: Final = "desk.given_by_hand"
"""Code of the print step that settles a paper which the desk gave."""


class CopyPrinter(Protocol):
    def print_copy(self, slip: ReprintSlip) -> None: ...


def paper_orders(printing: CopyPrinter, journal: Journal, server: Server, clock: Clock) -> dict[str, Handler]:
    """Return who carries out what the desk asks about paper."""
    return {
        CommandKind.REPRINT.value: _Copies(printing, journal, server),
        CommandKind.PAPER_GIVEN.value: _given_by_hand(journal, clock),
    }


class _Copies:
    """An order is begun once, by the journal; asked again, it says how far the paper got."""

    def __init__(self, printing: CopyPrinter, journal: Journal, server: Server) -> None:
        self._printing = printing
        self._journal = journal
        self._server = server

    def __call__(self, command: KioskCommand) -> str | None:
        state = self._journal.copies.state(command.id)
        if state is not None:
            return _result(state)
        try:
            slip = self._server.reprint_slip(command.id)
        except ActRefused as refusal:
            return refusal.reason
        except ServerError as error:
            log.warning("order %s: its slip is not here yet: %s", command.id, error.code)
            return None
        self._printing.print_copy(slip)
        return None


def _result(state: CopyState) -> str | None:
    match state.step:
        case PrintStep.PRINTED:
            return DONE
        case PrintStep.UNSURE:
            return UNSURE
        case PrintStep.FAILED:
            return state.code
        case _:
            return None


def _given_by_hand(journal: Journal, clock: Clock) -> Callable[[KioskCommand], str]:
    def settle(command: KioskCommand) -> str:
        journal.papers.settle_by_hand(UUID(command.arguments["request_key"]), clock.now(), BY_HAND)
        return DONE

    return settle
