"""Who did what the audit log and the records' histories hold: they keep ``staff:<username>`` and ``kiosk:<id>``."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.fleet.models import Kiosk


def names_of(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Return the names of staff and kiosks, as far as they have one."""
    known = set(actors)
    usernames = [one.removeprefix("staff:") for one in known if one.startswith("staff:")]
    kiosks = [UUID(one.removeprefix("kiosk:")) for one in known if one.startswith("kiosk:")]
    people = session.execute(sa.select(User.username, User.full_name).where(User.username.in_(usernames)))
    devices = session.execute(sa.select(Kiosk.id, Kiosk.name).where(Kiosk.id.in_(kiosks)))
    return {f"staff:{username}": full_name for username, full_name in people} | {
        f"kiosk:{kiosk_id}": name for kiosk_id, name in devices
    }
