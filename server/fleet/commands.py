"""What the desk asks a kiosk to do: kept until the kiosk, with its next report, says what became of it.

A new kind needs its name in ``server.contract.fleet.CommandKind`` and somebody in the kiosk who carries it out
(``kiosk.desk.orders``).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.contract.fleet import CommandKind, CommandResult, KioskCommand
from server.errors import Conflict, NotFound
from server.fleet.models import Command, Kiosk

SHORT_LIFE: Final = timedelta(seconds=30)
"""Of an order about the person who stands there now: what comes later would meet somebody else."""

DONE: Final = "done"
EXPIRED: Final = "command.expired"


def give_command(
    session: Session, *, kiosk_id: UUID, facility: str, kind: CommandKind, by: str, now: datetime,
    arguments: Mapping[str, str] | None = None, lives: timedelta = SHORT_LIFE,
) -> Command:  # fmt: skip
    """Ask a kiosk of the facility for something; the same open order again is the same order.

    ``arguments`` are ids and codes, never a person's data. Raises NotFound, Conflict for a revoked kiosk.
    """
    kiosk = get_kiosk(session, kiosk_id, facility=facility)
    if kiosk.revoked_at is not None:
        raise Conflict("kiosk.revoked", "this kiosk was revoked")
    given = dict(arguments or {})
    for earlier in open_commands(session, kiosk_id, now=now):
        if (earlier.kind, earlier.arguments) == (kind.value, given):
            return earlier
    command = Command(
        id=uuid4(), facility_code=facility, kiosk_id=kiosk_id, kind=kind.value, arguments=given, given_at=now,
        given_by=by, expires_at=now + lives,
    )  # fmt: skip
    session.add(command)
    audit.record(
        session, at=now, actor=f"staff:{by}", action="kiosk.commanded", subject_type="kiosk", subject_id=kiosk_id,
        details={"command": str(command.id), "kind": kind.value},
    )  # fmt: skip
    feed.publish(session, facility_code=facility, topic="kiosk", subject_id=kiosk_id, at=now)
    return command


def get_kiosk(session: Session, kiosk_id: UUID, *, facility: str) -> Kiosk:
    """Return a kiosk of the facility; raises NotFound, for another facility's too."""
    kiosk = session.scalar(sa.select(Kiosk).where(Kiosk.id == kiosk_id, Kiosk.facility_code == facility))
    if kiosk is None:
        raise NotFound("kiosk.unknown", "the facility has no such kiosk")
    return kiosk


def get_command(session: Session, command_id: UUID, *, facility: str) -> Command:
    """Return an order of the facility; raises NotFound, for another facility's too."""
    command = session.scalar(sa.select(Command).where(Command.id == command_id, Command.facility_code == facility))
    if command is None:
        raise NotFound("command.unknown", "the facility gave no such order")
    return command


def open_commands(session: Session, kiosk_id: UUID, *, now: datetime) -> Sequence[Command]:
    """Return what a kiosk has still to do, oldest first."""
    return session.scalars(
        sa.select(Command)
        .where(Command.kiosk_id == kiosk_id, Command.done_at.is_(None), Command.expires_at > now)
        .order_by(Command.given_at, Command.id)
    ).all()


def outcome(command: Command, *, now: datetime) -> str | None:
    """Return what became of an order: ``done``, a stable code of why not, None while it is on its way."""
    if command.result is not None:
        return command.result
    return EXPIRED if command.expires_at <= now else None


def note_results(
    session: Session, results: Iterable[CommandResult], *, kiosk_id: UUID, facility: str, now: datetime
) -> None:
    """Keep what a kiosk says became of its orders; the first word stands, another kiosk's orders are passed over."""
    for one in results:
        command = session.scalar(
            sa.select(Command).where(Command.id == one.command_id, Command.kiosk_id == kiosk_id).with_for_update()
        )
        if command is None or command.done_at is not None:
            continue
        command.done_at, command.result, command.sealed = now, one.result, None
        audit.record(
            session, at=now, actor=f"kiosk:{kiosk_id}", action="kiosk.command-done", subject_type="kiosk",
            subject_id=kiosk_id, details={"command": str(command.id), "kind": command.kind, "result": one.result},
        )  # fmt: skip
        feed.publish(session, facility_code=facility, topic="kiosk-command", subject_id=command.id, at=now)


def forget_secrets(session: Session, *, now: datetime) -> None:
    """Drop what went with orders that nobody carried out in time; run with every report of a kiosk."""
    session.execute(
        sa.update(Command).where(Command.sealed.is_not(None), Command.expires_at <= now).values(sealed=None)
    )


def message_of(command: Command) -> KioskCommand:
    return KioskCommand(
        id=command.id, kind=command.kind, arguments=command.arguments, expires_at=command.expires_at
    )  # fmt: skip
