"""X.509 certificates of document signers and country signing CAs (ICAO 9303-12 clause 7), from their original bytes.

Read by hand because issuers spell curves out, repeat serial numbers and bend other rules of RFC 5280 that a web
library is right to insist on and a card reader must live with.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.signatures import (
    AlgorithmIdentifier,
    PublicKey,
    parse_algorithm,
    parse_public_key,
    verify_signature,
)
from drivers.icao9303.text import clean_text
from drivers.smartcard import tlv

_WHAT: Final = "certificate"

_SUBJECT_KEY_IDENTIFIER: Final = "2.5.29.14"
_KEY_USAGE: Final = "2.5.29.15"
_BASIC_CONSTRAINTS: Final = "2.5.29.19"
_AUTHORITY_KEY_IDENTIFIER: Final = "2.5.29.35"

_ATTRIBUTES: Final = {"2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.5": "SERIALNUMBER"}
_STRINGS: Final = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18

DIGITAL_SIGNATURE: Final = 0
KEY_CERT_SIGN: Final = 5

Name = tuple[tuple[str, str], ...]
"""(attribute OID, text) in order; encodings and case of letters do not matter between a CA and its signers."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """``key_usage`` holds bit numbers (RFC 5280 4.2.1.3), None where the extension is missing."""

    raw: bytes
    signed: bytes
    serial: bytes
    issuer: Name
    subject: Name
    not_before: datetime
    not_after: datetime
    key_info: tlv.Tlv
    algorithm: AlgorithmIdentifier
    signature: bytes
    subject_key_identifier: bytes | None
    authority_key_identifier: bytes | None
    key_usage: frozenset[int] | None
    is_ca: bool

    @property
    def public_key(self) -> PublicKey:
        """Raises MalformedData, UnsupportedAlgorithm."""
        return parse_public_key(self.key_info)

    @property
    def subject_name(self) -> str:
        return display_name(self.subject)

    def is_valid_at(self, instant: datetime) -> bool:
        return self.not_before <= instant <= self.not_after

    def is_signed_by(self, issuer: "Certificate") -> bool:
        """Whether ``issuer``'s key made this certificate's signature. Raises UnsupportedAlgorithm, MalformedData."""
        return verify_signature(issuer.public_key, self.algorithm, self.signed, self.signature)


def display_name(name: Name) -> str:
    """Return ``C=VN, O=.., CN=..``; attributes without a common short name are left out."""
    return ", ".join(f"{_ATTRIBUTES[oid]}={text}" for oid, text in name if oid in _ATTRIBUTES)


def same_name(one: Name, other: Name) -> bool:
    return [(oid, text.casefold()) for oid, text in one] == [(oid, text.casefold()) for oid, text in other]


def parse_certificate(data: bytes) -> Certificate:
    """Return a DER certificate. Raises MalformedData."""
    whole = tlv.parse_one(data, _WHAT)
    body, algorithm, signature = der.sequence(whole, _WHAT, at_least=3)[:3]
    members = list(der.sequence(body, _WHAT, at_least=6))
    if members[0].tag == 0xA0:
        members.pop(0)
    if len(members) < 6:
        raise MalformedData(_WHAT, "members are missing")
    serial, _, issuer, validity, subject, key_info = members[:6]
    not_before, not_after = (_time(one) for one in der.sequence(validity, _WHAT, at_least=2)[:2])
    extensions = _extensions(tlv.find(tuple(members[6:]), 0xA3))
    return Certificate(
        raw=data,
        signed=body.raw,
        serial=serial.value,
        issuer=parse_name(issuer),
        subject=parse_name(subject),
        not_before=not_before,
        not_after=not_after,
        key_info=key_info,
        algorithm=parse_algorithm(algorithm, _WHAT),
        signature=der.bit_string(signature, _WHAT),
        subject_key_identifier=_subject_key_identifier(extensions.get(_SUBJECT_KEY_IDENTIFIER)),
        authority_key_identifier=_authority_key_identifier(extensions.get(_AUTHORITY_KEY_IDENTIFIER)),
        key_usage=_key_usage(extensions.get(_KEY_USAGE)),
        is_ca=_is_ca(extensions.get(_BASIC_CONSTRAINTS)),
    )


def parse_name(one: tlv.Tlv) -> Name:
    """Return a distinguished name. Raises MalformedData."""
    attributes = []
    for relative in der.sequence(one, _WHAT):
        for pair in relative.children(_WHAT):
            oid, text = der.sequence(pair, _WHAT, at_least=2)[:2]
            decoded = clean_text(text.value, _STRINGS.get(text.tag, "latin-1"), _WHAT)
            attributes.append((der.object_identifier(oid, _WHAT), decoded or ""))
    return tuple(attributes)


def _time(one: tlv.Tlv) -> datetime:
    form = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}.get(one.tag)
    if form is None:
        raise MalformedData(_WHAT, "no time where one belongs")
    return parse_time(one)


def parse_time(one: tlv.Tlv) -> datetime:
    """Return the UTC instant of a UTCTime or GeneralizedTime. Raises MalformedData."""
    form = "%y%m%d%H%M%SZ" if one.tag == _UTC_TIME else "%Y%m%d%H%M%SZ"
    text = one.value.decode("ascii", "replace")
    if one.tag == _UTC_TIME and len(text) == 11:
        text = f"{text[:-1]}00Z"  # seconds left out, as X.509 of 1988 allowed
    try:
        instant = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedData(_WHAT, "a time that is none") from error
    # RFC 5280 4.1.2.5.1: two-digit years 50 to 99 are of the last century; strptime turns at 69.
    return instant.replace(year=instant.year - 100) if one.tag == _UTC_TIME and instant.year >= 2050 else instant


def _extensions(one: tlv.Tlv | None) -> dict[str, bytes]:
    if one is None:
        return {}
    found: dict[str, bytes] = {}
    for extension in der.sequence(tlv.parse_one(one.value, _WHAT), _WHAT):
        oid, *_, value = der.sequence(extension, _WHAT, at_least=2)
        if value.tag != der.OCTET_STRING:
            raise MalformedData(_WHAT, "an extension without value")
        found.setdefault(der.object_identifier(oid, _WHAT), value.value)
    return found


def _subject_key_identifier(value: bytes | None) -> bytes | None:
    return tlv.parse_one(value, _WHAT, der.OCTET_STRING).value if value else None


def _authority_key_identifier(value: bytes | None) -> bytes | None:
    if not value:
        return None
    found = tlv.find(der.sequence(tlv.parse_one(value, _WHAT), _WHAT), 0x80)
    return found.value if found else None


def _key_usage(value: bytes | None) -> frozenset[int] | None:
    if not value:
        return None
    bits = tlv.parse_one(value, _WHAT, der.BIT_STRING).value[1:3]
    return frozenset(8 * i + j for i, byte in enumerate(bits) for j in range(8) if byte & (0x80 >> j))


def _is_ca(value: bytes | None) -> bool:
    if not value:
        return False
    flag = tlv.find(der.sequence(tlv.parse_one(value, _WHAT), _WHAT), der.BOOLEAN)
    return flag is not None and flag.value != b"\x00"
