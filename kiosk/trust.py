"""Which card issuers this kiosk knows."""

import logging
from typing import Final

from drivers.errors import MalformedData
from drivers.icao9303.certificate import parse_certificate
from drivers.icao9303.trust import EMPTY_TRUST_STORE, TrustStore, load_trust_store
from kiosk.config import KioskSettings

log = logging.getLogger(__name__)

TRUST_UNUSABLE: Final = "kiosk.trust_unusable"


def known_issuers(settings: KioskSettings) -> TrustStore | None:
    """Return the issuers in ``kiosk.trust_dir``; None when it cannot be read, which stops nobody from registering.

    Without a directory the demo's simulated reader trusts the invented issuer of its cards, and no other.
    """
    directory = settings.kiosk.trust_dir
    if directory is not None:
        try:
            return load_trust_store(directory)
        except (MalformedData, OSError) as error:
            log.error("kiosk.trust_dir: %s", error)
            return None
    reader = settings.devices.card_reader
    if settings.is_demo and reader is not None and reader.driver == "simulated":
        from drivers.simulated.chip.issuer import csca_certificate

        return TrustStore((parse_certificate(csca_certificate()),))
    return EMPTY_TRUST_STORE
