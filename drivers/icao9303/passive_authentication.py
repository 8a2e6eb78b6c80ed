"""Passive authentication (ICAO 9303-11 clause 5): what the issuer signed, and whether it is what the chip holds.

What is found is told in the reason codes of ``verdict.POLICY``; nothing is decided here.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.certificate import DIGITAL_SIGNATURE, KEY_CERT_SIGN, Certificate, display_name
from drivers.icao9303.data_groups import ElementaryFile
from drivers.icao9303.signatures import UnsupportedAlgorithm, digest, hash_name, parse_algorithm
from drivers.icao9303.signed_data import SignedData, SignerInfo, parse_signed_data
from drivers.icao9303.trust import TrustStore
from drivers.smartcard import tlv

LDS_SECURITY_OBJECT: Final = "2.23.136.1.1.1"
_WHAT: Final = ElementaryFile.SOD.label


@dataclass(frozen=True, slots=True)
class SecurityObject:
    """EF.SOD. ``hashes`` maps data group numbers to digests made with ``digest_name``."""

    hashes: Mapping[int, bytes]
    digest_name: str
    signed: SignedData

    def hash_reasons(self, files: Mapping[int, bytes]) -> tuple[str, ...]:
        """Return a reason for each data group that differs from what was signed, or that nobody signed."""
        reasons = []
        for number, content in sorted(files.items()):
            expected = self.hashes.get(number)
            if expected is None:
                reasons.append(f"pa.not_signed.dg{number}")
            elif not hmac.compare_digest(expected, digest(self.digest_name, content)):
                reasons.append(f"pa.hash_wrong.dg{number}")
        return tuple(reasons)


@dataclass(frozen=True, slots=True)
class SignatureFindings:
    """``issuer``: the CA that signed the document signer, or that it names; ``sound``: the signature itself holds."""

    reasons: tuple[str, ...]
    issuer: str | None
    sound: bool


def parse_security_object(data: bytes) -> SecurityObject:
    """Return EF.SOD. Raises MalformedData, UnsupportedAlgorithm (digests of another kind)."""
    outer = tlv.parse_first(data, _WHAT, ElementaryFile.SOD.tag)
    signed = parse_signed_data(outer.value, _WHAT)
    if signed.content_type != LDS_SECURITY_OBJECT:
        raise MalformedData(_WHAT, "signed content of another kind")
    _, algorithm, groups = der.sequence(tlv.parse_one(signed.content, _WHAT), _WHAT, at_least=3)[:3]
    hashes: dict[int, bytes] = {}
    for one in der.sequence(groups, _WHAT):
        number_object, value = der.sequence(one, _WHAT, at_least=2)[:2]
        number = der.integer(number_object, _WHAT)
        if number in hashes or not 1 <= number <= 16 or value.tag != der.OCTET_STRING:
            raise MalformedData(_WHAT, "a data group twice, or none that exists")
        hashes[number] = value.value
    return SecurityObject(hashes, hash_name(parse_algorithm(algorithm, _WHAT)), signed)


def check_signature(signed: SignedData, trust: TrustStore, now: datetime) -> SignatureFindings:
    """Check the signature of ``signed``, its signer, and the CA behind it.

    Raises MalformedData; an algorithm that is not known here is the reason ``pa.algorithm_unknown``.
    """
    if not signed.signers:
        raise MalformedData(signed.what, "nobody signed it")
    signer = signed.signers[0]  # ICAO 9303-10 4.6.2: one signer
    certificate = signed.signer_certificate(signer)
    if certificate is None:
        return SignatureFindings(("pa.no_signer_certificate",), None, sound=False)
    issuer = display_name(certificate.issuer)
    try:
        if not signed.digest_holds(signer):
            return SignatureFindings(("pa.digest_wrong",), issuer, sound=False)
        if not signed.signature_holds(signer, certificate):
            return SignatureFindings(("pa.signature_wrong",), issuer, sound=False)
    except UnsupportedAlgorithm:
        return SignatureFindings(("pa.algorithm_unknown",), issuer, sound=False)
    reasons = (*_signer_reasons(signed, signer, certificate, now), *_issuer_reasons(certificate, trust))
    return SignatureFindings(reasons, issuer, sound=True)


def _signer_reasons(signed: SignedData, signer: SignerInfo, certificate: Certificate, now: datetime) -> list[str]:
    reasons = []
    if certificate.key_usage is not None and DIGITAL_SIGNATURE not in certificate.key_usage:
        reasons.append("pa.ds_usage")
    signed_at = signed.signing_time(signer)
    if signed_at is None:
        reasons.append("pa.signing_time_unknown")
    elif not certificate.is_valid_at(signed_at):
        reasons.append("pa.ds_expired_at_signing")
    if now > certificate.not_after:
        reasons.append("pa.ds_expired")
    return reasons


def _issuer_reasons(certificate: Certificate, trust: TrustStore) -> list[str]:
    candidates = trust.candidates(certificate)
    unsupported = False
    for authority in candidates:
        try:
            if certificate.is_signed_by(authority):
                return _authority_reasons(authority, certificate)
        except (UnsupportedAlgorithm, MalformedData):
            unsupported = True
    wanted = certificate.authority_key_identifier
    names_our_key = wanted is not None and any(one.subject_key_identifier == wanted for one in candidates)
    if names_our_key and not unsupported:
        return ["pa.ds_forged"]
    return ["pa.algorithm_unknown"] if unsupported else ["pa.csca_unknown"]


def _authority_reasons(authority: Certificate, certificate: Certificate) -> list[str]:
    reasons = []
    if not authority.is_ca or (authority.key_usage is not None and KEY_CERT_SIGN not in authority.key_usage):
        reasons.append("pa.csca_usage")
    # The CA had to be valid when it issued the signer; it may expire long before the cards do.
    if not authority.is_valid_at(certificate.not_before):
        reasons.append("pa.csca_expired_at_issuance")
    return reasons or ["pa.trusted"]
