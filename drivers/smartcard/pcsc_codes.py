"""Result codes and reader states of the PC/SC library (WinSCard), and which of our errors each code is."""

from typing import Final

from drivers.errors import CardRemoved, DeviceTimeout, DeviceUnavailable

OK: Final = 0
TIMEOUT: Final = 0x8010000A
SHARING_VIOLATION: Final = 0x8010000B
NO_READERS: Final = 0x8010002E
UNRESPONSIVE: Final = 0x80100066
UNPOWERED: Final = 0x80100067

# Bits of a reader's state
STATE_UNAWARE: Final = 0x0000
STATE_CHANGED: Final = 0x0002
STATE_UNAVAILABLE: Final = 0x0008
STATE_PRESENT: Final = 0x0020

CONNECT_PATIENCE_S: Final = {SHARING_VIOLATION: 3.0, UNRESPONSIVE: 1.0, UNPOWERED: 1.0}

_CARD_IS_GONE: Final = {
    0x8010000C: "no card",
    0x80100016: "the exchange broke off",
    0x80100068: "the card was reset by somebody else",
    0x80100069: "the card was taken away",
}
_CARD_IS_SILENT: Final = {
    0x80100065: "the card speaks no known protocol",
    UNRESPONSIVE: "the card does not answer to power",
    UNPOWERED: "the card takes no power",
}

_READER_STATE_CODES: Final = (0x80100009, 0x80100017)
"""Unknown reader, reader unavailable: the list of readers is out of date, the service is well."""


def check_service(code: int) -> None:
    if code not in (OK, TIMEOUT, *_READER_STATE_CODES):
        raise DeviceUnavailable(f"the PC/SC service failed ({code:08X})")


def check(code: int) -> None:
    """Turn a PC/SC error into one of ours."""
    if code == OK:
        return
    if code in _CARD_IS_GONE:
        raise CardRemoved(_CARD_IS_GONE[code])
    if code in _CARD_IS_SILENT:
        raise DeviceTimeout(_CARD_IS_SILENT[code])
    if code == SHARING_VIOLATION:
        raise DeviceUnavailable("another program holds the card")
    raise DeviceUnavailable(f"the card reader failed ({code:08X})")
