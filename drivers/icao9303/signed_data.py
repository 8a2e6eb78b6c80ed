"""CMS SignedData (RFC 5652) as EF.SOD, EF.CardSecurity and master lists carry it, from its original bytes."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.certificate import Certificate, Name, parse_certificate, parse_name, parse_time, same_name
from drivers.icao9303.signatures import AlgorithmIdentifier, digest, hash_name, parse_algorithm, verify_signature
from drivers.smartcard import tlv

_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNING_TIME: Final = "1.2.840.113549.1.9.5"

_MAX_CERTIFICATES: Final = 16


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """``signed_attributes`` is the encoding that is signed: the bytes as they came, re-tagged as SET OF."""

    issuer: Name | None
    serial: bytes | None
    subject_key_identifier: bytes | None
    digest_algorithm: AlgorithmIdentifier
    signed_attributes: bytes | None
    signature_algorithm: AlgorithmIdentifier
    signature: bytes

    def names(self, certificate: Certificate) -> bool:
        """Whether this signer says that ``certificate`` is its own."""
        if self.subject_key_identifier is not None:
            return certificate.subject_key_identifier == self.subject_key_identifier
        assert self.issuer is not None
        return certificate.serial == self.serial and same_name(certificate.issuer, self.issuer)


@dataclass(frozen=True, slots=True)
class SignedData:
    content_type: str
    content: bytes
    certificates: tuple[bytes, ...]
    signers: tuple[SignerInfo, ...]
    what: str

    def signer_certificate(self, signer: SignerInfo) -> Certificate | None:
        """Return the certificate that ``signer`` names, None when it does not come along. Raises MalformedData."""
        if len(self.certificates) > _MAX_CERTIFICATES:
            raise MalformedData(self.what, "too many certificates")
        return next((one for one in map(parse_certificate, self.certificates) if signer.names(one)), None)

    def digest_holds(self, signer: SignerInfo) -> bool:
        """Whether the signed attributes speak of this content (RFC 5652, 5.4). Raises UnsupportedAlgorithm."""
        if signer.signed_attributes is None:
            return True
        attributes = self._attributes(signer)
        types = [self._one_value(values) for oid, values in attributes if oid == _CONTENT_TYPE]
        digests = [self._one_value(values) for oid, values in attributes if oid == _MESSAGE_DIGEST]
        if len(types) != 1 or len(digests) != 1:
            raise MalformedData(self.what, "signed attributes without content type or digest")
        actual = digest(hash_name(signer.digest_algorithm), self.content)
        same_type = der.object_identifier(types[0], self.what) == self.content_type
        return same_type and hmac.compare_digest(digests[0].value, actual)

    def signature_holds(self, signer: SignerInfo, certificate: Certificate) -> bool:
        """Whether ``certificate``'s key signed. Raises UnsupportedAlgorithm, MalformedData."""
        data = self.content if signer.signed_attributes is None else signer.signed_attributes
        name = hash_name(signer.digest_algorithm)
        return verify_signature(certificate.public_key, signer.signature_algorithm, data, signer.signature, name)

    def signing_time(self, signer: SignerInfo) -> datetime | None:
        """Return when the signer says that it signed."""
        if signer.signed_attributes is None:
            return None
        for oid, values in self._attributes(signer):
            if oid == _SIGNING_TIME:
                return parse_time(self._one_value(values))
        return None

    def _attributes(self, signer: SignerInfo) -> list[tuple[str, tlv.Tlv]]:
        assert signer.signed_attributes is not None
        found = []
        for one in tlv.parse_one(signer.signed_attributes, self.what, der.SET).children(self.what):
            oid, values = der.sequence(one, self.what, at_least=2)[:2]
            found.append((der.object_identifier(oid, self.what), values))
        return found

    def _one_value(self, values: tlv.Tlv) -> tlv.Tlv:
        return tlv.parse_one(values.value, self.what)


def parse_signed_data(data: bytes, what: str) -> SignedData:
    """Return a DER ContentInfo with SignedData. Raises MalformedData."""
    content_info = der.sequence(tlv.parse_one(data, what), what, at_least=2)
    if der.object_identifier(content_info[0], what) != _SIGNED_DATA:
        raise MalformedData(what, "no SignedData")
    members = der.sequence(tlv.parse_one(content_info[1].value, what), what, at_least=4)
    _, _, encapsulated, *rest = members
    content_type, *content = der.sequence(encapsulated, what, at_least=1)
    if not content or content[0].tag != 0xA0:
        raise MalformedData(what, "no content")
    certificates = tlv.find(tuple(rest), 0xA0)
    signers = tlv.get(tuple(rest), der.SET, what).children(what)
    return SignedData(
        content_type=der.object_identifier(content_type, what),
        content=tlv.parse_one(content[0].value, what, der.OCTET_STRING).value,
        certificates=tuple(one.raw for one in certificates.children(what)) if certificates else (),
        signers=tuple(_parse_signer(one, what) for one in signers),
        what=what,
    )


def _parse_signer(one: tlv.Tlv, what: str) -> SignerInfo:
    _, identifier, digest_algorithm, *rest = der.sequence(one, what, at_least=5)
    attributes = None
    if rest[0].tag == 0xA0:
        # The tag is IMPLICIT; what was signed is the SET OF. Nothing after the tag changes.
        attributes = bytes([der.SET]) + rest.pop(0).raw[1:]
    if len(rest) < 2 or rest[1].tag != der.OCTET_STRING:
        raise MalformedData(what, "a signer without signature")
    issuer, serial, key_identifier = None, None, None
    if identifier.tag == 0x80:
        key_identifier = identifier.value
    else:
        name, number = der.sequence(identifier, what, at_least=2)[:2]
        issuer, serial = parse_name(name), number.value
    return SignerInfo(
        issuer=issuer,
        serial=serial,
        subject_key_identifier=key_identifier,
        digest_algorithm=parse_algorithm(digest_algorithm, what),
        signed_attributes=attributes,
        signature_algorithm=parse_algorithm(rest[0], what),
        signature=rest[1].value,
    )
