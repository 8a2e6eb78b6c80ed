"""Status words of the simulated chip (ISO/IEC 7816-4 clause 5.6) and the exception that carries one to the answer."""

from typing import Final

OK: Final = 0x9000
MORE_DATA: Final = 0x6100  # low byte: bytes still there, 00 for 256 and more
END_OF_FILE: Final = 0x6282
AUTHENTICATION_FAILED: Final = 0x6300
WRONG_LENGTH: Final = 0x6700
LAST_OF_CHAIN_EXPECTED: Final = 0x6883
CHAINING_UNSUPPORTED: Final = 0x6884
SECURITY_STATUS_NOT_SATISFIED: Final = 0x6982
CONDITIONS_NOT_SATISFIED: Final = 0x6985
NO_CURRENT_FILE: Final = 0x6986
SECURE_MESSAGING_WRONG: Final = 0x6988
WRONG_DATA: Final = 0x6A80
FILE_NOT_FOUND: Final = 0x6A82
WRONG_P1_P2: Final = 0x6A86
REFERENCE_NOT_FOUND: Final = 0x6A88
OFFSET_OUTSIDE: Final = 0x6B00
EXACT_LENGTH: Final = 0x6C00  # low byte: the Le to ask with
INS_UNKNOWN: Final = 0x6D00
CLA_UNKNOWN: Final = 0x6E00


class Refused(Exception):
    """The chip answers ``sw`` and no data."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"SW={sw:04X}")
        self.sw = sw
