"""Is the chip the one its issuer signed, or a copy of its files? Runs what the chip offers against copies."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from drivers.errors import MalformedData, ProtocolViolation, StatusWordError
from drivers.icao9303.active_authentication import (
    CHALLENGE_LENGTH,
    parse_dg15,
    signature_length,
    verify_active_authentication,
)
from drivers.icao9303.chip import Chip
from drivers.icao9303.chip_authentication import (
    ChipAuthenticationChoice,
    NeedsExtendedLength,
    authenticate_chip,
    choose_chip_authentication,
    refuses_chip_authentication,
)
from drivers.icao9303.data_groups import ElementaryFile
from drivers.icao9303.files import FileReader
from drivers.icao9303.opening import Opened
from drivers.icao9303.pace import ChipMapping, verify_chip_mapping
from drivers.icao9303.passive_authentication import check_signature
from drivers.icao9303.reading import Check
from drivers.icao9303.security_infos import SecurityInfos, parse_security_infos
from drivers.icao9303.signatures import EcKey, PublicKey, UnsupportedAlgorithm, parse_public_key
from drivers.icao9303.signed_data import parse_signed_data
from drivers.icao9303.trust import TrustStore
from drivers.smartcard import tlv
from drivers.smartcard.apdu import SW_OK, CommandApdu

_SECURITY_OBJECT: Final = "0.4.0.127.0.7.3.2.1"


@dataclass(slots=True)
class CopyFindings:
    """``session_lost``: the chip could not follow under new keys, so nothing more can be read from it."""

    active: Check = Check.ABSENT
    chip: Check = Check.ABSENT
    reasons: list[str] = field(default_factory=list)
    session_lost: bool = False


def parse_dg14(data: bytes) -> SecurityInfos:
    """Return the protocols in EF.DG14. Raises MalformedData."""
    what = ElementaryFile.DG14.label
    return parse_security_infos(tlv.parse_first(data, what, ElementaryFile.DG14.tag).value, what)


def check_mapping(opened: Opened, infos: SecurityInfos, trust: TrustStore, now: datetime) -> str | None:
    """Return the reason code of PACE's chip authentication mapping, None when the chip opened another way."""
    if opened.chip_mapping is None:
        return None
    mapping = opened.chip_mapping
    try:
        key = _signed_mapping_key(mapping, opened.card_security, trust, now)
        if key:
            return "cam.valid" if verify_chip_mapping(mapping, key.point) else "cam.invalid"
        # EF.DG14 may hold the same key, covered by the SOD; or another one, which then says nothing of the mapping.
        key = _mapping_key(mapping, infos)
        return "cam.valid" if key and verify_chip_mapping(mapping, key.point) else "cam.unsupported"
    except (MalformedData, UnsupportedAlgorithm):
        return "cam.unsupported"


def _signed_mapping_key(
    mapping: ChipMapping, card_security: bytes | None, trust: TrustStore, now: datetime
) -> EcKey | None:
    """Return the static key in EF.CardSecurity where its signature holds and its CA is known."""
    if card_security is None:
        return None
    what = ElementaryFile.CARD_SECURITY.label
    signed = parse_signed_data(card_security, what)
    if signed.content_type != _SECURITY_OBJECT or "pa.trusted" not in check_signature(signed, trust, now).reasons:
        return None
    return _mapping_key(mapping, parse_security_infos(signed.content, what))


def _mapping_key(mapping: ChipMapping, infos: SecurityInfos) -> EcKey | None:
    for one in infos.chip_authentication_keys:
        if one.agreement == "ECDH":
            key = parse_public_key(one.key_info)
            if isinstance(key, EcKey) and key.curve == mapping.curve:
                return key
    return None


def check_for_copy(chip: Chip, files: FileReader, infos: SecurityInfos, dg15: bytes | None) -> CopyFindings:
    """Run chip authentication, then active authentication under its keys; each where the chip offers it.

    Raises CardRemoved and the other errors of the link; a session lost right after chip authentication is a finding.
    """
    findings = CopyFindings()
    choice = choose_chip_authentication(infos)
    if choice is None:
        findings.reasons.append("ca.absent")
    else:
        _run_chip_authentication(chip, choice, files, findings)
    if findings.chip is not Check.VALID:
        _run_active_authentication(chip, files, infos, dg15, findings)
        return findings
    # Whether the chip followed shows at the next command only: active authentication is one, else one byte is read.
    try:
        if dg15 is None:
            findings.reasons.append("aa.absent")
            files.read_one_byte()
        else:
            _run_active_authentication(chip, files, infos, dg15, findings)
    except ProtocolViolation:
        findings.chip, findings.active, findings.session_lost = Check.INVALID, Check.SKIPPED, True
        findings.reasons = ["ca.invalid"]
    return findings


def _run_chip_authentication(
    chip: Chip, choice: ChipAuthenticationChoice, files: FileReader, findings: CopyFindings
) -> None:
    try:
        chip.session = authenticate_chip(chip, choice, extended=files.extended, long_keys=files.takes_long_keys)
    except (UnsupportedAlgorithm, MalformedData, NeedsExtendedLength):
        findings.chip = Check.UNSUPPORTED
        findings.reasons.append("ca.unsupported")
    except StatusWordError as error:
        if not refuses_chip_authentication(error):
            raise
        findings.chip = Check.UNSUPPORTED
        findings.reasons.append("ca.refused")
    else:
        files.session_changed()
        findings.chip = Check.VALID
        findings.reasons.append("ca.valid")


def _run_active_authentication(
    chip: Chip, files: FileReader, infos: SecurityInfos, dg15: bytes | None, findings: CopyFindings
) -> None:
    if dg15 is None:
        findings.reasons.append("aa.absent")
        return
    try:
        key = parse_dg15(dg15)
    except (MalformedData, UnsupportedAlgorithm) as error:
        findings.active = Check.UNSUPPORTED
        findings.reasons.append("dg15.unreadable" if isinstance(error, MalformedData) else "aa.unsupported")
        return
    reason = _challenge(chip, files, key, infos)
    findings.active = {"aa.valid": Check.VALID, "aa.invalid": Check.INVALID}.get(reason, Check.UNSUPPORTED)
    findings.reasons.append(reason)


def _challenge(chip: Chip, files: FileReader, key: PublicKey, infos: SecurityInfos) -> str:
    challenge = secrets.token_bytes(CHALLENGE_LENGTH)
    length = signature_length(key)
    extended = files.extended and length > files.short_max
    command = CommandApdu(0, 0x88, 0, 0, challenge, le=length if extended else 256, extended=extended)
    signature, sw = chip.exchange(command)
    if sw == 0x6700:
        return "aa.unsupported"  # a long signature, and no way to carry it
    if sw != SW_OK:
        return "aa.refused"
    try:
        holds = verify_active_authentication(key, challenge, signature, infos.active_authentication)
    except UnsupportedAlgorithm:
        return "aa.unsupported"
    return "aa.valid" if holds else "aa.invalid"
