"""The issuing state's key infrastructure: country signing CA, document signer, and the Document Security Object.

Sources: ICAO 9303-12 (certificate profiles), 9303-10 4.6.2 and Appendix D (EF.SOD), RFC 5652 (CMS).
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from asn1crypto import algos, cms, core, keys, x509

from drivers.simulated.chip.keys import PrivateKey, digest, private_key, public_key_info, sign, signature_algorithm
from drivers.simulated.chip.profile import Issuance, SignatureScheme, Tampering
from drivers.smartcard import tlv

LDS_SECURITY_OBJECT: Final = "2.23.136.1.1.1"
CSCA_MASTER_LIST: Final = "2.23.136.1.1.2"

_CSCA_FROM: Final = datetime(2019, 6, 1, tzinfo=UTC)
_CSCA_UNTIL: Final = datetime(2040, 6, 1, tzinfo=UTC)
_KNOWN, _UNKNOWN = "Invented Country Signing CA", "Invented Country Signing CA of nobody's trust"


def csca_certificate(issuance: Issuance | None = None) -> bytes:
    """Return the DER certificate that a trust store needs for chips of ``issuance``."""
    return _csca((issuance or Issuance()).csca, _KNOWN)


def master_list(certificates: Iterable[bytes], issuance: Issuance | None = None) -> bytes:
    """Return a CSCA master list (ICAO 9303-12 9.2): CMS around ``certificates``, signed by the first one's key."""
    scheme = (issuance or Issuance()).csca
    listed = list(certificates)
    content = tlv.encode(0x30, tlv.encode(0x02, b"\x00") + tlv.encode(0x31, b"".join(sorted(listed))))
    csca = _csca(scheme, _KNOWN)
    signed_at = datetime(2025, 1, 1, tzinfo=UTC)
    return _signed_data(CSCA_MASTER_LIST, content, csca, _csca_key(scheme, _KNOWN), scheme, signed_at)


def security_object(
    files: Mapping[str, bytes],
    *,
    issuance: Issuance,
    tampering: frozenset[Tampering],
    issued_on: date,
) -> bytes:
    """Return EF.SOD over the data groups among ``files`` (names like ``"EF.DG1"``), whole file.

    ``tampering`` is applied as far as it concerns signature, signer or hashes.
    """
    numbered = {int(name.removeprefix("EF.DG")): data for name, data in files.items() if name.startswith("EF.DG")}
    if Tampering.MISSING_HASH in tampering:
        numbered.pop(13, None)
    content = _lds_security_object(numbered, issuance)
    signed_at = datetime.combine(issued_on, time(8), UTC)
    certificate, key = _document_signer(issuance, tampering, issued_on)
    cms_bytes = _signed_content(content, certificate, key, issuance.document_signer, signed_at, tampering)
    return tlv.encode(0x77, cms_bytes)


def card_security(security_infos: bytes, *, issuance: Issuance, issued_on: date) -> bytes:
    """Return EF.CardSecurity (ICAO 9303-10 3.11.4): signed SecurityInfos, among them the key for PACE-CAM."""
    certificate, key = _document_signer(issuance, frozenset(), issued_on)
    signed_at = datetime.combine(issued_on, time(8), UTC)
    scheme = issuance.document_signer
    return _signed_data("0.4.0.127.0.7.3.2.1", security_infos, certificate, key, scheme, signed_at)


def _lds_security_object(groups: Mapping[int, bytes], issuance: Issuance) -> bytes:
    hashed = b"".join(
        tlv.encode(0x30, tlv.encode(0x02, bytes([number])) + tlv.encode(0x04, digest(issuance.digest, data)))
        for number, data in sorted(groups.items())
    )
    algorithm = algos.DigestAlgorithm({"algorithm": issuance.digest}).dump()
    version = tlv.encode(0x02, bytes([issuance.lds_version]))
    info = tlv.encode(0x30, tlv.encode(0x13, b"0107") + tlv.encode(0x13, b"040000")) if issuance.lds_version else b""
    return tlv.encode(0x30, version + algorithm + tlv.encode(0x30, hashed) + info)


def _signed_content(
    content: bytes,
    certificate: bytes,
    key: PrivateKey,
    scheme: SignatureScheme,
    signed_at: datetime,
    tampering: frozenset[Tampering] = frozenset(),
) -> bytes:
    signed_over = content[:-1] + bytes([content[-1] ^ 1]) if Tampering.SIGNED_DIGEST in tampering else content
    whole = _signed_data(LDS_SECURITY_OBJECT, content, certificate, key, scheme, signed_at, signed_over)
    if Tampering.SIGNATURE in tampering:
        # The signature ends the structure; its last byte belongs to s (ECDSA) or to the RSA block.
        return whole[:-1] + bytes([whole[-1] ^ 1])
    return whole


def _document_signer(issuance: Issuance, tampering: frozenset[Tampering], issued_on: date) -> tuple[bytes, PrivateKey]:
    scheme = issuance.document_signer
    key = private_key(scheme.key, "document signer")
    csca_name = _UNKNOWN if Tampering.UNKNOWN_CSCA in tampering else _KNOWN
    csca_key = _csca_key(issuance.csca, csca_name)
    valid_from = datetime.combine(issued_on, time(), UTC) - timedelta(days=60)
    valid_until = valid_from + timedelta(days=15 * 365)
    if Tampering.DS_EXPIRED_AT_SIGNING in tampering:
        valid_until = valid_from + timedelta(days=50)
    elif Tampering.DS_EXPIRED_SINCE in tampering:
        valid_until = valid_from + timedelta(days=150)
    if Tampering.DS_FORGED in tampering:
        csca_key = private_key(issuance.csca.key, "forger")
    usage = {"key_encipherment"} if Tampering.DS_WITHOUT_SIGNING_USAGE in tampering else {"digital_signature"}
    certificate = _certificate(
        subject=_name(f"Invented Document Signer {issued_on.year}"),
        issuer=_name(csca_name),
        public_key=public_key_info(key, explicit_parameters=scheme.explicit_parameters),
        signing_key=csca_key,
        scheme=issuance.csca,
        validity=(valid_from, valid_until),
        extensions=[
            _extension("authority_key_identifier", {"key_identifier": _key_identifier(issuance.csca, csca_name)}),
            _extension("key_usage", usage, critical=True),
        ],
    )
    return certificate, key


@lru_cache(maxsize=16)
def _csca(scheme: SignatureScheme, name: str) -> bytes:
    key = _csca_key(scheme, name)
    return _certificate(
        subject=_name(name),
        issuer=_name(name),
        public_key=public_key_info(key, explicit_parameters=scheme.explicit_parameters),
        signing_key=key,
        scheme=scheme,
        validity=(_CSCA_FROM, _CSCA_UNTIL),
        extensions=[
            _extension("basic_constraints", {"ca": True, "path_len_constraint": 0}, critical=True),
            _extension("key_usage", {"key_cert_sign", "crl_sign"}, critical=True),
            _extension("key_identifier", _key_identifier(scheme, name)),
        ],
    )


def _csca_key(scheme: SignatureScheme, name: str) -> PrivateKey:
    return private_key(scheme.key, name)


def _key_identifier(scheme: SignatureScheme, name: str) -> bytes:
    info = keys.PublicKeyInfo.load(public_key_info(_csca_key(scheme, name)))
    return hashlib.sha1(bytes(info["public_key"]), usedforsecurity=False).digest()  # RFC 5280 4.2.1.2, method 1


def _name(common_name: str) -> x509.Name:
    return x509.Name.build(
        {"country_name": "VN", "organization_name": "Invented for tests and training", "common_name": common_name}
    )


def _extension(kind: str, value: object, *, critical: bool = False) -> dict[str, object]:
    return {"extn_id": kind, "critical": critical, "extn_value": value}


def _certificate(
    *,
    subject: x509.Name,
    issuer: x509.Name,
    public_key: bytes,
    signing_key: PrivateKey,
    scheme: SignatureScheme,
    validity: tuple[datetime, datetime],
    extensions: list[dict[str, object]],
) -> bytes:
    """Return a DER certificate. Made by hand: ``cryptography`` signs none with explicit curve parameters in it."""
    algorithm = signature_algorithm(scheme)
    not_before, not_after = validity
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": int.from_bytes(hashlib.sha256(public_key + subject.dump()).digest()[:8], "big") >> 1,
            "signature": algorithm,
            "issuer": issuer,
            "validity": {
                "not_before": x509.Time(name="utc_time", value=not_before),
                "not_after": x509.Time(name="utc_time", value=not_after),
            },
            "subject": subject,
            "subject_public_key_info": keys.PublicKeyInfo.load(public_key),
            "extensions": extensions,
        }
    )
    signature = sign(body.dump(), signing_key, scheme)
    whole = {"tbs_certificate": body, "signature_algorithm": algorithm, "signature_value": signature}
    return bytes(x509.Certificate(whole).dump())


def _signed_data(
    content_type: str,
    content: bytes,
    certificate: bytes,
    key: PrivateKey,
    scheme: SignatureScheme,
    signed_at: datetime,
    signed_over: bytes | None = None,
) -> bytes:
    """Return a CMS ContentInfo with SignedData of one signer (RFC 5652 5.1), whose digest is of ``signed_over``."""
    hashed = digest(scheme.hash_name, content if signed_over is None else signed_over)
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": [content_type]},
            {"type": "message_digest", "values": [hashed]},
            {"type": "signing_time", "values": [cms.Time(name="utc_time", value=signed_at)]},
        ]
    )
    signer = x509.Certificate.load(certificate)
    digest_algorithm = {"algorithm": scheme.hash_name}
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": {"issuer_and_serial_number": {"issuer": signer.issuer, "serial_number": signer.serial_number}},
            "digest_algorithm": digest_algorithm,
            "signed_attrs": attributes,
            "signature_algorithm": signature_algorithm(scheme),
            # RFC 5652 5.4: signed as an explicit SET OF, not with the implicit tag that stands in the structure.
            "signature": sign(attributes.untag().dump(), key, scheme),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [digest_algorithm],
            "encap_content_info": {"content_type": content_type, "content": core.ParsableOctetString(content)},
            "certificates": [cms.CertificateChoices(name="certificate", value=signer)],
            "signer_infos": [info],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())
