"""Key pairs of simulated issuers and chips, and signatures by them.

Elliptic-curve keys follow from a label, so that a chip simulated in one process carries the issuer that another process
has in its trust store; they are worthless as secrets. RSA keys are made once per process.
"""

import hashlib
from functools import cache, lru_cache
from typing import Final

from asn1crypto import algos, keys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from drivers.icao9303.curves import CURVES, Curve
from drivers.simulated.chip.profile import HashName, SignatureScheme

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_HASHES: Final[dict[HashName, hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1(),  # noqa: S303 -- old issuers signed with it, and a reader must cope
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@cache
def curve_named(name: str) -> Curve:
    """Return one of the standardised curves; raises KeyError."""
    return {curve.name: curve for curve in CURVES}[name]


def private_scalar(label: str, order: int) -> int:
    """Return the private key that belongs to ``label``: 1 .. order - 1."""
    wide = b"".join(hashlib.sha512(f"tiepdon {label} {i}".encode()).digest() for i in range(2))
    return int.from_bytes(wide, "big") % (order - 1) + 1


@lru_cache(maxsize=64)
def private_key(kind: str, label: str) -> PrivateKey:
    """Return the key for ``label``; ``kind`` is a curve's name or ``"RSA-2048"``."""
    if kind.startswith("RSA-"):
        return rsa.generate_private_key(65537, int(kind.removeprefix("RSA-")))
    curve = curve_named(kind)
    if curve.library is None:
        raise ValueError(f"no signatures over {kind}")
    return ec.derive_private_key(private_scalar(label, curve.n), curve.library)


def public_key_info(key: PrivateKey, *, explicit_parameters: bool = False) -> bytes:
    """Return the SubjectPublicKeyInfo (RFC 5280), its curve named, or spelt out as in RFC 3279 2.3.5."""
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if not explicit_parameters or isinstance(key, rsa.RSAPrivateKey):
        return der
    info = keys.PublicKeyInfo.load(der)
    return ec_public_key_info(key.curve.name, info["public_key"].native, explicit_parameters=True)


def ec_public_key_info(curve_name: str, point: bytes, *, explicit_parameters: bool) -> bytes:
    """Return the SubjectPublicKeyInfo of an uncompressed ``point``; for curves beyond ``cryptography`` as well."""
    parameters = (
        explicit_domain(curve_name)
        if explicit_parameters
        else keys.ECDomainParameters(name="named", value=curve_named(curve_name).oid)
    )
    info = keys.PublicKeyInfo(
        {"algorithm": {"algorithm": "ec", "parameters": parameters}, "public_key": keys.ECPointBitString(point)}
    )
    return bytes(info.dump())


def explicit_domain(curve_name: str) -> keys.ECDomainParameters:
    """Return a curve's domain parameters in full (ANSI X9.62 ECParameters)."""
    curve = curve_named(curve_name)
    domain = keys.SpecifiedECDomain(
        {
            "version": "ecdpVer1",
            "field_id": {"field_type": "prime_field", "parameters": curve.p},
            "curve": {"a": curve.encode_x(curve.a), "b": curve.encode_x(curve.b)},
            "base": keys.ECPoint(curve.encode(curve.g)),
            "order": curve.n,
            "cofactor": 1,
        }
    )
    return keys.ECDomainParameters(name="specified", value=domain)


def sign(message: bytes, key: PrivateKey, scheme: SignatureScheme) -> bytes:
    """Return the signature as certificates and CMS carry it: DER for ECDSA, one block for RSA."""
    algorithm = _HASHES[scheme.hash_name]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        # The same chip must have the same bytes in every process.
        return key.sign(message, ec.ECDSA(algorithm, deterministic_signing=True))
    if scheme.padding == "pss":
        return key.sign(message, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), algorithm)
    return key.sign(message, padding.PKCS1v15(), algorithm)


def signature_algorithm(scheme: SignatureScheme) -> algos.SignedDigestAlgorithm:
    """Return the AlgorithmIdentifier that stands beside a signature of ``scheme``."""
    if not scheme.key.startswith("RSA-"):
        return algos.SignedDigestAlgorithm({"algorithm": f"{scheme.hash_name}_ecdsa"})
    if scheme.padding == "pkcs1":
        return algos.SignedDigestAlgorithm({"algorithm": f"{scheme.hash_name}_rsa"})
    digest = {"algorithm": scheme.hash_name}
    parameters = {
        "hash_algorithm": digest,
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": digest},
        "salt_length": _HASHES[scheme.hash_name].digest_size,
    }
    return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})


def digest(name: HashName, data: bytes) -> bytes:
    return hashlib.new(name, data).digest()
