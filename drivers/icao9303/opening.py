"""Opening a chip: find out what it speaks, take the password that is known, select the application.

The order follows what was reported of Vietnamese cards: EF.CardAccess by direct SELECT (SELECT MF answers 6D00), PACE
with the CAN, and BAC with candidate expiry dates for chips without PACE or passwords without CAN.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from drivers.errors import AccessDenied, CardRemoved, DriverError, MalformedData, ProtocolViolation, StatusWordError
from drivers.icao9303 import der
from drivers.icao9303.bac import open_bac
from drivers.icao9303.chip import Chip
from drivers.icao9303.data_groups import APPLICATION, ElementaryFile
from drivers.icao9303.files import (
    DEFAULT_EXTENDED_READ_MAX,
    SW_END_OF_FILE,
    SW_WRONG_LENGTH,
    ExtendedLengthRefused,
    FileReader,
    ReadLimits,
)
from drivers.icao9303.keys import mrz_information, mrz_secret
from drivers.icao9303.pace import (
    SET_TEMPLATE,
    ChipMapping,
    PacePassword,
    PaceSession,
    PasswordKind,
    open_pace,
    usable_pace,
)
from drivers.icao9303.passwords import MAX_CANDIDATES
from drivers.icao9303.reading import Access, ChipPasswords
from drivers.icao9303.security_infos import PaceInfo, parse_security_infos
from drivers.smartcard import tlv
from drivers.smartcard.apdu import SHORT_LE_MAX, SW_OK, CommandApdu
from drivers.smartcard.capabilities import card_capabilities

AccessChoice = Literal["auto", "pace", "bac"]

SLOW_REFUSAL_S: Final = 1.5
"""A refusal that is longer on its way is the chip's defence against guessing: no further password is tried."""

_MASTER_FILE: Final = CommandApdu(0, 0xA4, 0x00, 0x0C, bytes.fromhex("3F00"))
_CARD_ACCESS: Final = CommandApdu(0, 0xA4, 0x02, 0x0C, bytes.fromhex("011C"))
_SELECT_APPLICATION: Final = CommandApdu(0, 0xA4, 0x04, 0x0C, APPLICATION)
_EF_ATR: Final = CommandApdu(0, 0xB0, 0x81, 0, le=256)
_WHAT_CARD_ACCESS: Final = "EF.CardAccess"
_CARD_ACCESS_MAX: Final = 4096
"""Bytes; every way into a chip that the standard knows, announced at once, needs a quarter of it."""

_HEADER_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Opened:
    """``pace`` and ``card_access`` are None on a chip that was opened by BAC and offered no PACE."""

    access: Access
    limits: ReadLimits
    card_access: bytes | None
    pace: PaceInfo | None = None
    chip_mapping: ChipMapping | None = None
    card_security: bytes | None = None
    """Read with chip authentication mapping only: it holds the static key of the proof."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the chip said before any session."""

    card_access: bytes | None
    pace: tuple[PaceInfo, ...]  # what we speak of it, best first
    limits: ReadLimits | None  # None while extended length was not tried


_NO_OFFER: Final = _Offer(None, (), None)


def open_chip(chip: Chip, passwords: ChipPasswords, *, access: AccessChoice = "auto", extended: bool = True) -> Opened:
    """Return how the chip was opened; its session stands and the application is selected.

    ``extended`` False keeps to short length. Raises AccessDenied when every password was refused or none fits,
    StatusWordError, ProtocolViolation and MalformedData for a chip that is none of ours.
    """
    extended = extended and chip.connection.supports_extended_length
    offer = _read_offer(chip, extended) if access != "bac" else _NO_OFFER
    return _Opening(chip, offer, extended).run(_stages(offer, passwords, access), access)


@dataclass(frozen=True, slots=True)
class _Stage:
    """One protocol with the secrets of one kind, in the order to try."""

    access: Access
    kind: PasswordKind
    secrets: tuple[bytes, ...]
    """The CAN, or MRZ informations."""


def _stages(offer: _Offer, passwords: ChipPasswords, access: AccessChoice) -> list[_Stage]:
    """The CAN by PACE first. MRZ secrets by BAC where the CAN came before (cheaper to be wrong with), else by PACE."""
    stages: list[_Stage] = []
    informations = _mrz_informations(passwords)
    if offer.pace and passwords.can:
        stages.append(_Stage("PACE-CAN", PasswordKind.CAN, (passwords.can.encode(),)))
    by_mrz: list[Access] = ["BAC", "PACE-MRZ"] if passwords.can else ["PACE-MRZ", "BAC"]
    refused_by_choice = {"auto": (), "pace": ("BAC",), "bac": ("PACE-MRZ",)}[access]
    for one in by_mrz:
        if informations and one not in refused_by_choice and (one == "BAC" or offer.pace):
            stages.append(_Stage(one, PasswordKind.MRZ, informations))
    return stages


class _Opening:
    def __init__(self, chip: Chip, offer: _Offer, extended: bool) -> None:
        self._chip = chip
        self._offer = offer
        self._extended = extended
        self._limits = offer.limits
        self._started = False
        self._tried: list[Access] = []

    def run(self, stages: list[_Stage], access: AccessChoice) -> Opened:
        refused: set[PasswordKind] = set()
        trouble: DriverError | None = None
        for stage in stages:
            if stage.kind in refused:
                continue  # the same secrets, refused already by the other protocol
            try:
                opened = self._run_stage(stage)
            except ExtendedLengthRefused:
                raise
            except (StatusWordError, ProtocolViolation, MalformedData) as error:
                trouble = error  # the chip does not speak this protocol as we do: the next one
                continue
            if opened:
                return opened
            refused.add(stage.kind)
        # A chip that offers PACE and refuses it may still speak BAC: with its CAN alone that could not be tried, so
        # that more has to be known of the card, and its chip is not to blame.
        asks_for_more = access == "auto" and _refuses_pace(trouble) and not any(_is_by_mrz(stage) for stage in stages)
        if trouble and not self._tried and not asks_for_more:
            raise trouble
        raise AccessDenied(tuple(self._tried))

    def _run_stage(self, stage: _Stage) -> Opened | None:
        """Return None when the chip refused every secret; raises when it refuses the protocol."""
        for secret in stage.secrets:
            if self._started:
                self._chip.reset()
            self._started = True
            self._chip.begin_try()
            opened = self._open(stage, secret)
            if opened:
                return opened
            self._tried.append(stage.access)
            # Some chips take their time at the refusal, others at the first step of the try after it.
            if self._chip.slowest_exchange_s > SLOW_REFUSAL_S:
                raise AccessDenied(tuple(self._tried), delayed=True)
        return None

    def _open(self, stage: _Stage, secret: bytes) -> Opened | None:
        if stage.access == "BAC":
            return self._open_by_bac(secret)
        password = PacePassword(stage.kind, secret if stage.kind is PasswordKind.CAN else mrz_secret(secret))
        info, pace = self._open_by_pace(password)
        if pace is None:
            return None
        self._chip.session = pace.session
        limits = self._limits or ReadLimits()
        # EF.CardSecurity stands beside the application: it must be read before SELECT leads away.
        card_security = _find_card_security(self._chip, limits) if pace.chip_mapping else None
        self._chip.send("SELECT application", _SELECT_APPLICATION)
        offer = self._offer
        return Opened(stage.access, limits, offer.card_access, info, pace.chip_mapping, card_security)

    def _open_by_pace(self, password: PacePassword) -> tuple[PaceInfo, PaceSession | None]:
        """Try the ways the chip announced until it goes along with one; that one's answer to the password counts."""
        *others, last = self._offer.pace
        for info in others:
            try:
                return info, open_pace(self._chip, info, password)
            except StatusWordError as error:
                if not _refuses_pace(error):  # announced, and not spoken after all
                    raise
        return last, open_pace(self._chip, last, password)

    def _open_by_bac(self, information: bytes) -> Opened | None:
        if self._limits is None:
            self._limits = _probe_by_select(self._chip, self._extended)
        else:
            self._chip.send("SELECT application", _SELECT_APPLICATION)
        session = open_bac(self._chip, information)
        if session is None:
            return None
        self._chip.session = session
        return Opened("BAC", self._limits, self._offer.card_access, self._offer.pace[0] if self._offer.pace else None)


def _is_by_mrz(stage: _Stage) -> bool:
    return stage.kind is PasswordKind.MRZ


def _refuses_pace(error: DriverError | None) -> bool:
    """Whether the chip refused the protocol before any password was used."""
    return isinstance(error, StatusWordError) and error.command == SET_TEMPLATE


def _mrz_informations(passwords: ChipPasswords) -> tuple[bytes, ...]:
    number, born_on = passwords.document_number, passwords.born_on
    if number is None or born_on is None:
        return ()
    pairs = [(born_on, expires_on) for expires_on in passwords.expiries]
    pairs[1:1] = [(other, passwords.expiries[0]) for other in passwords.other_births if passwords.expiries]
    return tuple(mrz_information(number, *pair) for pair in pairs[:MAX_CANDIDATES])


def _find_card_security(chip: Chip, limits: ReadLimits) -> bytes | None:
    try:
        return FileReader(chip, limits).find(ElementaryFile.CARD_SECURITY)
    except (StatusWordError, MalformedData):
        return None  # the proof it serves is then not made, which the verdict says


def _probe_by_select(chip: Chip, extended: bool) -> ReadLimits:
    """SELECT the application by an extended command: the only probe left where EF.CardAccess gave none."""
    if extended:
        _, sw = _exchange_extended(chip, replace(_SELECT_APPLICATION, extended=True))
        if sw == SW_OK:
            return ReadLimits(DEFAULT_EXTENDED_READ_MAX, long_keys=True)
    chip.send("SELECT application", _SELECT_APPLICATION)
    return _short_reads(chip, extended)


def _read_offer(chip: Chip, extended: bool) -> _Offer:
    """Read EF.CardAccess: by direct SELECT, after the MF, after the application; any refusal means "no PACE"."""
    for before in (None, _MASTER_FILE, _SELECT_APPLICATION):
        if before and chip.exchange(before)[1] != SW_OK:
            continue
        if chip.exchange(_CARD_ACCESS)[1] == SW_OK:
            content, limits = _read_selected(chip, extended)
            if content is not None and limits is not None:
                return _Offer(content, _pace_of(content, limits.long_keys), limits)
    return _NO_OFFER


def _read_selected(chip: Chip, extended: bool) -> tuple[bytes | None, ReadLimits | None]:
    """Read the selected file. The first try is an extended one: outside a session a refusal is free."""
    if extended and (start := _read_start(chip, extended=True)):
        return _read_rest(chip, start), ReadLimits(_extended_max(chip), long_keys=True)
    start = _read_start(chip, extended=False)
    return (_read_rest(chip, start), _short_reads(chip, extended)) if start else (None, None)


def _short_reads(chip: Chip, extended: bool) -> ReadLimits:
    """Return the limits of a chip that refuses extended reads; what it says of itself then counts for its keys."""
    return ReadLimits(long_keys=extended and card_capabilities(chip.connection.atr).extended_length)


def _read_start(chip: Chip, *, extended: bool) -> bytes:
    """Return the first bytes of the selected file, most often all of them; none when the chip refuses."""
    whole = DEFAULT_EXTENDED_READ_MAX if extended else SHORT_LE_MAX
    for le in (whole, _HEADER_BYTES):  # some chips refuse to read beyond a file's end: its header is always there
        data, sw = _exchange_extended(chip, CommandApdu(0, 0xB0, 0, 0, le=le, extended=extended))
        if data and sw in (SW_OK, SW_END_OF_FILE):
            return data
        if sw == SW_WRONG_LENGTH:
            break
    return b""


def _read_rest(chip: Chip, start: bytes) -> bytes:
    """Return the file that begins with ``start``, as far as the chip gives it; its parser sees whether that is all."""
    content = start
    try:
        total = min(tlv.read_header(start, _WHAT_CARD_ACCESS).total, _CARD_ACCESS_MAX)
    except MalformedData:
        return content
    while len(content) < total:
        le = min(SHORT_LE_MAX, total - len(content))
        data, sw = chip.exchange(CommandApdu(0, 0xB0, len(content) >> 8, len(content) & 0xFF, le=le))
        if not data or sw not in (SW_OK, SW_END_OF_FILE):
            break
        content += data
    return content


def _exchange_extended(chip: Chip, command: CommandApdu) -> tuple[bytes, int]:
    try:
        return chip.exchange(command)
    except CardRemoved as error:
        if not command.extended:
            raise
        # A reader that cannot carry it breaks the exchange off as if the card were gone; a reset will tell.
        raise ExtendedLengthRefused("the reader broke off at an extended command") from error


def _extended_max(chip: Chip) -> int:
    """Return how much one protected answer may carry: what EF.ATR/INFO says (ICAO 9303-10, 3.11.1), or the default."""
    data, sw = chip.exchange(_EF_ATR)
    if sw not in (SW_OK, SW_END_OF_FILE):
        return DEFAULT_EXTENDED_READ_MAX
    try:
        limits = tlv.get(tlv.parse(data, "EF.ATR/INFO"), 0x7F66, "EF.ATR/INFO").children("EF.ATR/INFO")
        _, answer_max = (der.integer(one, "EF.ATR/INFO") for one in limits)
    except (MalformedData, ValueError):
        return DEFAULT_EXTENDED_READ_MAX
    protection = 64  # DO87 header and padding, DO99, DO8E, status word, rounded up
    return max(min(answer_max, 65536) - protection, 256)


def _pace_of(card_access: bytes, long_keys: bool) -> tuple[PaceInfo, ...]:
    try:
        return usable_pace(parse_security_infos(card_access, _WHAT_CARD_ACCESS).pace, extended=long_keys)
    except MalformedData:
        return ()  # unreadable is as good as absent: BAC is the way left
