"""How long somebody stays signed in; pure, from the ``server.sessions`` section of config.yaml."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import Field

from server.accounts.roles import Role
from server.contract.settings import Section

WARNED_BEFORE: Final = timedelta(minutes=2)
"""How long before the end an open page says so. It is fixed: WCAG 2.2, 2.2.1 asks for at least 20 seconds."""

LONGEST_OF_ALL: Final = timedelta(hours=24)
"""What no configuration goes beyond; a session's row may be cleared away afterwards."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """``idle`` ends a browser nobody touches, ``longest`` every session: a shift is over at some time."""

    idle: timedelta = timedelta(minutes=15)
    idle_at_clinic: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)

    def idle_end(self, role: Role, seen_at: datetime) -> datetime:
        return seen_at + (self.idle_at_clinic if role is Role.CLINICIAN else self.idle)

    def last_end(self, began_at: datetime) -> datetime:
        return began_at + self.longest


USUAL: Final = SessionLimits()


class SessionsSection(Section):
    """The ``server.sessions`` section of config.yaml."""

    idle_min: Annotated[int, Field(ge=5, le=240)] = 15
    """A desk stands among patients: whoever walks away is signed out. Each key and touch counts as being there."""

    clinic_idle_min: Annotated[int, Field(ge=5, le=240)] = 30
    """For doctors and nurses, who examine somebody between two calls, in a room of their own."""

    longest_h: Annotated[int, Field(ge=1, le=24)] = 12
    """One long shift."""

    @property
    def limits(self) -> SessionLimits:
        return SessionLimits(
            timedelta(minutes=self.idle_min), timedelta(minutes=self.clinic_idle_min), timedelta(hours=self.longest_h)
        )
