"""The reader's end in its smallest form, for tests that must see the chip's own answers."""

from collections.abc import Sequence
from dataclasses import replace

from drivers.icao9303.keys import CipherSuite, mrz_information, mrz_secret
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.profile import ChipProfile, Fault
from drivers.simulated.people import InventedPerson, get_person
from drivers.smartcard.apdu import CommandApdu

PERSON = get_person("duc")
SELECT_APPLICATION = CommandApdu(0, 0xA4, 4, 0x0C, bytes.fromhex("A0000002471001"))
READ_DG1 = CommandApdu(0, 0xB0, 0x81, 0, le=256)


class Terminal:
    """BAC with known keys, then protected commands."""

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self.session: SecureMessaging | None = None

    def plain(self, command: CommandApdu) -> tuple[bytes, int]:
        answer = self.chip.transmit(command.encode())
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def secured(self, command: CommandApdu) -> tuple[bytes, int]:
        assert self.session
        return self.session.unwrap_response(*self.plain(self.session.wrap_command(command)))

    def authenticate(self, person: InventedPerson) -> int:
        """Run BAC with the person's key; return the status word of EXTERNAL AUTHENTICATE."""
        suite = CipherSuite.TRIPLE_DES
        information = mrz_information(person.document_number, f"{person.born_on:%y%m%d}", f"{person.expires_on:%y%m%d}")
        encryption, mac = suite.session_keys(mrz_secret(information)[:16])
        self.plain(SELECT_APPLICATION)
        challenge, _ = self.plain(CommandApdu(0, 0x84, 0, 0, le=8))
        cryptogram = suite.encrypt(encryption, bytes(8) + challenge + bytes(16))
        answer, sw = self.plain(CommandApdu(0, 0x82, 0, 0, cryptogram + suite.mac(mac, cryptogram), le=40))
        if sw == 0x9000:
            chip_key = suite.decrypt(encryption, answer[:32])[16:]
            self.session = SecureMessaging(suite, *suite.session_keys(chip_key), challenge[-4:] + bytes(4))
        return sw


def opened(profile: ChipProfile | None = None, faults: Sequence[Fault] = ()) -> Terminal:
    terminal = Terminal(Chip(PERSON, replace(profile or ChipProfile(), faults=tuple(faults))))
    assert terminal.authenticate(PERSON) == 0x9000
    return terminal


class DirectConnection:
    """A ``CardConnection`` without a reader between."""

    supports_extended_length = True

    def __init__(self, chip: Chip) -> None:
        self.atr = chip.atr
        self._chip = chip

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        answer = self._chip.transmit(command)
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def reset(self) -> None:
        self._chip.power_on()

    def close(self) -> None:
        pass
