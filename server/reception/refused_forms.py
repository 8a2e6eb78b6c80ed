"""What stands in a form that was refused: nobody types it twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields sent to ``endpoint``; empty for a page to which nobody sent a form."""

    endpoint: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    def is_into(self, endpoint: str) -> bool:
        return self.endpoint == endpoint

    def value(self, endpoint: str, name: str, recorded: object) -> str:
        """Return what a field of a form shows: what was typed into it, or else what is on record."""
        if self.is_into(endpoint):
            return self.fields.get(name, "")
        return "" if recorded is None else str(recorded)

    def is_ticked(self, endpoint: str, name: str, *, recorded: bool) -> bool:
        return name in self.fields if self.is_into(endpoint) else recorded


NOTHING_TYPED: Final = Typed()
