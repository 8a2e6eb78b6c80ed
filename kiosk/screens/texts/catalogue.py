"""The shape of a catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "plain", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class ProblemText:
    """``title``: what happened, in a few words. ``why``: one sentence more. ``steps``: what to do, in order.

    ``picture`` names the drawing that helps, see templates/kiosk/states/problem.html.
    """

    title: str
    why: str
    steps: tuple[str, ...]
    picture: Literal["card-on-reader", "card-lift", "code", "number", "desk", "staff-coming"] = "desk"


@dataclass(frozen=True, slots=True)
class VerdictText:
    """``title``: a word or three beside the icon. ``meaning``: what it means for the patient."""

    title: str
    meaning: str
    tone: Tone
    icon: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``problems`` and the others are keyed by stable codes; ``"family.*"`` and ``"*"`` stand in for unknown ones.

    ``grounds`` say a verdict's meaning more exactly where one of its reasons is known; the first one counts.
    """

    thousands: str
    phrases: Mapping[str, str]
    verdicts: Mapping[str, VerdictText]
    grounds: Mapping[str, str]
    problems: Mapping[str, ProblemText]
    printer_troubles: Mapping[str, str]
    notices: Mapping[str, str]
