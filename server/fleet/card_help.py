"""Opening the card of a person stuck at a kiosk: what the desk types goes there sealed, for one try, and is forgotten.

It is a key to the chip and says nothing of who the person is: that, and how sure it is, stays the chip's own word.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from sqlalchemy.orm import Session

from server.accounts.vault import Vault
from server.contract.fleet import CardPassword, CardWants, CommandKind
from server.errors import NotFound
from server.fleet.commands import forget_secrets, get_kiosk, give_command
from server.fleet.models import Command, KioskState
from server.fleet.service import Device

LIFE: Final = timedelta(seconds=60)
"""Of a password on its way: the kiosk asks every two seconds, and may be reading the card still with another one."""

_USE: Final = b"card password"


@dataclass(frozen=True, slots=True)
class StuckCard:
    """A kiosk, and what would open the card that lies there; ``wants`` is None when the person needs no help (now)."""

    kiosk: str
    wants: CardWants | None
    is_there: bool  # the person still is


def find_stuck_card(session: Session, kiosk_id: UUID, *, person: UUID, facility: str) -> StuckCard:
    """Return what opens the card of a person's stay at a kiosk; raises NotFound, for another facility's kiosk too."""
    kiosk = get_kiosk(session, kiosk_id, facility=facility)
    state = session.get(KioskState, kiosk_id)
    is_there = state is not None and state.session == person
    wants = cast("CardWants | None", state.card_wants) if state and is_there else None
    return StuckCard(kiosk.name, wants, is_there)


def announce_help(session: Session, kiosk_id: UUID, *, person: UUID, facility: str, by: str, now: datetime) -> None:
    """Have the kiosk tell the person that the desk opens their card; raises NotFound, Conflict for a revoked kiosk."""
    give_command(
        session, kiosk_id=kiosk_id, facility=facility, kind=CommandKind.ANNOUNCE_HELP, by=by, now=now,
        arguments={"session": str(person)},
    )  # fmt: skip


def send_password(
    session: Session, kiosk_id: UUID, password: CardPassword, *, person: UUID, facility: str, vault: Vault, by: str,
    now: datetime,
) -> UUID:  # fmt: skip
    """Have the kiosk try a password on the person's card; return the order, whose outcome tells what came of it.

    While an earlier password is on its way that order is returned, and this one is dropped: two tries at once would
    cost the card two of its few. Raises NotFound, Conflict for a revoked kiosk.
    """
    forget_secrets(session, now=now)
    command = give_command(
        session, kiosk_id=kiosk_id, facility=facility, kind=CommandKind.OPEN_CARD, by=by, now=now,
        arguments={"session": str(person)}, lives=LIFE,
    )  # fmt: skip
    if command.sealed is None:
        command.sealed = vault.seal(command.id, password.model_dump_json().encode(), use=_USE)
    return command.id


def read_password(session: Session, command_id: UUID, *, device: Device, vault: Vault, now: datetime) -> CardPassword:
    """Return what a kiosk is to try; raises NotFound once it was tried, after ``LIFE``, and for any other kiosk."""
    command = session.get(Command, command_id)
    is_theirs = command is not None and command.kiosk_id == device.id
    if command is None or not is_theirs or command.sealed is None or command.expires_at <= now:
        raise NotFound("card_password.gone", "no password waits for this kiosk under this key")
    return CardPassword.model_validate_json(vault.unseal(command.id, command.sealed, use=_USE))
