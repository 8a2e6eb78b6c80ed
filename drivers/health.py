"""What a device says of itself, in one shape for every kind."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeviceKind(StrEnum):
    CARD_READER = "card-reader"
    SCANNER = "scanner"
    PRINTER = "printer"


class DeviceState(StrEnum):
    READY = "ready"
    ATTENTION = "attention"  # works, but somebody should look: paper near its end, picture too dark
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One device at one moment.

    ``since`` is the UTC instant of the last change of ``state``; ``code`` is stable and names the cause
    (``"ok"``, ``"printer.paper_out"``, ``"reader.service_down"``, ...); ``detail`` is one English sentence
    for a technician, without personal data.
    """

    kind: DeviceKind
    name: str
    driver: str
    state: DeviceState
    since: datetime
    code: str = "ok"
    detail: str = ""
