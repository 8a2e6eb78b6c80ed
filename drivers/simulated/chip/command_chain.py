"""Commands that do not fit one APDU: their data comes in pieces (ISO/IEC 7816-4, command chaining)."""

from dataclasses import replace
from typing import Final

from drivers.simulated.chip import status
from drivers.simulated.chip.status import Refused
from drivers.smartcard.apdu import CLA_CHAINED, CommandApdu

_MOST_BYTES: Final = 4096


class CommandChain:
    """The pieces of one command; a piece of another one begins anew."""

    def __init__(self, *, can_chain: bool) -> None:
        self._can_chain = can_chain
        self.drop()

    def drop(self) -> None:
        self._header, self._data = b"", b""

    def collect(self, command: CommandApdu) -> CommandApdu | None:
        """Return the whole command with its last piece, None before; raises Refused for one that cannot be taken."""
        continues = bool(command.cla & CLA_CHAINED)
        if continues and not self._can_chain:
            raise Refused(status.CHAINING_UNSUPPORTED)
        header = command.header[1:]
        if header != self._header:
            self._header, self._data = header, b""
        self._data += command.data
        if len(self._data) > _MOST_BYTES:
            self.drop()
            raise Refused(status.WRONG_LENGTH)
        if continues:
            return None
        whole = replace(command, data=self._data)
        self.drop()
        return whole
