"""The issuers we know: country signing CA certificates in a directory, put there by an administrator.

A file is a DER certificate, PEM certificates, or a CSCA master list (ICAO 9303-12 clause 9; DER). Whoever may write the
directory is trusted: neither validity nor a master list's own signature is checked at loading.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.certificate import Certificate, parse_certificate, same_name
from drivers.icao9303.signed_data import parse_signed_data
from drivers.smartcard import tlv

_MASTER_LIST: Final = "2.23.136.1.1.2"
_SUFFIXES: Final = {".cer", ".crt", ".der", ".pem", ".ml"}
_MAX_FILE: Final = 1 << 24
_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TrustStore:
    certificates: tuple[Certificate, ...] = field(default=())

    def candidates(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """Return the CAs that may have signed ``certificate``: by key identifier where it has one, else by name."""
        wanted = certificate.authority_key_identifier
        if wanted is not None:
            by_key = tuple(one for one in self.certificates if one.subject_key_identifier == wanted)
            if by_key:
                return by_key
        return tuple(
            one
            for one in self.certificates
            if same_name(one.subject, certificate.issuer) and (wanted is None or one.subject_key_identifier is None)
        )


EMPTY_TRUST_STORE: Final = TrustStore()


def load_trust_store(directory: Path) -> TrustStore:
    """Return every certificate in ``directory`` (``.cer .crt .der .pem .ml``).

    Raises MalformedData naming the first file that cannot be used, OSError for a directory that cannot be read.
    """
    found: dict[bytes, Certificate] = {}
    for path in sorted(directory.iterdir()):
        if path.suffix.lower() in _SUFFIXES and path.is_file():
            for one in _load_file(path):
                found.setdefault(one.raw, one)
    return TrustStore(tuple(found.values()))


def _load_file(path: Path) -> list[Certificate]:
    if path.stat().st_size > _MAX_FILE:
        raise MalformedData(path.name, "larger than any master list")
    data = path.read_bytes()
    try:
        if b"-----BEGIN" in data[:4096]:
            encoded = _PEM.findall(data)
            if not encoded:
                raise MalformedData(path.name, "PEM without a certificate")
            return [parse_certificate(base64.b64decode(one)) for one in encoded]
        return parse_master_list(data) if _is_content_info(data) else [parse_certificate(data)]
    except (MalformedData, binascii.Error) as error:
        reason = error.reason if isinstance(error, MalformedData) else "broken base64"
        raise MalformedData(path.name, reason) from error


def parse_master_list(data: bytes) -> list[Certificate]:
    """Return the certificates of a CSCA master list. Raises MalformedData."""
    what = "CSCA master list"
    signed = parse_signed_data(data, what)
    if signed.content_type != _MASTER_LIST:
        raise MalformedData(what, "signed data of another kind")
    members = der.sequence(tlv.parse_one(signed.content, what), what, at_least=2)
    return [parse_certificate(one.raw) for one in tlv.get(members, der.SET, what).children(what)]


def _is_content_info(data: bytes) -> bool:
    members = der.sequence(tlv.parse_one(data, "certificate"), "certificate", at_least=2)
    return members[0].tag == der.OBJECT_IDENTIFIER
