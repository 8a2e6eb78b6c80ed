"""Carries out what the desk asks of this kiosk, once each, and keeps what became of it until the server knows."""

import logging
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from kiosk.clock import Clock
from kiosk.desk.desk_talk import DONE, DeskTalk
from kiosk.server import Server, ServerError
from server.contract.fleet import CommandKind, CommandResult, HandOver, KioskCommand

log = logging.getLogger(__name__)

Handler = Callable[[KioskCommand], str | None]
"""Does one thing; safe to be asked again after a restart. Returns ``done`` or why not (a code); None: not yet."""

UNKNOWN: Final = "command.unknown"
MALFORMED: Final = "command.malformed"
FAILED: Final = "command.failed"


class Orders:
    """Used by the heartbeat's thread alone."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = dict(handlers)
        self._results: dict[UUID, CommandResult] = {}

    @property
    def results(self) -> tuple[CommandResult, ...]:
        """What the server has not acknowledged yet."""
        return tuple(self._results.values())

    def take(self, commands: tuple[KioskCommand, ...]) -> None:
        """Do what is asked for and not done; forget the results the server no longer asks about."""
        asked = {one.id for one in commands}
        self._results = {key: result for key, result in self._results.items() if key in asked}
        for command in commands:
            if command.id not in self._results and (result := self._do(command)) is not None:
                self._results[command.id] = CommandResult(command_id=command.id, result=result)

    def _do(self, command: KioskCommand) -> str | None:
        handler = self._handlers.get(command.kind)
        if handler is None:
            return UNKNOWN
        try:
            return handler(command)
        except (KeyError, ValueError):
            return MALFORMED
        except ServerError as error:
            log.warning("order %s (%s) waits for the line: %s", command.id, command.kind, error.code)
            return None
        except Exception:
            # One order's mistake must not silence the kiosk.
            log.exception("order %s (%s)", command.id, command.kind)
            return FAILED


def desk_orders(desk: DeskTalk, server: Server, clock: Clock) -> dict[str, Handler]:
    """Return who carries out what the desk asks about the person and the page."""
    return {
        CommandKind.END_SESSION.value: lambda command: desk.end_session(UUID(command.arguments["session"])),
        CommandKind.HAND_OVER.value: _HandingOver(desk, server, clock),
        CommandKind.RELOAD_SCREEN.value: lambda _: desk.reload_screen(),
        CommandKind.SHOW_PAIRING_CODE.value: lambda command: desk.show_pairing_code(
            command.arguments["code"], command.expires_at
        ),
    }


class _HandingOver:
    """Holds what it took from the page until the server has it, or the order expires."""

    def __init__(self, desk: DeskTalk, server: Server, clock: Clock) -> None:
        self._desk = desk
        self._server = server
        self._clock = clock
        self._held: HandOver | None = None

    def __call__(self, command: KioskCommand) -> str | None:
        held = self._held if self._held is not None and self._held.command_id == command.id else None
        self._held = None
        found = held or self._desk.hand_over(UUID(command.arguments["session"]), command.id)
        if not isinstance(found, HandOver):
            return found
        try:
            self._server.hand_over(found)
        except ServerError as error:
            log.warning("not handed over yet: %s", error.code)
            if self._clock.now() < command.expires_at:
                self._held = found
            return None
        return DONE
