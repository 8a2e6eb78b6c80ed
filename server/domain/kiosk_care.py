"""Which kiosk needs somebody, and why: decided from what it last said of itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

SILENT_AFTER: Final = timedelta(seconds=30)
"""A kiosk speaks every five seconds; six words missed are no hiccup of the network."""

STUCK_AFTER: Final = timedelta(seconds=60)
"""On one page. A page closes by itself after a minute, so whoever is here longer asked for more time."""

STUCK_AFTER_FAILURE: Final = timedelta(seconds=20)
"""On one page, when something went wrong before: reading the advice takes ten seconds, the rest is being lost."""

REPEATED_FAILURE: Final = 2
CLOCK_TOLERANCE_S: Final = 60.0
"""The server follows a kiosk's clock for ten minutes (kiosk.checks); a technician should know long before."""

BACKLOG_LARGE: Final = 20
"""More visits than a kiosk registers in ten minutes: it is cut off and takes people in by itself."""

# Nobody stands before the first; at the second the number is on the screen already; the third is what help looks like.
_UNHURRIED: Final = frozenset({"welcome", "ticket", "staff-called"})


class Finding(StrEnum):
    """Why a kiosk needs somebody, the most urgent first."""

    SILENT = "silent"
    OUT_OF_SERVICE = "out-of-service"
    FAILED_REPEATEDLY = "failed-repeatedly"
    STUCK_AFTER_FAILURE = "stuck-after-failure"
    STUCK = "stuck"
    DEVICE_DOWN = "device-down"
    PAPER_UNCERTAIN = "paper-uncertain"
    DEAD_LETTERS = "dead-letters"
    CLOCK_WRONG = "clock-wrong"
    BACKLOG = "backlog"
    DEVICE_ATTENTION = "device-attention"
    WARNING = "warning"
    OTHER_VERSION = "other-version"


ABOUT_A_PERSON: Final = frozenset({Finding.FAILED_REPEATEDLY, Finding.STUCK_AFTER_FAILURE, Finding.STUCK})
URGENT: Final = ABOUT_A_PERSON | {Finding.SILENT, Finding.OUT_OF_SERVICE, Finding.DEVICE_DOWN}


@dataclass(frozen=True, slots=True)
class DeviceWord:
    """What a kiosk said of one of its devices; the drivers' words."""

    kind: str
    state: str
    code: str


@dataclass(frozen=True, slots=True)
class KioskWord:
    """What a kiosk last said of itself; ``since``: how long the person has been on the page, by the server's clock."""

    heard_at: datetime
    step: str
    since: datetime
    failures: int = 0
    is_desk: bool = False
    out_of_service: str | None = None
    devices: tuple[DeviceWord, ...] = ()
    warnings: tuple[str, ...] = ()
    clock_ahead_s: float = 0.0
    version: str = ""
    waiting_visits: int = 0
    dead_letters: int = 0
    uncertain_papers: int = 0


@dataclass(frozen=True, slots=True)
class Care:
    """One reason to look after a kiosk. ``code`` is the stable cause behind it, ``subject`` the device's kind."""

    finding: Finding
    code: str = ""
    subject: str = ""
    number: int = 0

    @property
    def is_urgent(self) -> bool:
        return self.finding in URGENT


def care_for(word: KioskWord, *, now: datetime, server_version: str) -> list[Care]:
    """Return why a kiosk needs somebody, the most urgent first; empty when it does not.

    A silent kiosk is that alone: what it said before it fell silent is old.
    """
    if now - word.heard_at >= SILENT_AFTER:
        return [Care(Finding.SILENT)]
    found = [*_about_the_person(word, now), *_about_the_machine(word, server_version)]
    order = list(Finding)
    return sorted(found, key=lambda care: (order.index(care.finding), care.subject, care.code))


def _about_the_person(word: KioskWord, now: datetime) -> list[Care]:
    if word.is_desk or word.step in _UNHURRIED:
        return []
    here = now - word.since
    if word.failures >= REPEATED_FAILURE:
        return [Care(Finding.FAILED_REPEATEDLY, number=word.failures)]
    if word.failures and here >= STUCK_AFTER_FAILURE:
        return [Care(Finding.STUCK_AFTER_FAILURE)]
    return [Care(Finding.STUCK)] if here >= STUCK_AFTER else []


def _about_the_machine(word: KioskWord, server_version: str) -> list[Care]:
    found = [Care(Finding.WARNING, code) for code in word.warnings]
    if word.out_of_service is not None:
        found.append(Care(Finding.OUT_OF_SERVICE, word.out_of_service))
    for device in word.devices:
        if device.state == "unavailable":
            found.append(Care(Finding.DEVICE_DOWN, device.code, device.kind))
        elif device.state == "attention":
            found.append(Care(Finding.DEVICE_ATTENTION, device.code, device.kind))
    if word.uncertain_papers:
        found.append(Care(Finding.PAPER_UNCERTAIN, number=word.uncertain_papers))
    if word.dead_letters:
        found.append(Care(Finding.DEAD_LETTERS, number=word.dead_letters))
    if abs(word.clock_ahead_s) >= CLOCK_TOLERANCE_S:
        found.append(Care(Finding.CLOCK_WRONG, number=round(word.clock_ahead_s)))
    if word.waiting_visits >= BACKLOG_LARGE:
        found.append(Care(Finding.BACKLOG, number=word.waiting_visits))
    if word.version != server_version:
        found.append(Care(Finding.OTHER_VERSION, word.version))
    return found
