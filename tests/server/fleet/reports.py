"""Invented reports of kiosks, and what they hand over."""

from typing import Any
from uuid import UUID, uuid4

from server.contract.fleet import HandOver, KioskReport
from tests.server.hospital import MORNING, arrival

VERSION = "1.0"
SESSION = UUID("8c1ce4f2-6ee1-4c43-9f0e-0d5a3b6f9a11")


def report(**changes: Any) -> KioskReport:
    fields: dict[str, Any] = {
        "reported_at": MORNING, "version": VERSION, "session": None, "step": "welcome", "since": MORNING,
        "language": "vi",
    }  # fmt: skip
    return KioskReport.model_validate(fields | changes)


def handed_over(**changes: Any) -> HandOver:
    """Return what a kiosk knows of a person who called staff while choosing a clinic."""
    command = arrival()
    fields: dict[str, Any] = {
        "key": uuid4(), "session": SESSION, "step": "choosing", "person": command.person, "evidence": command.evidence,
        "is_confirmed": True, "language": "vi", "handed_at": MORNING,
    }  # fmt: skip
    return HandOver.model_validate(fields | changes)
