"""Active authentication (ICAO 9303-11 clause 6.1): the chip signs a challenge with a key that never leaves it."""

import hmac
from typing import Final

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.data_groups import ElementaryFile
from drivers.icao9303.security_infos import ActiveAuthenticationInfo
from drivers.icao9303.signatures import (
    HASHES,
    PLAIN_ECDSA_WITH,
    EcKey,
    PublicKey,
    RsaKey,
    UnsupportedAlgorithm,
    digest,
    parse_public_key,
    verify_plain_ecdsa,
)
from drivers.smartcard import tlv

CHALLENGE_LENGTH: Final = 8

# ISO/IEC 10118-3 hash identifiers before CC (ISO/IEC 9796-2 clause 8.1); BC implies SHA-1.
_TRAILERS: Final = {0x33: "sha1", 0x34: "sha256", 0x35: "sha512", 0x36: "sha384", 0x38: "sha224"}


def parse_dg15(data: bytes) -> PublicKey:
    """Return the chip's key in EF.DG15. Raises MalformedData, UnsupportedAlgorithm."""
    what = ElementaryFile.DG15.label
    outer = tlv.parse_first(data, what, ElementaryFile.DG15.tag)
    return parse_public_key(tlv.parse_one(outer.value, what))


def signature_length(key: PublicKey) -> int:
    """Return how many bytes the chip's signature has."""
    return (key.n.bit_length() + 7) // 8 if isinstance(key, RsaKey) else 2 * key.curve.size


def verify_active_authentication(
    key: PublicKey, challenge: bytes, signature: bytes, info: ActiveAuthenticationInfo | None
) -> bool:
    """Whether the chip's ``signature`` over ``challenge`` holds. Raises UnsupportedAlgorithm.

    For ECDSA the hash stands in EF.DG14; a chip that does not say may have used any, and all of them are tried.
    """
    if isinstance(key, RsaKey):
        return _verify_iso9796_2(key, challenge, signature)
    if info is None:
        return any(_verify_ecdsa(key, name, challenge, signature) for name in HASHES.values())
    if info.signature_algorithm not in PLAIN_ECDSA_WITH:
        raise UnsupportedAlgorithm(info.signature_algorithm)
    return _verify_ecdsa(key, PLAIN_ECDSA_WITH[info.signature_algorithm], challenge, signature)


def _verify_ecdsa(key: EcKey, name: str, challenge: bytes, signature: bytes) -> bool:
    return verify_plain_ecdsa(key, name, challenge, _as_plain(key, signature))


def _as_plain(key: EcKey, signature: bytes) -> bytes:
    """r || s is the standard's; some chips answer with the DER form, which never has that length."""
    if len(signature) == 2 * key.curve.size or signature[:1] != b"\x30":
        return signature
    try:
        members = der.sequence(tlv.parse_one(signature, "signature"), "signature", at_least=2)
        r, s = (der.integer(one, "signature") for one in members[:2])
    except MalformedData:
        return signature
    if max(r, s) >= key.curve.n:
        return signature
    size = (key.curve.n.bit_length() + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _verify_iso9796_2(key: RsaKey, challenge: bytes, signature: bytes) -> bool:
    """ISO/IEC 9796-2 scheme 1 with partial recovery: 6A, what the chip chose, its hash with the challenge, trailer."""
    size = signature_length(key)
    number = int.from_bytes(signature, "big")
    if len(signature) != size or number >= key.n:
        return False
    opened = pow(number, key.e, key.n)
    if opened & 0x0F != 0x0C:  # both trailers end with C; otherwise the chip chose the smaller of s and n - s
        opened = key.n - opened
    block = opened.to_bytes(size, "big")
    trailer_length, name = (1, "sha1") if block[-1] == 0xBC else (2, _TRAILERS.get(block[-2], ""))
    if not name or block[-1] not in (0xBC, 0xCC) or block[0] != 0x6A:
        return False
    digest_length = len(digest(name, b""))
    end = size - trailer_length - digest_length
    if end < 1:
        return False
    expected = block[end : end + digest_length]
    return hmac.compare_digest(digest(name, block[1:end] + challenge), expected)
