"""What a display sends."""

from typing import Annotated, TypeVar
from uuid import UUID

from flask import request
from pydantic import Field, ValidationError

from server.contract.v1 import Message
from server.errors import Refused


class AskTurn(Message):
    """A display asks what it is to speak. ``spoken``: the call it was given before, when it has spoken it."""

    display: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    """A random word that the display's page made for itself; it means nothing elsewhere."""

    spoken: UUID | None = None


class BringKey(Message):
    """A display hands in the key that stood behind ``#`` in its address."""

    key: Annotated[str, Field(max_length=200)]


M = TypeVar("M", bound=Message)


def read_message(kind: type[M]) -> M:
    """Return what the display sent; raises Refused for anything else, a form included."""
    if request.mimetype != "application/json":
        raise Refused("display.form", "a display sends JSON")
    try:
        return kind.model_validate_json(request.get_data())
    except ValidationError as error:
        raise Refused("display.invalid", f"not the {kind.__name__} of a display") from error
