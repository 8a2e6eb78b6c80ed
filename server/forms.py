"""What every form of a page shares; anything our own pages never send is refused before a service sees it."""

from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from server.errors import Refused

Line = Annotated[str, Field(max_length=500)]
"""A sentence or an address."""


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)  # the token of the page is ignored here


F = TypeVar("F", bound=Form)


def read_form(kind: type[F], fields: dict[str, str]) -> F:
    """Return the form in ``fields``; raises Refused for what our own pages never send."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise Refused("form.invalid", "the form does not have the expected fields") from error


def read_id(text: str) -> UUID:
    """Return the id in a form's field or an address; raises Refused."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Refused("form.invalid", "not an id") from error
