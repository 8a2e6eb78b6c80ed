"""One chip on an open connection: commands out, answers in, through secure messaging once there is a session."""

import logging
import math
import time
from dataclasses import replace
from typing import Final

from drivers.errors import DeviceTimeout, ProtocolViolation, StatusWordError
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.smartcard.apdu import CLA_CHAINED, SHORT_LE_MAX, SW_OK, CommandApdu
from drivers.smartcard.base import CardConnection

TRAFFIC: Final = 5
"""Log level of the exchanges, below DEBUG. Headers, lengths and status words only: never data."""

MAX_EXCHANGES: Final = 2000
"""Of one reading. 100 KB in the smallest usual pieces need 1600; a chip that asks for more plays for time."""

_MAX_ANSWER: Final = 1 << 17
_log: Final = logging.getLogger("drivers.smartcard.traffic")


class Chip:
    """``apdus`` counts exchanges, ``exchange_s`` is their time in all, ``slowest_exchange_s`` the longest of one try.

    ``session`` is None until a protocol opened one. After ``time_limit_s``, or MAX_EXCHANGES, nothing is sent any more:
    every exchange raises DeviceTimeout, or ProtocolViolation.
    """

    def __init__(self, connection: CardConnection, time_limit_s: float = math.inf) -> None:
        self.connection = connection
        self._give_up_at = time.monotonic() + time_limit_s
        self.session: SecureMessaging | None = None
        self.apdus = 0
        self.exchange_s = 0.0
        self.slowest_exchange_s = 0.0

    def begin_try(self) -> None:
        """Watch the time of a new try to open the chip."""
        self.slowest_exchange_s = 0.0

    def reset(self) -> None:
        """Power the chip off and on; the session is gone. Raises as CardConnection.reset."""
        self.session = None
        self.connection.reset()

    def exchange(self, command: CommandApdu) -> tuple[bytes, int]:
        """Return the plain answer data and SW1SW2 of a plain command.

        Raises ProtocolViolation when the answer breaks the session, and as CardConnection.transmit.
        """
        if self.session is None:
            return self._transport(command)
        data, sw = self._transport(self.session.wrap_command(command))
        return self.session.unwrap_response(data, sw)

    def send(self, name: str, command: CommandApdu) -> bytes:
        """Return the answer data of a command that must succeed; raises StatusWordError with ``name`` otherwise."""
        data, sw = self.exchange(command)
        if sw != SW_OK:
            raise StatusWordError(name, sw)
        return data

    def send_chained(self, name: str, command: CommandApdu, piece: int) -> bytes:
        """Send a command in pieces of ``piece`` bytes of data, each by itself protected; return and raise as ``send``.

        Command chaining (ISO/IEC 7816-4): of a chip that says it can, see ``card_capabilities``.
        """
        *first, last = (command.data[at : at + piece] for at in range(0, len(command.data), piece))
        for part in first:
            self.send(name, replace(command, cla=command.cla | CLA_CHAINED, data=part, le=None))
        return self.send(name, replace(command, data=last))

    def _transport(self, command: CommandApdu) -> tuple[bytes, int]:
        """One command as T=0 and T=1 readers may need it: repeated with the right Le, collected by GET RESPONSE."""
        data, sw = self._transmit(command)
        if sw >> 8 == 0x6C and not data:
            data, sw = self._transmit(replace(command, le=sw & 0xFF or SHORT_LE_MAX, extended=False))
        while sw >> 8 == 0x61:
            more, sw = self._transmit(CommandApdu(0, 0xC0, 0, 0, le=sw & 0xFF or SHORT_LE_MAX))
            data += more
            if len(data) > _MAX_ANSWER or (not more and sw >> 8 == 0x61):
                raise ProtocolViolation("an answer without end")
        return data, sw

    def _transmit(self, command: CommandApdu) -> tuple[bytes, int]:
        if self.apdus >= MAX_EXCHANGES:
            raise ProtocolViolation("more exchanges than any card needs")
        if time.monotonic() > self._give_up_at:
            raise DeviceTimeout("the card answers, and comes to no end")
        self.apdus += 1
        started = time.perf_counter()
        try:
            data, sw = self.connection.transmit(command.encode())
        finally:
            took_s = time.perf_counter() - started
            self.slowest_exchange_s = max(self.slowest_exchange_s, took_s)
            self.exchange_s += took_s
        if _log.isEnabledFor(TRAFFIC):
            sizes = (len(command.data), command.le, len(data))
            form = "%s Lc=%d Le=%s -> %d bytes, SW=%04X, %.1f ms"
            _log.log(TRAFFIC, form, command.header.hex().upper(), *sizes, sw, took_s * 1000)
        return data, sw
