"""Reading one chip from first command to verdict, in the order in which a screen needs it.

First what names the person (DG1, DG13), then what proves it (SOD, DG14, DG15 and the chip's own keys), the photo last.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final

from drivers.codec.recognise import IdCardCode
from drivers.errors import MalformedData
from drivers.icao9303.chip import Chip
from drivers.icao9303.data_groups import (
    AdditionalDetails,
    ElementaryFile,
    parse_additional_details,
    parse_com,
    parse_dg1,
    parse_dg2,
)
from drivers.icao9303.dg13 import VietnameseData, parse_dg13
from drivers.icao9303.files import ExtendedLengthRefused, FileReader
from drivers.icao9303.identity import chip_identity, contradictions_within, differences
from drivers.icao9303.mrz import Mrz
from drivers.icao9303.opening import AccessChoice, Opened, open_chip
from drivers.icao9303.passive_authentication import SecurityObject, check_signature, parse_security_object
from drivers.icao9303.progress import Progress, Stopwatch
from drivers.icao9303.proving import CopyFindings, check_for_copy, check_mapping, parse_dg14
from drivers.icao9303.reading import (
    AccessOpened,
    Assurance,
    Check,
    ChipIdentity,
    ChipPasswords,
    ChipProof,
    ChipReading,
    IdentityAvailable,
    Observer,
    Photo,
    ProofAvailable,
    ReadingEvent,
)
from drivers.icao9303.security_infos import SecurityInfos
from drivers.icao9303.signatures import UnsupportedAlgorithm
from drivers.icao9303.trust import EMPTY_TRUST_STORE, TrustStore
from drivers.icao9303.verdict import judge
from drivers.smartcard.base import CardConnection

_File = ElementaryFile

_COPY_PROOFS: Final = (_File.DG14, _File.DG15)


VIETNAM: Final = timezone(timedelta(hours=7))  # the whole year since 1975


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read. ``trust``: the issuers known; ``code``: the card's QR where it was shown, compared with the chip.

    ``extended`` False keeps to short length; ``prove`` False leaves the verdict at "read".
    """

    access: AccessChoice = "auto"
    extended: bool = True
    photo: bool = True
    prove: bool = True
    trust: TrustStore = EMPTY_TRUST_STORE
    code: IdCardCode | None = None
    time_limit_s: float = 60.0
    """Of the whole reading, whatever each exchange takes; the slowest honest card needs a quarter of it."""

    clock: Callable[[], datetime] = _now
    zone: tzinfo = VIETNAM
    """Whose day it is: before seven in the morning a day in Viet Nam is not yet one in UTC."""

    @property
    def today(self) -> date:
        """The day that decides whether a document is out of date: its last day is good to midnight here."""
        return self.clock().astimezone(self.zone).date()


def _nobody(event: ReadingEvent) -> None:
    pass


def read_chip(
    connection: CardConnection,
    passwords: ChipPasswords,
    *,
    options: ReadOptions | None = None,
    observer: Observer = _nobody,
) -> ChipReading:
    """Return what the chip said and what it proves; ``observer`` hears of every step in this thread.

    A chip that contradicts itself or the code shown is a returned verdict, not an exception. Raises CardRemoved,
    DeviceTimeout, DeviceUnavailable, AccessDenied, StatusWordError, ProtocolViolation and MalformedData (no usable
    DG1). A chip or reader that breaks off at extended length is read once more with short length.
    """
    options = options or ReadOptions()
    chip = Chip(connection, options.time_limit_s)
    try:
        return _Reading(chip, options, observer, extended=options.extended).run(passwords)
    except ExtendedLengthRefused:
        chip.reset()
        return _Reading(chip, options, observer, extended=False).run(passwords)


class _Reading:
    """One session's reading; used once."""

    def __init__(self, chip: Chip, options: ReadOptions, observer: Observer, *, extended: bool) -> None:
        self._chip = chip
        self._options = options
        self._observer = observer
        self._extended = extended
        self._watch = Stopwatch()
        self._files: dict[ElementaryFile, bytes] = {}
        self._reasons: list[str] = []
        self._copy = CopyFindings(Check.SKIPPED, Check.SKIPPED)
        self._passive = Check.SKIPPED
        self._issuer: str | None = None
        self._security_object: SecurityObject | None = None

    def run(self, passwords: ChipPasswords) -> ChipReading:
        with self._watch.step("total"):
            with self._watch.step("opening"):
                opened = open_chip(self._chip, passwords, access=self._options.access, extended=self._extended)
            self._observer(AccessOpened(opened.access))
            self._reader = FileReader(self._chip, opened.limits)
            self._progress = Progress(self._observer, self._wanted())
            with self._watch.step("identity"):
                identity = self._read_identity()
            self._observer(IdentityAvailable(identity))
            suite = self._suite()
            if self._options.prove:
                self._prove(opened)
                self._observer(ProofAvailable(*judge(self._reasons)))
            else:
                self._reasons.append("pa.skipped")
            photo = self._read_photo() if self._options.photo and not self._copy.session_lost else None
            assurance, reasons = judge(self._reasons)
        code = self._options.code
        proof = ChipProof(
            secure_messaging=suite,
            passive_authentication=self._passive,
            active_authentication=self._copy.active,
            chip_authentication=self._copy.chip,
            issuer=self._issuer,
            differences=differences(identity, code) if code else (),
        )
        return ChipReading(
            access=opened.access,
            identity=identity,
            assurance=assurance,
            reasons=reasons,
            photo=photo,
            files={file.label: content for file, content in self._files.items()},
            apdus=self._chip.apdus,
            timings_ms=self._timings(),
            proof=proof,
        )

    def _suite(self) -> str:
        assert self._chip.session
        return self._chip.session.suite.value

    def _wanted(self) -> tuple[ElementaryFile, ...]:
        proof = (_File.COM, _File.SOD, _File.DG14, _File.DG15) if self._options.prove else ()
        return (_File.DG1, _File.DG13, *proof, *((_File.DG2,) if self._options.photo else ()))

    def _find(self, file: ElementaryFile) -> bytes | None:
        try:
            content = self._reader.find(file, self._progress.of(file))
        except MalformedData:
            if file is not _File.COM:  # unsigned, and nothing rests on it
                self._reasons.append(f"file.broken.{file.label.removeprefix('EF.').lower()}")
            raise
        if content is None:
            self._progress.absent(file)
        else:
            self._files[file] = content
        return content

    # Who is it

    def _read_identity(self) -> ChipIdentity:
        content = self._reader.read(_File.DG1, self._progress.of(_File.DG1))
        self._files[_File.DG1] = content
        mrz = parse_dg1(content)
        vietnamese = self._read_vietnamese(mrz) if mrz.personal_number else None
        details = None if vietnamese else self._read_details()
        today = self._options.today
        identity = chip_identity(mrz, vietnamese, details, today)
        if identity.expires_on and identity.expires_on < today.isoformat():
            self._reasons.append("document.expired")
        if self._options.code:
            self._reasons += [f"code.differs.{one}" for one in differences(identity, self._options.code)]
        return identity

    def _read_vietnamese(self, mrz: Mrz) -> VietnameseData | None:
        try:
            content = self._find(_File.DG13)
            if content is None:
                self._reasons.append("dg13.absent")
                return None
            vietnamese = parse_dg13(content)
        except MalformedData:
            self._reasons.append("dg13.unreadable")
            return None
        contradictions = contradictions_within(mrz, vietnamese, self._options.today)
        self._reasons += [f"dg13.contradicts_dg1.{field}" for field in contradictions]
        return vietnamese

    def _read_details(self) -> AdditionalDetails | None:
        """Passports, and ID cards without a DG13 we can read: the full name stands in DG11 where EF.COM says so."""
        announced = self._announced()
        try:
            dg11 = self._find(_File.DG11) if 11 in announced else None
            dg12 = self._find(_File.DG12) if 12 in announced else None
            return parse_additional_details(dg11, dg12)
        except MalformedData:
            self._reasons.append("dg11.unreadable")
            return None

    def _announced(self) -> frozenset[int]:
        try:
            content = self._files.get(_File.COM) or self._find(_File.COM)
            return parse_com(content) if content else frozenset()
        except MalformedData:
            return frozenset()

    # What proves it

    def _prove(self, opened: Opened) -> None:
        with self._watch.step("proof_files"):
            announced = self._announced()
            sod = self._find_or_none(_File.SOD)
            security_object = self._parse_security_object(sod)
            # What the issuer signed is there; EF.COM is asked only where nothing is signed.
            present = security_object.hashes if security_object else announced
            infos = self._read_infos() if 14 in present else SecurityInfos()
            dg15 = self._find_or_none(_File.DG15) if 15 in present else None
            self._check_announced(announced, security_object)
            if security_object and any(file.number in present and file not in self._files for file in _COPY_PROOFS):
                self._reasons.append("copy.withheld")
        now = self._options.clock()
        with self._watch.step("passive_authentication"):
            if security_object:
                self._check_signed(security_object, now)
        with self._watch.step("copy_check"):
            mapping = check_mapping(opened, infos, self._options.trust, now)
            if mapping:
                self._reasons.append(mapping)
            if opened.pace and infos.pace and opened.pace not in infos.pace:
                self._reasons.append("pace.downgraded")
            self._copy = check_for_copy(self._chip, self._reader, infos, dg15)
            self._reasons += self._copy.reasons

    def _find_or_none(self, file: ElementaryFile) -> bytes | None:
        """A file that is no file (wrong tag, absurd length) proves as little as one that is not there."""
        try:
            return self._find(file)
        except MalformedData:
            return None

    def _parse_security_object(self, sod: bytes | None) -> SecurityObject | None:
        if sod is None:
            self._passive = Check.ABSENT
            self._reasons.append("pa.no_sod")
            return None
        try:
            return parse_security_object(sod)
        except MalformedData:
            self._reasons.append("pa.sod_unreadable")
        except UnsupportedAlgorithm:
            self._reasons.append("pa.algorithm_unknown")
        self._passive = Check.UNSUPPORTED
        return None

    def _read_infos(self) -> SecurityInfos:
        content = self._find_or_none(_File.DG14)
        try:
            return parse_dg14(content) if content else SecurityInfos()
        except MalformedData:
            self._reasons.append("dg14.unreadable")
            return SecurityInfos()

    def _check_announced(self, announced: frozenset[int], security_object: SecurityObject | None) -> None:
        # Finger prints (DG3) are announced and kept closed; of the others EF.COM must not promise what nobody signed.
        signed = set(security_object.hashes) if security_object else announced
        if announced - signed:
            self._reasons.append("com.lists_absent")

    def _check_signed(self, security_object: SecurityObject, now: datetime) -> None:
        try:
            findings = check_signature(security_object.signed, self._options.trust, now)
        except MalformedData:
            self._passive = Check.UNSUPPORTED
            self._reasons.append("pa.sod_unreadable")
            return
        self._issuer = findings.issuer
        self._security_object = security_object
        hashes = security_object.hash_reasons(self._data_groups())
        self._reasons += [*findings.reasons, *hashes]
        contradicted = judge([*findings.reasons, *hashes])[0] is Assurance.CONTRADICTED
        self._passive = Check.INVALID if contradicted else Check.VALID if findings.sound else Check.UNSUPPORTED

    def _data_groups(self) -> dict[int, bytes]:
        return {file.number: content for file, content in self._files.items() if file.number is not None}

    # The photo

    def _read_photo(self) -> Photo | None:
        with self._watch.step("photo"):
            try:
                content = self._find(_File.DG2)
                photo = parse_dg2(content) if content else None
            except MalformedData:
                self._reasons.append("photo.unreadable")
                photo, content = None, self._files.get(_File.DG2)
            else:
                if photo is None:
                    self._reasons.append("photo.absent")
        if content and self._security_object:
            wrong = self._security_object.hash_reasons({2: content})
            self._reasons += wrong
            if wrong:
                self._passive = Check.INVALID
        return photo

    def _timings(self) -> dict[str, float]:
        """Milliseconds by step, and how the whole divides into waiting for the card and our own computing."""
        exchanges = self._chip.exchange_s * 1000
        timings = {**self._watch.timings_ms, "exchanges": exchanges}
        timings["computing"] = timings["total"] - exchanges
        return {name: round(value, 3) for name, value in timings.items()}
