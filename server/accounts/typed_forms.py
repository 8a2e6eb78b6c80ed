"""What somebody had typed when their session ended: sealed for them, so that only they find it again.

Nothing of a person may stay in the browser of an unattended desk, nor need the server remember half a form. The page
hands the typed text in, gets it back as something only this server can read, and keeps that; it is opened for the same
person once they have signed in again.
"""

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from pydantic import Field

from server.accounts.limits import LONGEST_OF_ALL
from server.accounts.vault import Vault
from server.contract.v1 import Message
from server.errors import NotFound

_USE: Final = b"typed form"
_TEXT_LENGTH: Final = 32_000


class Typed(Message):
    """``text``: what a page noted of its form, in its own words."""

    text: Annotated[str, Field(max_length=_TEXT_LENGTH)]


class Sealed(Message):
    sealed: Annotated[
        str, Field(max_length=16 * _TEXT_LENGTH)
    ]  # JSON spells out what is not ASCII; base64 adds a third


def seal_typed(vault: Vault, owner: UUID, text: str, *, now: datetime) -> str:
    content = json.dumps({"at": now.timestamp(), "text": text}).encode()
    return base64.urlsafe_b64encode(vault.seal(owner, content, use=_USE)).decode()


def open_typed(vault: Vault, owner: UUID, sealed: str, *, now: datetime) -> str:
    """Return what ``owner`` had typed; raises NotFound for what is old, somebody else's, or nothing of ours."""
    try:
        content = json.loads(vault.unseal(owner, base64.urlsafe_b64decode(sealed), use=_USE))
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise NotFound("typed.unknown", "nothing that this person typed") from error
    if now.timestamp() - content["at"] >= LONGEST_OF_ALL.total_seconds():
        raise NotFound("typed.old", "typed too long ago")
    text: str = content["text"]
    return text
