"""Finite-field Diffie-Hellman of the chip, for Chip Authentication over DH.

The group is the 2048-bit MODP group of RFC 3526 (a safe prime); its public key stands in EF.DG14 as PKCS #3 DH key.
"""

from dataclasses import dataclass
from typing import Final

from asn1crypto import core

from drivers.smartcard import tlv


@dataclass(frozen=True, slots=True)
class DhGroup:
    """Prime ``p``, generator ``g`` of a subgroup of prime order ``q``."""

    p: int
    q: int
    g: int

    @property
    def size(self) -> int:
        """Bytes of one public key."""
        return (self.p.bit_length() + 7) // 8


_P: Final = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)
# 2 generates the subgroup of the quadratic residues, since p = 7 (mod 8).
MODP_2048: Final = DhGroup(_P, (_P - 1) // 2, 2)


class DhKey:
    """A private exponent in ``MODP_2048``."""

    def __init__(self, exponent: int) -> None:
        self._exponent = exponent
        self.public: Final = pow(MODP_2048.g, exponent, MODP_2048.p)

    def agree(self, public: int) -> bytes:
        """Return the shared secret, as long as the prime. Raises ValueError for a key outside the subgroup."""
        group = MODP_2048
        if not 1 < public < group.p - 1 or pow(public, group.q, group.p) != 1:
            raise ValueError("not a public key of the group")
        return pow(public, self._exponent, group.p).to_bytes(group.size, "big")


def dh_public_key_info(key: DhKey) -> bytes:
    """Return the SubjectPublicKeyInfo with the algorithm dhKeyAgreement (PKCS #3 clause 9)."""
    parameters = tlv.encode(0x30, core.Integer(MODP_2048.p).dump(), core.Integer(MODP_2048.g).dump())
    algorithm = tlv.encode(0x30, core.ObjectIdentifier("1.2.840.113549.1.3.1").dump(), parameters)
    return tlv.encode(0x30, algorithm, tlv.encode(0x03, b"\x00", core.Integer(key.public).dump()))
