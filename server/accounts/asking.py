"""What pages must know to ask for a security key, or to say why they do not."""

from typing import Final

from flask import current_app, request

from server.accounts.relying_party import RelyingParty, party_at
from server.accounts.security_keys import Purpose, usable_keys
from server.accounts.sessions import Staff
from server.api import database
from server.config import ServerSettings

KEY_FIELD: Final = "key_answer"


def party_here() -> RelyingParty | None:
    """Return for whom a key signs on the page of this request; None where browsers offer none."""
    return party_at(f"{request.scheme}://{request.host}", configured=configured())


def configured() -> RelyingParty | None:
    """Return at which address the hospital's keys work."""
    settings: ServerSettings = current_app.extensions["settings"]
    return settings.server.relying_party


def has_key_for(staff: Staff, purpose: Purpose) -> bool:
    """Whether this page can ask the person for a key."""
    party = party_here()
    with database().reading() as session:
        return bool(usable_keys(session, staff.user_id, party=party, purpose=purpose))


def better_address(staff: Staff) -> str | None:
    """Return where the person could sign in with a key they have; None at that address, and for whoever has none."""
    party = configured()
    if party is None or party == party_here():
        return None
    with database().reading() as session:
        keys = usable_keys(session, staff.user_id, party=party, purpose=Purpose.SIGN_IN)
    return party.origin if keys else None
