"""What the models at hand can do, as data; everything a driver decides by model is decided by a Profile.

Widths, cutters and native codes follow the makers' manuals and the printer database of python-escpos; what no manual
says is left at the careful value, and ``tiepdon-kiosk print-test`` shows on paper whether more is possible.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

WIDTH_DOTS: Final = MappingProxyType({80: 576, 58: 384})
"""Paper width in mm -> printable dots at 203 dpi (72 and 48 mm)."""


class Proof(StrEnum):
    """How a printer can show that a ticket is on paper, strongest first."""

    PROCESS_ID = "process-id"  # GS ( H function 48: answered when all data before it has been printed
    STATUS_IN_ORDER = "status-in-order"  # GS r 1: answered when all data before it has been worked off
    REAL_TIME = "real-time"  # DLE EOT only: the printer is ready after the time the ticket takes
    NOTHING = "nothing"  # never answers (a write-only cable): no ticket of it is ever proved


@dataclass(frozen=True, slots=True)
class Profile:
    """One family of printers."""

    name: str
    title: str
    proof: Proof = Proof.STATUS_IN_ORDER
    automatic_status: bool = False
    """Whether it tells a change of state unasked (GS a): the only way to hear of one whose buffer is full."""

    width_dots_80mm: int = WIDTH_DOTS[80]
    width_dots_58mm: int = WIDTH_DOTS[58]
    native_qr: bool = True
    native_number: bool = True
    has_cutter: bool = True
    dots_per_inch: int | None = None
    """Sent as motion unit (GS P) where the model's own is half a row of dots, as with all Epsons; None: not sent, and
    one unit of ESC J is one row."""

    tcvn3_pages: tuple[int, int] | None = (30, 31)
    """ESC t numbers of the two TCVN-3 tables (lower case, capitals); None where the model has none."""

    speed_mm_s: int = 100
    """Careful value: how fast paper moves."""

    def width_dots(self, paper_width_mm: int) -> int:
        return self.width_dots_80mm if paper_width_mm == 80 else self.width_dots_58mm


_KNOWN: Final = (
    Profile("generic", "Any ESC/POS printer with a cutter", tcvn3_pages=None),
    Profile("generic-58", "Small 58 mm printer without a cutter", has_cutter=False, tcvn3_pages=None, speed_mm_s=60),
    Profile("no-native-qr", "Older clone that prints QR commands as text", native_qr=False, tcvn3_pages=None),
    Profile("write-only", "Printer behind a cable or box that never answers", proof=Proof.NOTHING, tcvn3_pages=None),
    Profile(
        "epson-tm-t20",
        "Epson TM-T20II, T20III",
        proof=Proof.PROCESS_ID,
        automatic_status=True,
        dots_per_inch=203,
        speed_mm_s=150,
    ),
    Profile(
        "epson-tm-t82",
        "Epson TM-T82, T82II, T82III, T82X",
        proof=Proof.PROCESS_ID,
        automatic_status=True,
        dots_per_inch=203,
        speed_mm_s=150,
    ),
    Profile(
        "epson-tm-t88",  # 512 dots on 72 mm
        "Epson TM-T88IV, V, VI, VII",
        proof=Proof.PROCESS_ID,
        automatic_status=True,
        width_dots_80mm=512,
        width_dots_58mm=360,
        dots_per_inch=180,
        speed_mm_s=200,
    ),
    Profile(
        "epson-tm-t88iii",  # has no GS ( H
        "Epson TM-T88III",
        automatic_status=True,
        width_dots_80mm=512,
        width_dots_58mm=360,
        dots_per_inch=180,
        tcvn3_pages=None,
    ),
    Profile(
        "epson-tm-m30",
        "Epson TM-m30, m30II, m30III",
        proof=Proof.PROCESS_ID,
        automatic_status=True,
        dots_per_inch=203,
        speed_mm_s=200,
    ),
    Profile("xprinter-80", "Xprinter XP-Q200, XP-Q260, XP-N160 (80 mm)", tcvn3_pages=(27, 27)),
    Profile(
        "xprinter-58", "Xprinter XP-58 (58 mm)", has_cutter=False, native_qr=False, tcvn3_pages=None, speed_mm_s=60
    ),
    Profile("zywell-80", "Zywell ZY306, ZY606 (80 mm)", tcvn3_pages=None),
    Profile("star-escpos", "Star TSP100IV, TSP143, TSP650II switched to ESC/POS mode", tcvn3_pages=None),
)

PROFILES: Final = MappingProxyType({profile.name: profile for profile in _KNOWN})
"""Name, as config.yaml writes it -> what the model can do."""
