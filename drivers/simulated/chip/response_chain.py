"""Answers that do not fit one response: the rest is fetched by GET RESPONSE (ISO/IEC 7816-4 clause 11.7.1)."""

from drivers.simulated.chip import status
from drivers.simulated.chip.profile import GetResponse
from drivers.smartcard.apdu import CommandApdu


class ResponseChain:
    """What is still to be fetched. A chip with ``"always"`` sends no data with a command's own answer, as over T=0."""

    def __init__(self, mode: GetResponse) -> None:
        self._mode = mode
        self._rest, self._sw = b"", status.OK

    @property
    def waits(self) -> bool:
        return bool(self._rest)

    def drop(self) -> None:
        self._rest = b""

    def carries(self, length: int, limit: int) -> bool:
        """Whether an answer of ``length`` can be sent at all to a command that takes ``limit`` bytes at once."""
        return length <= limit or self._mode != "never"

    def answer(self, command: CommandApdu, data: bytes, sw: int, limit: int) -> tuple[bytes, int]:
        """Return the first response to ``command``."""
        if not self.carries(len(data), limit):
            return b"", status.WRONG_LENGTH
        if self._mode == "always" and command.data and data:
            limit = 0
        return self._first(data, sw, limit)

    def next_piece(self, limit: int) -> tuple[bytes, int]:
        return self._first(self._rest, self._sw, limit)

    def _first(self, data: bytes, sw: int, limit: int) -> tuple[bytes, int]:
        piece, self._rest, self._sw = data[:limit], data[limit:], sw
        if not self._rest:
            return piece, sw
        return piece, status.MORE_DATA | (len(self._rest) if len(self._rest) < 256 else 0)
