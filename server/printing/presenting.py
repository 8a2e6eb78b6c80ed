"""How slips look at the desk: words and lights of copies, and the printers to choose from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import segno
from flask import current_app
from sqlalchemy.orm import Session

from server.domain.codes import slip_text
from server.fleet.commands import DONE, EXPIRED
from server.pages import texts
from server.printing.service import GIVEN, UNSURE, CopyLine, PaperWork, PrinterAtKiosk, list_printers, paper_work
from server.printing.slips import Slip
from server.printing.texts import PAPER
from server.texts import Texts

PRINTER_COOKIE: Final = "tiepdon-slip-printer"
"""The kiosk whose printer this desk used last: the one within reach."""

_LIGHTS: Final = {None: "fair", DONE: "good", GIVEN: "good", UNSURE: "warn"}
_WORDS: Final = {
    None: "on_its_way",
    DONE: "done",
    GIVEN: "given",
    UNSURE: "unsure",
    EXPIRED: "expired",
}


@dataclass(frozen=True, slots=True)
class Slips:
    """What ``printing/encounter.html`` shows of one encounter; ``chosen``: the printer's kiosk, empty for none."""

    work: PaperWork
    printers: list[PrinterAtKiosk]
    chosen: str


def slips_of(session: Session, encounter_id: UUID, *, facility: str, chosen: str, now: datetime) -> Slips:
    """Return the papers of one encounter; raises NotFound, for another facility's too."""
    return Slips(
        paper_work(session, facility=facility, now=now, encounter_id=encounter_id),
        list_printers(session, facility=facility, now=now),
        chosen,
    )


def paper_of(slip: Slip) -> dict[str, Any]:
    """Return what ``shared/slip_paper.html`` sets: it speaks the patient's language, the page around it staff's."""
    public_url = current_app.extensions["settings"].server.public_url
    code = segno.make(slip_text(slip.visit_code, public_url), error="m", micro=False)
    return {
        "slip": slip,
        "paper": Texts("en" if slip.language == "en" else "vi", PAPER),
        "picture": code.svg_inline(scale=4, border=2, omitsize=False, svgclass=None, lineclass=None),
    }


def words_of_slips() -> dict[str, Any]:
    """Return what the templates of slips need wherever they are included."""
    return {"copy_words": _copy_words, "copy_light": _copy_light}


def _copy_words(line: CopyLine) -> str:
    t = texts()
    code = ("copy." if line.copy else "first.") + _WORDS.get(line.outcome, "failed")
    return t(code, copy=line.copy, kiosk=line.kiosk, cause=t.find("cause", line.outcome or ""))


def _copy_light(line: CopyLine) -> str:
    return _LIGHTS.get(line.outcome, "bad")
