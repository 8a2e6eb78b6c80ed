"""Secure messaging of ICAO 9303-11 clause 9.8, one state for either end of the channel.

The reader wraps commands and unwraps responses, the simulated chip unwraps commands and wraps responses. The send
sequence counter moves with every command and every response; after any violation the state is dead for good.
"""

import hmac
from typing import Final

from drivers.errors import MalformedData, ProtocolViolation
from drivers.icao9303.keys import CipherSuite, pad, unpad
from drivers.smartcard import tlv
from drivers.smartcard.apdu import EXTENDED_LE_MAX, SHORT_LE_MAX, CommandApdu

_CLA_SECURED: Final = 0x0C
_CRYPTOGRAM: Final = 0x87  # begins with 01, the padding indicator
_CRYPTOGRAM_ODD_INS: Final = 0x85  # holds a BER-TLV body, no padding indicator
_EXPECTED_LENGTH: Final = 0x97
_STATUS: Final = 0x99
_MAC: Final = 0x8E
_WHAT: Final = "secure messaging"


class SecureMessaging:
    """One session. ``counter`` is the send sequence counter before the first command.

    3DES: 8 bytes, made of both random numbers (BAC), or zero (PACE, chip authentication). AES: 16 bytes of zero.
    """

    def __init__(self, suite: CipherSuite, encryption_key: bytes, mac_key: bytes, counter: bytes | None = None) -> None:
        self.suite = suite
        self._encryption_key = encryption_key
        self._mac_key = mac_key
        self._counter = int.from_bytes(counter or b"", "big")
        self._alive = True

    @property
    def counter(self) -> bytes:
        """The send sequence counter, with its leading zeros."""
        return self._counter.to_bytes(self.suite.block_size, "big")

    @property
    def short_read_max(self) -> int:
        """How many plain bytes fit a protected short answer of 256: 231 with 3DES, 223 with AES."""
        # 87 L 01 + cryptogram with at least one byte of padding, 99 02 SW1 SW2, 8E 08 MAC
        blocks = (SHORT_LE_MAX - 4 - 4 - 10) // self.suite.block_size
        return blocks * self.suite.block_size - 1

    @property
    def short_data_max(self) -> int:
        """How many plain bytes of command data, with an expected length, fit a protected short command of 255."""
        blocks = (0xFF - 4 - 3 - 10) // self.suite.block_size
        return blocks * self.suite.block_size - 1

    def wrap_command(self, command: CommandApdu) -> CommandApdu:
        """Return ``command`` protected. Raises ProtocolViolation after the session ended."""
        self._advance()
        cryptogram = self._encrypt(command.data, command.ins) if command.data else b""
        wide = command.extended or command.needs_extended
        expected = b"" if command.le is None else tlv.encode(_EXPECTED_LENGTH, _encode_le(command.le, wide))
        cla = command.cla | _CLA_SECURED
        header = bytes((cla, command.ins, command.p1, command.p2))
        mac = self._mac(pad(header, self.suite.block_size), cryptogram + expected)
        body = cryptogram + expected + tlv.encode(_MAC, mac)
        # The largest answer is asked for outside; how much is wanted inside stands in DO97.
        extended = wide or len(body) > 0xFF
        outer_le = EXTENDED_LE_MAX if extended else SHORT_LE_MAX
        return CommandApdu(cla, command.ins, command.p1, command.p2, body, outer_le, extended)

    def unwrap_response(self, data: bytes, sw: int) -> tuple[bytes, int]:
        """Return what a protected response said. Raises ProtocolViolation for anything else, which ends the session.

        DO99 must be there, authenticated, and equal the outer status word; a response without DO8E is never believed.
        """
        self._advance()
        try:
            return self._open_response(data, sw)
        except (ProtocolViolation, MalformedData, ValueError) as error:
            self._alive = False
            if isinstance(error, ProtocolViolation):
                raise
            raise ProtocolViolation(f"a protected answer that cannot be opened (SW={sw:04X})") from error

    def _open_response(self, data: bytes, sw: int) -> tuple[bytes, int]:
        objects = tlv.parse(data, _WHAT)
        tags = [one.tag for one in objects]
        if _MAC not in tags:
            raise ProtocolViolation(f"an unprotected answer inside a session (SW={sw:04X})")
        if tags not in ([_CRYPTOGRAM, _STATUS, _MAC], [_CRYPTOGRAM_ODD_INS, _STATUS, _MAC], [_STATUS, _MAC]):
            raise ProtocolViolation("data objects of a protected answer are missing, foreign or out of order")
        *covered, mac = objects
        if not hmac.compare_digest(self._mac(b"", b"".join(one.raw for one in covered)), mac.value):
            raise ProtocolViolation("the MAC of an answer is wrong")
        if covered[-1].value != sw.to_bytes(2, "big"):
            raise ProtocolViolation("the status inside differs from the status outside")
        return (self._decrypt(covered[0]) if len(covered) == 2 else b""), sw

    def unwrap_command(self, command: CommandApdu) -> CommandApdu:
        """Return the plain form of a protected command (the chip's end); raises ProtocolViolation, which ends it."""
        self._advance()
        try:
            return self._open_command(command)
        except (ProtocolViolation, MalformedData, ValueError) as error:
            self._alive = False
            if isinstance(error, ProtocolViolation):
                raise
            raise ProtocolViolation("a protected command that cannot be opened") from error

    def _open_command(self, command: CommandApdu) -> CommandApdu:
        if command.cla & _CLA_SECURED != _CLA_SECURED:
            raise ProtocolViolation("an unprotected command inside a session")
        objects = tlv.parse(command.data, _WHAT)
        tags = [one.tag for one in objects]
        cryptogram_tag = _CRYPTOGRAM_ODD_INS if command.ins & 1 else _CRYPTOGRAM
        if tags not in (
            [_MAC],
            [_EXPECTED_LENGTH, _MAC],
            [cryptogram_tag, _MAC],
            [cryptogram_tag, _EXPECTED_LENGTH, _MAC],
        ):
            raise ProtocolViolation("data objects of a protected command are missing, foreign or out of order")
        *covered, mac = objects
        header = pad(command.header, self.suite.block_size)
        if not hmac.compare_digest(self._mac(header, b"".join(one.raw for one in covered)), mac.value):
            raise ProtocolViolation("the MAC of a command is wrong")
        found = tuple(covered)
        cryptogram, expected = tlv.find(found, cryptogram_tag), tlv.find(found, _EXPECTED_LENGTH)
        plain = self._decrypt(cryptogram) if cryptogram else b""
        le = _decode_le(expected.value) if expected else None
        cla = command.cla & ~_CLA_SECURED
        return CommandApdu(cla, command.ins, command.p1, command.p2, plain, le, command.extended)

    def wrap_response(self, data: bytes, sw: int, *, odd_ins: bool = False) -> tuple[bytes, int]:
        """Return a protected response (the chip's end) of plain ``data`` and ``sw``."""
        self._advance()
        cryptogram = self._encrypt(data, 0xB1 if odd_ins else 0xB0) if data else b""
        status = tlv.encode(_STATUS, sw.to_bytes(2, "big"))
        mac = self._mac(b"", cryptogram + status)
        return cryptogram + status + tlv.encode(_MAC, mac), sw

    def _advance(self) -> None:
        if not self._alive:
            raise ProtocolViolation("this session has ended")
        self._counter = (self._counter + 1) % (1 << (8 * self.suite.block_size))

    def _iv(self) -> bytes | None:
        if self.suite is CipherSuite.TRIPLE_DES:
            return None
        return self.suite.encrypt_block(self._encryption_key, self.counter)

    def _encrypt(self, data: bytes, ins: int) -> bytes:
        cryptogram = self.suite.encrypt(self._encryption_key, pad(data, self.suite.block_size), self._iv())
        if ins & 1:
            return tlv.encode(_CRYPTOGRAM_ODD_INS, cryptogram)
        return tlv.encode(_CRYPTOGRAM, b"\x01", cryptogram)

    def _decrypt(self, one: tlv.Tlv) -> bytes:
        cryptogram = one.value
        if one.tag == _CRYPTOGRAM:
            if cryptogram[:1] != b"\x01":
                raise ProtocolViolation("a padding indicator that is not 01")
            cryptogram = cryptogram[1:]
        if not cryptogram or len(cryptogram) % self.suite.block_size:
            raise ProtocolViolation("a cryptogram that is not whole blocks")
        return unpad(self.suite.decrypt(self._encryption_key, cryptogram, self._iv()))

    def _mac(self, padded_header: bytes, covered: bytes) -> bytes:
        data = self.counter + padded_header + covered
        if self.suite is not CipherSuite.TRIPLE_DES:  # the retail MAC pads by itself, CMAC would pad another way
            data = pad(data, self.suite.block_size)
        return self.suite.mac(self._mac_key, data)


def _encode_le(le: int, wide: bool) -> bytes:
    return (le & 0xFFFF).to_bytes(2, "big") if wide else bytes([le & 0xFF])


def _decode_le(value: bytes) -> int:
    if len(value) == 1:
        return value[0] or SHORT_LE_MAX
    if len(value) == 2:
        return int.from_bytes(value, "big") or EXTENDED_LE_MAX
    raise ProtocolViolation("an expected length of neither one nor two bytes")
