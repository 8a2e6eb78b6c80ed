"""One person's time before the kiosk, so that staff see who is stuck; names nobody."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self
from uuid import UUID, uuid4

from kiosk.session import State

SAME_PERSON_WITHIN: Final = timedelta(seconds=15)
"""Whoever begins again so soon after "start over" is the one who failed a moment ago."""


@dataclass(frozen=True, slots=True)
class Stay:
    """``id`` is random, and None while nobody is served; ``page_since``: when the present page came up."""

    page_since: datetime
    id: UUID | None = None
    failures: int = 0
    left: tuple[UUID, int] | None = None  # id and failures of who went back to the welcome page without a number

    def after(self, state: State, came_from: State, now: datetime) -> Self:
        """Return the stay once the page of ``state`` has come up."""
        if state is State.WELCOME:
            gone = self.id is None or came_from is State.TICKET
            left = None if gone or self.id is None else (self.id, self.failures)
            return replace(self, page_since=now, id=None, failures=0, left=left)
        stay = self if self.id is not None else self._begun(now)
        return replace(stay, page_since=now, failures=stay.failures + (state is State.PROBLEM))

    def _begun(self, now: datetime) -> Self:
        if self.left is not None and now - self.page_since <= SAME_PERSON_WITHIN:
            earlier, failures = self.left
            return replace(self, id=earlier, failures=failures, left=None)
        return replace(self, id=uuid4(), failures=0, left=None)
