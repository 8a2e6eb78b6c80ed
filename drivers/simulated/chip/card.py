"""The simulated chip: command APDUs in, response APDUs out, byte-strict.

Nothing here waits: ``duration_s`` says what an exchange takes on the simulated link, and whoever holds the chip (a
simulated reader, the link to a virtual one) spends that time.
"""

from collections.abc import Callable
from functools import reduce
from operator import xor
from typing import Final

from drivers.errors import MalformedData, ProtocolViolation
from drivers.icao9303.keys import CipherSuite, mrz_information, mrz_secret
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.simulated.chip import read_binary, status
from drivers.simulated.chip.bac import CHALLENGE_BYTES, BasicAccess
from drivers.simulated.chip.command_chain import CommandChain
from drivers.simulated.chip.faults import FaultPlan, spoilt
from drivers.simulated.chip.file_system import FileSystem, Rights
from drivers.simulated.chip.pace import Pace
from drivers.simulated.chip.personalise import personalise
from drivers.simulated.chip.profile import ChipProfile, PacePassword
from drivers.simulated.chip.proof import ChipAuthenticator, internal_authenticate
from drivers.simulated.chip.randomness import Randomness, SystemRandomness
from drivers.simulated.chip.response_chain import ResponseChain
from drivers.simulated.chip.status import Refused
from drivers.simulated.people import InventedPerson
from drivers.smartcard.apdu import CLA_CHAINED, EXTENDED_LE_MAX, SHORT_LE_MAX, CommandApdu

_CLA_SECURED: Final = 0x0C
_GET_RESPONSE: Final = 0xC0


class Chip:
    """One chip of one person. Sessions live from power-on to power-off; failures are remembered for life."""

    def __init__(
        self, person: InventedPerson, profile: ChipProfile | None = None, randomness: Randomness | None = None
    ) -> None:
        self.person = person
        self.profile = profile or ChipProfile()
        self._contents = personalise(person, self.profile)
        self._randomness = randomness or SystemRandomness()
        self._secrets = _passwords(person)
        self._faults = FaultPlan(self.profile.faults)
        self._failures = 0
        self._session: SecureMessaging | None = None
        self._next_session: SecureMessaging | None = None
        self._chip_authenticator: ChipAuthenticator | None = None
        self._rights = Rights()
        self._chain = ResponseChain(self.profile.get_response)
        self._parts = CommandChain(can_chain=self.profile.command_chaining)
        self._limit = SHORT_LE_MAX
        self._handlers: dict[int, Callable[[CommandApdu], tuple[bytes, int]]] = {
            0x22: self._manage_security_environment,
            0x82: self._external_authenticate,
            0x84: self._get_challenge,
            0x86: self._general_authenticate,
            0x88: self._internal_authenticate,
            0xA4: self._select,
            0xB0: self._read_binary,
            0xB1: self._read_binary,
        }
        self.power_on()

    @property
    def atr(self) -> bytes:
        """The answer to reset as a PC/SC reader makes it for a contactless card (PC/SC part 3, 3.1.3.2.3.1).

        Its historical bytes carry the card capabilities: short file identifiers, chaining, extended length or not.
        """
        lengths = 0x80 * self.profile.command_chaining | 0x40 * self.profile.extended_length
        historical = b"\x80\x73\xc0\x21" + bytes([lengths])
        body = bytes([0x80 | len(historical), 0x80, 0x01]) + historical
        return b"\x3b" + body + bytes([reduce(xor, body)])

    def power_on(self) -> None:
        """Start afresh: no session, nothing selected; power-off is the same."""
        self._files = FileSystem(self._contents.master_file, self._contents.application, self.profile)
        self._faults.power_on()
        self._bac = BasicAccess(self._secrets["MRZ"], self._randomness)
        pace_passwords = {name: value for name, value in self._secrets.items() if name in self.profile.pace_passwords}
        self._pace = Pace(self.profile.pace, pace_passwords, self._contents.cam_key, self._randomness)
        self._end_session()

    def transmit(self, command: bytes) -> bytes:
        """Return the response APDU, status word included. Raises CardPulled or CardMute where a fault says so."""
        fault = self._faults.next()
        data, sw = spoilt(fault, *self._answer(command))
        return data + sw.to_bytes(2, "big")

    def duration_s(self, command: bytes, answer: bytes) -> float:
        """Return how long this exchange takes: the link both ways, the chip's work, and delays after failures."""
        profile = self.profile
        transfer = (len(command) + len(answer)) * 8 / profile.bits_per_second if profile.bits_per_second else 0.0
        authenticates = command[1:2] in (b"\x82", b"\x86")
        penalty = profile.failure_delay_s * self._failures if authenticates else 0.0
        return profile.latency_ms / 1000 + transfer + penalty

    def _answer(self, raw: bytes) -> tuple[bytes, int, bytes]:
        """Return data and status word to send, and the data before protection."""
        try:
            command = CommandApdu.parse(raw)
        except MalformedData:
            return self._broken_off(status.WRONG_LENGTH)
        if command.extended and not self._takes_extended(command.ins):
            return self._broken_off(status.WRONG_LENGTH)
        self._limit = _outer_limit(command, self.profile)
        if command.ins == _GET_RESPONSE and self._chain.waits:
            piece, sw = self._chain.next_piece(self._limit)
            return piece, sw, piece
        self._chain.drop()
        if command.cla & _CLA_SECURED == 0:
            # A plain command ends a session, whatever it is (ICAO 9303-11 clause 9.8.7); then it is a first command.
            self._end_session()
            data, sw = self._execute(command)
            self._session, self._next_session = self._next_session, None
            data, sw = self._chain.answer(command, data, sw, self._limit)
            return data, sw, data
        return self._answer_secured(command)

    def _answer_secured(self, command: CommandApdu) -> tuple[bytes, int, bytes]:
        session = self._session
        if session is None:
            return self._broken_off(status.SECURE_MESSAGING_WRONG)
        try:
            opened = session.unwrap_command(command)
        except ProtocolViolation:
            return self._broken_off(status.SECURE_MESSAGING_WRONG)
        data, sw = self._execute(opened)
        if self._next_session is not None:
            self._session, self._next_session = self._next_session, None
        protected, sw = session.wrap_response(data, sw, odd_ins=bool(opened.ins & 1))
        if not self._chain.carries(len(protected), self._limit):
            return self._broken_off(status.WRONG_LENGTH)
        return *self._chain.answer(command, protected, sw, self._limit), data

    def _execute(self, command: CommandApdu) -> tuple[bytes, int]:
        """Return what a command without its protection answers."""
        if command.cla not in (0, CLA_CHAINED):
            return b"", status.CLA_UNKNOWN
        handler = self._handlers.get(command.ins)
        if handler is None:
            return b"", status.INS_UNKNOWN
        if command.cla == CLA_CHAINED and self._session is None and command.ins != 0x86:
            return b"", status.CLA_UNKNOWN
        if command.ins not in (0x22, 0x86):
            self._pace.abort()
        try:
            # Before a session the bit links the steps of PACE, within one the pieces of a command.
            whole = command if self._session is None else self._parts.collect(command)
            return handler(whole) if whole is not None else (b"", status.OK)
        except Refused as refusal:
            if refusal.sw != status.AUTHENTICATION_FAILED:
                return b"", refusal.sw
            self._failures += 1
            return b"", self.profile.refusal_sw

    # Sessions and answers

    def _takes_extended(self, ins: int) -> bool:
        return self.profile.extended_length and (self.profile.extended_reads or ins not in (0xB0, 0xB1))

    def _end_session(self) -> None:
        self._session = self._next_session = None
        self._rights = Rights(opened=not self.profile.bac and not self.profile.pace)
        self._chip_authenticator = None
        self._chain.drop()
        self._parts.drop()

    def _broken_off(self, sw: int) -> tuple[bytes, int, bytes]:
        """Return an unprotected refusal, with which a session is over."""
        self._end_session()
        return b"", sw, b""

    # Commands

    def _select(self, command: CommandApdu) -> tuple[bytes, int]:
        files, data = self._files, command.data
        if command.p1 == 0x04:
            files.select_application(data)
        elif command.p1 == 0x00 and data in (b"", b"\x3f\x00"):
            files.select_master_file()
        elif command.p1 == 0x02 and len(data) == 2:
            files.select_file(int.from_bytes(data, "big"), self._rights)
        else:
            raise Refused(status.WRONG_P1_P2)
        return b"", status.OK

    def _read_binary(self, command: CommandApdu) -> tuple[bytes, int]:
        wanted = read_binary.parse(command)
        if wanted.short_id is not None:
            self._files.select_short_id(wanted.short_id, self._rights)
        room = self._room_for_data(odd_ins=bool(command.ins & 1))
        return read_binary.answer(self._files.content(self._rights), wanted, room, self.profile)

    def _room_for_data(self, *, odd_ins: bool) -> int:
        if self._session is None:
            return self._limit
        return _largest_plain(self._limit, self._session.suite, padding_indicator=not odd_ins)

    def _get_challenge(self, command: CommandApdu) -> tuple[bytes, int]:
        self._check_bac_is_there()
        if command.le is None or min(command.le, SHORT_LE_MAX) not in (CHALLENGE_BYTES, SHORT_LE_MAX):
            raise Refused(status.WRONG_LENGTH)
        return self._bac.challenge(), status.OK

    def _external_authenticate(self, command: CommandApdu) -> tuple[bytes, int]:
        self._check_bac_is_there()
        answer, self._next_session = self._bac.authenticate(command.data)
        self._rights = Rights(opened=True)
        return answer, status.OK

    def _check_bac_is_there(self) -> None:
        if not self.profile.bac or not self._files.application_selected:
            raise Refused(status.INS_UNKNOWN)
        if self._session is not None:
            raise Refused(status.CONDITIONS_NOT_SATISFIED)

    def _manage_security_environment(self, command: CommandApdu) -> tuple[bytes, int]:
        target = command.p1, command.p2
        if target == (0xC1, 0xA4):
            if not self.profile.pace:
                raise Refused(status.INS_UNKNOWN)
            if self._session is not None:
                raise Refused(status.CONDITIONS_NOT_SATISFIED)
            if self.profile.pace_refusal_sw is not None:
                raise Refused(self.profile.pace_refusal_sw)
            self._pace.set_template(command.data)
        elif target == (0x41, 0xA6):
            self._next_session = self._chip_authentication().set_key_agreement_template(command.data)
        elif target == (0x41, 0xA4):
            self._chip_authentication().set_authentication_template(command.data)
        else:
            raise Refused(status.WRONG_P1_P2)
        return b"", status.OK

    def _general_authenticate(self, command: CommandApdu) -> tuple[bytes, int]:
        if self._pace.running:
            last = command.cla != CLA_CHAINED
            answer, self._next_session = self._pace.general_authenticate(command.data, last=last)
            if self._next_session is not None:
                self._rights = Rights(opened=True, by_pace=True)
            return answer, status.OK
        answer, self._next_session = self._chip_authentication().general_authenticate(command.data)
        return answer, status.OK

    def _chip_authentication(self) -> ChipAuthenticator:
        self._check_session()
        protocol, key = self.profile.chip_authentication, self._contents.chip_authentication_key
        if protocol is None or key is None or not self._files.application_selected:
            raise Refused(status.CONDITIONS_NOT_SATISFIED)
        if self._chip_authenticator is None:
            self._chip_authenticator = ChipAuthenticator(protocol, key)
        return self._chip_authenticator

    def _internal_authenticate(self, command: CommandApdu) -> tuple[bytes, int]:
        self._check_session()
        protocol, key = self.profile.active_authentication, self._contents.active_authentication_key
        if protocol is None or key is None or not self._files.application_selected:
            raise Refused(status.INS_UNKNOWN)
        return internal_authenticate(command.data, protocol, key, self._randomness), status.OK

    def _check_session(self) -> None:
        if not self._rights.opened:
            raise Refused(status.SECURITY_STATUS_NOT_SATISFIED)


def _passwords(person: InventedPerson) -> dict[PacePassword, bytes]:
    expires = person.mrz_expiry
    known: dict[PacePassword, bytes] = {
        "MRZ": mrz_secret(mrz_information(person.document_number, f"{person.born_on:%y%m%d}", expires))
    }
    if person.can is not None:
        known["CAN"] = person.can.encode("ascii")
    return known


def _outer_limit(command: CommandApdu, profile: ChipProfile) -> int:
    """Return how many bytes the answer to a command may have on the link, without its status word."""
    if command.extended:
        return min(profile.max_answer_bytes, command.le or EXTENDED_LE_MAX)
    return SHORT_LE_MAX if command.le is None else command.le


def _largest_plain(limit: int, suite: CipherSuite, *, padding_indicator: bool) -> int:
    """Return how many bytes fit a protected answer of ``limit``: cryptogram, DO99 and DO8E (ICAO 9303-11 9.8.4)."""
    room = limit - 4 - 10
    length_bytes = 1 if room - 2 < 0x80 else 2 if room - 3 < 0x100 else 3
    cryptogram = room - 1 - length_bytes - padding_indicator
    return max(cryptogram // suite.block_size * suite.block_size - 1, 0)
