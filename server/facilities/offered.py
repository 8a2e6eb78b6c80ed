"""What a facility offers, remembered for a moment: every arrival asks, and reads it in a dozen statements."""

import threading
from datetime import datetime, timedelta
from typing import Final

from server.contract.v1 import FacilityServices
from server.db import Database
from server.facilities.queries import facility_services

REMEMBERED_FOR: Final = timedelta(seconds=2)
"""Shorter than a kiosk's own round of refreshing. The cap of a clinic may be passed by the arrivals of that time."""


class OfferedNow:
    """One process's memory of what its facilities offer; safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._known: dict[str, FacilityServices] = {}

    def of(self, facility: str, now: datetime) -> FacilityServices:
        """Return what is offered, at most REMEMBERED_FOR old; raises NotFound."""
        known = self._known.get(facility)
        if known is not None and timedelta() <= now - known.as_of < REMEMBERED_FOR:
            return known
        with self._lock:
            known = self._known.get(facility)
            if known is None or not timedelta() <= now - known.as_of < REMEMBERED_FOR:
                with self._database.reading() as session:
                    known = facility_services(session, facility, kiosk_letter=None, now=now)
                self._known[facility] = known
        return known
