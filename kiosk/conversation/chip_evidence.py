"""What is kept in the log of a chip that contradicts itself: how, and a mark by which the card is known again."""

import hashlib
from typing import Final

from drivers.icao9303.reading import ChipReading

_MARK_HEX: Final = 16
_SIGNED_OBJECT: Final = "EF.SOD"


def evidence_of(reading: ChipReading) -> str:
    """Return one line for the log; nothing of a person is in it, and nothing that a person could be guessed from.

    The mark is of EF.SOD, which holds hashes and a signature only: a copied card shows the same one each time, at every
    kiosk.
    """
    proof = reading.proof
    signed = reading.files.get(_SIGNED_OBJECT)
    mark = hashlib.sha256(signed).hexdigest()[:_MARK_HEX] if signed else "none"
    checks = (
        ("passive", proof.passive_authentication),
        ("active", proof.active_authentication),
        ("chip", proof.chip_authentication),
    )
    return ", ".join([
        f"reasons {' '.join(reading.reasons)}",
        f"opened by {reading.access} with {proof.secure_messaging}",
        *(f"{name} authentication {check.value}" for name, check in checks),
        f"issuer {proof.issuer or 'unknown'}",
        f"mark {mark}",
    ])  # fmt: skip
