"""What can go wrong below the application, sorted by who acts on it.

* DriverError
  - DeviceUnavailable      unplugged, switched off, no permission: a technician acts
  - DeviceTimeout          the device is there and does not answer: take the card away, wake the printer
  - CardRemoved            the patient took the card away: ask for it again
  - AccessDenied           the chip refused the password (CAN or MRZ): ask for the number again
  - StatusWordError        the card answered, and refused the command
  - ProtocolViolation      the card broke the protocol inside a session (MAC, counter, unprotected answer): end it
  - MalformedData          bytes from a card, a code or a printer are not what their format allows: refuse them

``code`` is stable: screens translate it, logs and tests key on it. No personal data stands in a message.
"""

from typing import ClassVar


class DriverError(Exception):
    """Base of all errors below the application."""

    code: ClassVar[str] = "driver"


class DeviceUnavailable(DriverError):
    """The device cannot be used until somebody acts on it."""

    code = "device.unavailable"


class DeviceTimeout(DriverError):
    """The device is present but stayed silent beyond its time limit."""

    code = "device.timeout"


class CardRemoved(DriverError):
    """The card left the reader while it was in use."""

    code = "card.removed"


class AccessDenied(DriverError):
    """The chip refused every password that was offered.

    ``tried`` names the ways in order, e.g. ``("PACE-CAN", "BAC")``; never the passwords. ``delayed``: the chip took its
    time to refuse, as it does to keep guessers away; whoever respects that does not try it again.
    """

    code = "card.access_denied"

    def __init__(self, tried: tuple[str, ...], *, delayed: bool = False) -> None:
        super().__init__(f"the chip refused {', '.join(tried)}" if tried else "nothing that was known opens the chip")
        self.tried = tried
        self.delayed = delayed


class StatusWordError(DriverError):
    """The card refused ``command`` with status word ``sw`` (ISO/IEC 7816-4, status bytes)."""

    code = "card.status_word"

    def __init__(self, command: str, sw: int) -> None:
        super().__init__(f"{command}: SW={sw:04X}")
        self.command = command
        self.sw = sw


class ProtocolViolation(DriverError):
    """The card broke its protocol inside a session; nothing more from this session is believed."""

    code = "card.protocol"


class MalformedData(DriverError):
    """``what`` (e.g. ``"EF.DG13"``, ``"BHYT QR"``) does not have the form its standard demands."""

    code = "data.malformed"

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.what = what
        self.reason = reason
