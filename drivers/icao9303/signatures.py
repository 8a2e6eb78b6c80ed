"""Public keys and signatures of document signers, signing CAs and chips (ICAO 9303-12 clause 4, 9303-11 clause 6.1).

Keys are accepted on the curves of ``curves`` only, whether named or spelled out. Explicit parameters that equal none of
them are refused: a curve can be made up so that a given signature verifies on it.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.curves import CURVES, Curve, Point, curve_by_oid, verify_ecdsa
from drivers.smartcard import tlv

_WHAT: Final = "public key"

RSA: Final = "1.2.840.113549.1.1.1"
RSA_PSS: Final = "1.2.840.113549.1.1.10"
EC_PUBLIC_KEY: Final = "1.2.840.10045.2.1"
_MGF1: Final = "1.2.840.113549.1.1.8"
_PRIME_FIELD: Final = "1.2.840.10045.1.1"

HASHES: Final = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_RSA_WITH: Final = {
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.14": "sha224",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
_ECDSA_WITH: Final = {
    "1.2.840.10045.4.1": "sha1",
    "1.2.840.10045.4.3.1": "sha224",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
PLAIN_ECDSA_WITH: Final = {
    f"0.4.0.127.0.7.1.1.4.1.{arc}": name
    for arc, name in enumerate(("sha1", "sha224", "sha256", "sha384", "sha512"), start=1)
}

_RSA_BITS: Final = range(1024, 8193)
_RSA_EXPONENT_MAX: Final = 1 << 33

_HASH_CLASSES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "sha1": hashes.SHA1,  # still found in documents of the 2010s
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


class UnsupportedAlgorithm(Exception):
    """A key or signature of a kind that is not checked here: no verdict, neither good nor bad."""


@dataclass(frozen=True, slots=True)
class RsaKey:
    n: int
    e: int


@dataclass(frozen=True, slots=True)
class EcKey:
    curve: Curve
    point: Point


PublicKey = RsaKey | EcKey


@dataclass(frozen=True, slots=True)
class AlgorithmIdentifier:
    oid: str
    parameters: tlv.Tlv | None


def parse_algorithm(one: tlv.Tlv, what: str) -> AlgorithmIdentifier:
    """Return an AlgorithmIdentifier. Raises MalformedData."""
    oid, *parameters = der.sequence(one, what, at_least=1)
    return AlgorithmIdentifier(der.object_identifier(oid, what), parameters[0] if parameters else None)


def digest(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data, usedforsecurity=False).digest()  # which ones are allowed stands in HASHES


def hash_name(algorithm: AlgorithmIdentifier) -> str:
    """Return ``"sha256"`` and the like; raises UnsupportedAlgorithm."""
    try:
        return HASHES[algorithm.oid]
    except KeyError:
        raise UnsupportedAlgorithm(algorithm.oid) from None


def parse_public_key(info: tlv.Tlv) -> PublicKey:
    """Return the key of a SubjectPublicKeyInfo. Raises MalformedData, UnsupportedAlgorithm."""
    algorithm_object, key_object = der.sequence(info, _WHAT, at_least=2)[:2]
    algorithm = parse_algorithm(algorithm_object, _WHAT)
    key = der.bit_string(key_object, _WHAT)
    if algorithm.oid in (RSA, RSA_PSS):
        return _parse_rsa(key)
    if algorithm.oid == EC_PUBLIC_KEY:
        if algorithm.parameters is None:
            raise MalformedData(_WHAT, "an elliptic curve key without its curve")
        curve = parse_curve(algorithm.parameters)
        return EcKey(curve, curve.decode(key))
    raise UnsupportedAlgorithm(algorithm.oid)


def _parse_rsa(key: bytes) -> RsaKey:
    n, e = (der.integer(one, _WHAT) for one in der.sequence(tlv.parse_one(key, _WHAT), _WHAT, at_least=2)[:2])
    if n.bit_length() not in _RSA_BITS or not n & 1 or not e & 1 or not 3 <= e < _RSA_EXPONENT_MAX:
        raise UnsupportedAlgorithm("an RSA key of unusual numbers")
    return RsaKey(n, e)


def parse_curve(parameters: tlv.Tlv) -> Curve:
    """Return the curve that ECParameters name or spell out (RFC 3279 clause 2.3.5)."""
    if parameters.tag == der.OBJECT_IDENTIFIER:
        try:
            return curve_by_oid(der.object_identifier(parameters, _WHAT))
        except KeyError:
            raise UnsupportedAlgorithm("a curve of another name") from None
    _, field, coefficients, base, order = der.sequence(parameters, _WHAT, at_least=5)[:5]
    field_type, prime = der.sequence(field, _WHAT, at_least=2)[:2]
    if der.object_identifier(field_type, _WHAT) != _PRIME_FIELD:
        raise UnsupportedAlgorithm("a curve over a binary field")
    a, b = (one.value for one in der.sequence(coefficients, _WHAT, at_least=2)[:2])
    p, n = der.integer(prime, _WHAT), der.integer(order, _WHAT)
    for curve in CURVES:
        same = (curve.p, curve.n, curve.a, curve.b) == (p, n, int.from_bytes(a, "big"), int.from_bytes(b, "big"))
        if same and base.value in (curve.encode(curve.g), _compressed(curve)):
            return curve
    raise UnsupportedAlgorithm("a curve of one's own making")


def _compressed(curve: Curve) -> bytes:
    return bytes([2 + (curve.g.y & 1)]) + curve.encode_x(curve.g.x)


def verify_signature(
    key: PublicKey, algorithm: AlgorithmIdentifier, data: bytes, signature: bytes, digest_name: str | None = None
) -> bool:
    """Whether ``signature`` over ``data`` holds. ``digest_name``: the hash where ``algorithm`` names none.

    Raises UnsupportedAlgorithm, also for an algorithm that does not go with the key, and MalformedData.
    """
    oid = algorithm.oid
    if isinstance(key, RsaKey):
        if oid == RSA_PSS:
            return _verify_pss(key, algorithm.parameters, data, signature)
        name = _RSA_WITH.get(oid) or (digest_name if oid == RSA else None)
        if name:
            return _verify_rsa(key, padding.PKCS1v15(), name, data, signature)
    else:
        if oid in PLAIN_ECDSA_WITH:
            return verify_plain_ecdsa(key, PLAIN_ECDSA_WITH[oid], data, signature)
        name = _ECDSA_WITH.get(oid) or (digest_name if oid == EC_PUBLIC_KEY else None)
        if name:
            return _verify_ecdsa_der(key, name, data, signature)
    raise UnsupportedAlgorithm(oid)


def verify_plain_ecdsa(key: EcKey, name: str, data: bytes, signature: bytes) -> bool:
    """Whether r || s (BSI TR-03111, 5.2.1) signs ``data``."""
    half = len(signature) // 2
    if not signature or len(signature) % 2:
        return False
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    return _verify_ecdsa(key, name, data, r, s)


def _verify_ecdsa_der(key: EcKey, name: str, data: bytes, signature: bytes) -> bool:
    try:
        members = der.sequence(tlv.parse_one(signature, "ECDSA signature"), "ECDSA signature", at_least=2)
        r, s = (der.integer(one, "ECDSA signature") for one in members[:2])
    except MalformedData:
        return False
    return _verify_ecdsa(key, name, data, r, s)


def _verify_ecdsa(key: EcKey, name: str, data: bytes, r: int, s: int) -> bool:
    if not (0 < r < key.curve.n and 0 < s < key.curve.n):
        return False
    if key.curve.library is None:
        return verify_ecdsa(key.curve, key.point, digest(name, data), r, s)
    public = ec.EllipticCurvePublicNumbers(key.point.x, key.point.y, key.curve.library).public_key()
    try:
        public.verify(encode_dss_signature(r, s), data, ec.ECDSA(_HASH_CLASSES[name]()))
    except InvalidSignature:
        return False
    return True


def _verify_rsa(key: RsaKey, scheme: padding.PKCS1v15 | padding.PSS, name: str, data: bytes, signature: bytes) -> bool:
    public = rsa.RSAPublicNumbers(key.e, key.n).public_key()
    try:
        public.verify(signature, data, scheme, _HASH_CLASSES[name]())
    except InvalidSignature:
        return False
    return True


def _verify_pss(key: RsaKey, parameters: tlv.Tlv | None, data: bytes, signature: bytes) -> bool:
    """RFC 4055 clause 3.1: hash, mask generation and salt length stand in the parameters; SHA-1 and 20 by default."""
    what = "RSASSA-PSS parameters"
    members = {one.tag: one for one in (der.sequence(parameters, what) if parameters else ())}
    name = mask_name = "sha1"
    salt_length = 20
    if 0xA0 in members:
        name = hash_name(parse_algorithm(tlv.parse_one(members[0xA0].value, what), what))
    if 0xA1 in members:
        mask = parse_algorithm(tlv.parse_one(members[0xA1].value, what), what)
        if mask.oid != _MGF1 or mask.parameters is None:
            raise UnsupportedAlgorithm(mask.oid)
        mask_name = hash_name(parse_algorithm(mask.parameters, what))
    if 0xA2 in members:
        salt_length = der.integer(tlv.parse_one(members[0xA2].value, what), what)
    if salt_length > len(signature):
        return False
    scheme = padding.PSS(padding.MGF1(_HASH_CLASSES[mask_name]()), salt_length)
    return _verify_rsa(key, scheme, name, data, signature)
