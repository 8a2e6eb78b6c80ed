"""Reading files of the chip in as few exchanges as its and the reader's limits allow."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from drivers.errors import CardRemoved, MalformedData, ProtocolViolation, StatusWordError
from drivers.icao9303.chip import Chip
from drivers.icao9303.data_groups import ElementaryFile
from drivers.smartcard import tlv
from drivers.smartcard.apdu import SHORT_LE_MAX, SW_OK, CommandApdu

SW_END_OF_FILE: Final = 0x6282
SW_WRONG_LENGTH: Final = 0x6700

DEFAULT_EXTENDED_READ_MAX: Final = 4000
"""Asked for at once where extended length works and the chip names no limit of its own (EF.ATR/INFO).

With its protection it fits a buffer of 4096 bytes; halves of it fit the smaller usual ones.
"""

_OFFSET_MAX: Final = 0x7FFF  # above it P1 bit 8 would mean a short identifier
_SHORT_STEPS: Final = (0xC0, 0x80, 0x40, 0x20)
_NO_SHORT_IDENTIFIER: Final = (0x6A86, 0x6B00, 0x6D00, 0x6986, 0x6A81, SW_WRONG_LENGTH)
_OFFSET_OBJECT: Final = 0x54
_DATA_OBJECT: Final = 0x53
_DATA_OBJECT_OVERHEAD: Final = 6

Progress = Callable[[int, int], None]
"""Told ``(bytes read, bytes in all)`` of one file."""


class ExtendedLengthRefused(ProtocolViolation):
    """The session broke at its first extended read: open the chip again and stay with short length."""


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """``extended_max`` is how many bytes one extended answer may carry; None keeps reading to short length.

    ``long_keys``: key agreement may use extended length. A chip that answers reads with it takes it there too; one
    whose keys need it takes it there at least (ICAO 9303-10, 3.6.4). The limits are found out once for each session,
    where a refusal costs one exchange and not the session. They are not kept longer: a card that is laid down again
    shows another random identifier (ISO/IEC 14443-3), and we keep nothing that would recognise it.
    """

    extended_max: int | None = None
    long_keys: bool = False


class FileReader:
    """Reads elementary files of the selected application; remembers for the session what the chip refused."""

    def __init__(self, chip: Chip, limits: ReadLimits) -> None:
        self._chip = chip
        self._limits = limits
        self._short_max = chip.session.short_read_max if chip.session else SHORT_LE_MAX
        self._extended_proved = False
        self._by_short_identifier = True

    @property
    def chunk(self) -> int:
        return self._limits.extended_max or self._short_max

    @property
    def extended(self) -> bool:
        """Whether extended length is in use."""
        return self._limits.extended_max is not None

    @property
    def takes_long_keys(self) -> bool:
        """Whether the commands of key agreement may have extended length."""
        return self._limits.long_keys

    @property
    def short_max(self) -> int:
        """How many bytes one short answer carries."""
        return self._short_max

    def read_one_byte(self) -> None:
        """Read the first byte of EF.COM, which every chip has: the cheapest command there is. Raises as ``read``."""
        self._read_binary(0x80 | ElementaryFile.COM.short_identifier, 0, 1)

    def session_changed(self) -> None:
        """Chip authentication changed the cipher: another amount fits a short answer."""
        if self._chip.session:
            self._short_max = min(self._short_max, self._chip.session.short_read_max)

    def find(self, file: ElementaryFile, progress: Progress | None = None) -> bytes | None:
        """Return the file's bytes, None when the chip refuses it: absent, kept closed, or for whatever reason.

        Raises as ``read`` otherwise.
        """
        try:
            return self.read(file, progress)
        except StatusWordError:
            return None

    def read(self, file: ElementaryFile, progress: Progress | None = None) -> bytes:
        """Return the file's bytes, exactly as long as its outer data object.

        Raises StatusWordError when the chip refuses it from the start, MalformedData for a wrong tag, an absurd length
        or an end before its time, ProtocolViolation.
        """
        content = self._read_start(file)
        header = tlv.read_header(content, file.label)
        if header.tag != file.tag:
            raise MalformedData(file.label, f"tag {header.tag:X} instead of {file.tag:X}")
        if header.total > file.size_max:
            raise MalformedData(file.label, f"{header.total} bytes announced")
        parts = [content[: header.total]]
        done = len(parts[0])
        while done < header.total:
            if progress:
                progress(done, header.total)
            part, sw = self._read_at(done, min(self.chunk, header.total - done))
            if not part:
                raise MalformedData(file.label, f"ends after {done} of {header.total} bytes (SW={sw:04X})")
            parts.append(part[: header.total - done])
            done += len(parts[-1])
        if progress:
            progress(done, header.total)
        return b"".join(parts)

    def _read_start(self, file: ElementaryFile) -> bytes:
        """Return the file's first bytes, as many as one answer gives; selects it on the way."""
        if self._by_short_identifier:
            data, sw = self._read_binary(0x80 | file.short_identifier, 0, self.chunk)
            if data and sw in (SW_OK, SW_END_OF_FILE):
                return data
            if sw not in _NO_SHORT_IDENTIFIER:
                raise StatusWordError(f"READ {file.label}", sw)
            self._by_short_identifier = False
        identifier = file.identifier.to_bytes(2, "big")
        self._chip.send(f"SELECT {file.label}", CommandApdu(0, 0xA4, 0x02, 0x0C, identifier))
        data, sw = self._read_binary(0, 0, self.chunk)
        if sw not in (SW_OK, SW_END_OF_FILE):
            # Some chips refuse to read beyond a file's end: its header alone is always there.
            data, sw = self._read_binary(0, 0, 4)
        if not data or sw not in (SW_OK, SW_END_OF_FILE):
            raise StatusWordError(f"READ {file.label}", sw)
        return data

    def _read_at(self, offset: int, length: int) -> tuple[bytes, int]:
        """Return bytes from ``offset`` on and the status word; no bytes when the chip refuses."""
        if offset > _OFFSET_MAX:
            return self._read_far(offset, length)
        data, sw = self._read_binary(offset >> 8, offset & 0xFF, length)
        return (data if sw in (SW_OK, SW_END_OF_FILE) else b""), sw

    def _read_far(self, offset: int, length: int) -> tuple[bytes, int]:
        """READ BINARY with odd INS: the offset goes in DO54, the bytes come in DO53 (ISO/IEC 7816-4, 11.2.3)."""
        where = tlv.encode(_OFFSET_OBJECT, offset.to_bytes(4, "big").lstrip(b"\x00"))
        le = min(length + _DATA_OBJECT_OVERHEAD, self.chunk)
        data, sw = self._exchange(CommandApdu(0, 0xB1, 0, 0, where, le))
        if not data or sw not in (SW_OK, SW_END_OF_FILE):
            return b"", sw
        return tlv.parse_one(data, "READ BINARY (odd)", _DATA_OBJECT).value, sw

    def _read_binary(self, p1: int, p2: int, length: int) -> tuple[bytes, int]:
        return self._exchange(CommandApdu(0, 0xB0, p1, p2, le=length))

    def _exchange(self, command: CommandApdu) -> tuple[bytes, int]:
        """One READ BINARY that asks for less when the chip says that it was too much."""
        length = command.le or SHORT_LE_MAX
        while True:
            extended = self._limits.extended_max is not None and length > self._short_max
            data, sw = self._exchange_once(replace(command, le=length, extended=extended))
            if sw >> 8 == 0x6C:  # protected: the chip tells what there is
                data, sw = self._exchange_once(replace(command, le=sw & 0xFF or SHORT_LE_MAX))
            if sw != SW_WRONG_LENGTH or not self._ask_for_less(extended, length):
                return data, sw
            length = min(length, self.chunk)

    def _exchange_once(self, command: CommandApdu) -> tuple[bytes, int]:
        try:
            answer = self._chip.exchange(command)
        except (ProtocolViolation, CardRemoved) as error:
            # A chip or a reader that cannot carry it may break off instead of refusing; a card that is really gone
            # shows at once when it is opened again.
            if command.extended and not self._extended_proved:
                raise ExtendedLengthRefused("the session broke at an extended read") from error
            raise
        self._extended_proved = self._extended_proved or command.extended
        return answer

    def _ask_for_less(self, extended: bool, length: int) -> bool:
        if extended:
            smaller = length // 2
            self._limits = replace(self._limits, extended_max=smaller if smaller > 2 * self._short_max else None)
            return True
        steps = [step for step in _SHORT_STEPS if step < min(length, self._short_max)]
        if not steps:
            return False
        self._short_max = steps[0]
        return True
